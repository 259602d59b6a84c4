/* What there is to say about a set of images: counts of classes, splits, groups, sizes, duplicates. */
#ifndef CLI_FINDINGS_H
#define CLI_FINDINGS_H

#include <standin/standin.h>
#include <stdint.h>

enum { SPLITS = 4 }; /* train, val, test, none */

/* How many images have this size, or belong to this group. */
struct tally {
    const char *name; /* of a group */
    int width, height;
    int64_t total;
    int64_t *of_class;
};

struct tallies {
    struct tally *tally; /* the largest first; groups by name */
    int count, capacity;
};

struct findings {
    const standin_dataset *dataset;
    int classes;
    int64_t images, grey, colour, sixteen_bit, duplicates;
    int64_t *of_split; /* (classes, SPLITS) */
    struct tallies sizes, groups;
};

extern const char *const split_names[SPLITS];

int findings_make(struct findings *findings, const standin_dataset *dataset);
void findings_free(struct findings *findings);

void findings_print(const struct findings *findings, const char *path);
void findings_print_json(const struct findings *findings, const char *path);

#endif
