/* Single operations against PyTorch, through the whole way from graph to executor, on every backend. */
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

static const struct conv_attributes halving = {{2, 2}, {1, 1}, 1}, same = {{1, 1}, {1, 1}, 1},
                                    dot = {{1, 1}, {0, 0}, 1}, paired = {{1, 1}, {1, 1}, 2};

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
    {"conv_k3s1p1_groups2",
     {{"input", IMAGES(2, 5, 7, 8), false}, {"weight", WEIGHTS(6, 3, 3, 4), false}},
     build_paired},
    {"conv_transpose_k4s2p1",
     {{"input", IMAGES(2, 3, 4, 5), false}, {"weight", WEIGHTS(5, 4, 4, 3), false}},
     build_transposed},
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
    must(graph_gradient(machine.graph, graph_sum_all(machine.graph, graph_multiply(machine.graph, output, r)), count, v,
                        0, NULL, gradient));
    graph_output(machine.graph, output);
    for (int i = 0; i < count; i++)
        if (!trial->operand[i].fixed)
            graph_output(machine.graph, gradient[i]);
    machine_start(&machine, backend, 2);
    for (int i = 0; i < count; i++) {
        snprintf(name, sizeof name, "%s/%s", trial->name, trial->operand[i].name);
        bound[i] = golden_bind(&golden, name, machine.executor, backend->type, trial->operand[i].name,
                               shape_elements(&trial->operand[i].shape));
    }
    snprintf(name, sizeof name, "%s/R", trial->name);
    bound[OPERANDS] = golden_bind(&golden, name, machine.executor, backend->type, "R", shape_elements(&output->shape));
    must(executor_run(machine.executor, 1, 0));
    snprintf(name, sizeof name, "%s/output", trial->name);
    golden_expect_output(&golden, name, machine.executor, backend->type, output, tolerance);
    for (int i = 0; i < count; i++) {
        snprintf(name, sizeof name, "%s/grad.%s", trial->name, trial->operand[i].name);
        if (!trial->operand[i].fixed)
            golden_expect_output(&golden, name, machine.executor, backend->type, gradient[i], tolerance);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(operations_agree_with_pytorch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
