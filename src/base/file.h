/* Files: whole reading with a limit, and writing that never leaves half a file under the target's name.
 *
 * A file is written beside its target, synced, renamed over it, and the folder synced: whoever looks, and whenever
 * the machine stops, finds the old file or the new one. A failure (a full disk, a missing permission) leaves the old
 * file as it was, no temporary file, and a message that names the target and the system's reason. A target that
 * exists keeps its permissions; one that is not a regular file is refused. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads a whole regular file of at most `limit` bytes. *data is the caller's, to free with free(), and has a zero
 * byte behind its end. */
int file_read_all(const char *path, int64_t limit, uint8_t **data, size_t *bytes);

/* The file at `path` becomes these bytes, or stays as it was. */
int file_replace(const char *path, const void *data, size_t bytes);

/* The same without waiting for the disk, for the thousands of files of a set: call file_sync_system once at the
 * end, before writing whatever declares the set complete. */
int file_replace_unsynced(const char *path, const void *data, size_t bytes);

/* Everything written so far to the file system that holds `path` is on its disk. */
int file_sync_system(const char *path);

/* The same promise for content that does not fit in memory: open, write in pieces, then commit or abandon; each of
 * these two ends the writer. Nothing is visible under `path` before the commit. */
struct file_writer;
int file_writer_open(struct file_writer **out, const char *path);
int file_writer_write(struct file_writer *writer, const void *data, size_t bytes);
int file_writer_commit(struct file_writer *writer);
void file_writer_abandon(struct file_writer *writer); /* NULL is fine */

/* Makes the folder and the folders above it that are missing; an existing folder is fine. */
int folder_make(const char *path);

/* Removes a folder with all that is in it, or a file; what is not there is fine. Links are removed, not followed. */
int folder_remove(const char *path);

/* Whether `path`, of which nothing need be there yet, is the folder or lies in it, behind symbolic links. */
bool folder_holds(const char *folder, const char *path);

#endif
