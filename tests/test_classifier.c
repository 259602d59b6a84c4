/* The classifier: its network and its loss against numbers worked out by hand, training, files, and what is refused. */
#include "base/file.h"
#include "base/safetensors.h"
#include "data/derive.h"
#include "image_files.h"
#include "machine.h"
#include "net/classifier.h"
#include "scratch.h"
#include "train/checkpoint.h"
#include "train/classify.h"
#include "train/classify_feed.h"
#include "train/classify_step.h"
#include "train/loss.h"

#include <math.h>
#include <standin/standin.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SIDE = 28, IMAGES = 12 };

/* Small enough for a test. */
static const struct classify_course small = {
    .batch = 8, .features = 16, .peak_rate = 3e-3, .weight_decay = 0.02, .smoothing = 0.1};

/* ---- Network and loss ------------------------------------------------------------------------------------- */

static int64_t parameters_of(const struct classifier *network)
{
    struct graph *graph;
    struct weights weights = {0};
    must(graph_new(&graph));
    const struct scope scope = {.graph = graph, .prefix = "c", .training = true, .weights = &weights};
    struct node *x =
        graph_input(graph, "x", shape_batch(8, 3, (int64_t[]){network->height, network->width, network->channels}));
    struct node *logits = classifier_logits(&scope, network, classifier_features(&scope, network, x));
    must(graph_status(graph));
    assert_int_equal(logits->shape.size[0], 8);
    assert_int_equal(logits->shape.size[1], network->classes);
    int64_t count = 0;
    for (int i = 0; i < weights.count; i++)
        count += shape_elements(&weights.state[i]->shape);
    graph_free(graph);
    return count;
}

/* Kernel, and scale and shift behind it. */
static int64_t normalised(int64_t kernel, int64_t inputs, int64_t outputs)
{
    return kernel * kernel * inputs * outputs + 2 * outputs;
}

/* A stem, three blocks, and a dense layer with bias. */
static int64_t expected_parameters(int64_t stem_kernel, int64_t channels, int64_t f, int64_t classes)
{
    int64_t count = normalised(stem_kernel, channels, f);
    for (int64_t inputs = f; inputs < 8 * f; inputs *= 2)
        count += normalised(1, inputs, 2 * inputs) + normalised(4, inputs, 2 * inputs) +
                 normalised(3, 2 * inputs, 2 * inputs);
    return count + 8 * f * classes + classes;
}

static void the_number_of_parameters_follows_from_the_layers(void **state)
{
    (void)state;
    const struct classifier colour = {64, 64, 3, 6, 32}, grey = {28, 28, 1, 10, 32};
    assert_int_equal(parameters_of(&colour), expected_parameters(4, 3, 32, 6));
    assert_int_equal(parameters_of(&grey), expected_parameters(3, 1, 32, 10));
}

static void any_size_from_28_pixels_up_is_taken(void **state)
{
    (void)state;
    const int64_t width[] = {28, 29, 31, 47, 48, 65, 200}, height[] = {28, 37, 90, 47, 97, 28, 130};
    for (int i = 0; i < 7; i++) {
        const struct classifier network = {height[i], width[i], 3, 2, 32};
        must(classifier_check(&network));
        assert_true(parameters_of(&network) > 0);
    }
}

/* The loss of two rows of three logits. */
static double loss_of(double *logits, double *targets, double *gradient)
{
    struct machine machine = machine_new();
    struct graph *g = machine.graph;
    const struct shape shape = shape_batch(2, 1, (int64_t[]){3});
    struct node *x = graph_input(g, "logits", shape), *d;
    struct node *loss = loss_softmax(g, x, graph_input(g, "targets", shape));
    must(graph_gradient(g, loss, 1, &x, 0, NULL, &d));
    graph_output(g, loss);
    graph_output(g, d);
    machine_start(&machine, &plain_f64, 1);
    must(executor_bind(machine.executor, "logits", logits));
    must(executor_bind(machine.executor, "targets", targets));
    must(executor_run(machine.executor, 1, 0));
    const double value = *(const double *)executor_output(machine.executor, loss);
    memcpy(gradient, executor_output(machine.executor, d), 6 * sizeof *gradient);
    machine_stop(&machine);
    return value;
}

