/* Watching a training: the measures against values worked out by hand, and for each alarm a training that is made to
 * fail that way, beside one that goes well. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "must.h"

#include "image_files.h"
#include "scratch.h"
#include "train/recipe.h"
#include "train/watch_alarm.h"
#include "train/watch_measure.h"
#include "train/watch_reader.h"

#include <errno.h>
#include <math.h>
#include <standin/standin.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { SIDE = 16 };

static void expect_near(double value, double expected)
{
    if (!(fabs(value - expected) < 1e-6))
        fail_msg("%.9g is not %.9g", value, expected);
}

/* ---- Measures ----------------------------------------------------------------------------------------------- */

static void a_thumbnail_holds_the_mean_of_each_cell(void **state)
{
    (void)state;
    enum { HEIGHT = 32, WIDTH = 48, CHANNELS = 2 };
    static float image[HEIGHT * WIDTH * CHANNELS], thumbnail[SIDE * SIDE * CHANNELS];
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            image[(y * WIDTH + x) * CHANNELS] = (float)y;
            image[(y * WIDTH + x) * CHANNELS + 1] = (float)x;
        }
    thumbnail_make(image, HEIGHT, WIDTH, CHANNELS, SIDE, thumbnail);
    for (int row = 0; row < SIDE; row++)
        for (int column = 0; column < SIDE; column++) {
            expect_near((double)thumbnail[(row * SIDE + column) * 2], 2 * row + 0.5);
            expect_near((double)thumbnail[(row * SIDE + column) * 2 + 1], 3 * column + 1);
        }
}

static void spread_and_repetition_are_mean_distances(void **state)
{
    (void)state;
    /* On a line at 0, 1 and 4, with two equal numbers each: 1, 3 and 4 apart; the nearest are 1, 1 and 3 away. */
    const float points[] = {0, 0, 1, 1, 4, 4};
    const struct thumbnails set = {points, 3, 2}, one = {points, 1, 2}, none = {points, 0, 2};
    expect_near(measure_spread(&set), 8.0 / 3);
    expect_near(measure_repetition(&set), 5.0 / 3);
    assert_true(isnan(measure_spread(&one)) && isnan(measure_repetition(&one)));
    assert_true(isnan(measure_spread(&none)) && isnan(measure_repetition(&none)));
}

static void a_distance_is_a_root_of_a_mean_square(void **state)
{
    (void)state;
    enum { NUMBERS = 21 }; /* more than a vector, and not whole ones */
    float points[2 * NUMBERS] = {0};
    for (int i = 0; i < NUMBERS; i++)
        points[NUMBERS + i] = (float)i; /* the sum of squares below 21 is 2870 */
    const struct thumbnails one = {points, 1, NUMBERS}, other = {points + NUMBERS, 1, NUMBERS};
    expect_near(measure_between(&one, &other), sqrt(2870.0 / NUMBERS));
}

static void energy_is_0_for_equal_sets_and_1_for_two_points(void **state)
{
    (void)state;
    const float near_zero[] = {0, 1}, near_ten[] = {10, 11}, point[] = {3, 3};
    const struct thumbnails low = {near_zero, 2, 1}, high = {near_ten, 2, 1}, still = {point, 2, 1};
    const double between = measure_between(&low, &high);
    expect_near(between, 10);
    expect_near(measure_energy(between, measure_spread(&low), measure_spread(&high)), 0.9);
    expect_near(measure_energy(measure_between(&still, &still), 0, 0), 0);
    expect_near(measure_energy(5, 0, 0), 1);
    expect_near(measure_energy(2, 2, 2), 0);
}

static void a_reading_counts_colours(void **state)
{
    (void)state;
    enum { PIXELS = SIDE * SIDE, PLACES = 8 * 8 * 3 };
    static float image[PIXELS * 3], reading[PLACES + 64];
    assert_int_equal(reading_numbers(3), PLACES + 64);
    assert_int_equal(reading_numbers(1), 8 * 8);
    for (int i = 0; i < PIXELS; i++) { /* a quarter is pure red, the rest nearly white */
        image[3 * i] = i < PIXELS / 4 ? 1 : 0.9F;
        image[3 * i + 1] = image[3 * i + 2] = i < PIXELS / 4 ? -1 : 0.9F;
    }
    reading_make(image, SIDE, SIDE, 3, reading);
    for (int i = 0; i < 64; i++)
        expect_near((double)reading[PLACES + i], i == 3 * 16 ? 2 : i == 63 ? 2 * sqrt(3) : 0);
}

