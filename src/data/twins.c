/* Names are compared letter by letter, without capitals and accents. */
#include "data/twins.h"

#include "base/error.h"
#include "base/log.h"
#include "base/memory.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>

struct folded {
    char *text;
    int class_index;
};

static int compare_folded(const void *a, const void *b)
{
    const struct folded *x = a, *y = b;
    const int order = strcmp(x->text, y->text);
    return order ? order : x->class_index - y->class_index;
}

/* Without capitals and accents, however these are encoded. Free with g_free. */
static char *folded_name(const char *name)
{
    if (!g_utf8_validate(name, -1, NULL))
        return g_ascii_strdown(name, -1);
    char *apart = g_utf8_normalize(name, -1, G_NORMALIZE_ALL); /* letters and their marks one after another */
    GString *letters = g_string_new(NULL);
    for (const char *at = apart; *at; at = g_utf8_next_char(at))
        if (!g_unichar_ismark(g_utf8_get_char(at)))
            g_string_append_unichar(letters, g_utf8_get_char(at));
    char *folded = g_utf8_casefold(letters->str, -1);
    g_string_free(letters, TRUE);
    g_free(apart);
    return folded;
}

int twins_warn(const char *const *classes, size_t count)
{
    struct folded *folded = memory_new(count, sizeof *folded);
    if (!folded)
        return STATUS_MEMORY;
    for (size_t i = 0; i < count; i++)
        folded[i] = (struct folded){folded_name(classes[i]), (int)i};
    qsort(folded, count, sizeof *folded, compare_folded);
    for (size_t i = 1; i < count; i++)
        if (strcmp(folded[i - 1].text, folded[i].text) == 0)
            log_line("the classes %s and %s differ only in capitals or accents; they are kept apart",
                     classes[folded[i - 1].class_index], classes[folded[i].class_index]);
    for (size_t i = 0; i < count; i++)
        g_free(folded[i].text);
    free(folded);
    return 0;
}
