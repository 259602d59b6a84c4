/* The report's header: which data, which recipe, which random numbers, how long it took; and the recipe in full. */
#include "report/html.h"
#include "report/html_report.h"

#include <string.h>

static void write_fact(FILE *out, const char *name, const char *value)
{
    fputs("<div><dt>", out);
    html_text(out, name);
    fputs("</dt><dd>", out);
    html_text(out, value);
    fputs("</dd></div>\n", out);
}

/* "auto: sngan, 64x64, hinge, batch 64": what people ask for first. What a recipe was called is known of a whole job
 * alone. */
static void write_recipe_fact(FILE *out, const struct document_list *list, const struct html_training *training)
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
    const char *name = document_text(document_list_first(list, DOCUMENT_MAKE), "recipe");
    char named[sizeof line + 64];
    snprintf(named, sizeof named, "%.60s%s%s", name ? name : "", name && line[0] ? ": " : "", line);
    if (named[0])
        write_fact(out, "recipe", named);
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
    write_recipe_fact(out, list, training);
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
    html_sets(page->out, list, training);
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
