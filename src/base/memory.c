/* Checked allocation and a plain chunked arena. */
#include "base/memory.h"

#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool size_multiply(int64_t a, int64_t b, int64_t *product)
{
    return !__builtin_mul_overflow(a, b, product);
}

static void *out_of_memory(size_t bytes)
{
    error_set(STATUS_MEMORY, "out of memory: %zu bytes", bytes);
    return NULL;
}

void *memory_new(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size ? size : 1);
    return memory ? memory : out_of_memory(count * size);
}

void *memory_new_aligned(size_t bytes)
{
    if (bytes > SIZE_MAX - MEMORY_ALIGNMENT)
        return out_of_memory(bytes);
    const size_t rounded = (bytes + MEMORY_ALIGNMENT) / MEMORY_ALIGNMENT * MEMORY_ALIGNMENT;
    void *memory = aligned_alloc(MEMORY_ALIGNMENT, rounded);
    return memory ? memset(memory, 0, rounded) : out_of_memory(bytes);
}

int memory_grow(void *array, size_t *capacity, size_t count, size_t size)
{
    if (count <= *capacity)
        return 0;
    size_t wanted = *capacity ? *capacity : 8;
    while (wanted < count)
        wanted *= 2;
    void *old, *grown;
    memcpy(&old, array, sizeof old);
    grown = reallocarray(old, wanted, size);
    if (!grown)
        return error_set(STATUS_MEMORY, "out of memory: %zu elements of %zu bytes", wanted, size);
    memcpy(array, &grown, sizeof grown);
    *capacity = wanted;
    return 0;
}

char *text_copy(const char *text)
{
    char *copy = strdup(text);
    return copy ? copy : out_of_memory(strlen(text));
}

char *text_format(const char *format, ...)
{
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    const int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    return length >= 0 ? text : out_of_memory(0);
}

void text_make_plain(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 127)
            *text = '?';
}

enum { CHUNK_SIZE = 64 * 1024 };

struct chunk {
    struct chunk *next;
    size_t used, size;
    _Alignas(16) char bytes[];
};

struct arena {
    struct chunk *chunks;
};

struct arena *arena_new(void)
{
    return memory_new(1, sizeof(struct arena));
}

void *arena_take(struct arena *arena, size_t bytes)
{
    const size_t rounded = (bytes + 15) / 16 * 16;
    struct chunk *chunk = arena->chunks;
    if (!chunk || chunk->size - chunk->used < rounded) {
        const size_t size = rounded > CHUNK_SIZE ? rounded : CHUNK_SIZE;
        chunk = memory_new(1, sizeof *chunk + size);
        if (!chunk)
            return NULL;
        chunk->size = size;
        chunk->next = arena->chunks;
        arena->chunks = chunk;
    }
    void *taken = chunk->bytes + chunk->used;
    chunk->used += rounded;
    return taken;
}

char *arena_text(struct arena *arena, const char *text)
{
    const size_t size = strlen(text) + 1;
    char *copy = arena_take(arena, size);
    return copy ? memcpy(copy, text, size) : NULL;
}

void arena_free(struct arena *arena)
{
    if (!arena)
        return;
    for (struct chunk *chunk = arena->chunks, *next; chunk; chunk = next) {
        next = chunk->next;
        free(chunk);
    }
    free(arena);
}
