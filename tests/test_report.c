/* The report: what its page holds and what never gets into it. With STANDIN_EXAMPLE_PAGE a whole example page is left
 * in the folder of that name, for tests/report_browser.sh. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "must.h"

#include "documents.h"
#include "image_files.h"
#include "report/html.h"
#include "report/html_training.h"
#include "report/plot.h"
#include "report/plot_axis.h"
#include "scratch.h"

#include <jansson.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE = 24, OF_CLASS = 7, CLASSES = 3 };
static const char *const every_document[] = {evaluation_document, utility_document, augmentation_document,
                                             estimate_document, selection_document};
enum { DOCUMENTS = sizeof every_document / sizeof *every_document };

/* ---- Helpers ---------------------------------------------------------------------------------------------- */

static char *read_page(const char *path)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    fseek(file, 0, SEEK_END);
    const long bytes = ftell(file);
    rewind(file);
    char *text = calloc((size_t)bytes + 1, 1);
    assert_non_null(text);
    assert_int_equal(fread(text, 1, (size_t)bytes, file), bytes);
    fclose(file);
    return text;
}

static char *page_of(const standin_report *report)
{
    const char *path = scratch_path("report.html");
    must(standin_report_write(path, report));
    return read_page(path);
}

static char *page_of_document(const char *document)
{
    standin_report report = STANDIN_REPORT_INIT;
    report.documents = &document;
    report.document_count = 1;
    return page_of(&report);
}

static void expect_in(const char *page, const char *text)
{
    if (!strstr(page, text))
        fail_msg("the page lacks '%s'", text);
}

static void expect_not_in(const char *page, const char *text)
{
    const char *found = strstr(page, text);
    if (found)
        fail_msg("the page has '%s': %.80s", text, found);
}

/* A soft disc on a slope, a colour a class: something to see in the example. */
static void draw_image(uint8_t *pixels, int class_index, int index, bool synthetic)
{
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            const double dx = x - SIDE / 2.0 - index % 3 + 1, dy = y - SIDE / 2.0 + index % 4 - 2;
            const double disc = 1 / (1 + exp(sqrt(dx * dx + dy * dy) - 5 - class_index - (synthetic ? .7 : 0)));
            for (int c = 0; c < 3; c++)
                pixels[(y * SIDE + x) * 3 + c] = (uint8_t)(60 + 4 * y + (c == class_index ? 100 : 20) * disc +
                                                           (synthetic ? (x * 7 + y * 13 + index) % 11 : 0));
        }
}

static void write_set(const char *folder, const char *const *names, bool synthetic)
{
    uint8_t pixels[SIDE * SIDE * 3];
    for (int k = 0; k < CLASSES; k++)
        for (int i = 0; i < OF_CLASS; i++) {
            draw_image(pixels, k, i, synthetic);
            image_file_bytes(scratch_path("%s/%s/%d.png", folder, names[k], i), pixels, SIDE, SIDE, 3, "");
        }
}

static standin_dataset *open_set(const char *folder, int side)
{
    standin_dataset *set;
    standin_dataset_options options = STANDIN_DATASET_OPTIONS_INIT;
    options.width = options.height = side;
    must(standin_dataset_open(&set, scratch_path("%s", folder), &options));
    return set;
}

static const char *write_run(void)
{
    char *text;
    size_t bytes;
    FILE *file = open_memstream(&text, &bytes);
    for (int step = 1; step <= 2000; step += 4) {
        const double noise = 0.15 * sin(step * 12.9898) * cos(step * 78.233), slow = exp(-step / 500.0);
        fprintf(file,
                "{\"step\": %d, \"loss_d\": %.4f, \"loss_g\": %.4f, \"logit_real\": %.4f, \"logit_fake\": %.4f, "
                "\"images_per_second\": 410.0, \"seconds\": %.2f",
                step, 0.9 + 0.8 * slow + noise, 0.4 + 0.3 * (1 - slow) - noise, 0.8 - 0.5 * slow + noise,
                -0.6 + 0.5 * slow + noise, step * 0.86);
        if (step % 100 == 1)
            fprintf(file, ", \"diversity\": %.3f, \"contrast\": %s, \"distance\": %.3f, \"overfitting\": %.3f",
                    0.95 - 0.6 * slow, step < 400 ? "null" : "0.62", 0.02 + 0.3 * slow, 0.05 * (1 - slow));
        fputs("}\n", file);
    }
    fclose(file);
    scratch_text(scratch_path("run/metrics.jsonl"), text);
    free(text);
    scratch_text(scratch_path("run/recipe.ini"),
                 "[images]\nsize = 64x64\n[networks]\nnetwork = sngan\nwidth-g = 32\n[training]\n"
                 "loss = hinge\nbatch = 32\nsteps = 2000\n");
    scratch_text(scratch_path("run/run.json"),
                 "{\"data\": \"/secret/place\", \"images\": 1920, \"hash\": \"e05d18b37cf2\"}");
    return scratch_path("run");
}

