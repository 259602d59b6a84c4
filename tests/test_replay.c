/* Experience replay: what each mode shows and keeps, step by step, that labels stay with their pictures, and that a
 * loaded buffer goes on as the saved one does. */
#include "machine.h"
#include "train/replay.h"

#include <stdlib.h>
#include <string.h>

/* Picture i of step s is filled with 100 s + i, and so is its label: what is seen tells where it comes from. */
enum { HEIGHT = 2, WIDTH = 3, CHANNELS = 2, PIXELS = HEIGHT * WIDTH * CHANNELS, BATCH = 4, BATCH_MAXIMUM = 64 };
static const float stranger = -1;

struct rig {
    struct replay_settings settings;
    struct store *store;
    struct replay *replay;
};

static struct rig rig_open(enum replay_mode mode, int64_t batch, uint64_t seed)
{
    struct rig rig = {.settings = {mode, batch, HEIGHT, WIDTH, CHANNELS, seed}};
    must(store_new(&rig.store, NUMBER_F32));
    must(replay_new(&rig.replay, &rig.settings, rig.store));
    return rig;
}

static void rig_close(struct rig *rig)
{
    replay_free(rig->replay);
    store_free(rig->store);
}

/* seen[i] = whose picture is shown in place i, or `stranger` where the fresh one is. */
static void before(const struct rig *rig, struct replay_moment moment, float *seen)
{
    must(replay_before(rig->replay, &moment));
    const struct replay_inputs inputs = replay_inputs(rig->replay);
    for (int64_t i = 0; i < rig->settings.batch; i++) {
        const float mask = ((const float *)inputs.mask)[i];
        assert_true(mask == 0 || mask == 1);
        seen[i] = stranger;
        if (mask == 0)
            continue;
        const float *picture = (const float *)inputs.pictures + i * PIXELS;
        seen[i] = picture[0];
        for (int k = 0; k < PIXELS; k++)
            assert_true(picture[k] == seen[i]);
        assert_true(((const float *)inputs.labels)[i] == seen[i]);
    }
}

static void after(const struct rig *rig, struct replay_moment moment)
{
    float pictures[BATCH_MAXIMUM * PIXELS], labels[BATCH_MAXIMUM];
    for (int64_t i = 0; i < rig->settings.batch; i++) {
        labels[i] = (float)(100 * (int64_t)moment.step + i);
        for (int k = 0; k < PIXELS; k++)
            pictures[i * PIXELS + k] = labels[i];
    }
    replay_after(rig->replay, &moment, pictures, labels);
}

static const float *kept(const struct rig *rig)
{
    const struct tensor *pictures = store_find(rig->store, "replay.images");
    const struct tensor *labels = store_find(rig->store, "replay.labels");
    for (int64_t i = 0; i < labels->shape.size[0]; i++)
        for (int k = 0; k < PIXELS; k++)
            assert_true(((const float *)pictures->data)[i * PIXELS + k] == ((const float *)labels->data)[i]);
    return labels->data;
}

static int filled(const struct rig *rig)
{
    return (int)*(const float *)store_find(rig->store, "replay.filled")->data;
}

static int count(const float *seen, int64_t batch)
{
    int replayed = 0;
    for (int64_t i = 0; i < batch; i++)
        replayed += seen[i] != stranger;
    return replayed;
}

static bool among(float value, const float *values, int64_t length)
{
    for (int64_t i = 0; i < length; i++)
        if (values[i] == value)
            return true;
    return false;
}

/* --- epoch -------------------------------------------------------------------------------------------------- */

static void epoch_keeps_one_picture_of_the_last_step_of_each_epoch(void **state)
{
    (void)state;
    struct rig rig = rig_open(REPLAY_EPOCH, BATCH, 1);
    float seen[BATCH];
    for (uint64_t step = 0; step < 9; step++) {
        const struct replay_moment moment = {step, .epoch_ends = step % 3 == 2};
        before(&rig, moment, seen);
        assert_int_equal(count(seen, BATCH), 0);
        after(&rig, moment);
        assert_int_equal(filled(&rig), (step + 1) / 3);
    }
    for (int i = 0; i < 3; i++) {
        const float origin = kept(&rig)[i];
        assert_true(origin >= (float)(100 * (3 * i + 2)) && origin < (float)(100 * (3 * i + 2) + BATCH));
    }
    rig_close(&rig);
}

