/* What follows from a set's images once they are known: classes, duplicates, the hash. */
#include "base/error.h"
#include "base/memory.h"
#include "data/set.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>

/* ---- Classes --------------------------------------------------------------------------------------------- */

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int settle_classes(standin_dataset *dataset)
{
    const size_t count = (size_t)dataset->count;
    dataset->classes = memory_new(count, sizeof *dataset->classes);
    dataset->class_images = memory_new(count, sizeof *dataset->class_images);
    if (!dataset->classes || !dataset->class_images)
        return STATUS_MEMORY;
    for (size_t i = 0; i < count; i++)
        dataset->classes[i] = dataset->records[i].entry.class_name;
    qsort(dataset->classes, count, sizeof *dataset->classes, compare_texts);
    size_t classes = 1;
    for (size_t i = 1; i < count; i++)
        if (strcmp(dataset->classes[i], dataset->classes[classes - 1]) != 0)
            dataset->classes[classes++] = dataset->classes[i];
    dataset->classes_count = (int)classes;
    for (size_t i = 0; i < count; i++) {
        const char **found = bsearch(&dataset->records[i].entry.class_name, dataset->classes, classes,
                                     sizeof *dataset->classes, compare_texts);
        dataset->labels[i] = (int32_t)(found - dataset->classes);
        dataset->class_images[dataset->labels[i]]++;
    }
    return 0;
}

/* ---- Duplicates and hash --------------------------------------------------------------------------------- */

static int compare_digests(const void *a, const void *b)
{
    const struct record *x = *(struct record *const *)a, *y = *(struct record *const *)b;
    const int order = memcmp(x->decoded.digest, y->decoded.digest, DIGEST_SIZE);
    return order ? order : x < y ? -1 : x > y;
}

static int find_duplicates(standin_dataset *dataset)
{
    const size_t count = (size_t)dataset->count;
    struct record **order = memory_new(count, sizeof *order);
    if (!order)
        return STATUS_MEMORY;
    for (size_t i = 0; i < count; i++)
        order[i] = &dataset->records[i];
    qsort(order, count, sizeof *order, compare_digests);
    const struct record *first = order[0];
    for (size_t i = 0; i < count; i++) {
        if (memcmp(order[i]->decoded.digest, first->decoded.digest, DIGEST_SIZE) != 0)
            first = order[i];
        order[i]->duplicate_of = order[i] == first ? -1 : first - dataset->records;
    }
    free(order);
    return 0;
}

static void add_text(GChecksum *checksum, const char *text)
{
    g_checksum_update(checksum, (const guchar *)text, (gssize)strlen(text) + 1);
}

static void settle_hash(standin_dataset *dataset)
{
    GChecksum *checksum = g_checksum_new(G_CHECKSUM_SHA256);
    for (int64_t i = 0; i < dataset->count; i++) {
        const struct record *record = &dataset->records[i];
        add_text(checksum, record->entry.name);
        add_text(checksum, record->entry.class_name);
        add_text(checksum, record->entry.group);
        add_text(checksum, record->entry.split);
        g_checksum_update(checksum, record->decoded.digest, DIGEST_SIZE);
    }
    g_strlcpy(dataset->hash, g_checksum_get_string(checksum), sizeof dataset->hash);
    g_checksum_free(checksum);
}

int set_settle(standin_dataset *dataset)
{
    int status = settle_classes(dataset);
    if (status == 0)
        status = find_duplicates(dataset);
    if (status == 0)
        settle_hash(dataset);
    return status;
}
