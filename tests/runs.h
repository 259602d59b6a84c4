/* Whole runs on small made-up images, for tests. Include after cmocka.h. */
#ifndef TEST_RUNS_H
#define TEST_RUNS_H

#include <standin/standin.h>

#define must(CALL)                                                                                                    \
    do {                                                                                                              \
        if ((CALL) < 0)                                                                                               \
            fail_msg("%s: %s", #CALL, standin_error_message());                                                       \
    } while (0)

/* Both runs' checkpoints are below the scratch folder. Compares every tensor: weights, moments, averages, statistics. */
struct safetensors *run_checkpoint(const char *run);
void runs_expect_same_checkpoint(const char *one, const char *other);

#endif
