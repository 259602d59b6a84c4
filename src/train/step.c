/* The step's graph. The discriminator sees real and generated pictures in two passes, each with its own batch
 * statistics, as Radford et al. do; the generator's pictures are made once and used in both updates. */
#include "train/step.h"

#include "base/philox.h"
#include "train/adam.h"
#include "train/augment.h"
#include "train/penalty.h"
#include "train/replay.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { NAME_SIZE = 128, HELD_MAXIMUM = WEIGHTS_MAXIMUM + 2 * SPECTRA_MAXIMUM };
enum scalar {
    SCALAR_RATE_G,
    SCALAR_RATE_D,
    SCALAR_CORRECTION_G,
    SCALAR_CORRECTION_D,
    SCALAR_BETA2,
    SCALAR_AVERAGE,
    SCALAR_LABEL,
    SCALAR_AUGMENT,
    SCALAR_PENALTY
};
static const char *const scalar_name[STEP_SCALARS] = {"rate-g",       "rate-d",         "correction-g",
                                                      "correction-d", "beta2",          "average-rate",
                                                      "label-strength", "augment-strength", "penalty"};

static struct node *scalar_input(struct graph *g, enum scalar scalar)
{
    return graph_input(g, scalar_name[scalar], (struct shape){0});
}

/* ---- Updates ------------------------------------------------------------------------------------------------ */

/* updated[i]: each weight after a step down the gradient of `loss`. The singular vectors of spectral norm count as
 * constants, and so do the weights that `held` has replaced. */
static int optimise(struct step_graph *step, const struct adam *adam, struct node *loss, const struct weights *weights,
                    const struct scope *held, struct node **updated)
{
    struct graph *g = step->graph;
    struct node *gradient[WEIGHTS_MAXIMUM], *constant[HELD_MAXIMUM];
    int constants = 0;
    for (int i = 0; i < held->replacements; i++)
        constant[constants++] = held->replacement[i];
    for (int i = 0; i < step->spectra.count; i++) {
        constant[constants++] = step->spectra.u[i];
        constant[constants++] = step->spectra.v[i];
    }
    const int status = graph_gradient(g, loss, weights->count, weights->state, constants, constant, gradient);
    if (status < 0)
        return status;
    for (int i = 0; i < weights->count; i++)
        updated[i] = adam_update(g, adam, weights->state[i], gradient[i]);
    return graph_status(g);
}

