/* Spots of random place, size and brightness. */
#include <math.h>
#include <setjmp.h>
#include <standin/standin.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/philox.h"
#include "blobs.h"
#include "image_files.h"
#include "must.h"
#include "scratch.h"

void blob_draw(uint8_t *pixels, int class_index, int number)
{
    float place[4], noise[BLOB_SIDE * BLOB_SIDE];
    const random_address address = {.seed = (uint64_t)class_index, .purpose = RANDOM_USER, .sample = (uint64_t)number};
    random_uniform(address, 0, 4, place);
    random_normal(address, 4, BLOB_SIDE * BLOB_SIDE, noise);
    const double x = 7 + 14 * class_index + 6 * (double)place[0] - 3, y = 6 + 16 * (double)place[1];
    const double width = 2 + 3 * (double)place[2], level = 80 + 120 * (double)place[3];
    for (int i = 0; i < BLOB_SIDE * BLOB_SIDE; i++) {
        const double dx = i % BLOB_SIDE - x, dy = (double)(i / BLOB_SIDE) - y;
        const double value = 30 + level * exp(-(dx * dx + dy * dy) / (2 * width * width)) + 6 * (double)noise[i];
        pixels[i] = (uint8_t)fmin(fmax(value, 0), 255);
    }
}

standin_dataset *blobs_open(const char *name)
{
    standin_dataset *set;
    standin_dataset_options options = STANDIN_DATASET_OPTIONS_INIT;
    options.width = options.height = BLOB_SIDE;
    options.threads = 1;
    must(standin_dataset_open(&set, scratch_path("%s", name), &options));
    return set;
}

standin_dataset *blobs(const char *name, int first, int each)
{
    return blobs_in_groups(name, first, each, 0);
}

standin_dataset *blobs_in_groups(const char *name, int first, int each, int group)
{
    static const char *const classes[] = {"left", "right"};
    uint8_t pixels[BLOB_SIDE * BLOB_SIDE];
    scratch_folder(scratch_path("%s", name));
    for (int c = 0; c < 2; c++) {
        scratch_folder(scratch_path("%s/%s", name, classes[c]));
        for (int i = first; i < first + each; i++) {
            blob_draw(pixels, c, i);
            char path[512], within[32] = ""; /* many: scratch_path keeps every path that it makes */
            if (group > 0)
                snprintf(within, sizeof within, "group-%d/", i / group);
            if (group > 0 && i % group == 0)
                scratch_folder(scratch_path("%s/%s/%s", name, classes[c], within));
            snprintf(path, sizeof path, "%s/%s/%s/%s%04d.png", scratch(), name, classes[c], within, i);
            image_file_bytes(path, pixels, BLOB_SIDE, BLOB_SIDE, 1, "");
        }
    }
    return blobs_open(name);
}
