/* Names of classes to metadata and back. */
#include "train/class_names.h"

#include "base/error.h"
#include "base/memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_SIZE = 32 };

int class_names_set(struct metadata *metadata, const standin_dataset *dataset)
{
    int status = metadata_set_integer(metadata, "classes", standin_dataset_classes(dataset));
    for (int i = 0; status == 0 && i < standin_dataset_classes(dataset); i++) {
        char key[KEY_SIZE];
        snprintf(key, sizeof key, "class.%d", i);
        status = metadata_set(metadata, key, standin_dataset_class_name(dataset, i));
    }
    return status;
}

int class_names_count(const struct metadata *metadata, int64_t *classes)
{
    return metadata_integer(metadata, "classes", 1, metadata_entries(metadata), classes);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Two classes of one name would share a folder, and nobody could tell their images apart. */
static int check_different(char *const *names, int64_t classes)
{
    char **sorted = memory_new((size_t)classes, sizeof *sorted);
    if (!sorted)
        return STATUS_MEMORY;
    memcpy(sorted, names, (size_t)classes * sizeof *sorted);
    qsort(sorted, (size_t)classes, sizeof *sorted, by_name);
    int status = 0;
    for (int64_t i = 1; status == 0 && i < classes; i++)
        if (strcmp(sorted[i - 1], sorted[i]) == 0)
            status = error_set(STATUS_INPUT, "two classes have the name '%.80s'", sorted[i]);
    free(sorted);
    return status;
}

int class_names_read(char ***names, const struct metadata *metadata, int64_t classes)
{
    *names = memory_new((size_t)classes, sizeof **names);
    int status = *names ? 0 : STATUS_MEMORY;
    for (int64_t i = 0; status == 0 && i < classes; i++) {
        char key[KEY_SIZE];
        const char *name;
        snprintf(key, sizeof key, "class.%" PRId64, i);
        status = metadata_text(metadata, key, &name);
        if (status == 0 && !((*names)[i] = text_copy(name)))
            status = STATUS_MEMORY;
    }
    return status == 0 ? check_different(*names, classes) : status;
}

void class_names_free(char **names, int64_t classes)
{
    for (int64_t i = 0; names && i < classes; i++)
        free(names[i]);
    free(names);
}