static struct class_reader *reader_of(int64_t numbers, const float (*images)[2])
{
    struct class_reader *reader;
    must(class_reader_new(&reader, 2, numbers));
    for (int i = 0; i < 4; i++)
        class_reader_learn(reader, images[i], i / 2);
    must(class_reader_solve(reader));
    return reader;
}

static void a_reader_of_one_number_divides_by_the_variance(void **state)
{
    (void)state;
    /* Means 1 and 5, variance 1 and a tenth of it as ridge: a score is (1 - 5) / 1.1 times the number. */
    const float images[4][2] = {{0}, {2}, {4}, {6}}, one[] = {0, 2}, other[] = {4, 6};
    const struct thumbnails set_one = {one, 2, 1}, set_other = {other, 2, 1};
    struct class_reader *reader = reader_of(1, images);
    double deviation;
    expect_near(class_reader_gap(reader, 0, &set_one, 1, &set_other, &deviation), 16 / 1.1);
    expect_near(deviation, 4 / 1.1);
    expect_near(class_reader_gap(reader, 0, &set_other, 1, &set_one, NULL), -16 / 1.1);
    class_reader_free(reader);
}

static void a_reader_sees_through_what_classes_have_in_common(void **state)
{
    (void)state;
    /* Covariance 1 everywhere and 0.1 on the diagonal, means 0, 0 and 0, 1: weights differ by (1, -1.1) / 0.21. */
    const float images[4][2] = {{-1, -1}, {1, 1}, {-1, 0}, {1, 2}};
    const struct thumbnails one = {images[0], 2, 2}, other = {images[2], 2, 2};
    struct class_reader *reader = reader_of(2, images);
    double deviation;
    expect_near(class_reader_gap(reader, 0, &one, 1, &other, &deviation), 1.1 / 0.21);
    expect_near(deviation, 0.1 / 0.21);
    class_reader_free(reader);
}

static struct logits logits_of(double first, double second, int64_t times)
{
    struct logits logits = {0};
    for (int64_t i = 0; i < times; i++) {
        logits_add(&logits, first);
        logits_add(&logits, second);
    }
    return logits;
}

static void overfitting_is_the_way_from_shown_to_generated(void **state)
{
    (void)state;
    const struct logits shown = logits_of(3, 5, 50), unseen = logits_of(0, 2, 50), generated = logits_of(-3, -1, 50);
    const struct logits none = {0};
    expect_near(measure_overfitting(&shown, &unseen, &generated), 0.5);
    assert_true(isnan(measure_overfitting(&shown, &none, &generated)));
    assert_true(isnan(measure_overfitting(&generated, &unseen, &shown)));
}

static void a_gap_within_the_noise_is_no_overfitting(void **state)
{
    (void)state;
    /* Means 4 and 3, deviation 1: of four scores each the error of the gap is sqrt(2 / 3), of a hundred it is 0.14. */
    const struct logits generated = logits_of(-1, -1, 50);
    const struct logits few_shown = logits_of(3, 5, 2), few_unseen = logits_of(2, 4, 2);
    const struct logits shown = logits_of(3, 5, 50), unseen = logits_of(2, 4, 50);
    expect_near(measure_overfitting(&few_shown, &few_unseen, &generated), 0);
    expect_near(measure_overfitting(&shown, &unseen, &generated), 0.2);
}

/* ---- Alarms on figures -------------------------------------------------------------------------------------- */

static struct watch_figures good_figures(int64_t step)
{
    struct watch_figures figures = {.moment = {.step = step, .progress = 0.5, .rate_scale = 1, .steps = 2 * step},
                                    .classes = 1,
                                    .class_index = {WATCH_ALL},
                                    .diversity = {0.9},
                                    .repetition = {0.9},
                                    .distance = 0.05,
                                    .overfitting = (double)NAN,
                                    .news = {1, 1, 1, -1},
                                    .steps = 100};
    return figures;
}

