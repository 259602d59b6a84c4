/* How much memory a set may fill: most of the machine's, so that a folder that is too large is an error with a
 * number in it and not a machine that stops answering. */
#ifndef DATA_MEMORY_LIMIT_H
#define DATA_MEMORY_LIMIT_H

#include <stdint.h>
#include <unistd.h>

/* Three quarters of the physical memory, in bytes. */
static inline int64_t memory_limit(void)
{
    const int64_t pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
    return pages > 0 && page > 0 ? pages / 4 * 3 * page : INT64_MAX;
}

static inline double gibibytes(int64_t bytes)
{
    return (double)bytes / (1 << 30);
}

#endif
