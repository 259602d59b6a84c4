/* Philox4x32-10 and the distributions made of it.
 *
 * Key = the two halves of the seed. Counter = (block of four numbers, sample's low word, step's low word,
 * purpose and the high bits of sample and step), so every address has its own numbers. */
#include "base/philox.h"

#include <math.h>

void philox4x32(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4])
{
    uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
    uint32_t k0 = key[0], k1 = key[1];
    for (int round = 0; round < 10; round++) {
        const uint64_t p0 = (uint64_t)0xD2511F53u * c0;
        const uint64_t p1 = (uint64_t)0xCD9E8D57u * c2;
        c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
        c1 = (uint32_t)p1;
        c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
        c3 = (uint32_t)p0;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    out[0] = c0, out[1] = c1, out[2] = c2, out[3] = c3;
}

static void random_block(random_address address, uint64_t block, uint32_t out[4])
{
    const uint32_t key[2] = {(uint32_t)address.seed, (uint32_t)(address.seed >> 32)};
    const uint32_t counter[4] = {
        (uint32_t)block,
        (uint32_t)address.sample,
        (uint32_t)address.step,
        address.purpose << 16 | (uint32_t)(address.sample >> 32 & 0xFF) << 8 | (uint32_t)(address.step >> 32 & 0xFF),
    };
    philox4x32(counter, key, out);
}

void random_words(random_address address, uint64_t first, uint64_t count, uint32_t *numbers)
{
    uint32_t four[4];
    for (uint64_t i = first; i < first + count; i++) {
        if (i % 4 == 0 || i == first)
            random_block(address, i / 4, four);
        numbers[i - first] = four[i % 4];
    }
}

static float unit_interval(uint32_t word)
{
    return (float)(word >> 8) * 0x1p-24f;
}

void random_uniform(random_address address, uint64_t first, uint64_t count, float *numbers)
{
    uint32_t four[4];
    for (uint64_t i = first; i < first + count; i++) {
        if (i % 4 == 0 || i == first)
            random_block(address, i / 4, four);
        numbers[i - first] = unit_interval(four[i % 4]);
    }
}

void random_normal(random_address address, uint64_t first, uint64_t count, float *numbers)
{
    uint32_t four[4];
    for (uint64_t i = first; i < first + count; i += 2) {
        if (i % 4 == 0 || i == first)
            random_block(address, i / 4, four);
        /* 1 - u is in (0, 1]: the logarithm is finite. Double, so that every libm rounds alike. */
        const double radius = sqrt(-2 * log(1 - (double)unit_interval(four[i % 4])));
        const double angle = 6.283185307179586 * (double)unit_interval(four[i % 4 + 1]);
        numbers[i - first] = (float)(radius * cos(angle));
        if (i + 1 < first + count)
            numbers[i + 1 - first] = (float)(radius * sin(angle));
    }
}

void random_permutation(random_address address, uint32_t count, uint32_t *order)
{
    for (uint32_t i = 0; i < count; i++)
        order[i] = i;
    for (uint32_t i = count; i > 1; i--) {
        uint32_t word;
        random_words(address, i, 1, &word);
        const uint32_t j = (uint32_t)((uint64_t)word * i >> 32);
        const uint32_t kept = order[i - 1];
        order[i - 1] = order[j];
        order[j] = kept;
    }
}
