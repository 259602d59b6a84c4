/* Whole runs on small made-up images, for tests. Include after cmocka.h. */
#ifndef TEST_RUNS_H
#define TEST_RUNS_H

#include "must.h"

#include <standin/standin.h>

/* Both runs' checkpoints are below the scratch folder. Compares every tensor: weights, moments, averages, statistics.
 */
struct safetensors *run_checkpoint(const char *run);
void runs_expect_same_checkpoint(const char *one, const char *other);

#endif
