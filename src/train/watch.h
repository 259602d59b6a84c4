/* Watching a training: looks now and then at what the generator makes and at what the discriminator believes, and gives
 * figures. What is to be said about them is watch_alarm.h's. A look changes nothing that the training depends on. */
#ifndef TRAIN_WATCH_H
#define TRAIN_WATCH_H

#include "train/feed.h"
#include "train/settings.h"
#include "train/stepper.h"

struct watch;

enum { WATCH_CLASSES = 16, WATCH_ALL = -1 };

/* NAN where there is nothing to compare with. */
struct watch_figures {
    struct step_moment moment;
    int classes;                    /* how many are looked at, of those that have images enough */
    int class_index[WATCH_CLASSES]; /* or one that stands for all images: WATCH_ALL */
    /* Relative to the same figure of as many real images: */
    double diversity[WATCH_CLASSES];               /* distance between two images of the class */
    double repetition[WATCH_CLASSES];              /* distance of an image of the class to the one most like it */
    double contrast[WATCH_CLASSES][WATCH_CLASSES]; /* [a][b], a < b: between two classes that clearly differ */
    double distance;       /* energy distance between generated and real images, 0 to 1, mean over classes */
    double overfitting;    /* see measure_overfitting; NAN if no images are held back */
    struct step_news news; /* means over the steps since the last look ... */
    int64_t steps;         /* ... which were so many */
};

/* Looks at the weights in the store; the dataset, the feed, the store and the pool must stay. */
int watch_new(struct watch **out, const standin_dataset *dataset, const struct recipe *recipe,
              const struct step_settings *settings, const struct feed *feed, uint64_t seed, struct store *store,
              struct pool *pool, int shards);
void watch_free(struct watch *watch);

/* After each step. */
void watch_see(struct watch *watch, const struct step_news *news);

int watch_look(struct watch *watch, const struct step_moment *moment, struct watch_figures *figures);

/* The least figure of all classes, of all pairs of classes; NAN if there is none. */
double watch_least_diversity(const struct watch_figures *figures);
double watch_least_contrast(const struct watch_figures *figures);

size_t watch_bytes(const struct watch *watch, int threads);

#endif
