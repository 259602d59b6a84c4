/* Adversarial losses and gradient penalties: their values and gradients against PyTorch, and what the penalties promise
 * beyond that. */
#include "base/philox.h"
#include "golden.h"
#include "machine.h"
#include "net/layers.h"
#include "train/loss.h"
#include "train/penalty.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME = 160 };

/* --- Losses ------------------------------------------------------------------------------------------------ */

static const struct {
    const char *name;
    enum loss_kind kind;
} losses[] = {{"cross-entropy", LOSS_CROSS_ENTROPY},
              {"least-squares", LOSS_LEAST_SQUARES},
              {"hinge", LOSS_HINGE},
              {"wasserstein", LOSS_WASSERSTEIN},
              {"relativistic", LOSS_RELATIVISTIC}};

enum { LOGITS = 8 };
static const char *const side[2] = {"real", "fake"};

static void check_loss(const char *name, enum loss_kind kind, bool generator, const struct backend *backend,
                       double tolerance)
{
    struct golden golden = golden_open("losses.safetensors");
    struct machine machine = machine_new();
    struct node *logits[2], *gradient[2];
    void *bound[2];
    char tensor[NAME];
    for (int i = 0; i < 2; i++)
        logits[i] = graph_input(machine.graph, side[i], shape_batch(LOGITS, 1, (int64_t[]){1}));
    struct node *loss = generator
                            ? loss_generator(machine.graph, kind, loss_needs_real(kind) ? logits[0] : NULL, logits[1])
                            : loss_discriminator(machine.graph, kind, logits[0], logits[1]);
    must(graph_gradient(machine.graph, loss, 2, logits, 0, NULL, gradient));
    graph_output(machine.graph, loss);
    for (int i = 0; i < 2; i++) {
        graph_output(machine.graph, logits[i]);
        graph_output(machine.graph, gradient[i]);
    }
    machine_start(&machine, backend, 0);
    for (int i = 0; i < 2; i++) {
        snprintf(tensor, sizeof tensor, "logits.%s", side[i]);
        bound[i] = golden_bind(&golden, tensor, machine.executor, backend->type, side[i], LOGITS);
    }
    must(executor_run(machine.executor, 1, 0));
    const char player = generator ? 'g' : 'd';
    snprintf(tensor, sizeof tensor, "%s/%c", name, player);
    golden_expect_output(&golden, tensor, machine.executor, backend->type, loss, tolerance);
    for (int i = 0; i < 2; i++) {
        snprintf(tensor, sizeof tensor, "%s/%c.grad.%s", name, player, side[i]);
        golden_expect_output(&golden, tensor, machine.executor, backend->type, gradient[i], tolerance);
        free(bound[i]);
    }
    machine_stop(&machine);
    golden_close(&golden);
}

static void losses_and_their_gradients_agree_with_pytorch(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof losses / sizeof *losses; i++)
        for (int generator = 0; generator < 2; generator++) {
            check_loss(losses[i].name, losses[i].kind, generator, &plain_f64, 1e-7);
            check_loss(losses[i].name, losses[i].kind, generator, &cpu_f32, 1e-5);
        }
}

static void only_pairing_needs_real_logits_for_the_generator(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof losses / sizeof *losses; i++)
        assert_int_equal(loss_needs_real(losses[i].kind), losses[i].kind == LOSS_RELATIVISTIC);
}

/* --- Penalties ---------------------------------------------------------------------------------------------- */

static const struct initial zero = {INITIAL_CONSTANT, 0, 0};

static struct node *plain_discriminator(const struct scope *scope, struct node *x)
{
    struct node *h = layer_leaky_relu(scope->graph, layer_down(scope, "down1", x, 4, zero), 0.2);
    h = layer_leaky_relu(scope->graph, layer_down(scope, "down2", h, 8, zero), 0.2);
    h = layer_leaky_relu(scope->graph, layer_down(scope, "down3", h, 16, zero), 0.2);
    return layer_dense(scope, "dense", layer_flatten(scope->graph, h), 1, zero);
}

static struct node *normalised_discriminator(const struct scope *scope, struct node *x)
{
    struct node *h = layer_leaky_relu(scope->graph, layer_down(scope, "down1", x, 4, zero), 0.2);
    h = layer_batch_norm(scope, "norm2", layer_down(scope, "down2", h, 8, zero), zero);
    h = layer_leaky_relu(scope->graph, h, 0.2);
    return layer_dense(scope, "dense", layer_flatten(scope->graph, h), 1, zero);
}

static struct node *biased_conv(const struct scope *scope, const char *name, struct node *x, int64_t outputs)
{
    return layer_bias(scope, name, layer_conv(scope, name, x, outputs, 3, 1, zero));
}

