/* The step's graph. The optimiser is AdamW (Loshchilov and Hutter 2019): in so few steps it learns more than descent
 * with momentum. The normalisations' statistics are running averages, which are what the finished classifier normalises
 * with: the learning rate ends at 0, so that the last of them belong to the final weights. */
#include "train/classify_step.h"

#include "train/loss.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { NAME_SIZE = 128 };
enum scalar { SCALAR_RATE, SCALAR_DECAY, SCALAR_CORRECTION, SCALAR_STATISTICS };
static const char *const scalar_name[CLASSIFY_SCALARS] = {"rate", "decay-rate", "correction", "statistics-rate"};
static const double beta1 = 0.9, beta2 = 0.99, epsilon = 1e-8;

static struct node *scalar_input(struct graph *g, enum scalar scalar)
{
    return graph_input(g, scalar_name[scalar], (struct shape){0});
}

static bool decays(const struct node *weight)
{
    static const char ending[] = ".weight";
    const size_t length = strlen(weight->name), tail = strlen(ending);
    return length > tail && strcmp(weight->name + length - tail, ending) == 0;
}

static struct node *moment(struct graph *g, const char *prefix, const struct node *weight)
{
    char name[NAME_SIZE];
    snprintf(name, sizeof name, "%s.%s", prefix, weight->name);
    return graph_state(g, name, weight->shape, initial_constant(0));
}

/* old + (value - old) rate */
static struct node *towards(struct graph *g, struct node *old, struct node *value, struct node *rate)
{
    return graph_add(g, old, graph_multiply(g, graph_subtract(g, value, old), rate));
}

static void optimise(struct graph *g, struct node *weight, struct node *gradient)
{
    struct node *m = moment(g, "m", weight), *v = moment(g, "v", weight);
    if (!m || !v || !gradient)
        return; /* the graph has kept the error */
    struct node *square = graph_multiply(g, gradient, gradient);
    struct node *new_m = towards(g, m, gradient, graph_constant(g, 1 - beta1));
    struct node *new_v = towards(g, v, square, graph_constant(g, 1 - beta2));
    struct node *deviation = graph_multiply(g, graph_sqrt(g, new_v), scalar_input(g, SCALAR_CORRECTION));
    struct node *step = graph_divide(g, new_m, graph_add_number(g, deviation, epsilon));
    struct node *change = graph_multiply(g, step, scalar_input(g, SCALAR_RATE));
    if (decays(weight))
        change = graph_add(g, change, graph_multiply(g, weight, scalar_input(g, SCALAR_DECAY)));
    graph_assign(g, m, new_m);
    graph_assign(g, v, new_v);
    graph_assign(g, weight, graph_subtract(g, weight, change));
}

static int build(struct classify_step *step, const struct classify_settings *settings)
{
    struct graph *g = step->graph;
    const struct classifier *network = &settings->network;
    struct statistics statistics = {0};
    const struct scope scope = {
        .graph = g, .prefix = "c", .training = true, .weights = &step->weights, .statistics = &statistics};
    struct node *images = graph_input(
        g, "images", shape_batch(settings->batch, 3, (int64_t[]){network->height, network->width, network->channels}));
    struct node *targets = graph_input(g, "targets", shape_batch(settings->batch, 1, &network->classes));
    struct node *logits = classifier_logits(&scope, network, classifier_features(&scope, network, images));
    step->loss = loss_softmax(g, logits, targets);
    struct node *gradient[WEIGHTS_MAXIMUM];
    const int status = graph_gradient(g, step->loss, step->weights.count, step->weights.state, 0, NULL, gradient);
    if (status < 0)
        return status;
    for (int i = 0; i < step->weights.count; i++)
        optimise(g, step->weights.state[i], gradient[i]);
    struct node *rate = scalar_input(g, SCALAR_STATISTICS);
    for (int i = 0; i < statistics.count; i++) {
        struct node *mean = statistics.stored_mean[i], *variance = statistics.stored_variance[i];
        graph_assign(g, mean, towards(g, mean, statistics.mean[i], rate));
        graph_assign(g, variance, towards(g, variance, statistics.variance[i], rate));
    }
    graph_output(g, step->loss);
    return graph_status(g);
}

int classify_step_make(struct classify_step *step, const struct classify_settings *settings)
{
    memset(step, 0, sizeof *step);
    int status = classifier_check(&settings->network);
    if (status == 0)
        status = graph_new(&step->graph);
    if (status == 0)
        status = build(step, settings);
    if (status < 0)
        classify_step_free(step);
    return status;
}

void classify_step_free(struct classify_step *step)
{
    graph_free(step->graph);
    step->graph = NULL;
}

int classify_scalars_bind(const struct classify_scalars *scalars, struct executor *executor)
{
    int status = 0;
    for (int i = 0; status == 0 && i < CLASSIFY_SCALARS; i++)
        status = executor_bind(executor, scalar_name[i], &scalars->value[i]);
    return status;
}

void classify_scalars_set(struct classify_scalars *scalars, const struct classify_schedule *schedule)
{
    const double t = (double)schedule->step + 1;
    scalars->value[SCALAR_RATE] = (float)(schedule->rate / (1 - pow(beta1, t)));
    scalars->value[SCALAR_DECAY] = (float)(schedule->rate * schedule->weight_decay);
    scalars->value[SCALAR_CORRECTION] = (float)(1 / sqrt(1 - pow(beta2, t)));
    scalars->value[SCALAR_STATISTICS] = (float)schedule->statistics_rate;
}
