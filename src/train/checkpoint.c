/* From a store to safetensors and back. */
#include "train/checkpoint.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/safetensors.h"
#include "net/layers.h"

#include <errno.h>
#include <inttypes.h>
#include <standin/standin.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

#define FORMAT_KEY "standin-format"
#define FORMAT_VALUE "checkpoint 1"
#define VERSION_KEY "standin-version"

struct checkpoint {
    struct safetensors *file;
};

static struct safetensors_tensor describe(const char *name, const struct shape *shape, enum number_type type)
{
    struct safetensors_tensor described = {
        .name = name, .type = type == NUMBER_F64 ? SAFETENSORS_F64 : SAFETENSORS_F32, .rank = shape->rank};
    for (int i = 0; i < shape->rank; i++)
        described.size[i] = shape->size[i];
    return described;
}

/* ---- Saving ----------------------------------------------------------------------------------------------- */

/* "crc32.g.dense.weight": one checksum for each tensor, so that who reads a few need not read all. */
static char *checksum_key(const char *tensor)
{
    return text_format(CHECKPOINT_CHECKSUM "%s", tensor);
}

static uLong checksum_of(const void *data, size_t bytes)
{
    return crc32_z(crc32(0, NULL, 0), data, bytes);
}

static int set_checksum(struct metadata *metadata, const char *tensor, const void *data, size_t bytes)
{
    char *key = checksum_key(tensor);
    const int status = key ? metadata_set_integer(metadata, key, (int64_t)checksum_of(data, bytes)) : STATUS_MEMORY;
    free(key);
    return status;
}

static int complete_metadata(struct metadata *complete, const struct metadata *metadata)
{
    int status = 0;
    for (int i = 0; status == 0 && i < metadata_entries(metadata); i++)
        status = metadata_set(complete, metadata_key(metadata, i), metadata_value(metadata, i));
    if (status == 0) /* after the others: they may come from a checkpoint that was loaded */
        status = metadata_set(complete, FORMAT_KEY, FORMAT_VALUE);
    if (status == 0)
        status = metadata_set(complete, VERSION_KEY, STANDIN_VERSION);
    return status;
}

int checkpoint_save(const char *path, const struct store *store, const struct metadata *metadata)
{
    const int count = store_tensors(store);
    struct metadata *complete = NULL;
    struct safetensors_tensor *tensors = memory_new((size_t)count, sizeof *tensors);
    const void **data = memory_new((size_t)count, sizeof *data);
    int status = tensors && data ? metadata_new(&complete) : STATUS_MEMORY;
    if (status < 0)
        goto done;
    status = complete_metadata(complete, metadata);
    for (int i = 0; status == 0 && i < count; i++) {
        const struct tensor *tensor = store_tensor(store, i);
        tensors[i] = describe(tensor->name, &tensor->shape, store_type(store));
        data[i] = tensor->data;
        status = set_checksum(complete, tensor->name, tensor->data, tensor_bytes(store, tensor));
    }
    if (status == 0)
        status = safetensors_write(path, tensors, data, count, complete);
done:
    metadata_free(complete);
    free(data);
    free(tensors);
    return status;
}

/* ---- Loading ---------------------------------------------------------------------------------------------- */

int checkpoint_locate(char **file, const char *path)
{
    struct stat about;
    const bool folder = stat(path, &about) == 0 && S_ISDIR(about.st_mode);
    *file = folder ? text_format("%s/%s", path, CHECKPOINT_NAME) : text_copy(path);
    if (!*file)
        return STATUS_MEMORY;
    if (!folder || stat(*file, &about) == 0 || errno != ENOENT)
        return 0;
    free(*file);
    *file = NULL;
    return error_set(STATUS_INPUT, "%s: this folder holds no model: there is no " CHECKPOINT_NAME " in it", path);
}

static int check_format(const struct safetensors *file)
{
    const char *format = metadata_find(safetensors_metadata(file), FORMAT_KEY);
    if (!format)
        return error_set(STATUS_INPUT, "%s: not a checkpoint of this program", safetensors_path(file));
    if (strcmp(format, FORMAT_VALUE) != 0)
        return error_set(STATUS_INPUT, "%s: its format is '%.40s', and this version reads '%s'", safetensors_path(file),
                         format, FORMAT_VALUE);
    return 0;
}

int checkpoint_open(struct checkpoint **out, const char *path)
{
    *out = NULL;
    char *located;
    int status = checkpoint_locate(&located, path);
    if (status < 0)
        return status;
    struct safetensors *file;
    status = safetensors_open(&file, located);
    free(located);
    if (status < 0)
        return status;
    status = check_format(file);
    struct checkpoint *checkpoint = status == 0 ? memory_new(1, sizeof *checkpoint) : NULL;
    if (!checkpoint) {
        safetensors_close(file);
        return status < 0 ? status : STATUS_MEMORY;
    }
    checkpoint->file = file;
    *out = checkpoint;
    return 0;
}

void checkpoint_close(struct checkpoint *checkpoint)
{
    if (!checkpoint)
        return;
    safetensors_close(checkpoint->file);
    free(checkpoint);
}

const char *checkpoint_path(const struct checkpoint *checkpoint)
{
    return safetensors_path(checkpoint->file);
}

