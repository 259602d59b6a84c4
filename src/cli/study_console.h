/* What commands that take minutes and end with a document share: their progress, and what becomes of the document. */
#ifndef CLI_STUDY_CONSOLE_H
#define CLI_STUDY_CONSOLE_H

#include "arguments.h"
#include "console.h"

/* Progress with the time that is left. What was known from an earlier session takes no time and is not counted. */
struct study_progress {
    struct console *console;
    double last;       /* when it was last told */
    int64_t done;
    double seconds;    /* that ... */
    int64_t worked;    /* ... so many units took, the older ones weighing less */
};
int study_progress_show(void *progress, const char *what, int64_t done, int64_t total);

/* Prints the document as text or as JSON, and writes it to the file of -o, if any: as a report if its name says so, with random
 * images of `synthetic` (NULL: none) and none of the real ones, because a report is made to be handed on. Frees the document. */
int study_finish(const struct arguments *arguments, char *document, const standin_dataset *synthetic);

/* For a status below 0: the message, and after an interruption how to go on. Returns the exit code. */
int study_failed(const struct arguments *arguments, int status);

#endif
