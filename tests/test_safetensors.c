/* The safetensors format: what is written reads back, and nothing that a file claims is believed unchecked. */
#include "base/error.h"
#include "base/number.h"
#include "base/safetensors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/standin-safetensors-XXXXXX";
static char path[64];

static int make_folder(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/file.safetensors", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder);
}

/* A file with this head, its length as it is, and `data_bytes` zeros. */
static void write_raw(const char *head, uint64_t length, size_t data_bytes)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    for (int i = 0; i < 8; i++)
        assert_true(fputc((int)(length >> 8 * i & 0xFF), file) != EOF);
    assert_int_equal(fwrite(head, 1, strlen(head), file), strlen(head));
    for (size_t i = 0; i < data_bytes; i++)
        assert_true(fputc(0, file) != EOF);
    assert_int_equal(fclose(file), 0);
}

static void assert_refused(const char *head, size_t data_bytes, const char *reason)
{
    write_raw(head, strlen(head), data_bytes);
    struct safetensors *file;
    assert_int_equal(safetensors_open(&file, path), STATUS_INPUT);
    assert_null(file);
    assert_non_null(strstr(error_message(), path));
    if (!strstr(error_message(), reason))
        fail_msg("'%s' does not say '%s'", error_message(), reason);
}

static const float weights[6] = {1, -2, 3.5f, 0, 1e-30f, 7};
static const uint8_t bytes[3] = {0, 128, 255};
static const double number[1] = {0.1};
static const struct safetensors_tensor tensors[] = {
    {"weights", SAFETENSORS_F32, 2, {2, 3}},
    {"number", SAFETENSORS_F64, 0, {0}},
    {"empty", SAFETENSORS_I64, 1, {0}},
    {"bytes", SAFETENSORS_U8, 1, {3}},
};
static const void *const data[] = {weights, number, NULL, bytes};

static void write_good_file(void)
{
    struct metadata *metadata;
    assert_int_equal(metadata_new(&metadata), 0);
    assert_int_equal(metadata_set(metadata, "recipe", "# \"quoted\"\nbatch = 64\n"), 0);
    assert_int_equal(metadata_set_integer(metadata, "step", 12), 0);
    assert_int_equal(metadata_set_real(metadata, "seconds", 0.1), 0);
    assert_int_equal(safetensors_write(path, tensors, data, 4, metadata), 0);
    metadata_free(metadata);
}

static void what_is_written_reads_back(void **state)
{
    (void)state;
    write_good_file();
    struct safetensors *file;
    assert_int_equal(safetensors_open(&file, path), 0);
    assert_int_equal(safetensors_tensors(file), 4);
    float read_weights[6];
    uint8_t read_bytes[3];
    double read_number[1];
    const struct safetensors_tensor *tensor = safetensors_find(file, "weights");
    assert_non_null(tensor);
    assert_int_equal(tensor->rank, 2);
    assert_int_equal(tensor->size[1], 3);
    assert_int_equal(safetensors_read(file, tensor, read_weights), 0);
    assert_memory_equal(read_weights, weights, sizeof weights);
    assert_int_equal(safetensors_read(file, safetensors_find(file, "bytes"), read_bytes), 0);
    assert_memory_equal(read_bytes, bytes, sizeof bytes);
    assert_int_equal(safetensors_read(file, safetensors_find(file, "number"), read_number), 0);
    assert_memory_equal(read_number, number, sizeof number);
    assert_int_equal(safetensors_bytes(safetensors_find(file, "empty")), 0);
    assert_null(safetensors_find(file, "weight"));
    const struct metadata *metadata = safetensors_metadata(file);
    assert_string_equal(metadata_find(metadata, "recipe"), "# \"quoted\"\nbatch = 64\n");
    int64_t step;
    double seconds;
    assert_int_equal(metadata_integer(metadata, "step", 0, 100, &step), 0);
    assert_int_equal(step, 12);
    assert_int_equal(metadata_real(metadata, "seconds", 0, 1, &seconds), 0);
    assert_true(seconds >= 0.1 && seconds <= 0.1);
    safetensors_close(file);
}

static void metadata_out_of_range_is_refused(void **state)
{
    (void)state;
    struct metadata *metadata;
    int64_t step;
    assert_int_equal(metadata_new(&metadata), 0);
    assert_int_equal(metadata_set(metadata, "step", "101"), 0);
    assert_int_equal(metadata_integer(metadata, "step", 0, 100, &step), STATUS_INPUT);
    assert_int_equal(metadata_set(metadata, "step", "12x"), 0);
    assert_int_equal(metadata_integer(metadata, "step", 0, 100, &step), STATUS_INPUT);
    assert_int_equal(metadata_integer(metadata, "steps", 0, 100, &step), STATUS_INPUT);
    assert_non_null(strstr(error_message(), "'steps'"));
    metadata_free(metadata);
}