static const char *const vehicles[CLASSES] = {"bus", "car", "truck"};

static char *page_with_seed(uint64_t seed)
{
    standin_dataset *real = open_set("real", SIDE), *synthetic = open_set("synthetic", SIDE);
    standin_report report = STANDIN_REPORT_INIT;
    report.documents = every_document;
    report.document_count = DOCUMENTS;
    report.real = real;
    report.synthetic = synthetic;
    report.run = write_run();
    report.seed = seed;
    report.title = "Vehicles, made up";
    char *page = page_of(&report);
    standin_dataset_free(real);
    standin_dataset_free(synthetic);
    return page;
}

static char *whole_page(void)
{
    write_set("real", vehicles, false);
    write_set("synthetic", vehicles, true);
    return page_with_seed(1);
}

/* ---- What the page holds ---------------------------------------------------------------------------------- */

static void the_page_opens_with_a_sentence_of_verdict(void **state)
{
    (void)state;
    char *page = whole_page();
    expect_in(page, "<p class=\"verdict\">A classifier that saw only synthetic images is right about 76.5 % of the "
                    "real test images, "
                    "82 % of what real training images give; no leak detected at this power.</p>");
    free(page);
}

static void the_page_has_every_part_and_a_link_to_it(void **state)
{
    (void)state;
    static const char *const parts[] = {"basis",     "utility",  "confusion", "augmentation", "measures",
                                        "privacy",   "estimate", "training",  "samples",      "worst",
                                        "selection", "unknown",  "recipe"};
    char *page = whole_page(), text[100];
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        snprintf(text, sizeof text, "<section id=\"%s\"", parts[i]);
        expect_in(page, text);
        snprintf(text, sizeof text, "<a href=\"#%s\">", parts[i]);
        expect_in(page, text);
    }
    const char *folder = getenv("STANDIN_EXAMPLE_PAGE");
    if (folder) {
        snprintf(text, sizeof text, "%.80s/report.html", folder);
        scratch_text(text, page);
    }
    free(page);
}

static void parts_without_material_are_left_out(void **state)
{
    (void)state;
    char *page = page_of_document(estimate_document);
    expect_in(page, "<section id=\"estimate\"");
    expect_not_in(page, "class=\"verdict\"");
    expect_not_in(page, "id=\"utility\"");
    expect_not_in(page, "id=\"privacy\"");
    expect_not_in(page, "id=\"samples\"");
    expect_not_in(page, "id=\"training\"");
    free(page);
}

static void the_page_needs_nothing_from_outside(void **state)
{
    (void)state;
    char *page = whole_page();
    expect_not_in(page, "http:");
    expect_not_in(page, "https:");
    expect_not_in(page, "<script");
    expect_not_in(page, "<link");
    expect_not_in(page, "@import");
    expect_in(page, "default-src 'none'");
    free(page);
}

static void where_the_data_lie_is_not_told(void **state)
{
    (void)state;
    char *page = whole_page();
    expect_not_in(page, "/home/somebody");
    expect_not_in(page, "/secret");
    expect_in(page, "vehicles-made");
    free(page);
}

static void time_taken_and_predicted_stand_side_by_side(void **state)
{
    (void)state;
    char *page = whole_page();
    expect_in(page, "<th scope=\"row\">training</th><td class=\"number\">30 min<small>29 min to 34 min</small></td>"
                    "<td class=\"number\">29 min</td>");
    free(page);
}

