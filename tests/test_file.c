/* Files are replaced whole or not at all, and every failure names the file and the system's reason. */
#include "base/error.h"
#include "base/file.h"
#include "scratch.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void assert_says(const char *text)
{
    if (!strstr(error_message(), text))
        fail_msg("'%s' does not say '%s'", error_message(), text);
}

static void assert_content(const char *path, const char *expected)
{
    uint8_t *data;
    size_t bytes;
    assert_int_equal(file_read_all(path, 1 << 20, &data, &bytes), 0);
    assert_int_equal(bytes, strlen(expected));
    assert_string_equal((const char *)data, expected);
    free(data);
}

static void a_new_file_holds_what_was_given(void **state)
{
    (void)state;
    const char *path = scratch_path("new");
    assert_int_equal(file_replace(path, "hello", 5), 0);
    assert_content(path, "hello");
    assert_int_equal(scratch_count(scratch()), 1);
}

static void a_file_can_be_empty(void **state)
{
    (void)state;
    const char *path = scratch_path("empty");
    assert_int_equal(file_replace(path, NULL, 0), 0);
    assert_content(path, "");
}

static void an_old_file_is_replaced_and_keeps_its_permissions(void **state)
{
    (void)state;
    const char *path = scratch_path("old");
    scratch_text(path, "a long old content");
    assert_int_equal(chmod(path, 0600), 0);
    assert_int_equal(file_replace_unsynced(path, "new", 3), 0);
    assert_content(path, "new");
    struct stat about;
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    assert_int_equal(scratch_count(scratch()), 1);
    assert_int_equal(file_sync_system(scratch()), 0);
}

static void a_missing_folder_is_named(void **state)
{
    (void)state;
    const char *path = scratch_path("missing/file");
    assert_int_equal(file_replace(path, "x", 1), STATUS_FILE);
    assert_says(path);
    assert_says("No such file or directory");
}

static void what_is_not_a_regular_file_is_not_replaced(void **state)
{
    (void)state;
    assert_int_equal(file_replace(scratch(), "x", 1), STATUS_FILE);
    assert_says("it is a folder");
    assert_int_equal(file_replace("/dev/null", "x", 1), STATUS_FILE);
    assert_says("not a regular file");
    struct stat about;
    assert_int_equal(stat("/dev/null", &about), 0);
    assert_true(S_ISCHR(about.st_mode));
}

static void a_folder_without_permission_is_named(void **state)
{
    (void)state;
    const char *closed = scratch_path("closed"), *path = scratch_path("closed/file");
    scratch_folder(closed);
    assert_int_equal(chmod(closed, 0555), 0);
    if (!scratch_become_nobody())
        skip();
    const int status = file_replace(path, "x", 1);
    scratch_become_self();
    assert_int_equal(status, STATUS_FILE);
    assert_says(path);
    assert_says("Permission denied");
}

static void nothing_is_visible_before_the_commit(void **state)
{
    (void)state;
    const char *path = scratch_path("file");
    scratch_text(path, "old");
    struct file_writer *writer;
    assert_int_equal(file_writer_open(&writer, path), 0);
    assert_int_equal(file_writer_write(writer, "ne", 2), 0);
    assert_int_equal(file_writer_write(writer, "w", 1), 0);
    assert_content(path, "old");
    assert_int_equal(file_writer_commit(writer), 0);
    assert_content(path, "new");
}

static void an_abandoned_file_leaves_nothing(void **state)
{
    (void)state;
    struct file_writer *writer;
    assert_int_equal(file_writer_open(&writer, scratch_path("file")), 0);
    assert_int_equal(file_writer_write(writer, "x", 1), 0);
    file_writer_abandon(writer);
    file_writer_abandon(NULL);
    assert_int_equal(scratch_count(scratch()), 0);
}

static void two_writers_of_one_file_do_not_mix(void **state)
{
    (void)state;
    const char *path = scratch_path("file");
    struct file_writer *first, *second;
    assert_int_equal(file_writer_open(&first, path), 0);
    assert_int_equal(file_writer_open(&second, path), 0);
    assert_int_equal(file_writer_write(first, "first", 5), 0);
    assert_int_equal(file_writer_write(second, "second", 6), 0);
    assert_int_equal(file_writer_commit(second), 0);
    assert_int_equal(file_writer_commit(first), 0);
    assert_content(path, "first");
}

static void a_killed_writer_leaves_the_old_file_whole(void **state)
{
    (void)state;
    const char *path = scratch_path("file");
    scratch_text(path, "old");
    const pid_t child = fork();
    if (child == 0) {
        struct file_writer *writer;
        if (file_writer_open(&writer, path) == 0 && file_writer_write(writer, "half", 4) == 0)
            kill(getpid(), SIGKILL);
        _exit(0);
    }
    int how = 0;
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_true(WIFSIGNALED(how));
    assert_content(path, "old");
}

