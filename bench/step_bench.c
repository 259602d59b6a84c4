/* A training step with inputs that never change, to be run as often as wanted. */
#include "step_bench.h"

#include "timer.h"

#include <stdlib.h>

void step_bench_must(int status, const char *what)
{
    if (status < 0)
        timer_fail("step", what);
}

float *step_bench_labels(int64_t count, int64_t classes)
{
    float *label = malloc((size_t)count * sizeof *label);
    if (!label)
        exit(1);
    for (int64_t i = 0; i < count; i++)
        label[i] = classes > 0 ? (float)(i % classes) : 0;
    return label;
}

void step_bench_open(struct step_bench *bench, const struct step_settings *settings, int threads)
{
    *bench = (struct step_bench){.settings = *settings};
    const struct network *network = &bench->settings.network;
    step_bench_must(step_graph_make(&bench->graph, settings), "graph");
    step_bench_must(plan_make(&bench->plan, bench->graph.graph, &cpu_f32, 0), "plan");
    step_bench_must(store_new(&bench->store, cpu_f32.type), "store");
    step_bench_must(store_add_states(bench->store, bench->graph.graph, 1), "states");
    step_average_begin(bench->store);
    step_bench_must(pool_new(&bench->pool, threads), "threads");
    step_bench_must(executor_new(&bench->executor, bench->plan, bench->store, bench->pool), "executor");
    step_bench_must(step_scalars_bind(&bench->scalars, bench->executor, cpu_f32.type), "inputs");
    bench->real = timer_numbers(settings->batch * network->height * network->width * network->channels, 1);
    bench->label = step_bench_labels(settings->batch, network->classes);
    step_bench_must(executor_bind(bench->executor, "real", bench->real), "inputs");
    if (executor_reads(bench->executor, "label"))
        step_bench_must(executor_bind(bench->executor, "label", bench->label), "inputs");
}

void step_bench_close(struct step_bench *bench)
{
    executor_free(bench->executor);
    pool_free(bench->pool);
    store_free(bench->store);
    plan_free(bench->plan);
    step_graph_free(&bench->graph);
    free(bench->real);
    free(bench->label);
}

double step_bench_run(struct step_bench *bench, int step)
{
    const struct step_schedule schedule = {.rate_g = 2e-4,
                                           .rate_d = 2e-4,
                                           .beta2 = 0.999,
                                           .average_rate = 1e-3,
                                           .label_strength = 1,
                                           .augment_strength = 1,
                                           .penalty = 1,
                                           .updates_g = step,
                                           .updates_d = step};
    step_scalars_set(&bench->scalars, &bench->settings, &schedule);
    const double start = timer_seconds();
    step_bench_must(executor_run(bench->executor, 1, (uint64_t)step), "run");
    return timer_seconds() - start;
}

int64_t step_bench_parameters(const struct weights *weights)
{
    int64_t count = 0;
    for (int i = 0; i < weights->count; i++)
        count += shape_elements(&weights->state[i]->shape);
    return count;
}

bool step_bench_again(const struct step_patience *patience, int done, double start)
{
    return done < patience->least || timer_seconds() - start < patience->seconds;
}

static int by_value(const void *a, const void *b)
{
    const double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

double step_bench_median(double *values, size_t count)
{
    if (count == 0)
        return 0;
    qsort(values, count, sizeof *values, by_value);
    return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}
