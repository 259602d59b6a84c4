/* Training a classifier. */
#ifndef TRAIN_CLASSIFY_H
#define TRAIN_CLASSIFY_H

#include <standin/standin.h>
#include <stdint.h>

/* What is no business of users, so that two classifiers can be compared: only tests use another than the default. */
struct classify_course {
    int64_t batch;
    int64_t features; /* channels of the network's stem */
    double peak_rate; /* the highest learning rate */
    double weight_decay;
    double smoothing; /* of the targets (Szegedy et al. 2016) */
};
extern const struct classify_course classify_course_default;

/* How many of the images that it begins with a training shows, each as often as it does. */
int64_t classify_first_shown(int64_t steps);

/* What standin_classifier_train does with the default course. */
int classify_train(const char *path, const standin_dataset *dataset, const standin_classifier_options *options,
                   const struct classify_course *course);

#endif