static void the_same_content_gives_the_same_bytes_and_aligned_data(void **state)
{
    (void)state;
    char content[2][2048];
    size_t length[2];
    for (int i = 0; i < 2; i++) {
        write_good_file();
        FILE *file = fopen(path, "rb");
        assert_non_null(file);
        length[i] = fread(content[i], 1, sizeof content[i], file);
        assert_int_equal(fclose(file), 0);
    }
    assert_int_equal(length[0], length[1]);
    assert_memory_equal(content[0], content[1], length[0]);
    assert_int_equal((length[0] - sizeof weights - sizeof number - sizeof bytes) % 64, 0);
}

static void names_twice_are_not_written(void **state)
{
    (void)state;
    const struct safetensors_tensor twice[] = {{"a", SAFETENSORS_U8, 1, {3}}, {"a", SAFETENSORS_U8, 1, {3}}};
    const void *const same[] = {bytes, bytes};
    assert_true(safetensors_write(path, twice, same, 2, NULL) < 0);
}

static void text_that_is_not_utf_8_is_not_written(void **state)
{
    (void)state;
    struct metadata *metadata;
    assert_int_equal(metadata_new(&metadata), 0);
    assert_int_equal(metadata_set(metadata, "class", "caf\xE9"), 0);
    assert_true(safetensors_write(path, tensors, data, 4, metadata) < 0);
    metadata_free(metadata);
}

static void a_missing_file_and_a_folder_are_named(void **state)
{
    (void)state;
    struct safetensors *file;
    assert_int_equal(safetensors_open(&file, "/nowhere/a.safetensors"), STATUS_FILE);
    assert_non_null(strstr(error_message(), "/nowhere/a.safetensors"));
    assert_int_equal(safetensors_open(&file, folder), STATUS_FILE);
    assert_non_null(strstr(error_message(), folder));
}

static void heads_that_lie_about_their_length_are_refused(void **state)
{
    (void)state;
    struct safetensors *file;
    write_raw("{}", 3, 0);
    assert_int_equal(safetensors_open(&file, path), STATUS_INPUT);
    assert_non_null(strstr(error_message(), "longer than the file"));
    write_raw("{}", UINT64_MAX, 0);
    assert_int_equal(safetensors_open(&file, path), STATUS_INPUT);
    assert_int_equal(truncate(path, 5), 0);
    assert_int_equal(safetensors_open(&file, path), STATUS_INPUT);
    assert_non_null(strstr(error_message(), "too short"));
}

static void heads_that_are_huge_are_refused_before_they_are_read(void **state)
{
    (void)state;
    struct safetensors *file;
    write_raw("{}", (uint64_t)1 << 27, 0);
    assert_int_equal(truncate(path, ((off_t)1 << 27) + 100), 0); /* sparse */
    assert_int_equal(safetensors_open(&file, path), STATUS_INPUT);
    assert_non_null(strstr(error_message(), "64 MiB"));
}

static void heads_that_are_not_an_object_are_refused(void **state)
{
    (void)state;
    assert_refused("", 0, "no JSON");
    assert_refused("{\"a\":", 0, "no JSON");
    assert_refused("[]", 0, "no object");
}

#define U8_OF_FOUR(NAME, BEGIN, END)                                                                                  \
    "\"" NAME "\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[" BEGIN "," END "]}"

static void tensors_that_overlap_leave_holes_or_lie_outside_are_refused(void **state)
{
    (void)state;
    assert_refused("{" U8_OF_FOUR("a", "0", "4") "," U8_OF_FOUR("b", "2", "6") "}", 6, "'b' overlaps");
    assert_refused("{" U8_OF_FOUR("a", "0", "4") "," U8_OF_FOUR("b", "5", "9") "}", 9, "'b' has a hole");
    assert_refused("{" U8_OF_FOUR("a", "0", "4") "}", 3, "'a' lies behind the end");
    assert_refused("{" U8_OF_FOUR("a", "0", "4") "}", 5, "belong to no tensor");
    assert_refused("{" U8_OF_FOUR("a", "4", "0") "}", 4, "data_offsets");
    assert_refused("{" U8_OF_FOUR("a", "-4", "0") "}", 4, "data_offsets");
    assert_refused("{" U8_OF_FOUR("a", "0", "3") "}", 3, "does not fit");
    assert_refused("{" U8_OF_FOUR("a", "0", "99999999999999999999999") "}", 3, "no JSON");
}

static void names_that_stand_twice_are_refused(void **state)
{
    (void)state;
    assert_refused("{" U8_OF_FOUR("a", "0", "4") "," U8_OF_FOUR("a", "4", "8") "}", 8, "twice");
}

