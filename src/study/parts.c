/* The public functions that make sets of an open one: parts dealt out by lot, and what two parts have in common. */
#include "audit/duplicates.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/pool.h"
#include "data/dataset.h"
#include "study/draw.h"

#include <inttypes.h>
#include <limits.h>
#include <standin/standin.h>
#include <stdlib.h>

int standin_dataset_take(standin_dataset **out, const standin_dataset *dataset, const int64_t *images, int64_t count)
{
    *out = NULL;
    if (count < 1 || count > INT_MAX)
        return error_set(STATUS_INPUT, "%s: a part of %" PRId64 " images", dataset_path(dataset), count);
    return draw_part(out, dataset, images, count);
}

static int deal_by_group(int32_t *part, const standin_dataset *dataset, int parts, uint64_t seed)
{
    int32_t *fold;
    const int status = draw_folds(&fold, dataset, parts, seed);
    for (int64_t i = 0; status == 0 && i < standin_dataset_images(dataset); i++)
        part[i] = fold[i];
    if (status == 0)
        free(fold);
    return status;
}

/* Any stretch of the nested order has every class in proportion. */
static int deal_by_image(int32_t *part, const standin_dataset *dataset, int parts, uint64_t seed)
{
    const int64_t images = standin_dataset_images(dataset);
    int64_t *order;
    int status = draw_nested(&order, dataset, seed);
    for (int64_t i = 0; status == 0 && i < images; i++)
        part[order[i]] = (int32_t)(i * parts / images);
    for (int64_t i = 0; status == 0 && i < images; i++) {
        standin_image about;
        status = standin_dataset_image(dataset, i, &about);
        if (status == 0 && about.duplicate_of >= 0)
            part[i] = part[about.duplicate_of];
    }
    if (status == 0)
        free(order);
    return status;
}

static int check_parts(const int32_t *part, const standin_dataset *dataset, int parts)
{
    const int classes = standin_dataset_classes(dataset);
    int64_t *have = memory_new((size_t)parts * (size_t)classes, sizeof *have);
    int status = have ? 0 : STATUS_MEMORY;
    for (int64_t i = 0; status == 0 && i < standin_dataset_images(dataset); i++)
        have[part[i] * classes + dataset_labels(dataset)[i]]++;
    for (int k = 0; status == 0 && k < parts * classes; k++)
        if (have[k] == 0)
            status = error_set(STATUS_INPUT, "%s: the images of class '%.80s' do not reach all of %d parts",
                               dataset_path(dataset), standin_dataset_class_name(dataset, k % classes), parts);
    free(have);
    return status;
}

int standin_dataset_deal(int32_t *part, const standin_dataset *dataset, int parts, int by_group, uint64_t seed)
{
    enum { PARTS_MAXIMUM = 100 };
    if (parts < 1 || parts > PARTS_MAXIMUM)
        return error_set(STATUS_INPUT, "%d parts; 1 to %d can be made", parts, PARTS_MAXIMUM);
    if (by_group)
        return deal_by_group(part, dataset, parts, seed);
    const int status = deal_by_image(part, dataset, parts, seed);
    return status == 0 ? check_parts(part, dataset, parts) : status;
}

static int check_pair(const standin_dataset *of, const standin_dataset *among)
{
    if (!dataset_pixels(of) || !dataset_pixels(among))
        return error_set(STATUS_INPUT, "%s: opened without a size", dataset_path(dataset_pixels(of) ? among : of));
    if (standin_dataset_width(of) != standin_dataset_width(among) ||
        standin_dataset_height(of) != standin_dataset_height(among) ||
        standin_dataset_channels(of) != standin_dataset_channels(among))
        return error_set(STATUS_INPUT, "%s: opened in another size or colour than %s", dataset_path(of),
                         dataset_path(among));
    return 0;
}

int standin_dataset_duplicates(standin_duplicates *found, const standin_dataset *of, const standin_dataset *among,
                               int threads)
{
    struct pool *pool = NULL;
    struct duplicate *each = NULL;
    const int64_t images = standin_dataset_images(of);
    const struct image_shape shape = {standin_dataset_width(of), standin_dataset_height(of),
                                      standin_dataset_channels(of)};
    *found = (standin_duplicates){0};
    int status = check_pair(of, among);
    if (status == 0)
        status = pool_new(&pool, threads);
    if (status == 0 && !(each = memory_new((size_t)images, sizeof *each)))
        status = STATUS_MEMORY;
    if (status == 0)
        status = duplicates_find(each, dataset_pixels(of), images, dataset_pixels(among), standin_dataset_images(among),
                                 shape, 0, pool);
    if (status == 0) {
        const struct duplicates_count count = duplicates_sum(each, images);
        *found = (standin_duplicates){images, count.identical, duplicates_total(&count)};
    }
    free(each);
    pool_free(pool);
    return status;
}
