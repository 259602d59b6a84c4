/* The report's sets of images: each once, with all the parts that it played. */
#include "report/html.h"
#include "report/html_report.h"

#include <math.h>
#include <string.h>

enum { SETS = 64 };

struct set_row {
    const json_t *set;
    char roles[80];
};

struct set_table {
    struct set_row rows[SETS];
    int count;
};

static bool has_hash(const json_t *set, const char *hash)
{
    const char *own = document_text(set, "hash");
    return own && hash && strcmp(own, hash) == 0;
}

/* A hash is of contents alone: the same images may have been opened in two sizes. What is not said makes no difference.
 */
static bool is_same(const json_t *a, const json_t *b)
{
    static const char *const keys[] = {"width", "height", "channels"};
    if (!document_text(a, "hash"))
        return json_equal(a, b);
    bool same = has_hash(a, document_text(b, "hash"));
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        same = same && !islessgreater(document_number(a, keys[i]), document_number(b, keys[i]));
    return same;
}

/* "real, train". */
static void add_role(struct set_row *row, const char *role)
{
    const size_t length = strlen(row->roles), letters = strlen(role);
    for (const char *at = row->roles; letters > 0 && (at = strstr(at, role)); at++)
        if ((at == row->roles || at[-1] == ' ') && (at[letters] == ',' || at[letters] == 0))
            return;
    if (letters > 0 && length + letters + 3 < sizeof row->roles)
        snprintf(row->roles + length, sizeof row->roles - length, "%s%s", length ? ", " : "", role);
}

static void add(struct set_table *table, const char *role, const json_t *set)
{
    int i = 0;
    while (i < table->count && !is_same(table->rows[i].set, set))
        i++;
    if (i == SETS)
        return;
    if (i == table->count)
        table->rows[table->count++] = (struct set_row){.set = set};
    add_role(&table->rows[i], role);
}

static void collect(struct set_table *table, const struct document_list *list)
{
    for (int i = 0; i < list->count; i++) {
        json_t *sets = json_object_get(list->documents[i].json, "sets"), *set;
        const char *role;
        json_object_foreach(sets, role, set)
        {
            if (json_is_object(set))
                add(table, role, set);
        }
    }
}

static bool is_listed(const struct set_table *table, const char *hash)
{
    for (int i = 0; i < table->count; i++)
        if (has_hash(table->rows[i].set, hash))
            return true;
    return false;
}

/* ---- The table ---------------------------------------------------------------------------------------------- */

/* The last part alone: the report may be handed over, and where a set lies in the house is nobody's business. */
static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash && slash[1] ? slash + 1 : path;
}

static void write_hash(FILE *out, const char *hash)
{
    fputs("<tr class=\"note hash\"><td colspan=\"4\"><span>SHA-256 ", out);
    html_text(out, hash);
    fputs("</span></td></tr>\n", out);
}

static void write_row(FILE *out, const struct set_row *row)
{
    char text[NUMBER_FOR_PEOPLE];
    const char *path = document_text(row->set, "path"), *hash = document_text(row->set, "hash");
    const double width = document_number(row->set, "width"), height = document_number(row->set, "height");
    const double channels = document_number(row->set, "channels");
    fputs("<tr><th scope=\"row\">", out);
    html_text(out, row->roles);
    if (path) {
        fputs("<small>", out);
        html_text(out, last_part(path));
        fputs("</small>", out);
    }
    fputs("</th>", out);
    html_number_cell(out, count_text(text, document_number(row->set, "images")), "");
    html_number_cell(out, count_text(text, document_number(row->set, "classes")), "");
    fputs("<td class=\"number\">", out);
    if (width > 0 && height > 0)
        html_format(out, "%.0f\u00d7%.0f%s", width, height, fabs(channels - 1) < 0.5 ? " grey" : "");
    fputs("</td></tr>\n", out);
    if (hash)
        write_hash(out, hash);
}

static void write_trained_on(FILE *out, const struct html_training *training)
{
    char images[NUMBER_FOR_PEOPLE];
    fputs("<tr>", out);
    html_row_header(out, "trained on");
    html_number_cell(out, count_text(images, training->images), "");
    fputs("<td></td><td></td></tr>\n", out);
    write_hash(out, training->hash);
}

void html_sets(FILE *out, const struct document_list *list, const struct html_training *training)
{
    static const char *const titles[] = {"data", "images", "classes", "size", NULL};
    struct set_table table = {.count = 0};
    collect(&table, list);
    const bool trained_on = training && training->hash && !is_listed(&table, training->hash);
    if (table.count == 0 && !trained_on)
        return;
    html_table_begin(out, NULL, titles);
    for (int i = 0; i < table.count; i++)
        write_row(out, &table.rows[i]);
    if (trained_on)
        write_trained_on(out, training);
    html_table_end(out);
}