static void the_whole_job_says_what_each_stage_was_to_take_and_took(void **state)
{
    (void)state;
    char *page = page_of_document(
        "{\"kind\": \"make\", \"seed\": 7, \"seconds\": 7300, \"plan\": {\"expected\": {\"train\": 1200, \"study\": 2400}},"
        " \"taken\": {\"inspect\": 2, \"train\": 310, \"study\": 7200}, \"documents\": [{\"kind\": \"utility\","
        " \"seed\": 7, \"seconds\": 359, \"rows\": [{\"name\": \"tstr\", \"accuracy\": 0.5}]}]}");
    expect_in(page, "<th scope=\"row\">inspection</th><td class=\"number\">\u2013</td><td class=\"number\">2.0 s</td>");
    expect_in(page,
              "<th scope=\"row\">training</th><td class=\"number\">20 min</td><td class=\"number\">5 min 10 s</td>");
    expect_in(page,
              "<th scope=\"row\">utility study</th><td class=\"number\">40 min</td><td class=\"number\">2 h 0 min</td>");
    expect_in(page,
              "<th scope=\"row\">in all</th><td class=\"number\">1 h 0 min</td><td class=\"number\">2 h 1 min</td>");
    expect_not_in(page, "evaluation</th>");
    expect_in(page, "<section id=\"utility\""); /* what it holds is in the page as well */
    expect_in(page, "is right about 50.0 %");
    free(page);
}

static void times_are_added_up_where_all_are_known(void **state)
{
    (void)state;
    standin_report report = STANDIN_REPORT_INIT;
    const char *const documents[] = {utility_document, evaluation_document};
    report.documents = documents;
    report.document_count = 2;
    char *page = page_of(&report);
    expect_in(page, "<th scope=\"row\">in all</th><td class=\"number\">\u2013</td><td class=\"number\">1 h 35 min</td>");
    free(page);
}

static void a_set_that_played_two_parts_is_one_row(void **state)
{
    (void)state;
    const char *const documents[] = {
        "{\"kind\": \"make\", \"recipe\": \"auto\", \"documents\": [{\"kind\": \"evaluation\", \"sets\": {"
        "\"real\": {\"path\": \"a/cars\", \"hash\": \"77\", \"images\": 9, \"width\": 32, \"height\": 32},"
        " \"train\": {\"path\": \"a/cars\", \"hash\": \"77\", \"images\": 9, \"width\": 32, \"height\": 32}}}]}",
        "{\"kind\": \"utility\", \"sets\": {"
        "\"real\": {\"path\": \"a/cars\", \"hash\": \"77\", \"images\": 9, \"width\": 32, \"height\": 32},"
        " \"\": {\"path\": \"a/cars\", \"hash\": \"77\", \"images\": 9, \"width\": 32, \"height\": 32},"
        " \"test\": {\"path\": \"a/cars\", \"hash\": \"77\", \"images\": 9, \"width\": 64, \"height\": 64}}}"};
    standin_report report = STANDIN_REPORT_INIT;
    report.documents = documents;
    report.document_count = 2;
    report.run = write_run();
    char *page = page_of(&report);
    expect_in(page, "<th scope=\"row\">real, train<small>cars</small></th>");
    expect_in(page, "<th scope=\"row\">test<small>cars</small></th>"); /* the same images in another size */
    expect_not_in(page, "<th scope=\"row\">real<");
    expect_not_in(page, "<th scope=\"row\">train<");
    expect_in(page, "<dt>recipe</dt><dd>auto: sngan, 64x64, hinge, width 32, batch 32</dd>");
    free(page);
}

static void trouble_of_the_training_is_in_the_report(void **state)
{
    (void)state;
    standin_report report = STANDIN_REPORT_INIT;
    report.run = write_run();
    scratch_text(
        scratch_path("run/metrics.jsonl"),
        "{\"step\": 50, \"event\": \"alarm\", \"alarm\": \"collapse\", \"sentence\": \"bus & car vary little\"}\n"
        "{\"step\": 80, \"event\": \"finished\"}\n");
    char *page = page_of(&report);
    expect_in(page, "<li>Since step 50: bus &amp; car vary little</li>");
    free(page);
}

static void a_refused_measure_says_why(void **state)
{
    (void)state;
    char *page = page_of_document(evaluation_document);
    expect_in(page, "not measured: images of 64x64 are smaller than 161 pixels");
    free(page);
}

