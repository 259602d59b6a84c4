/* Feature extractors: what their numbers are, that they depend on nothing but the picture, and what is refused. */
#include "eval/features.h"

#include "base/error.h"
#include "base/safetensors.h"
#include "drawn.h"
#include "image_files.h"
#include "machine.h"
#include "scratch.h"
#include "train/classify.h"
#include "train/classify_model.h"

#include <math.h>
#include <standin/standin.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE = 28, SAMPLES = SIDE * SIDE, IMAGES = 100, CLASSES = 2, WIDE = 128 };

/* Noise of two grains on a level of its own for each picture. */
static uint8_t *new_pictures(const char *name, int64_t count)
{
    uint8_t *pixels = test_malloc((size_t)(count * SAMPLES));
    float *fine = test_malloc((size_t)(count * SAMPLES) * sizeof *fine);
    drawn_uniform(fine, NUMBER_F32, count * SAMPLES, name);
    for (int64_t i = 0; i < count * SAMPLES; i++) {
        const int64_t image = i / SAMPLES, row = i % SAMPLES / SIDE, column = i % SIDE;
        const int64_t coarse = image * SAMPLES + row / 7 * 4 + column / 7;
        pixels[i] = (uint8_t)(127.5 + 50 * (double)fine[image * SAMPLES] + 50 * (double)fine[coarse] +
                              20 * (double)fine[i]);
    }
    test_free(fine);
    return pixels;
}

static struct pictures grey(const uint8_t *pixels, int64_t count)
{
    return (struct pictures){pixels, count, SIDE, SIDE, 1};
}

static double *compute(struct features *features, const uint8_t *pixels, int64_t count)
{
    double *out = test_malloc((size_t)(count * features_dimension(features)) * sizeof *out);
    must(features_compute(features, pixels, count, out));
    return out;
}

/* Two extractors made alike, on one and on two threads, say the same bits, whatever is asked for together. Frees both.
 */
static void expect_picture_alone_counts(struct features *one, struct features *two)
{
    uint8_t *pixels = new_pictures("asked", IMAGES);
    const int64_t width = features_dimension(one);
    assert_int_equal(features_dimension(two), width);
    double *all = compute(one, pixels, IMAGES);
    static const struct {
        int64_t first, count;
    } part[] = {{0, IMAGES}, {0, 1}, {1, 70}, {33, 5}, {IMAGES - 1, 1}};
    for (size_t i = 0; i < sizeof part / sizeof *part; i++) {
        double *some = compute(two, pixels + part[i].first * SAMPLES, part[i].count);
        assert_memory_equal(some, all + part[i].first * width, (size_t)(part[i].count * width) * sizeof *some);
        test_free(some);
    }
    assert_memory_not_equal(all, all + width, (size_t)width * sizeof *all);
    test_free(all);
    test_free(pixels);
    features_free(one);
    features_free(two);
}

static double distance(const double *a, const double *b, int64_t width)
{
    double sum = 0;
    for (int64_t i = 0; i < width; i++)
        sum += (a[i] - b[i]) * (a[i] - b[i]);
    return sqrt(sum);
}

static double variance(const double *values, int64_t count, int64_t width, int64_t column)
{
    double sum = 0, square = 0;
    for (int64_t i = 0; i < count; i++) {
        sum += values[i * width + column];
        square += values[i * width + column] * values[i * width + column];
    }
    return square / (double)count - sum / (double)count * sum / (double)count;
}

/* ---- Random network ----------------------------------------------------------------------------------------- */

static void the_random_network_is_the_same_for_every_set_of_one_size(void **state)
{
    (void)state;
    struct features *one, *two;
    must(features_random(&one, SIDE, SIDE, 1, 1));
    must(features_random(&two, SIDE, SIDE, 1, 2));
    assert_int_equal(features_dimension(one), 64);
    assert_string_equal(features_title(one), "FD-rand");
    expect_picture_alone_counts(one, two);
}