static void assert_old_file_survives(const char *inside, const char *reason)
{
    const char *path = scratch_path("%s/file", inside), *inside_path = scratch_path("%s", inside);
    static uint8_t large[1 << 20];
    assert_int_equal(file_replace(path, "old", 3), 0);
    assert_int_equal(file_replace(path, large, sizeof large), STATUS_FILE);
    assert_says(path);
    assert_says(reason);
    assert_content(path, "old");
    assert_int_equal(scratch_count(inside_path), 1);
}

static void a_full_disk_is_named_and_leaves_the_old_file_whole(void **state)
{
    (void)state;
    const char *disk = scratch_path("disk");
    scratch_folder(disk);
    if (mount("tmpfs", disk, "tmpfs", 0, "size=256k") != 0) {
        print_message("not tested: mounting a small disk needs a superuser\n");
        skip();
    }
    assert_old_file_survives("disk", "No space left on device");
    assert_int_equal(umount(disk), 0);
}

static void a_file_size_limit_is_named_and_leaves_the_old_file_whole(void **state)
{
    (void)state;
    scratch_folder(scratch_path("small"));
    struct rlimit before, small;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = before;
    small.rlim_cur = 64 * 1024;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    assert_old_file_survives("small", "File too large");
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
}

static void reading_keeps_to_its_limit(void **state)
{
    (void)state;
    const char *path = scratch_path("file");
    scratch_text(path, "12345678");
    uint8_t *data;
    size_t bytes;
    assert_int_equal(file_read_all(path, 7, &data, &bytes), STATUS_INPUT);
    assert_null(data);
    assert_says(path);
    assert_says("8 bytes");
    assert_int_equal(file_read_all(path, 8, &data, &bytes), 0);
    assert_int_equal(bytes, 8);
    free(data);
}

static void reading_something_else_than_a_file_is_an_error_and_never_waits(void **state)
{
    (void)state;
    uint8_t *data;
    size_t bytes;
    const char *pipe_path = scratch_path("pipe"), *missing = scratch_path("missing");
    assert_int_equal(mkfifo(pipe_path, 0666), 0);
    assert_int_equal(file_read_all(pipe_path, 8, &data, &bytes), STATUS_FILE);
    assert_says("not a regular file");
    assert_int_equal(file_read_all(scratch(), 8, &data, &bytes), STATUS_FILE);
    assert_says("a folder");
    assert_int_equal(file_read_all(missing, 8, &data, &bytes), STATUS_FILE);
    assert_says(missing);
    assert_says("No such file or directory");
}

static void folders_are_made_with_those_above_them(void **state)
{
    (void)state;
    const char *deep = scratch_path("a/b//c/");
    assert_int_equal(folder_make(deep), 0);
    assert_int_equal(folder_make(deep), 0);
    assert_int_equal(scratch_count(scratch_path("a/b")), 1);
    scratch_text(scratch_path("file"), "x");
    assert_int_equal(folder_make(scratch_path("file/below")), STATUS_FILE);
    assert_says("a file has that name");
}

static void a_folder_holds_itself_and_what_is_or_would_be_in_it(void **state)
{
    (void)state;
    const char *outer = scratch_path("outer"), *link = scratch_path("link");
    assert_int_equal(folder_make(outer), 0);
    assert_int_equal(symlink(outer, link), 0);
    assert_true(folder_holds(outer, outer));
    assert_true(folder_holds(outer, scratch_path("outer/not/there/yet")));
    assert_true(folder_holds(outer, scratch_path("link/yet")));
    assert_true(folder_holds(scratch_path("link/"), scratch_path("outer/yet/")));
    assert_true(folder_holds("/", outer));
    assert_false(folder_holds(outer, scratch_path("outer.run")));
    assert_false(folder_holds(outer, scratch()));
    assert_false(folder_holds(outer, "not-there-yet"));
    assert_false(folder_holds(scratch_path("nothing"), scratch_path("nothing/in")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(a_new_file_holds_what_was_given),
        IN_SCRATCH(a_file_can_be_empty),
        IN_SCRATCH(an_old_file_is_replaced_and_keeps_its_permissions),
        IN_SCRATCH(a_missing_folder_is_named),
        IN_SCRATCH(what_is_not_a_regular_file_is_not_replaced),
        IN_SCRATCH(a_folder_without_permission_is_named),
        IN_SCRATCH(nothing_is_visible_before_the_commit),
        IN_SCRATCH(an_abandoned_file_leaves_nothing),
        IN_SCRATCH(two_writers_of_one_file_do_not_mix),
        IN_SCRATCH(a_killed_writer_leaves_the_old_file_whole),
        IN_SCRATCH(a_full_disk_is_named_and_leaves_the_old_file_whole),
        IN_SCRATCH(a_file_size_limit_is_named_and_leaves_the_old_file_whole),
        IN_SCRATCH(reading_keeps_to_its_limit),
        IN_SCRATCH(reading_something_else_than_a_file_is_an_error_and_never_waits),
        IN_SCRATCH(folders_are_made_with_those_above_them),
        IN_SCRATCH(a_folder_holds_itself_and_what_is_or_would_be_in_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
