/* Turns of classes, random orders within each, of the images that are only to begin with by themselves, and the classic
 * augmentations as one affine map and one straight line of brightness for each picture. Beyond its edges a picture goes
 * on as its edge, on whatever ground it stands. */
#include "train/classify_feed.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/philox.h"
#include "data/dataset.h"
#include "train/pixels.h"

#include <math.h>
#include <stdlib.h>

/* How far each augmentation goes to either side. */
static const double turn_maximum = 12 * 3.14159265358979323846 / 180; /* radians */
static const double zoom_maximum = 0.12;
static const double shift_maximum = 0.1; /* of the side */
static const double contrast_maximum = 0.2;
static const double light_maximum = 0.2; /* black to white is 2 */

/* Images of a class in the order of one of their epochs. */
struct turn {
    int64_t images, epoch; /* epoch of the order, or -1 */
    int64_t *image;        /* as they are in the set */
    uint32_t *order;
};

struct classify_feed {
    const uint8_t *pixels;
    int height, width, channels, classes;
    struct classify_feed_settings settings;
    struct pool *pool;
    struct turn *turn;  /* one a class */
    struct turn *other; /* of the images to begin with; NULL: there are none */
    int64_t *image;     /* behind turn[].image, for all classes */
    uint32_t *order;
    float *images, *targets;
    int64_t *chosen; /* of the present batch */
    int64_t step;
    float table[256];
};

/* The turns of images first to end - 1. */
static void settle_turns(struct classify_feed *feed, struct turn *turn, const standin_dataset *dataset, int64_t first,
                         int64_t end)
{
    const int32_t *label = dataset_labels(dataset);
    int64_t place = first;
    for (int64_t i = first; i < end; i++)
        turn[label[i]].images++;
    for (int class_index = 0; class_index < feed->classes; class_index++) {
        const int64_t images = turn[class_index].images;
        turn[class_index] = (struct turn){0, -1, feed->image + place, feed->order + place};
        place += images;
    }
    for (int64_t i = first; i < end; i++)
        turn[label[i]].image[turn[label[i]].images++] = i;
}

static int allocate(struct classify_feed *feed, int64_t images)
{
    const size_t batch = (size_t)feed->settings.batch;
    const size_t samples = (size_t)feed->height * (size_t)feed->width * (size_t)feed->channels;
    feed->turn = memory_new(2 * (size_t)feed->classes, sizeof *feed->turn);
    feed->image = memory_new((size_t)images, sizeof *feed->image);
    feed->order = memory_new((size_t)images, sizeof *feed->order);
    feed->chosen = memory_new(batch, sizeof *feed->chosen);
    feed->images = memory_new_aligned(batch * samples * sizeof *feed->images);
    feed->targets = memory_new_aligned(batch * (size_t)feed->classes * sizeof *feed->targets);
    const bool all = feed->turn && feed->image && feed->order && feed->chosen && feed->images && feed->targets;
    return all ? 0 : STATUS_MEMORY;
}

int classify_feed_new(struct classify_feed **out, const standin_dataset *dataset,
                      const struct classify_feed_settings *settings, struct pool *pool)
{
    *out = NULL;
    struct classify_feed *feed = memory_new(1, sizeof *feed);
    if (!feed)
        return STATUS_MEMORY;
    *feed = (struct classify_feed){.pixels = dataset_pixels(dataset),
                                   .height = standin_dataset_height(dataset),
                                   .width = standin_dataset_width(dataset),
                                   .channels = standin_dataset_channels(dataset),
                                   .classes = standin_dataset_classes(dataset),
                                   .settings = *settings,
                                   .pool = pool};
    for (int i = 0; i < 256; i++)
        feed->table[i] = pixel_to_number((uint8_t)i);
    const int status = allocate(feed, standin_dataset_images(dataset));
    if (status < 0) {
        classify_feed_free(feed);
        return status;
    }
    const int64_t images = standin_dataset_images(dataset), own = images - settings->others;
    settle_turns(feed, feed->turn, dataset, 0, own);
    if (settings->others > 0) {
        feed->other = feed->turn + feed->classes;
        settle_turns(feed, feed->other, dataset, own, images);
    }
    *out = feed;
    return 0;
}

void classify_feed_free(struct classify_feed *feed)
{
    if (!feed)
        return;
    free(feed->turn);
    free(feed->image);
    free(feed->order);
    free(feed->chosen);
    free(feed->images);
    free(feed->targets);
    free(feed);
}

/* Whether this place of a batch is for an image that is only to begin with. */
static bool begins(const struct classify_feed *feed, int64_t position)
{
    float number;
    if (!feed->other)
        return false;
    random_uniform((random_address){feed->settings.seed, 1, RANDOM_AUGMENT, (uint64_t)position}, 0, 1, &number);
    return (double)number >= (double)(position / feed->settings.batch) / (double)feed->settings.steps;
}