/* Values that would change if anything about the weights did; each feature varies from picture to picture. */
static void random_features_neither_vanish_nor_explode(void **state)
{
    (void)state;
    struct features *features;
    must(features_random(&features, SIDE, SIDE, 1, 1));
    uint8_t *pixels = new_pictures("random", IMAGES);
    double *seen = compute(features, pixels, IMAGES);
    int silent = 0;
    for (int j = 0; j < 64; j++)
        silent += variance(seen, IMAGES, 64, j) < 1e-6;
    assert_in_range(silent, 0, 6);
    for (int i = 0; i < IMAGES * 64; i++)
        assert_true(seen[i] >= 0 && seen[i] < 20);
    test_free(seen);
    test_free(pixels);
    features_free(features);
}

static void pictures_that_are_too_small_for_the_random_network_are_refused(void **state)
{
    (void)state;
    struct features *features;
    assert_int_equal(features_random(&features, 8, 28, 1, 1), STATUS_INPUT);
    assert_non_null(strstr(error_message(), "28x8"));
    assert_null(features);
}

/* ---- Pixels ------------------------------------------------------------------------------------------------- */

/* Few pictures span few directions, and none of what tells them apart is lost. */
static void components_of_few_pictures_keep_all_their_distances(void **state)
{
    (void)state;
    enum { FEW = 10 };
    uint8_t *pixels = new_pictures("few", FEW);
    const struct pictures fit = grey(pixels, FEW);
    struct features *features;
    must(features_pixels(&features, &fit, 1));
    assert_int_equal(features_dimension(features), FEW - 1);
    double *seen = compute(features, pixels, FEW);
    for (int a = 0; a < FEW; a++)
        for (int b = 0; b < a; b++) {
            double square = 0;
            for (int i = 0; i < SAMPLES; i++) {
                const double difference = ((double)pixels[a * SAMPLES + i] - (double)pixels[b * SAMPLES + i]) / 127.5;
                square += difference * difference;
            }
            assert_true(fabs(distance(seen + a * (FEW - 1), seen + b * (FEW - 1), FEW - 1) - sqrt(square)) < 1e-9);
        }
    test_free(seen);
    test_free(pixels);
    features_free(features);
}

static void components_are_uncorrelated_and_fall_in_variance(void **state)
{
    (void)state;
    uint8_t *pixels = new_pictures("many", IMAGES);
    const struct pictures fit = grey(pixels, IMAGES);
    struct features *features;
    must(features_pixels(&features, &fit, 2));
    assert_int_equal(features_dimension(features), 64);
    assert_string_equal(features_title(features), "FD-pix");
    double *seen = compute(features, pixels, IMAGES);
    const double most = variance(seen, IMAGES, 64, 0);
    for (int j = 1; j < 64; j++) {
        assert_true(variance(seen, IMAGES, 64, j) <= variance(seen, IMAGES, 64, j - 1));
        double product = 0, mean = 0;
        for (int i = 0; i < IMAGES; i++) {
            product += seen[i * 64 + j] * seen[i * 64 + j - 1];
            mean += seen[i * 64 + j];
        }
        assert_true(fabs(product / IMAGES) < 1e-9 * most);
        assert_true(fabs(mean / IMAGES) < 1e-9);
    }
    test_free(seen);
    test_free(pixels);
    features_free(features);
}

/* Signs are settled: which picture comes first does not turn a component around. */
static void components_do_not_depend_on_the_order_of_the_pictures(void **state)
{
    (void)state;
    uint8_t *pixels = new_pictures("order", IMAGES), *turned = test_malloc(IMAGES * SAMPLES);
    for (int i = 0; i < IMAGES; i++)
        memcpy(turned + i * SAMPLES, pixels + (IMAGES - 1 - i) * SAMPLES, SAMPLES);
    const struct pictures fit = grey(pixels, IMAGES), turned_fit = grey(turned, IMAGES);
    struct features *one, *two;
    must(features_pixels(&one, &fit, 1));
    must(features_pixels(&two, &turned_fit, 1));
    double *a = compute(one, pixels, IMAGES), *b = compute(two, pixels, IMAGES);
    for (int i = 0; i < IMAGES * 64; i++)
        assert_true(fabs(a[i] - b[i]) < 1e-7);
    test_free(a);
    test_free(b);
    test_free(pixels);
    test_free(turned);
    features_free(one);
    features_free(two);
}

