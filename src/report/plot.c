/* Plots as SVG. */
#include "report/plot.h"

#include "report/html.h"
#include "report/plot_axis.h"

#include <math.h>
#include <string.h>

struct frame {
    FILE *out;
    const struct plot *plot;
    const char *kind; /* "wide" or "narrow": its class, and part of its id */
    struct axis x, y;
    int width, height;
};

/* ---- Ranges ----------------------------------------------------------------------------------------------- */

struct range {
    double low, high;
};

static void cover(struct range *range, double value)
{
    if (!isfinite(value))
        return;
    range->low = fmin(range->low, value);
    range->high = fmax(range->high, value);
}

static bool point_is_there(const struct plot *plot, const struct plot_series *series, int i)
{
    return isfinite(series->x[i]) && isfinite(series->y[i]) && !(plot->x_logarithmic && series->x[i] <= 0);
}

/* Every point and interval; references as well. */
static bool find_ranges(const struct plot *plot, struct range *x, struct range *y)
{
    *x = *y = (struct range){HUGE_VAL, -HUGE_VAL};
    for (int s = 0; s < plot->series_count; s++) {
        const struct plot_series *series = &plot->series[s];
        for (int i = 0; i < series->count; i++) {
            if (!point_is_there(plot, series, i))
                continue;
            cover(x, series->x[i]);
            cover(y, series->y[i]);
            if (series->low && series->high) {
                cover(y, series->low[i]);
                cover(y, series->high[i]);
            }
        }
    }
    if (!(x->low <= x->high))
        return false;
    for (int i = 0; i < plot->reference_count; i++)
        cover(plot->references[i].upright ? x : y, plot->references[i].at);
    if (plot->y_from_zero)
        cover(y, 0);
    if (plot->y_share)
        *y = (struct range){fmax(0, fmin(1, y->low)), fmax(0, fmin(1, y->high))};
    return true;
}

/* ---- Axes ------------------------------------------------------------------------------------------------- */

enum { LETTER = 8, TEXT_HEIGHT = 12, TOP = 26, BOTTOM = 40, RIGHT = 14, MARKER = 4 };

static void write_text(const struct frame *frame, double x, double y, const char *anchor, const char *class,
                       const char *text)
{
    fprintf(frame->out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\"%s%s%s>", x, y, anchor, class ? " class=\"" : "",
            class ? class : "", class ? "\"" : "");
    html_number(frame->out, text);
    fputs("</text>\n", frame->out);
}

static void write_rule(const struct frame *frame, const char *class, double x1, double y1, double x2, double y2)
{
    fprintf(frame->out, "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n", class, x1, y1, x2,
            y2);
}

static void write_y_axis(const struct frame *frame)
{
    const struct axis *y = &frame->y;
    for (int i = 0; i < y->ticks; i++) {
        const double place = axis_place(y, y->tick[i]);
        write_rule(frame, "grid", frame->x.begin, place, frame->x.end, place);
        write_text(frame, frame->x.begin - 6, place + 4, "end", NULL, y->text[i]);
    }
    if (frame->plot->y_title)
        write_text(frame, 0, TEXT_HEIGHT, "start", "title", frame->plot->y_title);
}

/* A label is left out where it would touch the one before. */
static void write_x_axis(const struct frame *frame)
{
    const struct axis *x = &frame->x;
    double free_from = 0;
    write_rule(frame, "axis", x->begin, frame->y.begin, x->end, frame->y.begin);
    for (int i = 0; i < x->ticks; i++) {
        const double place = axis_place(x, x->tick[i]), half = (double)strlen(x->text[i]) * LETTER / 2;
        if (place < x->begin - 1 || place > x->end + 1)
            continue;
        write_rule(frame, "axis", place, frame->y.begin, place, frame->y.begin + 4);
        const double centre = fmin(place, frame->width - half);
        if (centre - half < free_from)
            continue;
        write_text(frame, centre, frame->y.begin + 17, "middle", NULL, x->text[i]);
        free_from = centre + half + LETTER;
    }
    if (frame->plot->x_title)
        write_text(frame, x->end, frame->y.begin + 34, "end", "title", frame->plot->x_title);
}

static void write_references(const struct frame *frame)
{
    for (int i = 0; i < frame->plot->reference_count; i++) {
        const struct plot_reference *one = &frame->plot->references[i];
        const double place = axis_place(one->upright ? &frame->x : &frame->y, one->at);
        if (isnan(place))
            continue;
        if (one->upright) {
            const bool left = place > (frame->x.begin + frame->x.end) / 2;
            write_rule(frame, "reference", place, frame->y.begin, place, frame->y.end);
            write_text(frame, place + (left ? -5 : 5), frame->y.begin - 7, left ? "end" : "start", "halo", one->name);
        } else {
            write_rule(frame, "reference", frame->x.begin, place, frame->x.end, place);
            write_text(frame, frame->x.begin + 4, place + (place < frame->y.end + 16 ? 14 : -5), "start", "halo",
                       one->name);
        }
    }
}

