/* What the commands of studies share: the sets that they open, their progress, and what becomes of the document. */
#ifndef CLI_STUDY_SETS_H
#define CLI_STUDY_SETS_H

#include "arguments.h"
#include "console.h"

struct study_sets {
    standin_dataset *real, *test, *synthetic; /* test: NULL if there is none */
};

/* All in one size: the one that was asked for; else with `recipe` the one of the generators, without that the one that
 * most images have. `synthetic` NULL: none. */
int study_sets_open(struct study_sets *sets, const struct arguments *arguments, const char *synthetic, const char *recipe,
                    struct console *console);
void study_sets_close(struct study_sets *sets);

/* Progress with the time that is left. What was known from an earlier session takes no time and is not counted. */
struct study_progress {
    struct console *console;
    double last;       /* when it was last told */
    int64_t done;
    double seconds;    /* that ... */
    int64_t worked;    /* ... so many units took, the older ones weighing less */
};
int study_progress_show(void *progress, const char *what, int64_t done, int64_t total);

/* The options of the command line that all studies have. */
standin_study_options study_options_of(const struct arguments *arguments, struct study_progress *progress);

/* Prints the document as text or as JSON, and writes it to the file of -o, if any; frees it. */
int study_finish(const struct arguments *arguments, char *document);

/* For a status below 0: the message, and after an interruption how to go on. Returns the exit code. */
int study_failed(const struct arguments *arguments, int status);

#endif
