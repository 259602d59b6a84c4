/* Plots as SVG inside an HTML page: lines, bands, points with whiskers, axes with round numbers, a legend that wraps.
 * Each is drawn twice, for wide windows and for telephones, and the style sheet (html_style) shows one of the two;
 * colours are the sheet's, so that light and dark both work. Screen readers get a title and a description.
 *
 * What is no finite number is left out and makes a gap. A plot without a finite point writes nothing. Write under the
 * "C" locale for numbers. It must not know what is plotted. */
#ifndef REPORT_PLOT_H
#define REPORT_PLOT_H

#include <stdbool.h>
#include <stdio.h>

enum plot_mark { PLOT_LINE = 1, PLOT_POINTS = 2, PLOT_BAND = 4, PLOT_WHISKERS = 8 };

/* Colours of the sheet; they differ in lightness as well, for grey printers. */
enum plot_colour { PLOT_REAL = 1, PLOT_SYNTHETIC, PLOT_THIRD, PLOT_FOURTH, PLOT_INK };

struct plot_series {
    const char *name; /* in the legend; NULL: not there */
    unsigned marks;   /* enum plot_mark */
    enum plot_colour colour;
    bool dashed;
    const double *x, *y;
    const double *low, *high; /* of the band or the whiskers; NULL if it has neither */
    int count;
};

/* A straight line across the plot: at y, or at x if `upright`. */
struct plot_reference {
    const char *name;
    double at;
    bool upright;
};

struct plot {
    const char *id;                  /* unique in the page: letters, digits, hyphens */
    const char *title, *description; /* the description is read out, not shown */
    const char *caption;             /* shown below; may be NULL */
    const char *x_title, *y_title;
    bool x_logarithmic, y_share; /* y from 0 to 1 as per cent */
    bool y_from_zero;
    const struct plot_series *series;
    int series_count;
    const struct plot_reference *references;
    int reference_count;
};

void plot_write(FILE *out, const struct plot *plot);

/* A share with its interval as a dot on a line from 0 to 1, for a cell of a table; the dotted mark is at `mark` (NAN:
 * none). */
void plot_share(FILE *out, double share, double low, double high, double mark, enum plot_colour colour);

#endif
