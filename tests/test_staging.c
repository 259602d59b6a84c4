/* A folder of many files appears complete or not at all. */
#include "base/staging.h"
#include "scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "must.h"

static void fill(const struct staging *staging)
{
    char path[1024];
    assert_in_range(snprintf(path, sizeof path, "%s/car/1.png", staging_folder(staging)), 1, sizeof path - 1);
    scratch_text(path, "a picture");
    assert_in_range(snprintf(path, sizeof path, "%s/manifest.csv", staging_folder(staging)), 1, sizeof path - 1);
    scratch_text(path, "a table");
}

static bool is_there(const char *path)
{
    return access(path, F_OK) == 0;
}

static void assert_whole(const char *path)
{
    char name[1024];
    snprintf(name, sizeof name, "%s/car", path);
    assert_int_equal(scratch_count(name), 1);
    assert_int_equal(scratch_count(path), 2);
}

static void write_whole(const char *path)
{
    struct staging *staging;
    must(staging_open(&staging, path));
    assert_int_equal(scratch_count(staging_folder(staging)), 1); /* the lock */
    fill(staging);
    must(staging_commit(staging, "manifest.csv"));
    assert_whole(path);
}

/* What a program leaves that is killed before its folder is complete. */
static void be_killed_writing(const char *path)
{
    const pid_t child = fork();
    if (child == 0) {
        struct staging *staging;
        if (staging_open(&staging, path) == 0)
            fill(staging);
        _exit(0);
    }
    assert_int_equal(waitpid(child, NULL, 0), child);
}

static void nothing_is_at_the_place_before_the_end(void **state)
{
    (void)state;
    struct staging *staging;
    const char *path = scratch_path("above/set");
    must(staging_open(&staging, path));
    fill(staging);
    assert_false(is_there(path));
    must(staging_commit(staging, "manifest.csv"));
    assert_whole(path);
    assert_int_equal(scratch_count(scratch_path("above")), 1);
}

static void what_is_abandoned_leaves_nothing(void **state)
{
    (void)state;
    struct staging *staging;
    must(staging_open(&staging, scratch_path("set/")));
    fill(staging);
    staging_abandon(staging);
    assert_int_equal(scratch_count(scratch()), 0);
    staging_abandon(NULL);
}

static void what_a_killed_program_left_is_taken_over(void **state)
{
    (void)state;
    be_killed_writing(scratch_path("set"));
    assert_false(is_there(scratch_path("set")));
    assert_true(is_there(scratch_path("set.part/car/1.png")));
    write_whole(scratch_path("set"));
    assert_int_equal(scratch_count(scratch()), 1);
}

static void an_empty_folder_is_filled_and_stays_the_same_folder(void **state)
{
    (void)state;
    const char *path = scratch_path("set");
    struct stat before, after;
    scratch_folder(path);
    assert_int_equal(stat(path, &before), 0);
    write_whole(path);
    assert_int_equal(stat(path, &after), 0);
    assert_int_equal(before.st_ino, after.st_ino);
    assert_int_equal(scratch_count(scratch()), 1);
}

static void what_a_killed_program_left_in_an_empty_folder_is_taken_over(void **state)
{
    (void)state;
    const char *path = scratch_path("set");
    scratch_folder(path);
    be_killed_writing(path);
    assert_int_equal(scratch_count(path), 1);
    assert_true(is_there(scratch_path("set/.part/car/1.png")));
    write_whole(path);
}

static void a_folder_with_something_in_it_is_refused(void **state)
{
    (void)state;
    struct staging *staging;
    scratch_text(scratch_path("set/letter"), "mine");
    refuses(staging_open(&staging, scratch_path("set")), "is not empty");
    assert_null(staging);
    assert_int_equal(scratch_count(scratch_path("set")), 1);
}

static void a_folder_of_somebody_else_with_the_name_is_left_alone(void **state)
{
    (void)state;
    struct staging *staging;
    scratch_text(scratch_path("set.part/letter"), "mine");
    refuses(staging_open(&staging, scratch_path("set")), "set.part: is in the way");
    assert_true(is_there(scratch_path("set.part/letter")));
    assert_int_equal(scratch_count(scratch_path("set.part")), 1);
}

static void two_programs_do_not_write_one_folder(void **state)
{
    (void)state;
    struct staging *first, *second;
    must(staging_open(&first, scratch_path("set")));
    fill(first);
    refuses(staging_open(&second, scratch_path("set")), "another program");
    must(staging_commit(first, "manifest.csv"));
    assert_whole(scratch_path("set"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(nothing_is_at_the_place_before_the_end),
        IN_SCRATCH(what_is_abandoned_leaves_nothing),
        IN_SCRATCH(what_a_killed_program_left_is_taken_over),
        IN_SCRATCH(an_empty_folder_is_filled_and_stays_the_same_folder),
        IN_SCRATCH(what_a_killed_program_left_in_an_empty_folder_is_taken_over),
        IN_SCRATCH(a_folder_with_something_in_it_is_refused),
        IN_SCRATCH(a_folder_of_somebody_else_with_the_name_is_left_alone),
        IN_SCRATCH(two_programs_do_not_write_one_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
