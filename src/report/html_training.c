/* Training curves, alarms and samples as a part of a page. */
#include "report/html_training.h"

#include "report/document.h"
#include "report/html.h"
#include "report/plot.h"
#include "report/training_curve.h"

#include <math.h>
#include <string.h>

enum { CURVES = 2 };

struct figure {
    const char *id, *title, *description, *caption, *y_title;
    enum training_column column[CURVES];
    const char *name[CURVES];
    enum plot_colour colour[CURVES];
    double target; /* a line across; NAN: none */
    const char *target_name;
};

static const struct figure figures[] = {
    {"losses",
     "Losses",
     "Loss of the discriminator and of the generator over the steps of the training.",
     "Mean of neighbouring steps; the band reaches from the least to the largest of them. Losses do not say how good "
     "images are.",
     "loss",
     {TRAINING_LOSS_D, TRAINING_LOSS_G},
     {"discriminator", "generator"},
     {PLOT_REAL, PLOT_SYNTHETIC},
     NAN,
     NULL},
    {"scores",
     "Scores of the discriminator",
     "Mean score that the discriminator gives to real and to generated images.",
     "The nearer the two, the less the discriminator can tell them apart.",
     "score",
     {TRAINING_SCORE_REAL, TRAINING_SCORE_FAKE},
     {"real images", "generated images"},
     {PLOT_REAL, PLOT_SYNTHETIC},
     NAN,
     NULL},
    {"variety",
     "Variety of the generated images",
     "Diversity within classes and contrast between classes, each relative to real images.",
     "Of the class, or pair of classes, that fares worst. Low diversity is a collapse; low contrast are classes that "
     "look alike.",
     "relative to real images",
     {TRAINING_DIVERSITY, TRAINING_CONTRAST},
     {"diversity within a class", "contrast between classes"},
     {PLOT_THIRD, PLOT_FOURTH},
     1,
     "as real images"},
    {"distance",
     "Distance to real images, and overfitting",
     "Energy distance between generated and real images, and how far the "
     "discriminator prefers images it was trained on to others.",
     "Energy distance as a share of its maximum. Overfitting is near 0 while held-back images look to the "
     "discriminator as those "
     "it was shown.",
     "0 is best",
     {TRAINING_DISTANCE, TRAINING_OVERFITTING},
     {"distance", "overfitting"},
     {PLOT_THIRD, PLOT_FOURTH},
     NAN,
     NULL},
};

static void write_figure(FILE *out, const struct html_training *training, const struct figure *figure)
{
    struct training_curve curve[CURVES];
    const bool looks = training_is_look(figure->column[0]);
    struct plot_series series[CURVES];
    int count = 0;
    for (int i = 0; i < CURVES; i++) {
        training_curve_read(&curve[i], training, figure->column[i]);
        if (!curve[i].seen)
            continue;
        series[count++] = (struct plot_series){.name = figure->name[i],
                                               .marks = PLOT_LINE | (looks ? 0 : PLOT_BAND),
                                               .colour = figure->colour[i],
                                               .dashed = i == 1,
                                               .x = curve[i].step,
                                               .y = curve[i].mean,
                                               .low = looks ? NULL : curve[i].least,
                                               .high = looks ? NULL : curve[i].largest,
                                               .count = curve[i].count};
    }
    const struct plot_reference reference = {.name = figure->target_name, .at = figure->target};
    const struct plot plot = {.id = figure->id,
                              .title = figure->title,
                              .description = figure->description,
                              .caption = figure->caption,
                              .x_title = "training step",
                              .y_title = figure->y_title,
                              .y_from_zero = looks,
                              .series = series,
                              .series_count = count,
                              .references = &reference,
                              .reference_count = figure->target_name ? 1 : 0};
    plot_write(out, &plot);
}

void html_training_write_curves(FILE *out, const struct html_training *training)
{
    for (size_t i = 0; training->count > 1 && i < sizeof figures / sizeof *figures; i++)
        write_figure(out, training, &figures[i]);
}

static void write_alarm(FILE *out, const struct training_alarm *alarm)
{
    char begun[NUMBER_FOR_PEOPLE], ended[NUMBER_FOR_PEOPLE];
    count_text(begun, (double)alarm->begun);
    count_text(ended, (double)alarm->ended);
    fputs("<li>", out);
    if (alarm->ended < 0)
        html_format(out, "Since step %s: ", begun);
    else if (alarm->ended == alarm->begun)
        html_format(out, "Step %s: ", begun);
    else
        html_format(out, "Steps %s to %s: ", begun, ended);
    html_text(out, alarm->sentence);
    fputs("</li>\n", out);
}

static void write_alarms(FILE *out, const struct html_training *training, bool over, const char *head)
{
    bool any = false;
    for (size_t i = 0; i < training->alarm_count; i++) {
        if ((training->alarms[i].ended >= 0) != over)
            continue;
        if (!any)
            fputs(head, out);
        any = true;
        write_alarm(out, &training->alarms[i]);
    }
    if (any)
        fputs("</ul>\n", out);
}

void html_training_write_alarms(FILE *out, const struct html_training *training)
{
    write_alarms(out, training, false, "<ul class=\"alarms\" aria-label=\"Trouble\">\n");
    write_alarms(out, training, true, "<p class=\"key\">Trouble that is over:</p>\n<ul class=\"sentences key\">\n");
}

void html_training_write_samples(FILE *out, const struct html_training *training)
{
    char step[NUMBER_FOR_PEOPLE];
    if (!training->samples)
        return;
    fputs("<figure class=\"sheet\">\n", out);
    html_png(out, training->samples, training->samples_bytes, training->samples_width,
             "generated images, always from the same random numbers");
    fputs("<figcaption>", out);
    html_format(out, "Step %s: always the same random numbers, not picked.",
                count_text(step, (double)training->samples_step));
    fputs("</figcaption>\n</figure>\n", out);
}