static void an_alarm_takes_two_looks_and_so_does_its_end(void **state)
{
    (void)state;
    const struct step_settings settings = {0};
    struct watch_alarms alarms;
    const struct alarm *alarm = &alarms.alarm[ALARM_COLLAPSE];
    watch_alarms_begin(&alarms, NULL, &settings);
    struct watch_figures good = good_figures(1000), bad = good;
    bad.diversity[0] = 0.21;
    const struct watch_figures *looks[] = {&good, &bad, &good, &bad, &bad, &bad, &good, &bad, &good, &good, &good};
    const char *expected = "....Bhhhh" "E.";
    for (int i = 0; i < 11; i++) {
        watch_alarms_hear(&alarms, looks[i], false);
        assert_int_equal(alarm->changed, expected[i] == 'B' || expected[i] == 'E');
        assert_int_equal(alarm->holds, expected[i] == 'B' || expected[i] == 'h');
        if (expected[i] == 'B')
            assert_non_null(strstr(alarm->sentence, "the generated images vary only 21 % as much as the real ones"));
        if (expected[i] == 'E')
            assert_string_equal(alarm->sentence, "the generated images vary again: no mode collapse any more");
    }
    watch_alarms_hear(&alarms, &bad, true); /* the last look needs no second one */
    assert_true(alarm->changed && alarm->holds);
}

static void a_class_that_loses_a_third_of_its_diversity_is_a_mode_collapse(void **state)
{
    (void)state;
    const struct step_settings settings = {0};
    struct watch_alarms alarms;
    const struct alarm *alarm = &alarms.alarm[ALARM_COLLAPSE];
    watch_alarms_begin(&alarms, NULL, &settings);
    struct watch_figures noise = good_figures(100), good = good_figures(1000), less = good, little = good;
    noise.diversity[0] = 1.3;
    less.diversity[0] = 0.61;
    little.diversity[0] = 0.52;
    const struct watch_figures *looks[] = {&noise, &less, &less, &good, &less, &less, &little, &less, &little, &little};
    const char *expected = ".........B"; /* of 0.9, not of the noise that came before; a look that is good again ends it */
    for (int i = 0; i < 10; i++) {
        watch_alarms_hear(&alarms, looks[i], false);
        assert_int_equal(alarm->holds, expected[i] == 'B');
    }
    assert_non_null(strstr(alarm->sentence, "vary less and less: 52 % as much as the real ones, after 90 %: mode collapse"));
}

static void the_first_steps_are_no_mode_collapse(void **state)
{
    (void)state;
    const struct step_settings settings = {0};
    struct watch_alarms alarms;
    watch_alarms_begin(&alarms, NULL, &settings);
    struct watch_figures grey = good_figures(100);
    grey.diversity[0] = grey.repetition[0] = 0.01;
    grey.distance = 0.4;
    for (int i = 0; i < 4; i++)
        watch_alarms_hear(&alarms, &grey, i == 3);
    for (int kind = 0; kind < ALARM_KINDS; kind++)
        assert_false(alarms.alarm[kind].holds);
}

static void what_cannot_be_measured_is_no_alarm(void **state)
{
    (void)state;
    const struct step_settings settings = {.network.classes = 2};
    struct watch_alarms alarms;
    watch_alarms_begin(&alarms, NULL, &settings);
    struct watch_figures unknown = good_figures(1000);
    unknown.classes = 2;
    for (int k = 0; k < 2; k++)
        unknown.diversity[k] = unknown.repetition[k] = (double)NAN;
    unknown.contrast[0][1] = unknown.distance = (double)NAN;
    unknown.news = (struct step_news){(double)NAN, (double)NAN, (double)NAN, (double)NAN};
    for (int i = 0; i < 3; i++)
        watch_alarms_hear(&alarms, &unknown, i == 2);
    for (int kind = 0; kind < ALARM_KINDS; kind++)
        assert_false(alarms.alarm[kind].holds);
}

/* ---- Trainings ---------------------------------------------------------------------------------------------- */

/* images/<class>/<number>.png: a bar, upright or level, of random place, thickness and brightness on a random grey. The
 * paths are more than scratch_path remembers. */
static void write_bar(const char *class, int number, bool upright)
{
    char path[128];
    snprintf(path, sizeof path, "%s/images/%s", scratch(), class);
    assert_true(mkdir(path, 0755) == 0 || errno == EEXIST);
    snprintf(path, sizeof path, "%s/images/%s/%03d.png", scratch(), class, number);
    uint8_t image[SIDE * SIDE];
    unsigned random = (unsigned)number * 2654435761u + (upright ? 40503u : 7u);
    const int place = 1 + (int)(random >> 8 & 7), thickness = 3 + (int)(random >> 12 & 3);
    const uint8_t ground = (uint8_t)(random >> 16 & 63), bar = (uint8_t)(160 + (random >> 24 & 63));
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            const int across = upright ? x : y;
            image[y * SIDE + x] = across >= place && across < place + thickness ? bar : ground;
        }
    image_file_bytes(path, image, SIDE, SIDE, 1, "");
}

