/* Inception: its shapes and its number of parameters as published, its features against PyTorch's, and which files of
 * weights are taken, and under which name. */
#include "base/error.h"
#include "base/file.h"
#include "drawn.h"
#include "eval/features.h"
#include "eval/inception_weights.h"
#include "golden.h"
#include "machine.h"
#include "net/inception.h"
#include "scratch.h"

#include <glib.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEIGHT = 12, WIDTH = 10 };
static const char prefix[] = "inception";

static struct node *build(struct graph *graph, int64_t images, int64_t height, int64_t width, int64_t channels)
{
    const struct scope scope = {.graph = graph, .prefix = prefix};
    struct node *x = graph_input(graph, "pictures", shape_batch(images, 3, (int64_t[]){height, width, channels}));
    struct node *features = inception_features(&scope, x);
    graph_output(graph, features);
    must(graph_status(graph));
    return features;
}

static int states_of(const struct graph *graph, int64_t *numbers, const char *end)
{
    int count = 0;
    *numbers = 0;
    for (int i = 0; i < graph_nodes(graph); i++) {
        const struct node *node = graph_node(graph, i);
        if (node->operation.kind != OP_STATE || !strstr(node->name, end))
            continue;
        *numbers += shape_elements(&node->shape);
        count++;
    }
    return count;
}

/* ---- The network -------------------------------------------------------------------------------------------- */

/* Szegedy et al.'s network without its classifier: a widely known library counts 21,768,352 trainable numbers, which
 * are kernels and shifts. */
static void it_has_as_many_parameters_as_the_published_network(void **state)
{
    (void)state;
    struct graph *graph;
    must(graph_new(&graph));
    build(graph, 1, 299, 299, 3);
    int64_t kernels, biases;
    assert_int_equal(states_of(graph, &kernels, ".weight"), INCEPTION_CONVOLUTIONS);
    assert_int_equal(states_of(graph, &biases, ".bias"), INCEPTION_CONVOLUTIONS);
    assert_int_equal(kernels + biases, 21768352);
    assert_int_equal(biases, 17216);
    graph_free(graph);
}

/* Sides after each pooling and block, as in table 1 of the paper. */
static void its_maps_shrink_as_published(void **state)
{
    (void)state;
    static const struct {
        const char *layer;
        int64_t side, channels;
    } expected[] = {{"Conv2d_1a_3x3", 149, 32},           {"Conv2d_2b_3x3", 147, 64},
                    {"Conv2d_3b_1x1", 73, 80},            {"Conv2d_4a_3x3", 71, 192},
                    {"Mixed_5b.branch1x1", 35, 64},       {"Mixed_6a.branch3x3", 17, 384},
                    {"Mixed_6b.branch7x7dbl_5", 17, 192}, {"Mixed_7a.branch3x3_2", 8, 320},
                    {"Mixed_7c.branch3x3dbl_3b", 8, 384}};
    struct graph *graph;
    must(graph_new(&graph));
    const struct node *features = build(graph, 2, 64, 48, 3);
    assert_int_equal(features->shape.size[0], 2);
    assert_int_equal(features->shape.size[1], INCEPTION_FEATURES);
    for (size_t k = 0; k < sizeof expected / sizeof *expected; k++) {
        char name[100];
        const struct node *found = NULL;
        snprintf(name, sizeof name, "%s.%s.weight", prefix, expected[k].layer);
        for (int i = 0; i < graph_nodes(graph); i++) {
            const struct node *node = graph_node(graph, i);
            if (node->operation.kind == OP_CONV && strcmp(node->operand[1]->name, name) == 0)
                found = node;
        }
        assert_non_null(found);
        assert_int_equal(found->shape.size[1], expected[k].side);
        assert_int_equal(found->shape.size[2], expected[k].side);
        assert_int_equal(found->shape.size[3], expected[k].channels);
    }
    graph_free(graph);
}

/* ---- Values ------------------------------------------------------------------------------------------------- */

/* As make_inception.py draws them. */
static int drawn_tensor(void *context, const char *name, int rank, const int64_t *size, float *values)
{
    (void)context;
    char full[160];
    int64_t count = 1, inputs = 1;
    for (int i = 0; i < rank; i++) {
        count *= size[i];
        inputs *= i > 0 ? size[i] : 1;
    }
    snprintf(full, sizeof full, "inception/%s", name);
    drawn_uniform(values, NUMBER_F32, count, full);
    double scale = 0.125, middle = 0;
    if (strstr(name, ".conv.weight"))
        scale = sqrt(6 / (double)inputs);
    else if (strstr(name, ".bn.weight"))
        scale = 0.25, middle = 1;
    else if (strstr(name, ".running_var"))
        scale = 0.5, middle = 1;
    for (int64_t i = 0; i < count; i++)
        values[i] = (float)(middle + scale * (double)values[i]);
    return 0;
}

