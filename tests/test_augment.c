/* Augmentation: each part does to an image what its definition says with the same random numbers, in double; its
 * gradient agrees with differences; its strength is a probability; both backends agree; and ADA's controller. */
#include "train/augment.h"

#include "base/philox.h"
#include "machine.h"
#include "train/augment_control.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { IMAGES = 40, HEIGHT = 10, WIDTH = 12, CHANNELS = 3, PIXELS = HEIGHT * WIDTH, ELEMENTS = PIXELS * CHANNELS };
enum { SEED = 5, STEP = 3, PURPOSE = RANDOM_USER + 100 };
static const int side[2] = {WIDTH, HEIGHT};

/* ---- The definition, image by image ----------------------------------------------------------------------- */

/* Number `index` of an image for a part, or, `choice`, for whether the part is applied. */
static double number_of(unsigned part, int image, int index, bool choice)
{
    uint32_t purpose = PURPOSE + (choice ? AUGMENT_PARTS : 0);
    for (unsigned bit = 1; bit != part; bit *= 2)
        purpose++;
    float numbers[2];
    const random_address address = {SEED, STEP, purpose, (uint64_t)image};
    if (part == AUGMENT_SCALE && !choice)
        random_normal(address, 0, 2, numbers);
    else
        random_uniform(address, 0, 2, numbers);
    return (double)numbers[index];
}

static bool applied(unsigned parts, unsigned part, int image, double strength)
{
    return parts & part && number_of(part, image, 0, true) < strength;
}

static double mean_of(const double *x, int count)
{
    double sum = 0;
    for (int i = 0; i < count; i++)
        sum += x[i];
    return sum / count;
}

static void expect_colour(double x[ELEMENTS], unsigned parts, int image, double strength)
{
    if (applied(parts, AUGMENT_BRIGHTNESS, image, strength))
        for (int i = 0; i < ELEMENTS; i++)
            x[i] += number_of(AUGMENT_BRIGHTNESS, image, 0, false) - 0.5;
    for (int i = 0; i < PIXELS && applied(parts, AUGMENT_SATURATION, image, strength); i++) {
        const double mean = mean_of(x + i * CHANNELS, CHANNELS);
        for (int c = 0; c < CHANNELS; c++)
            x[i * CHANNELS + c] =
                mean + 2 * number_of(AUGMENT_SATURATION, image, 0, false) * (x[i * CHANNELS + c] - mean);
    }
    const double mean = mean_of(x, ELEMENTS);
    if (applied(parts, AUGMENT_CONTRAST, image, strength))
        for (int i = 0; i < ELEMENTS; i++)
            x[i] = mean + (0.5 + number_of(AUGMENT_CONTRAST, image, 0, false)) * (x[i] - mean);
}

static double pixel_or_nothing(const double x[ELEMENTS], int row, int column, int channel)
{
    const bool inside = row >= 0 && row < HEIGHT && column >= 0 && column < WIDTH;
    return inside ? x[(row * WIDTH + column) * CHANNELS + channel] : 0;
}

/* What lies at (x, y), in pixels from the middle of the image. */
static double between_pixels(const double image[ELEMENTS], double x, double y, int channel)
{
    const double column = x + (WIDTH - 1) / 2.0, row = y + (HEIGHT - 1) / 2.0;
    const int left = (int)floor(column + 1e-9), top = (int)floor(row + 1e-9);
    const double right = column - left, down = row - top;
    return (1 - down) * ((1 - right) * pixel_or_nothing(image, top, left, channel) +
                         right * pixel_or_nothing(image, top, left + 1, channel)) +
           down * ((1 - right) * pixel_or_nothing(image, top + 1, left, channel) +
                   right * pixel_or_nothing(image, top + 1, left + 1, channel));
}