static standin_dataset *open_images(void)
{
    standin_dataset *dataset;
    standin_dataset_options options = STANDIN_DATASET_OPTIONS_INIT;
    options.width = options.height = SIDE;
    options.threads = 1;
    must(standin_dataset_open(&dataset, scratch_path("images"), &options));
    return dataset;
}

static standin_dataset *open_bars(int images)
{
    scratch_folder(scratch_path("images"));
    for (int i = 0; i < images; i++) {
        write_bar("post", i, true);
        write_bar("shelf", i, false);
    }
    return open_images();
}

static standin_recipe *bars_recipe(void)
{
    static const char *const settings[][2] = {{"size", "16"},      {"batch", "16"},       {"width-g", "8"},
                                              {"width-d", "8"},    {"latent", "16"},      {"label-g", "concat"},
                                              {"label-d", "concat"}, {"learning-rate-g", "0.001"},
                                              {"learning-rate-d", "0.001"}, {"ema", "0.95"}};
    standin_recipe *recipe;
    must(standin_recipe_open(&recipe, "dcgan"));
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        must(standin_recipe_set(recipe, settings[i][0], settings[i][1]));
    return recipe;
}

struct rig {
    standin_dataset *dataset;
    standin_recipe *recipe;
    struct step_settings settings;
    struct pool *pool;
    struct store *store;
    struct stepper *stepper;
    struct watch *watch;
    struct watch_alarms alarms;
    struct watch_figures figures;
    struct step_moment moment;
};

static void rig_open(struct rig *rig, standin_dataset *dataset, standin_recipe *recipe)
{
    const struct recipe *settings = &recipe->settings;
    memset(rig, 0, sizeof *rig);
    rig->dataset = dataset;
    rig->recipe = recipe;
    rig->moment = (struct step_moment){.rate_scale = 1};
    must(settings_from_recipe(&rig->settings, settings, standin_dataset_channels(dataset),
                              standin_dataset_classes(dataset)));
    must(pool_new(&rig->pool, 1));
    must(store_new(&rig->store, cpu_f32.type));
    must(stepper_new(&rig->stepper, dataset, settings, &rig->settings, 1, rig->store, rig->pool, 0));
    must(watch_new(&rig->watch, dataset, settings, &rig->settings, stepper_feed(rig->stepper), 1, rig->store, rig->pool,
                   0));
    watch_alarms_begin(&rig->alarms, dataset, &rig->settings);
}

static void rig_close(struct rig *rig)
{
    watch_free(rig->watch);
    stepper_free(rig->stepper);
    store_free(rig->store);
    pool_free(rig->pool);
    standin_recipe_free(rig->recipe);
    standin_dataset_free(rig->dataset);
}

static void look(struct rig *rig)
{
    must(watch_look(rig->watch, &rig->moment, &rig->figures));
    watch_alarms_hear(&rig->alarms, &rig->figures, false);
}

/* So many more steps with a look after every hundredth, in a training of `all`. */
static void run(struct rig *rig, int64_t steps, int64_t all)
{
    rig->moment.steps = all;
    for (int64_t i = 0; i < steps; i++) {
        struct step_news news;
        rig->moment.progress = (double)rig->moment.step / (double)all;
        must(stepper_take(rig->stepper, &rig->moment, &news));
        watch_see(rig->watch, &news);
        rig->moment.step++;
        if (rig->moment.step % 100 == 0)
            look(rig);
    }
}

static void expect_alarm(const struct rig *rig, enum alarm_kind kind, const char *words)
{
    if (!rig->alarms.alarm[kind].holds)
        fail_msg("no alarm '%s'", words);
    if (!strstr(rig->alarms.alarm[kind].sentence, words))
        fail_msg("'%s' does not say '%s'", rig->alarms.alarm[kind].sentence, words);
}