static void the_loss_is_the_cross_entropy_of_a_softmax(void **state)
{
    (void)state;
    double logits[6] = {1, 2, 3, 0, 0, 0}, targets[6] = {0, 0, 1, 0.5, 0.25, 0.25}, gradient[6];
    const double first = log(exp(-2) + exp(-1) + 1), second = log(3);
    assert_true(fabs(loss_of(logits, targets, gradient) - (first + second) / 2) < 1e-12);
    /* (softmax - target) / rows */
    const double sum = exp(1) + exp(2) + exp(3);
    const double expected[6] = {exp(1) / sum,  exp(2) / sum,   exp(3) / sum - 1,
                                1.0 / 3 - 0.5, 1.0 / 3 - 0.25, 1.0 / 3 - 0.25};
    for (int i = 0; i < 6; i++)
        assert_true(fabs(gradient[i] - expected[i] / 2) < 1e-12);
}

static void huge_logits_do_not_overflow(void **state)
{
    (void)state;
    double logits[6] = {1e4, 0, -1e4, -1e4, 0, 1e4}, targets[6] = {1, 0, 0, 0, 1, 0}, gradient[6];
    assert_true(fabs(loss_of(logits, targets, gradient) - 1e4 / 2) < 1e-6);
    assert_true(fabs(gradient[4] + 0.5) < 1e-12);
}

/* ---- Training --------------------------------------------------------------------------------------------- */

/* Dark and light noise in two classes of different size. */
static void write_set(const char *folder, int dark, int light)
{
    uint8_t pixels[SIDE * SIDE];
    uint32_t number = 7;
    for (int i = 0; i < dark + light; i++) {
        for (int k = 0; k < SIDE * SIDE; k++) {
            number = number * 1664525u + 1013904223u;
            pixels[k] = (uint8_t)((number >> 25) + (i < dark ? 0 : 100));
        }
        const char *path = scratch_path("%s/%s/%02d.png", folder, i < dark ? "dark" : "light", i);
        image_file_bytes(path, pixels, SIDE, SIDE, 1, "");
    }
}

static standin_dataset *open_set(const char *folder, int side, int channels)
{
    standin_dataset *dataset;
    standin_dataset_options options = STANDIN_DATASET_OPTIONS_INIT;
    options.width = options.height = side;
    options.channels = channels;
    must(standin_dataset_open(&dataset, scratch_path("%s", folder), &options));
    return dataset;
}

static standin_classifier_options some_options(int64_t steps, int threads)
{
    standin_classifier_options options = STANDIN_CLASSIFIER_OPTIONS_INIT;
    options.steps = steps;
    options.threads = threads;
    return options;
}

/* A set and a classifier of it. */
static standin_dataset *train(const char *model, int64_t steps, int threads)
{
    write_set("set", IMAGES - 3, 3);
    standin_dataset *dataset = open_set("set", SIDE, 0);
    const standin_classifier_options options = some_options(steps, threads);
    must(classify_train(scratch_path("%s", model), dataset, &options, &small));
    return dataset;
}

static void a_few_steps_learn_a_tiny_unbalanced_set_by_heart(void **state)
{
    (void)state;
    standin_dataset *dataset = train("model", 24, 2);
    standin_classifier *classifier;
    int64_t counts[4];
    must(standin_classifier_open(&classifier, scratch_path("model"), 1));
    must(standin_classifier_test(classifier, dataset, counts, NULL, NULL));
    assert_int_equal(counts[0], IMAGES - 3);
    assert_int_equal(counts[1], 0);
    assert_int_equal(counts[2], 0);
    assert_int_equal(counts[3], 3);
    standin_classifier_free(classifier);
    standin_dataset_free(dataset);
}