static void what_synthetic_images_are_worth_is_drawn_on_the_curve_of_real_ones(void **state)
{
    (void)state;
    char *page = page_of_document(utility_document);
    expect_in(page, "<svg class=\"wide\" viewBox=\"0 0 720 330\" role=\"img\" "
                    "aria-labelledby=\"utility-curve-w-t utility-curve-w-d\"><title");
    expect_in(page, "TSTR: trained on the synthetic images</li>");
    expect_in(page, "class=\"halo\">410 images</text>");
    expect_in(page, "<figcaption>Learning from 410 real images gives what these synthetic images give");
    expect_in(page, "<th scope=\"row\">240</th><td class=\"number\">66.0 %</td></tr>");
    free(page);
}

static void where_the_curve_does_not_reach_it_is_drawn_without_a_crossing(void **state)
{
    (void)state;
    char *page = page_of_document(
        "{\"kind\": \"utility\", \"rows\": [{\"name\": \"tstr\", \"accuracy\": 0.3, \"interval\": [0.2, 0.4]}],"
        " \"effective_real_size\": {\"refused\": \"worth fewer than 20 real images\", \"curve\":"
        " [{\"images\": 20, \"accuracy\": 0.5}, {\"images\": 40, \"accuracy\": 0.7}]}}");
    expect_in(page, "<figcaption>The synthetic images: worth fewer than 20 real images.");
    expect_in(page, "TSTR: trained on the synthetic images</li>");
    expect_not_in(page, "class=\"halo\"");
    free(page);
}

static void without_coverage_the_worst_class_is_the_one_that_is_found_least(void **state)
{
    (void)state;
    char *page = page_of_document(utility_document);
    expect_in(page, "<p class=\"lead\">truck</p>\n<p>Of all classes the one of which least was learned from synthetic "
                    "images.</p>\n<p>A classifier that saw only synthetic images finds 55.5 % of its real test images, "
                    "one that saw real images 88.0 %.</p>");
    free(page);
    page = page_of_document("{\"kind\": \"utility\", \"rows\": [{\"name\": \"tstr\", \"classes\": [{\"name\": \"a\"},"
                            " {\"sensitivity\": 0.1}]}]}");
    expect_not_in(page, "id=\"worst\"");
    free(page);
}

static void a_leak_is_said_at_the_top(void **state)
{
    (void)state;
    char *page =
        page_of_document("{\"kind\": \"evaluation\", \"verdict\": \"leaks\", \"verdict_reasons\": [\"31 copies\"]}");
    expect_in(page, "<p class=\"verdict bad\">The synthetic images leak training images.</p>");
    expect_in(page, "<p class=\"leak bad\">leaks</p>");
    expect_in(page, "31 copies");
    free(page);
}

static void many_classes_give_the_most_frequent_confusions(void **state)
{
    (void)state;
    enum { MANY = 30 };
    char *document;
    size_t bytes;
    FILE *out = open_memstream(&document, &bytes);
    fputs("{\"kind\": \"utility\", \"rows\": [{\"name\": \"tstr\", \"classes\": [", out);
    for (int i = 0; i < MANY; i++)
        fprintf(out, "%s{\"name\": \"class %d\"}", i ? ", " : "", i);
    fputs("], \"confusion\": [", out);
    for (int i = 0; i < MANY; i++) {
        fputs(i ? ", [" : "[", out);
        for (int j = 0; j < MANY; j++)
            fprintf(out, "%s%d", j ? ", " : "", i == j ? 50 : i == 7 && j == 21 ? 13 : 0);
        fputs("]", out);
    }
    fputs("]}]}", out);
    fclose(out);
    char *page = page_of_document(document);
    expect_in(
        page,
        "<th scope=\"row\">class 7 \u2192 class 21</th><td class=\"number\">13</td><td class=\"number\">20.6 %</td>");
    expect_not_in(page, "class=\"cell");
    free(page);
    free(document);
}

/* ---- What never gets in ----------------------------------------------------------------------------------- */