static struct node *residual_discriminator(const struct scope *scope, struct node *x)
{
    struct graph *g = scope->graph;
    struct node *h = layer_leaky_relu(g, biased_conv(scope, "in", x, 6), 0.2);
    struct node *inner = graph_tanh(g, biased_conv(scope, "inner", h, 5));
    inner = layer_halve(g, biased_conv(scope, "outer", inner, 7));
    struct node *shortcut = layer_halve(g, layer_conv(scope, "shortcut", h, 7, 1, 1, zero));
    h = layer_leaky_relu(g, graph_add(g, inner, shortcut), 0.2);
    return layer_dense(scope, "dense", layer_sum_pixels(g, h), 1, zero);
}

struct penalised {
    const char *file, *folder; /* folder: what the tensors' names begin with */
    int64_t size;
    struct node *(*discriminator)(const struct scope *, struct node *);
    struct {
        const char *name;
        struct node *(*build)(struct graph *, struct node *, struct node *);
        double factor;
        const char *gradient; /* of the weights, in front of their names */
    } penalty[2];
    const char *pictures;
};

enum { PICTURES = 4 };
static const struct penalised penalised[] = {
    {"penalty.safetensors", "", 32, plain_discriminator,
     {{"r1", penalty_zero_centred, 10.0 / 2, "grad.r1/"}, {"wgan_gp", penalty_one_centred, 1, "grad.wgan_gp/"}},
     "images"},
    {"losses.safetensors", "dcgan/", 16, normalised_discriminator,
     {{"zero", penalty_zero_centred, 1, "zero.grad."}, {"one", penalty_one_centred, 1, "one.grad."}},
     "pictures"},
    {"losses.safetensors", "residual/", 16, residual_discriminator,
     {{"zero", penalty_zero_centred, 1, "zero.grad."}, {"one", penalty_one_centred, 1, "one.grad."}},
     "pictures"},
};

/* The pictures come in at half their size and are doubled: as little as a generator can be, and exact. */
static void check_penalised(const struct penalised *trial, bool generated, const struct backend *backend,
                            double tolerance)
{
    struct golden golden = golden_open(trial->file);
    struct machine machine = machine_new();
    struct graph *g = machine.graph;
    struct weights weights = {0};
    struct node *penalty[2], *gradient[2][WEIGHTS_MAXIMUM];
    char name[NAME];
    const struct shape shape = shape_batch(PICTURES, 3, (int64_t[]){trial->size, trial->size, 3});
    const int64_t elements = shape_elements(&shape);
    const struct scope scope = {.graph = g, .prefix = "d", .training = true, .weights = &weights};
    struct node *pictures = graph_input(g, "pictures", shape);
    if (generated)
        pictures = graph_scale(g, graph_scale(g, pictures, 0.5), 2);
    struct node *logits = trial->discriminator(&scope, pictures);
    for (int p = 0; p < 2; p++) {
        penalty[p] = graph_scale(g, trial->penalty[p].build(g, logits, pictures), trial->penalty[p].factor);
        must(graph_gradient(g, penalty[p], weights.count, weights.state, 0, NULL, gradient[p]));
        graph_output(g, penalty[p]);
        for (int i = 0; i < weights.count; i++)
            graph_output(g, gradient[p][i]);
    }
    machine_start(&machine, backend, 2);
    for (int i = 0; i < weights.count; i++) {
        snprintf(name, sizeof name, "%s%s", trial->folder, weights.state[i]->name);
        golden_load(&golden, name, machine.store, weights.state[i]->name);
    }
    snprintf(name, sizeof name, "%s%s", trial->folder, trial->pictures);
    void *bound = golden_bind(&golden, name, machine.executor, backend->type, "pictures", elements);
    must(executor_run(machine.executor, 1, 0));
    for (int p = 0; p < 2; p++) {
        snprintf(name, sizeof name, "%s%s", trial->folder, trial->penalty[p].name);
        golden_expect_output(&golden, name, machine.executor, backend->type, penalty[p], tolerance);
        for (int i = 0; i < weights.count; i++) {
            snprintf(name, sizeof name, "%s%s%s", trial->folder, trial->penalty[p].gradient, weights.state[i]->name);
            golden_expect_output(&golden, name, machine.executor, backend->type, gradient[p][i], tolerance);
        }
    }
    machine_stop(&machine);
    free(bound);
    golden_close(&golden);
}

static void penalties_and_their_gradients_agree_with_pytorch(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof penalised / sizeof *penalised; i++) {
        check_penalised(&penalised[i], false, &plain_f64, 1e-6); /* the files are rounded to float */
        check_penalised(&penalised[i], false, &cpu_f32, 1e-4);
    }
}

