/* The table of a profile. */
#include "run/profile.h"

#include "base/error.h"
#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>

static int by_seconds(const void *a, const void *b)
{
    const struct step_profile *left = a, *right = b;
    return (left->seconds < right->seconds) - (left->seconds > right->seconds);
}

static void print_row(FILE *file, const struct step_profile *row, double total)
{
    const double share = total > 0 ? 100 * row->seconds / total : 0;
    const bool arithmetic =
        row->contraction && row->flops > 0; /* packing is counted with contractions, but only moves */
    const double rate = row->seconds > 0 ? (arithmetic ? row->flops : row->bytes) / row->seconds / 1e9 : 0;
    fprintf(file, "%9.3f ms %5.1f %% %8.1f %s  %-56s %s\n", 1e3 * row->seconds, share, rate,
            arithmetic ? "GF/s" : "GB/s", row->label, row->note);
}

int executor_profile_text(char **out, const struct executor *executor)
{
    const int steps = executor_profile_steps(executor);
    size_t size;
    FILE *file = open_memstream(out, &size);
    struct step_profile *row = memory_new((size_t)steps, sizeof *row);
    if (!file || !row) {
        if (file)
            fclose(file);
        free(row);
        return error_set(STATUS_MEMORY, "out of memory for a profile of %d steps", steps);
    }
    double total = 0, contractions = 0;
    for (int i = 0; i < steps; i++) {
        row[i] = executor_profile_step(executor, i);
        total += row[i].seconds;
        contractions += row[i].contraction ? row[i].seconds : 0;
    }
    qsort(row, (size_t)steps, sizeof *row, by_seconds);
    for (int i = 0; i < steps; i++)
        print_row(file, &row[i], total);
    fprintf(file, "%9.3f ms in all, %.3f ms contractions, %.3f ms (%.1f %%) everything else\n", 1e3 * total,
            1e3 * contractions, 1e3 * (total - contractions), total > 0 ? 100 * (total - contractions) / total : 0);
    free(row);
    return fclose(file) == 0 ? 0 : error_set(STATUS_MEMORY, "out of memory for a profile of %d steps", steps);
}
