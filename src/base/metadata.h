/* A small ordered map from text to text, as it stands in the head of a safetensors file. Numbers are kept as
 * decimal text and range-checked when they are read back. */
#ifndef BASE_METADATA_H
#define BASE_METADATA_H

#include <stdint.h>

struct metadata;

int metadata_new(struct metadata **out);
void metadata_free(struct metadata *metadata); /* NULL is fine */

/* Copies both; an entry of this key is replaced. */
int metadata_set(struct metadata *metadata, const char *key, const char *value);
int metadata_set_integer(struct metadata *metadata, const char *key, int64_t value);
int metadata_set_natural(struct metadata *metadata, const char *key, uint64_t value);
int metadata_set_real(struct metadata *metadata, const char *key, double value); /* reads back to the same bits */

/* The value, owned by the map; NULL if there is none. */
const char *metadata_find(const struct metadata *metadata, const char *key);

/* STATUS_INPUT if the entry is missing, not a number, or outside of [minimum, maximum]. */
int metadata_text(const struct metadata *metadata, const char *key, const char **value);
int metadata_integer(const struct metadata *metadata, const char *key, int64_t minimum, int64_t maximum,
                     int64_t *value);
int metadata_natural(const struct metadata *metadata, const char *key, uint64_t *value); /* all 64 bits */
int metadata_real(const struct metadata *metadata, const char *key, double minimum, double maximum, double *value);

/* Entries in the order in which they were first set. */
int metadata_entries(const struct metadata *metadata);
const char *metadata_key(const struct metadata *metadata, int index);
const char *metadata_value(const struct metadata *metadata, int index);

#endif
