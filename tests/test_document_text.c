/* Documents as text for a terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "must.h"

#include "documents.h"
#include "report/document.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const every_document[] = {evaluation_document, utility_document, augmentation_document,
                                             estimate_document, selection_document};
enum { DOCUMENTS = sizeof every_document / sizeof *every_document };

static void expect_in(const char *document, const char *expected)
{
    char *text;
    must(standin_document_text(&text, document));
    if (!strstr(text, expected))
        fail_msg("'%s' is not in:\n%s", expected, text);
    standin_text_free(text);
}

static void expect_refused(const char *document, const char *reason)
{
    char *text;
    assert_int_equal(standin_document_text(&text, document), STANDIN_INPUT);
    assert_null(text);
    if (!strstr(standin_error_message(), reason))
        fail_msg("'%s' is not in: %s", reason, standin_error_message());
}

static void no_line_reaches_a_hundred_columns(void **state)
{
    (void)state;
    for (int i = 0; i < DOCUMENTS; i++) {
        char *text;
        must(standin_document_text(&text, every_document[i]));
        int letters = 0;
        for (const char *byte = text; *byte; byte++) {
            letters = *byte == '\n' ? 0 : letters + ((*byte & 0xC0) != 0x80);
            if (letters >= 100)
                fail_msg("too wide:\n%s", text);
        }
        standin_text_free(text);
    }
}

static void a_measure_stands_beside_its_twin_and_their_ratio(void **state)
{
    (void)state;
    expect_in(evaluation_document,
              "FD-task          38.4        36.1 to 40.9          4.2          3.6 to 4.8   9.21  lower\n");
}

static void the_whole_job_is_told_with_what_it_holds(void **state)
{
    (void)state;
    static const char job[] =
        "{\"kind\": \"make\", \"seed\": 3, \"documents\": [{\"kind\": \"utility\", \"seed\": 3}, {\"kind\": \"estimate\"}]}";
    expect_in(job, "The whole job, seed 3, -, standin -\n\nUtility study, seed 3, ");
    expect_in(job, "\nEstimate, seed -");
    expect_refused("{\"kind\": \"make\", \"documents\": [{\"kind\": \"poem\"}]}", "'poem'");
    expect_refused("{\"kind\": \"make\", \"documents\": [1]}", "no JSON object");
}

static void a_refused_measure_says_why(void **state)
{
    (void)state;
    expect_in(evaluation_document, "MS-SSIM         refused ");
    expect_in(evaluation_document, "    images of 64x64 are smaller than 161 pixels");
}

static void a_study_gives_accuracies_with_intervals(void **state)
{
    (void)state;
    expect_in(utility_document,
              "A classifier that saw only synthetic images is right about 76.5 % of the real test images, "
              "82 %\nof what real training images give.\n");
    expect_in(utility_document, "76.5 %  72.7 to 80.3");
    expect_in(utility_document, "TSTR - TRTR: -16.6 (-20.1 to -13.1), p < 0.0001.");
    expect_in(utility_document, "Effective real size: 410 real images (95 %: 330 to 520)");
    expect_in(utility_document, "\nbicycle         96.5 %  98.6 %      85.5 %  95.7 %\n");
}

static void an_estimate_answers_its_three_questions(void **state)
{
    (void)state;
    expect_in(estimate_document, "How many images: About 2,700 real images");
    expect_in(estimate_document, "How long:        The GAN at all of the data takes about 30 minutes");
    expect_in(estimate_document, "How much memory: 0.74 GB");
}

static void what_is_unknown_is_said(void **state)
{
    (void)state;
    expect_in(evaluation_document, "Not known:\n  - Whether single persons");
}

static void no_better_than_guessing_is_called_so(void **state)
{
    (void)state;
    expect_in("{\"kind\": \"utility\", \"rows\": [{\"name\": \"chance\", \"accuracy\": 0.25}, {\"name\": \"trtr\", "
              "\"accuracy\": 0.9},"
              " {\"name\": \"tstr\", \"accuracy\": 0.27, \"interval\": [0.23, 0.31]}]}",
              "which\nis no better than guessing (25.0 %).\n");
}

static void an_infinite_value_is_spelled(void **state)
{
    (void)state;
    expect_in("{\"kind\": \"evaluation\", \"image\": [{\"name\": \"psnr\", \"value\": \"inf\"}]}", "inf");
}

static void control_characters_do_not_reach_the_terminal(void **state)
{
    (void)state;
    char *text;
    must(standin_document_text(
        &text, "{\"kind\": \"evaluation\", \"worst\": \"a\\u001b[31m\\u009b2J\", \"unknown\": [\"\\u0007\"]}"));
    assert_null(strchr(text, 0x1B));
    assert_null(strchr(text, 7));
    assert_null(strstr(text, "\xC2\x9B"));
    assert_non_null(strstr(text, "a?[31m??2J"));
    standin_text_free(text);
}

static void what_is_no_document_is_refused(void **state)
{
    (void)state;
    expect_refused("{\"kind\": ", "line 1");
    expect_refused("[]", "no JSON object");
    expect_refused("{}", "no 'kind'");
    expect_refused("{\"kind\": \"horoscope\"}", "'horoscope'");
    expect_refused("{\"kind\": \"evaluation\", \"seconds\": 1e999}", "line 1");
    expect_refused(NULL, "missing");
}

/* Replaces node number `*number`, counted depth first, by something else. */
static bool replace_node(json_t *json, int *number, json_t *by)
{
    const char *key;
    json_t *child;
    size_t i;
    void *next;
    json_object_foreach_safe(json, next, key, child)
    {
        if ((*number)-- == 0)
            return json_object_set(json, key, by) == 0;
        if (replace_node(child, number, by))
            return true;
    }
    json_array_foreach(json, i, child)
    {
        if ((*number)-- == 0)
            return json_array_set(json, i, by) == 0;
        if (replace_node(child, number, by))
            return true;
    }
    return false;
}

