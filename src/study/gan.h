/* Generators of a study: each a run in the work folder, trained on one set, gone on with where it was, never trained
 * twice. */
#ifndef STUDY_GAN_H
#define STUDY_GAN_H

#include "study/study.h"

#include <standin/standin.h>
#include <stdint.h>

/* Trains on the set unless that is done. *run is the folder, to be freed. Units of progress: `units` in all. */
int gan_train(char **run, struct study *study, const char *name, const standin_dataset *set, int64_t units);

/* Before any work: an error if there is no such recipe (NULL: auto), or if images of its generators have no labels, from which no
 * classifier learns. */
int gan_check(const char *recipe);

/* What gan_train will have advanced by, if a unit takes so many seconds. */
int64_t gan_units(const struct study *study, double seconds_a_unit);

/* The recipe of the study, resolved for a set and a time (0: as the recipe says). *out is new. */
int gan_recipe(standin_recipe **out, const struct study *study, const standin_dataset *set, double budget_seconds);

/* Seconds of single steps of training on this set, ascending; measured once. */
enum { GAN_TIMED = 24 };
struct gan_times {
    double seconds[GAN_TIMED];
    int count;
};
int gan_time(struct gan_times *times, struct study *study, const standin_dataset *set, const standin_recipe *recipe);

#endif