static void expect_same_file(const char *one, const char *other)
{
    uint8_t *a, *b;
    size_t bytes_a, bytes_b;
    must(file_read_all(scratch_path("%s", one), INT64_MAX, &a, &bytes_a));
    must(file_read_all(scratch_path("%s", other), INT64_MAX, &b, &bytes_b));
    assert_int_equal(bytes_a, bytes_b);
    assert_memory_equal(a, b, bytes_a);
    free(a);
    free(b);
}

static void any_number_of_threads_gives_the_same_file(void **state)
{
    (void)state;
    standin_dataset_free(train("one", 4, 1));
    standin_dataset_free(train("two", 4, 2));
    expect_same_file("one", "two");
}

/* All numbers of a tensor, which must be so many bytes. */
static void read_numbers(const char *model, const char *name, float *numbers, size_t bytes)
{
    struct safetensors *file;
    must(safetensors_open(&file, scratch_path("%s", model)));
    const struct safetensors_tensor *tensor = safetensors_find(file, name);
    assert_non_null(tensor);
    assert_int_equal(safetensors_bytes(tensor), bytes);
    must(safetensors_read(file, tensor, numbers));
    safetensors_close(file);
}

static void another_seed_gives_another_classifier(void **state)
{
    (void)state;
    enum { NUMBERS = 8 * 16 * 2 };
    standin_dataset *dataset = train("one", 2, 1);
    standin_classifier_options options = some_options(2, 1);
    options.seed = 2;
    must(classify_train(scratch_path("two"), dataset, &options, &small));
    float one[NUMBERS], two[NUMBERS];
    read_numbers("one", "c.dense.weight", one, sizeof one);
    read_numbers("two", "c.dense.weight", two, sizeof two);
    assert_memory_not_equal(one, two, sizeof one);
    standin_dataset_free(dataset);
}

static void what_it_knows_about_itself_is_in_the_file(void **state)
{
    (void)state;
    standin_dataset_free(train("model", 1, 1));
    standin_classifier *classifier;
    must(standin_classifier_open(&classifier, scratch_path("model"), 1));
    assert_int_equal(standin_classifier_width(classifier), SIDE);
    assert_int_equal(standin_classifier_height(classifier), SIDE);
    assert_int_equal(standin_classifier_channels(classifier), 1);
    assert_int_equal(standin_classifier_classes(classifier), 2);
    assert_string_equal(standin_classifier_class_name(classifier, 0), "dark");
    assert_string_equal(standin_classifier_class_name(classifier, 1), "light");
    assert_null(standin_classifier_class_name(classifier, 2));
    standin_classifier_free(classifier);
}

static void an_answer_does_not_depend_on_what_else_is_asked(void **state)
{
    (void)state;
    enum { MANY = 40 }; /* more than a block */
    standin_dataset_free(train("model", 8, 1));
    standin_classifier *classifier;
    static uint8_t pixels[MANY * SIDE * SIDE];
    int32_t all[MANY], single;
    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = (uint8_t)(i / (SIDE * SIDE) % 2 * 100 + i % 101);
    must(standin_classifier_open(&classifier, scratch_path("model"), 2));
    must(standin_classifier_predict(classifier, pixels, MANY, all));
    for (int i = 0; i < MANY; i += 13) {
        must(standin_classifier_predict(classifier, pixels + i * SIDE * SIDE, 1, &single));
        assert_int_equal(single, all[i]);
    }
    assert_int_not_equal(all[0], all[1]); /* dark and light */
    standin_classifier_free(classifier);
}

static void a_class_with_one_image_is_no_trouble(void **state)
{
    (void)state;
    write_set("set", 3, 1);
    standin_dataset *dataset = open_set("set", SIDE, 0);
    const standin_classifier_options options = some_options(2, 1);
    must(classify_train(scratch_path("model"), dataset, &options, &small));
    standin_dataset_free(dataset);
}