static void whatever_comes_from_files_is_escaped(void **state)
{
    (void)state;
    const char *const evil[CLASSES] = {"<script>alert(1)<", "a\"onload=\"x", "b&amp;\xFF'"};
    write_set("real", evil, false);
    standin_dataset *real = open_set("real", SIDE);
    const char *document =
        "{\"kind\": \"evaluation\", \"worst\": \"<img src=x onerror=y>\", \"worst_reason\": \"</style><b>\","
        " \"sets\": {\"\\\"><i>\": {\"path\": \"x/<u>\", \"images\": 1}}, \"unknown\": [\"\\u202e\\u0001\"]}";
    standin_report report = STANDIN_REPORT_INIT;
    report.documents = &document;
    report.document_count = 1;
    report.real = real;
    report.title = "<title>&";
    char *page = page_of(&report);
    static const char *const never[] = {"<script", "onload=\"", "<img src=x", "</style><b>",  "<i>",
                                        "<u>",     "<title>&<", "\xFF",       "\xE2\x80\xAE", "\x01"};
    for (size_t i = 0; i < sizeof never / sizeof *never; i++)
        expect_not_in(page, never[i]);
    expect_in(page, "&lt;script&gt;alert(1)&lt;");
    expect_in(page, "<h1>&lt;title&gt;&amp;</h1>");
    expect_in(page, "b&amp;amp;\xEF\xBF\xBD&#39;");
    free(page);
    standin_dataset_free(real);
}

static void numbers_that_are_none_do_not_reach_the_plots(void **state)
{
    (void)state;
    scratch_text(scratch_path("run/metrics.jsonl"),
                 "{\"step\": 1, \"loss_d\": null, \"loss_g\": 1.0, \"seconds\": 1}\n"
                 "{\"step\": 2, \"loss_d\": 1e308, \"loss_g\": -1e308, \"seconds\": 2}\n"
                 "{\"step\": 3, \"loss_d\": 1e999, \"loss_g\": 1.5, \"seconds\": 3}\n"
                 "not a line\n\n"
                 "{\"step\": 4, \"loss_d\": 2.0, \"loss_g\": 1.0, \"logit_real\": 1.0, \"seconds\": 3}\n"
                 "{\"step\": 5, \"loss_d\": 2.0, \"loss_g\": 1.0, \"logit_real\": null, \"logit_fa");
    standin_report report = STANDIN_REPORT_INIT;
    const char *document =
        "{\"kind\": \"estimate\", \"curve\": [{\"images\": 0, \"accuracy\": 0.5}, {\"images\": 10, \"accuracy\": 0.5},"
        " {\"images\": 1e300, \"accuracy\": 1e300, \"interval\": [-1e308, 1e308]}],"
        " \"fits\": [{\"form\": \"power\", \"a\": 1, \"b\": -1e9, \"c\": 0}, {\"form\": \"logarithm\"}]}";
    report.documents = &document;
    report.document_count = 1;
    report.run = scratch_path("run");
    char *page = page_of(&report);
    char *body = strstr(page, "<body>");
    assert_non_null(body);
    for (char *letter = body; *letter; letter++)
        *letter = (char)(*letter >= 'A' && *letter <= 'Z' ? *letter + 32 : *letter);
    expect_not_in(body, "nan");
    expect_not_in(body, "inf");
    free(page);
}

static void the_same_seed_gives_the_same_page_and_another_one_others(void **state)
{
    (void)state;
    char *one = whole_page(), *again = page_with_seed(1), *other = page_with_seed(2);
    assert_string_equal(one, again);
    assert_string_not_equal(strstr(one, "id=\"samples\""), strstr(other, "id=\"samples\""));
    free(one);
    free(again);
    free(other);
}

/* ---- Bad input -------------------------------------------------------------------------------------------- */

static void material_without_sense_is_refused(void **state)
{
    (void)state;
    const char *path = scratch_path("report.html"), *document = "{\"kind\": \"horoscope\"}";
    standin_report report = STANDIN_REPORT_INIT;
    report.documents = &document;
    report.document_count = 1;
    assert_int_equal(standin_report_write(path, &report), STANDIN_INPUT);
    report.document_count = 0;
    report.run = scratch_path("no-run");
    assert_int_equal(standin_report_write(path, &report), STANDIN_FILE);
    assert_non_null(strstr(standin_error_message(), "no-run"));
    report.run = NULL;
    must(standin_report_write(path, &report)); /* nothing at all is an empty report */
    assert_int_equal(standin_report_write(scratch_path("no/folder/report.html"), &report), STANDIN_FILE);
}

