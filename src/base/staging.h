/* A folder of many files that appears under its name complete or not at all, whoever looks and whenever the program is
 * killed. It is filled beside its place, in PATH.part, and moved there at the end. Where an empty folder waits already,
 * which may be the root of a disk or belong to somebody else, it is filled in PATH/.part and its entries are moved up.
 *
 * What a killed program left half done is removed by the next one with the same path. A lock in the folder tells it
 * from what another program is about to finish, and from a folder of somebody's that happens to have that name. */
#ifndef BASE_STAGING_H
#define BASE_STAGING_H

/* Status alone: an error unless nothing but perhaps an empty folder is at `path`. */
int staging_check(const char *path);

struct staging;
int staging_open(struct staging **out, const char *path);
const char *staging_folder(const struct staging *staging); /* to be filled */

/* Each ends the staging. `last`: the file whose presence says that the folder is complete. */
int staging_commit(struct staging *staging, const char *last);
void staging_abandon(struct staging *staging); /* removes all of it; NULL is fine */

#endif
