/* Labelled runs: what the feed shows, that a run with everything that keeps a state of its own goes on bit for bit, and
 * what a labelled generator makes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/memory.h"
#include "image_files.h"
#include "runs.h"
#include "scratch.h"
#include "train/feed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE = 16 };

/* Classes "a", "b", ... with so many images, each of one grey that no other has. */
static standin_dataset *open_classes(int classes, const int *images)
{
    uint8_t level = 0;
    for (int c = 0; c < classes; c++) {
        scratch_folder(scratch_path("images/%c", 'a' + c));
        for (int i = 0; i < images[c]; i++)
            image_file_plain(scratch_path("images/%c/%02d.png", 'a' + c, i), SIDE, SIDE, 1, level++);
    }
    standin_dataset *dataset;
    standin_dataset_options options = STANDIN_DATASET_OPTIONS_INIT;
    options.width = options.height = SIDE;
    must(standin_dataset_open(&dataset, scratch_path("images"), &options));
    return dataset;
}

/* ---- The feed ----------------------------------------------------------------------------------------------- */

static int level_of(const float *image)
{
    return (int)((image[0] + 1) * 127.5f + 0.5f);
}

/* How often each image was shown in so many batches. */
static void count_shown(int *shown, struct feed *feed, int batches, int batch)
{
    for (int step = 0; step < batches; step++) {
        feed_batch(feed, step);
        for (int i = 0; i < batch; i++)
            shown[level_of(feed_images(feed) + i * SIDE * SIDE)]++;
    }
}

static void balanced_sampling_shows_all_classes_and_all_images_of_a_class_equally_often(void **state)
{
    (void)state;
    standin_dataset *dataset = open_classes(3, (int[]){2, 4, 12});
    struct feed *feed;
    const struct feed_settings settings = {.seed = 1, .batch = 6, .balanced = true};
    must(feed_new(&feed, dataset, &settings));
    int shown[256] = {0};
    count_shown(shown, feed, 6, 6); /* 36 images: 12 of each class */
    for (int i = 0; i < 18; i++)
        assert_int_equal(shown[i], i < 2 ? 6 : i < 6 ? 3 : 1);
    feed_free(feed);
    standin_dataset_free(dataset);
}

static void sampling_as_it_is_shows_all_images_equally_often(void **state)
{
    (void)state;
    standin_dataset *dataset = open_classes(3, (int[]){2, 4, 12});
    struct feed *feed;
    const struct feed_settings settings = {.seed = 1, .batch = 6};
    must(feed_new(&feed, dataset, &settings));
    int shown[256] = {0};
    count_shown(shown, feed, 6, 6);
    for (int i = 0; i < 18; i++)
        assert_int_equal(shown[i], 2);
    feed_free(feed);
    standin_dataset_free(dataset);
}

static void labels_belong_to_their_images(void **state)
{
    (void)state;
    standin_dataset *dataset = open_classes(3, (int[]){2, 4, 12});
    struct feed *feed;
    const struct feed_settings settings = {.seed = 5, .batch = 7, .balanced = true};
    must(feed_new(&feed, dataset, &settings));
    for (int step = 0; step < 5; step++) {
        feed_batch(feed, step);
        for (int i = 0; i < 7; i++) {
            const int level = level_of(feed_images(feed) + i * SIDE * SIDE);
            assert_float_equal(feed_labels(feed)[i], level < 2 ? 0 : level < 6 ? 1 : 2, 0);
        }
    }
    feed_free(feed);
    standin_dataset_free(dataset);
}