static void components_of_a_picture_depend_on_the_picture_alone(void **state)
{
    (void)state;
    uint8_t *pixels = new_pictures("fit", IMAGES);
    const struct pictures fit = grey(pixels, IMAGES);
    struct features *one, *two;
    must(features_pixels(&one, &fit, 1));
    must(features_pixels(&two, &fit, 2));
    test_free(pixels);
    expect_picture_alone_counts(one, two);
}

static void pictures_without_any_difference_have_no_components(void **state)
{
    (void)state;
    static const uint8_t pixels[3 * SAMPLES];
    struct pictures fit = grey(pixels, 3);
    struct features *features;
    assert_int_equal(features_pixels(&features, &fit, 1), STATUS_INPUT);
    assert_non_null(strstr(error_message(), "all 3 vectors are the same"));
    fit.count = 1;
    assert_int_equal(features_pixels(&features, &fit, 1), STATUS_INPUT);
    fit.width = INT64_MAX / 4;
    assert_int_equal(features_pixels(&features, &fit, 1), STATUS_INPUT);
    assert_null(features);
}

/* ---- Classifier --------------------------------------------------------------------------------------------- */

/* A classifier that has learned a little, in the scratch folder. */
static const char *train_classifier(void)
{
    static const struct classify_course course = {
        .batch = 8, .features = 16, .peak_rate = 3e-3, .weight_decay = 0.02, .smoothing = 0.1};
    for (int i = 0; i < 12; i++)
        image_file_noise(scratch_path("set/%s/%02d.png", i % 2 ? "one" : "other", i), SIDE, SIDE, (unsigned)i);
    standin_dataset *dataset;
    standin_dataset_options options = STANDIN_DATASET_OPTIONS_INIT;
    options.width = options.height = SIDE;
    options.channels = 1;
    must(standin_dataset_open(&dataset, scratch_path("set"), &options));
    standin_classifier_options training = STANDIN_CLASSIFIER_OPTIONS_INIT;
    training.steps = 4;
    training.threads = 2;
    const char *path = scratch_path("classifier.safetensors");
    must(classify_train(path, dataset, &training, &course));
    standin_dataset_free(dataset);
    return path;
}

static float *read_tensor(const char *path, const char *name, int64_t elements)
{
    struct safetensors *file;
    must(safetensors_open(&file, path));
    const struct safetensors_tensor *tensor = safetensors_find(file, name);
    assert_non_null(tensor);
    assert_int_equal(safetensors_elements(tensor), elements);
    float *values = test_malloc((size_t)elements * sizeof *values);
    must(safetensors_read(file, tensor, values));
    safetensors_close(file);
    return values;
}

/* softmax(features W + b) is what the classifier thinks, and its largest is what it says. */
static void probabilities_follow_from_the_features_by_the_last_layer(void **state)
{
    (void)state;
    enum { ASKED = 40 };
    const char *path = train_classifier();
    uint8_t *pixels = new_pictures("asked", ASKED);
    float *weight = read_tensor(path, "c.dense.weight", WIDE * CLASSES);
    float *bias = read_tensor(path, "c.dense.bias", CLASSES);
    float features[ASKED * WIDE], probability[ASKED * CLASSES];
    int32_t said[ASKED];
    standin_classifier *classifier;
    must(standin_classifier_open(&classifier, path, 1));
    assert_int_equal(classify_model_features(classifier), WIDE);
    must(classify_model_look(classifier, pixels, ASKED, features, probability));
    must(standin_classifier_predict(classifier, pixels, ASKED, said));
    for (int i = 0; i < ASKED; i++) {
        double logit[CLASSES];
        for (int c = 0; c < CLASSES; c++) {
            logit[c] = (double)bias[c];
            for (int k = 0; k < WIDE; k++)
                logit[c] += (double)features[i * WIDE + k] * (double)weight[k * CLASSES + c];
        }
        const double second = 1 / (1 + exp(logit[0] - logit[1]));
        assert_true(fabs((double)probability[i * CLASSES + 1] - second) < 1e-5);
        assert_true(fabs((double)(probability[i * CLASSES] + probability[i * CLASSES + 1]) - 1) < 1e-6);
        assert_int_equal(said[i], probability[i * CLASSES + 1] > probability[i * CLASSES]);
    }
    float alone[CLASSES];
    must(classify_model_look(classifier, pixels + 37 * SAMPLES, 1, NULL, alone));
    assert_memory_equal(alone, probability + 37 * CLASSES, sizeof alone);
    standin_classifier_free(classifier);
    test_free(weight);
    test_free(bias);
    test_free(pixels);
}

