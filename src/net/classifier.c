/* A stem that brings the shorter side to 24..47 pixels, then three residual blocks, each with half the sides and twice
 * the channels of the one before. Halving is done by kernels of 4x4 with stride 2, everything else by kernels of 3x3,
 * both of which have fast forms. The last block, whose units see the whole picture, is worth more accuracy for its time
 * than anything else that was tried; a block at the stem's resolution is worth none. */
#include "net/classifier.h"

#include "base/error.h"
#include "base/least.h"

#include <math.h>
#include <stdio.h>

enum { NAME_SIZE = 24, PART_SIZE = 48, STEM_SIDE = 48 };

int classifier_check(const struct classifier *classifier)
{
    if (classifier->height < CLASSIFIER_SIDE_MINIMUM || classifier->width < CLASSIFIER_SIDE_MINIMUM)
        return error_set(STATUS_INPUT,
                         "a classifier cannot see pictures of %lldx%lld: each side must be at least %d pixels",
                         (long long)classifier->width, (long long)classifier->height, CLASSIFIER_SIDE_MINIMUM);
    if (classifier->classes < 2 || classifier->classes > CLASSIFIER_CLASSES_MAXIMUM)
        return error_set(STATUS_INPUT, "a classifier needs 2 to %d classes, not %lld", CLASSIFIER_CLASSES_MAXIMUM,
                         (long long)classifier->classes);
    return 0;
}

/* He et al. 2015: what keeps the variance of activations behind a ReLU. */
static struct initial initial_he(int64_t inputs)
{
    return initial_normal(0, sqrt(2 / (double)inputs));
}

static struct node *conv(const struct scope *scope, const char *name, struct node *x, int64_t outputs, int kernel)
{
    return x ? layer_conv(scope, name, x, outputs, kernel, 1, initial_he(kernel * kernel * x->shape.size[3])) : NULL;
}

static struct node *down(const struct scope *scope, const char *name, struct node *x, int64_t outputs)
{
    return x ? layer_down(scope, name, x, outputs, initial_he(16 * x->shape.size[3])) : NULL;
}

static struct node *norm(const struct scope *scope, const char *name, struct node *x, double scale)
{
    return layer_batch_norm(scope, name, x, initial_constant(scale));
}

static const char *part(char text[PART_SIZE], const char *block, const char *what)
{
    snprintf(text, PART_SIZE, "%s.%s", block, what);
    return text;
}

/* The last normalisation starts at scale 0, so that a block begins as its shortcut (Goyal et al. 2017). */
static struct node *block(const struct scope *scope, const char *name, struct node *x, int64_t outputs)
{
    struct graph *g = scope->graph;
    char text[PART_SIZE];
    struct node *shortcut = conv(scope, part(text, name, "shortcut"), layer_halve(g, x), outputs, 1);
    shortcut = norm(scope, part(text, name, "shortcut.norm"), shortcut, 1);
    struct node *h = down(scope, part(text, name, "down"), x, outputs);
    h = layer_relu(g, norm(scope, part(text, name, "norm1"), h, 1));
    h = conv(scope, part(text, name, "conv"), h, outputs, 3);
    h = norm(scope, part(text, name, "norm2"), h, 0);
    return layer_relu(g, graph_add(g, h, shortcut));
}

/* How often the stem halves. */
static int stem_halvings(const struct classifier *classifier)
{
    const int64_t side = least(classifier->height, classifier->width);
    int count = 0;
    while (side >> count >= STEM_SIDE)
        count++;
    return count;
}

/* Grey around the picture, so that its sides can be halved as often as they will be. */
static struct node *pad_to_multiple(struct graph *g, struct node *x, int64_t multiple)
{
    const int64_t height = (x->shape.size[1] + multiple - 1) / multiple * multiple;
    const int64_t width = (x->shape.size[2] + multiple - 1) / multiple * multiple;
    const int64_t before[4] = {0, (height - x->shape.size[1]) / 2, (width - x->shape.size[2]) / 2, 0};
    return graph_pad(g, x, before, shape_batch(x->shape.size[0], 3, (int64_t[]){height, width, x->shape.size[3]}));
}

static struct node *stem(const struct scope *scope, const struct classifier *classifier, struct node *x)
{
    struct graph *g = scope->graph;
    const int halvings = stem_halvings(classifier);
    struct node *h = pad_to_multiple(g, x, (int64_t)1 << (halvings + CLASSIFIER_BLOCKS));
    h = halvings == 0 ? conv(scope, "stem.conv", h, classifier->features, 3)
                      : down(scope, "stem.down1", h, classifier->features);
    h = layer_relu(g, norm(scope, "stem.norm1", h, 1));
    for (int i = 2; i <= halvings; i++) {
        char name[NAME_SIZE];
        snprintf(name, sizeof name, "stem.down%d", i);
        h = down(scope, name, h, classifier->features);
        snprintf(name, sizeof name, "stem.norm%d", i);
        h = layer_relu(g, norm(scope, name, h, 1));
    }
    return h;
}

struct node *classifier_features(const struct scope *scope, const struct classifier *classifier, struct node *x)
{
    if (!x)
        return NULL;
    struct node *h = stem(scope, classifier, x);
    for (int i = 1; i <= CLASSIFIER_BLOCKS; i++) {
        char name[NAME_SIZE];
        snprintf(name, sizeof name, "block%d", i);
        h = block(scope, name, h, classifier->features << i);
    }
    if (!h)
        return NULL;
    const double pixels = (double)(h->shape.size[1] * h->shape.size[2]);
    return graph_scale(scope->graph, layer_sum_pixels(scope->graph, h), 1 / pixels);
}

struct node *classifier_logits(const struct scope *scope, const struct classifier *classifier, struct node *features)
{
    if (!features)
        return NULL;
    const struct initial initial = initial_normal(0, sqrt(1 / (double)features->shape.size[1]));
    return layer_bias(scope, "dense", layer_dense(scope, "dense", features, classifier->classes, initial));
}