const struct metadata *checkpoint_metadata(const struct checkpoint *checkpoint)
{
    return safetensors_metadata(checkpoint->file);
}

int checkpoint_check_kind(const struct checkpoint *checkpoint, const char *kind)
{
    const char *held = metadata_find(checkpoint_metadata(checkpoint), CHECKPOINT_KIND);
    held = held ? held : CHECKPOINT_GENERATOR;
    if (strcmp(held, kind) == 0)
        return 0;
    return error_set(STATUS_INPUT, "%s: holds a %.40s, not a %s", checkpoint_path(checkpoint), held, kind);
}

static bool same(const struct safetensors_tensor *a, const struct safetensors_tensor *b)
{
    bool equal = a->type == b->type && a->rank == b->rank;
    for (int i = 0; equal && i < a->rank; i++)
        equal = a->size[i] == b->size[i];
    return equal;
}

static int check_tensor(const struct checkpoint *checkpoint, const struct safetensors_tensor *wanted)
{
    const char *path = checkpoint_path(checkpoint);
    char is[SAFETENSORS_TEXT], expected[SAFETENSORS_TEXT];
    const struct safetensors_tensor *found = safetensors_find(checkpoint->file, wanted->name);
    if (!found)
        return error_set(STATUS_INPUT, "%s: has no tensor '%s', which the networks need", path, wanted->name);
    if (!same(found, wanted))
        return error_set(STATUS_INPUT, "%s: tensor '%s' is %s, and the networks need %s", path, wanted->name,
                         safetensors_text(found, is), safetensors_text(wanted, expected));
    return 0;
}

int checkpoint_check_states(const struct checkpoint *checkpoint, const struct graph *graph, enum number_type type)
{
    int status = 0;
    for (int i = 0; status == 0 && i < graph_nodes(graph); i++) {
        const struct node *node = graph_node(graph, i);
        if (node->operation.kind != OP_STATE)
            continue;
        const struct safetensors_tensor wanted = describe(node->name, &node->shape, type);
        status = check_tensor(checkpoint, &wanted);
    }
    return status;
}

static int check_tensors(const struct checkpoint *checkpoint, struct store *store, bool whole)
{
    const char *path = checkpoint_path(checkpoint);
    for (int i = 0; i < store_tensors(store); i++) {
        const struct tensor *tensor = store_tensor(store, i);
        const struct safetensors_tensor wanted = describe(tensor->name, &tensor->shape, store_type(store));
        const int status = check_tensor(checkpoint, &wanted);
        if (status < 0)
            return status;
    }
    for (int i = 0; whole && i < safetensors_tensors(checkpoint->file); i++) {
        const char *name = safetensors_tensor(checkpoint->file, i)->name;
        if (!store_find(store, name))
            return error_set(STATUS_INPUT, "%s: has a tensor '%.80s', which the networks do not know", path, name);
    }
    return 0;
}

/* A root is taken of a variance: of one below 0 nothing comes but what is not a number. */
static bool has_negative_variance(const struct safetensors_tensor *tensor, const void *data)
{
    static const char ending[] = LAYER_VARIANCE;
    const size_t length = strlen(tensor->name), tail = sizeof ending - 1;
    const float *single = data;
    const double *wide = data;
    if (length < tail || strcmp(tensor->name + length - tail, ending) != 0)
        return false;
    for (int64_t i = 0; i < safetensors_elements(tensor); i++)
        if (tensor->type == SAFETENSORS_F64 ? wide[i] < 0 : single[i] < 0)
            return true;
    return false;
}

static int read_tensor(const struct checkpoint *checkpoint, const struct safetensors_tensor *tensor, void *data)
{
    int64_t expected;
    char *key = checksum_key(tensor->name);
    int status = key ? metadata_integer(checkpoint_metadata(checkpoint), key, 0, UINT32_MAX, &expected) : STATUS_MEMORY;
    free(key);
    if (status < 0)
        return error_prefix(status, "%s", checkpoint_path(checkpoint));
    status = safetensors_read(checkpoint->file, tensor, data);
    if (status == 0 && checksum_of(data, safetensors_bytes(tensor)) != (uLong)expected)
        return error_set(STATUS_INPUT, "%s: damaged: the checksum of '%s' does not fit its numbers",
                         checkpoint_path(checkpoint), tensor->name);
    if (status == 0 && !safetensors_are_finite(tensor, data))
        return error_set(STATUS_INPUT, "%s: '%s' holds what is not a number or infinite", checkpoint_path(checkpoint),
                         tensor->name);
    if (status == 0 && has_negative_variance(tensor, data))
        return error_set(STATUS_INPUT, "%s: '%s' holds a number below 0, which is no variance",
                         checkpoint_path(checkpoint), tensor->name);
    return status;
}

int checkpoint_load(const struct checkpoint *checkpoint, struct store *store, bool whole)
{
    int status = check_tensors(checkpoint, store, whole);
    for (int i = 0; status == 0 && i < safetensors_tensors(checkpoint->file); i++) {
        const struct safetensors_tensor *tensor = safetensors_tensor(checkpoint->file, i);
        const struct tensor *target = store_find(store, tensor->name);
        if (target)
            status = read_tensor(checkpoint, tensor, target->data);
    }
    return status;
}
