/* One DCGAN training step: ours, the limit, and what a peer says, in one object.
 *
 *   step [--threads N] [--steps N] [--width N] [--batch N] [--peer FILE] [--ours FILE]... [--memory]
 *
 * The limit is the sum, over all convolutions and matrix products of the step, of the best time that each takes by
 * itself with all threads: our own kernel or oneDNN's direct one, whichever is faster. --peer reads what
 * peer_torch.py printed; --ours reads what an earlier call of this program printed, so that measurements before and after
 * the peer's count alike. --memory only runs three steps and prints the peak of the process, in bytes. */
#include "base/error.h"
#include "run/plan.h"
#include "run/profile.h"
#include "run/steps.h"
#include "timer.h"
#include "train/settings.h"

#include <getopt.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REPEATS = 7, WARM_UP = 3, GENERATED = 64, STEPS_MAXIMUM = 200 };

struct options {
    int threads, steps;
    int64_t width, batch;
    const char *peer;
    json_t *earlier; /* arrays of seconds and of images/s from earlier calls */
    bool memory;
};

struct bench {
    struct step_settings settings;
    struct step_graph graph;
    struct plan *plan;
    struct store *store;
    struct pool *pool;
    struct executor *executor;
    struct step_scalars scalars;
    float *real;
};

static void must(int status, const char *what)
{
    if (status < 0)
        timer_fail("step", what);
}

static void bench_open(struct bench *bench, const struct options *options)
{
    memset(bench, 0, sizeof *bench);
    bench->settings = (struct step_settings){.network = {.height = 64, .width = 64, .channels = 3, .latent = 100,
                                                         .features_g = options->width, .features_d = options->width,
                                                         .slope = 0.2, .initial_deviation = 0.02,
                                                         .normalise_g = true, .normalise_d = true},
                                             .batch = options->batch,
                                             .beta1 = 0.5,
                                             .epsilon = 1e-8,
                                             .average = true};
    must(step_graph_make(&bench->graph, &bench->settings), "graph");
    must(plan_make(&bench->plan, bench->graph.graph, &cpu_f32, 0), "plan");
    must(store_new(&bench->store, cpu_f32.type), "store");
    must(store_add_states(bench->store, bench->graph.graph, 1), "states");
    step_average_begin(bench->store);
    must(pool_new(&bench->pool, options->threads), "threads");
    must(executor_new(&bench->executor, bench->plan, bench->store, bench->pool), "executor");
    must(step_scalars_bind(&bench->scalars, bench->executor, cpu_f32.type), "inputs");
    bench->real = timer_numbers(options->batch * 64 * 64 * 3, 1);
    must(executor_bind(bench->executor, "real", bench->real), "inputs");
}

static void bench_close(struct bench *bench)
{
    executor_free(bench->executor);
    pool_free(bench->pool);
    store_free(bench->store);
    plan_free(bench->plan);
    step_graph_free(&bench->graph);
    free(bench->real);
}

static double run_step(struct bench *bench, int step)
{
    step_scalars_set(&bench->scalars, &bench->settings, &(struct step_schedule){.rate_g = 2e-4, .rate_d = 2e-4, .beta2 = 0.999,
                                              .average_rate = 1e-3, .updates_g = step, .updates_d = step});
    const double start = timer_seconds();
    must(executor_run(bench->executor, 1, (uint64_t)step), "run");
    return timer_seconds() - start;
}

/* --- The limit --------------------------------------------------------------------------------------------- */

static bool is_contraction(const struct node *node)
{
    const enum operation_kind kind = node->operation.kind;
    return kind == OP_CONV || kind == OP_CONV_DX || kind == OP_CONV_DW || kind == OP_MATMUL;
}

static bool same_work(const struct node *a, const struct node *b)
{
    return memcmp(&a->operation, &b->operation, sizeof a->operation) == 0 && shape_equal(&a->shape, &b->shape) &&
           shape_equal(&a->operand[0]->shape, &b->operand[0]->shape) &&
           shape_equal(&a->operand[1]->shape, &b->operand[1]->shape);
}

struct alone {
    double ours, onednn; /* seconds */
};

static struct alone time_alone(const struct node *node, struct pool *pool)
{
    struct kernel_request request = {.operation = node->operation,
                                     .inputs = 2,
                                     .input = {node->operand[0]->shape, node->operand[1]->shape},
                                     .output = node->shape,
                                     .shards = SHARDS_DEFAULT};
    float *a = timer_numbers(shape_elements(&request.input[0]), 1), *b = timer_numbers(shape_elements(&request.input[1]), 2);
    struct timed_kernel *timed = timed_kernel_new(&request, a, b, pool_threads(pool));
    const struct alone alone = {timed_kernel_run(timed, pool, REPEATS, NULL),
                                timer_onednn(&request, a, b, pool_threads(pool), REPEATS)};
    timed_kernel_free(timed);
    free(a);
    free(b);
    return alone;
}