static void sets_without_pixels_are_refused(void **state)
{
    (void)state;
    write_set("real", vehicles, false);
    standin_dataset *real = open_set("real", 0);
    standin_report report = STANDIN_REPORT_INIT;
    report.real = real;
    assert_int_equal(standin_report_write(scratch_path("report.html"), &report), STANDIN_INPUT);
    assert_non_null(strstr(standin_error_message(), "open the set with a size"));
    standin_dataset_free(real);
}

/* ---- Training, for a page that is shown while it goes on --------------------------------------------------- */

static void a_run_that_has_just_begun_is_no_error(void **state)
{
    (void)state;
    struct html_training *training;
    scratch_folder(scratch_path("run"));
    must(html_training_read(&training, scratch_path("run")));
    assert_int_equal(training->count, 0);
    assert_true(isnan(html_training_seconds(training)));
    html_training_free(training);
}

static void curves_and_newest_samples_are_part_of_the_training(void **state)
{
    (void)state;
    struct html_training *training;
    write_run();
    image_file_plain(scratch_path("run/samples/step-00000100.png"), 20, 10, 3, 90);
    image_file_plain(scratch_path("run/samples/step-00002000.png"), 40, 30, 3, 90);
    scratch_text(scratch_path("run/samples/step-x.png"), "no picture");
    must(html_training_read(&training, scratch_path("run")));
    assert_int_equal(training->count, 500);
    assert_int_equal(training->samples_step, 2000);
    assert_int_equal(training->samples_width, 40);
    char *text;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);
    html_training_write_curves(out, training);
    html_training_write_samples(out, training);
    fclose(out);
    expect_in(text, "aria-labelledby=\"losses-w-t losses-w-d\"");
    expect_in(text, "Step 2,000");
    free(text);
    html_training_free(training);
}

static void the_numbers_of_a_training_are_those_that_the_page_draws(void **state)
{
    (void)state;
    char *text;
    must(standin_training_numbers(&text, write_run()));
    json_t *numbers = json_loads(text, 0, NULL), *first = json_array_get(json_object_get(numbers, "curves"), 0);
    json_t *look = json_array_get(json_object_get(numbers, "curves"), 4);
    assert_int_equal(json_integer_value(json_object_get(numbers, "steps")), 1997);
    assert_float_equal(json_number_value(json_object_get(numbers, "seconds")), 1717.42, 1e-9);
    assert_string_equal(json_string_value(json_object_get(json_object_get(numbers, "settings"), "loss")), "hinge");
    assert_int_equal(json_array_size(json_object_get(numbers, "alarms")), 0);
    assert_string_equal(json_string_value(json_object_get(first, "name")), "loss_d");
    /* 500 lines, three a stretch */
    assert_int_equal(json_array_size(json_object_get(first, "steps")), 167);
    assert_float_equal(json_number_value(json_array_get(json_object_get(first, "steps"), 0)), 5, 1e-9);
    assert_int_equal(json_array_size(json_object_get(first, "largest")), 167);
    assert_string_equal(json_string_value(json_object_get(look, "name")), "diversity");
    assert_null(json_object_get(look, "largest"));
    json_decref(numbers);
    standin_text_free(text);
    assert_int_equal(standin_training_numbers(&text, scratch_path("no-run")), STANDIN_FILE);
}

static void a_run_that_says_nothing_has_no_numbers(void **state)
{
    (void)state;
    char *text;
    scratch_folder(scratch_path("run"));
    must(standin_training_numbers(&text, scratch_path("run")));
    assert_string_equal(text, "{\n  \"settings\": {},\n  \"alarms\": [],\n  \"curves\": []\n}");
    standin_text_free(text);
}

/* ---- Plots ------------------------------------------------------------------------------------------------ */

