/* The handle: every question goes to the extractor behind it. */
#include "eval/features.h"

#include "base/error.h"
#include "base/memory.h"
#include "eval/extractor.h"

void features_free(struct features *features)
{
    if (features)
        features->free(features);
}

int64_t features_dimension(const struct features *features)
{
    return features->dimension;
}

const char *features_name(const struct features *features)
{
    return features->name;
}

const char *features_title(const struct features *features)
{
    return features->title;
}

const char *features_note(const struct features *features)
{
    return features->note;
}

int64_t features_block(const struct features *features)
{
    return features->block;
}

int features_compute(struct features *features, const uint8_t *pixels, int64_t count, double *out)
{
    return count > 0 ? features->compute(features, pixels, count, out) : 0;
}

int pictures_check(const struct pictures *pictures)
{
    int64_t bytes;
    if (pictures->count < 1 || pictures->height < 1 || pictures->width < 1 || pictures->channels < 1 ||
        !size_multiply(pictures->height, pictures->width, &bytes) ||
        !size_multiply(bytes, pictures->channels, &bytes) ||
        !size_multiply(bytes, pictures->count * (int64_t)sizeof(double), &bytes))
        return error_set(STATUS_INPUT, "%lld pictures of %lldx%lldx%lld are nothing to fit features on",
                         (long long)pictures->count, (long long)pictures->width, (long long)pictures->height,
                         (long long)pictures->channels);
    return 0;
}
