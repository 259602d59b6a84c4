/* One training step of a network: ours, the limit, what parts of it cost, and what a peer says, in one object.
 *
 *   step [--network NAME] [--threads N] [--steps N] [--width N] [--batch N] [--fast] [--brief] [--peer FILE]
 *        [--ours FILE]... [--memory]
 *
 * The limit is the sum, over all convolutions and matrix products of the step, of the best time that each takes by
 * itself with all threads: our own kernel or oneDNN's direct one, whichever is faster. --peer reads what
 * peer_torch.py printed; --ours reads what an earlier call of this program printed, so that measurements before and
 * after the peer's count alike; --brief is such an earlier call: the times of steps and of generating, nothing else.
 * --fast measures everything less often. --memory only runs a few steps and prints the peak of the process, in bytes.
 * --list prints the names of the networks. */
#include "base/error.h"
#include "run/plan.h"
#include "run/profile.h"
#include "step_bench.h"
#include "timer.h"

#include <getopt.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GENERATED = 64, STEPS_MAXIMUM = 200 };

/* How often each thing is measured: a short step more often, since its time says less. */
struct effort {
    int warm_up, profiled, repeats;
    struct step_patience steps, pairs, limits;
};
static const struct effort thorough = {3, 3, 7, {9, 3}, {9, 6}, {3, 20}}, fast = {1, 1, 2, {3, 1}, {3, 3}, {1, 8}};

struct options {
    const struct step_network *network;
    struct effort effort;
    int threads;
    int64_t width, batch;
    const char *peer;
    json_t *earlier; /* arrays of seconds and of images/s from earlier calls */
    bool brief, memory;
};

static void open_bench(struct step_bench *bench, const struct options *options)
{
    struct step_settings settings;
    step_network_settings(&settings, options->network, options->width, options->batch);
    step_bench_open(bench, &settings, options->threads);
    for (int i = 0; i < options->effort.warm_up; i++)
        step_bench_run(bench, i);
}

/* --- Generation -------------------------------------------------------------------------------------------- */

static double images_per_second(struct step_bench *bench, const struct effort *effort)
{
    struct graph *g;
    struct plan *plan;
    struct executor *executor;
    const struct network *network = &bench->settings.network;
    step_bench_must(graph_new(&g), "graph");
    const struct scope scope = {.graph = g, .prefix = settings_generator_prefix(&bench->settings)};
    struct node *z = graph_random(g, RANDOM_DISTRIBUTION_NORMAL, 1, shape_batch(GENERATED, 1, &network->latent));
    const struct condition condition = {
        .label = network->classes > 0 ? graph_input(g, "label", shape_batch(GENERATED, 0, NULL)) : NULL};
    graph_output(g, network_generator(&scope, network, z, &condition));
    step_bench_must(plan_make(&plan, g, &cpu_f32, 0), "plan");
    step_bench_must(store_add_states(bench->store, g, 1), "states");
    step_bench_must(executor_new(&executor, plan, bench->store, bench->pool), "executor");
    float *label = step_bench_labels(GENERATED, network->classes);
    if (executor_reads(executor, "label"))
        step_bench_must(executor_bind(executor, "label", label), "inputs");
    double best = HUGE_VAL;
    for (int i = 0; i < effort->warm_up + effort->repeats; i++) {
        const double start = timer_seconds();
        step_bench_must(executor_run(executor, 1, (uint64_t)i), "run");
        best = fmin(best, timer_seconds() - start);
    }
    executor_free(executor);
    plan_free(plan);
    graph_free(g);
    free(label);
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
    snprintf(command, sizeof command, "'%s' --memory --network %s --threads %d --width %lld --batch %lld%s", self,
             options->network->name, options->threads, (long long)options->width, (long long)options->batch,
             options->effort.warm_up == fast.warm_up ? " --fast" : "");
    FILE *pipe = popen(command, "re");
    if (!pipe || fscanf(pipe, "%lf", &bytes) != 1)
        bytes = 0;
    if (pipe)
        pclose(pipe);
    return bytes;
}

/* --- Numbers together -------------------------------------------------------------------------------------- */

