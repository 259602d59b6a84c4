/* The lock is a file in the folder, taken as long as the program lives. A folder without it is not ours to remove. */
#include "base/staging.h"

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOCK_NAME ".standin-unfinished"
#define INSIDE_NAME ".part"

struct staging {
    char *path, *folder, *lock_path;
    int lock;
    bool inside; /* folder is in path, not beside it */
};

/* ---- What is there ------------------------------------------------------------------------------------------ */

static bool is_entry(const char *name, const char *except)
{
    return strcmp(name, ".") != 0 && strcmp(name, "..") != 0 && strcmp(name, except) != 0;
}

/* How many entries other than `except`, or an error. */
static int count_entries(const char *path, const char *except)
{
    DIR *folder = opendir(path);
    if (!folder)
        return error_set_errno(STATUS_FILE, "%s", path);
    int entries = 0;
    const struct dirent *entry;
    while ((entry = readdir(folder)) != NULL)
        entries += is_entry(entry->d_name, except);
    closedir(folder);
    return entries;
}

static bool is_there(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0;
}

int staging_check(const char *path)
{
    if (!is_there(path))
        return 0;
    const int entries = count_entries(path, INSIDE_NAME);
    if (entries <= 0)
        return entries;
    return error_set(STATUS_INPUT, "%s: is not empty; give the images a folder of their own", path);
}

/* ---- Beginning ---------------------------------------------------------------------------------------------- */

static int name_all(struct staging *staging, const char *path)
{
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/')
        length--;
    staging->inside = is_there(path);
    staging->path = text_format("%.*s", (int)length, path);
    if (staging->path)
        staging->folder = text_format(staging->inside ? "%s/" INSIDE_NAME : "%s.part", staging->path);
    if (staging->folder)
        staging->lock_path = text_format("%s/" LOCK_NAME, staging->folder);
    return staging->lock_path ? 0 : STATUS_MEMORY;
}

static int take_lock(struct staging *staging)
{
    staging->lock = open(staging->lock_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (staging->lock < 0)
        return error_set_errno(STATUS_FILE, "%s: cannot write", staging->folder);
    if (flock(staging->lock, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK)
        return error_set(STATUS_INPUT, "%s: is being written by another program", staging->path);
    return 0; /* a file system without locks: two programs at once are then the user's care */
}

typedef int entry_function(const struct staging *staging, const char *name);

/* Calls it for each entry of the folder that is there now, other than `except`, until it fails. */
static int for_each_entry(const struct staging *staging, const char *except, entry_function *function)
{
    struct dirent **entries;
    const int count = scandir(staging->folder, &entries, NULL, NULL);
    if (count < 0)
        return error_set_errno(STATUS_FILE, "%s", staging->folder);
    int status = 0;
    for (int i = 0; i < count; i++) {
        if (status == 0 && is_entry(entries[i]->d_name, except))
            status = function(staging, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    return status;
}

static int remove_entry(const struct staging *staging, const char *name)
{
    char *path = text_format("%s/%s", staging->folder, name);
    const int status = path ? folder_remove(path) : STATUS_MEMORY;
    free(path);
    return status;
}

/* Makes the folder, or takes over what a killed program left in it. */
static int take_folder(struct staging *staging)
{
    int status = folder_make(staging->folder);
    const int entries = status == 0 ? count_entries(staging->folder, LOCK_NAME) : status;
    if (entries < 0)
        return entries;
    if (entries > 0 && !is_there(staging->lock_path))
        return error_set(STATUS_INPUT, "%s: is in the way and not left by this program; move it elsewhere",
                         staging->folder);
    status = take_lock(staging);
    return status == 0 ? for_each_entry(staging, LOCK_NAME, remove_entry) : status;
}

static void staging_free(struct staging *staging)
{
    if (staging->lock >= 0)
        close(staging->lock);
    free(staging->lock_path);
    free(staging->folder);
    free(staging->path);
    free(staging);
}

int staging_open(struct staging **out, const char *path)
{
    *out = NULL;
    int status = staging_check(path);
    if (status < 0)
        return status;
    struct staging *staging = memory_new(1, sizeof *staging);
    if (!staging)
        return STATUS_MEMORY;
    staging->lock = -1;
    status = name_all(staging, path);
    if (status == 0)
        status = take_folder(staging);
    if (status < 0) {
        staging_free(staging);
        return status;
    }
    *out = staging;
    return 0;
}

const char *staging_folder(const struct staging *staging)
{
    return staging->folder;
}

/* ---- Ending ------------------------------------------------------------------------------------------------- */

static int move_up(const struct staging *staging, const char *name)
{
    char *from = text_format("%s/%s", staging->folder, name), *to = text_format("%s/%s", staging->path, name);
    int status = from && to ? 0 : STATUS_MEMORY;
    if (status == 0 && rename(from, to) < 0)
        status = error_set_errno(STATUS_FILE, "%s", to);
    free(from);
    free(to);
    return status;
}

static int move_visible_up(const struct staging *staging, const char *name)
{
    return name[0] == '.' ? 0 : move_up(staging, name);
}

static int move_all_up(const struct staging *staging, const char *last)
{
    const int status = for_each_entry(staging, last, move_visible_up);
    return status == 0 ? move_up(staging, last) : status;
}

/* The lock goes after the move: while it is in the folder and the folder under its first name, nobody takes it for
 * somebody else's. */
static int move_folder(struct staging *staging)
{
    if (rename(staging->folder, staging->path) < 0)
        return error_set_errno(STATUS_FILE, "%s", staging->path);
    char *lock_path = text_format("%s/" LOCK_NAME, staging->path);
    if (lock_path)
        unlink(lock_path);
    free(lock_path);
    return lock_path ? 0 : STATUS_MEMORY;
}

int staging_commit(struct staging *staging, const char *last)
{
    int status = file_sync_system(staging->folder);
    if (status == 0)
        status = staging->inside ? move_all_up(staging, last) : move_folder(staging);
    if (status < 0 || staging->inside) {
        staging_abandon(staging);
        return status;
    }
    status = file_sync_system(staging->path);
    staging_free(staging);
    return status;
}

void staging_abandon(struct staging *staging)
{
    if (!staging)
        return;
    folder_remove(staging->folder);
    staging_free(staging);
}
