/* Measures the contractions of the processor's backend, one kernel at a time: for each layer of a list the time and
 * the speed of oneDNN's direct convolution on the whole batch with its own threads, of our kernel on a pool of one and
 * of several threads, and the error of our result against sums in double precision at a sample of places.
 *
 *   kernels [-c] [-t threads] [-r repeats] [-b batch] [name...]     only layers whose name contains one of the names
 *
 * -c measures processor time instead of wall time, which a busy machine disturbs less; mind that waiting threads spin,
 * so only figures for one thread mean something then. */
#include "base/memory.h"
#include "base/philox.h"
#include "kernel/cpu/convolution.h"
#include "timer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { SHARDS = 8, SAMPLES = 2000 };

struct layer {
    const char *name;
    int64_t height, width, channels, filters;
    int kernel, stride, padding, groups;
};

static const struct layer layers[] = {
    {"dcgan.1", 64, 64, 3, 64, 4, 2, 1, 1},      {"dcgan.2", 32, 32, 64, 128, 4, 2, 1, 1},
    {"dcgan.3", 16, 16, 128, 256, 4, 2, 1, 1},   {"dcgan.4", 8, 8, 256, 512, 4, 2, 1, 1},
    {"odd.k4", 26, 20, 48, 80, 4, 2, 1, 1},      {"sn.64", 32, 32, 64, 64, 3, 1, 1, 1},
    {"sn.128", 16, 16, 128, 128, 3, 1, 1, 1},    {"sn.256", 8, 8, 256, 256, 3, 1, 1, 1},
    {"sn.512", 4, 4, 512, 512, 3, 1, 1, 1},      {"sn.rgb", 64, 64, 3, 64, 3, 1, 1, 1},
    {"k1", 16, 16, 128, 256, 1, 1, 0, 1},        {"k5", 16, 16, 64, 96, 5, 1, 2, 1},
    {"group16", 16, 16, 128, 128, 3, 1, 1, 8},   {"mnist.2", 28, 28, 32, 64, 4, 2, 1, 1},
    {"mnist.3", 14, 14, 64, 128, 4, 2, 1, 1},    {"narrow.k3", 32, 32, 32, 32, 3, 1, 1, 1},
    {"face.2", 64, 64, 64, 128, 4, 2, 1, 1},     {"sn.512.8", 8, 8, 512, 512, 3, 1, 1, 1},
    {"sn.256.32", 32, 32, 256, 256, 3, 1, 1, 1},
};

struct product {
    const char *name;
    int64_t m, k, n;
    bool transpose_a, transpose_b;
    int batch_axis; /* of the product: 0 m, 1 k */
};

static const struct product products[] = {
    {"dense.g", 64, 100, 8192, false, false, 0},   {"dense.g.dx", 64, 8192, 100, false, true, 0},
    {"dense.g.dw", 100, 64, 8192, true, false, 1}, {"dense.d", 64, 8192, 1, false, false, 0},
    {"dense.d.dx", 64, 1, 8192, false, true, 0},   {"dense.d.dw", 8192, 64, 1, true, false, 1},
    {"dense.wide", 64, 512, 512, false, false, 0},
};

struct options {
    int threads, repeats;
    int64_t batch;
    char **names;
    int name_count;
};

struct outcome {
    double single, several, packing;
    char note[KERNEL_NOTE];
    float *result; /* partials added up */
};

static void measure(struct outcome *out, const struct kernel_request *request, const float *a, const float *b,
                    const struct options *options)
{
    for (int pass = 0; pass < 2; pass++) {
        const int threads = pass ? options->threads : 1;
        struct pool *pool;
        if (pool_new(&pool, threads) < 0)
            timer_fail("kernels", "threads");
        struct timed_kernel *timed = timed_kernel_new(request, a, b, threads);
        const double seconds = timed_kernel_run(timed, pool, options->repeats, &out->packing);
        *(pass ? &out->several : &out->single) = seconds;
        if (pass) {
            snprintf(out->note, sizeof out->note, "%s", timed_kernel_note(timed));
            const size_t bytes = (size_t)shape_elements(&request->output) * sizeof *out->result;
            out->result = memory_new_aligned(bytes);
            if (!out->result)
                timer_fail("kernels", "memory");
            memcpy(out->result, timed_kernel_result(timed), bytes);
        }
        timed_kernel_free(timed);
        pool_free(pool);
    }
}

/* --- Errors -------------------------------------------------------------------------------------------- */

struct errors {
    double largest, squares, reference, reference_squares;
};

