/* What a set consists of, before any image is read: where each image is, its class, group and split, and what
 * cannot be used and why. find.c, csv.c and idx.c each fill one. */
#ifndef DATA_LISTING_H
#define DATA_LISTING_H

#include <stddef.h>
#include <stdint.h>

struct arena;

struct listing_entry {
    const char *path;  /* to open it; for IDX: file#number */
    const char *name;  /* the same without the folder that was given: what the hash of a set covers */
    const char *class_name;
    const char *group; /* "" if it has none */
    const char *split; /* "train", "val", "test" or "" */
    const uint8_t *raw; /* for IDX the 8-bit grey pixels themselves, else NULL */
    int raw_width, raw_height;
};

struct listing_skip {
    const char *path, *reason;
};

/* All text and raw pixels live in the arena. */
struct listing {
    struct arena *arena;
    struct listing_entry *entries;
    size_t count, capacity;
    struct listing_skip *skips;
    size_t skips_count, skips_capacity;
};

int listing_new(struct listing *listing);
void listing_free(struct listing *listing);

int listing_add(struct listing *listing, const struct listing_entry *entry);

/* Both texts are copied. */
int listing_skip(struct listing *listing, const char *path, const char *reason);

/* Skips `path` for the reason of this thread's last error. */
int listing_skip_error(struct listing *listing, const char *path);

/* Why this cannot be the name of a class or a group, or NULL. Sets are written as folders named after their classes,
 * so a label from a CSV must not lead out of them. */
const char *listing_name_problem(const char *name);

/* The three kinds of sources. A set that holds nothing usable is not an error here. */
int find_folder(struct listing *listing, const char *folder);
int csv_read(struct listing *listing, const char *path);
int idx_read(struct listing *listing, const char *path, const char *split);

#endif