/* ---- Series ----------------------------------------------------------------------------------------------- */

/* One past the last of the points from `i` on that follow each other without a gap. */
static int run_end(const struct plot *plot, const struct plot_series *series, int i, bool band)
{
    while (i < series->count && point_is_there(plot, series, i) &&
           (!band || (isfinite(series->low[i]) && isfinite(series->high[i]))))
        i++;
    return i;
}

static void write_band(const struct frame *frame, const struct plot_series *series)
{
    for (int i = 0; i < series->count; i++) {
        const int end = run_end(frame->plot, series, i, true);
        if (end - i > 1) {
            fprintf(frame->out, "<path class=\"band c%d\" d=\"", (int)series->colour);
            for (int k = i; k < end; k++)
                fprintf(frame->out, "%c%.1f %.1f", k == i ? 'M' : 'L', axis_place(&frame->x, series->x[k]),
                        axis_place(&frame->y, series->high[k]));
            for (int k = end - 1; k >= i; k--)
                fprintf(frame->out, "L%.1f %.1f", axis_place(&frame->x, series->x[k]),
                        axis_place(&frame->y, series->low[k]));
            fputs("Z\"/>\n", frame->out);
        }
        i = end;
    }
}

static void write_line(const struct frame *frame, const struct plot_series *series)
{
    for (int i = 0; i < series->count; i++) {
        const int end = run_end(frame->plot, series, i, false);
        if (end - i > 1) {
            fprintf(frame->out, "<path class=\"line c%d%s\" d=\"", (int)series->colour,
                    series->dashed ? " dashed" : "");
            for (int k = i; k < end; k++)
                fprintf(frame->out, "%c%.1f %.1f", k == i ? 'M' : 'L', axis_place(&frame->x, series->x[k]),
                        axis_place(&frame->y, series->y[k]));
            fputs("\"/>\n", frame->out);
        }
        i = end;
    }
}

/* Shapes differ as well as colours: real is a disc, synthetic a diamond, others are squares. */
static void write_marker(FILE *out, double x, double y, double size, enum plot_colour colour)
{
    if (colour == PLOT_REAL || colour == PLOT_INK)
        fprintf(out, "<circle class=\"dot c%d\" cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\"/>", (int)colour, x, y, size);
    else if (colour == PLOT_SYNTHETIC)
        fprintf(out, "<path class=\"dot c%d\" d=\"M%.1f %.1fl%.1f %.1fl%.1f %.1fl%.1f %.1fz\"/>", (int)colour, x,
                y - 1.25 * size, 1.25 * size, 1.25 * size, -1.25 * size, 1.25 * size, -1.25 * size, -1.25 * size);
    else
        fprintf(out, "<rect class=\"dot c%d\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>", (int)colour,
                x - 0.9 * size, y - 0.9 * size, 1.8 * size, 1.8 * size);
}

static void write_points(const struct frame *frame, const struct plot_series *series)
{
    for (int i = 0; i < series->count; i++) {
        if (!point_is_there(frame->plot, series, i))
            continue;
        const double x = axis_place(&frame->x, series->x[i]), y = axis_place(&frame->y, series->y[i]);
        if (series->marks & PLOT_WHISKERS && series->low && isfinite(series->low[i]) && isfinite(series->high[i]))
            fprintf(frame->out, "<line class=\"line c%d\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>",
                    (int)series->colour, x, axis_place(&frame->y, series->low[i]), x,
                    axis_place(&frame->y, series->high[i]));
        write_marker(frame->out, x, y, MARKER, series->colour);
        fputc('\n', frame->out);
    }
}

static void write_series(const struct frame *frame)
{
    static const struct {
        unsigned mark;
        void (*write)(const struct frame *, const struct plot_series *);
    } layer[] = {{PLOT_BAND, write_band}, {PLOT_LINE, write_line}, {PLOT_POINTS, write_points}};
    for (size_t k = 0; k < sizeof layer / sizeof *layer; k++)
        for (int s = 0; s < frame->plot->series_count; s++) {
            const struct plot_series *series = &frame->plot->series[s];
            if (series->marks & layer[k].mark && (layer[k].mark != PLOT_BAND || (series->low && series->high)))
                layer[k].write(frame, series);
        }
}

/* ---- The whole -------------------------------------------------------------------------------------------- */

