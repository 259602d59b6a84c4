/* The planner: what is fused, what is dropped, who may work in place, and that none of it shows in the results. */
#include "machine.h"
#include "run/steps.h"
#include "train/step.h"

#include <stdlib.h>
#include <string.h>

static const struct initial three = {INITIAL_CONSTANT, 3, 0}, five = {INITIAL_CONSTANT, 5, 0};

static struct shape vector(int64_t size)
{
    return shape_of(1, &size);
}

static double number(const struct machine *machine, const char *state, int64_t index)
{
    return ((const double *)store_find(machine->store, state)->data)[index];
}

static void equal_expressions_are_one_node(void **state)
{
    (void)state;
    struct machine m = machine_new();
    struct node *a = graph_input(m.graph, "a", vector(4)), *b = graph_input(m.graph, "b", vector(4));
    assert_ptr_equal(graph_add(m.graph, a, b), graph_add(m.graph, b, a));
    assert_ptr_equal(graph_multiply(m.graph, a, graph_constant(m.graph, 1)), a);
    assert_ptr_equal(graph_input(m.graph, "a", vector(4)), a);
    graph_free(m.graph);
}

static void wrong_shapes_are_an_error_that_names_them(void **state)
{
    (void)state;
    struct graph *g;
    must(graph_new(&g));
    struct node *a = graph_input(g, "a", vector(4)), *b = graph_input(g, "b", vector(3));
    struct node *sum = graph_add(g, a, b);
    assert_null(sum);
    assert_null(graph_tanh(g, sum)); /* errors stick: the rest of a network needs no checks */
    assert_int_equal(graph_status(g), STATUS_INPUT);
    assert_string_equal(error_message(), "add: shapes (4) and (3) do not go together");
    graph_free(g);

    must(graph_new(&g));
    const struct conv_attributes attributes = {{2, 2}, {1, 1}, 1};
    assert_null(graph_conv(g, graph_input(g, "x", shape_batch(2, 3, (int64_t[]){8, 8, 3})),
                           graph_input(g, "w", shape_of(4, (int64_t[]){5, 4, 4, 7})), attributes));
    graph_status(g);
    assert_string_equal(error_message(), "conv: x (2b, 8, 8, 3) and w (5, 4, 4, 7) do not go together in 1 groups");
    graph_free(g);
}

static void a_chain_of_pointwise_operations_is_one_step(void **state)
{
    (void)state;
    struct machine m = machine_new();
    struct node *x = graph_state(m.graph, "x", vector(100), three);
    struct node *y = x;
    for (int i = 0; i < 10; i++)
        y = graph_add_number(m.graph, graph_multiply(m.graph, y, x), 1);
    graph_output(m.graph, graph_sum_all(m.graph, y)); /* and its closing sum with it */
    machine_start(&m, &plain_f64, 1);
    assert_int_equal(plan_cost(m.plan, 1).steps, 1);
    machine_stop(&m);
}

static void sums_over_the_same_values_share_a_pass(void **state)
{
    (void)state;
    struct machine m = machine_new();
    struct node *x = graph_state(m.graph, "x", vector(100), three);
    struct node *sum = graph_sum_all(m.graph, x), *square = graph_sum_all(m.graph, graph_multiply(m.graph, x, x));
    graph_output(m.graph, sum);
    graph_output(m.graph, square);
    machine_start(&m, &plain_f64, 1);
    assert_int_equal(plan_cost(m.plan, 1).steps, 1);
    must(executor_run(m.executor, 1, 0));
    assert_true(*(const double *)executor_output(m.executor, sum) == 300);
    assert_true(*(const double *)executor_output(m.executor, square) == 900);
    machine_stop(&m);
}

static void what_nobody_reads_is_not_planned(void **state)
{
    (void)state;
    struct machine m = machine_new();
    struct node *x = graph_state(m.graph, "x", shape_of(2, (int64_t[]){8, 8}), three);
    graph_matmul(m.graph, x, x, false, false);
    graph_output(m.graph, graph_sum_all(m.graph, x));
    machine_start(&m, &plain_f64, 1);
    assert_int_equal(plan_cost(m.plan, 1).steps, 1);
    assert_true(plan_cost(m.plan, 1).contraction_flops == 0);
    machine_stop(&m);
}

