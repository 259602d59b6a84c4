/* Reading and writing of safetensors files. The head goes through jansson; what it says is checked here. */
#include "base/safetensors.h"

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    LENGTH_BYTES = 8,
    HEAD_LIMIT = 64 * 1024 * 1024,
    METADATA_LIMIT = 65536, /* entries are found by looking at each */
    DATA_ALIGNMENT = 64,
};

static const struct {
    const char *name;
    int bytes;
} types[SAFETENSORS_TYPES] = {
    [SAFETENSORS_BOOL] = {"BOOL", 1}, [SAFETENSORS_U8] = {"U8", 1},   [SAFETENSORS_I8] = {"I8", 1},
    [SAFETENSORS_U16] = {"U16", 2},   [SAFETENSORS_I16] = {"I16", 2}, [SAFETENSORS_F16] = {"F16", 2},
    [SAFETENSORS_BF16] = {"BF16", 2}, [SAFETENSORS_U32] = {"U32", 4}, [SAFETENSORS_I32] = {"I32", 4},
    [SAFETENSORS_F32] = {"F32", 4},   [SAFETENSORS_U64] = {"U64", 8}, [SAFETENSORS_I64] = {"I64", 8},
    [SAFETENSORS_F64] = {"F64", 8},
};

struct placed {
    struct safetensors_tensor tensor; /* first: a pointer to it is a pointer to the whole */
    int64_t begin, end;               /* in the data behind the head */
};

struct safetensors {
    char *path;
    int descriptor;
    int64_t data_start, data_bytes;
    json_t *head; /* owns the names */
    struct metadata *metadata;
    struct placed *placed; /* ordered by place */
    int count;
};

const char *safetensors_type_name(enum safetensors_type type)
{
    return types[type].name;
}

int64_t safetensors_elements(const struct safetensors_tensor *tensor)
{
    int64_t elements = 1;
    for (int i = 0; i < tensor->rank; i++)
        elements *= tensor->size[i];
    return elements;
}

size_t safetensors_bytes(const struct safetensors_tensor *tensor)
{
    return (size_t)safetensors_elements(tensor) * (size_t)types[tensor->type].bytes;
}

char *safetensors_text(const struct safetensors_tensor *tensor, char *text)
{
    size_t used = (size_t)snprintf(text, SAFETENSORS_TEXT, "%s (", types[tensor->type].name);
    for (int i = 0; i < tensor->rank; i++)
        used += (size_t)snprintf(text + used, SAFETENSORS_TEXT - used, "%s%" PRId64, i ? ", " : "", tensor->size[i]);
    snprintf(text + used, SAFETENSORS_TEXT - used, ")");
    return text;
}

/* ---- Reading ---------------------------------------------------------------------------------------------- */

static int foreign(const struct safetensors *file, const char *reason)
{
    return error_set(STATUS_INPUT, "%s: not a safetensors file: %s", file->path, reason);
}

