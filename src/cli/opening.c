/* Sizes are read from the files' heads. */
#include "opening.h"

#include <stdlib.h>

enum { SHORTER_SIDE = 64, SIDE_MINIMUM = 28 };

static int compare_sizes(const void *a, const void *b)
{
    const struct size *x = a, *y = b;
    return x->width != y->width ? x->width - y->width : x->height - y->height;
}

static struct size reduced(struct size size)
{
    const int shorter = size.width < size.height ? size.width : size.height;
    if (shorter > SHORTER_SIDE) {
        size.width = (int)((int64_t)size.width * SHORTER_SIDE / shorter);
        size.height = (int)((int64_t)size.height * SHORTER_SIDE / shorter);
    }
    size.width = size.width < SIDE_MINIMUM ? SIDE_MINIMUM : size.width;
    size.height = size.height < SIDE_MINIMUM ? SIDE_MINIMUM : size.height;
    return size;
}

int opening_usual_size(struct size *usual, const char *path, const standin_dataset_options *options)
{
    standin_dataset *dataset;
    const int status = standin_dataset_open(&dataset, path, options);
    if (status < 0)
        return status;
    const int64_t images = standin_dataset_images(dataset);
    struct size *sizes = calloc((size_t)images, sizeof *sizes);
    for (int64_t i = 0; sizes && i < images; i++) {
        standin_image about;
        if (standin_dataset_image(dataset, i, &about) == 0)
            sizes[i] = (struct size){about.width, about.height};
    }
    if (sizes)
        qsort(sizes, (size_t)images, sizeof *sizes, compare_sizes);
    int64_t most = 0;
    for (int64_t i = 0, first = 0; sizes && i < images; i++) {
        first = compare_sizes(&sizes[first], &sizes[i]) == 0 ? first : i;
        if (i - first + 1 > most) {
            most = i - first + 1;
            *usual = reduced(sizes[i]);
        }
    }
    free(sizes);
    standin_dataset_free(dataset);
    return sizes ? 0 : STANDIN_MEMORY;
}