static void expect_moved(double image[ELEMENTS], unsigned parts, int index, double strength)
{
    double shift[2] = {0, 0}, sine = 0, size = 1, sign = 1, moved[ELEMENTS];
    for (int axis = 0; axis < 2 && applied(parts, AUGMENT_TRANSLATION, index, strength); axis++) {
        const double most = floor(side[axis] / 8.0 + 0.5);
        shift[axis] = floor(number_of(AUGMENT_TRANSLATION, index, axis, false) * (2 * most + 1)) - most;
    }
    if (applied(parts, AUGMENT_MIRROR, index, strength) && number_of(AUGMENT_MIRROR, index, 0, false) > 0.5)
        sign = -1;
    if (applied(parts, AUGMENT_SCALE, index, strength))
        size = pow(2, 0.2 * number_of(AUGMENT_SCALE, index, 0, false));
    if (applied(parts, AUGMENT_ROTATION, index, strength))
        sine = sin(10 * acos(-1) / 180) * (2 * number_of(AUGMENT_ROTATION, index, 0, false) - 1);
    const double cosine = cos(asin(sine));
    for (int i = 0; i < ELEMENTS; i++) {
        const int column = i / CHANNELS % WIDTH, row = i / CHANNELS / WIDTH;
        const double x = sign * (column - (WIDTH - 1) / 2.0 - shift[0]), y = row - (HEIGHT - 1) / 2.0 - shift[1];
        moved[i] = between_pixels(image, (cosine * x + sine * y) / size, (cosine * y - sine * x) / size, i % CHANNELS);
    }
    memcpy(image, moved, sizeof moved);
}

static void expect_cut_out(double x[ELEMENTS], unsigned parts, int image, double strength)
{
    int first[2], last[2];
    if (!applied(parts, AUGMENT_CUTOUT, image, strength))
        return;
    for (int axis = 0; axis < 2; axis++) {
        const int length = side[1 - axis], box = (int)(length / 2.0 + 0.5);
        const double draw = number_of(AUGMENT_CUTOUT, image, axis, false);
        first[axis] = (int)(draw * (length + 1 - box % 2)) - box / 2;
        last[axis] = first[axis] + box;
    }
    for (int i = 0; i < ELEMENTS; i++) {
        const int column = i / CHANNELS % WIDTH, row = i / CHANNELS / WIDTH;
        if (row >= first[0] && row < last[0] && column >= first[1] && column < last[1])
            x[i] = 0;
    }
}

/* ---- The graph ------------------------------------------------------------------------------------------- */

struct trial {
    struct machine machine;
    struct node *result, *gradient; /* of a scalar that is not linear in the result, with respect to the images */
    struct node *value;
    double *images, *wanted;
    float *narrow;
    double strength;
};

static struct trial begin(unsigned parts, double strength, bool always)
{
    struct trial t = {.machine = machine_new(), .strength = strength};
    struct graph *g = t.machine.graph;
    const struct shape shape = shape_batch(IMAGES, 3, (int64_t[]){HEIGHT, WIDTH, CHANNELS});
    struct node *x = graph_input(g, "images", shape);
    t.result = augment(g, parts, x, always ? NULL : graph_input(g, "strength", (struct shape){0}), PURPOSE);
    assert_non_null(t.result);
    struct node *bent = graph_add(g, t.result, graph_multiply(g, t.result, t.result));
    t.value =
        graph_sum_all(g, graph_multiply(g, bent, graph_random(g, RANDOM_DISTRIBUTION_UNIFORM, RANDOM_USER, shape)));
    must(graph_gradient(g, t.value, 1, &x, 0, NULL, &t.gradient));
    graph_output(g, t.result);
    graph_output(g, t.value);
    graph_output(g, t.gradient);
    t.images = calloc(IMAGES * ELEMENTS, sizeof *t.images);
    t.wanted = calloc(IMAGES * ELEMENTS, sizeof *t.wanted);
    t.narrow = calloc(IMAGES * ELEMENTS, sizeof *t.narrow);
    assert_true(t.images && t.wanted && t.narrow);
    random_uniform((random_address){1, 0, RANDOM_USER, 0}, 0, IMAGES * ELEMENTS, t.narrow);
    for (int i = 0; i < IMAGES * ELEMENTS; i++)
        t.wanted[i] = t.images[i] = (double)(t.narrow[i] = 2 * t.narrow[i] - 1);
    return t;
}

static void run(struct trial *t)
{
    must(executor_bind(t->machine.executor, "images", t->images));
    executor_bind(t->machine.executor, "strength", &t->strength); /* not there if always */
    must(executor_run(t->machine.executor, SEED, STEP));
}

static void end(struct trial *t)
{
    machine_stop(&t->machine);
    free(t->images);
    free(t->wanted);
    free(t->narrow);
}