static struct adam adam_of(struct graph *g, const struct step_settings *settings, enum scalar rate,
                           enum scalar correction)
{
    return (struct adam){.beta1 = settings->beta1,
                         .epsilon = settings->epsilon,
                         .beta2 = scalar_input(g, SCALAR_BETA2),
                         .rate = scalar_input(g, rate),
                         .correction = scalar_input(g, correction)};
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

/* The newest singular vector of each weight is where the next step begins. */
static void keep_spectra(struct graph *g, const struct spectra *spectra)
{
    for (int i = 0; i < spectra->count; i++) {
        bool newest = true;
        for (int later = i + 1; later < spectra->count; later++)
            newest = newest && spectra->u_state[later] != spectra->u_state[i];
        if (newest)
            graph_assign(g, spectra->u_state[i], spectra->u[i]);
    }
}

/* ---- What the networks see ---------------------------------------------------------------------------------- */

static struct node *latent(struct graph *g, const struct step_settings *settings)
{
    const struct shape shape = shape_batch(settings->batch, 1, &settings->network.latent);
    return settings->latent_as_input ? graph_input(g, "z", shape)
                                     : graph_random(g, RANDOM_DISTRIBUTION_NORMAL, RANDOM_LATENT_D, shape);
}

static struct node *picture_input(struct graph *g, const struct step_settings *settings, const char *name)
{
    const struct network *network = &settings->network;
    return graph_input(
        g, name, shape_batch(settings->batch, 3, (int64_t[]){network->height, network->width, network->channels}));
}

static struct node *label_input(struct graph *g, const struct step_settings *settings, const char *name)
{
    return settings->network.classes > 0 ? graph_input(g, name, shape_batch(settings->batch, 0, NULL)) : NULL;
}

static struct node *augmented(struct graph *g, const struct step_settings *settings, struct node *pictures, int set)
{
    if (!settings->augment)
        return pictures;
    struct node *strength = settings->augment_controlled ? scalar_input(g, SCALAR_AUGMENT) : NULL;
    return augment(g, settings->augment, pictures, strength, RANDOM_AUGMENT + (uint32_t)set * AUGMENT_PURPOSES);
}

struct seen {
    struct node *pictures;
    struct condition condition;
};

/* What the discriminator takes for generated: the pictures just made, or partly older ones. */
static struct seen with_replayed(struct graph *g, const struct step_settings *settings, struct seen fresh)
{
    if (!settings->replay)
        return fresh;
    struct seen mixed = fresh;
    mixed.pictures = replay_pictures(g, fresh.pictures);
    if (fresh.condition.label)
        mixed.condition.label = replay_labels(g, fresh.condition.label);
    return mixed;
}

/* ---- The step ----------------------------------------------------------------------------------------------- */

static struct node *penalty(struct graph *g, const struct step_settings *settings, const struct scope *scope,
                            const struct seen *real, struct node *logits_real, const struct seen *fake,
                            struct node *logits_fake)
{
    struct node *factor = scalar_input(g, SCALAR_PENALTY);
    if (settings->penalty == PENALTY_GRADIENT) {
        struct node *between = penalty_between(g, real->pictures, fake->pictures, RANDOM_PENALTY);
        struct node *logits = network_discriminator(scope, &settings->network, between, &real->condition);
        return graph_multiply(g, factor, penalty_one_centred(g, logits, between));
    }
    struct node *sum = penalty_zero_centred(g, logits_real, real->pictures);
    if (settings->penalty == PENALTY_R1_R2)
        sum = graph_add(g, sum, penalty_zero_centred(g, logits_fake, fake->pictures));
    return graph_scale(g, graph_multiply(g, factor, sum), 0.5);
}

/* How wrong a guess is that says 0: class y of a real picture, 1: class y of a generated one. */
static struct node *wrong_guess(struct graph *g, const struct step_settings *settings, struct node *guess,
                                const struct condition *condition, int origin)
{
    const int64_t classes = settings->network.classes, all = settings->class_origin ? 2 * classes : classes;
    struct node *said = graph_add_number(g, condition->label, (double)(origin * classes));
    struct node *loss = loss_softmax(g, guess, layer_one_hot(g, said, all));
    return condition->strength ? graph_multiply(g, loss, condition->strength) : loss;
}

static struct node *add_weighted(struct graph *g, const struct step_settings *settings, struct node *objective,
                                 struct node *loss)
{
    return graph_add(g, objective, graph_scale(g, loss, settings->class_weight));
}

/* The discriminator's update; from here on `scope` has its new weights. */
static int build_d(struct step_graph *step, const struct step_settings *settings, struct scope *scope,
                   const struct seen *real, const struct seen *fake, struct node **updated)
{
    struct graph *g = step->graph;
    const struct network *network = &settings->network;
    struct node *guess_real = NULL, *guess_fake = NULL;
    scope->class_logits = settings->class_weight > 0 ? &guess_real : NULL;
    struct node *logits_real = network_discriminator(scope, network, real->pictures, &real->condition);
    scope->class_logits = settings->class_weight > 0 ? &guess_fake : NULL;
    struct node *logits_fake = network_discriminator(scope, network, fake->pictures, &fake->condition);
    scope->class_logits = NULL;
    step->loss_d = loss_discriminator(g, settings->loss, logits_real, logits_fake);
    struct node *objective = step->loss_d;
    if (guess_real)
        objective = add_weighted(g, settings, objective, wrong_guess(g, settings, guess_real, &real->condition, 0));
    if (guess_real && settings->class_origin)
        objective = add_weighted(g, settings, objective, wrong_guess(g, settings, guess_fake, &fake->condition, 1));
    if (settings->penalty != PENALTY_NONE)
        objective = graph_add(g, objective, penalty(g, settings, scope, real, logits_real, fake, logits_fake));
    const struct adam adam = adam_of(g, settings, SCALAR_RATE_D, SCALAR_CORRECTION_D);
    const int status = optimise(step, &adam, objective, &step->weights_d, scope, updated);
    scope->weights = NULL;
    scope->replacements = step->weights_d.count;
    scope->replaced = step->weights_d.state;
    scope->replacement = updated;
    step->logit_real = graph_mean_all(g, logits_real);
    step->logit_fake = graph_mean_all(g, logits_fake);
    step->sign_real = augment_sign(g, logits_real);
    return status;
}

static int build_g(struct step_graph *step, const struct step_settings *settings, const struct scope *scope_d,
                   const struct seen *real, const struct seen *fake)
{
    struct graph *g = step->graph;
    const struct network *network = &settings->network;
    struct node *updated[WEIGHTS_MAXIMUM];
    struct node *logits_real = loss_needs_real(settings->loss)
                                   ? network_discriminator(scope_d, network, real->pictures, &real->condition)
                                   : NULL;
    struct node *guess = NULL;
    struct scope guessing = *scope_d;
    guessing.class_logits = settings->class_weight > 0 ? &guess : NULL;
    struct node *logits_fake = network_discriminator(&guessing, network, fake->pictures, &fake->condition);
    step->loss_g = loss_generator(g, settings->loss, logits_real, logits_fake);
    struct node *objective = step->loss_g;
    if (guess)
        objective = add_weighted(g, settings, objective, wrong_guess(g, settings, guess, &fake->condition, 0));
    if (guess && settings->class_origin)
        objective = add_weighted(g, settings, objective,
                                 graph_negate(g, wrong_guess(g, settings, guess, &fake->condition, 1)));
    const struct adam adam = adam_of(g, settings, SCALAR_RATE_G, SCALAR_CORRECTION_G);
    const int status = optimise(step, &adam, objective, &step->weights_g, scope_d, updated);
    if (status == 0 && settings->average)
        follow_average(g, &step->weights_g, updated);
    return status;
}

static void set_outputs(const struct step_graph *step)
{
    struct node *const outputs[] = {step->loss_d,     step->loss_g,    step->logit_real,
                                    step->logit_fake, step->sign_real, step->fake};
    for (size_t i = 0; i < sizeof outputs / sizeof *outputs; i++)
        if (outputs[i])
            graph_output(step->graph, outputs[i]);
}

static int build(struct step_graph *step, const struct step_settings *settings)
{
    struct graph *g = step->graph;
    const struct scope scope_g = {.graph = g, .prefix = "g", .training = true, .weights = &step->weights_g};
    struct scope scope_d = {.graph = g,
                            .prefix = "d",
                            .training = true,
                            .weights = &step->weights_d,
                            .spectra = settings->network.spectral_d ? &step->spectra : NULL};
    const struct condition condition = {.label = label_input(g, settings, "label"),
                                        .strength = settings->ramp ? scalar_input(g, SCALAR_LABEL) : NULL};
    struct seen real = {picture_input(g, settings, "real"), condition};
    struct seen fake = {network_generator(&scope_g, &settings->network, latent(g, settings), &condition), condition};
    if (settings->replay)
        step->fake = fake.pictures;
    struct seen judged = with_replayed(g, settings, fake);
    const bool mixed = judged.pictures != fake.pictures;
    real.pictures = augmented(g, settings, real.pictures, 0);
    fake.pictures = augmented(g, settings, fake.pictures, 1);
    judged.pictures = mixed ? augmented(g, settings, judged.pictures, 2) : fake.pictures;

    struct node *updated_d[WEIGHTS_MAXIMUM];
    int status = build_d(step, settings, &scope_d, &real, &judged, updated_d);
    if (status == 0 && !settings->only_d)
        status = build_g(step, settings, &scope_d, &real, &fake);
    if (status < 0)
        return status;
    keep_spectra(g, &step->spectra);
    set_outputs(step);
    return graph_status(g);
}

int step_graph_make(struct step_graph *step, const struct step_settings *settings)
{
    memset(step, 0, sizeof *step);
    int status = network_check(&settings->network);
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

/* ---- Scalars ------------------------------------------------------------------------------------------------ */

int step_scalars_bind(struct step_scalars *scalars, struct executor *executor, enum number_type type)
{
    *scalars = (struct step_scalars){.type = type};
    for (int i = 0; i < STEP_SCALARS; i++) {
        const void *number = type == NUMBER_F64 ? (const void *)&scalars->wide[i] : (const void *)&scalars->narrow[i];
        const int status =
            executor_reads(executor, scalar_name[i]) ? executor_bind(executor, scalar_name[i], number) : 0;
        if (status < 0)
            return status;
    }
    return 0;
}

void step_scalars_set(struct step_scalars *scalars, const struct step_settings *settings,
                      const struct step_schedule *schedule)
{
    const double g = (double)schedule->updates_g + 1, d = (double)schedule->updates_d + 1;
    scalars->wide[SCALAR_RATE_G] = schedule->rate_g / (1 - pow(settings->beta1, g));
    scalars->wide[SCALAR_RATE_D] = schedule->rate_d / (1 - pow(settings->beta1, d));
    scalars->wide[SCALAR_CORRECTION_G] = 1 / sqrt(1 - pow(schedule->beta2, g));
    scalars->wide[SCALAR_CORRECTION_D] = 1 / sqrt(1 - pow(schedule->beta2, d));
    scalars->wide[SCALAR_BETA2] = schedule->beta2;
    scalars->wide[SCALAR_AVERAGE] = schedule->average_rate;
    scalars->wide[SCALAR_LABEL] = schedule->label_strength;
    scalars->wide[SCALAR_AUGMENT] = schedule->augment_strength;
    scalars->wide[SCALAR_PENALTY] = schedule->penalty;
    for (int i = 0; i < STEP_SCALARS; i++)
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