static void expressions_longer_than_a_program_are_divided(void **state)
{
    (void)state;
    struct machine m = machine_new();
    struct node *x = graph_state(m.graph, "x", vector(7), (struct initial){INITIAL_CONSTANT, 1, 0});
    struct node *y = x;
    double expected = 1;
    for (int i = 0; i < 500; i++) {
        y = graph_add(m.graph, graph_scale(m.graph, y, 0.5 + i % 3 * 0.25), x);
        expected = expected * (0.5 + i % 3 * 0.25) + 1;
    }
    graph_output(m.graph, y);
    machine_start(&m, &plain_f64, 1);
    must(executor_run(m.executor, 1, 0));
    const double got = *(const double *)executor_output(m.executor, y);
    assert_true(got > expected * (1 - 1e-12) && got < expected * (1 + 1e-12));
    machine_stop(&m);
}

static void programs_with_more_operands_than_fit_are_divided(void **state)
{
    (void)state;
    struct machine m = machine_new();
    struct node *sum = graph_constant(m.graph, 0);
    for (int i = 0; i < 3 * KERNEL_INPUTS; i++) {
        const char name[3] = {(char)('a' + i / 10), (char)('0' + i % 10), 0};
        sum = graph_add(m.graph, sum, graph_state(m.graph, name, vector(5), (struct initial){INITIAL_CONSTANT, i, 0}));
    }
    graph_output(m.graph, sum);
    machine_start(&m, &plain_f64, 1);
    must(executor_run(m.executor, 1, 0));
    const int count = 3 * KERNEL_INPUTS;
    assert_true(((const double *)executor_output(m.executor, sum))[4] == count * (count - 1) / 2);
    machine_stop(&m);
}

static void an_assigned_state_changes_when_the_run_ends(void **state)
{
    (void)state;
    /* a' = b + 1 and b' = a + b: both read the old values, whichever is written first. */
    struct machine m = machine_new();
    struct node *a = graph_state(m.graph, "a", vector(4), three), *b = graph_state(m.graph, "b", vector(4), five);
    graph_assign(m.graph, a, graph_add_number(m.graph, b, 1));
    graph_assign(m.graph, b, graph_add(m.graph, a, b));
    machine_start(&m, &plain_f64, 1);
    must(executor_run(m.executor, 1, 0));
    assert_true(number(&m, "a", 3) == 6);
    assert_true(number(&m, "b", 3) == 8);
    must(executor_run(m.executor, 1, 1));
    assert_true(number(&m, "a", 0) == 9);
    assert_true(number(&m, "b", 0) == 14);
    machine_stop(&m);
}

static void an_old_value_can_be_read_after_its_successor_is_computed(void **state)
{
    (void)state;
    struct machine m = machine_new();
    struct node *w = graph_state(m.graph, "w", shape_of(2, (int64_t[]){2, 2}), three);
    struct node *next = graph_scale(m.graph, w, 2);
    struct node *product = graph_matmul(m.graph, next, w, false, false); /* new by old */
    graph_assign(m.graph, w, next);
    graph_output(m.graph, product);
    machine_start(&m, &plain_f64, 1);
    must(executor_run(m.executor, 1, 0));
    assert_true(*(const double *)executor_output(m.executor, product) == 2 * 6 * 3);
    assert_true(number(&m, "w", 0) == 6);
    machine_stop(&m);
}

static void a_state_cannot_be_given_another_state(void **state)
{
    (void)state;
    struct graph *g;
    must(graph_new(&g));
    graph_assign(g, graph_state(g, "a", vector(4), three), graph_state(g, "b", vector(4), five));
    assert_int_equal(graph_status(g), STATUS_INPUT);
    graph_free(g);
}