static void shapes_that_overflow_are_refused(void **state)
{
    (void)state;
    assert_refused("{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,0]}}", 0, "shape");
    assert_refused("{\"a\":{\"dtype\":\"F64\",\"shape\":[4611686018427387904],\"data_offsets\":[0,0]}}", 0, "fit");
    assert_refused("{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,0]}}", 0, "shape");
    assert_refused("{\"a\":{\"dtype\":\"F32\",\"shape\":[1,1,1,1,1,1,1,1,1],\"data_offsets\":[0,4]}}", 4, "shape");
    assert_refused("{\"a\":{\"dtype\":\"F32\",\"shape\":[1.5],\"data_offsets\":[0,4]}}", 4, "shape");
}

static void names_do_not_speak_to_the_terminal(void **state)
{
    (void)state;
    assert_refused("{\"a\\u001b[31m\\nb\":1}", 0, "'a?[31m?b' is no object");
}

static void tensors_of_unknown_type_are_refused(void **state)
{
    (void)state;
    assert_refused("{\"a\":{\"dtype\":\"F31\",\"shape\":[],\"data_offsets\":[0,4]}}", 4, "dtype");
    assert_refused("{\"a\":{\"shape\":[],\"data_offsets\":[0,4]}}", 4, "dtype");
    assert_refused("{\"a\":1}", 0, "'a' is no object");
}

static void metadata_that_is_not_text_is_refused(void **state)
{
    (void)state;
    assert_refused("{\"__metadata__\":{\"step\":1}}", 0, "'step'");
    assert_refused("{\"__metadata__\":[]}", 0, "__metadata__");
}

static void metadata_that_would_take_forever_to_search_is_refused(void **state)
{
    (void)state;
    enum { ENTRIES = 65537, ROOM = 16 * ENTRIES };
    char *head = malloc(ROOM);
    size_t used = (size_t)snprintf(head, ROOM, "{\"__metadata__\":{\"first\":\"\"");
    for (int i = 1; i < ENTRIES; i++)
        used += (size_t)snprintf(head + used, ROOM - used, ",\"%x\":\"\"", i);
    snprintf(head + used, ROOM - used, "}}");
    assert_refused(head, 0, "more than 65536 entries");
    free(head);
}

static void numbers_read_back_to_the_same_bits(void **state)
{
    (void)state;
    const double values[] = {0, -0.0, 0.1, 2e-4, 1.0 / 3, 1e300, 5e-324, -0.999, 123456789, 1e9, 123456.5};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        char text[NUMBER_TEXT];
        double back;
        assert_true(number_read_real(number_text(values[i], text), &back));
        assert_memory_equal(&back, &values[i], sizeof back);
    }
    char text[NUMBER_TEXT];
    assert_string_equal(number_text(2e-4, text), "0.0002");
    assert_string_equal(number_text(30, text), "30");
}

static void what_is_not_quite_a_number_is_none(void **state)
{
    (void)state;
    double real;
    int64_t integer;
    uint64_t natural;
    const char *const bad[] = {"", " 1", "1 ", "nan", "inf", "-inf", "1e999", "1,5", "--1", "0x", "-"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(number_read_real(bad[i], &real));
        assert_false(number_read_integer(bad[i], &integer));
        assert_false(number_read_natural(bad[i], &natural));
    }
    assert_false(number_read_integer("9223372036854775808", &integer));
    assert_false(number_read_natural("-1", &natural));
    assert_true(number_read_natural("18446744073709551615", &natural));
    assert_true(natural == UINT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_reads_back),
        cmocka_unit_test(metadata_out_of_range_is_refused),
        cmocka_unit_test(the_same_content_gives_the_same_bytes_and_aligned_data),
        cmocka_unit_test(names_twice_are_not_written),
        cmocka_unit_test(text_that_is_not_utf_8_is_not_written),
        cmocka_unit_test(a_missing_file_and_a_folder_are_named),
        cmocka_unit_test(heads_that_lie_about_their_length_are_refused),
        cmocka_unit_test(heads_that_are_huge_are_refused_before_they_are_read),
        cmocka_unit_test(heads_that_are_not_an_object_are_refused),
        cmocka_unit_test(tensors_that_overlap_leave_holes_or_lie_outside_are_refused),
        cmocka_unit_test(names_that_stand_twice_are_refused),
        cmocka_unit_test(shapes_that_overflow_are_refused),
        cmocka_unit_test(names_do_not_speak_to_the_terminal),
        cmocka_unit_test(tensors_of_unknown_type_are_refused),
        cmocka_unit_test(metadata_that_is_not_text_is_refused),
        cmocka_unit_test(metadata_that_would_take_forever_to_search_is_refused),
        cmocka_unit_test(numbers_read_back_to_the_same_bits),
        cmocka_unit_test(what_is_not_quite_a_number_is_none),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
