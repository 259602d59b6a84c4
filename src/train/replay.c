/* The buffer. `shown`: which slot each place of the batch shows in this step, from replay_before to replay_after. */
#include "train/replay.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/philox.h"

#include <stdlib.h>
#include <string.h>

enum { POOL_SLOTS = 50, BATCH_MAXIMUM = 1 << 20 };
enum { NOTHING = -1 };
enum choice { CHOICE_SHOWN, CHOICE_REPLACED, CHOICE_COIN, CHOICE_KEPT };

struct replay {
    struct replay_settings settings;
    enum number_type type;
    int64_t slots, filled;
    size_t number_bytes, picture_bytes;
    struct tensor *pictures, *labels, *count; /* of the store */
    char *shown_pictures, *shown_labels, *mask;
    int64_t *shown;
    uint32_t *order;
};

static double number_get(enum number_type type, const void *data)
{
    return type == NUMBER_F64 ? *(const double *)data : (double)*(const float *)data;
}

static void number_set(enum number_type type, void *data, double value)
{
    if (type == NUMBER_F64)
        *(double *)data = value;
    else
        *(float *)data = (float)value;
}

/* --- Life ------------------------------------------------------------------------------------------------- */

static int64_t slots_of(const struct replay_settings *settings)
{
    return settings->mode == REPLAY_POOL ? POOL_SLOTS : settings->batch;
}

static int check(const struct replay_settings *settings)
{
    if (settings->batch < 1 || settings->batch > BATCH_MAXIMUM)
        return error_set(STATUS_INPUT, "experience replay: a batch of %lld pictures is not between 1 and %d",
                         (long long)settings->batch, BATCH_MAXIMUM);
    if (settings->mode == REPLAY_HISTORY && settings->batch < 2)
        return error_set(STATUS_INPUT, "experience replay: half a batch takes a batch of at least 2 pictures");
    const int64_t factors[] = {slots_of(settings), settings->height, settings->width, settings->channels,
                               sizeof(double)};
    int64_t bytes = 1;
    for (size_t i = 0; i < sizeof factors / sizeof *factors; i++)
        if (factors[i] < 1 || !size_multiply(bytes, factors[i], &bytes))
            return error_set(STATUS_INPUT, "experience replay: pictures of %lldx%lldx%lld cannot be kept",
                             (long long)settings->width, (long long)settings->height, (long long)settings->channels);
    return 0;
}

static int add_tensors(struct replay *replay, struct store *store)
{
    const struct replay_settings *settings = &replay->settings;
    const struct shape pictures =
        shape_of(4, (int64_t[]){replay->slots, settings->height, settings->width, settings->channels});
    int status = store_add(store, &replay->pictures, "replay.images", pictures);
    if (status == 0)
        status = store_add(store, &replay->labels, "replay.labels", shape_of(1, &replay->slots));
    if (status == 0)
        status = store_add(store, &replay->count, "replay.filled", shape_of(1, (int64_t[]){1}));
    return status;
}

static int allocate(struct replay *replay)
{
    const size_t batch = (size_t)replay->settings.batch, slots = (size_t)replay->slots;
    replay->shown_pictures = memory_new_aligned(batch * replay->picture_bytes);
    replay->shown_labels = memory_new_aligned(batch * replay->number_bytes);
    replay->mask = memory_new_aligned(batch * replay->number_bytes);
    replay->shown = memory_new(batch, sizeof *replay->shown);
    replay->order = memory_new(slots, sizeof *replay->order);
    if (!replay->shown_pictures || !replay->shown_labels || !replay->mask || !replay->shown || !replay->order)
        return STATUS_MEMORY;
    for (size_t i = 0; i < batch; i++)
        replay->shown[i] = NOTHING;
    return 0;
}