static void more_shards_than_images_change_nothing(void **state)
{
    (void)state;
    for (int shards = 1; shards <= 9; shards += 4) {
        struct machine m = machine_new();
        struct node *x = graph_input(m.graph, "x", shape_batch(3, 1, (int64_t[]){2}));
        struct node *w = graph_state(m.graph, "w", shape_of(2, (int64_t[]){2, 2}), three);
        struct node *y = graph_matmul(m.graph, x, w, false, false);
        struct node *mean = graph_mean_all(m.graph, graph_multiply(m.graph, y, y)), *gradient;
        must(graph_gradient(m.graph, mean, 1, &w, 0, NULL, &gradient));
        graph_output(m.graph, mean);
        graph_output(m.graph, gradient);
        machine_start(&m, &plain_f64, shards);
        const double images[6] = {1, 2, 3, 4, 5, 6};
        must(executor_bind(m.executor, "x", images));
        must(executor_run(m.executor, 1, 0));
        assert_true(*(const double *)executor_output(m.executor, mean) == (81.0 + 441 + 1089) / 3);
        assert_true(*(const double *)executor_output(m.executor, gradient) == (9.0 * 1 + 21 * 3 + 33 * 5) * 2 / 6);
        machine_stop(&m);
    }
}

static void an_input_that_is_not_bound_is_an_error(void **state)
{
    (void)state;
    struct machine m = machine_new();
    graph_output(m.graph, graph_tanh(m.graph, graph_input(m.graph, "x", vector(3))));
    machine_start(&m, &plain_f64, 1);
    assert_true(executor_run(m.executor, 1, 0) < 0);
    assert_string_equal(error_message(), "input 'x' is not bound");
    assert_true(executor_bind(m.executor, "y", "") < 0);
    machine_stop(&m);
}

/* A way there and back through layers whose numbers are small integers, so that sums are exact in any order. */
enum { LAYERS = 6, IMAGES = 21, FEATURES = 4 };

static struct node *layers_there_and_back(struct machine *m)
{
    struct node *x = graph_input(m->graph, "x", shape_batch(IMAGES, 1, (int64_t[]){FEATURES}));
    struct node *y = x, *w[LAYERS], *gradient[LAYERS];
    for (int i = 0; i < LAYERS; i++) {
        const char name[2] = {(char)('a' + i), 0};
        w[i] = graph_state(m->graph, name, shape_of(2, (int64_t[]){FEATURES, FEATURES}),
                           (struct initial){INITIAL_CONSTANT, i % 2 ? -1 : 1, 0});
        y = graph_matmul(m->graph, y, w[i], false, false);
        y = graph_maximum(m->graph, y, graph_scale(m->graph, y, -2));
    }
    struct node *loss = graph_sum_all(m->graph, y);
    must(graph_gradient(m->graph, loss, LAYERS, w, 0, NULL, gradient));
    for (int i = 0; i < LAYERS; i++)
        graph_assign(m->graph, w[i], graph_subtract(m->graph, w[i], gradient[i]));
    graph_output(m->graph, loss);
    return loss;
}

/* Steps of a shard follow one another without waiting, however deep the network; sums over the batch come after them.
 */
static void depth_adds_no_barriers(void **state)
{
    (void)state;
    struct machine m = machine_new();
    layers_there_and_back(&m);
    machine_start(&m, &plain_f64, 5);
    assert_true(plan_cost(m.plan, 1).steps > 4 * LAYERS);
    assert_int_equal(plan_cost(m.plan, 1).barriers, 2);
    machine_stop(&m);
}

/* Small steps that have nothing to do with each other are chains side by side, with no barrier inside. */
static void small_steps_wait_once(void **state)
{
    (void)state;
    struct machine m = machine_new();
    struct node *product[LAYERS];
    for (int i = 0; i < LAYERS; i++) {
        const char name[2] = {(char)('a' + i), 0};
        struct node *w = graph_state(m.graph, name, shape_of(2, (int64_t[]){FEATURES, FEATURES}),
                                     (struct initial){INITIAL_CONSTANT, i + 1, 0});
        product[i] = graph_matmul(m.graph, graph_matmul(m.graph, w, w, false, false), w, true, false);
        graph_output(m.graph, product[i]);
    }
    machine_start(&m, &plain_f64, 1);
    assert_true(plan_cost(m.plan, 1).steps == 2 * LAYERS);
    assert_int_equal(plan_cost(m.plan, 1).barriers, 1);
    must(executor_run(m.executor, 1, 0));
    for (int i = 0; i < LAYERS; i++)
        assert_true(*(const double *)executor_output(m.executor, product[i]) ==
                    (double)(FEATURES * FEATURES * (i + 1) * (i + 1) * (i + 1)));
    machine_stop(&m);
}

