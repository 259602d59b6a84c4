/* The report: one HTML file that needs nothing else. This file puts its parts in order; each part is a file of its own.
 */
#include "report/html_report.h"

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "report/html.h"

#include <stdlib.h>
#include <string.h>

/* ---- Page ------------------------------------------------------------------------------------------------- */

static int sections_of(const struct html_page *page, const char *id)
{
    const size_t length = strlen(id);
    int count = 0;
    for (size_t i = 0; i < page->count; i++)
        count += strncmp(page->headings[i].id, id, length) == 0 &&
                 (page->headings[i].id[length] == 0 || page->headings[i].id[length] == '-');
    return count;
}

void html_section_begin(struct html_page *page, const char *id, const char *heading)
{
    const int earlier = sections_of(page, id);
    struct html_heading entry;
    if (earlier > 0)
        snprintf(entry.id, sizeof entry.id, "%s-%d", id, earlier + 1);
    else
        snprintf(entry.id, sizeof entry.id, "%s", id);
    entry.text = text_copy(heading);
    if (!entry.text || memory_grow(&page->headings, &page->capacity, page->count + 1, sizeof *page->headings) < 0) {
        free(entry.text);
        page->status = STATUS_MEMORY;
    } else {
        page->headings[page->count++] = entry;
    }
    fprintf(page->out, "<section id=\"%s\" aria-labelledby=\"%s-heading\">\n<h2 id=\"%s-heading\">", entry.id, entry.id,
            entry.id);
    html_text(page->out, heading);
    fputs("</h2>\n", page->out);
}

void html_section_end(struct html_page *page)
{
    fputs("</section>\n", page->out);
}

void html_section_part(char *id, size_t bytes, const struct html_page *page, const char *part)
{
    snprintf(id, bytes, "%s-%s", page->count > 0 ? page->headings[page->count - 1].id : "page", part);
}

void html_contents(FILE *out, const struct html_page *page)
{
    fputs("<nav aria-label=\"Contents\"><ol>\n", out);
    for (size_t i = 0; i < page->count; i++) {
        fprintf(out, "<li><a href=\"#%s\">", page->headings[i].id);
        html_text(out, page->headings[i].text);
        fputs("</a></li>\n", out);
    }
    fputs("</ol></nav>\n", out);
}

void html_page_forget(struct html_page *page)
{
    for (size_t i = 0; i < page->count; i++)
        free(page->headings[i].text);
    free(page->headings);
    *page = (struct html_page){0};
}

void html_paragraph(FILE *out, const char *class_name, const char *text)
{
    fprintf(out, class_name[0] ? "<p class=\"%s\">" : "<p>", class_name);
    html_text(out, text);
    fputs("</p>\n", out);
}

void html_sentences(FILE *out, const json_t *sentences)
{
    if (json_array_size(sentences) == 0)
        return;
    fputs("<ul class=\"sentences\">\n", out);
    for (size_t i = 0; i < json_array_size(sentences); i++) {
        const char *sentence = json_string_value(json_array_get(sentences, i));
        if (!sentence)
            continue;
        fputs("<li>", out);
        html_text(out, sentence);
        fputs("</li>\n", out);
    }
    fputs("</ul>\n", out);
}

/* ---- Parts ------------------------------------------------------------------------------------------------ */

struct material {
    const standin_report *report;
    struct document_list documents;
    struct html_training *training;
};

static void write_all(struct html_page *page, const struct material *material, enum document_kind kind,
                      void (*write)(struct html_page *, const json_t *))
{
    const struct document_list *list = &material->documents;
    for (int i = 0; i < list->count; i++)
        if (list->documents[i].kind == kind)
            write(page, list->documents[i].json);
}

static void write_training(struct html_page *page, const struct material *material)
{
    const bool shows_samples = !material->report->synthetic && material->training && material->training->samples;
    if (!material->training ||
        (material->training->count < 2 && !shows_samples && material->training->alarm_count == 0))
        return;
    html_section_begin(page, "training", "How the training went");
    html_training_write_alarms(page->out, material->training);
    html_training_write_curves(page->out, material->training);
    if (shows_samples)
        html_training_write_samples(page->out, material->training);
    html_section_end(page);
}

static void write_unknown(struct html_page *page, const struct material *material)
{
    const struct document_list *list = &material->documents;
    bool any = false;
    for (int i = 0; i < list->count; i++)
        any = any || json_array_size(document_array(list->documents[i].json, "unknown")) > 0;
    if (!any)
        return;
    html_section_begin(page, "unknown", "What is not known");
    for (int i = 0; i < list->count; i++)
        html_sentences(page->out, document_array(list->documents[i].json, "unknown"));
    html_section_end(page);
}