static int read_at(const struct safetensors *file, int64_t start, void *data, size_t bytes)
{
    for (size_t done = 0; done < bytes;) {
        const ssize_t got = pread(file->descriptor, (char *)data + done, bytes - done, start + (int64_t)done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return error_set_errno(STATUS_FILE, "%s", file->path);
        if (got == 0)
            return error_set(STATUS_INPUT, "%s: ends too early", file->path);
        done += (size_t)got;
    }
    return 0;
}

static int read_head(struct safetensors *file)
{
    struct stat about;
    if (fstat(file->descriptor, &about) != 0)
        return error_set_errno(STATUS_FILE, "%s", file->path);
    if (!S_ISREG(about.st_mode))
        return error_set(STATUS_FILE, "%s: %s", file->path, S_ISDIR(about.st_mode) ? "a folder" : "not a regular file");
    if (about.st_size < LENGTH_BYTES)
        return foreign(file, "it is too short");
    uint8_t little[LENGTH_BYTES];
    int status = read_at(file, 0, little, sizeof little);
    if (status < 0)
        return status;
    uint64_t length = 0;
    for (int i = 0; i < LENGTH_BYTES; i++)
        length |= (uint64_t)little[i] << 8 * i;
    if (length > (uint64_t)about.st_size - LENGTH_BYTES)
        return foreign(file, "its head is longer than the file");
    if (length > HEAD_LIMIT)
        return foreign(file, "its head is longer than 64 MiB");
    char *text = memory_new((size_t)length, 1);
    if (!text)
        return STATUS_MEMORY;
    status = read_at(file, LENGTH_BYTES, text, (size_t)length);
    if (status == 0) {
        json_error_t error;
        file->head = json_loadb(text, (size_t)length, JSON_REJECT_DUPLICATES, &error);
        if (!file->head)
            status =
                foreign(file, json_error_code(&error) == json_error_duplicate_key ? "a name stands in its head twice"
                                                                                  : "its head is no JSON");
        else if (!json_is_object(file->head))
            status = foreign(file, "its head is no object");
    }
    free(text);
    file->data_start = LENGTH_BYTES + (int64_t)length;
    file->data_bytes = about.st_size - file->data_start;
    return status;
}

static int read_metadata(struct safetensors *file, json_t *map)
{
    if (!json_is_object(map))
        return foreign(file, "its '__metadata__' is no object");
    if (json_object_size(map) > METADATA_LIMIT)
        return foreign(file, "its '__metadata__' has more than 65536 entries");
    const char *key;
    json_t *value;
    json_object_foreach(map, key, value)
    {
        if (!json_is_string(value))
            return error_set(STATUS_INPUT, "%s: not a safetensors file: '%.80s' in '__metadata__' is no text",
                             file->path, key);
        if (metadata_set(file->metadata, key, json_string_value(value)) < 0)
            return STATUS_MEMORY;
    }
    return 0;
}

static bool read_type(enum safetensors_type *type, const json_t *value)
{
    const char *name = json_string_value(value);
    for (int i = 0; name && i < SAFETENSORS_TYPES; i++)
        if (strcmp(name, types[i].name) == 0) {
            *type = (enum safetensors_type)i;
            return true;
        }
    return false;
}

static bool read_shape(struct safetensors_tensor *tensor, const json_t *value)
{
    if (!json_is_array(value) || json_array_size(value) > SAFETENSORS_RANK)
        return false;
    tensor->rank = (int)json_array_size(value);
    int64_t elements = 1;
    for (int i = 0; i < tensor->rank; i++) {
        const json_t *size = json_array_get(value, (size_t)i);
        tensor->size[i] = json_integer_value(size);
        if (!json_is_integer(size) || tensor->size[i] < 0 || !size_multiply(elements, tensor->size[i], &elements))
            return false;
    }
    return true;
}

static bool read_range(struct placed *placed, const json_t *value)
{
    const json_t *begin = json_array_get(value, 0), *end = json_array_get(value, 1);
    placed->begin = json_integer_value(begin);
    placed->end = json_integer_value(end);
    return json_array_size(value) == 2 && json_is_integer(begin) && json_is_integer(end) && placed->begin >= 0 &&
           placed->begin <= placed->end;
}

static int read_tensor(const struct safetensors *file, struct placed *placed, const char *name, const json_t *value)
{
    placed->tensor.name = name;
    const char *trouble = NULL;
    int64_t bytes;
    if (!json_is_object(value))
        trouble = "is no object";
    else if (!read_type(&placed->tensor.type, json_object_get(value, "dtype")))
        trouble = "has no 'dtype' that is known here";
    else if (!read_shape(&placed->tensor, json_object_get(value, "shape")))
        trouble = "has no 'shape' of at most 8 sizes that multiply to a number in range";
    else if (!read_range(placed, json_object_get(value, "data_offsets")))
        trouble = "has no 'data_offsets' with a beginning and an end";
    else if (placed->end > file->data_bytes)
        trouble = "lies behind the end of the file";
    else if (!size_multiply(safetensors_elements(&placed->tensor), types[placed->tensor.type].bytes, &bytes) ||
             bytes != placed->end - placed->begin)
        trouble = "has a shape that does not fit its length";
    if (trouble)
        return error_set(STATUS_INPUT, "%s: not a safetensors file: tensor '%.80s' %s", file->path, name, trouble);
    return 0;
}

static int by_place(const void *a, const void *b)
{
    const struct placed *left = a, *right = b;
    if (left->begin != right->begin)
        return left->begin < right->begin ? -1 : 1;
    if (left->end != right->end) /* empty tensors come before what begins at the same place */
        return left->end < right->end ? -1 : 1;
    return strcmp(left->tensor.name, right->tensor.name);
}

/* The format allows neither overlaps nor holes, so that nothing can hide in a file. */
static int check_places(const struct safetensors *file)
{
    int64_t end = 0;
    for (int i = 0; i < file->count; i++) {
        const struct placed *placed = &file->placed[i];
        if (placed->begin != end)
            return error_set(STATUS_INPUT, "%s: not a safetensors file: tensor '%.80s' %s", file->path,
                             placed->tensor.name,
                             placed->begin < end ? "overlaps another one" : "has a hole before it");
        end = placed->end;
    }
    return end == file->data_bytes ? 0 : foreign(file, "bytes that belong to no tensor follow at its end");
}

static int read_tensors(struct safetensors *file)
{
    file->placed = memory_new(json_object_size(file->head), sizeof *file->placed);
    if (!file->placed)
        return STATUS_MEMORY;
    const char *name;
    json_t *value;
    json_object_foreach(file->head, name, value)
    {
        const int status = strcmp(name, "__metadata__") == 0
                               ? read_metadata(file, value)
                               : read_tensor(file, &file->placed[file->count++], name, value);
        if (status < 0)
            return status;
    }
    qsort(file->placed, (size_t)file->count, sizeof *file->placed, by_place);
    return check_places(file);
}

int safetensors_open(struct safetensors **out, const char *path)
{
    *out = NULL;
    struct safetensors *file = memory_new(1, sizeof *file);
    if (!file)
        return STATUS_MEMORY;
    int status = 0;
    file->descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a named pipe must not make us wait */
    if (file->descriptor < 0)
        status = error_set_errno(STATUS_FILE, "%s", path);
    else if (!(file->path = text_copy(path)))
        status = STATUS_MEMORY;
    else
        status = metadata_new(&file->metadata);
    if (status == 0)
        status = read_head(file);
    if (status == 0)
        status = read_tensors(file);
    if (status < 0) {
        safetensors_close(file);
        return status;
    }
    *out = file;
    return 0;
}

void safetensors_close(struct safetensors *file)
{
    if (!file)
        return;
    if (file->descriptor >= 0)
        close(file->descriptor);
    json_decref(file->head);
    metadata_free(file->metadata);
    free(file->placed);
    free(file->path);
    free(file);
}

const char *safetensors_path(const struct safetensors *file)
{
    return file->path;
}

int safetensors_tensors(const struct safetensors *file)
{
    return file->count;
}

const struct safetensors_tensor *safetensors_tensor(const struct safetensors *file, int index)
{
    return &file->placed[index].tensor;
}

const struct safetensors_tensor *safetensors_find(const struct safetensors *file, const char *name)
{
    for (int i = 0; i < file->count; i++)
        if (strcmp(file->placed[i].tensor.name, name) == 0)
            return &file->placed[i].tensor;
    return NULL;
}

const struct metadata *safetensors_metadata(const struct safetensors *file)
{
    return file->metadata;
}

int safetensors_read(const struct safetensors *file, const struct safetensors_tensor *tensor, void *data)
{
    const struct placed *placed = (const struct placed *)tensor;
    return read_at(file, file->data_start + placed->begin, data, (size_t)(placed->end - placed->begin));
}

bool safetensors_are_finite(const struct safetensors_tensor *tensor, const void *data)
{
    const float *single = data;
    const double *wide = data;
    for (int64_t i = 0; i < safetensors_elements(tensor); i++)
        if (!(tensor->type == SAFETENSORS_F64 ? isfinite(wide[i]) : isfinite(single[i])))
            return false;
    return true;
}

/* ---- Writing ---------------------------------------------------------------------------------------------- */

static json_t *head_of_metadata(const struct metadata *metadata)
{
    json_t *map = json_object();
    bool complete = map != NULL;
    for (int i = 0; complete && i < metadata_entries(metadata); i++)
        complete =
            json_object_set_new(map, metadata_key(metadata, i), json_string(metadata_value(metadata, i))) == 0;
    if (complete)
        return map;
    json_decref(map);
    return NULL;
}

static json_t *head_of_tensor(const struct safetensors_tensor *tensor, int64_t begin)
{
    json_t *shape = json_array();
    for (int i = 0; i < tensor->rank; i++)
        json_array_append_new(shape, json_integer(tensor->size[i]));
    return json_pack("{s:s, s:o, s:[I, I]}", "dtype", types[tensor->type].name, "shape", shape, "data_offsets",
                     (json_int_t)begin, (json_int_t)(begin + (int64_t)safetensors_bytes(tensor)));
}

/* The head as text, or NULL with the error set. */
static char *make_head(const char *path, const struct safetensors_tensor *tensors, int count,
                       const struct metadata *metadata)
{
    json_t *head = json_object();
    bool complete = head != NULL;
    if (metadata && metadata_entries(metadata) > 0)
        complete = complete && json_object_set_new(head, "__metadata__", head_of_metadata(metadata)) == 0;
    int64_t place = 0;
    for (int i = 0; complete && i < count; i++) {
        complete = !json_object_get(head, tensors[i].name) &&
                   json_object_set_new(head, tensors[i].name, head_of_tensor(&tensors[i], place)) == 0;
        place += (int64_t)safetensors_bytes(&tensors[i]);
    }
    char *text = complete ? json_dumps(head, JSON_COMPACT) : NULL;
    json_decref(head);
    if (!text)
        error_set(STATUS_FAILED, "%s: cannot write: names twice, not in UTF-8, or out of memory", path);
    return text;
}

/* Length and head, with spaces behind it up to where the data may begin. */
static int write_head(struct file_writer *writer, const char *text)
{
    const size_t length = strlen(text);
    const size_t end = (LENGTH_BYTES + length + DATA_ALIGNMENT - 1) / DATA_ALIGNMENT * DATA_ALIGNMENT;
    const size_t padded = end - LENGTH_BYTES;
    uint8_t little[LENGTH_BYTES];
    for (int i = 0; i < LENGTH_BYTES; i++)
        little[i] = (uint8_t)((uint64_t)padded >> 8 * i);
    char spaces[DATA_ALIGNMENT];
    memset(spaces, ' ', sizeof spaces);
    int status = file_writer_write(writer, little, sizeof little);
    if (status == 0)
        status = file_writer_write(writer, text, length);
    if (status == 0)
        status = file_writer_write(writer, spaces, padded - length);
    return status;
}

int safetensors_write(const char *path, const struct safetensors_tensor *tensors, const void *const *data, int count,
                      const struct metadata *metadata)
{
    struct file_writer *writer = NULL;
    char *head = make_head(path, tensors, count, metadata);
    int status = head ? file_writer_open(&writer, path) : STATUS_FAILED;
    if (status == 0)
        status = write_head(writer, head);
    for (int i = 0; status == 0 && i < count; i++)
        status = file_writer_write(writer, data[i], safetensors_bytes(&tensors[i]));
    free(head);
    if (status < 0) {
        file_writer_abandon(writer);
        return status;
    }
    return file_writer_commit(writer);
}
