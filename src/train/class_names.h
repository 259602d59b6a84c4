/* The names of classes in the head of a file. */
#ifndef TRAIN_CLASS_NAMES_H
#define TRAIN_CLASS_NAMES_H

#include "base/metadata.h"

#include <standin/standin.h>

/* "classes", and "class.0" and so on. */
int class_names_set(struct metadata *metadata, const standin_dataset *dataset);

/* How many there are. Each has an entry of its own, so that there cannot be more than entries. */
int class_names_count(const struct metadata *metadata, int64_t *classes);

/* Reads so many names, of which no two may be alike. *names is the caller's, to free with class_names_free, also after
 * an error. */
int class_names_read(char ***names, const struct metadata *metadata, int64_t classes);
void class_names_free(char **names, int64_t classes);

#endif
