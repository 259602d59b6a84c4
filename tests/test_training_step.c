/* A whole training step, and ten of them, against PyTorch; and the bits of a step for any number of threads. */
#include "golden.h"
#include "machine.h"
#include "train/step.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct rig {
    struct step_settings settings;
    struct step_graph step;
    struct plan *plan;
    struct store *store;
    struct pool *pool;
    struct executor *executor;
    struct step_scalars scalars;
    void *z, *real;
};

static void rig_open(struct rig *rig, const struct backend *backend, int threads, int shards)
{
    memset(rig, 0, sizeof *rig);
    rig->settings = (struct step_settings){.network = {.height = 64,
                                                       .width = 64,
                                                       .channels = 3,
                                                       .latent = 8,
                                                       .features_g = 4,
                                                       .features_d = 4,
                                                       .slope = 0.2,
                                                       .initial_deviation = 0.1,
                                                       .normalise_g = true,
                                                       .normalise_d = true},
                                           .batch = 8,
                                           .loss = LOSS_CROSS_ENTROPY,
                                           .beta1 = 0.5,
                                           .epsilon = 1e-8,
                                           .average = true,
                                           .latent_as_input = true};
    must(step_graph_make(&rig->step, &rig->settings));
    must(plan_make(&rig->plan, rig->step.graph, backend, shards));
    must(store_new(&rig->store, backend->type));
    must(store_add_states(rig->store, rig->step.graph, 1));
    must(pool_new(&rig->pool, threads));
    must(executor_new(&rig->executor, rig->plan, rig->store, rig->pool));
    must(step_scalars_bind(&rig->scalars, rig->executor, backend->type));
}

static void rig_close(struct rig *rig)
{
    executor_free(rig->executor);
    pool_free(rig->pool);
    store_free(rig->store);
    plan_free(rig->plan);
    step_graph_free(&rig->step);
    free(rig->z);
    free(rig->real);
}

static void *as_type(enum number_type type, double *wide, int64_t count)
{
    if (type == NUMBER_F64)
        return wide;
    float *narrow = malloc((size_t)count * sizeof *narrow);
    assert_non_null(narrow);
    for (int64_t i = 0; i < count; i++)
        narrow[i] = (float)wide[i];
    free(wide);
    return narrow;
}

static void load_golden(struct rig *rig, const struct golden *golden)
{
    const enum number_type type = store_type(rig->store);
    const struct weights *both[2] = {&rig->step.weights_g, &rig->step.weights_d};
    for (int n = 0; n < 2; n++)
        for (int i = 0; i < both[n]->count; i++)
            golden_load(golden, both[n]->state[i]->name, rig->store, both[n]->state[i]->name);
    step_average_begin(rig->store);
    rig->z = as_type(type, golden_read(golden, "z", 8 * 8), 8 * 8);
    rig->real = as_type(type, golden_read(golden, "real", 8 * 64 * 64 * 3), 8 * 64 * 64 * 3);
    must(executor_bind(rig->executor, "z", rig->z));
    must(executor_bind(rig->executor, "real", rig->real));
}

static double scalar(const struct rig *rig, const struct node *output)
{
    const void *value = executor_output(rig->executor, output);
    return store_type(rig->store) == NUMBER_F64 ? *(const double *)value : (double)*(const float *)value;
}

static void run_step(struct rig *rig, int step)
{
    step_scalars_set(
        &rig->scalars, &rig->settings,
        &(struct step_schedule){
            .rate_g = 2e-4, .rate_d = 2e-4, .beta2 = 0.999, .average_rate = 0.1, .updates_g = step, .updates_d = step});
    must(executor_run(rig->executor, 1, (uint64_t)step));
}

static void expect_weights(const struct rig *rig, const struct golden *golden, const char *when, double tolerance)
{
    const struct weights *both[2] = {&rig->step.weights_g, &rig->step.weights_d};
    char name[160];
    for (int n = 0; n < 2; n++)
        for (int i = 0; i < both[n]->count; i++) {
            const char *weight = both[n]->state[i]->name;
            snprintf(name, sizeof name, "%s/%s", when, weight);
            golden_expect(golden, name, rig->store, weight, tolerance);
        }
}

/* One step moves a weight by 2e-4, a five-hundredth of its size: the first step's tolerance is a small part of that.
 * Later ones are looser in float, because whatever lies within rounding of a LeakyReLU's kink goes to one side or the
 * other, and one such element is some thousandth of a gradient. */
struct tolerance {
    double first_loss, first_weights, later_loss, tenth_weights;
};