static void a_grey_classifier_looks_at_colour_in_grey(void **state)
{
    (void)state;
    standin_dataset_free(train("model", 1, 1));
    image_file_plain(scratch_path("colour/light/1.png"), SIDE, SIDE, 3, 200);
    standin_classifier *classifier;
    int64_t counts[4];
    must(standin_classifier_open(&classifier, scratch_path("model"), 1));
    standin_dataset *dataset = open_set("colour", SIDE, standin_classifier_channels(classifier));
    must(standin_classifier_test(classifier, dataset, counts, NULL, NULL)); /* the class that is missing is no error */
    assert_int_equal(counts[0] + counts[1], 0);
    assert_int_equal(counts[2] + counts[3], 1);
    standin_dataset_free(dataset);
    standin_classifier_free(classifier);
}

/* ---- What is refused -------------------------------------------------------------------------------------- */

static void write_plain_set(const char *folder, int dark, int light, uint8_t value)
{
    for (int i = 0; i < dark + light; i++)
        image_file_plain(scratch_path("%s/%s/%02d.png", folder, i < dark ? "dark" : "light", i), SIDE, SIDE, 1, value);
}

/* How many of a batch are white. */
static int white_images(struct classify_feed *feed, int64_t step, int batch)
{
    int white = 0;
    classify_feed_fill(feed, step);
    for (int i = 0; i < batch; i++)
        white += classify_feed_images(feed)[i * SIDE * SIDE] > 0;
    return white;
}

/* Black images, and white ones to begin with. */
static void images_to_begin_with_give_way_to_the_others(void **state)
{
    (void)state;
    enum { BATCH = 64, LAST = 30 };
    write_plain_set("own", 3, 5, 0);
    write_plain_set("first", 7, 2, 255);
    standin_dataset *own = open_set("own", SIDE, 1), *first = open_set("first", SIDE, 1), *all;
    must(derive_joined(&all, (const standin_dataset *[]){own, first}, 2));
    const struct classify_feed_settings settings = {
        .seed = 1, .batch = BATCH, .others = standin_dataset_images(first), .steps = LAST};
    struct pool *pool;
    struct classify_feed *feed;
    must(pool_new(&pool, 1));
    must(classify_feed_new(&feed, all, &settings, pool));
    assert_int_equal(white_images(feed, 0, BATCH), BATCH);
    int half = 0;
    for (int64_t step = LAST / 2 - 5; step <= LAST / 2 + 5; step++)
        half += white_images(feed, step, BATCH);
    assert_in_range(half, 11 * BATCH * 4 / 10, 11 * BATCH * 6 / 10);
    for (int64_t step = LAST; step < LAST + 5; step++)
        assert_int_equal(white_images(feed, step, BATCH), 0);
    classify_feed_free(feed);
    pool_free(pool);
    standin_dataset_free(all);
    standin_dataset_free(first);
    standin_dataset_free(own);
}

static void images_to_begin_with_change_the_classifier_but_threads_do_not(void **state)
{
    (void)state;
    standin_dataset *dataset = train("without", 4, 1);
    write_set("first", 4, 5);
    standin_dataset *first = open_set("first", SIDE, 0);
    for (int threads = 1; threads <= 2; threads++) {
        standin_classifier_options options = some_options(4, threads);
        options.first = first;
        must(classify_train(scratch_path("with-%d", threads), dataset, &options, &small));
    }
    expect_same_file("with-1", "with-2");
    uint8_t *a, *b;
    size_t bytes_a, bytes_b;
    must(file_read_all(scratch_path("without"), INT64_MAX, &a, &bytes_a));
    must(file_read_all(scratch_path("with-1"), INT64_MAX, &b, &bytes_b));
    assert_memory_not_equal(a + bytes_a / 2, b + bytes_b / 2, bytes_a / 4); /* weights, not only what they come from */
    free(a);
    free(b);
    standin_dataset_free(first);
    standin_dataset_free(dataset);
}

