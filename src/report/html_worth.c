/* How many real images the synthetic ones are worth: the sentence, and the curve of real images that it was read off,
 * with what the synthetic ones teach as a line across it. */
#include "report/html.h"
#include "report/html_curve.h"
#include "report/html_report.h"

#include <math.h>

static void write_sentence(FILE *out, const json_t *measure, const struct measure_text *text)
{
    char images[NUMBER_FOR_PEOPLE];
    fputs("<p><strong>Effective real size:</strong> ", out);
    if (text->refused)
        html_text(out, text->refused);
    else
        html_format(out, "a classifier needs %s real images to be as good as with these synthetic ones%s%s%s.",
                    count_text(images, document_number(measure, "value")), text->interval[0] ? " (95 % interval " : "",
                    text->interval, text->interval[0] ? ")" : "");
    fputs("</p>\n", out);
}

/* Across the whole plot: what synthetic images teach does not depend on how many real ones there are. */
static void lay_across(struct curve_points *line, const struct curve_points *curve, const json_t *row, double value)
{
    const struct interval interval = document_interval(row, "interval");
    line->count = 2;
    line->x[0] = fmin(curve->least, value > 0 ? value : HUGE_VAL);
    line->x[1] = fmax(curve->largest, value > 0 ? value : 0);
    for (int i = 0; i < line->count; i++) {
        line->y[i] = document_number(row, "accuracy");
        line->low[i] = interval.low;
        line->high[i] = interval.high;
    }
}

static void write_caption(char *caption, size_t bytes, const struct measure_text *text, double value)
{
    char images[NUMBER_FOR_PEOPLE];
    if (text->refused)
        snprintf(caption, bytes, "The synthetic images: %s. The band is a 95 %% interval.", text->refused);
    else
        snprintf(caption, bytes,
                 "Learning from %s real images gives what these synthetic images give: there the curve meets the line. "
                 "The band is a 95 %% interval.",
                 count_text(images, value));
}

static void write_plot(FILE *out, const char *id, const json_t *measure, const struct measure_text *text,
                       const json_t *tstr)
{
    struct curve_points real, line;
    char caption[400], name[NUMBER_FOR_PEOPLE + 16], images[NUMBER_FOR_PEOPLE];
    const double value = document_number(measure, "value");
    curve_points_read(&real, document_array(measure, "curve"));
    if (!(real.least > 0 && real.least <= real.largest))
        return;
    lay_across(&line, &real, tstr, value);
    struct plot_series series[] = {
        curve_points_series(&real, "trained on so many real images", PLOT_REAL, PLOT_POINTS | PLOT_LINE),
        curve_points_series(&line, "TSTR: trained on the synthetic images", PLOT_SYNTHETIC, PLOT_LINE | PLOT_BAND)};
    series[1].dashed = true;
    write_caption(caption, sizeof caption, text, value);
    snprintf(name, sizeof name, "%s images", count_text(images, value));
    const struct plot_reference reference = {.name = name, .at = value, .upright = true};
    struct plot plot = curve_plot(id);
    plot.caption = caption;
    plot.series = series;
    plot.series_count = isnan(line.y[0]) ? 1 : 2;
    plot.references = &reference;
    plot.reference_count = value > 0 ? 1 : 0;
    plot_write(out, &plot);
    curve_write_table(out, document_array(measure, "curve"), NULL);
}

void html_worth(struct html_page *page, const json_t *utility)
{
    const json_t *measure = json_object_get(utility, "effective_real_size");
    struct measure_text text;
    char id[sizeof page->headings->id + 8];
    if (!measure)
        return;
    measure_text(&text, measure);
    write_sentence(page->out, measure, &text);
    html_section_part(id, sizeof id, page, "curve");
    write_plot(page->out, id, measure, &text, document_find(document_array(utility, "rows"), "name", "tstr"));
    if (text.note[0])
        html_paragraph(page->out, "key", text.note);
}
