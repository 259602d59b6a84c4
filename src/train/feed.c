/* Random orders and the way from 8 bits to numbers. */
#include "train/feed.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/philox.h"
#include "data/dataset.h"
#include "train/pixels.h"

#include <stdlib.h>

struct feed {
    const uint8_t *pixels;
    int64_t images, batch;
    int height, width, channels;
    uint64_t seed;
    bool mirror;
    int64_t epoch; /* that `order` belongs to, or -1 */
    uint32_t *order;
    float *numbers;
    float table[256];
};

int feed_new(struct feed **out, const standin_dataset *dataset, uint64_t seed, int64_t batch, bool mirror)
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
    *feed = (struct feed){.pixels = dataset_pixels(dataset),
                          .images = images,
                          .batch = batch,
                          .height = standin_dataset_height(dataset),
                          .width = standin_dataset_width(dataset),
                          .channels = standin_dataset_channels(dataset),
                          .seed = seed,
                          .mirror = mirror,
                          .epoch = -1};
    for (int i = 0; i < 256; i++)
        feed->table[i] = pixel_to_number((uint8_t)i);
    const int64_t samples = (int64_t)feed->height * feed->width * feed->channels;
    feed->order = memory_new((size_t)images, sizeof *feed->order);
    feed->numbers = memory_new_aligned((size_t)(batch * samples) * sizeof *feed->numbers);
    if (!feed->order || !feed->numbers) {
        feed_free(feed);
        return STATUS_MEMORY;
    }
    *out = feed;
    return 0;
}

void feed_free(struct feed *feed)
{
    if (!feed)
        return;
    free(feed->order);
    free(feed->numbers);
    free(feed);
}

static int64_t image_at(struct feed *feed, int64_t position)
{
    const int64_t epoch = position / feed->images;
    if (epoch != feed->epoch) {
        random_permutation((random_address){feed->seed, (uint64_t)epoch, RANDOM_BATCH_ORDER, 0}, (uint32_t)feed->images,
                           feed->order);
        feed->epoch = epoch;
    }
    return feed->order[position % feed->images];
}

static bool is_mirrored(const struct feed *feed, int64_t position)
{
    uint32_t word;
    random_words((random_address){feed->seed, 0, RANDOM_MIRROR, (uint64_t)position}, 0, 1, &word);
    return feed->mirror && word & 1;
}

static void copy_image(const struct feed *feed, const uint8_t *from, float *to, bool mirrored)
{
    const int64_t row = (int64_t)feed->width * feed->channels;
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

const float *feed_batch(struct feed *feed, int64_t step)
{
    const int64_t samples = (int64_t)feed->height * feed->width * feed->channels;
    for (int64_t i = 0; i < feed->batch; i++) {
        const int64_t position = step * feed->batch + i;
        copy_image(feed, feed->pixels + image_at(feed, position) * samples, feed->numbers + i * samples,
                   is_mirrored(feed, position));
    }
    return feed->numbers;
}
