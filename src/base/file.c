/* Atomic replacement by rename. The temporary name is the target's with a suffix, so that both are on one file
 * system, and is made with O_EXCL, so that two writers never share it. */
#include "base/file.h"

#include "base/error.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <libgen.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct file_writer {
    char *path, *temporary;
    int descriptor;
    bool unsynced;
};

int file_read_all(const char *path, int64_t limit, uint8_t **data, size_t *bytes)
{
    *data = NULL;
    *bytes = 0;
    /* O_NONBLOCK: opening a named pipe must not wait for somebody to write */
    const int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0)
        return error_set_errno(STATUS_FILE, "%s", path);
    int status = 0;
    uint8_t *content = NULL;
    size_t done = 0;
    struct stat about;
    if (fstat(descriptor, &about) != 0) {
        status = error_set_errno(STATUS_FILE, "%s", path);
        goto done;
    }
    if (!S_ISREG(about.st_mode)) {
        status = error_set(STATUS_FILE, "%s: %s", path, S_ISDIR(about.st_mode) ? "a folder" : "not a regular file");
        goto done;
    }
    if (about.st_size > limit) {
        status =
            error_set(STATUS_INPUT, "%s: %lld bytes, more than %lld", path, (long long)about.st_size, (long long)limit);
        goto done;
    }
    const size_t size = (size_t)about.st_size;
    content = malloc(size + 1);
    if (!content) {
        status = error_set(STATUS_MEMORY, "%s: out of memory: %zu bytes", path, size);
        goto done;
    }
    while (done < size) {
        const ssize_t got = read(descriptor, content + done, size - done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            status = error_set_errno(STATUS_FILE, "%s", path);
            goto done;
        }
        if (got == 0)
            break; /* somebody made it shorter: what is there is what it holds */
        done += (size_t)got;
    }
    content[done] = 0;
    *data = content;
    *bytes = done;
    content = NULL;
done:
    free(content);
    close(descriptor);
    return status;
}

static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return text_copy(".");
    const int length = slash == path ? 1 : (int)(slash - path);
    return text_format("%.*s", length, path);
}

/* Some file systems cannot sync a folder and say so; their rename is as durable as it gets. */
static int sync_folder(const char *path)
{
    char *folder = folder_of(path);
    if (!folder)
        return STATUS_MEMORY;
    int status = 0;
    const int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0 || (fsync(descriptor) != 0 && errno != EINVAL && errno != ENOTSUP))
        status = error_set_errno(STATUS_FILE, "%s", folder);
    if (descriptor >= 0)
        close(descriptor);
    free(folder);
    return status;
}

enum { PERMISSIONS_NEW = 0666, PERMISSIONS_MASK = 07777, ATTEMPTS = 100 };

static int open_temporary(struct file_writer *writer)
{
    static _Atomic unsigned counter;
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        free(writer->temporary);
        writer->temporary = text_format("%s.tmp-%ld-%u", writer->path, (long)getpid(), atomic_fetch_add(&counter, 1));
        if (!writer->temporary)
            return STATUS_MEMORY;
        writer->descriptor = open(writer->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, PERMISSIONS_NEW);
        if (writer->descriptor >= 0)
            return 0;
        if (errno != EEXIST)
            break;
    }
    return error_set_errno(STATUS_FILE, "%s: cannot write", writer->path);
}

static void writer_free(struct file_writer *writer)
{
    if (writer->descriptor >= 0)
        close(writer->descriptor);
    free(writer->temporary);
    free(writer->path);
    free(writer);
}

int file_writer_open(struct file_writer **out, const char *path)
{
    *out = NULL;
    struct stat about;
    const bool exists = stat(path, &about) == 0;
    if (exists && !S_ISREG(about.st_mode))
        return error_set(STATUS_FILE, "%s: cannot write: %s", path,
                         S_ISDIR(about.st_mode) ? "it is a folder" : "it is not a regular file");
    struct file_writer *writer = memory_new(1, sizeof *writer);
    if (!writer)
        return STATUS_MEMORY;
    writer->descriptor = -1;
    writer->path = text_copy(path);
    int status = writer->path ? open_temporary(writer) : STATUS_MEMORY;
    if (status == 0 && exists && fchmod(writer->descriptor, about.st_mode & PERMISSIONS_MASK) != 0)
        status = error_set_errno(STATUS_FILE, "%s: cannot keep its permissions", path);
    if (status < 0) {
        if (writer->descriptor >= 0)
            unlink(writer->temporary);
        writer_free(writer);
        return status;
    }
    *out = writer;
    return 0;
}

