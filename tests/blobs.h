/* Sets of small labelled pictures for tests: a spot on noise, in the left half or in the right one. Include after
 * cmocka.h. */
#ifndef TEST_BLOBS_H
#define TEST_BLOBS_H

#include <standin/standin.h>
#include <stdint.h>

enum { BLOB_SIDE = 28 };

/* Picture `number` of class 0 or 1, like no other one. */
void blob_draw(uint8_t *pixels, int class_index, int number);

/* Writes pictures first .. first + each - 1 of both classes ("left", "right") below the scratch folder `name` and opens
 * them. */
standin_dataset *blobs(const char *name, int first, int each);

/* The same in groups of so many that follow each other. */
standin_dataset *blobs_in_groups(const char *name, int first, int each, int group);

/* Opens what is there. */
standin_dataset *blobs_open(const char *name);

#endif
