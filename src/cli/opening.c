/* The size that most images have is read from the files' heads. */
#include "opening.h"

#include <inttypes.h>
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

static int usual_size(struct size *usual, const char *path, const standin_dataset_options *options)
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

standin_dataset_options opening_of(const struct arguments *arguments, standin_progress_function *progress,
                                   void *context)
{
    standin_dataset_options opening = STANDIN_DATASET_OPTIONS_INIT;
    opening.fit = (enum standin_fit)arguments->fit;
    opening.threads = (int)arguments->threads;
    opening.progress = progress;
    opening.progress_context = context;
    return opening;
}

int opening_choose_size(standin_dataset_options *opening, const struct arguments *arguments, const char *path)
{
    struct size size = arguments->size;
    const int status = size.width ? 0 : usual_size(&size, path, opening);
    opening->width = size.width;
    opening->height = size.height;
    return status;
}

char *opening_about(const standin_dataset *set, char *text)
{
    const int classes = standin_dataset_classes(set);
    snprintf(text, ABOUT_TEXT, "%" PRId64 " images in %d %s, %dx%d %s", standin_dataset_images(set), classes,
             classes == 1 ? "class" : "classes", standin_dataset_width(set), standin_dataset_height(set),
             standin_dataset_channels(set) == 1 ? "grey" : "colour");
    return text;
}

int opening_open(standin_dataset **set, const char *role, const char *path, enum standin_part part,
                 standin_dataset_options *opening, struct console *console)
{
    opening->part = part;
    const int status = standin_dataset_open(set, path, opening);
    console_clear(console);
    if (status < 0)
        return status;
    opening->channels = standin_dataset_channels(*set);
    char about[ABOUT_TEXT];
    console_line(console, "%-9s  %s: %s", role, path, opening_about(*set, about));
    return 0;
}

bool opening_is_split(const standin_dataset *set)
{
    standin_image image;
    return standin_dataset_image(set, 0, &image) == 0 && *image.split;
}