static void errors_add(struct errors *e, double value, double reference)
{
    const double error = isfinite(value) ? fabs(value - reference) : INFINITY;
    e->largest = fmax(e->largest, error);
    e->reference = fmax(e->reference, fabs(reference));
    e->squares += error * error;
    e->reference_squares += reference * reference;
}

/* y[n][i][j][o] += x[n][i s + u - p][j s + v - p][c] w[o][u][v][c]: the sum that ends at one element, in double. */
static double conv_element(const struct convolution *c, const float *a, const float *b, int64_t index)
{
    const int64_t group_channels = c->channels / c->groups, group_filters = c->filters / c->groups;
    const int64_t H = c->input[0], W = c->input[1], P = c->output[0], Q = c->output[1], C = c->channels, O = c->filters;
    double sum = 0;
    if (c->kind == OP_CONV) {
        const int64_t o = index % O, q = index / O % Q, p = index / O / Q % P, n = index / O / Q / P;
        for (int64_t u = 0; u < c->kernel[0]; u++)
            for (int64_t v = 0; v < c->kernel[1]; v++) {
                const int64_t h = p * c->stride[0] + u - c->padding[0], w = q * c->stride[1] + v - c->padding[1];
                for (int64_t k = 0; k < group_channels && h >= 0 && h < H && w >= 0 && w < W; k++)
                    sum += (double)a[((n * H + h) * W + w) * C + o / group_filters * group_channels + k] *
                           (double)b[((o * c->kernel[0] + u) * c->kernel[1] + v) * group_channels + k];
            }
    } else if (c->kind == OP_CONV_DX) {
        const int64_t k = index % C, w = index / C % W, h = index / C / W % H, n = index / C / W / H;
        for (int64_t u = 0; u < c->kernel[0]; u++)
            for (int64_t v = 0; v < c->kernel[1]; v++) {
                const int64_t p = (h + c->padding[0] - u) / c->stride[0], q = (w + c->padding[1] - v) / c->stride[1];
                if (h + c->padding[0] < u || w + c->padding[1] < v || p * c->stride[0] != h + c->padding[0] - u ||
                    q * c->stride[1] != w + c->padding[1] - v || p >= P || q >= Q)
                    continue;
                for (int64_t i = 0; i < group_filters; i++) {
                    const int64_t o = k / group_channels * group_filters + i;
                    sum += (double)a[((n * P + p) * Q + q) * O + o] *
                           (double)b[((o * c->kernel[0] + u) * c->kernel[1] + v) * group_channels + k % group_channels];
                }
            }
    } else {
        const int64_t k = index % group_channels, v = index / group_channels % c->kernel[1],
                      u = index / group_channels / c->kernel[1] % c->kernel[0],
                      o = index / group_channels / c->kernel[1] / c->kernel[0];
        for (int64_t n = 0; n < c->images; n++)
            for (int64_t p = 0; p < P; p++)
                for (int64_t q = 0; q < Q; q++) {
                    const int64_t h = p * c->stride[0] + u - c->padding[0], w = q * c->stride[1] + v - c->padding[1];
                    if (h >= 0 && h < H && w >= 0 && w < W)
                        sum += (double)a[((n * H + h) * W + w) * C + o / group_filters * group_channels + k] *
                               (double)b[((n * P + p) * Q + q) * O + o];
                }
    }
    return sum;
}

static int64_t sample_place(int64_t count, int i)
{
    uint32_t words[2];
    random_words((random_address){2, 0, RANDOM_USER, 0}, (uint64_t)(2 * i), 2, words);
    return (int64_t)(((uint64_t)words[0] << 32 | words[1]) % (uint64_t)count);
}

/* --- Layers -------------------------------------------------------------------------------------------- */

static void print_line(const char *name, const char *operation, double flops, double base, const struct outcome *o,
                       const struct errors *e)
{
    printf("%-10s %-3s ", name, operation);
    if (base > 0)
        printf("%8.3f %6.1f ", base * 1e3, flops / base * 1e-9);
    else
        printf("%8s %6s ", "", "");
    printf("%8.3f %6.1f %8.3f %6.1f %7.3f  %.1e %.1e  %s\n", o->single * 1e3, flops / o->single * 1e-9,
           o->several * 1e3, flops / o->several * 1e-9, o->packing * 1e3, e->largest / e->reference,
           sqrt(e->squares / e->reference_squares), o->note);
    fflush(stdout);
}

