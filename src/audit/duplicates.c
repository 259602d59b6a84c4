/* Three passes, each only over what the one before left open: hashes of the bytes, candidates by a reduced picture,
 * then the measures on full pixels. RMSE of means over a grid is never larger than that of the pixels, so candidates
 * miss nothing that is nearer. */
#include "audit/duplicates.h"

#include "base/error.h"
#include "base/memory.h"
#include "eval/neighbours.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { GRID = 8, WINDOW = 11 };

struct search {
    struct duplicate *found;
    const uint8_t *of, *among;
    int64_t of_count, among_count;
    struct image_shape shape;
    size_t bytes; /* of an image */
    bool exclude_self;
    struct pool *pool;
};

/* ---- The same bytes --------------------------------------------------------------------------------------- */

struct hashed {
    uint64_t hash;
    int64_t row;
};

/* FNV-1a; equal hashes are compared byte by byte, so its weakness does not matter. */
static uint64_t hash_of(const uint8_t *bytes, size_t count)
{
    uint64_t hash = 0xCBF29CE484222325u;
    for (size_t i = 0; i < count; i++)
        hash = (hash ^ bytes[i]) * 0x100000001B3u;
    return hash;
}

static int compare_hashed(const void *a, const void *b)
{
    const struct hashed *x = a, *y = b;
    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

static int64_t first_with(const struct hashed *sorted, int64_t count, uint64_t hash)
{
    int64_t low = 0, high = count;
    while (low < high) {
        const int64_t middle = low + (high - low) / 2;
        if (sorted[middle].hash < hash)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static int find_identical(const struct search *search)
{
    struct hashed *sorted = memory_new((size_t)search->among_count, sizeof *sorted);
    if (!sorted)
        return STATUS_MEMORY;
    for (int64_t j = 0; j < search->among_count; j++)
        sorted[j] = (struct hashed){hash_of(search->among + (size_t)j * search->bytes, search->bytes), j};
    qsort(sorted, (size_t)search->among_count, sizeof *sorted, compare_hashed);
    for (int64_t i = 0; i < search->of_count; i++) {
        const uint8_t *image = search->of + (size_t)i * search->bytes;
        const uint64_t hash = hash_of(image, search->bytes);
        int64_t at = first_with(sorted, search->among_count, hash);
        for (; at < search->among_count && sorted[at].hash == hash; at++) {
            const int64_t row = sorted[at].row;
            if (search->exclude_self && row == i)
                continue;
            if (memcmp(image, search->among + (size_t)row * search->bytes, search->bytes) == 0) {
                search->found[i] = (struct duplicate){DUPLICATE_IDENTICAL, row};
                break;
            }
        }
    }
    free(sorted);
    return 0;
}

/* ---- Candidates ------------------------------------------------------------------------------------------- */

/* Means over a grid and over the channels, weighted by the roots of the cells' areas: distances of such vectors are
 * below those of the pixels for every size of image. */
static void reduce(double *reduced, const uint8_t *image, struct image_shape shape)
{
    double areas[GRID * GRID] = {0};
    memset(reduced, 0, GRID * GRID * sizeof *reduced);
    for (int y = 0; y < shape.height; y++)
        for (int x = 0; x < shape.width; x++) {
            const int cell = y * GRID / shape.height * GRID + x * GRID / shape.width;
            const uint8_t *pixel = image + ((int64_t)y * shape.width + x) * shape.channels;
            for (int c = 0; c < shape.channels; c++)
                reduced[cell] += pixel[c];
            areas[cell] += shape.channels;
        }
    for (int i = 0; i < GRID * GRID; i++)
        reduced[i] = areas[i] > 0 ? reduced[i] / sqrt(areas[i]) : 0;
}

/* The images that are not yet known as copies, as reduced pictures; rows[i] is the image of row i. */
static int64_t reduce_all(double *reduced, int64_t *rows, const uint8_t *images, int64_t count,
                          const struct duplicate *known, const struct search *search)
{
    int64_t kept = 0;
    for (int64_t i = 0; i < count; i++) {
        if (known && known[i].kind == DUPLICATE_IDENTICAL)
            continue;
        reduce(reduced + kept * GRID * GRID, images + (size_t)i * search->bytes, search->shape);
        if (rows)
            rows[kept] = i;
        kept++;
    }
    return kept;
}

/* ---- Full pixels ------------------------------------------------------------------------------------------ */

/* Only a stronger relation replaces one that is there; candidates come nearest first. */
static int judge(const struct search *search, int64_t row, int64_t candidate)
{
    struct duplicate *found = &search->found[row];
    const uint8_t *a = search->of + (size_t)row * search->bytes, *b = search->among + (size_t)candidate * search->bytes;
    double mse, ssim;
    int status = image_mse(&mse, a, b, search->shape);
    if (status < 0)
        return status;
    if (sqrt(mse) / 255 <= DUPLICATES_RMSE) {
        if (found->kind != DUPLICATE_RMSE)
            *found = (struct duplicate){DUPLICATE_RMSE, candidate};
        return 0;
    }
    if (found->kind != DUPLICATE_NONE || search->shape.width < WINDOW || search->shape.height < WINDOW)
        return 0;
    status = image_ssim(&ssim, a, b, search->shape, SSIM_GAUSSIAN);
    if (status == 0 && ssim >= DUPLICATES_SSIM)
        *found = (struct duplicate){DUPLICATE_SSIM, candidate};
    return status;
}

struct judging {
    const struct search *search;
    const int64_t *rows, *candidates;
    int64_t count;
    int each;    /* candidates of a row */
    int *status; /* (tasks) */
};

enum { ROWS_OF_TASK = 16 };

static void judge_rows(void *context, int task, int worker)
{
    (void)worker;
    const struct judging *judging = context;
    int64_t end = (int64_t)(task + 1) * ROWS_OF_TASK;
    end = end < judging->count ? end : judging->count;
    for (int64_t i = (int64_t)task * ROWS_OF_TASK; i < end; i++)
        for (int k = 0; k < judging->each; k++) {
            const int64_t candidate = judging->candidates[i * judging->each + k];
            if (judging->search->exclude_self && candidate == judging->rows[i])
                continue;
            const int status = judge(judging->search, judging->rows[i], candidate);
            judging->status[task] = status < 0 ? status : judging->status[task];
        }
}

static int judge_all(const struct search *search, const int64_t *rows, const int64_t *candidates, int64_t count,
                     int each)
{
    const int tasks = (int)((count + ROWS_OF_TASK - 1) / ROWS_OF_TASK);
    int *statuses = memory_new((size_t)tasks, sizeof *statuses), status = 0;
    if (!statuses)
        return STATUS_MEMORY;
    struct judging judging = {search, rows, candidates, count, each, statuses};
    pool_run(search->pool, tasks, judge_rows, &judging);
    for (int i = 0; i < tasks && status == 0; i++)
        status = statuses[i];
    free(statuses);
    /* The message stayed with the worker's thread. */
    return status < 0 ? error_set(status, "duplicates: images of %dx%dx%d could not be compared", search->shape.width,
                                  search->shape.height, search->shape.channels)
                      : 0;
}

static int find_near(const struct search *search)
{
    const int each_wanted = DUPLICATES_CANDIDATES + search->exclude_self; /* itself is the nearest */
    const int each = search->among_count < each_wanted ? (int)search->among_count : each_wanted;
    double *of = memory_new((size_t)search->of_count, GRID * GRID * sizeof *of);
    double *among = memory_new((size_t)search->among_count, GRID * GRID * sizeof *among);
    double *distance = memory_new((size_t)search->of_count, (size_t)each * sizeof *distance);
    int64_t *candidates = memory_new((size_t)search->of_count, (size_t)each * sizeof *candidates);
    int64_t *rows = memory_new((size_t)search->of_count, sizeof *rows);
    int status = of && among && distance && candidates && rows ? 0 : STATUS_MEMORY;
    if (status == 0) {
        const int64_t left = reduce_all(of, rows, search->of, search->of_count, search->found, search);
        reduce_all(among, NULL, search->among, search->among_count, NULL, search);
        const struct feature_set open = {of, left, GRID * GRID}, others = {among, search->among_count, GRID * GRID};
        if (left > 0)
            status = neighbours_nearest(distance, candidates, &open, &others, each, false, search->pool);
        if (status == 0 && left > 0)
            status = judge_all(search, rows, candidates, left, each);
    }
    free(rows);
    free(candidates);
    free(distance);
    free(among);
    free(of);
    return status;
}

/* ---- The whole -------------------------------------------------------------------------------------------- */

static int check(const struct search *search)
{
    const struct image_shape shape = search->shape;
    if (shape.width < 1 || shape.height < 1 || (shape.channels != 1 && shape.channels != 3))
        return error_set(STATUS_INPUT, "duplicates: images of %dx%dx%d", shape.width, shape.height, shape.channels);
    if (search->of_count < 0 || search->among_count < 0)
        return error_set(STATUS_INPUT, "duplicates: %" PRId64 " and %" PRId64 " images", search->of_count,
                         search->among_count);
    if (search->exclude_self && search->of_count != search->among_count)
        return error_set(STATUS_INPUT, "duplicates: a set of %" PRId64 " images against itself with %" PRId64,
                         search->of_count, search->among_count);
    return 0;
}

int duplicates_find(struct duplicate *found, const uint8_t *of, int64_t of_count, const uint8_t *among,
                    int64_t among_count, struct image_shape shape, int exclude_self, struct pool *pool)
{
    const struct search search = {.found = found,
                                  .of = of,
                                  .among = among,
                                  .of_count = of_count,
                                  .among_count = among_count,
                                  .shape = shape,
                                  .bytes = (size_t)shape.width * (size_t)shape.height * (size_t)shape.channels,
                                  .exclude_self = exclude_self,
                                  .pool = pool};
    int status = check(&search);
    if (status < 0)
        return status;
    for (int64_t i = 0; i < of_count; i++)
        found[i] = (struct duplicate){DUPLICATE_NONE, -1};
    if (of_count == 0 || among_count == 0)
        return 0;
    status = find_identical(&search);
    return status < 0 ? status : find_near(&search);
}

struct duplicates_count duplicates_sum(const struct duplicate *found, int64_t count)
{
    struct duplicates_count sum = {.images = count};
    for (int64_t i = 0; i < count; i++) {
        sum.identical += found[i].kind == DUPLICATE_IDENTICAL;
        sum.rmse += found[i].kind == DUPLICATE_RMSE;
        sum.ssim += found[i].kind == DUPLICATE_SSIM;
    }
    return sum;
}

int64_t duplicates_total(const struct duplicates_count *count)
{
    return count->identical + count->rmse + count->ssim;
}