static int64_t choose(struct classify_feed *feed, int64_t position)
{
    const int class_index = (int)(position % feed->classes);
    const bool other = begins(feed, position) && feed->other[class_index].images > 0;
    struct turn *turn = other ? &feed->other[class_index] : &feed->turn[class_index];
    const int64_t number = position / feed->classes, epoch = number / turn->images;
    if (epoch != turn->epoch) {
        const random_address address = {.seed = feed->settings.seed,
                                        .step = (uint64_t)epoch,
                                        .purpose = RANDOM_BATCH_ORDER,
                                        .sample = (uint64_t)(class_index + (other ? feed->classes : 0))};
        random_permutation(address, (uint32_t)turn->images, turn->order);
        turn->epoch = epoch;
    }
    return turn->image[turn->order[number % turn->images]];
}

/* Where each pixel of the result comes from, (x, y) -> (a x + b y + x0, c x + d y + y0), and its brightness. */
struct change {
    float a, b, x0, c, d, y0;
    float contrast, light;
};

static double to_either_side(float uniform, double maximum)
{
    return (2 * (double)uniform - 1) * maximum;
}

static struct change draw_change(const struct classify_feed *feed, int64_t position)
{
    enum { TURN, ZOOM, SHIFT_X, SHIFT_Y, MIRROR, CONTRAST, LIGHT, NUMBERS };
    float u[NUMBERS];
    random_uniform((random_address){feed->settings.seed, 0, RANDOM_AUGMENT, (uint64_t)position}, 0, NUMBERS, u);
    struct change change = {.a = 1, .d = 1, .contrast = 1};
    const double width = feed->width, height = feed->height;
    double turn = 0, zoom = 1, shift_x = 0, shift_y = 0;
    if (feed->settings.augment) {
        turn = to_either_side(u[TURN], turn_maximum);
        zoom = exp(to_either_side(u[ZOOM], zoom_maximum));
        shift_x = to_either_side(u[SHIFT_X], shift_maximum) * width;
        shift_y = to_either_side(u[SHIFT_Y], shift_maximum) * height;
        change.contrast = (float)exp(to_either_side(u[CONTRAST], contrast_maximum));
        change.light = (float)to_either_side(u[LIGHT], light_maximum);
    }
    const double across = feed->settings.mirror && u[MIRROR] < 0.5f ? -zoom : zoom;
    const double a = across * cos(turn), b = -zoom * sin(turn), c = across * sin(turn), d = zoom * cos(turn);
    const double middle_x = (width - 1) / 2, middle_y = (height - 1) / 2;
    change.a = (float)a, change.b = (float)b, change.c = (float)c, change.d = (float)d;
    change.x0 = (float)(middle_x + shift_x - a * middle_x - b * middle_y);
    change.y0 = (float)(middle_y + shift_y - c * middle_x - d * middle_y);
    return change;
}

static float within(float value, float maximum)
{
    return value > 0 ? value < maximum ? value : maximum : 0;
}

static void change_image(const struct classify_feed *feed, const uint8_t *from, float *to, const struct change *change)
{
    const int width = feed->width, height = feed->height, channels = feed->channels;
    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
            const float sx = within(change->a * (float)x + change->b * (float)y + change->x0, (float)(width - 1));
            const float sy = within(change->c * (float)x + change->d * (float)y + change->y0, (float)(height - 1));
            const int left = (int)sx, top = (int)sy;
            const float fx = sx - (float)left, fy = sy - (float)top;
            const uint8_t *upper = from + ((int64_t)top * width + left) * channels;
            const uint8_t *lower = top + 1 < height ? upper + (int64_t)width * channels : upper;
            const int right = left + 1 < width ? channels : 0;
            for (int c = 0; c < channels; c++) {
                const float above = (1 - fx) * feed->table[upper[c]] + fx * feed->table[upper[right + c]];
                const float below = (1 - fx) * feed->table[lower[c]] + fx * feed->table[lower[right + c]];
                *to++ = ((1 - fy) * above + fy * below) * change->contrast + change->light;
            }
        }
    }
}

static void make_image(void *context, int task, int worker)
{
    (void)worker;
    const struct classify_feed *feed = context;
    const int64_t samples = (int64_t)feed->height * feed->width * feed->channels;
    const uint8_t *from = feed->pixels + feed->chosen[task] * samples;
    float *to = feed->images + task * samples;
    if (feed->settings.augment || feed->settings.mirror) {
        const struct change change = draw_change(feed, feed->step * feed->settings.batch + task);
        change_image(feed, from, to, &change);
        return;
    }
    for (int64_t i = 0; i < samples; i++)
        to[i] = feed->table[from[i]];
}

void classify_feed_fill(struct classify_feed *feed, int64_t step)
{
    const float rest = (float)(feed->settings.smoothing / feed->classes);
    feed->step = step;
    for (int64_t i = 0; i < feed->settings.batch; i++) {
        const int64_t position = step * feed->settings.batch + i;
        float *target = feed->targets + i * feed->classes;
        feed->chosen[i] = choose(feed, position);
        for (int class_index = 0; class_index < feed->classes; class_index++)
            target[class_index] = rest;
        target[position % feed->classes] += (float)(1 - feed->settings.smoothing);
    }
    pool_run(feed->pool, (int)feed->settings.batch, make_image, feed);
}

const float *classify_feed_images(const struct classify_feed *feed)
{
    return feed->images;
}

const float *classify_feed_targets(const struct classify_feed *feed)
{
    return feed->targets;
}
