/* A few images of a set, chosen at random but always the same ones. */
#ifndef CLI_PICKS_H
#define CLI_PICKS_H

#include <standin/standin.h>
#include <stdint.h>

/* image[0 .. return value) = different images of class `class_index` (-1: of any), at most `count` of them. */
int picks_choose(const standin_dataset *dataset, int class_index, int count, int64_t *image);

#endif
