/* Checkpoints: what was saved is what is loaded, and anything else is refused by name. */
#include "base/error.h"
#include "base/safetensors.h"
#include "train/checkpoint.h"

#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/standin-checkpoint-XXXXXX";
static char path[80];

static int make_folder(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/%s", folder, CHECKPOINT_NAME);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder);
}

static struct store *make_store(enum number_type type, int64_t bias_size)
{
    struct store *store;
    struct tensor *tensor;
    assert_int_equal(store_new(&store, type), 0);
    assert_int_equal(store_add(store, &tensor, "g.weight", (struct shape){2, false, {3, 5}}), 0);
    assert_int_equal(store_add(store, &tensor, "g.bias", (struct shape){1, false, {bias_size}}), 0);
    assert_int_equal(store_add(store, &tensor, "scale", (struct shape){0}), 0);
    return store;
}

static void fill(struct store *store, float start)
{
    for (int i = 0; i < store_tensors(store); i++) {
        float *numbers = store_tensor(store, i)->data;
        for (int64_t j = 0; j < shape_elements(&store_tensor(store, i)->shape); j++)
            numbers[j] = start + (float)(10 * i) + (float)j;
    }
}

static void save(const struct store *store)
{
    struct metadata *metadata;
    assert_int_equal(metadata_new(&metadata), 0);
    assert_int_equal(metadata_set_integer(metadata, "step", 7), 0);
    assert_int_equal(checkpoint_save(path, store, metadata), 0);
    metadata_free(metadata);
}

static int load(struct store *store, bool whole)
{
    struct checkpoint *checkpoint;
    int status = checkpoint_open(&checkpoint, path);
    if (status == 0)
        status = checkpoint_load(checkpoint, store, whole);
    checkpoint_close(checkpoint);
    return status;
}

static void assert_load_fails(struct store *store, bool whole, const char *reason)
{
    assert_int_equal(load(store, whole), STATUS_INPUT);
    assert_non_null(strstr(error_message(), path));
    if (!strstr(error_message(), reason))
        fail_msg("'%s' does not say '%s'", error_message(), reason);
}

static void what_was_saved_is_loaded_from_the_file_and_from_its_folder(void **state)
{
    (void)state;
    struct store *saved = make_store(NUMBER_F32, 4), *loaded = make_store(NUMBER_F32, 4);
    fill(saved, 0.5f);
    save(saved);
    assert_int_equal(load(loaded, true), 0);
    for (int i = 0; i < store_tensors(saved); i++)
        assert_memory_equal(store_tensor(saved, i)->data, store_tensor(loaded, i)->data,
                            tensor_bytes(saved, store_tensor(saved, i)));
    struct checkpoint *checkpoint;
    int64_t step;
    assert_int_equal(checkpoint_open(&checkpoint, folder), 0);
    assert_int_equal(metadata_integer(checkpoint_metadata(checkpoint), "step", 0, 10, &step), 0);
    assert_int_equal(step, 7);
    assert_non_null(metadata_find(checkpoint_metadata(checkpoint), "standin-version"));
    checkpoint_close(checkpoint);
    store_free(saved);
    store_free(loaded);
}

static void metadata_of_a_loaded_checkpoint_can_be_saved_again(void **state)
{
    (void)state;
    struct store *store = make_store(NUMBER_F32, 4);
    fill(store, 0.5f);
    save(store);
    struct checkpoint *checkpoint;
    assert_int_equal(checkpoint_open(&checkpoint, path), 0);
    fill(store, 1.5f);
    assert_int_equal(checkpoint_save(path, store, checkpoint_metadata(checkpoint)), 0);
    checkpoint_close(checkpoint);
    assert_int_equal(load(store, true), 0);
    store_free(store);
}

static void a_tensor_of_another_shape_or_type_is_named(void **state)
{
    (void)state;
    struct store *saved = make_store(NUMBER_F32, 4), *longer = make_store(NUMBER_F32, 6),
                 *wide = make_store(NUMBER_F64, 4);
    save(saved);
    assert_load_fails(longer, true, "'g.bias' is F32 (4), and the networks need F32 (6)");
    assert_load_fails(wide, true, "'g.weight' is F32 (3, 5), and the networks need F64 (3, 5)");
    store_free(saved);
    store_free(longer);
    store_free(wide);
}

static void a_part_may_be_loaded_alone_and_a_whole_may_not_be_a_part(void **state)
{
    (void)state;
    struct store *saved = make_store(NUMBER_F32, 4), *part;
    struct tensor *tensor;
    fill(saved, 0.5f);
    save(saved);
    assert_int_equal(store_new(&part, NUMBER_F32), 0);
    assert_int_equal(store_add(part, &tensor, "g.bias", (struct shape){1, false, {4}}), 0);
    assert_int_equal(load(part, false), 0);
    assert_memory_equal(tensor->data, store_find(saved, "g.bias")->data, 4 * sizeof(float));
    assert_load_fails(part, true, "'g.weight', which the networks do not know");
    assert_int_equal(store_add(part, &tensor, "g.extra", (struct shape){0}), 0);
    assert_load_fails(part, false, "no tensor 'g.extra'");
    store_free(saved);
    store_free(part);
}