/* A value that no other segment sees: room for a shard is enough. */
static void what_stays_in_a_shard_takes_the_room_of_a_shard(void **state)
{
    (void)state;
    struct machine m = machine_new();
    struct node *y = graph_input(m.graph, "x", shape_batch(32, 1, (int64_t[]){1000}));
    for (int i = 0; i < 4; i++)
        y = graph_matmul(m.graph, y, graph_state(m.graph, "w", shape_of(2, (int64_t[]){1000, 1000}), three), false,
                         false);
    graph_output(m.graph, graph_sum_all(m.graph, y));
    machine_start(&m, &plain_f64, 8);
    assert_true(plan_cost(m.plan, 1).memory < 8 * 1000 * 32);
    machine_stop(&m);
}

static void shards_of_unequal_size_give_the_same(void **state)
{
    (void)state;
    double images[IMAGES * FEATURES], expected[2][FEATURES * FEATURES], loss[2];
    for (int i = 0; i < IMAGES * FEATURES; i++)
        images[i] = i % 5 - 2;
    for (int k = 0; k < 2; k++) {
        struct machine m = machine_new();
        struct node *sum = layers_there_and_back(&m);
        machine_start(&m, &plain_f64, k ? 8 : 1);
        must(executor_bind(m.executor, "x", images));
        must(executor_run(m.executor, 1, 0));
        loss[k] = *(const double *)executor_output(m.executor, sum);
        for (int i = 0; i < FEATURES * FEATURES; i++)
            expected[k][i] = number(&m, "a", i);
        machine_stop(&m);
    }
    assert_true(loss[0] != 0 && loss[0] == loss[1]);
    assert_true(expected[0][0] != 1);
    assert_memory_equal(expected[0], expected[1], sizeof expected[0]);
}

/* --- What is kept between two stretches of a shard, with a sum over the batch between them --------------------- */

enum { ROWS = 32, WIDE = 1000 };

static struct node *matrix(struct machine *m, const char *name, int64_t rows, int64_t columns)
{
    return graph_state(m->graph, name, shape_of(2, (int64_t[]){rows, columns}), three);
}

static int count_steps(const struct machine *m, const char *label)
{
    int count = 0;
    for (size_t i = 0; i < m->plan->steps; i++)
        count += strncmp(m->plan->step[i].label, label, strlen(label)) == 0;
    return count;
}

static void an_upsampled_tensor_is_made_again_for_a_far_reader(void **state)
{
    (void)state;
    struct machine m = machine_new();
    const struct conv_attributes attributes = {{1, 1}, {1, 1}, 1};
    struct node *x = graph_input(m.graph, "x", shape_batch(16, 3, (int64_t[]){4, 4, 2}));
    struct node *w = graph_state(m.graph, "w", shape_of(4, (int64_t[]){1, 3, 3, 2}), three);
    struct node *large = graph_upsample(m.graph, x, 2, 2);
    struct node *y = graph_conv(m.graph, large, w, attributes), *sum = graph_sum_all(m.graph, y);
    struct node *again =
        graph_sum_all(m.graph, graph_conv(m.graph, large, graph_multiply(m.graph, w, sum), attributes));
    graph_output(m.graph, sum);
    graph_output(m.graph, again);
    machine_start(&m, &plain_f64, 8);
    assert_int_equal(count_steps(&m, "upsample"), 2);
    assert_true(plan_cost(m.plan, 1).memory < 16 * 8 * 8 * 2 * sizeof(double)); /* nowhere is it whole */
    double images[16 * 4 * 4 * 2];
    for (size_t i = 0; i < sizeof images / sizeof *images; i++)
        images[i] = 1;
    must(executor_bind(m.executor, "x", images));
    must(executor_run(m.executor, 1, 0));
    const double expected = 16 * 3.0 * 2 * (3 * 8 - 2) * (3 * 8 - 2); /* 22 of 24 rows and columns are not padding */
    assert_true(*(const double *)executor_output(m.executor, sum) == expected);
    assert_true(*(const double *)executor_output(m.executor, again) == expected * expected);
    machine_stop(&m);
}

