/* Reservoir sampling: one pass, every image equally likely. */
#include "picks.h"

/* SplitMix64, to be the same on every machine. */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

int picks_choose(const standin_dataset *dataset, int class_index, int count, int64_t *image)
{
    uint64_t state = (uint64_t)class_index;
    int64_t seen = 0;
    for (int64_t i = 0; i < standin_dataset_images(dataset); i++) {
        standin_image about;
        if (standin_dataset_image(dataset, i, &about) < 0 || (class_index >= 0 && about.class_index != class_index))
            continue;
        const int64_t place = seen < count ? seen : (int64_t)(next_random(&state) % (uint64_t)(seen + 1));
        if (place < count)
            image[place] = i;
        seen++;
    }
    return seen < count ? (int)seen : count;
}
