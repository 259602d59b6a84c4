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

enum { PATHS = 64, NOBODY = 65534 };

static char folder[64];
static char *paths[PATHS];
static int next_path;

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
    for (int i = 0; i < PATHS; i++) {
        free(paths[i]);
        paths[i] = NULL;
    }
    next_path = 0;
    return nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

const char *scratch(void)
{
    return folder;
}

const char *scratch_path(const char *format, ...)
{
    char name[512], *path = NULL;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(name, sizeof name, format, arguments);
    va_end(arguments);
    assert_true(next_path < PATHS);
    assert_true(asprintf(&path, "%s/%s", folder, name) > 0);
    paths[next_path++] = path;
    return path;
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
