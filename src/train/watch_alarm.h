/* What the figures of a watched training mean, in sentences for whoever owns the data: mode collapse, classes that look
 * alike, a discriminator that learns images by heart, divergence. An alarm begins when two looks in a row show the
 * trouble, or the last one of a training, and is over when two do not. It must not know how the figures were
 * measured. */
#ifndef TRAIN_WATCH_ALARM_H
#define TRAIN_WATCH_ALARM_H

#include "train/watch.h"

enum alarm_kind {
    ALARM_COLLAPSE,    /* the generated images of a class are all alike */
    ALARM_RESEMBLANCE, /* two classes look alike, whose real images do not */
    ALARM_OVERFITTING, /* the discriminator knows its training images by heart */
    ALARM_DEFEAT,      /* the discriminator has won: nothing left to learn from */
    ALARM_EXPLOSION,   /* its scores grow without bound */
    ALARM_STRAY,       /* the generated images move away from the real ones */
    ALARM_KINDS
};

enum { ALARM_TEXT = 1024 };

struct alarm {
    bool holds;
    int against;               /* looks in a row that contradict `holds` */
    bool changed;              /* by the last look */
    char sentence[ALARM_TEXT]; /* what is the matter, or that it is over; empty if nothing ever was */
};

struct watch_alarms {
    const standin_dataset *dataset; /* for the names of the classes */
    enum loss_kind loss;
    double nearest;       /* the least distance so far ... */
    int64_t nearest_step; /* ... and when */
    double varied[WATCH_CLASSES]; /* the most diversity of each class so far, at most 1 */
    struct alarm alarm[ALARM_KINDS];
};

/* Nothing seen. The dataset must stay open. */
void watch_alarms_begin(struct watch_alarms *alarms, const standin_dataset *dataset,
                        const struct step_settings *settings);

/* One word for the kind, the same in every version: it is kept in files. */
const char *watch_alarm_name(enum alarm_kind kind);

/* After a look; last: there will be none after it. */
void watch_alarms_hear(struct watch_alarms *alarms, const struct watch_figures *figures, bool last);

#endif
