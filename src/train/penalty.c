/* Gradient penalties, written in the language; that gradients have gradients is the graph's doing. */
#include "train/penalty.h"

#include <stddef.h>

/* Under the root: without it the norm of a gradient that is 0 everywhere, that of a discriminator whose last layer
 * starts at 0, would have no derivative and bring NaN. */
static const double tiny_square = 1e-12;

/* |d logit / d picture|^2, (N, 1, 1, 1). */
static struct node *squared_norms(struct graph *g, struct node *logits, struct node *pictures)
{
    struct node *gradient;
    if (graph_gradient(g, graph_sum_all(g, logits), 1, &pictures, 0, NULL, &gradient) < 0)
        return NULL;
    return graph_reduce_sum(g, graph_multiply(g, gradient, gradient), 1u << 1 | 1u << 2 | 1u << 3);
}

struct node *penalty_zero_centred(struct graph *g, struct node *logits, struct node *pictures)
{
    return graph_mean_all(g, squared_norms(g, logits, pictures));
}

struct node *penalty_one_centred(struct graph *g, struct node *logits, struct node *pictures)
{
    struct node *norm = graph_sqrt(g, graph_add_number(g, squared_norms(g, logits, pictures), tiny_square));
    struct node *excess = graph_add_number(g, norm, -1);
    return graph_mean_all(g, graph_multiply(g, excess, excess));
}

struct node *penalty_between(struct graph *g, struct node *real, struct node *fake, uint32_t purpose)
{
    if (!real || !fake)
        return NULL;
    const struct shape each = shape_batch(real->shape.size[0], 3, (int64_t[]){1, 1, 1});
    struct node *u = graph_random(g, RANDOM_DISTRIBUTION_UNIFORM, purpose, each);
    return graph_add(g, real, graph_multiply(g, u, graph_subtract(g, fake, real)));
}
