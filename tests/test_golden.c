/* Single operations and gradient penalties against PyTorch, through the whole way from graph to executor, on every
 * backend. */
#include "golden.h"
#include "machine.h"
#include "net/dcgan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPERANDS = 3 };

struct trial {
    const char *name;
    struct {
        const char *name;
        struct shape shape;
        bool fixed; /* no gradient is asked for */
    } operand[OPERANDS];
    struct node *(*build)(struct graph *graph, struct node **v);
};

static const struct conv_attributes halving = {{2, 2}, {1, 1}, 1}, same = {{1, 1}, {1, 1}, 1}, dot = {{1, 1}, {0, 0}, 1},
                                    paired = {{1, 1}, {1, 1}, 2};

static struct node *build_halving(struct graph *g, struct node **v)
{
    return graph_conv(g, v[0], v[1], halving);
}

static struct node *build_same(struct graph *g, struct node **v)
{
    return graph_conv(g, v[0], v[1], same);
}

static struct node *build_dot(struct graph *g, struct node **v)
{
    return graph_conv(g, v[0], v[1], dot);
}

static struct node *build_paired(struct graph *g, struct node **v)
{
    return graph_conv(g, v[0], v[1], paired);
}

static struct node *build_transposed(struct graph *g, struct node **v)
{
    return graph_conv_dx(g, v[0], v[1], halving, 6, 8);
}

static struct node *build_up(struct graph *g, struct node **v)
{
    return graph_resample(g, v[0], 9, 11);
}

static struct node *build_double(struct graph *g, struct node **v)
{
    return graph_resample(g, v[0], 10, 8);
}

static struct node *build_down(struct graph *g, struct node **v)
{
    return graph_resample(g, v[0], 4, 5);
}

static struct node *build_half(struct graph *g, struct node **v)
{
    return graph_resample(g, v[0], 4, 6);
}

static struct node *build_nearest(struct graph *g, struct node **v)
{
    return graph_upsample(g, v[0], 2, 2);
}

static struct node *build_warp(struct graph *g, struct node **v)
{
    return graph_warp(g, v[0], v[1]);
}

/* The layer reads its scale and shift as states; here they are inputs that stand in for them. */
static struct node *build_norm(struct graph *g, struct node **v)
{
    const struct shape vector = shape_of(4, (int64_t[]){1, 1, 1, 6});
    struct node *const state[2] = {graph_state(g, "t.norm.scale", vector, (struct initial){INITIAL_CONSTANT, 1, 0}),
                                   graph_state(g, "t.norm.shift", vector, (struct initial){INITIAL_CONSTANT, 0, 0})};
    struct node *const given[2] = {graph_reshape(g, v[1], vector), graph_reshape(g, v[2], vector)};
    const struct scope scope = {
        .graph = g, .prefix = "t", .training = true, .replacements = 2, .replaced = state, .replacement = given};
    return layer_batch_norm(&scope, "norm", v[0], (struct initial){INITIAL_CONSTANT, 1, 0});
}

#define IMAGES(N, ...) {4, true, {N, __VA_ARGS__}}
#define WEIGHTS(...) {4, false, {__VA_ARGS__}}

static const struct trial trials[] = {
    {"conv_k4s2p1", {{"input", IMAGES(2, 6, 8, 3), false}, {"weight", WEIGHTS(5, 4, 4, 3), false}}, build_halving},
    {"conv_k4s2p1_odd", {{"input", IMAGES(2, 7, 9, 3), false}, {"weight", WEIGHTS(5, 4, 4, 3), false}}, build_halving},
    {"conv_k3s1p1", {{"input", IMAGES(2, 5, 7, 3), false}, {"weight", WEIGHTS(4, 3, 3, 3), false}}, build_same},
    {"conv_k1s1p0", {{"input", IMAGES(2, 5, 7, 3), false}, {"weight", WEIGHTS(4, 1, 1, 3), false}}, build_dot},
    {"conv_k3s1p1_groups2", {{"input", IMAGES(2, 5, 7, 8), false}, {"weight", WEIGHTS(6, 3, 3, 4), false}}, build_paired},
    {"conv_transpose_k4s2p1", {{"input", IMAGES(2, 3, 4, 5), false}, {"weight", WEIGHTS(5, 4, 4, 3), false}}, build_transposed},
    {"batch_norm",
     {{"input", IMAGES(4, 3, 5, 6), false}, {"scale", {1, false, {6}}, false}, {"shift", {1, false, {6}}, false}},
     build_norm},
    {"resize_bilinear_up", {{"input", IMAGES(2, 5, 4, 3), false}}, build_up},
    {"resize_bilinear_double", {{"input", IMAGES(2, 5, 4, 3), false}}, build_double},
    {"resize_bilinear_down", {{"input", IMAGES(2, 9, 11, 3), false}}, build_down},
    {"resize_bilinear_half", {{"input", IMAGES(2, 8, 12, 3), false}}, build_half},
    {"upsample_nearest", {{"input", IMAGES(2, 3, 4, 5), false}}, build_nearest},
    {"affine_sample", {{"input", IMAGES(2, 7, 8, 3), false}, {"matrix", {3, true, {2, 2, 3}}, true}}, build_warp},
};

