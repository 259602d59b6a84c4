/* Gradients of every operation, and gradients of gradients, against differences along a random direction, in double
 * precision: d/dt f(x + t v) at t = 0 equals <grad f(x), v>. */
#include "base/philox.h"
#include "machine.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { VARIABLES = 3, IMAGES = 5 };

struct variable {
    struct shape shape;
    double low, high; /* where its numbers lie */
};

/* One operation under test: its variables, and how a value is made of them. */
struct trial {
    const char *name;
    int variables;
    struct variable variable[VARIABLES];
    struct node *(*build)(struct graph *graph, struct node **v);
};

struct function {
    struct machine machine;
    struct node *value, *gradient[VARIABLES];
    double *x[VARIABLES], *v[VARIABLES], *shifted[VARIABLES];
};

static double *numbers(const struct variable *variable, uint32_t purpose, double low, double high)
{
    const int64_t count = shape_elements(&variable->shape);
    double *number = malloc((size_t)count * sizeof *number);
    float *unit = malloc((size_t)count * sizeof *unit);
    assert_non_null(number);
    assert_non_null(unit);
    random_uniform((random_address){7, 0, RANDOM_USER + purpose, 0}, 0, (uint64_t)count, unit);
    for (int64_t i = 0; i < count; i++)
        number[i] = low + (high - low) * (double)unit[i];
    free(unit);
    return number;
}

/* A scalar that weighs every element differently and is not linear in any of them. */
static struct node *scalar_of(struct graph *g, struct node *y)
{
    if (!y)
        return NULL;
    struct node *weight = graph_random(g, RANDOM_DISTRIBUTION_UNIFORM, RANDOM_USER + 99, y->shape);
    struct node *bent = graph_add(g, y, graph_scale(g, graph_multiply(g, y, y), 0.3));
    return graph_sum_all(g, graph_multiply(g, weight, bent));
}

static void open_function(struct function *f, const struct trial *trial, int order)
{
    static const char *const name[VARIABLES] = {"a", "b", "c"};
    struct node *v[VARIABLES];
    *f = (struct function){.machine = machine_new()};
    struct graph *g = f->machine.graph;
    for (int i = 0; i < trial->variables; i++)
        v[i] = graph_input(g, name[i], trial->variable[i].shape);
    f->value = scalar_of(g, trial->build(g, v));
    must(graph_gradient(g, f->value, trial->variables, v, 0, NULL, f->gradient));
    if (order == 2) { /* the function is now the squared length of the gradient */
        struct node *sum = graph_constant(g, 0);
        for (int i = 0; i < trial->variables; i++)
            sum = graph_add(g, sum, graph_sum_all(g, graph_multiply(g, f->gradient[i], f->gradient[i])));
        f->value = sum;
        must(graph_gradient(g, f->value, trial->variables, v, 0, NULL, f->gradient));
    }
    graph_output(g, f->value);
    for (int i = 0; i < trial->variables; i++)
        graph_output(g, f->gradient[i]);
    machine_start(&f->machine, &plain_f64, 3);
    for (int i = 0; i < trial->variables; i++) {
        f->x[i] = numbers(&trial->variable[i], (uint32_t)i, trial->variable[i].low, trial->variable[i].high);
        f->v[i] = numbers(&trial->variable[i], (uint32_t)(10 + i), -1, 1);
        f->shifted[i] = numbers(&trial->variable[i], 0, 0, 0);
        executor_bind(f->machine.executor, name[i],
                      f->shifted[i]); /* an operation that is constant in it does not read it */
    }
}

static void close_function(struct function *f)
{
    machine_stop(&f->machine);
    for (int i = 0; i < VARIABLES; i++) {
        free(f->x[i]);
        free(f->v[i]);
        free(f->shifted[i]);
    }
}

static double evaluate(struct function *f, const struct trial *trial, double t)
{
    for (int i = 0; i < trial->variables; i++)
        for (int64_t k = 0; k < shape_elements(&trial->variable[i].shape); k++)
            f->shifted[i][k] = f->x[i][k] + t * f->v[i][k];
    must(executor_run(f->machine.executor, 1, 1));
    return *(const double *)executor_output(f->machine.executor, f->value);
}

static double slope_by_gradient(struct function *f, const struct trial *trial)
{
    evaluate(f, trial, 0);
    double slope = 0;
    for (int i = 0; i < trial->variables; i++) {
        const double *gradient = executor_output(f->machine.executor, f->gradient[i]);
        for (int64_t k = 0; k < shape_elements(&trial->variable[i].shape); k++)
            slope += gradient[k] * f->v[i][k];
    }
    return slope;
}

