/* The generator gives its published answers, its distributions have their moments, and a number depends on its
 * address alone. */
#include "base/philox.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void the_known_answers_of_philox4x32_10(void **state)
{
    (void)state;
    static const struct {
        uint32_t counter[4], key[2], answer[4];
    } known[] = {
        {{0}, {0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
         {0xffffffff, 0xffffffff},
         {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         {0xa4093822, 0x299f31d0},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    for (int i = 0; i < 3; i++) {
        uint32_t answer[4];
        philox4x32(known[i].counter, known[i].key, answer);
        assert_memory_equal(answer, known[i].answer, sizeof answer);
    }
}

static const random_address address = {.seed = 42, .step = 5, .purpose = RANDOM_USER, .sample = 17};

enum { COUNT = 1 << 20 };
static float numbers[COUNT];

/* Raw moments 1 to 4. */
static void moments(double moment[4])
{
    memset(moment, 0, 4 * sizeof *moment);
    for (int i = 0; i < COUNT; i++)
        for (int k = 0; k < 4; k++)
            moment[k] += pow((double)numbers[i], k + 1) / COUNT;
}

static void uniform_numbers_have_the_moments_of_the_unit_interval(void **state)
{
    (void)state;
    double moment[4];
    random_uniform(address, 0, COUNT, numbers);
    moments(moment);
    for (int k = 0; k < 4; k++) /* E x^k = 1 / (k + 1); five standard errors */
        assert_true(fabs(moment[k] - 1.0 / (k + 2)) < 5 * 0.3 / sqrt(COUNT));
    for (int i = 0; i < COUNT; i++)
        assert_true(numbers[i] >= 0 && numbers[i] < 1);
}

static void normal_numbers_have_the_moments_of_the_normal_distribution(void **state)
{
    (void)state;
    static const double expected[4] = {0, 1, 0, 3}, variance[4] = {1, 2, 15, 96};
    double moment[4];
    random_normal(address, 0, COUNT, numbers);
    moments(moment);
    for (int k = 0; k < 4; k++)
        assert_true(fabs(moment[k] - expected[k]) < 5 * sqrt(variance[k] / COUNT));
}

static void neighbours_are_not_correlated(void **state)
{
    (void)state;
    random_normal(address, 0, COUNT, numbers);
    for (int lag = 1; lag <= 4; lag++) {
        double product = 0;
        for (int i = 0; i + lag < COUNT; i++)
            product += (double)numbers[i] * (double)numbers[i + lag] / COUNT;
        assert_true(fabs(product) < 5 / sqrt(COUNT));
    }
}

static void a_part_of_a_stream_is_the_same_numbers(void **state)
{
    (void)state;
    uint32_t words[100], part_words[20];
    float whole[100], part[20];
    random_words(address, 0, 100, words);
    random_words(address, 33, 20, part_words);
    assert_memory_equal(words + 33, part_words, sizeof part_words);
    random_uniform(address, 0, 100, whole);
    random_uniform(address, 33, 20, part);
    assert_memory_equal(whole + 33, part, sizeof part);
    random_normal(address, 0, 100, whole);
    random_normal(address, 34, 19, part);
    assert_memory_equal(whole + 34, part, 19 * sizeof *part);
}

static void every_part_of_an_address_matters(void **state)
{
    (void)state;
    random_address other[6];
    for (int i = 0; i < 6; i++)
        other[i] = address;
    other[0].seed ^= 1;
    other[1].seed ^= (uint64_t)1 << 40;
    other[2].step ^= 1;
    other[3].purpose ^= 1;
    other[4].sample ^= 1;
    other[5].sample ^= (uint64_t)1 << 35;
    uint32_t words[8], changed[8];
    random_words(address, 0, 8, words);
    for (int i = 0; i < 6; i++) {
        random_words(other[i], 0, 8, changed);
        for (int j = 0; j < 8; j++)
            assert_true(words[j] != changed[j]);
    }
}

static void a_permutation_holds_every_number_once(void **state)
{
    (void)state;
    enum { LARGEST = 1000 };
    for (uint32_t count = 0; count <= LARGEST; count += count < 10 ? 1 : 99) {
        uint32_t order[LARGEST] = {0};
        bool seen[LARGEST] = {false};
        random_permutation(address, count, order);
        for (uint32_t i = 0; i < count; i++) {
            assert_true(order[i] < count && !seen[order[i]]);
            seen[order[i]] = true;
        }
    }
}

static void every_permutation_of_four_is_as_likely(void **state)
{
    (void)state;
    enum { TRIALS = 24000 };
    int seen[256] = {0}, kinds = 0;
    for (uint64_t i = 0; i < TRIALS; i++) {
        random_address trial = address;
        trial.sample = i;
        uint32_t order[4];
        random_permutation(trial, 4, order);
        seen[order[0] | order[1] << 2 | order[2] << 4 | order[3] << 6]++;
    }
    for (int i = 0; i < 256; i++) {
        kinds += seen[i] > 0;
        assert_true(seen[i] == 0 || fabs(seen[i] - TRIALS / 24.0) < 6 * sqrt(TRIALS / 24.0));
    }
    assert_int_equal(kinds, 24);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_known_answers_of_philox4x32_10),
        cmocka_unit_test(uniform_numbers_have_the_moments_of_the_unit_interval),
        cmocka_unit_test(normal_numbers_have_the_moments_of_the_normal_distribution),
        cmocka_unit_test(neighbours_are_not_correlated),
        cmocka_unit_test(a_part_of_a_stream_is_the_same_numbers),
        cmocka_unit_test(every_part_of_an_address_matters),
        cmocka_unit_test(a_permutation_holds_every_number_once),
        cmocka_unit_test(every_permutation_of_four_is_as_likely),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