static double median(const json_t *numbers)
{
    double value[4 * STEPS_MAXIMUM];
    size_t count = 0, i;
    json_t *number;
    json_array_foreach(numbers, i, number) {
        if (count < sizeof value / sizeof *value)
            value[count++] = json_number_value(number);
    }
    return step_bench_median(value, count);
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

/* The peer's figures, unless it has measured another network or batch. */
static json_t *read_peer(const char *path, const json_t *result)
{
    static const char *const same[] = {"network", "batch", "threads", "parameters_g", "parameters_d"};
    json_error_t why;
    json_t *peer = path ? json_load_file(path, 0, &why) : NULL;
    for (size_t i = 0; peer && i < sizeof same / sizeof *same; i++)
        if (!json_equal(json_object_get(peer, same[i]), json_object_get(result, same[i]))) {
            fprintf(stderr, "step: the peer's \"%s\" is another, or it has none: not compared\n", same[i]);
            json_decref(peer);
            peer = NULL;
        }
    return peer;
}

static void add_peer(json_t *result, const struct options *options, double seconds, double memory, double generated)
{
    json_t *peer = read_peer(options->peer, result);
    const double peer_seconds = json_number_value(json_object_get(peer, "seconds"));
    const double peer_memory = json_number_value(json_object_get(peer, "peak_bytes"));
    json_object_set_new(result, "peer_speedup", ratio(peer_seconds, seconds));
    json_object_set_new(result, "peer_memory", ratio(memory, peer_memory));
    json_object_set_new(result, "generate_speedup",
                        ratio(generated, json_number_value(json_object_get(peer, "generate_per_second"))));
    json_object_set_new(result, "peer", peer ? peer : json_null());
}

/* Share of the step's time that is neither convolution nor matrix product. */
static double other_share(struct step_bench *bench, int steps)
{
    executor_profile(bench->executor, true);
    for (int i = 0; i < steps; i++)
        step_bench_run(bench, i);
    double all = 0, contractions = 0;
    for (int i = 0; i < executor_profile_steps(bench->executor); i++) {
        const struct step_profile step = executor_profile_step(bench->executor, i);
        all += step.seconds;
        contractions += step.contraction ? step.seconds : 0;
    }
    executor_profile(bench->executor, false);
    return all > 0 ? 1 - contractions / all : 0;
}

/* R1 for everybody, so that networks can be compared, and the penalty that belongs to the network. */
static void add_costs(json_t *result, const struct step_settings *settings, const struct options *options)
{
    const bool both = settings->penalty == PENALTY_R1_R2, gradient = options->network->gradient_penalty;
    const struct step_patience *pairs = &options->effort.pairs;
    const int threads = options->threads;
    json_object_set_new(result, "penalty_r1_cost", json_real(step_cost_penalty(settings, PENALTY_R1, threads, pairs)));
    json_object_set_new(result, "penalty_r1_r2_cost",
                        both ? json_real(step_cost_penalty(settings, PENALTY_R1_R2, threads, pairs)) : json_null());
    json_object_set_new(
        result, "penalty_gradient_cost",
        gradient ? json_real(step_cost_penalty(settings, PENALTY_GRADIENT, threads, pairs)) : json_null());
    json_object_set_new(
        result, "spectral_augment_average_share",
        settings->network.spectral_d ? json_real(step_cost_extras(settings, threads, pairs)) : json_null());
}

static void add_what_it_is(json_t *result, const struct step_bench *bench, const struct options *options)
{
    json_object_set_new(result, "network", json_string(options->network->name));
    json_object_set_new(result, "title", json_string(options->network->title));
    json_object_set_new(result, "batch", json_integer(bench->settings.batch));
    json_object_set_new(result, "threads", json_integer(options->threads));
    json_object_set_new(result, "parameters_g", json_integer(step_bench_parameters(&bench->graph.weights_g)));
    json_object_set_new(result, "parameters_d", json_integer(step_bench_parameters(&bench->graph.weights_d)));
}

/* Seconds of steps that are run now. */
static json_t *some_steps(struct step_bench *bench, const struct step_patience *patience)
{
    json_t *seconds = json_array();
    const double start = timer_seconds();
    for (int i = 0; i < STEPS_MAXIMUM && step_bench_again(patience, i, start); i++)
        json_array_append_new(seconds, json_real(step_bench_run(bench, i)));
    return seconds;
}

static double typical_step(struct step_bench *bench, const struct step_patience *patience)
{
    json_t *seconds = some_steps(bench, patience);
    const double typical = median(seconds);
    json_decref(seconds);
    return typical;
}

/* The limit, and its share of steps that are timed just before and just after it: machines drift. Of several such
 * rounds the median share, and the limit of the last. */
static struct step_limit find_limit(double *share, struct step_bench *bench, const struct options *options)
{
    enum { ROUNDS = 9 };
    const struct effort *effort = &options->effort;
    struct step_limit limit = {0};
    double shares[ROUNDS], before = typical_step(bench, &effort->steps);
    int rounds = 0;
    for (const double start = timer_seconds(); rounds < ROUNDS && step_bench_again(&effort->limits, rounds, start);
         rounds++) {
        limit = step_limit_find(bench, effort->repeats);
        const double after = typical_step(bench, &effort->steps);
        shares[rounds] = limit.best / ((before + after) / 2);
        before = after;
    }
    *share = step_bench_median(shares, (size_t)rounds);
    return limit;
}

static void add_rest(json_t *result, struct step_bench *bench, double seconds, double generated, const char *self,
                     const struct options *options)
{
    const double other = other_share(bench, options->effort.profiled);
    double share;
    const struct step_limit limit = find_limit(&share, bench, options);
    const double memory = peak_of_a_fresh_process(self, options);
    json_object_set_new(result, "limit_share", json_real(share));
    add_peer(result, options, seconds, memory, generated);
    json_object_set_new(result, "other_share", json_real(other));
    json_object_set_new(result, "peak_bytes", json_real(memory));
    json_object_set_new(result, "limit_seconds", json_real(limit.best));
    json_object_set_new(result, "limit_ours_seconds", json_real(limit.ours));
    json_object_set_new(result, "limit_onednn_seconds", json_real(limit.onednn));
    json_object_set_new(result, "contractions", json_integer(limit.contractions));
    json_object_set_new(result, "flops", json_real(plan_cost(bench->plan, options->threads).contraction_flops));
}

static int measure(const char *self, const struct options *options)
{
    struct step_bench bench;
    open_bench(&bench, options);
    json_t *seconds = all_of(options, "all_seconds"), *generated = all_of(options, "all_generated");
    json_t *now = some_steps(&bench, &options->effort.steps);
    json_array_extend(seconds, now);
    json_decref(now);
    json_array_append_new(generated, json_real(images_per_second(&bench, &options->effort)));
    const double typical = median(seconds), rate = median(generated);
    json_t *result = json_object();
    add_what_it_is(result, &bench, options);
    json_object_set_new(result, "seconds", json_real(typical));
    json_object_set_new(result, "images_per_second", json_real((double)bench.settings.batch / typical));
    json_object_set_new(result, "generated_per_second", json_real(rate));
    if (!options->brief)
        add_rest(result, &bench, typical, rate, self, options);
    const struct step_settings settings = bench.settings;
    step_bench_close(&bench);
    if (!options->brief)
        add_costs(result, &settings, options);
    json_object_set_new(result, "all_seconds", seconds);
    json_object_set_new(result, "all_generated", generated);
    json_dumpf(result, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
    putchar('\n');
    json_decref(result);
    return 0;
}

static int only_memory(const struct options *options)
{
    struct step_bench bench;
    open_bench(&bench, options);
    printf("%.0f\n", peak_of_this_process());
    step_bench_close(&bench);
    return 0;
}

static int refuse(const char *why)
{
    fprintf(stderr, "step: %s\n", why);
    return 2;
}

int main(int count, char **arguments)
{
    static const struct option table[] = {
        {"network", required_argument, NULL, 'n'}, {"threads", required_argument, NULL, 't'},
        {"steps", required_argument, NULL, 's'},   {"width", required_argument, NULL, 'w'},
        {"batch", required_argument, NULL, 'b'},   {"peer", required_argument, NULL, 'p'},
        {"ours", required_argument, NULL, 'o'},    {"memory", no_argument, NULL, 'm'},
        {"fast", no_argument, NULL, 'f'},          {"brief", no_argument, NULL, 'B'},
        {"list", no_argument, NULL, 'l'},          {NULL, 0, NULL, 0}};
    struct options options = {
        .network = step_network_find("dcgan"), .effort = thorough, .threads = 2, .earlier = json_array()};
    int steps = 0;
    json_error_t why;
    for (int option; (option = getopt_long(count, arguments, "", table, NULL)) != -1;) {
        switch (option) {
        case 'n': options.network = step_network_find(optarg); break;
        case 't': options.threads = (int)strtol(optarg, NULL, 10); break;
        case 's': steps = (int)strtol(optarg, NULL, 10); break;
        case 'w': options.width = strtol(optarg, NULL, 10); break;
        case 'b': options.batch = strtol(optarg, NULL, 10); break;
        case 'p': options.peer = optarg; break;
        case 'o': json_array_append_new(options.earlier, json_load_file(optarg, 0, &why)); break;
        case 'm': options.memory = true; break;
        case 'f': options.effort = fast; break;
        case 'B': options.brief = true; break;
        case 'l': step_network_list(stdout); return 0;
        default: return 2;
        }
    }
    if (!options.network)
        return refuse("no such network; --list names them");
    if (steps < 0 || steps > STEPS_MAXIMUM || options.width < 0 || options.batch < 0 || options.threads < 1)
        return refuse("--steps up to 200, --width and --batch not negative, --threads at least 1");
    if (steps > 0)
        options.effort.steps = (struct step_patience){.least = steps};
    const int status = options.memory ? only_memory(&options) : measure(arguments[0], &options);
    json_decref(options.earlier);
    return status;
}
