/* Small files in one piece: one that is there is whole. */
#ifndef CLI_WRITE_WHOLE_H
#define CLI_WRITE_WHOLE_H

/* Writes the text and a line end beside the path, syncs, renames; of a symbolic link, what it points at. 0 or a negative
 * errno; then the path is as it was. What is no regular file, a terminal or a pipe, is written to as it is. */
int write_whole(const char *path, const char *text);

/* Makes sure that what was renamed in a folder stays so. 0 or a negative errno. */
int write_sync_folder(const char *folder);

#endif
