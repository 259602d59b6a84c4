/* A file that is renamed over another replaces it at once. */
#include "write_whole.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int write_sync_folder(const char *folder)
{
    const int handle = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const int failure = handle < 0 || fsync(handle) < 0 ? -errno : 0;
    if (handle >= 0)
        close(handle);
    return failure;
}

static int sync_folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
    const int failure = folder ? write_sync_folder(folder) : -ENOMEM;
    free(folder);
    return failure;
}

static int write_text(const char *path, const char *text, bool sync)
{
    FILE *file = fopen(path, "we");
    if (!file)
        return -errno;
    int failure = fputs(text, file) < 0 || fputc('\n', file) < 0 || fflush(file) != 0 ? -errno : 0;
    if (failure == 0 && sync && fsync(fileno(file)) < 0)
        failure = -errno;
    if (fclose(file) != 0 && failure == 0)
        failure = -errno;
    return failure;
}

static int replace(const char *path, const char *text)
{
    char *beside;
    if (asprintf(&beside, "%s~", path) < 0)
        return -ENOMEM;
    int failure = write_text(beside, text, true);
    if (failure == 0 && rename(beside, path) < 0)
        failure = -errno;
    if (failure == 0)
        failure = sync_folder_of(path);
    if (failure < 0)
        unlink(beside);
    free(beside);
    return failure;
}

int write_whole(const char *path, const char *text)
{
    struct stat about;
    if (stat(path, &about) < 0) /* nothing is there to be lost, at most a link to nothing */
        return lstat(path, &about) < 0 ? replace(path, text) : write_text(path, text, true);
    if (!S_ISREG(about.st_mode))
        return write_text(path, text, false);
    char *target = realpath(path, NULL); /* behind symbolic links, which stay */
    const int failure = target ? replace(target, text) : -errno;
    free(target);
    return failure;
}