static void epoch_shows_what_there_is_in_the_last_epoch_and_forgets_it(void **state)
{
    (void)state;
    struct rig rig = rig_open(REPLAY_EPOCH, BATCH, 1);
    float seen[BATCH], expected[2];
    for (uint64_t step = 0; step < 2; step++) {
        const struct replay_moment moment = {step, .epoch_ends = true};
        before(&rig, moment, seen);
        after(&rig, moment);
    }
    memcpy(expected, kept(&rig), sizeof expected);
    const struct replay_moment last[2] = {{2, .last_epoch = true}, {3, .epoch_ends = true, .last_epoch = true}};
    before(&rig, last[0], seen);
    assert_memory_equal(seen, expected, sizeof expected);
    assert_true(seen[2] == stranger && seen[3] == stranger);
    after(&rig, last[0]);
    assert_int_equal(filled(&rig), 0);
    before(&rig, last[1], seen);
    assert_int_equal(count(seen, BATCH), 0);
    after(&rig, last[1]);
    assert_int_equal(filled(&rig), 0);
    rig_close(&rig);
}

static void epoch_shows_a_full_buffer_before_it_keeps_on_filling(void **state)
{
    (void)state;
    struct rig rig = rig_open(REPLAY_EPOCH, BATCH, 1);
    float seen[BATCH], expected[BATCH];
    for (uint64_t step = 0; step < BATCH; step++) {
        const struct replay_moment moment = {step, .epoch_ends = true};
        before(&rig, moment, seen);
        assert_int_equal(count(seen, BATCH), 0);
        after(&rig, moment);
    }
    memcpy(expected, kept(&rig), sizeof expected);
    const struct replay_moment next = {BATCH, .epoch_ends = true};
    before(&rig, next, seen);
    assert_memory_equal(seen, expected, sizeof expected);
    after(&rig, next);
    assert_int_equal(filled(&rig), 1);
    assert_true(kept(&rig)[0] >= 100 * BATCH);
    rig_close(&rig);
}

/* --- history ------------------------------------------------------------------------------------------------ */

static void history_takes_in_the_half_that_was_shown_fresh(void **state)
{
    (void)state;
    struct rig rig = rig_open(REPLAY_HISTORY, BATCH, 1);
    float seen[BATCH];
    before(&rig, (struct replay_moment){0}, seen);
    assert_int_equal(count(seen, BATCH), 0);
    after(&rig, (struct replay_moment){0});
    assert_int_equal(filled(&rig), 2);
    assert_memory_equal(kept(&rig), ((float[]){2, 3, 0, 0}), BATCH * sizeof(float));

    before(&rig, (struct replay_moment){1, false, false}, seen);
    assert_true((seen[0] == 2 && seen[1] == 3) || (seen[0] == 3 && seen[1] == 2));
    assert_true(seen[2] == stranger && seen[3] == stranger);
    after(&rig, (struct replay_moment){1, false, false});
    assert_int_equal(filled(&rig), 4);
    assert_memory_equal(kept(&rig), ((float[]){2, 3, 102, 103}), BATCH * sizeof(float));
    rig_close(&rig);
}

static void history_shows_half_a_batch_of_different_slots_and_overwrites_half_of_them(void **state)
{
    (void)state;
    struct rig rig = rig_open(REPLAY_HISTORY, BATCH, 1);
    float seen[BATCH], was[BATCH];
    for (uint64_t step = 0; step < 50; step++) {
        const struct replay_moment moment = {step, false, false};
        memcpy(was, kept(&rig), sizeof was);
        before(&rig, moment, seen);
        if (step >= 2) {
            assert_true(among(seen[0], was, BATCH) && among(seen[1], was, BATCH) && seen[0] != seen[1]);
            assert_int_equal(count(seen, BATCH), 2);
        }
        after(&rig, moment);
        int new = 0;
        for (int i = 0; i < BATCH; i++)
            new += kept(&rig)[i] != was[i];
        assert_int_equal(new, 2);
        assert_true(among((float)(100 * step + 2), kept(&rig), BATCH));
        assert_true(among((float)(100 * step + 3), kept(&rig), BATCH));
    }
    rig_close(&rig);
}

static void half_of_one_picture_is_refused(void **state)
{
    (void)state;
    struct store *store;
    struct replay *replay;
    must(store_new(&store, NUMBER_F32));
    const struct replay_settings settings = {REPLAY_HISTORY, 1, HEIGHT, WIDTH, CHANNELS, 1};
    assert_int_equal(replay_new(&replay, &settings, store), STATUS_INPUT);
    assert_null(replay);
    store_free(store);
}

/* --- pool --------------------------------------------------------------------------------------------------- */

static void pool_shows_fresh_pictures_until_fifty_are_in(void **state)
{
    (void)state;
    struct rig rig = rig_open(REPLAY_POOL, 20, 1);
    float seen[20];
    for (uint64_t step = 0; step < 2; step++) {
        const struct replay_moment moment = {step, false, false};
        before(&rig, moment, seen);
        assert_int_equal(count(seen, 20), 0);
        after(&rig, moment);
        assert_int_equal(filled(&rig), 20 * (step + 1));
    }
    const struct replay_moment third = {2, false, false};
    before(&rig, third, seen);
    assert_int_equal(count(seen, 10), 0); /* these ten go in */
    assert_true(count(seen, 20) > 0);     /* of the rest about half is swapped */
    after(&rig, third);
    assert_int_equal(filled(&rig), 50);
    for (int i = 0; i < 10; i++)
        assert_true(kept(&rig)[40 + i] == (float)(200 + i));
    rig_close(&rig);
}