static void images_held_back_are_never_shown(void **state)
{
    (void)state;
    standin_dataset *dataset = open_classes(3, (int[]){2, 4, 12});
    struct feed *feed;
    const struct feed_settings settings = {.seed = 1, .batch = 6, .balanced = true, .held_back = 0.25};
    must(feed_new(&feed, dataset, &settings));
    assert_int_equal(feed_held_back(feed), 0 + 1 + 3);
    int shown[256] = {0};
    count_shown(shown, feed, 18, 6);
    float image[SIDE * SIDE], label;
    for (int i = 0; i < 4; i++) {
        feed_compare(feed, true, i, image, &label);
        assert_int_equal(shown[level_of(image)], 0);
        feed_compare(feed, false, i, image, &label);
        assert_true(shown[level_of(image)] > 0);
    }
    int unseen = 0;
    for (int i = 0; i < 18; i++)
        unseen += shown[i] == 0;
    assert_int_equal(unseen, 4);
    feed_free(feed);
    standin_dataset_free(dataset);
}

/* ---- Runs --------------------------------------------------------------------------------------------------- */

static standin_recipe *recipe_of(const char *const *settings)
{
    static const char *const tiny[] = {"size",    "16", "batch",   "12",    "width-g", "16",
                                       "width-d", "16", "network", "dcgan", NULL};
    standin_recipe *recipe;
    must(standin_recipe_open(&recipe, "auto"));
    const char *const *lists[] = {tiny, settings};
    for (int l = 0; l < 2; l++)
        for (const char *const *word = lists[l]; *word; word += 2)
            must(standin_recipe_set(recipe, word[0], word[1]));
    return recipe;
}

/* Whatever keeps something from step to step, or follows a schedule. */
static const char *const everything[] = {
    "replay",    "pool",   "augment-control", "yes", "ramp-end",    "0.5",
    "steps-d",   "2",      "penalty",         "r1",  "decay",       "cosine",
    "beta2-end", "0.9999", "class-weight",    "0.5", "class-guess", "class-and-origin",
    NULL};
static const char *const plain[] = {NULL};

static int stop_at_three(void *context, const standin_training_status *status)
{
    (void)context;
    return status->step == 3;
}

static int train(const standin_dataset *dataset, const char *run, const char *const *settings, int threads,
                 standin_training_function *progress)
{
    standin_recipe *recipe = recipe_of(settings);
    standin_train_options options = STANDIN_TRAIN_OPTIONS_INIT;
    options.steps = 6;
    options.threads = threads;
    options.progress = progress;
    const int status = standin_train(scratch_path("%s", run), dataset, recipe, &options);
    standin_recipe_free(recipe);
    return status;
}

static void expect_the_same_run(const char *const *settings)
{
    standin_dataset *dataset = open_classes(3, (int[]){9, 5, 7});
    must(train(dataset, "one", settings, 1, NULL));
    must(train(dataset, "three", settings, 3, NULL));
    runs_expect_same_checkpoint("one", "three");
    assert_int_equal(train(dataset, "parts", settings, 2, stop_at_three), STANDIN_INTERRUPTED);
    const standin_train_options options = STANDIN_TRAIN_OPTIONS_INIT;
    must(standin_train_resume(scratch_path("parts"), dataset, &options));
    runs_expect_same_checkpoint("one", "parts");
    standin_dataset_free(dataset);
}

static void a_run_with_everything_is_the_same_for_any_number_of_threads_and_when_interrupted(void **state)
{
    (void)state;
    expect_the_same_run(everything);
}

/* With sizes that run on a tile unit where there is one. */
static void a_run_in_bfloat16_is_the_same_for_any_number_of_threads_and_when_interrupted(void **state)
{
    (void)state;
    static const char *const settings[] = {"precision", "bfloat16", "batch",   "32", "width-g", "32",
                                           "width-d",   "32",       "penalty", "r1", NULL};
    expect_the_same_run(settings);
}