#define refused(CALL, STATUS, WORDS)                                                                                   \
    do {                                                                                                               \
        assert_int_equal(CALL, STATUS);                                                                                \
        if (!strstr(standin_error_message(), WORDS))                                                                   \
            fail_msg("'%s' does not say '%s'", standin_error_message(), WORDS);                                        \
    } while (0)

static void one_class_is_refused(void **state)
{
    (void)state;
    image_file_plain(scratch_path("set/only/1.png"), SIDE, SIDE, 1, 1);
    standin_dataset *dataset = open_set("set", SIDE, 0);
    const standin_classifier_options options = some_options(1, 1);
    refused(standin_classifier_train(scratch_path("model"), dataset, &options), STANDIN_INPUT,
            "a classifier needs at least two classes, and there is only 'only'");
    standin_dataset_free(dataset);
}

static void an_unknown_class_to_begin_with_is_refused(void **state)
{
    (void)state;
    write_set("set", 1, 1);
    write_set("first", 1, 1);
    image_file_plain(scratch_path("first/zebra/1.png"), SIDE, SIDE, 1, 1);
    standin_dataset *dataset = open_set("set", SIDE, 1), *first = open_set("first", SIDE, 1);
    standin_classifier_options options = some_options(1, 1);
    options.first = first;
    refused(standin_classifier_train(scratch_path("model"), dataset, &options), STANDIN_INPUT,
            "a class 'zebra' to begin with");
    standin_dataset_free(first);
    standin_dataset_free(dataset);
}

static void images_that_are_too_small_are_refused(void **state)
{
    (void)state;
    write_set("set", 1, 1);
    standin_dataset *dataset = open_set("set", 27, 0);
    const standin_classifier_options options = some_options(1, 1);
    refused(standin_classifier_train(scratch_path("model"), dataset, &options), STANDIN_INPUT,
            "cannot see pictures of 27x27");
    standin_dataset_free(dataset);
}

static void a_set_without_pixels_is_refused(void **state)
{
    (void)state;
    write_set("set", 1, 1);
    standin_dataset *dataset = open_set("set", 0, 0);
    const standin_classifier_options options = some_options(1, 1);
    refused(standin_classifier_train(scratch_path("model"), dataset, &options), STANDIN_INPUT, "opened without a size");
    standin_dataset_free(dataset);
}

static void a_loss_that_is_no_number_is_an_error_and_leaves_no_file(void **state)
{
    (void)state;
    write_set("set", 2, 2);
    standin_dataset *dataset = open_set("set", SIDE, 0);
    const standin_classifier_options options = some_options(20, 1);
    struct classify_course wild = small;
    wild.peak_rate = 1e30;
    refused(classify_train(scratch_path("model"), dataset, &options, &wild), STANDIN_FAILED,
            "the classifier's loss is not a number at step");
    assert_int_not_equal(access(scratch_path("model"), F_OK), 0);
    standin_dataset_free(dataset);
}

static int stop_at_two(void *context, const standin_classifier_status *status)
{
    (void)context;
    return status->step == 2;
}

static void a_stop_that_is_asked_for_leaves_no_file(void **state)
{
    (void)state;
    write_set("set", 2, 2);
    standin_dataset *dataset = open_set("set", SIDE, 0);
    standin_classifier_options options = some_options(20, 1);
    options.progress = stop_at_two;
    refused(classify_train(scratch_path("model"), dataset, &options, &small), STANDIN_INTERRUPTED,
            "the classifier stopped at step 2 of 20 and was not written");
    assert_int_not_equal(access(scratch_path("model"), F_OK), 0);
    standin_dataset_free(dataset);
}

