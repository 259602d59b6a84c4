/* Recipes: one table from which reading, checking and writing follow. */
#include "base/error.h"
#include "train/recipe.h"
#include "train/recipe_builtin.h"
#include "train/step.h"

#include <setjmp.h>
#include <standin/standin.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void assert_message_says(const char *expected)
{
    if (strcmp(error_message(), expected) != 0)
        fail_msg("the message is \"%s\", not \"%s\"", error_message(), expected);
}

static void the_defaults_are_the_usual_dcgan(void **state)
{
    (void)state;
    struct recipe recipe;
    assert_int_equal(recipe_default(&recipe), 0);
    assert_int_equal(recipe.width, 64);
    assert_int_equal(recipe.height, 64);
    assert_int_equal(recipe.channels, 0);
    assert_int_equal(recipe.latent, 100);
    assert_int_equal(recipe.width_g, 64);
    assert_int_equal(recipe.width_d, 64);
    assert_int_equal(recipe.batch, 64);
    assert_int_equal(recipe.loss, LOSS_CROSS_ENTROPY);
    assert_int_equal(recipe.norm_g, NORM_BATCH);
    assert_false(recipe.mirror);
    assert_float_equal(recipe.learning_rate_g, 2e-4, 0);
    assert_float_equal(recipe.initial_deviation, 0.02, 0);
    assert_float_equal(recipe.leak, 0.2, 0);
}

static void the_recipe_dcgan_is_the_defaults_as_the_program_writes_them(void **state)
{
    (void)state;
    struct recipe recipe;
    char *text;
    assert_int_equal(recipe_default(&recipe), 0);
    assert_int_equal(recipe_text(&recipe, &text), 0);
    assert_string_equal(recipe_builtins[1].name, "dcgan");
    assert_string_equal(strstr(recipe_builtins[1].text, "\n[") + 1, text);
    free(text);
}

static void every_built_in_recipe_opens_and_reads_back_from_its_text(void **state)
{
    (void)state;
    int count = 0;
    for (const char *name; (name = standin_recipe_name(count)) != NULL; count++) {
        standin_recipe *recipe;
        char *text, *again;
        assert_int_equal(standin_recipe_open(&recipe, name), 0);
        assert_int_equal(standin_recipe_text(recipe, &text), 0);
        struct recipe back;
        assert_int_equal(recipe_default(&back), 0);
        assert_int_equal(recipe_read(&back, name, text), 0);
        assert_int_equal(recipe_text(&back, &again), 0);
        assert_string_equal(text, again);
        assert_true(strlen(standin_recipe_summary(count)) > 10);
        standin_text_free(text);
        free(again);
        standin_recipe_free(recipe);
    }
    assert_int_equal(count, 9);
    assert_null(standin_recipe_name(count + 1));
    assert_null(standin_recipe_name(-1));
}

static void the_white_papers_recipe_says_what_it_stated(void **state)
{
    (void)state;
    standin_recipe *opened;
    assert_int_equal(standin_recipe_open(&opened, "wp-dcgan"), 0);
    const struct recipe *recipe = &opened->settings;
    assert_int_equal(recipe->batch, 32);
    assert_int_equal(recipe->epochs, 30);
    assert_int_equal(recipe->latent, 100);
    assert_int_equal(recipe->channels, 3);
    assert_float_equal(recipe->leak, 0.1, 0);
    assert_float_equal(recipe->initial_deviation, 1, 0);
    assert_float_equal(recipe->learning_rate_d, 2e-4, 0);
    assert_float_equal(recipe->ema, 0, 0);
    standin_recipe_free(opened);
}

static void a_value_can_be_set(void **state)
{
    (void)state;
    struct recipe recipe;
    assert_int_equal(recipe_default(&recipe), 0);
    assert_int_equal(recipe_set(&recipe, "size", "96x128"), 0);
    assert_int_equal(recipe.width, 96);
    assert_int_equal(recipe.height, 128);
    assert_int_equal(recipe_set(&recipe, "size", "32"), 0);
    assert_int_equal(recipe.height, 32);
    assert_int_equal(recipe_set(&recipe, "loss", "hinge"), 0);
    assert_int_equal(recipe.loss, LOSS_HINGE);
    assert_int_equal(recipe_set(&recipe, "norm-g", "none"), 0);
    assert_int_equal(recipe.norm_g, NORM_NONE);
    assert_int_equal(recipe_set(&recipe, "beta1", "0"), 0);
    assert_float_equal(recipe.beta1, 0, 0);
}

static void an_unknown_key_names_the_nearest(void **state)
{
    (void)state;
    struct recipe recipe;
    assert_int_equal(recipe_default(&recipe), 0);
    assert_int_equal(recipe_set(&recipe, "bacth", "64"), STATUS_INPUT);
    assert_message_says("there is no setting 'bacth'; the nearest is 'batch'");
    assert_int_equal(recipe_set(&recipe, "learning_rate_g", "64"), STATUS_INPUT);
    assert_message_says("there is no setting 'learning_rate_g'; the nearest is 'learning-rate-g'");
    assert_int_equal(recipe_set(&recipe, "", "64"), STATUS_INPUT);
}

