/* A curve of a run: thousands of noisy lines as a few hundred points. A page draws them and a document holds them. */
#ifndef REPORT_TRAINING_CURVE_H
#define REPORT_TRAINING_CURVE_H

#include "report/html_training.h"

#include <stdbool.h>

enum { CURVE_STRETCHES = 240 };

/* Mean, least and largest over a stretch of the run, at its mean step; NAN where a stretch has no finite figure. */
struct training_curve {
    double step[CURVE_STRETCHES], mean[CURVE_STRETCHES], least[CURVE_STRETCHES], largest[CURVE_STRETCHES];
    int count;
    bool seen; /* a finite number */
};
void training_curve_read(struct training_curve *curve, const struct html_training *training,
                         enum training_column column);

/* Measured now and then, not at every step: so few that their least and largest say nothing. */
bool training_is_look(enum training_column column);

#endif
