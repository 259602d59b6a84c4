/* A space of features in which an evaluation compares pictures: an extractor, and what it sees in whole sets. */
#ifndef STUDY_EVALUATE_SPACE_H
#define STUDY_EVALUATE_SPACE_H

#include "eval/feature_set.h"
#include "eval/features.h"
#include "study/work.h"

#include <standin/standin.h>

enum space { SPACE_TASK, SPACE_RANDOM, SPACE_PIXELS, SPACE_INCEPTION };

/* Everything of the set. */
struct pictures space_pictures(const standin_dataset *set);

/* `file`: of the classifier or of the Inception weights, else NULL. `fit`: what principal components are of. */
int space_open(struct features **out, enum space space, const char *file, const standin_dataset *fit, int threads);

/* *values (images, dimension), to be freed. Tells progress, of no units. */
int space_look(double **values, struct feature_set *seen, struct features *features, const standin_dataset *set,
               struct work *work);

/* "task features" */
const char *space_name(enum space space);

#endif
