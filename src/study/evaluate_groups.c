/* Names are sorted; equal ones get one number. */
#include "study/evaluate_groups.h"

#include "base/error.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

struct named {
    const char *name;
    int64_t *number; /* where to write it */
    bool held_out;
};

static int compare_names(const void *a, const void *b)
{
    return strcmp(((const struct named *)a)->name, ((const struct named *)b)->name);
}

/* False if an image has no group. */
static bool collect(struct named *all, int64_t *numbers, const standin_dataset *set, bool held_out)
{
    const int64_t images = standin_dataset_images(set);
    for (int64_t i = 0; i < images; i++) {
        standin_image image;
        if (standin_dataset_image(set, i, &image) < 0 || !image.group[0])
            return false;
        all[i] = (struct named){image.group, &numbers[i], held_out};
    }
    return true;
}

int groups_number(struct groups *out, const standin_dataset *train, const standin_dataset *holdout)
{
    const int64_t first = standin_dataset_images(train), rest = standin_dataset_images(holdout);
    *out = (struct groups){.train = memory_new((size_t)first, sizeof *out->train),
                           .holdout = memory_new((size_t)rest, sizeof *out->holdout)};
    struct named *all = memory_new((size_t)(first + rest), sizeof *all);
    const int status = out->train && out->holdout && all ? 0 : STATUS_MEMORY;
    if (status == 0 && collect(all, out->train, train, false) && collect(all + first, out->holdout, holdout, true)) {
        qsort(all, (size_t)(first + rest), sizeof *all, compare_names);
        int64_t number = 0;
        out->apart = true;
        for (int64_t i = 0; i < first + rest; i++) {
            const bool other = i > 0 && compare_names(&all[i - 1], &all[i]) != 0;
            number += other;
            out->apart = out->apart && (i == 0 || other || all[i].held_out == all[i - 1].held_out);
            *all[i].number = number;
        }
    } else {
        groups_free(out);
    }
    free(all);
    return status;
}

void groups_free(struct groups *groups)
{
    free(groups->train);
    free(groups->holdout);
    *groups = (struct groups){0};
}