static void expect_definition(unsigned parts, double strength, bool always)
{
    struct trial t = begin(parts, strength, always);
    machine_start(&t.machine, &plain_f64, 3);
    run(&t);
    const double *result = executor_output(t.machine.executor, t.result);
    int changed = 0;
    for (int n = 0; n < IMAGES; n++) {
        double *wanted = t.wanted + n * ELEMENTS;
        expect_colour(wanted, parts, n, always ? 2 : strength);
        expect_moved(wanted, parts, n, always ? 2 : strength);
        expect_cut_out(wanted, parts, n, always ? 2 : strength);
        bool same = true;
        for (int i = 0; i < ELEMENTS; i++) {
            if (!(fabs(result[n * ELEMENTS + i] - wanted[i]) <= 1e-6))
                fail_msg("parts %u, image %d, number %d: %.9g, not %.9g", parts, n, i, result[n * ELEMENTS + i],
                         wanted[i]);
            same = same && fabs(wanted[i] - t.images[n * ELEMENTS + i]) < 1e-6;
        }
        changed += !same;
    }
    if (strength > 0 || always)
        assert_in_range(changed, 5, IMAGES);
    else
        assert_int_equal(changed, 0);
    end(&t);
}

static void each_part_does_what_its_definition_says(void **state)
{
    (void)state;
    for (unsigned part = 1; part < AUGMENT_ALL; part *= 2)
        expect_definition(part, 1, true);
}

static void all_parts_together_follow_the_order_of_the_paper(void **state)
{
    (void)state;
    expect_definition(AUGMENT_ALL, 1, true);
    expect_definition(AUGMENT_ALL & ~(unsigned)(AUGMENT_SCALE | AUGMENT_ROTATION), 1, true);
}

static void strength_is_the_probability_of_each_part_for_each_image(void **state)
{
    (void)state;
    for (unsigned part = 1; part < AUGMENT_ALL; part *= 2)
        expect_definition(part, 0.6, false);
    expect_definition(AUGMENT_ALL, 0.3, false);
}

static void at_strength_0_nothing_changes(void **state)
{
    (void)state;
    expect_definition(AUGMENT_ALL, 0, false);
}

static void at_strength_1_all_are_augmented(void **state)
{
    (void)state;
    expect_definition(AUGMENT_ALL, 1, false);
}

static void no_parts_are_no_operations(void **state)
{
    (void)state;
    struct machine machine = machine_new();
    struct node *x = graph_input(machine.graph, "x", shape_batch(2, 3, (int64_t[]){8, 8, 3}));
    assert_ptr_equal(augment(machine.graph, 0, x, NULL, PURPOSE), x);
    graph_free(machine.graph);
}

static void saturation_leaves_grey_images_alone(void **state)
{
    (void)state;
    struct machine machine = machine_new();
    struct node *x = graph_input(machine.graph, "x", shape_batch(2, 3, (int64_t[]){8, 8, 1}));
    assert_ptr_equal(augment(machine.graph, AUGMENT_SATURATION, x, NULL, PURPOSE), x);
    graph_free(machine.graph);
}

/* Images through another gate of numbers are augmented otherwise: real and generated ones share nothing. */
static void other_purposes_are_other_augmentations(void **state)
{
    (void)state;
    struct machine machine = machine_new();
    struct graph *g = machine.graph;
    struct node *x = graph_input(g, "x", shape_batch(2, 3, (int64_t[]){8, 8, 3}));
    struct node *here = augment(g, AUGMENT_BRIGHTNESS, x, NULL, PURPOSE);
    assert_ptr_equal(augment(g, AUGMENT_BRIGHTNESS, x, NULL, PURPOSE), here);
    assert_ptr_not_equal(augment(g, AUGMENT_BRIGHTNESS, x, NULL, PURPOSE + AUGMENT_PURPOSES), here);
    graph_free(g);
}

static double value_at(struct trial *t, const double *from, const double *direction, double distance)
{
    for (int i = 0; i < IMAGES * ELEMENTS; i++)
        t->images[i] = from[i] + distance * direction[i];
    run(t);
    return *(const double *)executor_output(t->machine.executor, t->value);
}

static void the_gradient_agrees_with_differences(void **state)
{
    (void)state;
    struct trial t = begin(AUGMENT_ALL, 0.7, false);
    machine_start(&t.machine, &plain_f64, 3);
    run(&t);
    const double *gradient = executor_output(t.machine.executor, t.gradient);
    double *direction = calloc(IMAGES * ELEMENTS, sizeof *direction), slope = 0;
    assert_non_null(direction);
    for (int i = 0; i < IMAGES * ELEMENTS; i++) {
        direction[i] = sin(i);
        slope += gradient[i] * direction[i];
    }
    const double h = 1e-3; /* the value is a quadratic polynomial: the difference has no error but rounding */
    const double difference = (value_at(&t, t.wanted, direction, h) - value_at(&t, t.wanted, direction, -h)) / (2 * h);
    assert_true(fabs(difference) > 1);
    assert_true(fabs(slope - difference) <= 1e-8 * fabs(difference));
    free(direction);
    end(&t);
}