static void a_document_with_another_type_anywhere_is_read(void **state)
{
    (void)state;
    static const char *const other[] = {"null", "\"<x>\"", "-1e300", "[]", "[[1], {}, \"\"]", "{\"name\": 3}"};
    int read = 0;
    for (int i = 0; i < DOCUMENTS; i++)
        for (int node = 0;; node += 3) {
            json_t *json = json_loads(every_document[i], 0, NULL),
                   *by = json_loads(other[(node / 3) % 6], JSON_DECODE_ANY, NULL);
            int number = node;
            const bool replaced = replace_node(json, &number, by);
            char *document = json_dumps(json, 0), *text = NULL;
            if (replaced && standin_document_text(&text, document) == 0)
                read++;
            standin_text_free(text);
            free(document);
            json_decref(json);
            json_decref(by);
            if (!replaced)
                break;
        }
    assert_in_range(read, 300, 100000); /* all but those whose kind was replaced */
}

static void numbers_have_as_many_digits_as_mean_something(void **state)
{
    (void)state;
    char text[NUMBER_FOR_PEOPLE];
    assert_string_equal(count_text(text, 12400), "12,400");
    assert_string_equal(count_text(text, -1234567), "-1,234,567");
    assert_string_equal(count_text(text, 0), "0");
    assert_string_equal(count_text(text, NAN), "-");
    assert_string_equal(share_text(text, .7654), "76.5 %");
    assert_string_equal(probability_text(text, .18), "0.18");
    assert_string_equal(probability_text(text, .00123), "0.0012");
    assert_string_equal(probability_text(text, 4e-12), "< 0.0001");
    assert_string_equal(points_text(text, .0213), "+2.1");
    assert_string_equal(points_text(text, -.0213), "-2.1");
    assert_string_equal(points_text(text, -.0001), "0.0");
    assert_string_equal(short_text(text, .0412), "0.0412");
    assert_string_equal(short_text(text, 812.6), "813");
    assert_string_equal(short_text(text, 4.1e-12), "4.10e-12");
    assert_string_equal(decimal_text(text, -.0001, 2), "0.00");
    assert_string_equal(seconds_text(text, 4.25), "4.2 s");
    assert_string_equal(seconds_text(text, 59.7), "1 min 0 s");
    assert_string_equal(seconds_text(text, 1790), "30 min");
    assert_string_equal(seconds_text(text, 412), "6 min 52 s");
    assert_string_equal(seconds_text(text, 7500), "2 h 5 min");
    assert_string_equal(seconds_text(text, 94 * 3600.0), "3.92 days");
    assert_string_equal(bytes_text(text, 7.4e8), "740 MB");
    assert_string_equal(bytes_text(text, 1.25e9), "1.2 GB");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_line_reaches_a_hundred_columns),
        cmocka_unit_test(a_measure_stands_beside_its_twin_and_their_ratio),
        cmocka_unit_test(the_whole_job_is_told_with_what_it_holds),
        cmocka_unit_test(a_refused_measure_says_why),
        cmocka_unit_test(a_study_gives_accuracies_with_intervals),
        cmocka_unit_test(an_estimate_answers_its_three_questions),
        cmocka_unit_test(what_is_unknown_is_said),
        cmocka_unit_test(no_better_than_guessing_is_called_so),
        cmocka_unit_test(an_infinite_value_is_spelled),
        cmocka_unit_test(control_characters_do_not_reach_the_terminal),
        cmocka_unit_test(what_is_no_document_is_refused),
        cmocka_unit_test(a_document_with_another_type_anywhere_is_read),
        cmocka_unit_test(numbers_have_as_many_digits_as_mean_something),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