static void *bind_golden(const struct machine *machine, const struct golden *golden, const char *tensor, const char *input,
                         int64_t elements)
{
    double *wide = golden_read(golden, tensor, elements);
    if (store_type(machine->store) == NUMBER_F64) {
        must(executor_bind(machine->executor, input, wide));
        return wide;
    }
    float *narrow = malloc((size_t)elements * sizeof *narrow);
    assert_non_null(narrow);
    for (int64_t i = 0; i < elements; i++)
        narrow[i] = (float)wide[i];
    free(wide);
    must(executor_bind(machine->executor, input, narrow));
    return narrow;
}

static void expect_output(const struct machine *machine, const struct golden *golden, const char *name,
                          const struct node *node, double tolerance)
{
    const int64_t elements = shape_elements(&node->shape);
    double *expected = golden_read(golden, name, elements);
    const double error =
        relative_error(store_type(machine->store), executor_output(machine->executor, node), expected, elements);
    free(expected);
    if (!(error <= tolerance))
        fail_msg("%s differs by %.3g, allowed %.3g", name, error, tolerance);
}

static void check_operation(const struct trial *trial, const struct backend *backend, double tolerance)
{
    struct golden golden = golden_open("ops.safetensors");
    struct machine machine = machine_new();
    void *bound[OPERANDS + 1] = {NULL};
    struct node *v[OPERANDS] = {NULL}, *gradient[OPERANDS];
    char name[128];
    int count = 0;
    for (; count < OPERANDS && trial->operand[count].name; count++)
        v[count] = graph_input(machine.graph, trial->operand[count].name, trial->operand[count].shape);
    struct node *output = trial->build(machine.graph, v);
    must(graph_status(machine.graph));
    struct node *r = graph_input(machine.graph, "R", output->shape);
    must(graph_gradient(machine.graph, graph_sum_all(machine.graph, graph_multiply(machine.graph, output, r)), count, v, 0,
                        NULL, gradient));
    graph_output(machine.graph, output);
    for (int i = 0; i < count; i++)
        if (!trial->operand[i].fixed)
            graph_output(machine.graph, gradient[i]);
    machine_start(&machine, backend, 2);
    for (int i = 0; i < count; i++) {
        snprintf(name, sizeof name, "%s/%s", trial->name, trial->operand[i].name);
        bound[i] =
            bind_golden(&machine, &golden, name, trial->operand[i].name, shape_elements(&trial->operand[i].shape));
    }
    snprintf(name, sizeof name, "%s/R", trial->name);
    bound[OPERANDS] = bind_golden(&machine, &golden, name, "R", shape_elements(&output->shape));
    must(executor_run(machine.executor, 1, 0));
    snprintf(name, sizeof name, "%s/output", trial->name);
    expect_output(&machine, &golden, name, output, tolerance);
    for (int i = 0; i < count; i++) {
        snprintf(name, sizeof name, "%s/grad.%s", trial->name, trial->operand[i].name);
        if (!trial->operand[i].fixed)
            expect_output(&machine, &golden, name, gradient[i], tolerance);
    }
    machine_stop(&machine);
    for (int i = 0; i <= OPERANDS; i++)
        free(bound[i]);
    golden_close(&golden);
}

static void operations_agree_with_pytorch(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof trials / sizeof *trials; i++) {
        check_operation(&trials[i], &plain_f64, 3e-7); /* the file is rounded to float */
        check_operation(&trials[i], &plain_f32, 1e-5);
        check_operation(&trials[i], &cpu_f32, 1e-5);
    }
}

