/* A work folder and the small files in it: JSON written in one piece, so that a file that is there is whole. */
#ifndef CLI_MAKE_FOLDER_H
#define CLI_MAKE_FOLDER_H

#include <jansson.h>
#include <stdbool.h>

/* "folder/name", to be freed; ends the program's hopes with NULL. */
char *make_path(const char *folder, const char *name);

bool make_is_there(const char *folder, const char *name);

/* Whether a folder has entries besides those named; false if it is not there. */
bool make_has_others(const char *folder, const char *const *names, int count);

/* The path of a file of JSON that is a pipe, a folder or a device, to be freed; NULL: there is none. */
char *make_find_irregular(const char *folder);

/* The JSON object of a regular file, to be released; NULL if there is none or it is damaged. */
json_t *make_read(const char *folder, const char *name);

/* Writes beside, syncs, renames. 0 or a negative errno. */
int make_write(const char *folder, const char *name, const char *text);
int make_write_json(const char *folder, const char *name, json_t *json);

/* Removes a folder with all that is in it; none there is fine. 0 or a negative errno. */
int make_remove(const char *folder);

/* The same, and makes an empty one in its place. */
int make_empty(const char *folder);

/* Renames a folder to a name that is free. 0 or a negative errno. */
int make_publish(const char *from, const char *to);

/* Makes a folder that its owner alone can read, and holds it until the program ends. 0, a negative errno, or
 * -EWOULDBLOCK if another process holds it. */
int make_hold(const char *folder, int *lock);
void make_let_go(const char *folder, int lock, bool remove_if_empty);

#endif