static void follow_golden_run(const struct backend *backend, int threads, int shards, struct tolerance tolerance)
{
    struct golden golden = golden_open("dcgan_step.safetensors");
    struct rig rig;
    rig_open(&rig, backend, threads, shards);
    load_golden(&rig, &golden);
    double *loss_d = golden_read(&golden, "loss.d", 10), *loss_g = golden_read(&golden, "loss.g", 10);
    for (int step = 0; step < 10; step++) {
        run_step(&rig, step);
        const double d = scalar(&rig, rig.step.loss_d), g = scalar(&rig, rig.step.loss_g);
        assert_true(relative_error(NUMBER_F64, &d, &loss_d[step], 1) <=
                    (step ? tolerance.later_loss : tolerance.first_loss));
        assert_true(relative_error(NUMBER_F64, &g, &loss_g[step], 1) <=
                    (step ? tolerance.later_loss : tolerance.first_loss));
        if (step == 0)
            expect_weights(&rig, &golden, "adam1", tolerance.first_weights);
    }
    expect_weights(&rig, &golden, "adam10", tolerance.tenth_weights);
    for (int i = 0; i < rig.step.weights_g.count; i++) {
        char name[160], average[160];
        snprintf(name, sizeof name, "ema10/%s", rig.step.weights_g.state[i]->name);
        snprintf(average, sizeof average, "ema%s", rig.step.weights_g.state[i]->name + 1);
        golden_expect(&golden, name, rig.store, average, tolerance.tenth_weights);
    }
    free(loss_d);
    free(loss_g);
    rig_close(&rig);
    golden_close(&golden);
}

static void ten_steps_in_double_agree_with_pytorch(void **state)
{
    (void)state;
    const struct tolerance rounding = {1e-6, 1e-6, 1e-6, 1e-6}; /* the golden file itself is rounded to float */
    follow_golden_run(&plain_f64, 2, 8, rounding);
}

static const struct tolerance in_float = {5e-6, 2e-5, 1e-2, 3e-3};

static void ten_steps_in_float_agree_with_pytorch(void **state)
{
    (void)state;
    follow_golden_run(&plain_f32, 2, 8, in_float);
}

static void ten_steps_on_the_fast_backend_agree_with_pytorch(void **state)
{
    (void)state;
    follow_golden_run(&cpu_f32, 2, 8, in_float);
}

static void gradients_of_the_first_step_agree_with_pytorch(void **state)
{
    (void)state;
    /* After one step from zero, m = (1 - beta1) * gradient. */
    struct golden golden = golden_open("dcgan_step.safetensors");
    struct rig rig;
    rig_open(&rig, &plain_f64, 1, 8);
    load_golden(&rig, &golden);
    run_step(&rig, 0);
    const struct weights *both[2] = {&rig.step.weights_g, &rig.step.weights_d};
    for (int n = 0; n < 2; n++)
        for (int i = 0; i < both[n]->count; i++) {
            char moment[160], gradient[160];
            snprintf(moment, sizeof moment, "m.%s", both[n]->state[i]->name);
            snprintf(gradient, sizeof gradient, "grad/%s", both[n]->state[i]->name);
            struct tensor *m = store_find(rig.store, moment);
            assert_non_null(m);
            for (int64_t k = 0; k < shape_elements(&m->shape); k++)
                ((double *)m->data)[k] *= 2;
            golden_expect(&golden, gradient, rig.store, moment, 1e-6);
        }
    rig_close(&rig);
    golden_close(&golden);
}

static void any_number_of_threads_gives_the_same_bits(void **state)
{
    (void)state;
    struct golden golden = golden_open("dcgan_step.safetensors");
    struct rig rig[4];
    for (int t = 0; t < 4; t++) {
        rig_open(&rig[t], &cpu_f32, t + 1, 8);
        load_golden(&rig[t], &golden);
        for (int step = 0; step < 3; step++)
            run_step(&rig[t], step);
        for (int i = 0; t > 0 && i < store_tensors(rig[0].store); i++) {
            const struct tensor *one = store_tensor(rig[0].store, i), *many = store_tensor(rig[t].store, i);
            assert_string_equal(one->name, many->name);
            assert_memory_equal(one->data, many->data, tensor_bytes(rig[0].store, one));
        }
    }
    for (int t = 0; t < 4; t++)
        rig_close(&rig[t]);
    golden_close(&golden);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradients_of_the_first_step_agree_with_pytorch),
        cmocka_unit_test(ten_steps_in_double_agree_with_pytorch),
        cmocka_unit_test(ten_steps_in_float_agree_with_pytorch),
        cmocka_unit_test(ten_steps_on_the_fast_backend_agree_with_pytorch),
        cmocka_unit_test(any_number_of_threads_gives_the_same_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
