/* Learning curves on the report's page: accuracy against the number of real images, as documents hold it. */
#ifndef REPORT_HTML_CURVE_H
#define REPORT_HTML_CURVE_H

#include "report/plot.h"

#include <jansson.h>
#include <stdio.h>

enum { CURVE_POINTS = 64 };

struct curve_points {
    double x[CURVE_POINTS], y[CURVE_POINTS], low[CURVE_POINTS], high[CURVE_POINTS];
    int count;
    double least, largest; /* number of images; least > largest if there is no point */
};

/* Of an array of objects with `images`, `accuracy` and perhaps `interval`; NULL is an empty one. */
void curve_points_read(struct curve_points *points, const json_t *curve);

/* Borrows the points. */
struct plot_series curve_points_series(const struct curve_points *points, const char *name, enum plot_colour colour,
                                       unsigned marks);

/* The plot's axes and title; series and references are the caller's. */
struct plot curve_plot(const char *id);

/* The curve's numbers, beside those of a curve of synthetic images if there is one. */
void curve_write_table(FILE *out, const json_t *real, const json_t *synthetic);

#endif
