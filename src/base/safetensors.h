/* The safetensors format: eight bytes of length, a JSON head, then the numbers of all tensors one behind the other.
 * Every framework reads it, and nothing in it can be executed.
 *
 * Reading trusts nothing: names, types, shapes and ranges are checked against each other and against the size of the
 * file before anything is allocated for them, and messages begin with the file's name. Writing is deterministic (the
 * same tensors and texts give the same bytes) and replaces the target whole or not at all. */
#ifndef BASE_SAFETENSORS_H
#define BASE_SAFETENSORS_H

#include "base/metadata.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum safetensors_type {
    SAFETENSORS_BOOL,
    SAFETENSORS_U8,
    SAFETENSORS_I8,
    SAFETENSORS_U16,
    SAFETENSORS_I16,
    SAFETENSORS_F16,
    SAFETENSORS_BF16,
    SAFETENSORS_U32,
    SAFETENSORS_I32,
    SAFETENSORS_F32,
    SAFETENSORS_U64,
    SAFETENSORS_I64,
    SAFETENSORS_F64,
    SAFETENSORS_TYPES
};

enum { SAFETENSORS_RANK = 8 };

struct safetensors_tensor {
    const char *name;
    enum safetensors_type type;
    int rank;
    int64_t size[SAFETENSORS_RANK];
};

const char *safetensors_type_name(enum safetensors_type type); /* "F32" */
int64_t safetensors_elements(const struct safetensors_tensor *tensor);
size_t safetensors_bytes(const struct safetensors_tensor *tensor);

/* "F32 (64, 3, 3)". `text` holds at least SAFETENSORS_TEXT bytes and is returned. */
enum { SAFETENSORS_TEXT = 200 };
char *safetensors_text(const struct safetensors_tensor *tensor, char *text);

/* An open file, whose head has been read and checked. Tensors are in the order of their place in the file. */
struct safetensors;
int safetensors_open(struct safetensors **out, const char *path);
void safetensors_close(struct safetensors *file); /* NULL is fine */
const char *safetensors_path(const struct safetensors *file);
int safetensors_tensors(const struct safetensors *file);
const struct safetensors_tensor *safetensors_tensor(const struct safetensors *file, int index);
const struct safetensors_tensor *safetensors_find(const struct safetensors *file, const char *name); /* or NULL */
const struct metadata *safetensors_metadata(const struct safetensors *file); /* empty if the file has none */

/* The numbers of one of the file's tensors: safetensors_bytes() of them into `data`. */
int safetensors_read(const struct safetensors *file, const struct safetensors_tensor *tensor, void *data);

/* Whether all numbers of a tensor of type F32 or F64 are finite. */
bool safetensors_are_finite(const struct safetensors_tensor *tensor, const void *data);

/* data[i] holds the numbers of tensors[i]. The first tensor begins at a multiple of 64 bytes. */
int safetensors_write(const char *path, const struct safetensors_tensor *tensors, const void *const *data, int count,
                      const struct metadata *metadata);

#endif