static double *narrow_values(struct trial *t, struct node *node)
{
    const float *result = executor_output(t->machine.executor, node);
    double *values = calloc(IMAGES * ELEMENTS, sizeof *values);
    assert_non_null(values);
    for (int i = 0; i < IMAGES * ELEMENTS; i++)
        values[i] = (double)result[i];
    return values;
}

/* Shifts by whole pixels and mirrors take a way of their own there, forwards and in the gradient. */
static void the_fast_backend_agrees_with_the_plain_one(void **state)
{
    (void)state;
    static const unsigned parts[3] = {AUGMENT_TRANSLATION | AUGMENT_MIRROR, AUGMENT_ALL,
                                      AUGMENT_ALL & ~(unsigned)(AUGMENT_SCALE | AUGMENT_ROTATION)};
    for (int k = 0; k < 3; k++) {
        struct trial plain = begin(parts[k], 1, true), fast = begin(parts[k], 1, true);
        machine_start(&plain.machine, &plain_f64, 3);
        machine_start(&fast.machine, &cpu_f32, 3);
        run(&plain);
        must(executor_bind(fast.machine.executor, "images", fast.narrow));
        must(executor_run(fast.machine.executor, SEED, STEP));
        double *result = narrow_values(&fast, fast.result), *gradient = narrow_values(&fast, fast.gradient);
        const double *wanted = executor_output(plain.machine.executor, plain.result);
        const double *slope = executor_output(plain.machine.executor, plain.gradient);
        for (int i = 0; i < IMAGES * ELEMENTS; i++) {
            assert_true(fabs(result[i] - wanted[i]) <= 2e-5);
            assert_true(fabs(gradient[i] - slope[i]) <= 2e-4);
        }
        free(result);
        free(gradient);
        end(&plain);
        end(&fast);
    }
}

/* ---- Names ------------------------------------------------------------------------------------------------ */

static void every_policy_reads_back_as_it_was_written(void **state)
{
    (void)state;
    for (unsigned parts = 0; parts <= AUGMENT_ALL; parts++) {
        char *text;
        unsigned read = ~parts;
        must(augment_text(&text, parts));
        must(augment_parse(&read, text));
        assert_int_equal(read, parts);
        free(text);
    }
}

static void names_are_joined_by_plus_or_comma_in_any_order(void **state)
{
    (void)state;
    unsigned parts;
    char *text;
    must(augment_parse(&parts, "cutout,translation+brightness"));
    assert_int_equal(parts, AUGMENT_CUTOUT | AUGMENT_TRANSLATION | AUGMENT_BRIGHTNESS);
    must(augment_text(&text, parts));
    assert_string_equal(text, "brightness+translation+cutout");
    free(text);
    assert_string_equal(augment_name(AUGMENT_ROTATION), "rotation");
}

