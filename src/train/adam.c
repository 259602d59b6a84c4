/* One weight, its two moments. The planner makes a single pass over memory of it. */
#include "train/adam.h"

#include <stdio.h>

enum { NAME_SIZE = 128 };

static struct node *companion(struct graph *g, const char *prefix, const struct node *weight)
{
    char name[NAME_SIZE];
    snprintf(name, sizeof name, "%s.%s", prefix, weight->name);
    return graph_state(g, name, weight->shape, (struct initial){INITIAL_CONSTANT, 0, 0});
}

/* moment + (target - moment) (1 - beta) */
static struct node *follow(struct graph *g, struct node *moment, struct node *target, struct node *beta)
{
    struct node *kept = graph_multiply(g, moment, beta);
    struct node *taken = graph_multiply(g, target, graph_subtract(g, graph_constant(g, 1), beta));
    return graph_add(g, kept, taken);
}

struct node *adam_update(struct graph *graph, const struct adam *adam, struct node *weight, struct node *gradient)
{
    struct node *m = companion(graph, "m", weight), *v = companion(graph, "v", weight);
    if (!m || !v || !gradient)
        return NULL;
    struct node *new_m = follow(graph, m, gradient, graph_constant(graph, adam->beta1));
    struct node *new_v = follow(graph, v, graph_multiply(graph, gradient, gradient), adam->beta2);
    struct node *deviation = graph_multiply(graph, graph_sqrt(graph, new_v), adam->correction);
    struct node *step = graph_divide(graph, new_m, graph_add_number(graph, deviation, adam->epsilon));
    struct node *updated = graph_subtract(graph, weight, graph_multiply(graph, step, adam->rate));
    graph_assign(graph, m, new_m);
    graph_assign(graph, v, new_v);
    graph_assign(graph, weight, updated);
    return updated;
}
