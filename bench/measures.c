/* Times the measures of evaluation on inputs that it writes for a peer to read:
 *     bench_measures FOLDER [NAME...]    one line for each: name, seconds, value
 * Times are the least of some repetitions. For people: failures end the program. */
#include "eval/frechet.h"
#include "eval/image_measures.h"
#include "eval/kid.h"
#include "eval/prdc.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/philox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAIRS = 1000, SIDE = 224, THREADS = 2 };

static const struct size {
    const char *name;
    int64_t count, width;
    int repeats;
} sizes[] = {{"10000x64", 10000, 64, 3}, {"5000x2048", 5000, 2048, 1}};

static struct pool *pool;

static void check(int status)
{
    if (status == 0)
        return;
    fprintf(stderr, "bench_measures: %s\n", error_message());
    exit(1);
}

static void *room(size_t bytes)
{
    void *memory = memory_new_aligned(bytes);
    check(memory ? 0 : STATUS_MEMORY);
    return memory;
}

static void write_input(const char *folder, const char *name, const char *side, const void *data, size_t bytes)
{
    char *path = text_format("%s/%s-%s", folder, name, side);
    FILE *file = path ? fopen(path, "wb") : NULL;
    if (!file || fwrite(data, 1, bytes, file) != bytes || fclose(file) != 0) {
        fprintf(stderr, "bench_measures: cannot write %s\n", path ? path : folder);
        exit(1);
    }
    free(path);
}

/* Normal numbers, the second set a little wider and shifted, so that no measure is at its null. */
static double *numbers(int64_t count, int64_t width, uint64_t side)
{
    double *values = room((size_t)(count * width) * sizeof *values);
    float *row = room((size_t)width * sizeof *row);
    for (int64_t i = 0; i < count; i++) {
        random_normal((random_address){1, side, RANDOM_USER, (uint64_t)i}, 0, (uint64_t)width, row);
        for (int64_t j = 0; j < width; j++)
            values[i * width + j] = side ? 1.1 * (double)row[j] + 0.1 : (double)row[j];
    }
    free(row);
    return values;
}

static double measure(const char *kind, const struct feature_set *a, const struct feature_set *b)
{
    double value = 0;
    struct kid kid;
    struct prdc prdc;
    if (strcmp(kind, "fd") == 0) {
        check(frechet_of_sets(&value, a, b, pool));
    } else if (strcmp(kind, "kid") == 0) {
        check(kid_measure(&kid, a, b, 1, pool));
        value = kid.value;
    } else {
        check(prdc_measure(&prdc, a, b, 5, 5, pool));
        value = prdc.precision + prdc.recall + prdc.density + prdc.coverage;
    }
    return value;
}

static void bench_sets(const char *folder, const char *kind, const struct size *size)
{
    double *values[2];
    struct feature_set sets[2];
    for (uint64_t side = 0; side < 2; side++) {
        values[side] = numbers(size->count, size->width, side);
        sets[side] = (struct feature_set){values[side], size->count, size->width};
        write_input(folder, size->name, side ? "b" : "a", values[side],
                    (size_t)(size->count * size->width) * sizeof(double));
    }
    double least = 0, value = 0;
    for (int r = 0; r < size->repeats; r++) {
        const double start = clock_now();
        value = measure(kind, &sets[0], &sets[1]);
        const double seconds = clock_now() - start;
        least = r == 0 || seconds < least ? seconds : least;
    }
    printf("%s-%s %.6f %.15g\n", kind, size->name, least, value);
    free(values[0]);
    free(values[1]);
}

static void bench_ssim(const char *folder)
{
    enum { PIXELS = SIDE * SIDE };
    uint8_t *images[2] = {room((size_t)PAIRS * PIXELS), room((size_t)PAIRS * PIXELS)};
    uint32_t *words = room(PIXELS * sizeof *words);
    const uint8_t *pairs[2][PAIRS];
    for (int i = 0; i < PAIRS; i++) {
        random_words((random_address){1, 2, RANDOM_USER, (uint64_t)i}, 0, PIXELS, words);
        for (int p = 0; p < PIXELS; p++) {
            const int wave = (((p % SIDE) * (i + 3) + 2 * (p / SIDE) * (p / SIDE)) >> 6) & 127;
            images[0][i * PIXELS + p] = (uint8_t)wave;
            images[1][i * PIXELS + p] = (uint8_t)(wave + (int)((words[p] >> 24) % 61));
        }
        pairs[0][i] = images[0] + i * PIXELS;
        pairs[1][i] = images[1] + i * PIXELS;
    }
    write_input(folder, "images", "a", images[0], (size_t)PAIRS * PIXELS);
    write_input(folder, "images", "b", images[1], (size_t)PAIRS * PIXELS);
    double values[PAIRS], least = 0, mean = 0;
    for (int r = 0; r < 3; r++) {
        const double start = clock_now();
        check(image_ssim_pairs(values, pairs[0], pairs[1], PAIRS, (struct image_shape){SIDE, SIDE, 1}, SSIM_GAUSSIAN,
                               pool));
        const double seconds = clock_now() - start;
        least = r == 0 || seconds < least ? seconds : least;
    }
    for (int i = 0; i < PAIRS; i++)
        mean += values[i] / PAIRS;
    printf("ssim-1000x224 %.6f %.15g\n", least, mean);
    free(images[0]);
    free(images[1]);
    free(words);
}

static void bench(const char *folder, const char *name)
{
    if (strcmp(name, "ssim-1000x224") == 0) {
        bench_ssim(folder);
        return;
    }
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
        for (const char *const *kind = (const char *const[]){"prdc", "kid", "fd", NULL}; *kind; kind++) {
            const size_t length = strlen(*kind);
            if (strncmp(name, *kind, length) == 0 && name[length] == '-' &&
                strcmp(name + length + 1, sizes[s].name) == 0) {
                bench_sets(folder, *kind, &sizes[s]);
                return;
            }
        }
    fprintf(stderr, "bench_measures: no measurement %s\n", name);
    exit(2);
}

int main(int count, char **arguments)
{
    if (count < 3) {
        fputs("usage: bench_measures FOLDER NAME...\n", stderr);
        return 2;
    }
    check(pool_new(&pool, THREADS));
    for (int i = 2; i < count; i++) {
        bench(arguments[1], arguments[i]);
        fflush(stdout);
    }
    pool_free(pool);
    return 0;
}