/* relu(x + a) b, and then relu(x + a) (b times the sum of that). With `assigned`, a is replaced once the sum is known.
 */
static struct node *read_twice(struct machine *m, bool assigned)
{
    struct node *x = graph_input(m->graph, "x", shape_batch(ROWS, 1, (int64_t[]){4}));
    struct node *a = matrix(m, "a", 1, 4), *b = matrix(m, "b", 4, 1);
    struct node *active = graph_maximum(m->graph, graph_add(m->graph, x, a), graph_constant(m->graph, 0));
    struct node *sum = graph_sum_all(m->graph, graph_matmul(m->graph, active, b, false, false));
    struct node *product = graph_matmul(m->graph, active, graph_multiply(m->graph, b, sum), false, false);
    struct node *result = graph_sum_all(m->graph, product);
    if (assigned)
        graph_assign(m->graph, a, graph_add(m->graph, a, sum));
    graph_output(m->graph, result);
    return result;
}

static void what_is_made_again_is_made_of_the_old_values(void **state)
{
    (void)state;
    for (int assigned = 0; assigned < 2; assigned++) {
        struct machine m = machine_new();
        struct node *result = read_twice(&m, assigned);
        machine_start(&m, &plain_f64, 8);
        assert_int_equal(count_steps(&m, "fused 3 operations over (32, 4)"), assigned ? 1 : 2);
        const double zeros[ROWS * 4] = {0};
        must(executor_bind(m.executor, "x", zeros));
        must(executor_run(m.executor, 1, 0));
        const double sum = ROWS * 4 * 3.0 * 3;
        assert_true(*(const double *)executor_output(m.executor, result) == sum * sum);
        assert_true(number(&m, "a", 0) == (assigned ? 3 + sum : 3));
        machine_stop(&m);
    }
}

/* Two branches that join: one tensor is kept for those that come after the sum, not two. */
static void branches_that_join_are_kept_as_their_sum(void **state)
{
    (void)state;
    struct machine m = machine_new();
    struct node *x = graph_input(m.graph, "x", shape_batch(ROWS, 1, (int64_t[]){2}));
    struct node *y = graph_add(m.graph, graph_matmul(m.graph, x, matrix(&m, "a", 2, WIDE), false, false),
                               graph_matmul(m.graph, x, matrix(&m, "b", 2, WIDE), false, false));
    struct node *centred = graph_subtract(m.graph, y, graph_mean(m.graph, y, 1u << 0));
    graph_output(m.graph, graph_sum_all(m.graph, graph_multiply(m.graph, centred, centred)));
    machine_start(&m, &plain_f64, 8);
    assert_true(plan_cost(m.plan, 1).memory < 1.8 * ROWS * WIDE * sizeof(double));
    machine_stop(&m);
}

/* The operand ends with this step and lies in memory; the result nobody sees but the shard. */
static void what_stays_in_a_shard_is_not_written_over_what_does_not(void **state)
{
    (void)state;
    struct machine m = machine_new();
    struct node *x = graph_input(m.graph, "x", shape_batch(ROWS, 1, (int64_t[]){2}));
    struct node *y = graph_matmul(m.graph, x, matrix(&m, "a", 2, WIDE), false, false);
    struct node *scaled = graph_multiply(m.graph, y, graph_sum_all(m.graph, y));
    graph_output(m.graph,
                 graph_sum_all(m.graph, graph_matmul(m.graph, scaled, matrix(&m, "b", WIDE, 1), false, false)));
    machine_start(&m, &plain_f64, 8);
    const struct buffer *buffer = m.plan->buffer;
    assert_int_equal(buffer[buffer[m.plan->buffer_of[y->index]].home].kind, BUFFER_ARENA);
    assert_int_equal(buffer[buffer[m.plan->buffer_of[scaled->index]].home].kind, BUFFER_LOCAL);
    machine_stop(&m);
}