/* Five points: an error of order h^4. */
static double slope_by_differences(struct function *f, const struct trial *trial)
{
    const double h = 1e-3;
    return (8 * (evaluate(f, trial, h) - evaluate(f, trial, -h)) -
            (evaluate(f, trial, 2 * h) - evaluate(f, trial, -2 * h))) /
           (12 * h);
}

static void check(const struct trial *trial, int order)
{
    struct function f;
    open_function(&f, trial, order);
    const double by_gradient = slope_by_gradient(&f, trial), by_differences = slope_by_differences(&f, trial);
    close_function(&f);
    const double error = fabs(by_gradient - by_differences) / fmax(fabs(by_differences), 1e-3);
    if (!(error <= 1e-6))
        fail_msg("%s, order %d: gradient says %.12g, differences %.12g", trial->name, order, by_gradient,
                 by_differences);
}

/* --- The operations --------------------------------------------------------------------------------------- */

#define BATCH(...) {sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t) + 1, true, {IMAGES, __VA_ARGS__}}
#define PLAIN(...) {sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t), false, {__VA_ARGS__}}
#define UNARY(NAME)                                                                                                   \
    static struct node *build_##NAME(struct graph *g, struct node **v)                                                \
    {                                                                                                                 \
        return graph_##NAME(g, v[0]);                                                                                 \
    }
#define BINARY(NAME)                                                                                                  \
    static struct node *build_##NAME(struct graph *g, struct node **v)                                                \
    {                                                                                                                 \
        return graph_##NAME(g, v[0], v[1]);                                                                           \
    }
UNARY(negate)
UNARY(exp)
UNARY(log)
UNARY(tanh)
UNARY(sigmoid)
UNARY(softplus)
UNARY(sqrt)
UNARY(rsqrt)
UNARY(abs)
BINARY(add)
BINARY(subtract)
BINARY(multiply)
BINARY(divide)
BINARY(maximum)

static struct node *build_select(struct graph *g, struct node **v)
{
    return graph_select(g, v[0], graph_multiply(g, v[1], v[1]), v[2]);
}

static struct node *build_step(struct graph *g, struct node **v)
{
    return graph_multiply(g, v[0], graph_step(g, v[0]));
}

static struct node *build_reduce_max(struct graph *g, struct node **v)
{
    /* log-sum-exp, whose maximum cancels: a constant for the gradient */
    struct node *top = graph_reduce_max(g, v[0], 2);
    struct node *sum = graph_reduce_sum(g, graph_exp(g, graph_subtract(g, v[0], top)), 2);
    return graph_add(g, graph_log(g, sum), top);
}

static struct node *build_sums(struct graph *g, struct node **v)
{
    return graph_add(g, graph_multiply(g, graph_reduce_sum(g, v[0], 1 | 2 | 4), graph_reduce_sum(g, v[0], 2 | 8)),
                     graph_mean(g, v[0], 4));
}

static struct node *build_batch_norm(struct graph *g, struct node **v)
{
    struct node *mean = graph_mean(g, v[0], 1 | 2 | 4);
    struct node *centred = graph_subtract(g, v[0], mean);
    struct node *variance = graph_mean(g, graph_multiply(g, centred, centred), 1 | 2 | 4);
    return graph_multiply(g, v[1], graph_multiply(g, centred, graph_rsqrt(g, graph_add_number(g, variance, 1e-5))));
}

static const struct conv_attributes strided = {{2, 2}, {1, 1}, 1}, grouped = {{1, 2}, {1, 0}, 2};

static struct node *build_conv(struct graph *g, struct node **v)
{
    return graph_conv(g, v[0], v[1], strided);
}

static struct node *build_conv_grouped(struct graph *g, struct node **v)
{
    return graph_conv(g, v[0], v[1], grouped);
}

static struct node *build_conv_dx(struct graph *g, struct node **v)
{
    return graph_conv_dx(g, v[0], v[1], strided, 6, 8);
}

static struct node *build_conv_dw(struct graph *g, struct node **v)
{
    return graph_conv_dw(g, v[0], v[1], strided, 4, 4);
}

static struct node *build_matmul(struct graph *g, struct node **v)
{
    return graph_matmul(g, v[0], v[1], false, true);
}

static struct node *build_matmul_over_batch(struct graph *g, struct node **v)
{
    return graph_matmul(g, v[0], v[1], true, false);
}

static struct node *build_matmul_each(struct graph *g, struct node **v)
{
    return graph_matmul(g, v[0], v[1], true, true);
}

static struct node *build_upsample(struct graph *g, struct node **v)
{
    return graph_upsample(g, v[0], 2, 3);
}

