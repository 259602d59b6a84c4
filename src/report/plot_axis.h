/* One axis of a plot: from numbers to places, and the round numbers that stand beside it. */
#ifndef REPORT_PLOT_AXIS_H
#define REPORT_PLOT_AXIS_H

#include <stdbool.h>

enum { AXIS_TICKS = 12, AXIS_TEXT = 32 };

struct axis {
    double low, high;  /* at the two ends; logarithms if it is logarithmic */
    double begin, end; /* where these are, in pixels */
    bool logarithmic, share;
    double tick[AXIS_TICKS];
    char text[AXIS_TICKS][AXIS_TEXT];
    int ticks;
};

/* Covers low..high with at most `most` ticks; false if that is no range of finite numbers. Ticks at the ends may widen
 * it. */
bool axis_make(struct axis *axis, double low, double high, int most, bool logarithmic, bool share);

/* The place of a number; NAN if it has none. */
double axis_place(const struct axis *axis, double value);

#endif
