/* What a generator costs: seconds from measured steps, memory from the library's own reckoning. */
#ifndef STUDY_ESTIMATE_COST_H
#define STUDY_ESTIMATE_COST_H

#include "study/study.h"

#include <jansson.h>

/* The keys how_long and how_much_memory, of a generator of the study's recipe on all of the set. budget_seconds 0: as
 * many steps as the recipe says. */
int estimate_cost(json_t *body, struct study *study, const standin_dataset *set, double budget_seconds);

#endif
