#include "measured_sets.h"

#include "opening.h"

#include <inttypes.h>

int measured_opening(standin_dataset_options *opening, const struct arguments *arguments, const char *real,
                     struct console *console)
{
    *opening = (standin_dataset_options)STANDIN_DATASET_OPTIONS_INIT;
    opening->fit = (enum standin_fit)arguments->fit;
    opening->threads = (int)arguments->threads;
    opening->progress = console_work;
    opening->progress_context = console;
    struct size size = arguments->size;
    const int status = size.width ? 0 : opening_usual_size(&size, real, opening);
    opening->width = size.width;
    opening->height = size.height;
    return status;
}

int measured_open(standin_dataset **set, const char *role, const char *path, enum standin_part part,
                  standin_dataset_options *opening, struct console *console)
{
    opening->part = part;
    const int status = standin_dataset_open(set, path, opening);
    console_clear(console);
    if (status < 0)
        return status;
    opening->channels = standin_dataset_channels(*set);
    console_line(console, "%-9s  %s: %" PRId64 " images in %d %s, %dx%d %s", role, path, standin_dataset_images(*set),
                 standin_dataset_classes(*set), standin_dataset_classes(*set) == 1 ? "class" : "classes",
                 standin_dataset_width(*set), standin_dataset_height(*set),
                 standin_dataset_channels(*set) == 1 ? "grey" : "colour");
    return 0;
}
