/* Scratch folders for tests. */
#include "scratch.h"

#include <dirent.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { NOBODY = 65534 };

static char folder[64];
static struct path {
    struct path *before;
    char text[];
} *last_path;

int scratch_setup(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/standin-test-XXXXXX");
    return mkdtemp(folder) && chmod(folder, 0777) == 0 ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *walk)
{
    (void)about, (void)kind, (void)walk;
    return remove(path);
}

int scratch_teardown(void **state)
{
    (void)state;
    while (last_path) {
        struct path *before = last_path->before;
        free(last_path);
        last_path = before;
    }
    return nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

const char *scratch(void)
{
    return folder;
}

const char *scratch_path(const char *format, ...)
{
    char name[512];
    va_list arguments;
    va_start(arguments, format);
    const int length = vsnprintf(name, sizeof name, format, arguments);
    va_end(arguments);
    assert_in_range(length, 0, sizeof name - 1);
    const size_t bytes = strlen(folder) + 1 + (size_t)length + 1;
    struct path *path = malloc(sizeof *path + bytes);
    assert_non_null(path);
    path->before = last_path;
    snprintf(path->text, bytes, "%s/%s", folder, name);
    last_path = path;
    return path->text;
}

void scratch_cut_short(const char *path)
{
    struct stat about;
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(truncate(path, about.st_size * 2 / 3), 0);
}

void scratch_folder(const char *path)
{
    char part[512];
    snprintf(part, sizeof part, "%s", path);
    for (char *slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        mkdir(part, 0777);
        *slash = '/';
    }
    struct stat about;
    mkdir(part, 0777);
    assert_int_equal(stat(path, &about), 0);
}

void scratch_write(const char *path, const void *data, size_t bytes)
{
    char above[512];
    snprintf(above, sizeof above, "%s", path);
    *strrchr(above, '/') = 0;
    scratch_folder(above);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, bytes, file), bytes);
    assert_int_equal(fclose(file), 0);
}

void scratch_text(const char *path, const char *text)
{
    scratch_write(path, text, strlen(text));
}

int scratch_count(const char *path)
{
    DIR *stream = opendir(path);
    assert_non_null(stream);
    int count = 0;
    while (readdir(stream))
        count++;
    closedir(stream);
    return count - 2; /* . and .. */
}

bool scratch_become_nobody(void)
{
    return geteuid() != 0 || seteuid(NOBODY) == 0;
}

void scratch_become_self(void)
{
    if (geteuid() != getuid())
        assert_int_equal(seteuid(getuid()), 0);
}