struct limit {
    double best, ours, onednn; /* sums over the step */
    int contractions;
};

static struct limit find_limit(const struct bench *bench)
{
    struct limit limit = {0};
    const struct graph *graph = bench->graph.graph;
    const int nodes = graph_nodes(graph);
    struct alone *known = calloc((size_t)nodes, sizeof *known);
    if (!known)
        exit(1);
    for (int i = 0; i < nodes; i++) {
        const struct node *node = graph_node(graph, i);
        if (!is_contraction(node) || bench->plan->buffer_of[i] == NO_BUFFER)
            continue;
        for (int k = 0; k < i && known[i].ours == 0; k++)
            if (known[k].ours > 0 && same_work(graph_node(graph, k), node))
                known[i] = known[k];
        if (known[i].ours == 0)
            known[i] = time_alone(node, bench->pool);
        limit.best += fmin(known[i].ours, known[i].onednn);
        limit.ours += known[i].ours;
        limit.onednn += known[i].onednn;
        limit.contractions++;
    }
    free(known);
    return limit;
}

/* --- Generation -------------------------------------------------------------------------------------------- */

static double images_per_second(struct bench *bench)
{
    struct graph *g;
    struct plan *plan;
    struct executor *executor;
    must(graph_new(&g), "graph");
    const struct scope scope = {.graph = g, .prefix = "ema"};
    struct node *z =
        graph_random(g, RANDOM_DISTRIBUTION_NORMAL, 1, shape_batch(GENERATED, 1, &bench->settings.network.latent));
    struct node *images = network_generator(&scope, &bench->settings.network, z, &(struct condition){0});
    graph_output(g, images);
    must(plan_make(&plan, g, &cpu_f32, 0), "plan");
    must(store_add_states(bench->store, g, 1), "states");
    must(executor_new(&executor, plan, bench->store, bench->pool), "executor");
    double best = HUGE_VAL;
    for (int i = 0; i < WARM_UP + REPEATS; i++) {
        const double start = timer_seconds();
        must(executor_run(executor, 1, (uint64_t)i), "run");
        best = fmin(best, timer_seconds() - start);
    }
    executor_free(executor);
    plan_free(plan);
    graph_free(g);
    return GENERATED / best;
}

/* --- Memory ------------------------------------------------------------------------------------------------ */

static double peak_of_this_process(void)
{
    FILE *file = fopen("/proc/self/status", "re");
    char line[256];
    long kib = 0;
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, "VmHWM:", 6) == 0)
            kib = strtol(line + 6, NULL, 10);
    if (file)
        fclose(file);
    return 1024.0 * (double)kib;
}

static double peak_of_a_fresh_process(const char *self, const struct options *options)
{
    char command[4096];
    double bytes = 0;
    snprintf(command, sizeof command, "'%s' --memory --threads %d --width %lld --batch %lld", self, options->threads,
             (long long)options->width, (long long)options->batch);
    FILE *pipe = popen(command, "re");
    if (!pipe || fscanf(pipe, "%lf", &bytes) != 1)
        bytes = 0;
    if (pipe)
        pclose(pipe);
    return bytes;
}

/* --- Numbers together -------------------------------------------------------------------------------------- */