static int64_t count_parameters(const struct weights *weights)
{
    int64_t count = 0;
    for (int i = 0; i < weights->count; i++)
        count += shape_elements(&weights->state[i]->shape);
    return count;
}

static struct step_settings published(int64_t height, int64_t width)
{
    return (struct step_settings){.network = {.height = height,
                                              .width = width,
                                              .channels = 3,
                                              .latent = 100,
                                              .features_g = 64,
                                              .features_d = 64,
                                              .slope = 0.2,
                                              .initial_deviation = 0.02,
                                              .normalise_g = true,
                                              .normalise_d = true},
                                  .batch = 64,
                                  .beta1 = 0.5,
                                  .epsilon = 1e-8,
                                  .average = true};
}

static void dcgan_has_the_published_number_of_parameters(void **state)
{
    (void)state;
    const struct step_settings settings = published(64, 64);
    struct step_graph step;
    must(step_graph_make(&step, &settings));
    /* Radford et al. 2016, as their code has it: 3.58 and 2.77 million */
    assert_int_equal(count_parameters(&step.weights_g), 3576704);
    assert_int_equal(count_parameters(&step.weights_d), 2765568);
    step_graph_free(&step);
}

static void dcgan_makes_sizes_that_are_not_square_and_refuses_the_rest(void **state)
{
    (void)state;
    struct step_settings settings = published(64, 96);
    struct step_graph step;
    must(step_graph_make(&step, &settings));
    step_graph_free(&step);
    settings = published(64, 100);
    assert_int_equal(step_graph_make(&step, &settings), STATUS_INPUT);
    assert_non_null(strstr(error_message(), "100x64"));
}

static void a_training_step_needs_much_less_memory_than_the_sum_of_its_values(void **state)
{
    (void)state;
    const struct step_settings settings = published(64, 64);
    struct step_graph step;
    struct plan *plan;
    must(step_graph_make(&step, &settings));
    must(plan_make(&plan, step.graph, &cpu_f32, 8));
    double all = 0;
    for (int i = 0; i < graph_nodes(step.graph); i++)
        all += 4 * (double)shape_elements(&graph_node(step.graph, i)->shape);
    assert_true((double)plan_cost(plan, 2).memory < all / 8);
    plan_free(plan);
    step_graph_free(&step);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_expressions_are_one_node),
        cmocka_unit_test(wrong_shapes_are_an_error_that_names_them),
        cmocka_unit_test(a_chain_of_pointwise_operations_is_one_step),
        cmocka_unit_test(sums_over_the_same_values_share_a_pass),
        cmocka_unit_test(what_nobody_reads_is_not_planned),
        cmocka_unit_test(expressions_longer_than_a_program_are_divided),
        cmocka_unit_test(programs_with_more_operands_than_fit_are_divided),
        cmocka_unit_test(an_assigned_state_changes_when_the_run_ends),
        cmocka_unit_test(an_old_value_can_be_read_after_its_successor_is_computed),
        cmocka_unit_test(a_state_cannot_be_given_another_state),
        cmocka_unit_test(more_shards_than_images_change_nothing),
        cmocka_unit_test(an_input_that_is_not_bound_is_an_error),
        cmocka_unit_test(depth_adds_no_barriers),
        cmocka_unit_test(small_steps_wait_once),
        cmocka_unit_test(what_stays_in_a_shard_takes_the_room_of_a_shard),
        cmocka_unit_test(shards_of_unequal_size_give_the_same),
        cmocka_unit_test(an_upsampled_tensor_is_made_again_for_a_far_reader),
        cmocka_unit_test(what_is_made_again_is_made_of_the_old_values),
        cmocka_unit_test(branches_that_join_are_kept_as_their_sum),
        cmocka_unit_test(what_stays_in_a_shard_is_not_written_over_what_does_not),
        cmocka_unit_test(dcgan_has_the_published_number_of_parameters),
        cmocka_unit_test(dcgan_makes_sizes_that_are_not_square_and_refuses_the_rest),
        cmocka_unit_test(a_training_step_needs_much_less_memory_than_the_sum_of_its_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