static void a_training_that_goes_well_is_silent(void **state)
{
    (void)state;
    struct rig rig;
    standin_recipe *recipe = bars_recipe();
    must(standin_recipe_set(recipe, "hold-back", "0.2"));
    rig_open(&rig, open_bars(100), recipe);
    run(&rig, 600, 600);
    for (int kind = 0; kind < ALARM_KINDS; kind++)
        if (*rig.alarms.alarm[kind].sentence)
            fail_msg("false alarm: %s", rig.alarms.alarm[kind].sentence);
    assert_true(watch_least_diversity(&rig.figures) > 0.6);
    assert_true(watch_least_contrast(&rig.figures) > 0.5);
    assert_true(rig.figures.overfitting < 0.3);
    rig_close(&rig);
}

static void a_generator_that_runs_ahead_of_its_discriminator_collapses(void **state)
{
    (void)state;
    struct rig rig;
    standin_recipe *recipe = bars_recipe();
    must(standin_recipe_set(recipe, "learning-rate-g", "0.01"));
    must(standin_recipe_set(recipe, "learning-rate-d", "0.00001"));
    must(standin_recipe_set(recipe, "norm-g", "none"));
    rig_open(&rig, open_bars(40), recipe);
    run(&rig, 400, 1000);
    expect_alarm(&rig, ALARM_COLLAPSE, "mode collapse");
    rig_close(&rig);
}

static void a_discriminator_that_ignores_labels_lets_classes_look_alike(void **state)
{
    (void)state;
    struct rig rig;
    standin_recipe *recipe = bars_recipe();
    must(standin_recipe_set(recipe, "label-d", "none"));
    rig_open(&rig, open_bars(100), recipe);
    run(&rig, 500, 1000);
    expect_alarm(&rig, ALARM_RESEMBLANCE, "the generated images of classes 'post' and 'shelf' look alike");
    assert_false(rig.alarms.alarm[ALARM_COLLAPSE].holds);
    rig_close(&rig);
}

static void a_discriminator_that_sees_few_images_learns_them_by_heart(void **state)
{
    (void)state;
    struct rig rig;
    standin_recipe *recipe = bars_recipe();
    must(standin_recipe_set(recipe, "hold-back", "0.5"));
    must(standin_recipe_set(recipe, "norm-d", "none"));
    must(standin_recipe_set(recipe, "width-d", "16"));
    rig_open(&rig, open_bars(16), recipe);
    run(&rig, 600, 600);
    expect_alarm(&rig, ALARM_OVERFITTING, "learned its training images by heart");
    rig_close(&rig);
}

static void a_generator_that_hardly_moves_loses(void **state)
{
    (void)state;
    struct rig rig;
    standin_recipe *recipe = bars_recipe();
    must(standin_recipe_set(recipe, "learning-rate-g", "0.000001"));
    rig_open(&rig, open_bars(40), recipe);
    run(&rig, 400, 1000);
    expect_alarm(&rig, ALARM_DEFEAT, "the discriminator is never wrong any more");
    expect_alarm(&rig, ALARM_COLLAPSE, "mode collapse");
    rig_close(&rig);
}

static void scores_without_a_bound_are_divergence(void **state)
{
    (void)state;
    struct rig rig;
    standin_recipe *recipe = bars_recipe();
    must(standin_recipe_set(recipe, "learning-rate-d", "1"));
    must(standin_recipe_set(recipe, "norm-d", "none"));
    must(standin_recipe_set(recipe, "loss", "hinge"));
    rig_open(&rig, open_bars(40), recipe);
    run(&rig, 200, 1000);
    expect_alarm(&rig, ALARM_EXPLOSION, "the discriminator's scores grow without bound");
    rig_close(&rig);
}

static void steps_that_become_too_large_throw_the_images_off(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig, open_bars(100), bars_recipe());
    run(&rig, 400, 1000);
    for (int kind = 0; kind < ALARM_KINDS; kind++)
        assert_false(rig.alarms.alarm[kind].holds);
    rig.moment.rate_scale = 1000;
    run(&rig, 200, 1000);
    expect_alarm(&rig, ALARM_STRAY, "have moved away from the real ones");
    rig_close(&rig);
}

/* ---- Sets of all sorts -------------------------------------------------------------------------------------- */