static int by_value(const void *a, const void *b)
{
    const double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static double median(const json_t *numbers)
{
    double value[4 * STEPS_MAXIMUM];
    size_t count = 0, i;
    json_t *number;
    json_array_foreach(numbers, i, number) if (count < sizeof value / sizeof *value) value[count++] = json_number_value(number);
    if (count == 0)
        return 0;
    qsort(value, count, sizeof *value, by_value);
    return count % 2 ? value[count / 2] : (value[count / 2 - 1] + value[count / 2]) / 2;
}

static json_t *all_of(const struct options *options, const char *key)
{
    json_t *all = json_array(), *object;
    size_t i;
    json_array_foreach(options->earlier, i, object) json_array_extend(all, json_object_get(object, key));
    return all;
}

static json_t *ratio(double a, double b)
{
    return a > 0 && b > 0 ? json_real(a / b) : json_null();
}

static void add_peer(json_t *result, const struct options *options, double seconds, double memory, double generated)
{
    json_error_t why;
    json_t *peer = options->peer ? json_load_file(options->peer, 0, &why) : NULL;
    const double peer_seconds = json_number_value(json_object_get(peer, "seconds"));
    const double peer_memory = json_number_value(json_object_get(peer, "peak_bytes"));
    json_object_set_new(result, "peer_speedup", ratio(peer_seconds, seconds));
    json_object_set_new(result, "peer_memory", ratio(memory, peer_memory));
    json_object_set_new(result, "generate_speedup",
                        ratio(generated, json_number_value(json_object_get(peer, "generate_per_second"))));
    json_object_set_new(result, "peer", peer ? peer : json_null());
}

/* Share of the step's time that is neither convolution nor matrix product. */
static double other_share(struct bench *bench, int steps)
{
    executor_profile(bench->executor, true);
    for (int i = 0; i < steps; i++)
        run_step(bench, i);
    double all = 0, contractions = 0;
    for (int i = 0; i < executor_profile_steps(bench->executor); i++) {
        const struct step_profile step = executor_profile_step(bench->executor, i);
        all += step.seconds;
        contractions += step.contraction ? step.seconds : 0;
    }
    executor_profile(bench->executor, false);
    return all > 0 ? 1 - contractions / all : 0;
}

static int measure(const char *self, const struct options *options)
{
    struct bench bench;
    bench_open(&bench, options);
    for (int i = 0; i < WARM_UP; i++)
        run_step(&bench, i);
    json_t *seconds = all_of(options, "all_seconds"), *generated = all_of(options, "all_generated");
    for (int i = 0; i < options->steps; i++)
        json_array_append_new(seconds, json_real(run_step(&bench, WARM_UP + i)));
    const double other = other_share(&bench, WARM_UP);
    json_array_append_new(generated, json_real(images_per_second(&bench)));
    const struct limit limit = find_limit(&bench);
    const double memory = peak_of_a_fresh_process(self, options);
    const double typical = median(seconds), rate = median(generated);
    json_t *result = json_object();
    json_object_set_new(result, "limit_share", json_real(limit.best / typical));
    add_peer(result, options, typical, memory, rate);
    json_object_set_new(result, "other_share", json_real(other));
    json_object_set_new(result, "seconds", json_real(typical));
    json_object_set_new(result, "images_per_second", json_real((double)options->batch / typical));
    json_object_set_new(result, "generated_per_second", json_real(rate));
    json_object_set_new(result, "peak_bytes", json_real(memory));
    json_object_set_new(result, "limit_seconds", json_real(limit.best));
    json_object_set_new(result, "limit_ours_seconds", json_real(limit.ours));
    json_object_set_new(result, "limit_onednn_seconds", json_real(limit.onednn));
    json_object_set_new(result, "contractions", json_integer(limit.contractions));
    json_object_set_new(result, "flops", json_real(plan_cost(bench.plan, options->threads).contraction_flops));
    json_object_set_new(result, "threads", json_integer(options->threads));
    json_object_set_new(result, "all_seconds", seconds);
    json_object_set_new(result, "all_generated", generated);
    json_dumpf(result, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
    putchar('\n');
    json_decref(result);
    bench_close(&bench);
    return 0;
}

static int only_memory(const struct options *options)
{
    struct bench bench;
    bench_open(&bench, options);
    for (int i = 0; i < WARM_UP; i++)
        run_step(&bench, i);
    printf("%.0f\n", peak_of_this_process());
    bench_close(&bench);
    return 0;
}

int main(int count, char **arguments)
{
    static const struct option table[] = {
        {"threads", required_argument, NULL, 't'}, {"steps", required_argument, NULL, 's'},
        {"width", required_argument, NULL, 'w'},   {"batch", required_argument, NULL, 'b'},
        {"peer", required_argument, NULL, 'p'},    {"ours", required_argument, NULL, 'o'},
        {"memory", no_argument, NULL, 'm'},        {NULL, 0, NULL, 0}};
    struct options options = {.threads = 2, .steps = 9, .width = 64, .batch = 64, .earlier = json_array()};
    json_error_t why;
    for (int option; (option = getopt_long(count, arguments, "", table, NULL)) != -1;) {
        switch (option) {
        case 't': options.threads = (int)strtol(optarg, NULL, 10); break;
        case 's': options.steps = (int)strtol(optarg, NULL, 10); break;
        case 'w': options.width = strtol(optarg, NULL, 10); break;
        case 'b': options.batch = strtol(optarg, NULL, 10); break;
        case 'p': options.peer = optarg; break;
        case 'o': json_array_append_new(options.earlier, json_load_file(optarg, 0, &why)); break;
        case 'm': options.memory = true; break;
        default: return 2;
        }
    }
    if (options.steps < 1 || options.steps > STEPS_MAXIMUM || options.width < 1 || options.batch < 1 || options.threads < 1) {
        fprintf(stderr, "step: --steps from 1 to %d, --threads, --width and --batch at least 1\n", STEPS_MAXIMUM);
        return 2;
    }
    const int status = options.memory ? only_memory(&options) : measure(arguments[0], &options);
    json_decref(options.earlier);
    return status;
}