static void one_changed_bit_is_noticed_by_whoever_reads_it(void **state)
{
    (void)state;
    struct store *store = make_store(NUMBER_F32, 4), *part;
    fill(store, 0.5f);
    save(store);
    const int descriptor = open(path, O_RDWR);
    assert_true(descriptor >= 0);
    const off_t last = lseek(descriptor, -1, SEEK_END);
    uint8_t byte;
    assert_int_equal(pread(descriptor, &byte, 1, last), 1);
    byte ^= 4;
    assert_int_equal(pwrite(descriptor, &byte, 1, last), 1);
    close(descriptor);
    assert_load_fails(store, true, "damaged");
    struct tensor *tensor; /* the part that is read is whole: who needs no more may have it */
    assert_int_equal(store_new(&part, NUMBER_F32), 0);
    assert_int_equal(store_add(part, &tensor, "g.bias", (struct shape){1, false, {4}}), 0);
    assert_int_equal(load(part, false), 0);
    store_free(store);
    store_free(part);
}

static void numbers_that_are_none_or_infinite_are_refused(void **state)
{
    (void)state;
    struct store *store = make_store(NUMBER_F32, 4), *wide = make_store(NUMBER_F64, 4);
    fill(store, 0.5f);
    ((float *)store_find(store, "g.bias")->data)[3] = NAN;
    save(store);
    assert_load_fails(store, true, "'g.bias' holds what is not a number");
    ((double *)store_find(wide, "g.weight")->data)[14] = -HUGE_VAL;
    save(wide);
    assert_load_fails(wide, true, "'g.weight' holds what is not a number");
    store_free(store);
    store_free(wide);
}

static void a_variance_below_0_is_refused(void **state)
{
    (void)state;
    struct store *store;
    struct tensor *mean, *variance;
    assert_int_equal(store_new(&store, NUMBER_F32), 0);
    assert_int_equal(store_add(store, &mean, "c.norm.mean", (struct shape){1, false, {2}}), 0);
    assert_int_equal(store_add(store, &variance, "c.norm.variance", (struct shape){1, false, {2}}), 0);
    fill(store, -15); /* means -15 and -14, variances -5 and -4 */
    save(store);
    assert_load_fails(store, true, "'c.norm.variance' holds a number below 0, which is no variance");
    memset(variance->data, 0, 2 * sizeof(float));
    save(store);
    assert_int_equal(load(store, true), 0);
    store_free(store);
}

static void states_that_the_file_lacks_are_refused_without_room_for_them(void **state)
{
    (void)state;
    struct store *store = make_store(NUMBER_F32, 4);
    struct checkpoint *checkpoint;
    struct graph *graph;
    save(store);
    assert_int_equal(checkpoint_open(&checkpoint, path), 0);
    assert_int_equal(graph_new(&graph), 0);
    graph_state(graph, "g.bias", (struct shape){1, false, {4}}, (struct initial){0});
    assert_int_equal(checkpoint_check_states(checkpoint, graph, NUMBER_F32), 0);
    assert_int_equal(checkpoint_check_states(checkpoint, graph, NUMBER_F64), STATUS_INPUT);
    graph_state(graph, "g.weight", (struct shape){2, false, {1 << 20, 1 << 20}}, (struct initial){0});
    assert_int_equal(checkpoint_check_states(checkpoint, graph, NUMBER_F32), STATUS_INPUT);
    assert_non_null(strstr(error_message(), "need F32 (1048576, 1048576)"));
    graph_free(graph);
    checkpoint_close(checkpoint);
    store_free(store);
}

static void a_shortened_file_is_refused(void **state)
{
    (void)state;
    struct store *store = make_store(NUMBER_F32, 4);
    save(store);
    const int descriptor = open(path, O_RDWR);
    const off_t size = lseek(descriptor, 0, SEEK_END);
    assert_int_equal(ftruncate(descriptor, size - 4), 0);
    close(descriptor);
    assert_load_fails(store, true, "behind the end of the file");
    store_free(store);
}

static void a_file_of_another_program_or_version_is_refused(void **state)
{
    (void)state;
    const float number[1] = {1};
    const void *const data[] = {number};
    const struct safetensors_tensor tensor = {"scale", SAFETENSORS_F32, 0, {0}};
    struct store *store = make_store(NUMBER_F32, 4);
    struct metadata *metadata;
    assert_int_equal(metadata_new(&metadata), 0);
    assert_int_equal(safetensors_write(path, &tensor, data, 1, metadata), 0);
    assert_load_fails(store, true, "not a checkpoint of this program");
    assert_int_equal(metadata_set(metadata, "standin-format", "checkpoint 99"), 0);
    assert_int_equal(safetensors_write(path, &tensor, data, 1, metadata), 0);
    assert_load_fails(store, true, "checkpoint 99");
    metadata_free(metadata);
    store_free(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_saved_is_loaded_from_the_file_and_from_its_folder),
        cmocka_unit_test(metadata_of_a_loaded_checkpoint_can_be_saved_again),
        cmocka_unit_test(a_tensor_of_another_shape_or_type_is_named),
        cmocka_unit_test(a_part_may_be_loaded_alone_and_a_whole_may_not_be_a_part),
        cmocka_unit_test(one_changed_bit_is_noticed_by_whoever_reads_it),
        cmocka_unit_test(numbers_that_are_none_or_infinite_are_refused),
        cmocka_unit_test(a_variance_below_0_is_refused),
        cmocka_unit_test(states_that_the_file_lacks_are_refused_without_room_for_them),
        cmocka_unit_test(a_shortened_file_is_refused),
        cmocka_unit_test(a_file_of_another_program_or_version_is_refused),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