static struct node *build_sum_pool(struct graph *g, struct node **v)
{
    return graph_sum_pool(g, v[0], 2, 3);
}

static struct node *build_resample(struct graph *g, struct node **v)
{
    return graph_resample(g, v[0], 7, 3);
}

static struct node *build_resample_adjoint(struct graph *g, struct node **v)
{
    return graph_resample_adjoint(g, v[0], 9, 5);
}

static struct node *angles(struct graph *g)
{
    struct node *turn =
        graph_random(g, RANDOM_DISTRIBUTION_UNIFORM, RANDOM_USER + 50, shape_batch(IMAGES, 2, (int64_t[]){2, 3}));
    return graph_add_number(g, graph_scale(g, turn, 0.8), -0.2);
}

static struct node *build_warp(struct graph *g, struct node **v)
{
    return graph_warp(g, v[0], angles(g));
}

static struct node *build_warp_adjoint(struct graph *g, struct node **v)
{
    return graph_warp_adjoint(g, v[0], angles(g));
}

static struct node *rows(struct graph *g)
{
    /* 0, 1 or 2 for each image: a step for each threshold */
    struct node *u = graph_random(g, RANDOM_DISTRIBUTION_UNIFORM, RANDOM_USER + 51, shape_batch(IMAGES, 0, NULL));
    return graph_add(g, graph_step(g, graph_add_number(g, u, -0.3)), graph_step(g, graph_add_number(g, u, -0.6)));
}

static struct node *build_gather(struct graph *g, struct node **v)
{
    return graph_gather(g, v[0], rows(g));
}

static struct node *build_scatter_add(struct graph *g, struct node **v)
{
    return graph_scatter_add(g, v[0], rows(g), 3);
}

static struct node *build_moves(struct graph *g, struct node **v)
{
    struct node *turned = graph_transpose(g, v[0], (int[]){0, 3, 1, 2});
    struct node *flat = graph_reshape(g, turned, shape_batch(IMAGES, 2, (int64_t[]){4, 12}));
    struct node *cut = graph_slice(g, flat, (int64_t[]){0, 1, 2}, shape_batch(IMAGES, 2, (int64_t[]){2, 7}));
    struct node *padded = graph_pad(g, cut, (int64_t[]){0, 0, 3}, shape_batch(IMAGES, 2, (int64_t[]){4, 12}));
    return graph_concat(g, graph_multiply(g, padded, flat), flat, 1);
}

static const struct trial trials[] = {
    {"negate", 1, {{BATCH(3), -1, 1}}, build_negate},
    {"exp", 1, {{BATCH(3), -1, 1}}, build_exp},
    {"log", 1, {{BATCH(3), 0.5, 2}}, build_log},
    {"tanh", 1, {{BATCH(3), -2, 2}}, build_tanh},
    {"sigmoid", 1, {{BATCH(3), -3, 3}}, build_sigmoid},
    {"softplus", 1, {{BATCH(3), -3, 3}}, build_softplus},
    {"sqrt", 1, {{BATCH(3), 0.5, 2}}, build_sqrt},
    {"rsqrt", 1, {{BATCH(3), 0.5, 2}}, build_rsqrt},
    {"abs", 1, {{BATCH(3), 0.1, 1}}, build_abs},
    {"add", 2, {{BATCH(3, 2), -1, 1}, {PLAIN(2), -1, 1}}, build_add},
    {"subtract", 2, {{PLAIN(2), -1, 1}, {BATCH(3, 2), -1, 1}}, build_subtract},
    {"multiply", 2, {{BATCH(3, 1), -1, 1}, {BATCH(1, 4), -1, 1}}, build_multiply},
    {"divide", 2, {{BATCH(3), -1, 1}, {PLAIN(3), 1, 2}}, build_divide},
    {"maximum", 2, {{BATCH(3), 0, 1}, {PLAIN(3), 0.3, 0.7}}, build_maximum},
    {"select", 3, {{BATCH(3), 0.1, 1}, {BATCH(3), -1, 1}, {PLAIN(3), -1, 1}}, build_select},
    {"step", 1, {{BATCH(3), 0.1, 1}}, build_step},
    {"reduce_max", 1, {{BATCH(4), -1, 1}}, build_reduce_max},
    {"reduce_sum and broadcast", 1, {{BATCH(2, 3, 4), -1, 1}}, build_sums},
    {"batch norm", 2, {{BATCH(2, 3, 4), -1, 1}, {PLAIN(4), 0.5, 1.5}}, build_batch_norm},
    {"conv", 2, {{BATCH(6, 8, 2), -1, 1}, {PLAIN(3, 4, 4, 2), -1, 1}}, build_conv},
    {"conv in groups", 2, {{BATCH(5, 7, 4), -1, 1}, {PLAIN(6, 3, 3, 2), -1, 1}}, build_conv_grouped},
    {"conv_dx", 2, {{BATCH(3, 4, 3), -1, 1}, {PLAIN(3, 4, 4, 2), -1, 1}}, build_conv_dx},
    {"conv_dw", 2, {{BATCH(6, 8, 2), -1, 1}, {BATCH(3, 4, 3), -1, 1}}, build_conv_dw},
    {"matmul", 2, {{BATCH(4), -1, 1}, {PLAIN(3, 4), -1, 1}}, build_matmul},
    {"matmul over the batch", 2, {{BATCH(4), -1, 1}, {BATCH(3), -1, 1}}, build_matmul_over_batch},
    {"matmul for each image", 2, {{BATCH(4, 2), -1, 1}, {BATCH(3, 4), -1, 1}}, build_matmul_each},
    {"upsample", 1, {{BATCH(2, 3, 2), -1, 1}}, build_upsample},
    {"sum_pool", 1, {{BATCH(4, 6, 2), -1, 1}}, build_sum_pool},
    {"resample", 1, {{BATCH(4, 5, 2), -1, 1}}, build_resample},
    {"resample_adjoint", 1, {{BATCH(4, 3, 2), -1, 1}}, build_resample_adjoint},
    {"warp", 1, {{BATCH(5, 4, 2), -1, 1}}, build_warp},
    {"warp_adjoint", 1, {{BATCH(5, 4, 2), -1, 1}}, build_warp_adjoint},
    {"gather", 1, {{PLAIN(3, 4), -1, 1}}, build_gather},
    {"scatter_add", 1, {{BATCH(4), -1, 1}}, build_scatter_add},
    {"transpose, reshape, slice, pad, concat", 1, {{BATCH(3, 4, 4), -1, 1}}, build_moves},
};

