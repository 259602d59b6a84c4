/* One switch over the extractors. */
#include "study/evaluate_space.h"

#include "base/error.h"
#include "base/memory.h"
#include "data/dataset.h"

#include <stdio.h>
#include <stdlib.h>

struct pictures space_pictures(const standin_dataset *set)
{
    return (struct pictures){dataset_pixels(set), standin_dataset_images(set), standin_dataset_height(set),
                             standin_dataset_width(set), standin_dataset_channels(set)};
}

int space_open(struct features **out, enum space space, const char *file, const standin_dataset *fit, int threads)
{
    const struct pictures pictures = space_pictures(fit);
    switch (space) {
    case SPACE_TASK:
        return features_task(out, file, &pictures, threads);
    case SPACE_RANDOM:
        return features_random(out, pictures.height, pictures.width, pictures.channels, threads);
    case SPACE_PIXELS:
        return features_pixels(out, &pictures, threads);
    case SPACE_INCEPTION:
        break;
    }
    return features_inception(out, file, pictures.height, pictures.width, pictures.channels, threads);
}

int space_look(double **values, struct feature_set *seen, struct features *features, const standin_dataset *set,
               struct work *work)
{
    const int64_t images = standin_dataset_images(set), width = features_dimension(features);
    const int64_t block = features_block(features);
    const int64_t bytes =
        (int64_t)standin_dataset_width(set) * standin_dataset_height(set) * standin_dataset_channels(set);
    char what[64];
    snprintf(what, sizeof what, "looking at %s features", features_name(features));
    *values = memory_new((size_t)images, (size_t)width * sizeof **values);
    int status = *values ? 0 : STATUS_MEMORY;
    for (int64_t first = 0; status == 0 && first < images; first += block) {
        const int64_t some = images - first < block ? images - first : block;
        status = features_compute(features, dataset_pixels(set) + first * bytes, some, *values + first * width);
        if (status == 0)
            status = work_advance(work, what, 0);
    }
    *seen = (struct feature_set){*values, images, width};
    if (status < 0) {
        free(*values);
        *values = NULL;
    }
    return status;
}

const char *space_name(enum space space)
{
    static const char *const names[] = {"task", "random", "pixels", "inception"};
    return names[space];
}