int file_writer_write(struct file_writer *writer, const void *data, size_t bytes)
{
    const uint8_t *rest = data;
    while (bytes > 0) {
        const ssize_t written = write(writer->descriptor, rest, bytes);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return error_set_errno(STATUS_FILE, "%s: cannot write", writer->path);
        rest += written;
        bytes -= (size_t)written;
    }
    return 0;
}

static int close_and_rename(struct file_writer *writer)
{
    if (!writer->unsynced && fsync(writer->descriptor) != 0)
        return error_set_errno(STATUS_FILE, "%s: cannot write", writer->path);
    const int closed = close(writer->descriptor);
    writer->descriptor = -1;
    if (closed != 0)
        return error_set_errno(STATUS_FILE, "%s: cannot write", writer->path);
    if (rename(writer->temporary, writer->path) != 0)
        return error_set_errno(STATUS_FILE, "%s: cannot replace", writer->path);
    return 0;
}

int file_writer_commit(struct file_writer *writer)
{
    int status = close_and_rename(writer);
    if (status < 0) {
        file_writer_abandon(writer);
        return status;
    }
    if (!writer->unsynced)
        status = sync_folder(writer->path);
    writer_free(writer);
    return status;
}

void file_writer_abandon(struct file_writer *writer)
{
    if (!writer)
        return;
    unlink(writer->temporary);
    writer_free(writer);
}

static int replace(const char *path, const void *data, size_t bytes, bool unsynced)
{
    struct file_writer *writer;
    int status = file_writer_open(&writer, path);
    if (status < 0)
        return status;
    writer->unsynced = unsynced;
    status = file_writer_write(writer, data, bytes);
    if (status < 0) {
        file_writer_abandon(writer);
        return status;
    }
    return file_writer_commit(writer);
}

int file_replace(const char *path, const void *data, size_t bytes)
{
    return replace(path, data, bytes, false);
}

int file_replace_unsynced(const char *path, const void *data, size_t bytes)
{
    return replace(path, data, bytes, true);
}

int file_sync_system(const char *path)
{
    const int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0)
        return error_set_errno(STATUS_FILE, "%s", path);
    const int status = syncfs(descriptor) == 0 ? 0 : error_set_errno(STATUS_FILE, "%s: cannot write", path);
    close(descriptor);
    return status;
}

static int make_one(const char *path)
{
    if (mkdir(path, 0777) == 0)
        return 0;
    const int reason = errno;
    struct stat about;
    if (stat(path, &about) == 0) {
        if (S_ISDIR(about.st_mode))
            return 0;
        return error_set(STATUS_FILE, "%s: cannot make a folder: a file has that name", path);
    }
    errno = reason;
    return error_set_errno(STATUS_FILE, "%s: cannot make a folder", path);
}

int folder_make(const char *path)
{
    char *part = text_copy(path);
    if (!part)
        return STATUS_MEMORY;
    int status = 0;
    for (char *slash = strchr(part + (part[0] == '/'), '/'); slash && status == 0; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        status = make_one(part);
        *slash = '/';
    }
    if (status == 0)
        status = make_one(part);
    free(part);
    return status;
}

static int remove_entry(const char *path, const struct stat *about, int kind, struct FTW *place)
{
    (void)about, (void)kind, (void)place;
    return remove(path);
}

int folder_remove(const char *path)
{
    enum { OPEN_FOLDERS = 16 };
    if (nftw(path, remove_entry, OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS) < 0 && errno != ENOENT)
        return error_set_errno(STATUS_FILE, "%s: cannot remove", path);
    return 0;
}

/* Of `path`, as far as it is there already; to be freed. */
static char *real_part(const char *path)
{
    char *copy = text_copy(path), *real = NULL;
    for (char *part = copy; part && !real; part = strcmp(part, ".") == 0 ? NULL : dirname(part))
        real = realpath(part, NULL);
    free(copy);
    return real;
}

bool folder_holds(const char *folder, const char *path)
{
    char *outer = realpath(folder, NULL), *inner = real_part(path);
    const size_t length = outer ? strlen(outer) : 0;
    const bool holds = outer && inner && strncmp(inner, outer, length) == 0 &&
                       (inner[length] == '/' || inner[length] == 0 || outer[length - 1] == '/');
    free(inner);
    free(outer);
    return holds;
}
