/* A folder for one test, emptied and removed after it. cmocka: setup scratch_setup, teardown scratch_teardown. */
#ifndef TEST_SCRATCH_H
#define TEST_SCRATCH_H

#include <stdbool.h>
#include <stddef.h>

int scratch_setup(void **state);
int scratch_teardown(void **state);
#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

/* The folder itself, and the path of something in it. A path is good until the test ends. */
const char *scratch(void);
const char *scratch_path(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Writes a file, with the folders above it. */
void scratch_write(const char *path, const void *data, size_t bytes);
void scratch_text(const char *path, const char *text);

/* Leaves the first two thirds of a file. */
void scratch_cut_short(const char *path);

void scratch_folder(const char *path);

/* How many things are in a folder. */
int scratch_count(const char *folder);

/* From here on, or back, the process has no rights of a superuser, so that permissions mean something. */
bool scratch_become_nobody(void);
void scratch_become_self(void);

#endif