static void an_unknown_word_is_named_with_the_known_ones(void **state)
{
    (void)state;
    unsigned parts = 77;
    assert_int_equal(augment_parse(&parts, "mirror+colour"), STATUS_INPUT);
    assert_string_equal(
        error_message(),
        "augmentation 'colour' is unknown; there are brightness, saturation, contrast, translation, cutout, "
        "mirror, scale, rotation, joined by '+', or none alone");
    static const char *const wrong[] = {"",      "+",       "mirror+", ",mirror", "none+mirror",
                                        "mirro", "mirrors", "auto",    " mirror"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(augment_parse(&parts, wrong[i]), STATUS_INPUT);
    assert_int_equal(parts, 77);
}

/* ---- The controller --------------------------------------------------------------------------------------- */

static void see_many(struct augment_control *control, double sign, int64_t steps, int64_t images)
{
    for (int64_t i = 0; i < steps; i++)
        augment_control_see(control, sign, images);
}

static void a_sure_discriminator_raises_the_strength_to_its_limit(void **state)
{
    (void)state;
    struct augment_control control;
    augment_control_begin(&control);
    see_many(&control, 0.9, 3, 50);
    assert_true(control.strength == 0); /* one decision in four steps */
    see_many(&control, 0.9, 1, 50);
    assert_true(fabs(control.strength - 200 / 500000.0) < 1e-12);
    assert_true(fabs(control.sureness - 0.9) < 1e-12);
    see_many(&control, 0.9, 4996, 50); /* 250,000 images in all */
    assert_true(fabs(control.strength - 0.5) < 1e-9);
    see_many(&control, 0.9, 5000, 50);
    assert_true(control.strength == 0.8);
}

static void an_unsure_one_lowers_it_to_zero(void **state)
{
    (void)state;
    struct augment_control control;
    augment_control_begin(&control);
    control.strength = 0.3;
    see_many(&control, 0.6, 1000, 50); /* the target itself is not above it */
    assert_true(fabs(control.strength - 0.2) < 1e-9);
    see_many(&control, -1, 4000, 50);
    assert_true(control.strength == 0);
}

static void the_mean_of_four_steps_decides(void **state)
{
    (void)state;
    struct augment_control control;
    augment_control_begin(&control);
    augment_control_see(&control, 0, 10);
    see_many(&control, 1, 3, 10);
    assert_true(fabs(control.sureness - 0.75) < 1e-12);
    assert_true(control.strength > 0);
}

static void a_step_gone_wrong_is_passed_over(void **state)
{
    (void)state;
    struct augment_control control, before;
    augment_control_begin(&control);
    see_many(&control, 0.5, 2, 10);
    before = control;
    augment_control_see(&control, NAN, 10);
    assert_memory_equal(&control, &before, sizeof control);
}

static void a_saved_controller_goes_on_as_if_nothing_had_happened(void **state)
{
    (void)state;
    struct augment_control control, other = {0};
    struct metadata *metadata;
    must(metadata_new(&metadata));
    augment_control_begin(&control);
    assert_true(augment_control_load(&other, metadata) < 0); /* nothing saved */
    see_many(&control, 0.7123, 4007, 33);
    must(augment_control_save(&control, metadata));
    must(augment_control_load(&other, metadata));
    see_many(&control, 0.3, 10, 33);
    see_many(&other, 0.3, 10, 33);
    assert_memory_equal(&control, &other, sizeof control);
    must(metadata_set(metadata, "augment.strength", "1.5"));
    assert_true(augment_control_load(&other, metadata) < 0);
    assert_memory_equal(&control, &other, sizeof control);
    metadata_free(metadata);
}

static void the_sign_of_logits_is_their_majority(void **state)
{
    (void)state;
    static const double logits[5] = {3, -0.1, 0.2, 7, 1};
    struct machine machine = machine_new();
    struct node *input = graph_input(machine.graph, "logits", shape_batch(5, 1, (int64_t[]){1}));
    struct node *sign = augment_sign(machine.graph, input);
    graph_output(machine.graph, sign);
    machine_start(&machine, &plain_f64, 2);
    must(executor_bind(machine.executor, "logits", logits));
    must(executor_run(machine.executor, 1, 1));
    assert_true(fabs(*(const double *)executor_output(machine.executor, sign) - 0.6) < 1e-12);
    machine_stop(&machine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_part_does_what_its_definition_says),
        cmocka_unit_test(all_parts_together_follow_the_order_of_the_paper),
        cmocka_unit_test(strength_is_the_probability_of_each_part_for_each_image),
        cmocka_unit_test(at_strength_0_nothing_changes),
        cmocka_unit_test(at_strength_1_all_are_augmented),
        cmocka_unit_test(no_parts_are_no_operations),
        cmocka_unit_test(saturation_leaves_grey_images_alone),
        cmocka_unit_test(other_purposes_are_other_augmentations),
        cmocka_unit_test(the_gradient_agrees_with_differences),
        cmocka_unit_test(the_fast_backend_agrees_with_the_plain_one),
        cmocka_unit_test(every_policy_reads_back_as_it_was_written),
        cmocka_unit_test(names_are_joined_by_plus_or_comma_in_any_order),
        cmocka_unit_test(an_unknown_word_is_named_with_the_known_ones),
        cmocka_unit_test(a_sure_discriminator_raises_the_strength_to_its_limit),
        cmocka_unit_test(an_unsure_one_lowers_it_to_zero),
        cmocka_unit_test(the_mean_of_four_steps_decides),
        cmocka_unit_test(a_step_gone_wrong_is_passed_over),
        cmocka_unit_test(a_saved_controller_goes_on_as_if_nothing_had_happened),
        cmocka_unit_test(the_sign_of_logits_is_their_majority),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
