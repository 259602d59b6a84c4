/* Cross-entropy in its non-saturating form (Goodfellow et al. 2014), least squares with targets 1 and 0 (Mao et al. 2017),
 * hinge (Lim and Ye 2017). */
#include "train/loss.h"

struct node *loss_real(struct graph *g, enum loss_kind kind, struct node *logits)
{
    struct node *one = graph_constant(g, 1);
    switch (kind) {
    case LOSS_LEAST_SQUARES: {
        struct node *miss = graph_subtract(g, logits, one);
        return graph_mean_all(g, graph_multiply(g, miss, miss));
    }
    case LOSS_HINGE: return graph_mean_all(g, graph_maximum(g, graph_subtract(g, one, logits), graph_constant(g, 0)));
    default: return graph_mean_all(g, graph_softplus(g, graph_negate(g, logits)));
    }
}

struct node *loss_fake(struct graph *g, enum loss_kind kind, struct node *logits)
{
    switch (kind) {
    case LOSS_LEAST_SQUARES: return graph_mean_all(g, graph_multiply(g, logits, logits));
    case LOSS_HINGE: return graph_mean_all(g, graph_maximum(g, graph_add_number(g, logits, 1), graph_constant(g, 0)));
    default: return graph_mean_all(g, graph_softplus(g, logits));
    }
}

struct node *loss_generator(struct graph *g, enum loss_kind kind, struct node *logits)
{
    return kind == LOSS_HINGE ? graph_mean_all(g, graph_negate(g, logits)) : loss_real(g, kind, logits);
}
