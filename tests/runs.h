/* Whole runs on small made-up images, for tests. Include after cmocka.h. */
#ifndef TEST_RUNS_H
#define TEST_RUNS_H

#include "must.h"

#include <standin/standin.h>

/* Runs are below the scratch folder. */
struct safetensors *run_checkpoint(const char *run);

/* Has the run's checkpoint say something else about itself. */
void run_checkpoint_say(const char *run, const char *key, const char *value);

/* Compares every tensor: weights, moments, averages, statistics. */
void runs_expect_same_checkpoint(const char *one, const char *other);

#endif