/* The drawn picture `images` times, as numbers in [-1, 1]. */
static void draw_pictures(float *pictures, int64_t images)
{
    enum { SAMPLES = HEIGHT * WIDTH * 3 };
    drawn_uniform(pictures, NUMBER_F32, SAMPLES, "inception/picture");
    for (int i = 0; i < SAMPLES; i++)
        pictures[i] = (float)(floor(((double)pictures[i] + 1) * 127.5) / 127.5 - 1);
    for (int64_t i = SAMPLES; i < images * SAMPLES; i++)
        pictures[i] = pictures[i - SAMPLES];
}

static void its_features_are_those_of_the_same_network_in_pytorch(void **state)
{
    (void)state;
    enum { IMAGES = 2 };
    float pictures[IMAGES * HEIGHT * WIDTH * 3];
    struct machine machine = machine_new();
    const struct node *features = build(machine.graph, IMAGES, HEIGHT, WIDTH, 3);
    must(plan_make(&machine.plan, machine.graph, &cpu_f32, IMAGES));
    must(store_new(&machine.store, NUMBER_F32));
    must(store_reserve_states(machine.store, machine.graph));
    must(inception_weights_fold(machine.store, prefix, &(struct inception_source){drawn_tensor, NULL, "drawn"}));
    must(pool_new(&machine.pool, 2));
    must(executor_new(&machine.executor, machine.plan, machine.store, machine.pool));
    draw_pictures(pictures, IMAGES);
    must(executor_bind(machine.executor, "pictures", pictures));
    must(executor_run(machine.executor, 0, 0));
    struct golden golden = golden_open("inception.safetensors");
    double *expected = golden_read(&golden, "features", INCEPTION_FEATURES);
    const float *seen = executor_output(machine.executor, features);
    const double error = relative_error(NUMBER_F32, seen, expected, INCEPTION_FEATURES);
    if (!(error < 1e-4))
        fail_msg("relative error %g", error);
    assert_memory_equal(seen, seen + INCEPTION_FEATURES, INCEPTION_FEATURES * sizeof *seen);
    free(expected);
    golden_close(&golden);
    machine_stop(&machine);
}

/* ---- Files of weights --------------------------------------------------------------------------------------- */

enum { OUTPUTS = 2, INPUTS = 3, PLACES = 2, TENSORS = 6 };

/* A layer of 1x2 kernels in a file, and one tensor more that no network asks for. */
struct weights_file {
    float kernel[OUTPUTS * INPUTS * PLACES], norm[4][OUTPUTS], other[1];
    const void *data[TENSORS];
    struct safetensors_tensor tensor[TENSORS];
};

static void fill_weights_file(struct weights_file *file)
{
    static const char *const name[TENSORS] = {"L.conv.weight",     "L.bn.weight",      "L.bn.bias",
                                              "L.bn.running_mean", "L.bn.running_var", "fc.bias"};
    for (int i = 0; i < OUTPUTS * INPUTS * PLACES; i++)
        file->kernel[i] = (float)i;
    for (int o = 0; o < OUTPUTS; o++) {
        const float norm[4] = {(float)(o + 2), 0.5F, (float)o, 3.999F};
        for (int i = 0; i < 4; i++)
            file->norm[i][o] = norm[i];
    }
    file->other[0] = 7;
    for (int i = 0; i < TENSORS; i++) {
        file->data[i] = i == 0 ? file->kernel : i < 5 ? file->norm[i - 1] : file->other;
        file->tensor[i] = (struct safetensors_tensor){name[i], SAFETENSORS_F32, 1, {i < 5 ? OUTPUTS : 1}};
    }
    file->tensor[0] = (struct safetensors_tensor){name[0], SAFETENSORS_F32, 4, {OUTPUTS, INPUTS, 1, PLACES}};
}

static void hash_weights_file(const struct weights_file *file, char hash[65])
{
    static const int sorted[TENSORS] = {2, 3, 4, 1, 0, 5}; /* by name */
    GChecksum *checksum = g_checksum_new(G_CHECKSUM_SHA256);
    for (int i = 0; i < TENSORS; i++) {
        const struct safetensors_tensor *tensor = &file->tensor[sorted[i]];
        g_checksum_update(checksum, (const guchar *)tensor->name, (gssize)strlen(tensor->name) + 1);
        g_checksum_update(checksum, file->data[sorted[i]], (gssize)safetensors_bytes(tensor));
    }
    memcpy(hash, g_checksum_get_string(checksum), 65);
    g_checksum_free(checksum);
}

static const char *write_weights_file(const struct weights_file *file, const char *origin, const char *tensors)
{
    const char *path = scratch_path("weights.safetensors");
    struct metadata *metadata;
    must(metadata_new(&metadata));
    if (origin)
        must(metadata_set(metadata, INCEPTION_ORIGIN_KEY, origin));
    if (tensors)
        must(metadata_set(metadata, INCEPTION_TENSORS_KEY, tensors));
    must(safetensors_write(path, file->tensor, file->data, TENSORS, metadata));
    metadata_free(metadata);
    return path;
}

