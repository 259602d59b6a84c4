/* Sets that were opened from a test's folder, and what they say of its files. */
#ifndef TEST_OPENED_H
#define TEST_OPENED_H

#include <standin/standin.h>
#include <stdint.h>

standin_dataset_options at_size(int size);

/* Ends the test if it cannot be opened. */
standin_dataset *open_set(const char *path);
standin_image image_of(const standin_dataset *set, int64_t index);

/* It cannot be opened, and the error says `reason`. */
void assert_refused(const char *path, const standin_dataset_options *options, const char *reason);

/* The file is listed as skipped, and the reason says `expected`. */
void assert_skipped(const standin_dataset *set, const char *path, const char *expected);

/* An image in the test's folder that no other is equal to. */
void put(const char *name);

/* The path of image `index` is that of `name` in the test's folder. */
void assert_path(const standin_dataset *set, int64_t index, const char *name);

#endif