static bool frame_make(struct frame *frame, struct range x, struct range y)
{
    size_t widest = 0;
    if (!axis_make(&frame->x, x.low, x.high, frame->width / 90, frame->plot->x_logarithmic, false) ||
        !axis_make(&frame->y, y.low, y.high, 5, false, frame->plot->y_share))
        return false;
    for (int i = 0; i < frame->y.ticks; i++)
        widest = strlen(frame->y.text[i]) > widest ? strlen(frame->y.text[i]) : widest;
    frame->x.begin = (double)widest * LETTER + 8;
    frame->x.end = frame->width - RIGHT;
    frame->y.begin = frame->height - BOTTOM;
    frame->y.end = TOP;
    return true;
}

static void write_frame(const struct frame *frame)
{
    const char *id = frame->plot->id;
    FILE *out = frame->out;
    fprintf(out,
            "<svg class=\"%s\" viewBox=\"0 0 %d %d\" role=\"img\" aria-labelledby=\"%s-%c-t %s-%c-d\"><title "
            "id=\"%s-%c-t\">",
            frame->kind, frame->width, frame->height, id, *frame->kind, id, *frame->kind, id, *frame->kind);
    html_text(out, frame->plot->title);
    fprintf(out, "</title><desc id=\"%s-%c-d\">", id, *frame->kind);
    html_text(out, frame->plot->description);
    fputs("</desc>\n", out);
    write_y_axis(frame);
    write_x_axis(frame);
    fprintf(out, "<clipPath id=\"%s-%c-c\"><rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/></clipPath>\n",
            id, *frame->kind, frame->x.begin - 6, frame->y.end - 6, frame->x.end - frame->x.begin + 12,
            frame->y.begin - frame->y.end + 12);
    fprintf(out, "<g clip-path=\"url(#%s-%c-c)\">\n", id, *frame->kind);
    write_series(frame);
    fputs("</g>\n", out);
    write_references(frame);
    fputs("</svg>\n", out);
}

static void write_legend(FILE *out, const struct plot *plot)
{
    fputs("<ul class=\"legend\">", out);
    for (int s = 0; s < plot->series_count; s++) {
        const struct plot_series *series = &plot->series[s];
        if (!series->name)
            continue;
        fputs("<li><svg viewBox=\"0 0 26 14\" aria-hidden=\"true\">", out);
        if (series->marks & PLOT_BAND)
            fprintf(out, "<rect class=\"band c%d\" width=\"26\" height=\"14\"/>", (int)series->colour);
        if (series->marks & PLOT_LINE)
            fprintf(out, "<path class=\"line c%d%s\" d=\"M0 7L26 7\"/>", (int)series->colour,
                    series->dashed ? " dashed" : "");
        if (series->marks & PLOT_POINTS)
            write_marker(out, 13, 7, MARKER, series->colour);
        fputs("</svg>", out);
        html_text(out, series->name);
        fputs("</li>", out);
    }
    fputs("</ul>\n", out);
}

void plot_write(FILE *out, const struct plot *plot)
{
    struct frame wide = {.out = out, .plot = plot, .kind = "wide", .width = 720, .height = 330};
    struct frame narrow = {.out = out, .plot = plot, .kind = "narrow", .width = 328, .height = 260};
    struct range x, y;
    if (!find_ranges(plot, &x, &y) || !frame_make(&wide, x, y) || !frame_make(&narrow, x, y))
        return;
    fputs("<figure class=\"plot\">\n<p class=\"plot-title\">", out);
    html_text(out, plot->title);
    fputs("</p>\n", out);
    write_legend(out, plot);
    write_frame(&wide);
    write_frame(&narrow);
    if (plot->caption) {
        fputs("<figcaption>", out);
        html_text(out, plot->caption);
        fputs("</figcaption>\n", out);
    }
    fputs("</figure>\n", out);
}

void plot_share(FILE *out, double share, double low, double high, double mark, enum plot_colour colour)
{
    enum { WIDTH = 140, MARGIN = 6, MIDDLE = 9, SMALL_MARKER = 3 };
    const struct axis axis = {.low = 0, .high = 1, .begin = MARGIN, .end = WIDTH - MARGIN};
    if (!isfinite(share))
        return;
    fputs("<svg class=\"share\" viewBox=\"0 0 140 18\" aria-hidden=\"true\">"
          "<line class=\"grid\" x1=\"6\" y1=\"9\" x2=\"134\" y2=\"9\"/>",
          out);
    if (isfinite(mark))
        fprintf(out, "<line class=\"reference\" x1=\"%.1f\" y1=\"1\" x2=\"%.1f\" y2=\"17\"/>", axis_place(&axis, mark),
                axis_place(&axis, mark));
    if (isfinite(low) && isfinite(high))
        fprintf(out, "<line class=\"line c%d\" x1=\"%.1f\" y1=\"9\" x2=\"%.1f\" y2=\"9\"/>", (int)colour,
                axis_place(&axis, low), axis_place(&axis, high));
    write_marker(out, axis_place(&axis, share), MIDDLE, SMALL_MARKER, colour);
    fputs("</svg>", out);
}
