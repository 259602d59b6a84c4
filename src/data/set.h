/* What a set of images is inside this room. */
#ifndef DATA_SET_H
#define DATA_SET_H

#include "data/decode.h"
#include "data/listing.h"

#include <standin/standin.h>

enum { HASH_TEXT_SIZE = 65 };

/* One image; records, labels and pixels have the same order. */
struct record {
    struct listing_entry entry;
    struct decoded decoded;
    int64_t duplicate_of;
};

struct standin_dataset {
    struct listing listing; /* owns all text and the raw pixels of IDX; its entries move to records */
    struct record *records;
    int32_t *labels;
    int64_t count;
    const char **classes;
    int64_t *class_images;
    int classes_count;
    int width, height, channels;
    uint8_t *pixels;
    char hash[HASH_TEXT_SIZE];
    char *path; /* where it was opened, and how; class_name is the dataset's own copy */
    standin_dataset_options options;
};

/* From records in place to a set: its classes in bytewise order and their labels, duplicates, the hash. labels must
 * have room. */
int set_settle(standin_dataset *dataset);

#endif