static void gradients_agree_with_differences(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof trials / sizeof *trials; i++)
        check(&trials[i], 1);
}

static void gradients_of_gradients_agree_with_differences(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof trials / sizeof *trials; i++)
        check(&trials[i], 2);
}

/* Every kind that is not a leaf occurs in some trial: a new operation without one fails here. */
static void every_operation_is_tried(void **state)
{
    (void)state;
    bool tried[OPERATION_KINDS] = {[OP_INPUT] = true, [OP_STATE] = true, [OP_CONSTANT] = true};
    for (size_t i = 0; i < sizeof trials / sizeof *trials; i++) {
        struct function f;
        open_function(&f, &trials[i], 1);
        for (int k = 0; k < graph_nodes(f.machine.graph); k++)
            tried[graph_node(f.machine.graph, k)->operation.kind] = true;
        close_function(&f);
    }
    for (int kind = 0; kind < OPERATION_KINDS; kind++)
        if (!tried[kind])
            fail_msg("no trial uses %s", operation_table[kind].name);
}

static void a_held_node_counts_as_a_constant(void **state)
{
    (void)state;
    struct graph *g;
    must(graph_new(&g));
    struct node *a = graph_input(g, "a", (struct shape){0});
    struct node *square = graph_multiply(g, a, a);
    struct node *value = graph_multiply(g, square, a), *gradient;
    must(graph_gradient(g, value, 1, &a, 1, &square, &gradient));
    assert_ptr_equal(gradient, square);
    graph_free(g);
}

static void the_second_derivative_of_leaky_relu_vanishes(void **state)
{
    (void)state;
    struct graph *g;
    must(graph_new(&g));
    struct node *x = graph_input(g, "x", shape_of(1, (int64_t[]){4}));
    struct node *factor = graph_add_number(g, graph_scale(g, graph_step(g, x), 0.8), 0.2);
    struct node *first, *second;
    must(graph_gradient(g, graph_sum_all(g, graph_multiply(g, x, factor)), 1, &x, 0, NULL, &first));
    must(graph_gradient(g, graph_sum_all(g, first), 1, &x, 0, NULL, &second));
    assert_int_equal(second->operation.kind, OP_BROADCAST); /* of the constant zero: nothing is left to compute */
    assert_int_equal(second->operand[0]->operation.kind, OP_RESHAPE);
    assert_true(second->operand[0]->operand[0]->operation.attributes.constant == 0);
    graph_free(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradients_agree_with_differences),
        cmocka_unit_test(gradients_of_gradients_agree_with_differences),
        cmocka_unit_test(every_operation_is_tried),
        cmocka_unit_test(a_held_node_counts_as_a_constant),
        cmocka_unit_test(the_second_derivative_of_leaky_relu_vanishes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
