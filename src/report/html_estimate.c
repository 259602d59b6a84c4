/* The report's estimate: how many images, how long, how much memory; and the learning curve. */
#include "report/html.h"
#include "report/html_report.h"
#include "report/plot.h"

#include <math.h>
#include <string.h>

enum { POINTS = 64, FITS = 2 };

struct points {
    double x[POINTS], y[POINTS], low[POINTS], high[POINTS];
    int count;
};

static void read_points(struct points *points, const json_t *curve)
{
    points->count = 0;
    for (size_t i = 0; i < json_array_size(curve) && points->count < POINTS; i++) {
        const json_t *one = json_array_get(curve, i);
        const struct interval interval = document_interval(one, "interval");
        const int k = points->count++;
        points->x[k] = document_number(one, "images");
        points->y[k] = document_number(one, "accuracy");
        points->low[k] = interval.low;
        points->high[k] = interval.high;
    }
}

static double fitted_error(const json_t *fit, double images)
{
    const double a = document_number(fit, "a"), b = document_number(fit, "b");
    return strcmp(document_text(fit, "form"), "power") == 0 ? a * pow(images, -b) + document_number(fit, "c")
                                                            : a - b * log(images);
}

/* The fitted curve from the least to the largest number of images, evenly on a logarithmic axis. */
static void draw_fit(struct points *points, const json_t *fit, double least, double largest)
{
    points->count = POINTS;
    for (int i = 0; i < POINTS; i++) {
        points->x[i] = least * pow(largest / least, (double)i / (POINTS - 1));
        const double accuracy = 1 - fitted_error(fit, points->x[i]);
        points->y[i] = accuracy >= 0 && accuracy <= 1 ? accuracy : NAN;
    }
}

struct learning_curve {
    struct points real, synthetic, fit[FITS];
    struct plot_series series[2 + FITS];
    struct plot_reference references[2];
    char target[NUMBER_FOR_PEOPLE + 16], needed[NUMBER_FOR_PEOPLE + 16];
    int series_count, reference_count;
};

static struct plot_series series_of(const struct points *points, const char *name, enum plot_colour colour,
                                    unsigned marks)
{
    return (struct plot_series){.name = name,
                                .marks = marks,
                                .colour = colour,
                                .x = points->x,
                                .y = points->y,
                                .low = marks & PLOT_BAND ? points->low : NULL,
                                .high = marks & PLOT_BAND ? points->high : NULL,
                                .count = points->count};
}

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
        curve->series[curve->series_count] =
            series_of(&curve->fit[drawn], power ? "fit: a\u00b7n\u207b\u1d47 + c" : "fit: a \u2212 b\u00b7log n",
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
    double least = HUGE_VAL, largest = 0;
    read_points(&curve.real, document_array(document, "curve"));
    read_points(&curve.synthetic, document_array(document, "synthetic_curve"));
    for (int i = 0; i < curve.real.count; i++) {
        least = fmin(least, curve.real.x[i]);
        largest = fmax(largest, curve.real.x[i]);
    }
    if (!(least > 0 && least <= largest))
        return;
    curve.series[curve.series_count++] =
        series_of(&curve.real, "trained on real images", PLOT_REAL, PLOT_POINTS | PLOT_LINE | PLOT_BAND);
    if (curve.synthetic.count > 0)
        curve.series[curve.series_count++] = series_of(&curve.synthetic, "trained on synthetic images", PLOT_SYNTHETIC,
                                                       PLOT_POINTS | PLOT_LINE | PLOT_BAND);
    add_answer(&curve, json_object_get(document, "how_many"), &largest);
    add_fits(&curve, document_array(document, "fits"), least, largest);
    const struct plot plot = {
        .id = id,
        .title = "Learning curve",
        .description = "Accuracy on real test images against the number of real images that there were to learn "
                       "from; the numbers are in the table below.",
        .caption = "Bands: 95 % intervals. Synthetic images came from a generator that had so many real images.",
        .x_title = "real images (logarithmic)",
        .y_title = "accuracy on real test images",
        .x_logarithmic = true,
        .y_share = true,
        .series = curve.series,
        .series_count = curve.series_count,
        .references = curve.references,
        .reference_count = curve.reference_count};
    plot_write(out, &plot);
}

static void write_numbers(FILE *out, const json_t *document)
{
    static const char *const titles[] = {"real images", "trained on real", "trained on synthetic", NULL};
    const json_t *real = document_array(document, "curve"), *synthetic = document_array(document, "synthetic_curve");
    if (json_array_size(real) == 0)
        return;
    html_table_begin(out, NULL, titles);
    for (size_t i = 0; i < json_array_size(real); i++) {
        const json_t *one = json_array_get(real, i), *beside = NULL;
        char text[NUMBER_FOR_PEOPLE], interval[2 * NUMBER_FOR_PEOPLE];
        for (size_t k = 0; k < json_array_size(synthetic); k++)
            if (fabs(document_number(json_array_get(synthetic, k), "images") - document_number(one, "images")) < 0.5)
                beside = json_array_get(synthetic, k);
        fputs("<tr>", out);
        html_row_header(out, count_text(text, document_number(one, "images")));
        html_number_cell(out, share_text(text, document_number(one, "accuracy")),
                         share_interval_text(interval, document_interval(one, "interval")));
        html_number_cell(out, share_text(text, document_number(beside, "accuracy")),
                         share_interval_text(interval, document_interval(beside, "interval")));
        fputs("</tr>\n", out);
    }
    html_table_end(out);
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
    /* The section's id is in the list, made unique: the plot takes it over. */
    const char *section = page->count > 0 ? page->headings[page->count - 1].id : "estimate";
    char id[sizeof page->headings->id + 8];
    snprintf(id, sizeof id, "%s-curve", section);
    write_curve(page->out, id, document);
    write_numbers(page->out, document);
    html_section_end(page);
}
