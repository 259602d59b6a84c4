/* The classifier: a small residual network (He et al. 2016) from pictures to one logit a class. It is a yardstick, to
 * be trained many times on a plain processor: every convolution is one that the machine is fast at. */
#ifndef NET_CLASSIFIER_H
#define NET_CLASSIFIER_H

#include "net/layers.h"

struct classifier {
    int64_t height, width, channels; /* of the pictures */
    int64_t classes;
    int64_t features; /* channels of the stem; each block has twice as many as what is before it */
};

enum { CLASSIFIER_BLOCKS = 3, CLASSIFIER_SIDE_MINIMUM = 28, CLASSIFIER_CLASSES_MAXIMUM = 10000 };

/* 0, or an error that says what it cannot do. */
int classifier_check(const struct classifier *classifier);

/* Pictures (N, height, width, channels) in [-1, 1] -> (N, 8 features): means over the pixels of the last block. */
struct node *classifier_features(const struct scope *scope, const struct classifier *classifier, struct node *x);

/* Those features -> logits (N, classes). */
struct node *classifier_logits(const struct scope *scope, const struct classifier *classifier, struct node *features);

#endif