int replay_new(struct replay **out, const struct replay_settings *settings, struct store *store)
{
    *out = NULL;
    int status = check(settings);
    if (status < 0)
        return status;
    struct replay *replay = memory_new(1, sizeof *replay);
    if (!replay)
        return STATUS_MEMORY;
    replay->settings = *settings;
    replay->type = store_type(store);
    replay->number_bytes = replay->type == NUMBER_F64 ? sizeof(double) : sizeof(float);
    replay->slots = slots_of(settings);
    status = add_tensors(replay, store);
    if (status == 0) {
        replay->picture_bytes = tensor_bytes(store, replay->pictures) / (size_t)replay->slots;
        status = allocate(replay);
    }
    if (status < 0)
        replay_free(replay);
    else
        *out = replay;
    return status;
}

void replay_free(struct replay *replay)
{
    if (!replay)
        return;
    free(replay->shown_pictures);
    free(replay->shown_labels);
    free(replay->mask);
    free(replay->shown);
    free(replay->order);
    free(replay);
}

/* --- Chance ----------------------------------------------------------------------------------------------- */

static random_address address(const struct replay *replay, const struct replay_moment *moment, enum choice choice)
{
    return (random_address){replay->settings.seed, moment->step, RANDOM_REPLAY, choice};
}

/* replay->order: the first `count` slots in random order. */
static void shuffle(struct replay *replay, const struct replay_moment *moment, enum choice choice, int64_t count)
{
    random_permutation(address(replay, moment, choice), (uint32_t)count, replay->order);
}

static uint32_t word(const struct replay *replay, const struct replay_moment *moment, enum choice choice, int64_t index)
{
    uint32_t result;
    random_words(address(replay, moment, choice), (uint64_t)index, 1, &result);
    return result;
}

static void *picture_at(const struct replay *replay, int64_t slot)
{
    return (char *)replay->pictures->data + (size_t)slot * replay->picture_bytes;
}

static void *label_at(const struct replay *replay, int64_t slot)
{
    return (char *)replay->labels->data + (size_t)slot * replay->number_bytes;
}

/* --- What is shown ---------------------------------------------------------------------------------------- */

static void choose_epoch(struct replay *replay, const struct replay_moment *moment)
{
    if (replay->filled == replay->slots || moment->last_epoch)
        for (int64_t i = 0; i < replay->filled; i++)
            replay->shown[i] = i;
}

static void choose_history(struct replay *replay, const struct replay_moment *moment)
{
    const int64_t half = replay->settings.batch / 2;
    shuffle(replay, moment, CHOICE_SHOWN, replay->filled);
    for (int64_t i = 0; i < half && i < replay->filled; i++)
        replay->shown[i] = replay->order[i];
}

/* Those that go into free slots are shown themselves. No slot is swapped twice in a step: the second would have to show
 * a picture that is being generated. */
static void choose_pool(struct replay *replay, const struct replay_moment *moment)
{
    int64_t swapped = 0;
    shuffle(replay, moment, CHOICE_SHOWN, replay->filled);
    for (int64_t i = replay->slots - replay->filled; i < replay->settings.batch && swapped < replay->filled; i++)
        if (word(replay, moment, CHOICE_COIN, i) >> 31)
            replay->shown[i] = replay->order[swapped++];
}

static void copy_shown(struct replay *replay)
{
    const size_t picture = replay->picture_bytes, number = replay->number_bytes;
    for (int64_t i = 0; i < replay->settings.batch; i++) {
        const size_t place = (size_t)i;
        number_set(replay->type, replay->mask + place * number, replay->shown[i] == NOTHING ? 0 : 1);
        if (replay->shown[i] == NOTHING)
            continue;
        memcpy(replay->shown_pictures + place * picture, picture_at(replay, replay->shown[i]), picture);
        memcpy(replay->shown_labels + place * number, label_at(replay, replay->shown[i]), number);
    }
}

int replay_before(struct replay *replay, const struct replay_moment *moment)
{
    const double filled = number_get(replay->type, replay->count->data);
    if (!(filled >= 0 && filled <= (double)replay->slots) || (double)(int64_t)filled != filled)
        return error_set(STATUS_INPUT, "replay.filled is %g, not a whole number from 0 to %lld", filled,
                         (long long)replay->slots);
    replay->filled = (int64_t)filled;
    for (int64_t i = 0; i < replay->settings.batch; i++)
        replay->shown[i] = NOTHING;
    switch (replay->settings.mode) {
    case REPLAY_EPOCH: choose_epoch(replay, moment); break;
    case REPLAY_HISTORY: choose_history(replay, moment); break;
    case REPLAY_POOL: choose_pool(replay, moment); break;
    case REPLAY_NONE: break;
    }
    copy_shown(replay);
    return 0;
}

