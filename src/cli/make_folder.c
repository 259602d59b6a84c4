/* Small files, a lock, and the renaming that makes a folder appear whole. */
#include "make_folder.h"

#include "write_whole.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static const char lock_name[] = "lock";

char *make_path(const char *folder, const char *name)
{
    char *path;
    return asprintf(&path, "%s/%s", folder, name) < 0 ? NULL : path;
}

bool make_is_there(const char *folder, const char *name)
{
    char *path = make_path(folder, name);
    const bool there = path && access(path, F_OK) == 0;
    free(path);
    return there;
}

bool make_has_others(const char *folder, const char *const *names, int count)
{
    DIR *stream = opendir(folder);
    bool others = false;
    for (const struct dirent *entry; stream && !others && (entry = readdir(stream)) != NULL;) {
        others = strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
        for (int i = 0; i < count; i++)
            others = others && strcmp(entry->d_name, names[i]) != 0;
    }
    if (stream)
        closedir(stream);
    return others;
}

static bool is_json(const char *name)
{
    const char *ending = strrchr(name, '.');
    return ending && strcmp(ending, ".json") == 0;
}

char *make_find_irregular(const char *folder)
{
    DIR *stream = opendir(folder);
    char *found = NULL;
    for (const struct dirent *entry; stream && !found && (entry = readdir(stream)) != NULL;) {
        struct stat about;
        if (is_json(entry->d_name) && fstatat(dirfd(stream), entry->d_name, &about, 0) == 0 && !S_ISREG(about.st_mode))
            found = make_path(folder, entry->d_name);
    }
    if (stream)
        closedir(stream);
    return found;
}

/* O_NONBLOCK: opening a named pipe must not wait for somebody to write. */
static json_t *load(const char *path)
{
    const int handle = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (handle < 0)
        return NULL;
    struct stat about;
    const bool regular = fstat(handle, &about) == 0 && S_ISREG(about.st_mode);
    json_t *json = regular ? json_loadfd(handle, 0, NULL) : NULL;
    close(handle);
    return json;
}

json_t *make_read(const char *folder, const char *name)
{
    char *path = make_path(folder, name);
    json_t *json = path ? load(path) : NULL;
    free(path);
    if (json && !json_is_object(json)) {
        json_decref(json);
        json = NULL;
    }
    return json;
}

/* ---- Writing ------------------------------------------------------------------------------------------------ */

int make_write(const char *folder, const char *name, const char *text)
{
    char *path = make_path(folder, name);
    const int failure = path ? write_whole(path, text) : -ENOMEM;
    free(path);
    return failure;
}

int make_write_json(const char *folder, const char *name, json_t *json)
{
    char *text = json ? json_dumps(json, JSON_INDENT(2) | JSON_REAL_PRECISION(12)) : NULL;
    const int failure = text ? make_write(folder, name, text) : -ENOMEM;
    free(text);
    return failure;
}

/* ---- Folders ------------------------------------------------------------------------------------------------ */

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *place)
{
    (void)about, (void)kind, (void)place;
    return remove(path) == 0 || errno == ENOENT ? 0 : -1;
}

int make_remove(const char *folder)
{
    enum { HANDLES = 16 };
    if (access(folder, F_OK) < 0)
        return errno == ENOENT ? 0 : -errno;
    return nftw(folder, remove_one, HANDLES, FTW_DEPTH | FTW_PHYS) < 0 ? -errno : 0;
}

int make_empty(const char *folder)
{
    const int failure = make_remove(folder);
    return failure == 0 && mkdir(folder, 0777) < 0 ? -errno : failure;
}

int make_publish(const char *from, const char *to)
{
    int failure = write_sync_folder(from);
    if (failure == 0 && renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) < 0)
        failure = -errno;
    if (failure == -EINVAL || failure == -ENOSYS) /* a file system that cannot promise it; we have looked before */
        failure = rename(from, to) < 0 ? -errno : 0;
    char *parent = failure == 0 ? strdup(to) : NULL;
    char *slash = parent ? strrchr(parent, '/') : NULL;
    if (slash) {
        slash[slash == parent] = 0;
        failure = write_sync_folder(parent);
    }
    free(parent);
    return failure;
}

int make_hold(const char *folder, int *lock)
{
    *lock = -1;
    if (mkdir(folder, 0700) < 0 && errno != EEXIST)
        return -errno;
    char *path = make_path(folder, lock_name);
    if (!path)
        return -ENOMEM;
    *lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    int failure = *lock < 0 ? -errno : 0;
    if (failure == 0 && flock(*lock, LOCK_EX | LOCK_NB) < 0) {
        failure = -errno;
        close(*lock);
        *lock = -1;
    }
    free(path);
    return failure;
}

void make_let_go(const char *folder, int lock, bool remove_if_empty)
{
    static const char *const own[] = {lock_name};
    if (lock < 0)
        return;
    if (remove_if_empty && !make_has_others(folder, own, 1)) {
        char *path = make_path(folder, lock_name);
        if (path && unlink(path) == 0)
            rmdir(folder);
        free(path);
    }
    close(lock);
}