static void every_built_in_recipe_trains_on_labelled_images(void **state)
{
    (void)state;
    static const char *const small[][2] = {
        {"size", "32"}, {"batch", "4"}, {"width-g", "8"}, {"width-d", "8"}, {"latent", "8"}};
    standin_dataset_free(open_classes(2, (int[]){4, 4}));
    standin_dataset *dataset;
    standin_dataset_options opening = STANDIN_DATASET_OPTIONS_INIT;
    opening.width = opening.height = 32;
    opening.channels = 3;
    must(standin_dataset_open(&dataset, scratch_path("images"), &opening));
    standin_train_options options = STANDIN_TRAIN_OPTIONS_INIT;
    options.steps = 1;
    options.threads = 2;
    for (int i = 0; standin_recipe_name(i); i++) {
        standin_recipe *recipe;
        must(standin_recipe_open(&recipe, standin_recipe_name(i)));
        for (size_t k = 0; k < sizeof small / sizeof *small; k++)
            must(standin_recipe_set(recipe, small[k][0], small[k][1]));
        must(standin_train(scratch_path("%s", standin_recipe_name(i)), dataset, recipe, &options));
        standin_recipe_free(recipe);
    }
    standin_dataset_free(dataset);
}

static void one_class_trains_without_labels_and_keeps_its_name(void **state)
{
    (void)state;
    standin_dataset *dataset = open_classes(1, (int[]){6}), *made;
    must(train(dataset, "run", plain, 1, NULL));
    standin_generator *generator;
    must(standin_generator_open(&generator, scratch_path("run"), 1));
    assert_int_equal(standin_generator_classes(generator), 1);
    assert_string_equal(standin_generator_class_name(generator, 0), "a");
    standin_set_options options = STANDIN_SET_OPTIONS_INIT;
    options.per_class = 3;
    options.grid = 1;
    must(standin_generator_write(generator, scratch_path("three"), &options));
    assert_int_equal(scratch_count(scratch_path("three/a")), 3);
    assert_int_equal(scratch_count(scratch_path("three")), 1 + 3);
    must(standin_dataset_open(&made, scratch_path("three"), NULL));
    assert_string_equal(standin_dataset_class_name(made, 0), "a");
    standin_dataset_free(made);
    standin_generator_free(generator);
    standin_dataset_free(dataset);
}

static void one_class_of_a_checkpoint_without_its_name_is_written_without(void **state)
{
    (void)state;
    standin_dataset *dataset = open_classes(1, (int[]){6});
    must(train(dataset, "run", plain, 1, NULL));
    uint8_t *file;
    size_t bytes;
    must(file_read_all(scratch_path("run/checkpoint.safetensors"), 1 << 24, &file, &bytes));
    char *key = memmem(file, bytes, "class.0", 7);
    assert_non_null(key);
    *key = 'k';
    scratch_write(scratch_path("old.safetensors"), file, bytes);
    free(file);
    standin_generator *generator;
    must(standin_generator_open(&generator, scratch_path("old.safetensors"), 1));
    assert_int_equal(standin_generator_classes(generator), 0);
    standin_set_options options = STANDIN_SET_OPTIONS_INIT;
    options.count = 3;
    must(standin_generator_write(generator, scratch_path("three"), &options));
    assert_int_equal(scratch_count(scratch_path("three")), 3 + 1);
    standin_generator_free(generator);
    standin_dataset_free(dataset);
}

/* The run "run" of at most three classes, of which the images are needed no more. */
static void make_run(int classes)
{
    standin_dataset *dataset = open_classes(classes, (int[]){3, 3, 3});
    must(train(dataset, "run", plain, 1, NULL));
    standin_dataset_free(dataset);
}

static void expect_refused(const char *run, const char *words)
{
    standin_generator *generator;
    refuses(standin_generator_open(&generator, scratch_path("%s", run), 1), words);
    assert_null(generator);
}

