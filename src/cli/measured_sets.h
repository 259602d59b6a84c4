/* Sets that are compared with each other: all opened in the size of the real one. */
#ifndef CLI_MEASURED_SETS_H
#define CLI_MEASURED_SETS_H

#include "arguments.h"
#include "console.h"

/* Options in the size that was asked for, else in that which most images of `real` have. */
int measured_opening(standin_dataset_options *opening, const struct arguments *arguments, const char *real,
                     struct console *console);

/* Opens a set and says what is in it. The first one decides for `opening` whether all are grey or in colour. */
int measured_open(standin_dataset **set, const char *role, const char *path, enum standin_part part,
                  standin_dataset_options *opening, struct console *console);

#endif
