/* Checkpoints: a whole store and what belongs to it as one safetensors file. Private to whoever trains: it holds the
 * discriminator and the optimiser's state.
 *
 * The file carries a checksum of each tensor; what does not come from here, or came to harm, is refused with a line
 * that begins with the file's name. */
#ifndef TRAIN_CHECKPOINT_H
#define TRAIN_CHECKPOINT_H

#include "base/metadata.h"
#include "graph/graph.h"
#include "run/store.h"

#include <stdbool.h>

/* The checkpoint's name in the folder of a run. */
#define CHECKPOINT_NAME "checkpoint.safetensors"

/* Metadata keys that begin so are checksums of tensors, of no interest to people. */
#define CHECKPOINT_CHECKSUM "crc32."

/* Replaces the file whole or not at all. Entries for the format, the program's version and the checksums are added. */
int checkpoint_save(const char *path, const struct store *store, const struct metadata *metadata);

/* The file's path, given it or the folder of a run. A folder without one is an error. *file is the caller's, to free with free(). */
int checkpoint_locate(char **file, const char *path);

struct checkpoint;

/* `path`: the file, or the folder of a run. Reads and checks the head, not yet the numbers. */
int checkpoint_open(struct checkpoint **out, const char *path);
void checkpoint_close(struct checkpoint *checkpoint); /* NULL is fine */
const char *checkpoint_path(const struct checkpoint *checkpoint);
const struct metadata *checkpoint_metadata(const struct checkpoint *checkpoint);

/* What the file is for: the metadata's "kind", and where there is none, a generator. An error if that is not `kind`. */
#define CHECKPOINT_KIND "kind"
#define CHECKPOINT_GENERATOR "generator"
#define CHECKPOINT_CLASSIFIER "classifier"
int checkpoint_check_kind(const struct checkpoint *checkpoint, const char *kind);

/* Whether the file has every state of the graph with its shape: to be asked before memory is taken for states of whatever
 * size the file's texts ask for. The error names the first that it lacks. */
int checkpoint_check_states(const struct checkpoint *checkpoint, const struct graph *graph, enum number_type type);

/* Fills every tensor of the store. A tensor that the file lacks, has with another shape or type, or whose numbers are not
 * all finite, or a variance below 0, is an error that names the first one; with `whole`, so is one that the store lacks. The store's values are
 * undefined after an error while reading. */
int checkpoint_load(const struct checkpoint *checkpoint, struct store *store, bool whole);

#endif