static void a_checkpoint_that_says_more_than_it_holds_is_refused_before_memory_is_taken(void **state)
{
    (void)state;
    make_run(2);
    run_checkpoint_say("run", "classes", "2147483647");
    expect_refused("run", "'classes' is '2147483647', not an integer from 1 to ");
    run_checkpoint_say("run", "classes", "2");
    run_checkpoint_say("run", "recipe", "size = 256\nwidth-g = 1024\n"); /* 34 GB of weights */
    expect_refused("run", "and the networks need");
    run_checkpoint_say("run", "recipe", "size = 16\nwidht-g = 8\n");
    expect_refused("run", "checkpoint.safetensors: recipe:2: there is no setting 'widht-g'");
}

static void names_of_classes_that_cannot_be_those_of_folders_are_refused(void **state)
{
    (void)state;
    make_run(2);
    run_checkpoint_say("run", "class.1", "../b");
    expect_refused("run", "that of a folder: a name that starts with a dot");
    run_checkpoint_say("run", "class.1", "b\nc");
    expect_refused("run", "that of a folder: a name with a control character");
}

static void two_classes_of_one_name_are_refused(void **state)
{
    (void)state;
    make_run(3);
    run_checkpoint_say("run", "class.2", "a");
    expect_refused("run", "checkpoint.safetensors: two classes have the name 'a'");
}

static void a_class_of_one_image_takes_part(void **state)
{
    (void)state;
    standin_dataset *dataset = open_classes(2, (int[]){1, 20});
    must(train(dataset, "run", plain, 1, NULL));
    standin_dataset_free(dataset);
}

static void five_hundred_classes_train(void **state)
{
    (void)state;
    enum { CLASSES = 500 };
    for (int c = 0; c < CLASSES; c++) {
        char path[256];
        snprintf(path, sizeof path, "%s/many/%03d", scratch(), c);
        scratch_folder(path);
        strncat(path, "/0.png", sizeof path - strlen(path) - 1);
        image_file_plain(path, SIDE, SIDE, 1, (uint8_t)(c / 2));
    }
    standin_dataset *dataset;
    standin_dataset_options options = STANDIN_DATASET_OPTIONS_INIT;
    options.width = options.height = SIDE;
    must(standin_dataset_open(&dataset, scratch_path("many"), &options));
    must(train(dataset, "run", plain, 2, NULL));
    standin_generator *generator;
    uint8_t image[SIDE * SIDE];
    must(standin_generator_open(&generator, scratch_path("run"), 1));
    assert_int_equal(standin_generator_classes(generator), CLASSES);
    must(standin_generator_make(generator, CLASSES - 1, 1, 0, 1, image));
    standin_generator_free(generator);
    standin_dataset_free(dataset);
}

static void a_run_says_how_other_images_differ_from_its_own(void **state)
{
    (void)state;
    standin_dataset *dataset = open_classes(2, (int[]){6, 5});
    must(train(dataset, "run", plain, 1, NULL));
    standin_dataset_free(dataset);
    dataset = open_classes(3, (int[]){6, 5, 4});
    const standin_train_options options = STANDIN_TRAIN_OPTIONS_INIT;
    assert_int_equal(standin_train_resume(scratch_path("run"), dataset, &options), STANDIN_INPUT);
    assert_non_null(strstr(standin_error_message(), "other images: 11 in 2 classes"));
    assert_non_null(strstr(standin_error_message(), "not 15 in 3 classes"));
    standin_dataset_free(dataset);
}

/* ---- What is made ------------------------------------------------------------------------------------------- */

static void images_of_two_classes_differ_even_if_the_generator_is_not_told_them(void **state)
{
    (void)state;
    static const char *const untold[] = {"label-g", "none", NULL};
    standin_dataset *dataset = open_classes(2, (int[]){6, 6});
    must(train(dataset, "run", untold, 1, NULL));
    standin_generator *generator;
    must(standin_generator_open(&generator, scratch_path("run"), 1));
    uint8_t a[SIDE * SIDE], b[SIDE * SIDE], again[SIDE * SIDE];
    must(standin_generator_make(generator, 0, 1, 7, 1, a));
    must(standin_generator_make(generator, 1, 1, 7, 1, b));
    must(standin_generator_make(generator, 0, 1, 7, 1, again));
    assert_memory_not_equal(a, b, sizeof a);
    assert_memory_equal(a, again, sizeof a);
    assert_int_equal(standin_generator_make(generator, 2, 1, 0, 1, a), STANDIN_INPUT);
    standin_generator_free(generator);
    standin_dataset_free(dataset);
}

