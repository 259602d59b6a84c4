/* Learning curves: their points, their axes, their table. */
#include "report/html_curve.h"

#include "report/document.h"
#include "report/html.h"

#include <math.h>

void curve_points_read(struct curve_points *points, const json_t *curve)
{
    points->count = 0;
    points->least = HUGE_VAL;
    points->largest = 0;
    for (size_t i = 0; i < json_array_size(curve) && points->count < CURVE_POINTS; i++) {
        const json_t *one = json_array_get(curve, i);
        const struct interval interval = document_interval(one, "interval");
        const int k = points->count++;
        points->x[k] = document_number(one, "images");
        points->y[k] = document_number(one, "accuracy");
        points->low[k] = interval.low;
        points->high[k] = interval.high;
        points->least = fmin(points->least, points->x[k]);
        points->largest = fmax(points->largest, points->x[k]);
    }
}

struct plot_series curve_points_series(const struct curve_points *points, const char *name, enum plot_colour colour,
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

struct plot curve_plot(const char *id)
{
    return (struct plot){.id = id,
                         .title = "Learning curve",
                         .description = "Accuracy on real test images against the number of real images that there "
                                        "were to learn from; the numbers are in the table below.",
                         .x_title = "real images (logarithmic)",
                         .y_title = "accuracy on real test images",
                         .x_logarithmic = true,
                         .y_share = true};
}

static void write_accuracy(FILE *out, const json_t *point)
{
    char text[NUMBER_FOR_PEOPLE], interval[2 * NUMBER_FOR_PEOPLE];
    html_number_cell(out, share_text(text, document_number(point, "accuracy")),
                     share_interval_text(interval, document_interval(point, "interval")));
}

static const json_t *find_images(const json_t *curve, double images)
{
    for (size_t i = 0; i < json_array_size(curve); i++) {
        const json_t *one = json_array_get(curve, i);
        if (fabs(document_number(one, "images") - images) < 0.5)
            return one;
    }
    return NULL;
}

void curve_write_table(FILE *out, const json_t *real, const json_t *synthetic)
{
    const bool both = json_array_size(synthetic) > 0;
    const char *const titles[] = {"real images", "trained on real", both ? "trained on synthetic" : NULL, NULL};
    if (json_array_size(real) == 0)
        return;
    html_table_begin(out, NULL, titles);
    for (size_t i = 0; i < json_array_size(real); i++) {
        const json_t *one = json_array_get(real, i);
        const double images = document_number(one, "images");
        char text[NUMBER_FOR_PEOPLE];
        fputs("<tr>", out);
        html_row_header(out, count_text(text, images));
        write_accuracy(out, one);
        if (both)
            write_accuracy(out, find_images(synthetic, images));
        fputs("</tr>\n", out);
    }
    html_table_end(out);
}
