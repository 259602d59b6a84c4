/* The list of images and of skipped files. */
#include "data/listing.h"

#include "base/error.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

int listing_new(struct listing *listing)
{
    *listing = (struct listing){0};
    listing->arena = arena_new();
    return listing->arena ? 0 : STATUS_MEMORY;
}

void listing_free(struct listing *listing)
{
    free(listing->entries);
    free(listing->skips);
    arena_free(listing->arena);
    *listing = (struct listing){0};
}

int listing_add(struct listing *listing, const struct listing_entry *entry)
{
    if (memory_grow(&listing->entries, &listing->capacity, listing->count + 1, sizeof *listing->entries) < 0)
        return STATUS_MEMORY;
    listing->entries[listing->count++] = *entry;
    return 0;
}

int listing_skip(struct listing *listing, const char *path, const char *reason)
{
    struct listing_skip skip = {arena_text(listing->arena, path), arena_text(listing->arena, reason)};
    if (!skip.path || !skip.reason)
        return STATUS_MEMORY;
    if (memory_grow(&listing->skips, &listing->skips_capacity, listing->skips_count + 1, sizeof skip) < 0)
        return STATUS_MEMORY;
    listing->skips[listing->skips_count++] = skip;
    return 0;
}

int listing_skip_error(struct listing *listing, const char *path)
{
    const char *message = error_message();
    const size_t length = strlen(path);
    const int named = strncmp(message, path, length) == 0 && strncmp(message + length, ": ", 2) == 0;
    return listing_skip(listing, path, named ? message + length + 2 : message);
}

const char *listing_name_problem(const char *name)
{
    enum { NAME_MAXIMUM = 200 }; /* file systems take 255 bytes; suffixes need room */
    const size_t length = strlen(name);
    if (length == 0)
        return "an empty name";
    if (length > NAME_MAXIMUM)
        return "a name longer than 200 bytes";
    if (name[0] == '.')
        return "a name that starts with a dot";
    if (strchr(name, '/'))
        return "a name with a slash";
    for (const char *c = name; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 127)
            return "a name with a control character";
    return NULL;
}