static void the_grid_shows_the_classes_that_were_made(void **state)
{
    (void)state;
    standin_dataset *dataset = open_classes(3, (int[]){4, 4, 4});
    must(train(dataset, "run", plain, 1, NULL));
    standin_generator *generator;
    must(standin_generator_open(&generator, scratch_path("run"), 1));
    standin_set_options options = STANDIN_SET_OPTIONS_INIT;
    options.class_name = "b";
    options.count = 2;
    options.grid = 1;
    must(standin_generator_write(generator, scratch_path("only"), &options));
    const int width = standin_generator_width(generator), height = standin_generator_height(generator);
    const int channels = standin_generator_channels(generator);
    uint8_t *pixels = memory_new(64 * (size_t)width * (size_t)height, (size_t)channels), *grid, *expected;
    size_t grid_bytes, expected_bytes;
    must(standin_generator_make(generator, 1, options.seed, 0, 64, pixels));
    must(standin_sheet_write(scratch_path("expected.png"), pixels, 64, width, height, channels, 8));
    must(file_read_all(scratch_path("only/grid.png"), 1 << 24, &grid, &grid_bytes));
    must(file_read_all(scratch_path("expected.png"), 1 << 24, &expected, &expected_bytes));
    assert_int_equal(grid_bytes, expected_bytes);
    assert_memory_equal(grid, expected, expected_bytes);
    free(expected);
    free(grid);
    free(pixels);
    standin_generator_free(generator);
    standin_dataset_free(dataset);
}

static void a_set_has_a_folder_for_each_class_and_two_tables(void **state)
{
    (void)state;
    standin_dataset *dataset = open_classes(3, (int[]){4, 4, 4});
    must(train(dataset, "run", plain, 1, NULL));
    standin_generator *generator;
    must(standin_generator_open(&generator, scratch_path("run"), 1));
    standin_set_options options = STANDIN_SET_OPTIONS_INIT;
    options.per_class = 5;
    must(standin_generator_write(generator, scratch_path("five"), &options));
    assert_int_equal(scratch_count(scratch_path("five")), 3 + 2);
    assert_int_equal(scratch_count(scratch_path("five/b")), 5);
    options.per_class = 0;
    options.count = 7;
    must(standin_generator_write(generator, scratch_path("seven"), &options));
    assert_int_equal(scratch_count(scratch_path("seven/a")), 3);
    assert_int_equal(scratch_count(scratch_path("seven/c")), 2);
    options.class_name = "b";
    must(standin_generator_write(generator, scratch_path("only"), &options));
    assert_int_equal(scratch_count(scratch_path("only/b")), 7);
    options.class_name = "z";
    assert_int_equal(standin_generator_write(generator, scratch_path("none"), &options), STANDIN_INPUT);
    standin_dataset *made;
    must(standin_dataset_open(&made, scratch_path("five"), NULL));
    assert_int_equal(standin_dataset_classes(made), 3);
    assert_int_equal(standin_dataset_images(made), 15);
    standin_dataset_free(made);
    standin_generator_free(generator);
    standin_dataset_free(dataset);
}

/* ---- auto --------------------------------------------------------------------------------------------------- */

