/* Tables of a terminal: columns as wide as they need to be, together narrower than TEXT_WIDTH; and sentences that break
 * at spaces. What comes from files loses its control characters. */
#ifndef REPORT_DOCUMENT_TEXT_TABLE_H
#define REPORT_DOCUMENT_TEXT_TABLE_H

#include <stddef.h>
#include <stdio.h>

enum { TEXT_WIDTH = 98, TABLE_COLUMNS = 10 };

struct text_table {
    const char *alignment; /* a letter a column: l or r */
    char **cells;          /* row by row */
    size_t count, capacity;
    int status; /* sticks: STATUS_MEMORY */
};

/* All cells of a row one after another; "" is an empty one. */
void text_table_begin(struct text_table *table, const char *alignment);
void text_table_cell(struct text_table *table, const char *text);

/* A sentence below the row before it, over all columns. */
void text_table_note(struct text_table *table, const char *text);

/* Writes the table and frees it; 0 or STATUS_MEMORY. */
int text_table_end(struct text_table *table, FILE *out);

/* Text as lines of at most TEXT_WIDTH letters, the first after `first`, the others after as many spaces. */
void text_wrap(FILE *out, const char *first, const char *text);

#endif