/* --- Penalties: gradients of gradients --------------------------------------------------------------------- */

static struct node *small_discriminator(const struct scope *scope, struct node *x)
{
    const struct initial none = {INITIAL_CONSTANT, 0, 0};
    struct node *h = layer_leaky_relu(scope->graph, layer_down(scope, "down1", x, 4, none), 0.2);
    h = layer_leaky_relu(scope->graph, layer_down(scope, "down2", h, 8, none), 0.2);
    h = layer_leaky_relu(scope->graph, layer_down(scope, "down3", h, 16, none), 0.2);
    return layer_dense(scope, "dense", graph_reshape(scope->graph, h, shape_batch(4, 1, (int64_t[]){256})), 1, none);
}

struct penalties {
    struct node *image_gradient, *wgan_gp, *r1;
};

static struct penalties build_penalties(struct graph *g, struct node *logits, struct node *images)
{
    struct penalties penalties;
    must(graph_gradient(g, graph_sum_all(g, logits), 1, &images, 0, NULL, &penalties.image_gradient));
    struct node *square = graph_reduce_sum(
        g, graph_multiply(g, penalties.image_gradient, penalties.image_gradient), 2 | 4 | 8);
    struct node *excess = graph_add_number(g, graph_sqrt(g, square), -1);
    penalties.wgan_gp = graph_mean_all(g, graph_multiply(g, excess, excess));
    penalties.r1 = graph_scale(g, graph_mean_all(g, square), 10.0 / 2);
    return penalties;
}

static void check_penalties(const struct backend *backend, double tolerance)
{
    struct golden golden = golden_open("penalty.safetensors");
    struct machine machine = machine_new();
    void *bound[OPERANDS + 1] = {NULL};
    struct weights weights = {0};
    struct node *by_gp[WEIGHTS_MAXIMUM], *by_r1[WEIGHTS_MAXIMUM];
    struct node *images = graph_input(machine.graph, "images", shape_batch(4, 3, (int64_t[]){32, 32, 3}));
    const struct scope scope = {.graph = machine.graph, .prefix = "d", .training = true, .weights = &weights};
    const struct penalties penalties = build_penalties(machine.graph, small_discriminator(&scope, images), images);
    must(graph_gradient(machine.graph, penalties.wgan_gp, weights.count, weights.state, 0, NULL, by_gp));
    must(graph_gradient(machine.graph, penalties.r1, weights.count, weights.state, 0, NULL, by_r1));
    graph_output(machine.graph, penalties.image_gradient);
    graph_output(machine.graph, penalties.wgan_gp);
    graph_output(machine.graph, penalties.r1);
    for (int i = 0; i < weights.count; i++) {
        graph_output(machine.graph, by_gp[i]);
        graph_output(machine.graph, by_r1[i]);
    }
    machine_start(&machine, backend, 2);
    for (int i = 0; i < weights.count; i++)
        golden_load(&golden, weights.state[i]->name, machine.store, weights.state[i]->name);
    bound[0] = bind_golden(&machine, &golden, "images", "images", 4 * 32 * 32 * 3);
    must(executor_run(machine.executor, 1, 0));
    expect_output(&machine, &golden, "gradient", penalties.image_gradient, tolerance);
    expect_output(&machine, &golden, "wgan_gp", penalties.wgan_gp, tolerance);
    expect_output(&machine, &golden, "r1", penalties.r1, tolerance);
    for (int i = 0; i < weights.count; i++) {
        char name[128];
        snprintf(name, sizeof name, "grad.wgan_gp/%s", weights.state[i]->name);
        expect_output(&machine, &golden, name, by_gp[i], tolerance);
        snprintf(name, sizeof name, "grad.r1/%s", weights.state[i]->name);
        expect_output(&machine, &golden, name, by_r1[i], tolerance);
    }
    machine_stop(&machine);
    for (int i = 0; i <= OPERANDS; i++)
        free(bound[i]);
    golden_close(&golden);
}

static void gradient_penalties_agree_with_pytorch(void **state)
{
    (void)state;
    check_penalties(&plain_f64, 1e-6);
    check_penalties(&cpu_f32, 1e-4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(operations_agree_with_pytorch),
        cmocka_unit_test(gradient_penalties_agree_with_pytorch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