static void expect_ticks(double low, double high, bool logarithmic, bool share, const char *expected)
{
    struct axis axis;
    char text[400] = "";
    assert_true(axis_make(&axis, low, high, 5, logarithmic, share));
    for (int i = 0; i < axis.ticks; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", i ? " | " : "", axis.text[i]);
    assert_string_equal(text, expected);
}

static void axes_have_round_numbers(void **state)
{
    (void)state;
    expect_ticks(0, 1, false, true, "0 % | 20 % | 40 % | 60 % | 80 % | 100 %");
    expect_ticks(.412, .943, false, true, "40 % | 60 % | 80 % | 100 %");
    expect_ticks(-.03, .07, false, false, "-0.04 | -0.02 | 0.00 | 0.02 | 0.04 | 0.06 | 0.08");
    expect_ticks(0, 48000, false, false, "0 | 10,000 | 20,000 | 30,000 | 40,000 | 50,000");
    expect_ticks(60, 1920, true, false, "100 | 200 | 500 | 1,000");
    expect_ticks(7, 7, false, false, "6.0 | 6.5 | 7.0 | 7.5 | 8.0");
}

static void an_axis_without_range_is_none(void **state)
{
    (void)state;
    struct axis axis;
    assert_false(axis_make(&axis, 1, 0, 5, false, false));
    assert_false(axis_make(&axis, NAN, 1, 5, false, false));
    assert_false(axis_make(&axis, 0, 10, 5, true, false));
    assert_false(axis_make(&axis, -1e308, 1.7e308, 5, false, false));
}

static void a_gap_in_the_numbers_is_a_gap_in_the_line(void **state)
{
    (void)state;
    const double x[] = {0, 1, 2, 3, 4}, y[] = {1, 2, NAN, 2, 1};
    const struct plot_series series = {
        .name = "s", .marks = PLOT_LINE, .colour = PLOT_REAL, .x = x, .y = y, .count = 5};
    const struct plot plot = {.id = "p", .title = "t", .description = "d", .series = &series, .series_count = 1};
    char *text;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);
    plot_write(out, &plot);
    fclose(out);
    int lines = 0;
    for (const char *at = text; (at = strstr(at, "class=\"line c1\" d=\"M")); at++)
        lines++;
    assert_int_equal(lines, 2 * 2 + 1); /* two pieces, twice, and the legend */
    free(text);
}

static int end_images(void **state)
{
    (void)state;
    image_files_end();
    return 0;
}


int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(the_page_opens_with_a_sentence_of_verdict),
        IN_SCRATCH(the_page_has_every_part_and_a_link_to_it),
        IN_SCRATCH(parts_without_material_are_left_out),
        IN_SCRATCH(the_page_needs_nothing_from_outside),
        IN_SCRATCH(where_the_data_lie_is_not_told),
        IN_SCRATCH(time_taken_and_predicted_stand_side_by_side),
        IN_SCRATCH(the_whole_job_says_what_each_stage_was_to_take_and_took),
        IN_SCRATCH(times_are_added_up_where_all_are_known),
        IN_SCRATCH(a_set_that_played_two_parts_is_one_row),
        IN_SCRATCH(trouble_of_the_training_is_in_the_report),
        IN_SCRATCH(a_refused_measure_says_why),
        IN_SCRATCH(what_synthetic_images_are_worth_is_drawn_on_the_curve_of_real_ones),
        IN_SCRATCH(where_the_curve_does_not_reach_it_is_drawn_without_a_crossing),
        IN_SCRATCH(without_coverage_the_worst_class_is_the_one_that_is_found_least),
        IN_SCRATCH(a_leak_is_said_at_the_top),
        IN_SCRATCH(many_classes_give_the_most_frequent_confusions),
        IN_SCRATCH(whatever_comes_from_files_is_escaped),
        IN_SCRATCH(numbers_that_are_none_do_not_reach_the_plots),
        IN_SCRATCH(the_same_seed_gives_the_same_page_and_another_one_others),
        IN_SCRATCH(material_without_sense_is_refused),
        IN_SCRATCH(sets_without_pixels_are_refused),
        IN_SCRATCH(a_run_that_has_just_begun_is_no_error),
        IN_SCRATCH(curves_and_newest_samples_are_part_of_the_training),
        IN_SCRATCH(the_numbers_of_a_training_are_those_that_the_page_draws),
        IN_SCRATCH(a_run_that_says_nothing_has_no_numbers),
        cmocka_unit_test(axes_have_round_numbers),
        cmocka_unit_test(an_axis_without_range_is_none),
        cmocka_unit_test(a_gap_in_the_numbers_is_a_gap_in_the_line),
    };
    return cmocka_run_group_tests(tests, NULL, end_images);
}
