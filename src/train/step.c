/* The step's graph. The discriminator sees real and generated pictures in two passes, each with its own batch
 * statistics, as Radford et al. do; the generator's pictures are made once and used in both updates. */
#include "train/step.h"

#include "base/philox.h"
#include "train/loss.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { NAME_SIZE = 128 };
enum scalar { SCALAR_RATE_G, SCALAR_RATE_D, SCALAR_CORRECTION, SCALAR_AVERAGE, SCALARS };
static const char *const scalar_name[SCALARS] = {"rate-g", "rate-d", "correction", "average-rate"};

static struct node *scalar_input(struct graph *g, enum scalar scalar)
{
    return graph_input(g, scalar_name[scalar], (struct shape){0});
}

static struct node *companion(struct graph *g, const char *prefix, const struct node *weight)
{
    char name[NAME_SIZE];
    snprintf(name, sizeof name, "%s.%s", prefix, weight->name);
    return graph_state(g, name, weight->shape, (struct initial){INITIAL_CONSTANT, 0, 0});
}

/* m, v and the weight after one step of Adam. The rate has the first moment's bias correction in it, `correction` is
 * that of the second: 1 / sqrt(1 - beta2^t). */
static struct node *adam(struct graph *g, const struct step_settings *settings, struct node *weight,
                         struct node *gradient, struct node *rate)
{
    struct node *m = companion(g, "m", weight), *v = companion(g, "v", weight);
    if (!m || !v || !gradient)
        return NULL;
    struct node *square = graph_multiply(g, gradient, gradient);
    struct node *new_m = graph_add(g, graph_scale(g, m, settings->beta1), graph_scale(g, gradient, 1 - settings->beta1));
    struct node *new_v = graph_add(g, graph_scale(g, v, settings->beta2), graph_scale(g, square, 1 - settings->beta2));
    struct node *deviation = graph_multiply(g, graph_sqrt(g, new_v), scalar_input(g, SCALAR_CORRECTION));
    struct node *step = graph_divide(g, new_m, graph_add_number(g, deviation, settings->epsilon));
    struct node *updated = graph_subtract(g, weight, graph_multiply(g, step, rate));
    graph_assign(g, m, new_m);
    graph_assign(g, v, new_v);
    graph_assign(g, weight, updated);
    return updated;
}

/* updated[i]: each weight after a step down the gradient of `loss`; the weights that `held` has replaced stay put. */
static int optimise(struct graph *g, const struct step_settings *settings, struct node *loss,
                    const struct weights *weights, enum scalar rate, const struct scope *held, struct node **updated)
{
    struct node *gradient[WEIGHTS_MAXIMUM];
    const int status = graph_gradient(g, loss, weights->count, weights->state, held->replacements, held->replacement, gradient);
    if (status < 0)
        return status;
    for (int i = 0; i < weights->count; i++)
        updated[i] = adam(g, settings, weights->state[i], gradient[i], scalar_input(g, rate));
    return graph_status(g);
}

static void follow_average(struct graph *g, const struct weights *weights, struct node *const *updated)
{
    for (int i = 0; i < weights->count; i++) {
        char name[NAME_SIZE];
        const struct node *weight = weights->state[i];
        snprintf(name, sizeof name, "ema%s", strchr(weight->name, '.'));
        struct node *average = graph_state(g, name, weight->shape, weight->initial);
        struct node *way = graph_subtract(g, updated[i], average);
        graph_assign(g, average, graph_add(g, average, graph_multiply(g, way, scalar_input(g, SCALAR_AVERAGE))));
    }
}

static struct node *latent(struct graph *g, const struct step_settings *settings)
{
    const struct shape shape = shape_batch(settings->batch, 1, &settings->network.latent);
    return settings->latent_as_input ? graph_input(g, "z", shape)
                                     : graph_random(g, RANDOM_DISTRIBUTION_NORMAL, RANDOM_LATENT_D, shape);
}

