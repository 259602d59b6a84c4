/* The only file that knows the instructions. */
#include "kernel/cpu/amx.h"

#include "kernel/cpu/level.h"

#if defined(__x86_64__) && defined(__linux__)
#include <cpuid.h>
#include <immintrin.h>
#include <pthread.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512bf16,amx-tile,amx-bf16")))
#define INLINE static inline __attribute__((always_inline)) TARGET

/* The state of the unit is large, and Linux keeps it for those who asked. */
enum { REQUEST_PERMISSION = 0x1023, TILE_DATA = 18 };

static bool usable;

static void ask(void)
{
    unsigned a, b, c, d;
    if (cpu_level_is_said() || cpu_level() != CPU_AVX512 || !__get_cpuid_count(7, 0, &a, &b, &c, &d) ||
        !(d >> 22 & 1) || !(d >> 24 & 1))
        return; /* AMX-BF16, AMX-TILE */
    if (!__get_cpuid_count(7, 1, &a, &b, &c, &d) || !(a >> 5 & 1))
        return; /* AVX512-BF16 */
    usable = syscall(SYS_arch_prctl, REQUEST_PERMISSION, TILE_DATA) == 0;
}

bool amx_here(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, ask);
    return usable;
}

/* As the instruction reads it. */
struct configuration {
    uint8_t palette, start, reserved[14];
    uint16_t row_bytes[16];
    uint8_t rows[16];
};

/* Eight tiles of the full size. Static: a compiler may think that the instruction reads less of it than it does. */
static const struct configuration all_tiles = {
    .palette = 1, .row_bytes = {64, 64, 64, 64, 64, 64, 64, 64}, .rows = {16, 16, 16, 16, 16, 16, 16, 16}};

TARGET void amx_begin(void)
{
    _tile_loadconfig(&all_tiles);
}

TARGET void amx_end(void)
{
    _tile_release();
}

INLINE void multiply(const struct amx_product *p, bool rows, bool columns)
{
    const size_t a_row = (size_t)p->a_row * 2, b_row = (size_t)p->b_row * 2, c_row = (size_t)p->c_row * 4;
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
    for (int64_t t = 0; t < p->count; t++) {
        const struct amx_term term = p->terms[t];
        _tile_loadd(4, p->a[0] + term.a, a_row);
        _tile_loadd(6, p->b[0] + term.b, b_row);
        _tile_dpbf16ps(0, 4, 6);
        if (columns) {
            _tile_loadd(7, p->b[1] + term.b, b_row);
            _tile_dpbf16ps(1, 4, 7);
        }
        if (rows) {
            _tile_loadd(5, p->a[1] + term.a, a_row);
            _tile_dpbf16ps(2, 5, 6);
        }
        if (rows && columns)
            _tile_dpbf16ps(3, 5, 7);
    }
    _tile_stored(0, p->c[0][0], c_row);
    if (columns)
        _tile_stored(1, p->c[0][1], c_row);
    if (rows)
        _tile_stored(2, p->c[1][0], c_row);
    if (rows && columns)
        _tile_stored(3, p->c[1][1], c_row);
}

TARGET void amx_multiply(const struct amx_product *p)
{
    if (p->a[1] && p->b[1])
        multiply(p, true, true);
    else if (p->a[1])
        multiply(p, true, false);
    else if (p->b[1])
        multiply(p, false, true);
    else
        multiply(p, false, false);
}

INLINE __mmask16 first_numbers(int64_t count)
{
    return (__mmask16)(count >= AMX_SIDE ? 0xFFFF : (1 << count) - 1);
}

INLINE __m256i narrow(const float *from, __mmask16 numbers)
{
    return (__m256i)_mm512_cvtneps_pbh(_mm512_maskz_loadu_ps(numbers, from));
}

TARGET void amx_narrow(bfloat16 *to, const float *from, int64_t count)
{
    for (int64_t i = 0; i < count; i += AMX_SIDE) {
        const __mmask16 numbers = first_numbers(count - i);
        _mm256_mask_storeu_epi16(to + i, numbers, narrow(from + i, numbers));
    }
}

TARGET void amx_narrow_pairs(bfloat16 *to, const float *even, const float *odd, int64_t count)
{
    for (int64_t i = 0; i < count; i += AMX_SIDE) {
        const __mmask16 numbers = first_numbers(count - i);
        const __m512i low = _mm512_cvtepu16_epi32(narrow(even + i, numbers)),
                      high = _mm512_cvtepu16_epi32(narrow(odd + i, numbers));
        _mm512_mask_storeu_epi32(to + 2 * i, numbers, _mm512_or_si512(low, _mm512_slli_epi32(high, 16)));
    }
}

typedef int32_t pairs __attribute__((vector_size(64)));

INLINE pairs mix_low(pairs a, pairs b)
{
    return __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

INLINE pairs mix_high(pairs a, pairs b)
{
    return __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}

/* Interleaving the first half of the rows with the second, log2(AMX_SIDE) times. */
TARGET void amx_turn_pairs(bfloat16 *to, ptrdiff_t to_row, const bfloat16 *from)
{
    pairs rows[AMX_SIDE], mixed[AMX_SIDE];
    for (int i = 0; i < AMX_SIDE; i++)
        memcpy(&rows[i], from + i * AMX_DEPTH, sizeof rows[i]);
    for (int round = 1; round < AMX_SIDE; round *= 2) {
        for (int i = 0; i < AMX_SIDE / 2; i++) {
            mixed[2 * i] = mix_low(rows[i], rows[i + AMX_SIDE / 2]);
            mixed[2 * i + 1] = mix_high(rows[i], rows[i + AMX_SIDE / 2]);
        }
        memcpy(rows, mixed, sizeof rows);
    }
    for (int i = 0; i < AMX_SIDE; i++)
        memcpy(to + i * to_row, &rows[i], sizeof rows[i]);
}

#else

bool amx_here(void)
{
    return false;
}

/* Nobody calls these. */

void amx_begin(void)
{
}

void amx_end(void)
{
}

void amx_multiply(const struct amx_product *product)
{
    (void)product;
}

void amx_narrow(bfloat16 *to, const float *from, int64_t count)
{
    (void)to, (void)from, (void)count;
}

void amx_narrow_pairs(bfloat16 *to, const float *even, const float *odd, int64_t count)
{
    (void)to, (void)even, (void)odd, (void)count;
}

void amx_turn_pairs(bfloat16 *to, ptrdiff_t to_row, const bfloat16 *from)
{
    (void)to, (void)to_row, (void)from;
}

#endif
