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
