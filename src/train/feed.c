/* Random orders and the way from 8 bits to numbers. Each class keeps its images in one random order, whose first ones
 * are held back; the rest is dealt out in further random orders. */
#include "train/feed.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/philox.h"
#include "data/dataset.h"
#include "train/pixels.h"

#include <stdlib.h>
#include <string.h>

/* Images that are dealt out in one random order after another: those of a class, or all. */
struct deck {
    int64_t images, epoch; /* epoch: the one that `order` belongs to, or -1 */
    uint32_t *image;       /* [images] */
    uint32_t *order;       /* [images] */
    uint64_t number;       /* of the deck: part of the random numbers' address */
};

struct feed {
    struct feed_settings settings;
    const uint8_t *pixels;
    const int32_t *label;
    int height, width, channels;
    struct deck *deck;
    int decks;
    uint32_t *held_back, *shown; /* [held_backs] each */
    int64_t held_backs;
    float *images, *labels;
    float table[256];
};

/* ---- Putting together --------------------------------------------------------------------------------------- */

static int deck_fill(struct deck *deck, uint64_t number, const uint32_t *images, int64_t count)
{
    *deck = (struct deck){.images = count, .epoch = -1, .number = number};
    deck->image = memory_new((size_t)count + 1, sizeof *deck->image);
    deck->order = memory_new((size_t)count + 1, sizeof *deck->order);
    if (!deck->image || !deck->order)
        return STATUS_MEMORY;
    for (int64_t i = 0; i < count; i++)
        deck->image[i] = images[i];
    return 0;
}

/* The images of one class in a random order. */
static int64_t collect(const struct feed *feed, int64_t images, int class_index, uint32_t *member, uint32_t *order)
{
    int64_t count = 0;
    for (int64_t i = 0; i < images; i++)
        if (feed->label[i] == class_index)
            order[count++] = (uint32_t)i;
    random_permutation((random_address){feed->settings.seed, 0, RANDOM_HOLD_BACK, (uint64_t)class_index},
                       (uint32_t)count, member);
    for (int64_t i = 0; i < count; i++)
        member[i] = order[member[i]];
    return count;
}

/* Splits each class into what is held back and what is dealt out; `kept` collects the latter over all classes. */
static int split_classes(struct feed *feed, int64_t images, int classes, uint32_t *member, uint32_t *scratch,
                         uint32_t *kept)
{
    int64_t all = 0;
    int status = 0;
    for (int c = 0; status == 0 && c < classes; c++) {
        const int64_t count = collect(feed, images, c, member, scratch);
        const int64_t back = (int64_t)(feed->settings.held_back * (double)count);
        for (int64_t i = 0; i < back; i++) {
            feed->held_back[feed->held_backs] = member[i];
            feed->shown[feed->held_backs++] = member[back + i % (count - back)];
        }
        for (int64_t i = back; i < count; i++)
            kept[all++] = member[i];
        if (feed->settings.balanced && count > back)
            status = deck_fill(&feed->deck[feed->decks++], (uint64_t)c, member + back, count - back);
    }
    if (status == 0 && !feed->settings.balanced)
        status = deck_fill(&feed->deck[feed->decks++], 0, kept, all);
    return status;
}

/* Both lists in one random order, so that any stretch of them holds all classes. */
static void mix_held_back(struct feed *feed, int classes, uint32_t *order, uint32_t *scratch)
{
    const random_address address = {feed->settings.seed, 0, RANDOM_HOLD_BACK, (uint64_t)classes};
    random_permutation(address, (uint32_t)feed->held_backs, order);
    uint32_t *const lists[2] = {feed->held_back, feed->shown};
    for (int list = 0; list < 2; list++) {
        for (int64_t i = 0; i < feed->held_backs; i++)
            scratch[i] = lists[list][order[i]];
        memcpy(lists[list], scratch, (size_t)feed->held_backs * sizeof *scratch);
    }
}

static int make_decks(struct feed *feed, int64_t images, int classes)
{
    feed->deck = memory_new((size_t)classes + 1, sizeof *feed->deck);
    feed->held_back = memory_new((size_t)images, sizeof *feed->held_back);
    feed->shown = memory_new((size_t)images, sizeof *feed->shown);
    uint32_t *scratch = memory_new((size_t)images, 3 * sizeof *scratch);
    int status = feed->deck && feed->held_back && feed->shown && scratch ? 0 : STATUS_MEMORY;
    if (status == 0)
        status = split_classes(feed, images, classes, scratch, scratch + images, scratch + 2 * images);
    if (status == 0)
        mix_held_back(feed, classes, scratch, scratch + images);
    free(scratch);
    return status;
}

