/* A training as a checkpoint: the tensors of the store, and the rest as text. */
#include "base/clock.h"
#include "base/error.h"
#include "train/checkpoint.h"
#include "train/origin.h"
#include "train/trainer_parts.h"

#include <math.h>
#include <stdlib.h>

static int describe(const struct trainer *trainer, struct metadata *metadata)
{
    int status = origin_write(metadata, &trainer->recipe, trainer->seed, trainer->shards, trainer->dataset);
    if (status == 0 && (status = metadata_set_integer(metadata, "step", trainer->step)) == 0 &&
        (status = metadata_set_integer(metadata, "goal.steps", trainer->goal.steps)) == 0 &&
        (status = metadata_set_real(metadata, "goal.seconds", trainer->goal.seconds)) == 0 &&
        (status = metadata_set_real(metadata, "seconds", trainer_elapsed(trainer))) == 0 &&
        (status = metadata_set_real(metadata, "rate-scale", trainer->rate_scale)) == 0)
        status = metadata_set_integer(metadata, "retreats", trainer->retreats);
    return status;
}

bool trainer_weights_are_finite(const struct trainer *trainer)
{
    for (int i = 0; i < store_tensors(trainer->store); i++) {
        const struct tensor *tensor = store_tensor(trainer->store, i);
        const float *number = tensor->data;
        for (int64_t k = 0; k < shape_elements(&tensor->shape); k++)
            if (!isfinite(number[k]))
                return false;
    }
    return true;
}

int trainer_save(struct trainer *trainer)
{
    const double start = clock_now();
    char *path = run_path(trainer->run, CHECKPOINT_NAME);
    struct metadata *metadata = NULL;
    int status = path ? metadata_new(&metadata) : STATUS_MEMORY;
    if (status == 0)
        status = sampler_update_statistics(trainer->sampler, trainer->recipe.standing_batches);
    if (status == 0)
        status = describe(trainer, metadata);
    if (status == 0)
        status = stepper_save(trainer->stepper, metadata);
    if (status == 0)
        status = checkpoint_save(path, trainer->store, metadata);
    metadata_free(metadata);
    free(path);
    trainer->saved_at = clock_now();
    trainer->save_seconds = trainer->saved_at - start;
    return status;
}

/* Such that the images that all updates have seen count in 64 bits, whatever the recipe. */
static const int64_t steps_most = 1000000000000;

static int read_description(struct trainer *trainer, const struct metadata *metadata, bool resuming)
{
    int status = origin_check_dataset(metadata, trainer->dataset);
    if (status == 0)
        status = metadata_integer(metadata, "step", 0, steps_most, &trainer->step);
    if (status < 0 || !resuming)
        return status;
    if ((status = metadata_real(metadata, "seconds", 0, 1e12, &trainer->seconds)) < 0 ||
        (status = metadata_real(metadata, "rate-scale", 0, 1, &trainer->rate_scale)) < 0 ||
        (status = metadata_integer(metadata, "retreats", 0, RETREATS_MAXIMUM, &trainer->retreats)) < 0 ||
        (status = metadata_integer(metadata, "goal.steps", 0, steps_most, &trainer->goal.steps)) < 0)
        return status;
    return metadata_real(metadata, "goal.seconds", 0, 1e12, &trainer->goal.seconds);
}

int trainer_load(struct trainer *trainer, const char *run, bool resuming)
{
    struct checkpoint *checkpoint;
    int status = checkpoint_open(&checkpoint, run);
    if (status < 0)
        return status;
    status = read_description(trainer, checkpoint_metadata(checkpoint), resuming);
    if (status < 0)
        error_prefix(status, "%s", checkpoint_path(checkpoint));
    else
        status = checkpoint_load(checkpoint, trainer->store, true);
    if (status == 0)
        status = stepper_load(trainer->stepper, checkpoint_metadata(checkpoint));
    checkpoint_close(checkpoint);
    stepper_states_changed(trainer->stepper);
    return status;
}

int trainer_restore(struct trainer *trainer, const char *run)
{
    return trainer_load(trainer, run, true);
}