/* --- What goes in ----------------------------------------------------------------------------------------- */

struct generated {
    const char *pictures, *labels;
};

static void put(struct replay *replay, int64_t slot, const struct generated *generated, int64_t place)
{
    const size_t picture = replay->picture_bytes, number = replay->number_bytes;
    memcpy(picture_at(replay, slot), generated->pictures + (size_t)place * picture, picture);
    if (generated->labels)
        memcpy(label_at(replay, slot), generated->labels + (size_t)place * number, number);
}

static void keep_epoch(struct replay *replay, const struct replay_moment *moment, const struct generated *generated)
{
    if (replay->shown[0] != NOTHING)
        replay->filled = 0;
    if (moment->epoch_ends && !moment->last_epoch) {
        const uint64_t batch = (uint64_t)replay->settings.batch;
        put(replay, replay->filled++, generated, (int64_t)(word(replay, moment, CHOICE_KEPT, 0) * batch >> 32));
    }
}

static void keep_history(struct replay *replay, const struct replay_moment *moment, const struct generated *generated)
{
    const int64_t half = replay->settings.batch / 2;
    shuffle(replay, moment, CHOICE_REPLACED, replay->slots);
    for (int64_t i = 0; i < half; i++) {
        const int64_t slot = replay->filled < replay->slots ? replay->filled++ : replay->order[i];
        put(replay, slot, generated, replay->settings.batch - half + i);
    }
}

static void keep_pool(struct replay *replay, const struct generated *generated)
{
    for (int64_t i = 0; i < replay->settings.batch; i++) {
        if (replay->shown[i] != NOTHING)
            put(replay, replay->shown[i], generated, i);
        else if (replay->filled < replay->slots)
            put(replay, replay->filled++, generated, i);
    }
}

void replay_after(struct replay *replay, const struct replay_moment *moment, const void *pictures, const void *labels)
{
    const struct generated generated = {pictures, labels};
    switch (replay->settings.mode) {
    case REPLAY_EPOCH: keep_epoch(replay, moment, &generated); break;
    case REPLAY_HISTORY: keep_history(replay, moment, &generated); break;
    case REPLAY_POOL: keep_pool(replay, &generated); break;
    case REPLAY_NONE: break;
    }
    number_set(replay->type, replay->count->data, (double)replay->filled);
}

/* --- Inputs ----------------------------------------------------------------------------------------------- */

static const char *const pictures_input = "replay", *const labels_input = "replay-label",
                  *const mask_input = "replay-mask";

struct replay_inputs replay_inputs(const struct replay *replay)
{
    return (struct replay_inputs){replay->shown_pictures, replay->shown_labels, replay->mask};
}

int replay_bind(struct replay *replay, struct executor *executor, bool labelled)
{
    int status = executor_bind(executor, pictures_input, replay->shown_pictures);
    if (status == 0 && labelled)
        status = executor_bind(executor, labels_input, replay->shown_labels);
    return status == 0 ? executor_bind(executor, mask_input, replay->mask) : status;
}

static struct node *mask(struct graph *g, int64_t batch)
{
    return graph_input(g, mask_input, shape_batch(batch, 3, (int64_t[]){1, 1, 1}));
}

struct node *replay_pictures(struct graph *g, struct node *fresh)
{
    if (!fresh)
        return NULL;
    struct node *replayed = graph_input(g, pictures_input, fresh->shape);
    return graph_select(g, mask(g, fresh->shape.size[0]), replayed, fresh);
}

struct node *replay_labels(struct graph *g, struct node *fresh)
{
    if (!fresh)
        return NULL;
    struct node *replayed = graph_input(g, labels_input, fresh->shape);
    return graph_select(g, graph_reshape(g, mask(g, fresh->shape.size[0]), fresh->shape), replayed, fresh);
}