static void pool_puts_each_swapped_picture_where_the_old_one_was(void **state)
{
    (void)state;
    struct rig rig = rig_open(REPLAY_POOL, 20, 1);
    float seen[20], was[50];
    int swapped = 0;
    for (uint64_t step = 0; step < 103; step++) {
        const struct replay_moment moment = {step, false, false};
        memcpy(was, kept(&rig), sizeof was);
        before(&rig, moment, seen);
        after(&rig, moment);
        if (step < 3)
            continue;
        swapped += count(seen, 20);
        int new = 0;
        for (int slot = 0; slot < 50; slot++) {
            if (kept(&rig)[slot] == was[slot])
                continue;
            const int place = (int)kept(&rig)[slot] - 100 * (int)step;
            assert_true(place >= 0 && place < 20);
            assert_true(seen[place] == was[slot]);
            new++;
        }
        assert_int_equal(new, count(seen, 20));
    }
    assert_in_range(swapped, 900, 1100); /* of 2000; five standard deviations are 112 */
    rig_close(&rig);
}

static void pool_of_fifty_serves_a_batch_of_sixty_four(void **state)
{
    (void)state;
    struct rig rig = rig_open(REPLAY_POOL, 64, 1);
    float seen[64];
    for (uint64_t step = 0; step < 20; step++) {
        const struct replay_moment moment = {step, false, false};
        before(&rig, moment, seen);
        for (int i = 0; i < 64; i++)
            assert_true(seen[i] == stranger || !among(seen[i], seen + i + 1, 63 - i));
        after(&rig, moment);
        assert_int_equal(filled(&rig), 50);
    }
    rig_close(&rig);
}

/* --- all ---------------------------------------------------------------------------------------------------- */

static const enum replay_mode modes[] = {REPLAY_EPOCH, REPLAY_HISTORY, REPLAY_POOL};
enum { MODES = sizeof modes / sizeof *modes, STEPS = 40 };

static struct replay_moment at(uint64_t step)
{
    return (struct replay_moment){step, .epoch_ends = step % 2 == 1, .last_epoch = step >= STEPS - 2};
}

static void expect_equal_stores(const struct store *a, const struct store *b)
{
    assert_int_equal(store_tensors(a), store_tensors(b));
    for (int i = 0; i < store_tensors(a); i++) {
        assert_string_equal(store_tensor(a, i)->name, store_tensor(b, i)->name);
        assert_memory_equal(store_tensor(a, i)->data, store_tensor(b, i)->data, tensor_bytes(a, store_tensor(a, i)));
    }
}

static void a_loaded_buffer_goes_on_as_the_saved_one_does(void **state)
{
    (void)state;
    for (int m = 0; m < MODES; m++) {
        struct rig through = rig_open(modes[m], BATCH, 7), resumed = {0};
        float seen[2][BATCH];
        for (uint64_t step = 0; step < STEPS; step++) {
            if (step == 21) {
                resumed = rig_open(modes[m], BATCH, 7);
                for (int i = 0; i < store_tensors(through.store); i++) {
                    const struct tensor *from = store_tensor(through.store, i);
                    memcpy(store_find(resumed.store, from->name)->data, from->data, tensor_bytes(through.store, from));
                }
            }
            before(&through, at(step), seen[0]);
            after(&through, at(step));
            if (!resumed.replay)
                continue;
            before(&resumed, at(step), seen[1]);
            after(&resumed, at(step));
            assert_memory_equal(seen[0], seen[1], sizeof seen[0]);
            expect_equal_stores(through.store, resumed.store);
        }
        rig_close(&through);
        rig_close(&resumed);
    }
}

static void choices_depend_on_the_seed_and_on_the_step(void **state)
{
    (void)state;
    struct rig one = rig_open(REPLAY_POOL, 64, 1), other = rig_open(REPLAY_POOL, 64, 2);
    float seen[3][64];
    for (uint64_t step = 0; step < 2; step++) {
        const struct replay_moment moment = {step, false, false};
        before(&one, moment, seen[0]);
        before(&other, moment, seen[1]);
        if (step == 0) {
            after(&one, moment);
            after(&other, moment);
        }
    }
    before(&one, (struct replay_moment){2, false, false}, seen[2]);
    assert_memory_not_equal(seen[0], seen[1], sizeof seen[0]);
    assert_memory_not_equal(seen[0], seen[2], sizeof seen[0]);
    rig_close(&one);
    rig_close(&other);
}