static void looks_change_nothing(void **state)
{
    (void)state;
    struct rig watched, alone;
    rig_open(&watched, open_bars(20), bars_recipe());
    rig_open(&alone, open_images(), bars_recipe());
    for (int i = 0; i < 5; i++) {
        struct step_news news[2];
        must(stepper_take(watched.stepper, &watched.moment, &news[0]));
        must(stepper_take(alone.stepper, &alone.moment, &news[1]));
        watched.moment.step = ++alone.moment.step;
        look(&watched);
    }
    assert_true(store_tensors(watched.store) > 40);
    for (int i = 0; i < store_tensors(watched.store); i++) {
        const struct tensor *one = store_tensor(watched.store, i), *other = store_tensor(alone.store, i);
        assert_string_equal(one->name, other->name);
        assert_memory_equal(one->data, other->data, tensor_bytes(watched.store, one));
    }
    rig_close(&watched);
    rig_close(&alone);
}

static void one_look_is_like_another(void **state)
{
    (void)state;
    struct rig rig;
    standin_recipe *recipe = bars_recipe();
    must(standin_recipe_set(recipe, "hold-back", "0.2"));
    must(standin_recipe_set(recipe, "norm-d", "spectral"));
    must(standin_recipe_set(recipe, "label-d", "projection"));
    must(standin_recipe_set(recipe, "ramp-end", "0.5"));
    rig_open(&rig, open_bars(20), recipe);
    run(&rig, 100, 100);
    const struct watch_figures first = rig.figures;
    look(&rig);
    assert_true(first.diversity[0] > 0 && first.steps == 100);
    assert_memory_equal(&first.diversity, &rig.figures.diversity, sizeof first.diversity);
    assert_memory_equal(&first.distance, &rig.figures.distance, sizeof first.distance);
    assert_memory_equal(&first.overfitting, &rig.figures.overfitting, sizeof first.overfitting);
    assert_memory_equal(&first.news, &rig.figures.news, sizeof first.news);
    rig_close(&rig);
}

static void one_class_is_looked_at_as_a_whole(void **state)
{
    (void)state;
    struct rig rig;
    standin_recipe *recipe = bars_recipe();
    scratch_folder(scratch_path("images"));
    for (int i = 0; i < 12; i++)
        write_bar("post", i, true);
    rig_open(&rig, open_images(), recipe);
    look(&rig);
    assert_int_equal(rig.figures.classes, 1);
    assert_true(rig.figures.diversity[0] > 0);
    assert_true(isnan(watch_least_contrast(&rig.figures)));
    assert_true(isnan(rig.figures.overfitting));
    rig_close(&rig);
}

static void a_class_with_few_images_is_left_out(void **state)
{
    (void)state;
    struct rig rig;
    standin_dataset_free(open_bars(20));
    for (int i = 0; i < 7; i++)
        write_bar("a", i, true);
    rig_open(&rig, open_images(), bars_recipe());
    look(&rig);
    assert_int_equal(rig.figures.classes, 2);
    assert_int_equal(rig.figures.class_index[0], 1);
    assert_int_equal(rig.figures.class_index[1], 2);
    assert_true(isfinite(watch_least_diversity(&rig.figures)));
    assert_true(isfinite(watch_least_contrast(&rig.figures)));
    rig_close(&rig);
}

static standin_dataset *open_many_classes(int classes, int images)
{
    scratch_folder(scratch_path("images"));
    for (int c = 0; c < classes; c++) {
        char class[16];
        snprintf(class, sizeof class, "%03d", c);
        for (int i = 0; i < images; i++)
            write_bar(class, c * images + i, true);
    }
    return open_images();
}

static void of_many_classes_sixteen_are_looked_at(void **state)
{
    (void)state;
    enum { CLASSES = 40 };
    struct rig rig;
    rig_open(&rig, open_many_classes(CLASSES, 8), bars_recipe());
    look(&rig);
    assert_int_equal(rig.figures.classes, WATCH_CLASSES);
    assert_int_equal(rig.figures.class_index[1], CLASSES / WATCH_CLASSES);
    assert_int_equal(rig.figures.class_index[15], 15 * CLASSES / WATCH_CLASSES);
    assert_true(watch_least_diversity(&rig.figures) > 0);
    rig_close(&rig);
}

static void where_all_classes_are_tiny_the_whole_set_is_looked_at(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig, open_many_classes(500, 1), bars_recipe());
    look(&rig);
    assert_int_equal(rig.figures.classes, 1);
    assert_int_equal(rig.figures.class_index[0], WATCH_ALL);
    assert_true(rig.figures.diversity[0] > 0);
    rig_close(&rig);
}

/* ---- In a training ------------------------------------------------------------------------------------------ */

struct heard {
    int first, again;
};