static int build(struct step_graph *step, const struct step_settings *settings)
{
    struct graph *g = step->graph;
    const struct dcgan *network = &settings->network;
    const struct scope scope_g = {.graph = g, .prefix = "g", .training = true, .weights = &step->weights_g};
    struct scope scope_d = {.graph = g, .prefix = "d", .training = true, .weights = &step->weights_d};
    struct node *real = graph_input(
        g, "real", shape_batch(settings->batch, 3, (int64_t[]){network->height, network->width, network->channels}));
    struct node *fake = dcgan_generator(&scope_g, network, latent(g, settings));

    struct node *logits_real = dcgan_discriminator(&scope_d, network, real);
    struct node *logits_fake = dcgan_discriminator(&scope_d, network, fake);
    step->loss_d = graph_add(g, loss_real(g, settings->loss, logits_real), loss_fake(g, settings->loss, logits_fake));
    struct node *updated_d[WEIGHTS_MAXIMUM], *updated_g[WEIGHTS_MAXIMUM];
    int status = optimise(g, settings, step->loss_d, &step->weights_d, SCALAR_RATE_D, &scope_g, updated_d);
    if (status < 0)
        return status;

    scope_d.weights = NULL;
    scope_d.replacements = step->weights_d.count;
    scope_d.replaced = step->weights_d.state;
    scope_d.replacement = updated_d;
    step->loss_g = loss_generator(g, settings->loss, dcgan_discriminator(&scope_d, network, fake));
    status = optimise(g, settings, step->loss_g, &step->weights_g, SCALAR_RATE_G, &scope_d, updated_g);
    if (status < 0)
        return status;
    if (settings->average)
        follow_average(g, &step->weights_g, updated_g);

    step->logit_real = graph_mean_all(g, logits_real);
    step->logit_fake = graph_mean_all(g, logits_fake);
    graph_output(g, step->loss_d);
    graph_output(g, step->loss_g);
    graph_output(g, step->logit_real);
    graph_output(g, step->logit_fake);
    return graph_status(g);
}

int step_graph_make(struct step_graph *step, const struct step_settings *settings)
{
    memset(step, 0, sizeof *step);
    int status = dcgan_check(&settings->network);
    if (status == 0)
        status = graph_new(&step->graph);
    if (status == 0)
        status = build(step, settings);
    if (status < 0)
        step_graph_free(step);
    return status;
}

void step_graph_free(struct step_graph *step)
{
    graph_free(step->graph);
    step->graph = NULL;
}

int step_scalars_bind(struct step_scalars *scalars, struct executor *executor, const struct step_settings *settings,
                      enum number_type type)
{
    *scalars = (struct step_scalars){.type = type};
    for (int i = 0; i < SCALARS; i++) {
        if (i == SCALAR_AVERAGE && !settings->average)
            continue;
        const void *number = type == NUMBER_F64 ? (const void *)&scalars->wide[i] : (const void *)&scalars->narrow[i];
        const int status = executor_bind(executor, scalar_name[i], number);
        if (status < 0)
            return status;
    }
    return 0;
}

void step_scalars_set(struct step_scalars *scalars, const struct step_settings *settings,
                      const struct step_schedule *schedule)
{
    const double t = (double)schedule->step + 1;
    const double first = 1 / (1 - pow(settings->beta1, t));
    scalars->wide[SCALAR_RATE_G] = schedule->rate_g * first;
    scalars->wide[SCALAR_RATE_D] = schedule->rate_d * first;
    scalars->wide[SCALAR_CORRECTION] = 1 / sqrt(1 - pow(settings->beta2, t));
    scalars->wide[SCALAR_AVERAGE] = schedule->average_rate;
    for (int i = 0; i < SCALARS; i++)
        scalars->narrow[i] = (float)scalars->wide[i];
}

void step_average_begin(struct store *store)
{
    for (int i = 0; i < store_tensors(store); i++) {
        struct tensor *average = store_tensor(store, i);
        char name[NAME_SIZE];
        if (strncmp(average->name, "ema.", 4) != 0)
            continue;
        snprintf(name, sizeof name, "g%s", average->name + 3);
        const struct tensor *weight = store_find(store, name);
        if (weight)
            memcpy(average->data, weight->data, tensor_bytes(store, average));
    }
}
