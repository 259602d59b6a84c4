/* Cross-entropy in its non-saturating form (Goodfellow et al. 2014), least squares with targets 1 and 0 (Mao et al.
 * 2017), hinge (Lim and Ye 2017), Wasserstein's distance in its dual form (Arjovsky et al. 2017), relativistic pairing
 * of the i-th real with the i-th generated picture (Jolicoeur-Martineau 2019; Huang et al. 2024, "R3GAN"). */
#include "train/loss.h"

/* Mean of softplus(-logits): the cross-entropy of logits that should be high. */
static struct node *should_be_high(struct graph *g, struct node *logits)
{
    return graph_mean_all(g, graph_softplus(g, graph_negate(g, logits)));
}

static struct node *least_squares(struct graph *g, struct node *miss)
{
    return graph_mean_all(g, graph_multiply(g, miss, miss));
}

static struct node *hinge(struct graph *g, struct node *shortfall)
{
    return graph_mean_all(g, graph_maximum(g, shortfall, graph_constant(g, 0)));
}

bool loss_needs_real(enum loss_kind kind)
{
    return kind == LOSS_RELATIVISTIC;
}

struct node *loss_discriminator(struct graph *g, enum loss_kind kind, struct node *real, struct node *fake)
{
    struct node *one = graph_constant(g, 1);
    switch (kind) {
    case LOSS_LEAST_SQUARES:
        return graph_add(g, least_squares(g, graph_subtract(g, real, one)), least_squares(g, fake));
    case LOSS_HINGE:
        return graph_add(g, hinge(g, graph_subtract(g, one, real)), hinge(g, graph_add_number(g, fake, 1)));
    case LOSS_WASSERSTEIN: return graph_subtract(g, graph_mean_all(g, fake), graph_mean_all(g, real));
    case LOSS_RELATIVISTIC: return should_be_high(g, graph_subtract(g, real, fake));
    default: return graph_add(g, should_be_high(g, real), graph_mean_all(g, graph_softplus(g, fake)));
    }
}

struct node *loss_generator(struct graph *g, enum loss_kind kind, struct node *real, struct node *fake)
{
    switch (kind) {
    case LOSS_LEAST_SQUARES: return least_squares(g, graph_subtract(g, fake, graph_constant(g, 1)));
    case LOSS_HINGE:
    case LOSS_WASSERSTEIN: return graph_mean_all(g, graph_negate(g, fake));
    case LOSS_RELATIVISTIC: return should_be_high(g, graph_subtract(g, fake, real));
    default: return should_be_high(g, fake);
    }
}

struct node *loss_softmax(struct graph *g, struct node *logits, struct node *targets)
{
    struct node *shifted = graph_subtract(g, logits, graph_reduce_max(g, logits, 1u << 1)); /* exp() cannot overflow */
    struct node *total = graph_log(g, graph_reduce_sum(g, graph_exp(g, shifted), 1u << 1));
    struct node *likelihood = graph_multiply(g, targets, graph_subtract(g, shifted, total));
    return graph_mean_all(g, graph_negate(g, graph_reduce_sum(g, likelihood, 1u << 1)));
}