static void a_class_that_the_classifier_does_not_know_is_named(void **state)
{
    (void)state;
    standin_dataset_free(train("model", 1, 1));
    image_file_plain(scratch_path("set/purple/1.png"), SIDE, SIDE, 1, 1);
    standin_dataset *dataset = open_set("set", SIDE, 0);
    standin_classifier *classifier;
    int64_t counts[4];
    must(standin_classifier_open(&classifier, scratch_path("model"), 1));
    refused(standin_classifier_test(classifier, dataset, counts, NULL, NULL), STANDIN_INPUT, "a class 'purple'");
    standin_dataset_free(dataset);
    dataset = open_set("set", 32, 0);
    refused(standin_classifier_test(classifier, dataset, counts, NULL, NULL), STANDIN_INPUT,
            "looks at pictures of 28x28x1");
    standin_dataset_free(dataset);
    standin_classifier_free(classifier);
}

static void a_damaged_file_is_refused(void **state)
{
    (void)state;
    standin_dataset_free(train("model", 1, 1));
    uint8_t *data;
    size_t bytes;
    standin_classifier *classifier;
    must(file_read_all(scratch_path("model"), INT64_MAX, &data, &bytes));
    data[bytes - 1000] ^= 1;
    scratch_write(scratch_path("model"), data, bytes);
    refused(standin_classifier_open(&classifier, scratch_path("model"), 1), STANDIN_INPUT, "the checksum of");
    assert_null(classifier);
    scratch_write(scratch_path("model"), data, bytes / 2);
    assert_true(standin_classifier_open(&classifier, scratch_path("model"), 1) < 0);
    free(data);
}

static void a_generator_is_no_classifier_and_a_classifier_no_generator(void **state)
{
    (void)state;
    standin_dataset_free(train("classifier", 1, 1));
    struct store *store;
    struct metadata *metadata;
    struct tensor *tensor;
    must(store_new(&store, NUMBER_F32));
    must(store_add(store, &tensor, "g.weight", shape_of(1, (int64_t[]){1})));
    must(metadata_new(&metadata));
    must(metadata_set(metadata, "recipe", "size = 64\n"));
    must(checkpoint_save(scratch_path("generator"), store, metadata));
    standin_classifier *classifier;
    standin_generator *generator;
    refused(standin_classifier_open(&classifier, scratch_path("generator"), 1), STANDIN_INPUT,
            "holds a generator, not a classifier");
    refused(standin_generator_open(&generator, scratch_path("classifier"), 1), STANDIN_INPUT,
            "holds a classifier, not a generator");
    metadata_free(metadata);
    store_free(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_number_of_parameters_follows_from_the_layers),
        cmocka_unit_test(any_size_from_28_pixels_up_is_taken),
        cmocka_unit_test(the_loss_is_the_cross_entropy_of_a_softmax),
        cmocka_unit_test(huge_logits_do_not_overflow),
        IN_SCRATCH(a_few_steps_learn_a_tiny_unbalanced_set_by_heart),
        IN_SCRATCH(any_number_of_threads_gives_the_same_file),
        IN_SCRATCH(another_seed_gives_another_classifier),
        IN_SCRATCH(what_it_knows_about_itself_is_in_the_file),
        IN_SCRATCH(an_answer_does_not_depend_on_what_else_is_asked),
        IN_SCRATCH(a_class_with_one_image_is_no_trouble),
        IN_SCRATCH(a_grey_classifier_looks_at_colour_in_grey),
        IN_SCRATCH(one_class_is_refused),
        IN_SCRATCH(images_to_begin_with_give_way_to_the_others),
        IN_SCRATCH(images_to_begin_with_change_the_classifier_but_threads_do_not),
        IN_SCRATCH(an_unknown_class_to_begin_with_is_refused),
        IN_SCRATCH(images_that_are_too_small_are_refused),
        IN_SCRATCH(a_set_without_pixels_is_refused),
        IN_SCRATCH(a_loss_that_is_no_number_is_an_error_and_leaves_no_file),
        IN_SCRATCH(a_stop_that_is_asked_for_leaves_no_file),
        IN_SCRATCH(a_class_that_the_classifier_does_not_know_is_named),
        IN_SCRATCH(a_damaged_file_is_refused),
        IN_SCRATCH(a_generator_is_no_classifier_and_a_classifier_no_generator),
    };
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    image_files_end();
    return failed;
}