static void write_body(struct html_page *page, const struct material *material)
{
    html_header(page, &material->documents, material->training);
    write_all(page, material, DOCUMENT_UTILITY, html_utility);
    write_all(page, material, DOCUMENT_AUGMENTATION, html_augmentation);
    write_all(page, material, DOCUMENT_EVALUATION, html_evaluation);
    write_all(page, material, DOCUMENT_ESTIMATE, html_estimate);
    write_training(page, material);
    html_samples(page, material->report->real, material->report->synthetic, material->report->seed);
    html_worst_class(page, document_list_first(&material->documents, DOCUMENT_EVALUATION),
                     document_list_first(&material->documents, DOCUMENT_UTILITY));
    write_all(page, material, DOCUMENT_SELECTION, html_selection);
    write_unknown(page, material);
    html_recipe(page, material->training);
}

/* ---- The whole -------------------------------------------------------------------------------------------- */

static int write_page(FILE *out, const struct material *material, const struct html_page *page, const char *body)
{
    int status;
    const char *title = material->report->title ? material->report->title : "Standin: report";
    const json_t *evaluation = document_list_first(&material->documents, DOCUMENT_EVALUATION);
    char *verdict = document_verdict(&status, document_list_first(&material->documents, DOCUMENT_UTILITY), evaluation);
    html_begin(out, title);
    fputs("<div class=\"page\">\n<header>\n<p class=\"kicker\">Report on a synthetic set of images</p>\n<h1>", out);
    html_text(out, title);
    fputs("</h1>\n", out);
    if (verdict)
        html_paragraph(out, document_leak(evaluation) == LEAK_FOUND ? "verdict bad" : "verdict", verdict);
    fputs("</header>\n", out);
    html_contents(out, page);
    fprintf(out,
            "<main>\n%s</main>\n<footer><p>Written by Standin %s. This file is complete: it loads nothing and runs no "
            "script."
            "</p></footer>\n</div>\n",
            body, STANDIN_VERSION);
    html_end(out);
    free(verdict);
    return status;
}

static int write_report(char **text, size_t *bytes, const struct material *material)
{
    struct html_page page = {0};
    char *body = NULL;
    size_t body_bytes;
    page.out = open_memstream(&body, &body_bytes);
    if (!page.out)
        return error_set(STATUS_MEMORY, "out of memory");
    write_body(&page, material);
    int status = fclose(page.out) == 0 ? page.status : STATUS_MEMORY;
    FILE *out = status == 0 ? open_memstream(text, bytes) : NULL;
    if (out) {
        status = write_page(out, material, &page, body);
        if (fclose(out) != 0)
            status = error_set(STATUS_MEMORY, "out of memory");
    } else if (status == 0) {
        status = error_set(STATUS_MEMORY, "out of memory");
    }
    html_page_forget(&page);
    free(body);
    return status;
}

static int check(const standin_report *report)
{
    const standin_dataset *sets[] = {report->real, report->synthetic};
    for (int i = 0; i < 2; i++)
        if (sets[i] && standin_dataset_width(sets[i]) == 0)
            return error_set(STATUS_INPUT, "the report needs the %s images with their pixels: open the set with a size",
                             i == 0 ? "real" : "synthetic");
    if (report->document_count < 0 || (report->document_count > 0 && !report->documents))
        return error_set(STATUS_INPUT, "%d documents", report->document_count);
    return 0;
}

static int read_material(struct material *material, const standin_report *report)
{
    int status = report->run ? html_training_read(&material->training, report->run) : 0;
    material->report = report;
    for (int i = 0; status == 0 && i < report->document_count; i++)
        status = document_list_read(&material->documents, report->documents[i]);
    return status;
}

static void free_material(struct material *material)
{
    document_list_free(&material->documents);
    html_training_free(material->training);
}

int standin_report_write(const char *path, const standin_report *report)
{
    struct material material = {0};
    char *text = NULL;
    size_t bytes = 0;
    int status = check(report);
    if (status < 0)
        return status;
    const locale_t before = html_numbers_begin();
    if ((status = read_material(&material, report)) == 0)
        status = write_report(&text, &bytes, &material);
    html_numbers_end(before);
    if (status == 0)
        status = file_replace(path, text, bytes);
    free(text);
    free_material(&material);
    return status;
}
