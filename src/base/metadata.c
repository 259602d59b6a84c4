/* A handful of entries: found by looking at each. */
#include "base/metadata.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct entry {
    char *key, *value;
};

struct metadata {
    struct entry *entry;
    size_t entries, capacity;
};

int metadata_new(struct metadata **out)
{
    *out = memory_new(1, sizeof **out);
    return *out ? 0 : STATUS_MEMORY;
}

void metadata_free(struct metadata *metadata)
{
    if (!metadata)
        return;
    for (size_t i = 0; i < metadata->entries; i++) {
        free(metadata->entry[i].key);
        free(metadata->entry[i].value);
    }
    free(metadata->entry);
    free(metadata);
}

static struct entry *find(const struct metadata *metadata, const char *key)
{
    for (size_t i = 0; i < metadata->entries; i++)
        if (strcmp(metadata->entry[i].key, key) == 0)
            return &metadata->entry[i];
    return NULL;
}

int metadata_set(struct metadata *metadata, const char *key, const char *value)
{
    struct entry *old = find(metadata, key);
    struct entry fresh = {NULL, text_copy(value)};
    if (!fresh.value)
        return STATUS_MEMORY;
    if (old) {
        free(old->value);
        old->value = fresh.value;
        return 0;
    }
    fresh.key = text_copy(key);
    if (!fresh.key ||
        memory_grow(&metadata->entry, &metadata->capacity, metadata->entries + 1, sizeof *metadata->entry) < 0) {
        free(fresh.key);
        free(fresh.value);
        return STATUS_MEMORY;
    }
    metadata->entry[metadata->entries++] = fresh;
    return 0;
}

int metadata_set_integer(struct metadata *metadata, const char *key, int64_t value)
{
    char text[NUMBER_TEXT];
    snprintf(text, sizeof text, "%" PRId64, value);
    return metadata_set(metadata, key, text);
}

int metadata_set_natural(struct metadata *metadata, const char *key, uint64_t value)
{
    char text[NUMBER_TEXT];
    snprintf(text, sizeof text, "%" PRIu64, value);
    return metadata_set(metadata, key, text);
}

int metadata_set_real(struct metadata *metadata, const char *key, double value)
{
    char text[NUMBER_TEXT];
    return metadata_set(metadata, key, number_text(value, text));
}

const char *metadata_find(const struct metadata *metadata, const char *key)
{
    const struct entry *entry = find(metadata, key);
    return entry ? entry->value : NULL;
}

int metadata_text(const struct metadata *metadata, const char *key, const char **value)
{
    *value = metadata_find(metadata, key);
    return *value ? 0 : error_set(STATUS_INPUT, "there is no entry '%s'", key);
}

int metadata_integer(const struct metadata *metadata, const char *key, int64_t minimum, int64_t maximum, int64_t *value)
{
    const char *text;
    const int status = metadata_text(metadata, key, &text);
    if (status < 0)
        return status;
    if (!number_read_integer(text, value) || *value < minimum || *value > maximum)
        return error_set(STATUS_INPUT, "'%s' is '%.40s', not an integer from %" PRId64 " to %" PRId64, key, text,
                         minimum, maximum);
    return 0;
}

int metadata_natural(const struct metadata *metadata, const char *key, uint64_t *value)
{
    const char *text;
    const int status = metadata_text(metadata, key, &text);
    if (status < 0)
        return status;
    return number_read_natural(text, value)
               ? 0
               : error_set(STATUS_INPUT, "'%s' is '%.40s', not a natural number", key, text);
}

int metadata_real(const struct metadata *metadata, const char *key, double minimum, double maximum, double *value)
{
    const char *text;
    const int status = metadata_text(metadata, key, &text);
    if (status < 0)
        return status;
    if (!number_read_real(text, value) || *value < minimum || *value > maximum)
        return error_set(STATUS_INPUT, "'%s' is '%.40s', not a number from %g to %g", key, text, minimum, maximum);
    return 0;
}

int metadata_entries(const struct metadata *metadata)
{
    return (int)metadata->entries;
}

const char *metadata_key(const struct metadata *metadata, int index)
{
    return metadata->entry[index].key;
}

const char *metadata_value(const struct metadata *metadata, int index)
{
    return metadata->entry[index].value;
}