static void bench_operation(const struct layer *l, enum operation_kind kind, const struct options *options)
{
    const int64_t P = (l->height + 2 * l->padding - l->kernel) / l->stride + 1,
                  Q = (l->width + 2 * l->padding - l->kernel) / l->stride + 1;
    const struct shape x = {4, true, {options->batch, l->height, l->width, l->channels}},
                       y = {4, true, {options->batch, P, Q, l->filters}},
                       w = {4, false, {l->filters, l->kernel, l->kernel, l->channels / l->groups}};
    struct kernel_request request = {.operation = {.kind = kind}, .inputs = 2, .shards = SHARDS};
    request.operation.attributes.conv =
        (struct conv_attributes){{l->stride, l->stride}, {l->padding, l->padding}, l->groups};
    request.input[0] = kind == OP_CONV_DX ? y : x;
    request.input[1] = kind == OP_CONV_DW ? y : w;
    request.output = kind == OP_CONV ? y : kind == OP_CONV_DX ? x : w;
    struct convolution c;
    convolution_describe(&c, &request);
    float *a = timer_numbers(shape_elements(&request.input[0]), 1),
          *b = timer_numbers(shape_elements(&request.input[1]), 2);
    struct outcome outcome;
    measure(&outcome, &request, a, b, options);
    struct errors errors = {0};
    const int64_t count = shape_elements(&request.output);
    for (int i = 0; i < (kind == OP_CONV_DW ? SAMPLES / 10 : SAMPLES); i++) {
        const int64_t place = sample_place(count, i);
        errors_add(&errors, (double)outcome.result[place], conv_element(&c, a, b, place));
    }
    const double base = timer_onednn(&request, a, b, options->threads, options->repeats);
    const double flops = 2.0 * (double)(c.images * P * Q) * (double)convolution_w(&c);
    print_line(l->name, kind == OP_CONV ? "fwd" : kind == OP_CONV_DX ? "dx" : "dw", flops, base, &outcome, &errors);
    free(a);
    free(b);
    free(outcome.result);
}

static void bench_product(const struct product *p, const struct options *options)
{
    struct kernel_request request = {.operation = {.kind = OP_MATMUL}, .inputs = 2, .shards = SHARDS};
    const int64_t m = p->m, k = p->k, n = p->n;
    request.operation.attributes.matmul.transpose[0] = p->transpose_a;
    request.operation.attributes.matmul.transpose[1] = p->transpose_b;
    request.input[0] = (struct shape){2, true, {p->transpose_a ? k : m, p->transpose_a ? m : k}};
    request.input[1] = (struct shape){2, p->batch_axis == 1, {p->transpose_b ? n : k, p->transpose_b ? k : n}};
    request.output = (struct shape){2, p->batch_axis == 0, {m, n}};
    float *a = timer_numbers(m * k, 1), *b = timer_numbers(k * n, 2);
    struct outcome outcome;
    measure(&outcome, &request, a, b, options);
    struct errors errors = {0};
    for (int s = 0; s < SAMPLES; s++) {
        const int64_t place = sample_place(m * n, s), i = place / n, j = place % n;
        double sum = 0;
        for (int64_t q = 0; q < k; q++)
            sum +=
                (double)a[p->transpose_a ? q * m + i : i * k + q] * (double)b[p->transpose_b ? j * k + q : q * n + j];
        errors_add(&errors, (double)outcome.result[place], sum);
    }
    print_line(p->name, "", 2.0 * (double)(m * k * n), 0, &outcome, &errors);
    free(a);
    free(b);
    free(outcome.result);
}

static bool wanted(const struct options *options, const char *name)
{
    for (int i = 0; i < options->name_count; i++)
        if (strstr(name, options->names[i]))
            return true;
    return options->name_count == 0;
}

int main(int count, char **arguments)
{
    struct options options = {.threads = 2, .repeats = 12, .batch = 64};
    for (int option; (option = getopt(count, arguments, "ct:r:b:")) != -1;) {
        if (option == '?')
            return 2;
        if (option == 'c')
            timer_use(CLOCK_PROCESS_CPUTIME_ID);
        else if (option == 't')
            options.threads = (int)strtol(optarg, NULL, 10);
        else if (option == 'r')
            options.repeats = (int)strtol(optarg, NULL, 10);
        else
            options.batch = strtol(optarg, NULL, 10);
    }
    options.names = arguments + optind;
    options.name_count = count - optind;
    printf("%-14s %15s %15s %15s %7s  %s\n", "", "oneDNN, threads", "ours, 1 thread", "ours, threads", "packing",
           "error: largest, rms");
    for (size_t i = 0; i < sizeof layers / sizeof *layers; i++)
        for (enum operation_kind kind = OP_CONV; kind <= OP_CONV_DW; kind++)
            if (wanted(&options, layers[i].name))
                bench_operation(&layers[i], kind, &options);
    for (size_t i = 0; i < sizeof products / sizeof *products; i++)
        if (wanted(&options, products[i].name))
            bench_product(&products[i], &options);
    return 0;
}
