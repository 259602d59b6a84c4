/* Reading in the PyTorch port's names. The hash over tensors is SHA-256 over, in bytewise order of the names: the name,
 * a zero byte, and the numbers as they are in the file. */
#include "eval/inception_weights.h"

#include "base/error.h"
#include "base/memory.h"

#include <glib.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char inception_origin[65] = "6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2";

enum { LAYER_SIZE = 80, NAME_SIZE = 128, NORM_PARTS = 4 };
static const double norm_epsilon = 1e-3;
static const char *const norm_part[NORM_PARTS] = {"weight", "bias", "running_mean", "running_var"};

/* ---- Folding ------------------------------------------------------------------------------------------------- */

struct layer {
    const char *name;
    int64_t outputs, height, width, inputs;
    float *kernel, *bias;    /* in the store */
    float *plain;            /* (outputs, inputs, height, width) */
    float *norm[NORM_PARTS]; /* (outputs) */
};

static int read_layer(const struct layer *layer, const struct inception_source *source)
{
    char name[NAME_SIZE];
    snprintf(name, sizeof name, "%s.conv.weight", layer->name);
    const int64_t size[4] = {layer->outputs, layer->inputs, layer->height, layer->width};
    int status = source->read(source->context, name, 4, size, layer->plain);
    for (int i = 0; status == 0 && i < NORM_PARTS; i++) {
        snprintf(name, sizeof name, "%s.bn.%s", layer->name, norm_part[i]);
        status = source->read(source->context, name, 1, size, layer->norm[i]);
    }
    return status;
}

static int fold(const struct layer *layer, const char *path)
{
    const int64_t places = layer->height * layer->width, each = places * layer->inputs;
    for (int64_t o = 0; o < layer->outputs; o++) {
        const double variance = (double)layer->norm[3][o] + norm_epsilon;
        if (!(variance > 0))
            return error_set(STATUS_INPUT, "%s: %s.bn.running_var: %g is no variance", path, layer->name,
                             (double)layer->norm[3][o]);
        const double factor = (double)layer->norm[0][o] / sqrt(variance);
        for (int64_t place = 0; place < places; place++)
            for (int64_t i = 0; i < layer->inputs; i++)
                layer->kernel[o * each + place * layer->inputs + i] =
                    (float)(factor * (double)layer->plain[o * each + i * places + place]);
        layer->bias[o] = (float)((double)layer->norm[1][o] - factor * (double)layer->norm[2][o]);
    }
    return 0;
}

static int load_layer(const struct store *store, const struct tensor *kernel, const char *name, const char *bias_name,
                      const struct inception_source *source)
{
    const int64_t *size = kernel->shape.size;
    const struct tensor *bias = store_find(store, bias_name);
    float *values = memory_new((size_t)(shape_elements(&kernel->shape) + NORM_PARTS * size[0]), sizeof *values);
    if (!values || !bias) {
        free(values);
        return bias ? STATUS_MEMORY : error_set(STATUS_FAILED, "%s is not in the network", bias_name);
    }
    struct layer layer = {.name = name,
                          .outputs = size[0],
                          .height = size[1],
                          .width = size[2],
                          .inputs = size[3],
                          .kernel = kernel->data,
                          .bias = bias->data,
                          .plain = values + NORM_PARTS * size[0]};
    for (int i = 0; i < NORM_PARTS; i++)
        layer.norm[i] = values + i * size[0];
    int status = read_layer(&layer, source);
    if (status == 0)
        status = fold(&layer, source->path);
    free(values);
    return status;
}

int inception_weights_fold(struct store *store, const char *prefix, const struct inception_source *source)
{
    static const char end[] = ".weight";
    int status = 0;
    for (int i = 0; status == 0 && i < store_tensors(store); i++) {
        const struct tensor *tensor = store_tensor(store, i);
        const size_t head = strlen(prefix) + 1, length = strlen(tensor->name), tail = sizeof end - 1;
        if (length <= head + tail || strcmp(tensor->name + length - tail, end) != 0)
            continue;
        char name[LAYER_SIZE], bias[NAME_SIZE];
        snprintf(name, sizeof name, "%.*s", (int)(length - head - tail), tensor->name + head);
        snprintf(bias, sizeof bias, "%.*s.bias", (int)(length - tail), tensor->name);
        status = load_layer(store, tensor, name, bias, source);
    }
    return status;
}