static int hear(void *context, const standin_training_status *status)
{
    struct heard *heard = context;
    if (status->event && strstr(status->event, "vary only"))
        strncmp(status->event, "at the end: ", 12) == 0 ? heard->again++ : heard->first++;
    return 0;
}

static char *read_text(const char *path)
{
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    char *text = calloc(1, 1 << 20);
    assert_non_null(text);
    assert_true(fread(text, 1, (1 << 20) - 1, file) > 0);
    fclose(file);
    return text;
}

static void a_run_says_its_alarms_and_writes_its_figures(void **state)
{
    (void)state;
    standin_dataset *dataset = open_bars(20);
    standin_recipe *recipe = bars_recipe();
    must(standin_recipe_set(recipe, "learning-rate-g", "0.000001"));
    struct heard heard = {0};
    standin_train_options options = STANDIN_TRAIN_OPTIONS_INIT;
    options.steps = 400;
    options.threads = 1;
    options.progress = hear;
    options.progress_context = &heard;
    must(standin_train(scratch_path("run"), dataset, recipe, &options));
    assert_int_equal(heard.first, 1);
    assert_int_equal(heard.again, 0); /* it has only just been said */
    char *metrics = read_text(scratch_path("run/metrics.jsonl"));
    assert_non_null(strstr(metrics, "\"diversity\": 0."));
    assert_non_null(strstr(metrics, "\"contrast\": "));
    assert_non_null(strstr(metrics, "\"distance\": 0."));
    assert_non_null(strstr(metrics, "\"overfitting\": null"));
    static const char begun[] = "{\"step\": 0, \"event\": \"started\", \"steps\": 400}\n";
    static const char ended[] = "{\"step\": 400, \"event\": \"finished\"}\n";
    assert_memory_equal(metrics, begun, strlen(begun));
    const char *alarm =
        strstr(metrics, "\"event\": \"alarm\", \"alarm\": \"collapse\", \"sentence\": \"the generated images");
    assert_non_null(alarm);
    assert_non_null(strstr(alarm, "vary only"));
    assert_string_equal(metrics + strlen(metrics) - strlen(ended), ended);
    free(metrics);
    standin_recipe_free(recipe);
    standin_dataset_free(dataset);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_thumbnail_holds_the_mean_of_each_cell),
        cmocka_unit_test(spread_and_repetition_are_mean_distances),
        cmocka_unit_test(a_distance_is_a_root_of_a_mean_square),
        cmocka_unit_test(energy_is_0_for_equal_sets_and_1_for_two_points),
        cmocka_unit_test(a_reading_counts_colours),
        cmocka_unit_test(a_reader_of_one_number_divides_by_the_variance),
        cmocka_unit_test(a_reader_sees_through_what_classes_have_in_common),
        cmocka_unit_test(overfitting_is_the_way_from_shown_to_generated),
        cmocka_unit_test(a_gap_within_the_noise_is_no_overfitting),
        cmocka_unit_test(an_alarm_takes_two_looks_and_so_does_its_end),
        cmocka_unit_test(a_class_that_loses_a_third_of_its_diversity_is_a_mode_collapse),
        cmocka_unit_test(the_first_steps_are_no_mode_collapse),
        cmocka_unit_test(what_cannot_be_measured_is_no_alarm),
        IN_SCRATCH(a_training_that_goes_well_is_silent),
        IN_SCRATCH(a_generator_that_runs_ahead_of_its_discriminator_collapses),
        IN_SCRATCH(a_discriminator_that_ignores_labels_lets_classes_look_alike),
        IN_SCRATCH(a_discriminator_that_sees_few_images_learns_them_by_heart),
        IN_SCRATCH(a_generator_that_hardly_moves_loses),
        IN_SCRATCH(scores_without_a_bound_are_divergence),
        IN_SCRATCH(steps_that_become_too_large_throw_the_images_off),
        IN_SCRATCH(looks_change_nothing),
        IN_SCRATCH(one_look_is_like_another),
        IN_SCRATCH(one_class_is_looked_at_as_a_whole),
        IN_SCRATCH(a_class_with_few_images_is_left_out),
        IN_SCRATCH(of_many_classes_sixteen_are_looked_at),
        IN_SCRATCH(where_all_classes_are_tiny_the_whole_set_is_looked_at),
        IN_SCRATCH(a_run_says_its_alarms_and_writes_its_figures),
    };
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    image_files_end();
    return failed;
}
