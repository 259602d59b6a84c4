/* In what size a set is opened for a classifier, unless somebody says. */
#ifndef CLI_OPENING_H
#define CLI_OPENING_H

#include "values.h"

#include <standin/standin.h>

/* The size that most images have, reduced to 64 on the shorter side, and at least 28 on both. */
int opening_usual_size(struct size *usual, const char *path, const standin_dataset_options *options);

#endif