int feed_new(struct feed **out, const standin_dataset *dataset, const struct feed_settings *settings)
{
    *out = NULL;
    const int64_t images = standin_dataset_images(dataset);
    if (!dataset_pixels(dataset))
        return error_set(STATUS_INPUT, "the dataset was opened without a size: there are no pixels to train on");
    if (images < 1 || images > INT32_MAX)
        return error_set(STATUS_INPUT, "cannot train on %lld images", (long long)images);
    struct feed *feed = memory_new(1, sizeof *feed);
    if (!feed)
        return STATUS_MEMORY;
    *feed = (struct feed){.settings = *settings,
                          .pixels = dataset_pixels(dataset),
                          .label = dataset_labels(dataset),
                          .height = standin_dataset_height(dataset),
                          .width = standin_dataset_width(dataset),
                          .channels = standin_dataset_channels(dataset)};
    for (int i = 0; i < 256; i++)
        feed->table[i] = pixel_to_number((uint8_t)i);
    const int64_t samples = (int64_t)feed->height * feed->width * feed->channels;
    feed->images = memory_new_aligned((size_t)(settings->batch * samples) * sizeof *feed->images);
    feed->labels = memory_new_aligned((size_t)settings->batch * sizeof *feed->labels);
    int status = feed->images && feed->labels ? 0 : STATUS_MEMORY;
    if (status == 0)
        status = make_decks(feed, images, standin_dataset_classes(dataset));
    if (status < 0) {
        feed_free(feed);
        return status;
    }
    *out = feed;
    return 0;
}

void feed_free(struct feed *feed)
{
    if (!feed)
        return;
    for (int i = 0; i < feed->decks; i++) {
        free(feed->deck[i].image);
        free(feed->deck[i].order);
    }
    free(feed->deck);
    free(feed->held_back);
    free(feed->shown);
    free(feed->images);
    free(feed->labels);
    free(feed);
}

/* ---- Batches ------------------------------------------------------------------------------------------------ */

static uint32_t deck_image(struct deck *deck, uint64_t seed, int64_t position)
{
    const int64_t epoch = position / deck->images;
    if (epoch != deck->epoch) {
        random_permutation((random_address){seed, (uint64_t)epoch, RANDOM_BATCH_ORDER, deck->number},
                           (uint32_t)deck->images, deck->order);
        deck->epoch = epoch;
    }
    return deck->image[deck->order[position % deck->images]];
}

static bool is_mirrored(const struct feed *feed, int64_t position)
{
    uint32_t word;
    random_words((random_address){feed->settings.seed, 0, RANDOM_MIRROR, (uint64_t)position}, 0, 1, &word);
    return feed->settings.mirror && word & 1;
}

static void copy_image(const struct feed *feed, uint32_t image, float *to, bool mirrored)
{
    const int64_t row = (int64_t)feed->width * feed->channels;
    const uint8_t *from = feed->pixels + image * (feed->height * row);
    if (!mirrored) {
        for (int64_t i = 0; i < feed->height * row; i++)
            to[i] = feed->table[from[i]];
        return;
    }
    for (int y = 0; y < feed->height; y++)
        for (int x = 0; x < feed->width; x++)
            for (int c = 0; c < feed->channels; c++)
                to[y * row + x * feed->channels + c] =
                    feed->table[from[y * row + (feed->width - 1 - x) * feed->channels + c]];
}

void feed_batch(struct feed *feed, int64_t step)
{
    const int64_t samples = (int64_t)feed->height * feed->width * feed->channels;
    for (int64_t i = 0; i < feed->settings.batch; i++) {
        const int64_t position = step * feed->settings.batch + i;
        struct deck *deck = &feed->deck[position % feed->decks];
        const uint32_t image = deck_image(deck, feed->settings.seed, position / feed->decks);
        copy_image(feed, image, feed->images + i * samples, is_mirrored(feed, position));
        feed->labels[i] = (float)feed->label[image];
    }
}

const float *feed_images(const struct feed *feed)
{
    return feed->images;
}

const float *feed_labels(const struct feed *feed)
{
    return feed->labels;
}

int64_t feed_held_back(const struct feed *feed)
{
    return feed->held_backs;
}

void feed_compare(const struct feed *feed, bool held_back, int64_t number, float *image, float *label)
{
    const int64_t place = number % feed->held_backs;
    const uint32_t chosen = held_back ? feed->held_back[place] : feed->shown[place];
    copy_image(feed, chosen, image, false);
    *label = (float)feed->label[chosen];
}
