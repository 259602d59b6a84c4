/* Memory: allocations whose sizes are products that may come from a file, and are therefore checked. */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MEMORY_ALIGNMENT = 64 }; /* a cache line, and the widest vector */

/* *product = a * b, or false when that does not fit. a, b >= 0. */
bool size_multiply(int64_t a, int64_t b, int64_t *product);

/* Zeroed storage of count * size bytes, or NULL with the error set. Free with free(). */
void *memory_new(size_t count, size_t size);

/* The same, aligned to MEMORY_ALIGNMENT and rounded up to it. Free with free(). */
void *memory_new_aligned(size_t bytes);

/* Grows *array to hold at least `count` elements of `size` bytes, doubling; 0 or STATUS_MEMORY.
 * *capacity is in elements. New elements are not initialised. */
int memory_grow(void *array, size_t *capacity, size_t count, size_t size);

/* A copy of text, or NULL with the error set. */
char *text_copy(const char *text);

/* A new formatted string, or NULL with the error set. */
char *text_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Turns control characters into question marks: names and values of foreign files must not speak to the terminal. */
void text_make_plain(char *text);

/* Storage that is given back all at once: many small objects with one lifetime. */
struct arena;
struct arena *arena_new(void);                        /* NULL with the error set */
void *arena_take(struct arena *arena, size_t bytes);  /* zeroed, aligned to 16; NULL with the error set */
char *arena_text(struct arena *arena, const char *text);
void arena_free(struct arena *arena);

#endif
