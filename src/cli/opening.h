/* How sets of images are opened: those that are compared with each other all in one size, and all grey or all in
 * colour. */
#ifndef CLI_OPENING_H
#define CLI_OPENING_H

#include "arguments.h"
#include "console.h"

/* What the command line says of any set, but no size: only to look at the files. */
standin_dataset_options opening_of(const struct arguments *arguments, standin_progress_function *progress,
                                   void *context);

/* Sets the size: that of --size, else the one that most images of `path` have, reduced to 64 on the shorter side, and
 * at least 28 on both. */
int opening_choose_size(standin_dataset_options *opening, const struct arguments *arguments, const char *path);

/* Opens a set and says what is in it. The first one decides for `opening` whether all are grey or in colour. */
int opening_open(standin_dataset **set, const char *role, const char *path, enum standin_part part,
                 standin_dataset_options *opening, struct console *console);

/* "1200 images in 4 classes, 64x64 colour". `text` holds ABOUT_TEXT bytes and is returned. */
enum { ABOUT_TEXT = 96 };
char *opening_about(const standin_dataset *set, char *text);

/* Whether a set has folders train/, val/ or test/. */
bool opening_is_split(const standin_dataset *set);

#endif