static void a_value_out_of_range_names_key_value_and_range(void **state)
{
    (void)state;
    struct recipe recipe;
    assert_int_equal(recipe_default(&recipe), 0);
    assert_int_equal(recipe_set(&recipe, "batch", "0"), STATUS_INPUT);
    assert_message_says("batch is '0', but must be an integer from 2 to 4096");
    assert_int_equal(recipe_set(&recipe, "leak", "1.5"), STATUS_INPUT);
    assert_message_says("leak is '1.5', but must be a number from 0 to 1");
    assert_int_equal(recipe_set(&recipe, "loss", "wgan"), STATUS_INPUT);
    assert_message_says("loss is 'wgan', but must be cross-entropy, least-squares, hinge, wasserstein or relativistic");
    assert_int_equal(recipe_set(&recipe, "size", "64x"), STATUS_INPUT);
    assert_message_says("size is '64x', but must be WIDTH or WIDTHxHEIGHT, each from 16 to 1024");
    assert_int_equal(recipe.batch, 64);
    assert_int_equal(recipe.width, 64);
}

static void nan_infinity_and_text_are_not_numbers(void **state)
{
    (void)state;
    struct recipe recipe;
    assert_int_equal(recipe_default(&recipe), 0);
    const char *const bad[] = {"nan", "inf", "-inf", "NAN", "1e400", "", "0.1x", "0,1"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(recipe_set(&recipe, "beta1", bad[i]), STATUS_INPUT);
        assert_int_equal(recipe_set(&recipe, "batch", bad[i]), STATUS_INPUT);
    }
    assert_float_equal(recipe.beta1, 0.5, 0);
}

static void trouble_in_a_file_names_file_and_line(void **state)
{
    (void)state;
    struct recipe recipe;
    assert_int_equal(recipe_default(&recipe), 0);
    assert_int_equal(recipe_read(&recipe, "my.ini", "# mine\n[training]\nbatch = 32\nbath = 64\n"), STATUS_INPUT);
    assert_message_says("my.ini:4: there is no setting 'bath'; the nearest is 'batch'");
    assert_int_equal(recipe_read(&recipe, "my.ini", "batch = x\n"), STATUS_INPUT);
    assert_message_says("my.ini:1: batch is 'x', but must be an integer from 2 to 4096");
    assert_int_equal(recipe_read(&recipe, "my.ini", "batch = 32\n\nbatch = 64\n"), STATUS_INPUT);
    assert_message_says("my.ini:3: batch stands here a second time");
    assert_int_equal(recipe_read(&recipe, "my.ini", "batch\n"), STATUS_INPUT);
    assert_message_says("my.ini:1: neither a setting (key = value) nor a [section]");
    assert_int_equal(recipe.batch, 64);
}

static void a_line_that_is_too_long_is_refused(void **state)
{
    (void)state;
    struct recipe recipe;
    char text[300] = "batch = 32\n# ";
    memset(text + strlen(text), '-', 250);
    assert_int_equal(recipe_default(&recipe), 0);
    assert_int_equal(recipe_read(&recipe, "my.ini", text), STATUS_INPUT);
    assert_message_says("my.ini:2: longer than 190 characters");
}

static void a_recipe_that_is_not_there_names_those_that_are(void **state)
{
    (void)state;
    standin_recipe *recipe;
    assert_int_equal(standin_recipe_open(&recipe, "dcgam"), STATUS_FILE);
    assert_null(recipe);
    assert_message_says("neither a built-in recipe (auto, dcgan, small, r3gan, wp-dcgan, wp-cgan, wp-cgan-replay, "
                        "wp-sngan-64, wp-sngan) nor a recipe file: dcgam: "
                        "No such file or directory");
}

static void a_recipe_file_can_be_opened_and_a_binary_one_cannot(void **state)
{
    (void)state;
    char path[] = "/tmp/standin-recipe-XXXXXX";
    const int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    assert_int_equal(write(descriptor, "batch = 16\r\n", 12), 12);
    standin_recipe *recipe;
    assert_int_equal(standin_recipe_open(&recipe, path), 0);
    assert_int_equal(recipe->settings.batch, 16);
    assert_int_equal(recipe->settings.latent, 100);
    standin_recipe_free(recipe);
    assert_int_equal(write(descriptor, "\0", 1), 1);
    assert_int_equal(standin_recipe_open(&recipe, path), STATUS_INPUT);
    close(descriptor);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_defaults_are_the_usual_dcgan),
        cmocka_unit_test(the_recipe_dcgan_is_the_defaults_as_the_program_writes_them),
        cmocka_unit_test(every_built_in_recipe_opens_and_reads_back_from_its_text),
        cmocka_unit_test(the_white_papers_recipe_says_what_it_stated),
        cmocka_unit_test(a_value_can_be_set),
        cmocka_unit_test(an_unknown_key_names_the_nearest),
        cmocka_unit_test(a_value_out_of_range_names_key_value_and_range),
        cmocka_unit_test(nan_infinity_and_text_are_not_numbers),
        cmocka_unit_test(trouble_in_a_file_names_file_and_line),
        cmocka_unit_test(a_line_that_is_too_long_is_refused),
        cmocka_unit_test(a_recipe_that_is_not_there_names_those_that_are),
        cmocka_unit_test(a_recipe_file_can_be_opened_and_a_binary_one_cannot),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
