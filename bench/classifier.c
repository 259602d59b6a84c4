/* Times an epoch of training the classifier, on images that it writes for a peer to read:
 *     bench_classifier FOLDER    one line: name, seconds, parameters
 * For people: failures end the program. */
#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/philox.h"
#include "train/classify.h"
#include "train/classify_step.h"

#include <stdio.h>
#include <stdlib.h>

enum { SIDE = 64, COLOUR = 3, CLASSES = 6, IMAGES = 1920, THREADS = 2, WARM_UP = 3 };

static void check(int good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "bench_classifier: %s\n", what);
    exit(1);
}

static void write_number(FILE *file, uint32_t number)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        putc((int)(number >> shift & 255), file);
}

/* IDX, as MNIST is. Noise: what is in the pictures changes no time. */
static void write_images(const char *folder)
{
    char *path[2] = {text_format("%s/images-idx3-ubyte", folder), text_format("%s/labels-idx1-ubyte", folder)};
    FILE *images = fopen(path[0], "wb"), *labels = fopen(path[1], "wb");
    check(images && labels, "cannot write the images");
    write_number(images, 0x803);
    write_number(images, IMAGES);
    write_number(images, SIDE);
    write_number(images, SIDE);
    write_number(labels, 0x801);
    write_number(labels, IMAGES);
    static uint32_t words[SIDE * SIDE];
    for (int i = 0; i < IMAGES; i++) {
        random_words((random_address){1, 0, RANDOM_USER, (uint64_t)i}, 0, SIDE * SIDE, words);
        for (int p = 0; p < SIDE * SIDE; p++)
            putc((int)(words[p] >> 24), images);
        putc(i % CLASSES, labels);
    }
    check(fclose(images) == 0 && fclose(labels) == 0, "cannot write the images");
    free(path[0]);
    free(path[1]);
}

static int64_t parameters(void)
{
    struct classify_step step;
    const struct classify_settings settings = {
        .network = {SIDE, SIDE, COLOUR, CLASSES, classify_course_default.features},
        .batch = classify_course_default.batch};
    check(classify_step_make(&step, &settings) == 0, error_message());
    int64_t count = 0;
    for (int i = 0; i < step.weights.count; i++)
        count += shape_elements(&step.weights.state[i]->shape);
    classify_step_free(&step);
    return count;
}

static double warm;

static int keep_time(void *context, const standin_classifier_status *status)
{
    (void)context;
    if (status->step == WARM_UP)
        warm = clock_now();
    return 0;
}

int main(int count, char **arguments)
{
    if (count != 2) {
        fputs("usage: bench_classifier FOLDER\n", stderr);
        return 2;
    }
    write_images(arguments[1]);
    standin_dataset_options look = STANDIN_DATASET_OPTIONS_INIT;
    look.width = look.height = SIDE;
    look.channels = COLOUR;
    standin_dataset *dataset;
    check(standin_dataset_open(&dataset, arguments[1], &look) == 0, error_message());
    standin_classifier_options options = STANDIN_CLASSIFIER_OPTIONS_INIT;
    options.steps = WARM_UP + IMAGES / classify_course_default.batch;
    options.threads = THREADS;
    options.progress = keep_time;
    char *model = text_format("%s/classifier.safetensors", arguments[1]);
    check(standin_classifier_train(model, dataset, &options) == 0, error_message());
    printf("classifier-epoch %.6f %lld\n", clock_now() - warm, (long long)parameters());
    free(model);
    standin_dataset_free(dataset);
    return 0;
}