/* The store of a network of one layer. */
static struct store *small_store(int64_t inputs)
{
    struct store *store;
    struct tensor *tensor;
    must(store_new(&store, NUMBER_F32));
    must(store_add(store, &tensor, "inception.L.weight", shape_of(4, (int64_t[]){OUTPUTS, 1, PLACES, inputs})));
    must(store_add(store, &tensor, "inception.L.bias", shape_of(4, (int64_t[]){1, 1, 1, OUTPUTS})));
    return store;
}

static bool recognised(const struct weights_file *file, const char *origin, const char *tensors)
{
    struct store *store = small_store(INPUTS);
    bool result;
    must(inception_weights_load(store, prefix, write_weights_file(file, origin, tensors), &result));
    store_free(store);
    return result;
}

/* y = (conv(x) - mean) gamma / sqrt(variance + 0.001) + beta, with a root of 2. */
static void a_normalisation_is_folded_into_its_kernel(void **state)
{
    (void)state;
    struct weights_file file;
    fill_weights_file(&file);
    struct store *store = small_store(INPUTS);
    bool known;
    must(inception_weights_load(store, prefix, write_weights_file(&file, NULL, NULL), &known));
    const float *kernel = store_find(store, "inception.L.weight")->data;
    const float *bias = store_find(store, "inception.L.bias")->data;
    for (int o = 0; o < OUTPUTS; o++) {
        const double factor = (o + 2) / 2.0;
        for (int place = 0; place < PLACES; place++)
            for (int i = 0; i < INPUTS; i++)
                assert_true(fabs((double)kernel[(o * PLACES + place) * INPUTS + i] -
                                 factor * (o * INPUTS * PLACES + i * PLACES + place)) < 1e-5);
        assert_true(fabs((double)bias[o] - (0.5 - factor * o)) < 1e-6);
    }
    store_free(store);
}

static void weights_are_recognised_by_their_origin_and_every_number(void **state)
{
    (void)state;
    struct weights_file file;
    char hash[65];
    fill_weights_file(&file);
    hash_weights_file(&file, hash);
    assert_true(recognised(&file, inception_origin, hash));
    assert_false(recognised(&file, NULL, hash));
    assert_false(recognised(&file, inception_origin, NULL));
    assert_false(recognised(&file, hash, hash));
    file.other[0] = 8;
    assert_false(recognised(&file, inception_origin, hash));
    fill_weights_file(&file);
    file.kernel[3] = nextafterf(file.kernel[3], 10);
    assert_false(recognised(&file, inception_origin, hash));
    fill_weights_file(&file);
    file.tensor[5].name = "fd.bias";
    assert_false(recognised(&file, inception_origin, hash));
}

static void expect_refusal(const struct weights_file *file, int64_t inputs, const char *reason)
{
    struct store *store = small_store(inputs);
    bool known = true;
    const int status = inception_weights_load(store, prefix, write_weights_file(file, NULL, NULL), &known);
    assert_int_equal(status, STATUS_INPUT);
    assert_non_null(strstr(error_message(), reason));
    assert_false(known);
    store_free(store);
}

static void a_file_that_does_not_fit_is_refused(void **state)
{
    (void)state;
    struct weights_file file;
    fill_weights_file(&file);
    expect_refusal(&file, INPUTS + 1, "L.conv.weight is F32 (2, 3, 1, 2), not F32 (2, 4, 1, 2)");
    file.tensor[4].name = "L.bn.variance";
    expect_refusal(&file, INPUTS, "has no tensor L.bn.running_var");
    fill_weights_file(&file);
    file.norm[3][1] = -1;
    expect_refusal(&file, INPUTS, "weights.safetensors: L.bn.running_var: -1 is no variance");
    fill_weights_file(&file);
    file.kernel[3] = NAN;
    expect_refusal(&file, INPUTS, "L.conv.weight holds what is not a number");
}

static void a_file_of_something_else_makes_no_extractor(void **state)
{
    (void)state;
    struct weights_file file;
    struct features *features;
    fill_weights_file(&file);
    const char *path = write_weights_file(&file, NULL, NULL);
    assert_int_equal(features_inception(&features, path, HEIGHT, WIDTH, 3, 1), STATUS_INPUT);
    assert_non_null(strstr(error_message(), "has no tensor Conv2d_1a_3x3.conv.weight"));
    assert_null(features);
    assert_int_equal(features_inception(&features, path, HEIGHT, WIDTH, 2, 1), STATUS_INPUT);
    assert_non_null(strstr(error_message(), "10x12x2"));
    assert_true(features_inception(&features, scratch_path("nothing"), HEIGHT, WIDTH, 3, 1) < 0);
}


int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_has_as_many_parameters_as_the_published_network),
        cmocka_unit_test(its_maps_shrink_as_published),
        cmocka_unit_test(its_features_are_those_of_the_same_network_in_pytorch),
        IN_SCRATCH(a_normalisation_is_folded_into_its_kernel),
        IN_SCRATCH(weights_are_recognised_by_their_origin_and_every_number),
        IN_SCRATCH(a_file_that_does_not_fit_is_refused),
        IN_SCRATCH(a_file_of_something_else_makes_no_extractor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
