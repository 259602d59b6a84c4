/* The report's estimate: how many images, how long, how much memory; and the learning curve. */
#include "report/html.h"
#include "report/html_curve.h"
#include "report/html_report.h"

#include <math.h>
#include <string.h>

enum { FITS = 2 };

static double fitted_error(const json_t *fit, double images)
{
    const double a = document_number(fit, "a"), b = document_number(fit, "b");
    return strcmp(document_text(fit, "form"), "power") == 0 ? a * pow(images, -b) + document_number(fit, "c")
                                                            : a - b * log(images);
}

/* The fitted curve from the least to the largest number of images, evenly on a logarithmic axis. */
static void draw_fit(struct curve_points *points, const json_t *fit, double least, double largest)
{
    points->count = CURVE_POINTS;
    for (int i = 0; i < CURVE_POINTS; i++) {
        points->x[i] = least * pow(largest / least, (double)i / (CURVE_POINTS - 1));
        const double accuracy = 1 - fitted_error(fit, points->x[i]);
        points->y[i] = accuracy >= 0 && accuracy <= 1 ? accuracy : NAN;
    }
}

struct learning_curve {
    struct curve_points real, synthetic, fit[FITS];
    struct plot_series series[2 + FITS];
    struct plot_reference references[2];
    char target[NUMBER_FOR_PEOPLE + 16], needed[NUMBER_FOR_PEOPLE + 16];
    int series_count, reference_count;
};

static void add_fits(struct learning_curve *curve, const json_t *fits, double least, double largest)
{
    int drawn = 0;
    for (size_t i = 0; i < json_array_size(fits) && drawn < FITS; i++) {
        const json_t *fit = json_array_get(fits, i);
        const char *form = document_text(fit, "form");
        const bool power = form && strcmp(form, "power") == 0;
        if (!power && !(form && strcmp(form, "logarithm") == 0))
            continue;
        draw_fit(&curve->fit[drawn], fit, least, largest);
        curve->series[curve->series_count] = curve_points_series(
            &curve->fit[drawn], power ? "fit: a\u00b7n\u207b\u1d47 + c" : "fit: a \u2212 b\u00b7log n",
            PLOT_THIRD + (unsigned)drawn, PLOT_LINE);
        curve->series[curve->series_count++].dashed = true;
        drawn++;
    }
}

static void add_answer(struct learning_curve *curve, const json_t *answer, double *largest)
{
    char text[NUMBER_FOR_PEOPLE];
    const double target = document_number(answer, "target"), met = document_number(answer, "met_at");
    const double needed = isnan(met) ? document_number(answer, "about") : met;
    if (target > 0 && target <= 1) {
        snprintf(curve->target, sizeof curve->target, "target %s", share_text(text, target));
        curve->references[curve->reference_count++] = (struct plot_reference){.name = curve->target, .at = target};
    }
    if (needed >= 1) {
        snprintf(curve->needed, sizeof curve->needed, "%s%s images", isnan(met) ? "about " : "",
                 count_text(text, needed));
        curve->references[curve->reference_count++] =
            (struct plot_reference){.name = curve->needed, .at = needed, .upright = true};
        *largest = fmax(*largest, needed);
    }
}

static void write_curve(FILE *out, const char *id, const json_t *document)
{
    struct learning_curve curve = {0};
    curve_points_read(&curve.real, document_array(document, "curve"));
    curve_points_read(&curve.synthetic, document_array(document, "synthetic_curve"));
    double largest = curve.real.largest;
    if (!(curve.real.least > 0 && curve.real.least <= largest))
        return;
    curve.series[curve.series_count++] =
        curve_points_series(&curve.real, "trained on real images", PLOT_REAL, PLOT_POINTS | PLOT_LINE | PLOT_BAND);
    if (curve.synthetic.count > 0)
        curve.series[curve.series_count++] = curve_points_series(&curve.synthetic, "trained on synthetic images",
                                                                 PLOT_SYNTHETIC, PLOT_POINTS | PLOT_LINE | PLOT_BAND);
    add_answer(&curve, json_object_get(document, "how_many"), &largest);
    add_fits(&curve, document_array(document, "fits"), curve.real.least, largest);
    struct plot plot = curve_plot(id);
    plot.caption = "Bands: 95 % intervals. Synthetic images came from a generator that had so many real images.";
    plot.series = curve.series;
    plot.series_count = curve.series_count;
    plot.references = curve.references;
    plot.reference_count = curve.reference_count;
    plot_write(out, &plot);
}

void html_estimate(struct html_page *page, const json_t *document)
{
    static const struct {
        const char *key, *question;
    } answers[] = {
        {"how_many", "How many images?"}, {"how_long", "How long?"}, {"how_much_memory", "How much memory?"}};
    html_section_begin(page, "estimate", "How many images, how long");
    fputs("<dl class=\"answers\">\n", page->out);
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        const char *sentence = document_text(json_object_get(document, answers[i].key), "sentence");
        if (!sentence)
            continue;
        fprintf(page->out, "<dt>%s</dt><dd>", answers[i].question);
        html_text(page->out, sentence);
        fputs("</dd>\n", page->out);
    }
    fputs("</dl>\n", page->out);
    char id[sizeof page->headings->id + 8];
    html_section_part(id, sizeof id, page, "curve");
    write_curve(page->out, id, document);
    curve_write_table(page->out, document_array(document, "curve"), document_array(document, "synthetic_curve"));
    html_section_end(page);
}