static void task_features_are_those_before_the_last_layer(void **state)
{
    (void)state;
    enum { ASKED = 5 };
    const char *path = train_classifier();
    uint8_t *pixels = new_pictures("asked", ASKED);
    float expected[ASKED * WIDE];
    standin_classifier *classifier;
    must(standin_classifier_open(&classifier, path, 2));
    must(classify_model_look(classifier, pixels, ASKED, expected, NULL));
    standin_classifier_free(classifier);
    struct features *features;
    must(features_task(&features, path, NULL, 1));
    assert_int_equal(features_dimension(features), WIDE);
    assert_string_equal(features_title(features), "FD-task");
    double *seen = compute(features, pixels, ASKED);
    for (int i = 0; i < ASKED * WIDE; i++)
        assert_true(seen[i] == (double)expected[i]);
    test_free(seen);
    test_free(pixels);
    features_free(features);
}

static void components_of_task_features_keep_distances_and_depend_on_the_picture_alone(void **state)
{
    (void)state;
    const char *path = train_classifier();
    uint8_t *pixels = new_pictures("fit", IMAGES);
    const struct pictures fit = grey(pixels, IMAGES);
    struct features *whole, *one, *two;
    must(features_task(&whole, path, NULL, 1));
    must(features_task(&one, path, &fit, 1));
    must(features_task(&two, path, &fit, 2));
    const int64_t width = features_dimension(one);
    assert_in_range(width, 10, 64);
    double *all = compute(whole, pixels, IMAGES), *reduced = compute(one, pixels, IMAGES);
    for (int i = 1; i < IMAGES; i++) {
        const double far = distance(all, all + i * WIDE, WIDE);
        assert_true(fabs(distance(reduced, reduced + i * width, width) - far) < 0.01 * far);
    }
    test_free(all);
    test_free(reduced);
    test_free(pixels);
    features_free(whole);
    expect_picture_alone_counts(one, two);
}

static void pictures_of_another_size_than_the_classifiers_are_refused(void **state)
{
    (void)state;
    const char *path = train_classifier();
    static const uint8_t pixels[2 * 3 * SAMPLES];
    const struct pictures fit = {pixels, 2, SIDE, SIDE, 3};
    struct features *features;
    assert_int_equal(features_task(&features, path, &fit, 1), STATUS_INPUT);
    assert_non_null(strstr(error_message(), "28x28x1, not of 28x28x3"));
    assert_null(features);
    assert_true(features_task(&features, scratch_path("nothing"), &fit, 1) < 0);
}


int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_random_network_is_the_same_for_every_set_of_one_size),
        cmocka_unit_test(random_features_neither_vanish_nor_explode),
        cmocka_unit_test(pictures_that_are_too_small_for_the_random_network_are_refused),
        cmocka_unit_test(components_of_few_pictures_keep_all_their_distances),
        cmocka_unit_test(components_are_uncorrelated_and_fall_in_variance),
        cmocka_unit_test(components_do_not_depend_on_the_order_of_the_pictures),
        cmocka_unit_test(components_of_a_picture_depend_on_the_picture_alone),
        cmocka_unit_test(pictures_without_any_difference_have_no_components),
        IN_SCRATCH(probabilities_follow_from_the_features_by_the_last_layer),
        IN_SCRATCH(task_features_are_those_before_the_last_layer),
        IN_SCRATCH(components_of_task_features_keep_distances_and_depend_on_the_picture_alone),
        IN_SCRATCH(pictures_of_another_size_than_the_classifiers_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, image_files_teardown);
}
