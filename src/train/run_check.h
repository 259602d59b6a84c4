/* Whether a run that goes on is still the one that was begun. */
#ifndef TRAIN_RUN_CHECK_H
#define TRAIN_RUN_CHECK_H

#include "train/origin.h"

/* An error with the difference if the run's recipe.ini, which people can edit, no longer says what the checkpoint says.
 * A run without the file goes on. */
int run_check_recipe_file(const char *run, const struct origin *origin);

#endif