static void a_count_that_makes_no_sense_is_refused(void **state)
{
    (void)state;
    static const float nonsense[] = {-1, 0.5f, 51, 1e30f, (float)(0.0 / 0.0)};
    struct rig rig = rig_open(REPLAY_POOL, BATCH, 1);
    for (size_t i = 0; i < sizeof nonsense / sizeof *nonsense; i++) {
        *(float *)store_find(rig.store, "replay.filled")->data = nonsense[i];
        assert_int_equal(replay_before(rig.replay, &(struct replay_moment){0}), STATUS_INPUT);
        assert_non_null(strstr(error_message(), "replay.filled"));
    }
    rig_close(&rig);
}

static void without_labels_pictures_are_kept_all_the_same(void **state)
{
    (void)state;
    struct rig rig = rig_open(REPLAY_HISTORY, BATCH, 1);
    const struct replay_moment moment = {0};
    float pictures[BATCH * PIXELS];
    for (int i = 0; i < BATCH * PIXELS; i++)
        pictures[i] = (float)i;
    must(replay_before(rig.replay, &moment));
    replay_after(rig.replay, &moment, pictures, NULL);
    const float *images = store_find(rig.store, "replay.images")->data;
    assert_memory_equal(images, pictures + 2 * PIXELS, 2 * PIXELS * sizeof(float));
    assert_true(*(const float *)store_find(rig.store, "replay.labels")->data == 0);
    rig_close(&rig);
}

static void a_graph_sees_replayed_pictures_and_labels_in_place_of_fresh_ones(void **state)
{
    (void)state;
    struct machine machine = machine_new();
    struct graph *g = machine.graph;
    struct node *pictures =
        replay_pictures(g, graph_input(g, "fresh", shape_batch(BATCH, 3, (int64_t[]){HEIGHT, WIDTH, CHANNELS})));
    struct node *labels = replay_labels(g, graph_input(g, "label", shape_batch(BATCH, 0, NULL)));
    graph_output(g, pictures);
    graph_output(g, labels);
    machine_start(&machine, &cpu_f32, 2);
    struct rig rig = rig_open(REPLAY_HISTORY, BATCH, 1);
    float seen[BATCH], fresh[BATCH * PIXELS], label[BATCH];
    before(&rig, (struct replay_moment){0}, seen);
    after(&rig, (struct replay_moment){0});
    before(&rig, (struct replay_moment){1, false, false}, seen);
    for (int i = 0; i < BATCH * PIXELS; i++)
        fresh[i] = -7;
    for (int i = 0; i < BATCH; i++)
        label[i] = -7;
    must(replay_bind(rig.replay, machine.executor, true));
    must(executor_bind(machine.executor, "fresh", fresh));
    must(executor_bind(machine.executor, "label", label));
    must(executor_run(machine.executor, 1, 1));
    const float *picture = executor_output(machine.executor, pictures);
    const float *told = executor_output(machine.executor, labels);
    for (int i = 0; i < BATCH; i++) {
        const float expected = seen[i] == stranger ? -7 : seen[i];
        assert_true(told[i] == expected);
        for (int k = 0; k < PIXELS; k++)
            assert_true(picture[i * PIXELS + k] == expected);
    }
    assert_true(told[0] == 2 || told[0] == 3);
    assert_true(told[3] == -7);
    rig_close(&rig);
    machine_stop(&machine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(epoch_keeps_one_picture_of_the_last_step_of_each_epoch),
        cmocka_unit_test(epoch_shows_what_there_is_in_the_last_epoch_and_forgets_it),
        cmocka_unit_test(epoch_shows_a_full_buffer_before_it_keeps_on_filling),
        cmocka_unit_test(history_takes_in_the_half_that_was_shown_fresh),
        cmocka_unit_test(history_shows_half_a_batch_of_different_slots_and_overwrites_half_of_them),
        cmocka_unit_test(half_of_one_picture_is_refused),
        cmocka_unit_test(pool_shows_fresh_pictures_until_fifty_are_in),
        cmocka_unit_test(pool_puts_each_swapped_picture_where_the_old_one_was),
        cmocka_unit_test(pool_of_fifty_serves_a_batch_of_sixty_four),
        cmocka_unit_test(a_loaded_buffer_goes_on_as_the_saved_one_does),
        cmocka_unit_test(choices_depend_on_the_seed_and_on_the_step),
        cmocka_unit_test(a_count_that_makes_no_sense_is_refused),
        cmocka_unit_test(without_labels_pictures_are_kept_all_the_same),
        cmocka_unit_test(a_graph_sees_replayed_pictures_and_labels_in_place_of_fresh_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
