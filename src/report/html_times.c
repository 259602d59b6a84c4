/* The report's times: predicted and taken, stage by stage and in all. A document of `make` has planned its stages;
 * without one there are the times of the documents, and what the run and an estimate said of the training. */
#include "report/html.h"
#include "report/html_report.h"

#include <math.h>

enum { ROWS = 64 };

struct time_row {
    const char *stage;
    double predicted, taken; /* seconds, or NAN */
    struct interval interval;
};

struct times {
    struct time_row rows[ROWS];
    int count;
    double predicted, taken; /* in all, or NAN */
};

/* NAN is none of both. */
static void add(struct times *times, const char *stage, double predicted, struct interval interval, double taken)
{
    if (times->count < ROWS && !(isnan(predicted) && isnan(taken)))
        times->rows[times->count++] = (struct time_row){stage, predicted, taken, interval};
}

/* ---- Of the whole job --------------------------------------------------------------------------------------- */

/* In all is predicted if those stages are that take nearly all of the time. */
static void read_make(struct times *times, const json_t *make)
{
    static const struct {
        const char *key, *title;
        bool moments;
    } stage[] = {{"inspect", "inspection", true},   {"split", "split", true},
                 {"train", "training", false},      {"generate", "generation", true},
                 {"evaluate", "evaluation", false}, {"study", "utility study", false}};
    const json_t *expected = json_object_get(json_object_get(make, "plan"), "expected");
    const json_t *taken = json_object_get(make, "taken");
    const struct interval unknown = {NAN, NAN};
    for (size_t i = 0; i < sizeof stage / sizeof *stage; i++) {
        const double predicted = document_number(expected, stage[i].key);
        add(times, stage[i].title, predicted, unknown, document_number(taken, stage[i].key));
        if (!(isnan(predicted) && (stage[i].moments || isnan(document_number(taken, stage[i].key)))))
            times->predicted += predicted;
    }
    times->taken = document_number(make, "seconds");
}

/* ---- Of single documents ------------------------------------------------------------------------------------ */

static void add_training(struct times *times, const struct document_list *list, const struct html_training *training)
{
    double predicted = training ? training->predicted_seconds : NAN;
    struct interval interval = {NAN, NAN};
    for (int i = 0; isnan(predicted) && i < list->count; i++) {
        const json_t *how_long = json_object_get(list->documents[i].json, "how_long");
        predicted = document_number(how_long, "seconds");
        interval = document_interval(how_long, "interval");
    }
    add(times, "training", predicted, interval, html_training_seconds(training));
}

/* In all is said only of what every row says. */
static void read_documents(struct times *times, const struct document_list *list, const struct html_training *training)
{
    static const char *const stage[DOCUMENT_KINDS] = {"evaluation", "utility study", "augmentation study",
                                                      "estimate",   "selection",     "the whole job"};
    add_training(times, list, training);
    for (int i = 0; i < list->count; i++)
        add(times, stage[list->documents[i].kind], NAN, (struct interval){NAN, NAN},
            document_number(list->documents[i].json, "seconds"));
    for (int i = 0; i < times->count; i++) {
        times->predicted += times->rows[i].predicted;
        times->taken += times->rows[i].taken;
    }
}

/* ---- The table ---------------------------------------------------------------------------------------------- */

static void write_row(FILE *out, const struct time_row *row)
{
    char text[NUMBER_FOR_PEOPLE], interval[2 * NUMBER_FOR_PEOPLE] = "", low[NUMBER_FOR_PEOPLE], high[NUMBER_FOR_PEOPLE];
    if (interval_is_known(row->interval))
        snprintf(interval, sizeof interval, "%s to %s", seconds_text(low, row->interval.low),
                 seconds_text(high, row->interval.high));
    fputs("<tr>", out);
    html_row_header(out, row->stage);
    html_number_cell(out, seconds_text(text, row->predicted), interval);
    html_number_cell(out, seconds_text(text, row->taken), "");
    fputs("</tr>\n", out);
}

void html_times(FILE *out, const struct document_list *list, const struct html_training *training)
{
    static const char *const titles[] = {"time", "predicted", "taken", NULL};
    const json_t *make = document_list_first(list, DOCUMENT_MAKE);
    struct times times = {0};
    if (make)
        read_make(&times, make);
    else
        read_documents(&times, list, training);
    if (times.count == 0)
        return;
    html_table_begin(out, NULL, titles);
    for (int i = 0; i < times.count; i++)
        write_row(out, &times.rows[i]);
    if (times.count > 1)
        write_row(out, &(struct time_row){"in all", times.predicted, times.taken, {NAN, NAN}});
    html_table_end(out);
}