/* ---- Files --------------------------------------------------------------------------------------------------- */

static int read_tensor(void *context, const char *name, int rank, const int64_t *size, float *values)
{
    const struct safetensors *file = context;
    const struct safetensors_tensor *tensor = safetensors_find(file, name);
    if (!tensor)
        return error_set(STATUS_INPUT, "%s: has no tensor %s", safetensors_path(file), name);
    bool fits = tensor->type == SAFETENSORS_F32 && tensor->rank == rank;
    for (int i = 0; fits && i < rank; i++)
        fits = tensor->size[i] == size[i];
    if (fits) {
        const int status = safetensors_read(file, tensor, values);
        if (status == 0 && !safetensors_are_finite(tensor, values))
            return error_set(STATUS_INPUT, "%s: %s holds what is not a number or infinite", safetensors_path(file),
                             name);
        return status;
    }
    struct safetensors_tensor wanted = {.name = name, .type = SAFETENSORS_F32, .rank = rank};
    memcpy(wanted.size, size, (size_t)rank * sizeof *size);
    char found_text[SAFETENSORS_TEXT], wanted_text[SAFETENSORS_TEXT];
    return error_set(STATUS_INPUT, "%s: %s is %s, not %s", safetensors_path(file), name,
                     safetensors_text(tensor, found_text), safetensors_text(&wanted, wanted_text));
}

static int by_name(const void *a, const void *b)
{
    return strcmp((*(const struct safetensors_tensor *const *)a)->name,
                  (*(const struct safetensors_tensor *const *)b)->name);
}

static int add_tensor(GChecksum *checksum, const struct safetensors *file, const struct safetensors_tensor *tensor)
{
    enum { PART = 1 << 30 };
    const size_t bytes = safetensors_bytes(tensor);
    guchar *data = memory_new(bytes > 0 ? bytes : 1, 1);
    if (!data)
        return STATUS_MEMORY;
    const int status = safetensors_read(file, tensor, data);
    g_checksum_update(checksum, (const guchar *)tensor->name, (gssize)strlen(tensor->name) + 1);
    for (size_t done = 0; status == 0 && done < bytes; done += PART)
        g_checksum_update(checksum, data + done, (gssize)(bytes - done < PART ? bytes - done : PART));
    free(data);
    return status;
}

/* *same: what the file says of its tensors is so. */
static int compare_tensors(const struct safetensors *file, const char *said, bool *same)
{
    const int count = safetensors_tensors(file);
    const struct safetensors_tensor **tensor = memory_new((size_t)count + 1, sizeof *tensor);
    if (!tensor)
        return STATUS_MEMORY;
    for (int i = 0; i < count; i++)
        tensor[i] = safetensors_tensor(file, i);
    qsort(tensor, (size_t)count, sizeof(struct safetensors_tensor *), by_name);
    GChecksum *checksum = g_checksum_new(G_CHECKSUM_SHA256);
    int status = 0;
    for (int i = 0; status == 0 && i < count; i++)
        status = add_tensor(checksum, file, tensor[i]);
    *same = status == 0 && strcmp(g_checksum_get_string(checksum), said) == 0;
    g_checksum_free(checksum);
    free(tensor);
    return status;
}

static int recognise(const struct safetensors *file, bool *recognised)
{
    const char *origin = metadata_find(safetensors_metadata(file), INCEPTION_ORIGIN_KEY);
    const char *tensors = metadata_find(safetensors_metadata(file), INCEPTION_TENSORS_KEY);
    *recognised = false;
    if (!origin || !tensors || strcmp(origin, inception_origin) != 0)
        return 0;
    return compare_tensors(file, tensors, recognised);
}

int inception_weights_load(struct store *store, const char *prefix, const char *path, bool *recognised)
{
    *recognised = false;
    struct safetensors *file;
    int status = safetensors_open(&file, path);
    if (status < 0)
        return status;
    status = inception_weights_fold(store, prefix, &(struct inception_source){read_tensor, file, path});
    if (status == 0)
        status = recognise(file, recognised);
    safetensors_close(file);
    return status;
}