static void the_gradient_is_taken_at_generated_pictures_themselves(void **state)
{
    (void)state;
    check_penalised(&penalised[2], true, &cpu_f32, 1e-4);
}

/* The gradients by all weights, one after the other, of a loss, of R1 and R2, or of both; in a graph of its own. */
enum { LOSS = 1, PENALTIES = 2 };

static double *weight_gradients(const struct penalised *trial, int parts, int64_t *count)
{
    struct golden golden = golden_open(trial->file);
    struct machine machine = machine_new();
    struct graph *g = machine.graph;
    struct weights weights = {0};
    struct node *pictures[2], *logits[2], *gradient[WEIGHTS_MAXIMUM], *value = graph_constant(g, 0);
    char name[NAME];
    const struct shape shape = shape_batch(PICTURES, 3, (int64_t[]){trial->size, trial->size, 3});
    const struct scope scope = {.graph = g, .prefix = "d", .training = true, .weights = &weights};
    for (int i = 0; i < 2; i++) {
        pictures[i] = graph_scale(g, graph_input(g, "pictures", shape), i ? -0.7 : 1);
        logits[i] = trial->discriminator(&scope, pictures[i]);
    }
    if (parts & LOSS)
        value = graph_add(g, value, loss_discriminator(g, LOSS_RELATIVISTIC, logits[0], logits[1]));
    for (int i = 0; i < 2 && parts & PENALTIES; i++)
        value = graph_add(g, value, graph_scale(g, penalty_zero_centred(g, logits[i], pictures[i]), i + 3));
    must(graph_gradient(g, value, weights.count, weights.state, 0, NULL, gradient));
    for (int i = 0; i < weights.count; i++)
        graph_output(g, gradient[i]);
    machine_start(&machine, &plain_f64, 2);
    *count = 0;
    for (int i = 0; i < weights.count; i++) {
        snprintf(name, sizeof name, "%s%s", trial->folder, weights.state[i]->name);
        golden_load(&golden, name, machine.store, weights.state[i]->name);
        *count += shape_elements(&weights.state[i]->shape);
    }
    snprintf(name, sizeof name, "%s%s", trial->folder, trial->pictures);
    void *bound = golden_bind(&golden, name, machine.executor, NUMBER_F64, "pictures", shape_elements(&shape));
    must(executor_run(machine.executor, 1, 0));
    double *all = malloc((size_t)*count * sizeof *all), *next = all;
    assert_non_null(all);
    for (int i = 0; i < weights.count; i++) {
        const int64_t elements = shape_elements(&gradient[i]->shape);
        memcpy(next, executor_output(machine.executor, gradient[i]), (size_t)elements * sizeof *next);
        next += elements;
    }
    machine_stop(&machine);
    free(bound);
    golden_close(&golden);
    return all;
}

static void the_gradient_of_a_loss_with_penalties_is_the_sum_of_theirs(void **state)
{
    (void)state;
    for (size_t t = 0; t < sizeof penalised / sizeof *penalised; t++) {
        int64_t count;
        double *loss = weight_gradients(&penalised[t], LOSS, &count);
        double *penalties = weight_gradients(&penalised[t], PENALTIES, &count);
        double *both = weight_gradients(&penalised[t], LOSS | PENALTIES, &count);
        for (int64_t i = 0; i < count; i++)
            loss[i] += penalties[i];
        assert_true(relative_error(NUMBER_F64, both, loss, count) <= 1e-12);
        free(loss);
        free(penalties);
        free(both);
    }
}

static double contraction_flops(const struct penalised *trial, bool penalty)
{
    struct machine machine = machine_new();
    struct graph *g = machine.graph;
    struct weights weights = {0};
    struct node *logits[2], *gradient[WEIGHTS_MAXIMUM];
    const struct scope scope = {.graph = g, .prefix = "d", .training = true, .weights = &weights};
    const struct shape shape = shape_batch(PICTURES, 3, (int64_t[]){trial->size, trial->size, 3});
    for (int i = 0; i < 2; i++)
        logits[i] = trial->discriminator(&scope, graph_input(g, side[i], shape));
    struct node *value = loss_discriminator(g, LOSS_CROSS_ENTROPY, logits[0], logits[1]);
    if (penalty)
        value = graph_add(g, value, penalty_zero_centred(g, logits[0], graph_input(g, side[0], shape)));
    must(graph_gradient(g, value, weights.count, weights.state, 0, NULL, gradient));
    for (int i = 0; i < weights.count; i++)
        graph_output(g, gradient[i]);
    machine_start(&machine, &cpu_f32, 2);
    const double flops = plan_cost(machine.plan, 2).contraction_flops;
    machine_stop(&machine);
    return flops;
}

