/* Reading and comparing checkpoints of runs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "runs.h"

#include "base/safetensors.h"
#include "scratch.h"

#include <stdlib.h>
#include <string.h>

struct safetensors *run_checkpoint(const char *run)
{
    struct safetensors *file;
    must(safetensors_open(&file, scratch_path("%s/checkpoint.safetensors", run)));
    return file;
}

static struct metadata *copy_metadata(const struct metadata *metadata)
{
    struct metadata *copy;
    must(metadata_new(&copy));
    for (int i = 0; i < metadata_entries(metadata); i++)
        must(metadata_set(copy, metadata_key(metadata, i), metadata_value(metadata, i)));
    return copy;
}

void run_checkpoint_say(const char *run, const char *key, const char *value)
{
    struct safetensors *file = run_checkpoint(run);
    struct metadata *metadata = copy_metadata(safetensors_metadata(file));
    const int count = safetensors_tensors(file);
    struct safetensors_tensor *tensors = malloc((size_t)count * sizeof *tensors);
    void **data = malloc((size_t)count * sizeof *data);
    for (int i = 0; i < count; i++) {
        tensors[i] = *safetensors_tensor(file, i);
        data[i] = malloc(safetensors_bytes(&tensors[i]));
        must(safetensors_read(file, safetensors_tensor(file, i), data[i]));
    }
    must(metadata_set(metadata, key, value));
    must(safetensors_write(safetensors_path(file), tensors, (const void *const *)data, count, metadata));
    for (int i = 0; i < count; i++)
        free(data[i]);
    free(data);
    free(tensors);
    metadata_free(metadata);
    safetensors_close(file);
}

void runs_expect_same_checkpoint(const char *one, const char *other)
{
    struct safetensors *a = run_checkpoint(one), *b = run_checkpoint(other);
    assert_int_equal(safetensors_tensors(a), safetensors_tensors(b));
    assert_true(safetensors_tensors(a) > 40);
    for (int i = 0; i < safetensors_tensors(a); i++) {
        const struct safetensors_tensor *left = safetensors_tensor(a, i), *right = safetensors_find(b, left->name);
        assert_non_null(right);
        assert_int_equal(safetensors_bytes(left), safetensors_bytes(right));
        void *x = malloc(safetensors_bytes(left)), *y = malloc(safetensors_bytes(right));
        must(safetensors_read(a, left, x));
        must(safetensors_read(b, right, y));
        if (memcmp(x, y, safetensors_bytes(left)) != 0)
            fail_msg("%s differs between %s and %s", left->name, one, other);
        free(x);
        free(y);
    }
    safetensors_close(a);
    safetensors_close(b);
}
