/* Counter-based random numbers: the finaliser of splitmix64 (Steele, Lea and Flood 2014) over key and counter. */
#include "random.h"

static const uint64_t golden = 0x9e3779b97f4a7c15u;

static uint64_t mix_bits(uint64_t z)
{
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

random_stream random_begin(uint64_t seed, uint32_t class_index, uint32_t race, uint32_t image)
{
    uint64_t key = mix_bits(seed + golden);
    key = mix_bits(key ^ (((uint64_t)class_index << 32) | race)) + golden;
    key = mix_bits(key ^ image);
    return (random_stream){key, 0};
}

random_stream random_branch(const random_stream *parent, uint32_t purpose)
{
    return (random_stream){mix_bits(parent->key ^ mix_bits(purpose * golden + 1)), 0};
}

uint64_t random_bits(random_stream *stream)
{
    stream->counter++;
    return mix_bits(stream->key + stream->counter * golden);
}

float random_unit(random_stream *stream)
{
    return (float)(random_bits(stream) >> 40) * 0x1p-24f;
}

float random_range(random_stream *stream, float low, float high)
{
    return low + (high - low) * random_unit(stream);
}

int random_below(random_stream *stream, int count)
{
    return (int)((random_bits(stream) >> 32) * (uint64_t)count >> 32);
}

int random_chance(random_stream *stream, float probability)
{
    return random_unit(stream) < probability;
}