/* The way back is shared with the loss, as are the gradients by the weights: what is left are the gradient by the
 * pictures and one more way forward, of 5 and a half ways in all. */
static void r1_without_normalisation_costs_one_more_way_forward(void **state)
{
    (void)state;
    const double with = contraction_flops(&penalised[0], true), without = contraction_flops(&penalised[0], false);
    assert_true(with > without);
    assert_true(with < 1.3 * without);
}

static void a_discriminator_that_is_flat_has_finite_penalties(void **state)
{
    (void)state;
    struct machine machine = machine_new();
    struct graph *g = machine.graph;
    struct weights weights = {0};
    struct node *gradient[2][WEIGHTS_MAXIMUM], *penalty[2];
    const struct scope scope = {.graph = g, .prefix = "d", .training = true, .weights = &weights};
    struct node *pictures = graph_input(g, "pictures", shape_batch(PICTURES, 3, (int64_t[]){32, 32, 3}));
    struct node *logits = plain_discriminator(&scope, pictures); /* all weights 0 */
    penalty[0] = penalty_zero_centred(g, logits, pictures);
    penalty[1] = penalty_one_centred(g, logits, pictures);
    for (int p = 0; p < 2; p++) {
        must(graph_gradient(g, penalty[p], weights.count, weights.state, 0, NULL, gradient[p]));
        graph_output(g, penalty[p]);
        for (int i = 0; i < weights.count; i++)
            graph_output(g, gradient[p][i]);
    }
    machine_start(&machine, &cpu_f32, 2);
    static float numbers[PICTURES * 32 * 32 * 3];
    random_uniform((random_address){1, 0, RANDOM_USER, 0}, 0, sizeof numbers / sizeof *numbers, numbers);
    must(executor_bind(machine.executor, "pictures", numbers));
    must(executor_run(machine.executor, 1, 0));
    for (int p = 0; p < 2; p++) {
        assert_float_equal(*(const float *)executor_output(machine.executor, penalty[p]), (float)p, 1e-5);
        for (int i = 0; i < weights.count; i++)
            for (int64_t k = 0; k < shape_elements(&gradient[p][i]->shape); k++)
                assert_true(isfinite(((const float *)executor_output(machine.executor, gradient[p][i]))[k]));
    }
    machine_stop(&machine);
}

static void pictures_between_lie_on_a_line_at_a_place_of_their_own(void **state)
{
    (void)state;
    enum { EACH = 6 * 5 * 3, STEP = 7, SEED = 1 };
    struct machine machine = machine_new();
    struct node *v[2];
    float numbers[2][PICTURES * EACH];
    for (int i = 0; i < 2; i++) {
        v[i] = graph_input(machine.graph, side[i], shape_batch(PICTURES, 3, (int64_t[]){6, 5, 3}));
        random_uniform((random_address){SEED, 0, RANDOM_USER, (uint64_t)i}, 0, PICTURES * EACH, numbers[i]);
    }
    struct node *between = penalty_between(machine.graph, v[0], v[1], RANDOM_PENALTY);
    graph_output(machine.graph, between);
    machine_start(&machine, &cpu_f32, 2);
    for (int i = 0; i < 2; i++)
        must(executor_bind(machine.executor, side[i], numbers[i]));
    must(executor_run(machine.executor, SEED, STEP));
    const float *seen = executor_output(machine.executor, between);
    for (uint64_t n = 0; n < PICTURES; n++) {
        float u;
        random_uniform((random_address){SEED, STEP, RANDOM_PENALTY, n}, 0, 1, &u);
        for (uint64_t i = n * EACH; i < (n + 1) * EACH; i++)
            assert_float_equal(seen[i], (1 - u) * numbers[0][i] + u * numbers[1][i], 1e-6);
    }
    machine_stop(&machine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(losses_and_their_gradients_agree_with_pytorch),
        cmocka_unit_test(only_pairing_needs_real_logits_for_the_generator),
        cmocka_unit_test(penalties_and_their_gradients_agree_with_pytorch),
        cmocka_unit_test(the_gradient_is_taken_at_generated_pictures_themselves),
        cmocka_unit_test(the_gradient_of_a_loss_with_penalties_is_the_sum_of_theirs),
        cmocka_unit_test(r1_without_normalisation_costs_one_more_way_forward),
        cmocka_unit_test(a_discriminator_that_is_flat_has_finite_penalties),
        cmocka_unit_test(pictures_between_lie_on_a_line_at_a_place_of_their_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