static void auto_takes_its_size_from_the_files_unless_it_was_said(void **state)
{
    (void)state;
    scratch_folder(scratch_path("wide"));
    for (int i = 0; i < 5; i++)
        image_file_noise(scratch_path("wide/%d.png", i), 150, 100, (unsigned)i);
    standin_dataset *dataset;
    standin_recipe *recipe;
    char *reasons;
    standin_dataset_options options = STANDIN_DATASET_OPTIONS_INIT;
    must(standin_dataset_open(&dataset, scratch_path("wide"), &options));
    must(standin_recipe_open(&recipe, "auto"));
    must(standin_recipe_fit_size(recipe, &reasons, dataset));
    assert_non_null(strstr(reasons, "150x100"));
    standin_recipe_dataset_options(recipe, &options);
    assert_int_equal(options.width, 96);
    assert_int_equal(options.height, 64);
    standin_text_free(reasons);
    must(standin_recipe_set(recipe, "size", "32"));
    must(standin_recipe_fit_size(recipe, &reasons, dataset));
    assert_string_equal(reasons, "");
    standin_recipe_dataset_options(recipe, &options);
    assert_int_equal(options.width, 32);
    standin_text_free(reasons);
    standin_recipe_free(recipe);
    standin_dataset_free(dataset);
}

static void of_a_set_with_splits_the_parts_can_be_opened(void **state)
{
    (void)state;
    static const char *const splits[] = {"train", "val", "test"};
    for (int s = 0; s < 3; s++) {
        scratch_folder(scratch_path("split/%s/a", splits[s]));
        for (int i = 0; i <= s; i++)
            image_file_plain(scratch_path("split/%s/a/%d.png", splits[s], i), SIDE, SIDE, 1, (uint8_t)(10 * s + i));
    }
    standin_dataset_options options = STANDIN_DATASET_OPTIONS_INIT;
    for (int part = STANDIN_PART_ALL; part <= STANDIN_PART_TEST; part++) {
        standin_dataset *dataset;
        options.part = (enum standin_part)part;
        must(standin_dataset_open(&dataset, scratch_path("split"), &options));
        assert_int_equal(standin_dataset_images(dataset), part == STANDIN_PART_ALL     ? 6
                                                          : part == STANDIN_PART_TRAIN ? 1
                                                                                       : 3);
        standin_dataset_free(dataset);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(balanced_sampling_shows_all_classes_and_all_images_of_a_class_equally_often),
        IN_SCRATCH(sampling_as_it_is_shows_all_images_equally_often),
        IN_SCRATCH(labels_belong_to_their_images),
        IN_SCRATCH(images_held_back_are_never_shown),
        IN_SCRATCH(a_run_in_bfloat16_is_the_same_for_any_number_of_threads_and_when_interrupted),
        IN_SCRATCH(a_run_with_everything_is_the_same_for_any_number_of_threads_and_when_interrupted),
        IN_SCRATCH(every_built_in_recipe_trains_on_labelled_images),
        IN_SCRATCH(one_class_trains_without_labels_and_keeps_its_name),
        IN_SCRATCH(one_class_of_a_checkpoint_without_its_name_is_written_without),
        IN_SCRATCH(a_checkpoint_that_says_more_than_it_holds_is_refused_before_memory_is_taken),
        IN_SCRATCH(names_of_classes_that_cannot_be_those_of_folders_are_refused),
        IN_SCRATCH(two_classes_of_one_name_are_refused),
        IN_SCRATCH(a_class_of_one_image_takes_part),
        IN_SCRATCH(five_hundred_classes_train),
        IN_SCRATCH(a_run_says_how_other_images_differ_from_its_own),
        IN_SCRATCH(images_of_two_classes_differ_even_if_the_generator_is_not_told_them),
        IN_SCRATCH(the_grid_shows_the_classes_that_were_made),
        IN_SCRATCH(a_set_has_a_folder_for_each_class_and_two_tables),
        IN_SCRATCH(auto_takes_its_size_from_the_files_unless_it_was_said),
        IN_SCRATCH(of_a_set_with_splits_the_parts_can_be_opened),
    };
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    image_files_end();
    return failed;
}
