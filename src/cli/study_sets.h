/* The sets that a study opens. */
#ifndef CLI_STUDY_SETS_H
#define CLI_STUDY_SETS_H

#include "arguments.h"
#include "console.h"

struct study_sets {
    standin_dataset *real, *test, *synthetic; /* test: NULL if there is none */
};

/* All in one size: the one that was asked for; else with `recipe` the one of the generators, without that the one that
 * most images have. `synthetic` NULL: none. */
int study_sets_open(struct study_sets *sets, const struct arguments *arguments, const char *synthetic,
                    const char *recipe, struct console *console);
void study_sets_close(struct study_sets *sets);

#endif
