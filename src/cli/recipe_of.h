/* The recipe that the command line asks for. */
#ifndef CLI_RECIPE_OF_H
#define CLI_RECIPE_OF_H

#include "arguments.h"

/* --recipe, or the first there is, with --augment, --size and --set applied; --augment auto is judged by the images,
 * later. */
int recipe_of(standin_recipe **recipe, const struct arguments *arguments);

/* The same for a run that goes on: without --recipe it begins with the run's own. */
int recipe_of_run(standin_recipe **recipe, const struct arguments *arguments);

bool recipe_augment_is_auto(const struct arguments *arguments);

#endif
