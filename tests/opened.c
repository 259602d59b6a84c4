#include "opened.h"

#include "scratch.h"

#include <setjmp.h>
#include <standin/standin.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "image_files.h"

standin_dataset_options at_size(int size)
{
    standin_dataset_options options = STANDIN_DATASET_OPTIONS_INIT;
    options.width = options.height = size;
    return options;
}

standin_dataset *open_set(const char *path)
{
    standin_dataset *set;
    if (standin_dataset_open(&set, path, NULL) < 0)
        fail_msg("%s", standin_error_message());
    return set;
}

standin_image image_of(const standin_dataset *set, int64_t index)
{
    standin_image image;
    assert_int_equal(standin_dataset_image(set, index, &image), 0);
    return image;
}

void assert_refused(const char *path, const standin_dataset_options *options, const char *reason)
{
    standin_dataset *set;
    assert_true(standin_dataset_open(&set, path, options) < 0);
    assert_null(set);
    if (!strstr(standin_error_message(), reason))
        fail_msg("'%s' does not say '%s'", standin_error_message(), reason);
}

void assert_skipped(const standin_dataset *set, const char *path, const char *expected)
{
    for (int64_t i = 0; i < standin_dataset_skipped(set); i++) {
        const char *skipped, *reason;
        assert_int_equal(standin_dataset_skipped_file(set, i, &skipped, &reason), 0);
        if (strcmp(skipped, path) != 0)
            continue;
        if (!strstr(reason, expected))
            fail_msg("%s: '%s' does not say '%s'", path, reason, expected);
        return;
    }
    fail_msg("%s is not listed as skipped", path);
}

static unsigned next_seed = 1;

void put(const char *name)
{
    image_file_noise(scratch_path("%s", name), 9, 10, next_seed++);
}

void assert_path(const standin_dataset *set, int64_t index, const char *name)
{
    assert_string_equal(image_of(set, index).path, scratch_path("%s", name));
}
