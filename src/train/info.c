/* What a file says about itself: its texts and, by the first part of their names, its tensors. Reads heads alone. */
#include "base/error.h"
#include "base/safetensors.h"
#include "train/checkpoint.h"

#include <inttypes.h>
#include <jansson.h>
#include <standin/standin.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The tensors whose names begin alike, up to the first dot. */
struct family {
    const char *name;
    int length;
    int tensors;
    int64_t elements;
    size_t bytes;
};
enum { FAMILIES = 32, KEY_COLUMNS = 18 };

static int find_families(const struct safetensors *file, struct family *families)
{
    int count = 0;
    for (int i = 0; i < safetensors_tensors(file); i++) {
        const struct safetensors_tensor *tensor = safetensors_tensor(file, i);
        const int length = (int)strcspn(tensor->name, ".");
        int f = 0;
        while (f < count &&
               (families[f].length != length || strncmp(families[f].name, tensor->name, (size_t)length) != 0))
            f++;
        if (f == FAMILIES)
            f = FAMILIES - 1; /* a foreign file without order in its names */
        else if (f == count)
            families[count++] = (struct family){.name = tensor->name, .length = length};
        families[f].tensors++;
        families[f].elements += safetensors_elements(tensor);
        families[f].bytes += safetensors_bytes(tensor);
    }
    return count;
}

/* A foreign file must not speak to the terminal: control characters become question marks. */
static void write_plain(FILE *out, const char *text, int length)
{
    for (int i = 0; i < length; i++) {
        const unsigned char letter = (unsigned char)text[i];
        fputc(letter < ' ' || letter == 0x7F ? '?' : letter, out);
    }
}

static void write_padded(FILE *out, const char *text, int length, int columns)
{
    write_plain(out, text, length);
    fprintf(out, "%*s ", columns > length ? columns - length : 0, "");
}

/* A text of several lines, without its comments and empty lines, each behind four spaces. */
static void write_lines(FILE *out, const char *text)
{
    while (*text) {
        const int length = (int)strcspn(text, "\n");
        if (length > 0 && *text != '#') {
            fputs("    ", out);
            write_plain(out, text, length);
            fputc('\n', out);
        }
        text += length + (text[length] == '\n');
    }
}

static void write_text(FILE *out, const struct safetensors *file)
{
    struct family families[FAMILIES];
    const int count = find_families(file, families);
    const struct metadata *metadata = safetensors_metadata(file);
    fprintf(out, "%s\n", safetensors_path(file));
    for (int pass = 0; pass < 2; pass++) /* short texts first */
        for (int i = 0; i < metadata_entries(metadata); i++) {
            const char *key = metadata_key(metadata, i), *value = metadata_value(metadata, i);
            const int several_lines = strchr(value, '\n') != NULL;
            if (several_lines != pass || strncmp(key, CHECKPOINT_CHECKSUM, strlen(CHECKPOINT_CHECKSUM)) == 0)
                continue;
            fputs("  ", out);
            write_padded(out, key, (int)strlen(key), KEY_COLUMNS);
            if (!several_lines)
                write_plain(out, value, (int)strlen(value));
            fputc('\n', out);
            if (several_lines)
                write_lines(out, value);
        }
    fprintf(out, "  tensors\n");
    for (int f = 0; f < count; f++) {
        fputs("    ", out);
        write_padded(out, families[f].name, families[f].length, KEY_COLUMNS - 2);
        const double bytes = (double)families[f].bytes;
        fprintf(out, "%4d %-8s %12" PRId64 " numbers %8.1f %s\n", families[f].tensors,
                families[f].tensors == 1 ? "tensor" : "tensors", families[f].elements,
                bytes < 1e6 ? bytes / 1e3 : bytes / 1e6, bytes < 1e6 ? "kB" : "MB");
    }
}

static json_t *json_of_tensor(const struct safetensors_tensor *tensor)
{
    json_t *shape = json_array();
    for (int i = 0; i < tensor->rank; i++)
        json_array_append_new(shape, json_integer(tensor->size[i]));
    return json_pack("{s:s, s:s, s:o}", "name", tensor->name, "type", safetensors_type_name(tensor->type), "shape",
                     shape);
}

/* NULL if memory is out. */
static char *make_json(const struct safetensors *file)
{
    const struct metadata *metadata = safetensors_metadata(file);
    json_t *texts = json_object(), *tensors = json_array();
    for (int i = 0; i < metadata_entries(metadata); i++)
        json_object_set_new(texts, metadata_key(metadata, i), json_string(metadata_value(metadata, i)));
    for (int i = 0; i < safetensors_tensors(file); i++)
        json_array_append_new(tensors, json_of_tensor(safetensors_tensor(file, i)));
    json_t *all = json_pack("{s:s?, s:o, s:o}", "path", safetensors_path(file), "metadata", texts, "tensors", tensors);
    char *text = all ? json_dumps(all, JSON_INDENT(2)) : NULL;
    json_decref(all);
    return text;
}

int standin_info(char **out, const char *path, int json)
{
    *out = NULL;
    struct safetensors *file = NULL;
    char *located;
    int status = checkpoint_locate(&located, path);
    if (status == 0)
        status = safetensors_open(&file, located);
    if (status < 0)
        goto done;
    if (json)
        *out = make_json(file);
    else {
        size_t bytes;
        FILE *stream = open_memstream(out, &bytes);
        if (stream) {
            write_text(stream, file);
            fclose(stream);
        }
    }
    if (!*out)
        status = error_set(STATUS_FAILED, "%s: a name that is not UTF-8, or out of memory", path);
done:
    safetensors_close(file);
    free(located);
    return status;
}
