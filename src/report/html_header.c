/* The report's header: which data, which recipe, which random numbers, how long it took; and the recipe in full. */
#include "report/html.h"
#include "report/html_report.h"

#include <math.h>
#include <string.h>

/* Whether an earlier document said the same of this role. */
static bool was_said(const struct document_list *list, int before, const char *role, const json_t *set)
{
    for (int i = 0; i < before; i++)
        if (json_equal(json_object_get(json_object_get(list->documents[i].json, "sets"), role), set))
            return true;
    return false;
}

/* The last part alone: the report may be handed over, and where a set lies in the house is nobody's business. */
static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash && slash[1] ? slash + 1 : path;
}

static void write_set(FILE *out, const char *role, const json_t *set)
{
    char text[NUMBER_FOR_PEOPLE];
    const char *path = document_text(set, "path"), *hash = document_text(set, "hash");
    const double width = document_number(set, "width"), height = document_number(set, "height");
    const double channels = document_number(set, "channels");
    fputs("<tr><th scope=\"row\">", out);
    html_text(out, role);
    if (path) {
        fputs("<small>", out);
        html_text(out, last_part(path));
        fputs("</small>", out);
    }
    fputs("</th>", out);
    html_number_cell(out, count_text(text, document_number(set, "images")), "");
    html_number_cell(out, count_text(text, document_number(set, "classes")), "");
    fputs("<td class=\"number\">", out);
    if (width > 0 && height > 0)
        html_format(out, "%.0f\u00d7%.0f%s", width, height, fabs(channels - 1) < 0.5 ? " grey" : "");
    fputs("</td></tr>\n", out);
    if (hash) {
        fputs("<tr class=\"note hash\"><td colspan=\"4\"><span>SHA-256 ", out);
        html_text(out, hash);
        fputs("</span></td></tr>\n", out);
    }
}

/* Whether a set with these contents is in the table anyway. */
static bool is_listed(const struct document_list *list, const char *hash)
{
    for (int i = 0; i < list->count; i++) {
        json_t *sets = json_object_get(list->documents[i].json, "sets"), *set;
        const char *role;
        json_object_foreach(sets, role, set)
        {
            const char *known = document_text(set, "hash");
            if (known && strcmp(known, hash) == 0)
                return true;
        }
    }
    return false;
}

static void write_sets(FILE *out, const struct document_list *list, const struct html_training *training)
{
    static const char *const titles[] = {"data", "images", "classes", "size", NULL};
    const bool trained_on = training && training->hash && !is_listed(list, training->hash);
    bool any = trained_on;
    for (int i = 0; i < list->count; i++)
        any = any || json_object_size(json_object_get(list->documents[i].json, "sets")) > 0;
    if (!any)
        return;
    html_table_begin(out, NULL, titles);
    for (int i = 0; i < list->count; i++) {
        json_t *sets = json_object_get(list->documents[i].json, "sets"), *set;
        const char *role;
        json_object_foreach(sets, role, set) if (json_is_object(set) && !was_said(list, i, role, set))
            write_set(out, role, set);
    }
    if (trained_on) {
        char images[NUMBER_FOR_PEOPLE];
        fputs("<tr>", out);
        html_row_header(out, "trained on");
        html_number_cell(out, count_text(images, training->images), "");
        fputs("<td></td><td></td></tr>\n<tr class=\"note hash\"><td colspan=\"4\"><span>SHA-256 ", out);
        html_text(out, training->hash);
        fputs("</span></td></tr>\n", out);
    }
    html_table_end(out);
}

static void write_fact(FILE *out, const char *name, const char *value)
{
    fputs("<div><dt>", out);
    html_text(out, name);
    fputs("</dt><dd>", out);
    html_text(out, value);
    fputs("</dd></div>\n", out);
}

/* "sngan, 64x64, hinge, batch 64": what people ask for first. */
static void write_recipe_fact(FILE *out, const struct html_training *training)
{
    static const struct {
        const char *key, *before;
    } part[] = {{"network", ""}, {"size", ", "}, {"loss", ", "}, {"width-g", ", width "}, {"batch", ", batch "}};
    char line[200] = "";
    for (size_t i = 0; i < sizeof part / sizeof *part; i++) {
        const char *value = html_training_setting(training, part[i].key);
        const size_t length = strlen(line);
        if (value)
            snprintf(line + length, sizeof line - length, "%s%.24s", length ? part[i].before : "", value);
    }
    if (line[0])
        write_fact(out, "recipe", line);
}

/* Each seed and each version once, in the order of the documents. */
static void write_distinct(FILE *out, const char *name, const struct document_list *list,
                           void (*get)(char *, const json_t *))
{
    char line[400] = "";
    for (int i = 0; i < list->count; i++) {
        char text[NUMBER_FOR_PEOPLE], earlier[NUMBER_FOR_PEOPLE] = "";
        const size_t length = strlen(line);
        bool known = false;
        get(text, list->documents[i].json);
        for (int k = 0; k < i && !known; k++) {
            get(earlier, list->documents[k].json);
            known = strcmp(earlier, text) == 0;
        }
        if (!known && strcmp(text, "-") != 0)
            snprintf(line + length, sizeof line - length, "%s%s", length ? ", " : "", text);
    }
    if (line[0])
        write_fact(out, name, line);
}

static void get_seed(char *text, const json_t *document)
{
    seed_text(text, document);
}

static void get_version(char *text, const json_t *document)
{
    const char *version = document_text(document, "version");
    snprintf(text, NUMBER_FOR_PEOPLE, "%.40s", version ? version : "-");
}

static void write_facts(FILE *out, const struct document_list *list, const struct html_training *training)
{
    char text[NUMBER_FOR_PEOPLE];
    fputs("<dl class=\"facts\">\n", out);
    write_recipe_fact(out, training);
    if (training && training->count > 0)
        write_fact(out, "training steps", count_text(text, training->column[TRAINING_STEP][training->count - 1]));
    write_distinct(out, "seed", list, get_seed);
    write_distinct(out, "measured with Standin", list, get_version);
    fputs("</dl>\n", out);
}

void html_header(struct html_page *page, const struct document_list *list, const struct html_training *training)
{
    html_section_begin(page, "basis", "What this report is about");
    write_facts(page->out, list, training);
    write_sets(page->out, list, training);
    html_times(page->out, list, training);
    html_section_end(page);
}

void html_recipe(struct html_page *page, const struct html_training *training)
{
    if (!training || training->setting_count == 0)
        return;
    html_section_begin(page, "recipe", "The recipe in full");
    fputs("<dl class=\"facts recipe\">\n", page->out);
    for (size_t i = 0; i < training->setting_count; i++)
        write_fact(page->out, training->settings[i].key, training->settings[i].value);
    fputs("</dl>\n", page->out);
    html_section_end(page);
}
