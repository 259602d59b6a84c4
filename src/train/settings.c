/* Recipe to step settings, and the schedules. */
#include "train/settings.h"

#include "base/error.h"
#include "train/replay.h"

#include <math.h>

static struct network network_from_recipe(const struct recipe *recipe, int channels, int classes)
{
    const bool labelled = classes > 1 && recipe_learns_labels(recipe);
    return (struct network){
        .family = (enum network_family)recipe->network,
        .height = recipe->height,
        .width = recipe->width,
        .channels = channels,
        .latent = recipe->latent,
        .features_g = recipe->width_g,
        .features_d = recipe->width_d,
        .classes = labelled ? classes : 0,
        .guesses = labelled && recipe->class_guess == GUESS_CLASS_AND_ORIGIN ? 2 * classes : classes,
        .label_g = labelled || recipe->label_g == LABEL_STYLE ? (enum label_use)recipe->label_g : LABEL_UNUSED,
        .label_d = labelled ? (enum label_use)recipe->label_d : LABEL_UNUSED,
        .slope = recipe->leak,
        .initial_deviation = recipe->initial_deviation,
        .normalise_g = recipe->norm_g == NORM_BATCH,
        .normalise_d = recipe->norm_d == NORM_BATCH,
        .spectral_d = recipe->norm_d == NORM_SPECTRAL};
}

int settings_from_recipe(struct step_settings *settings, const struct recipe *recipe, int channels, int classes)
{
    if (recipe->channels != 0 && recipe->channels != channels)
        return error_set(STATUS_INPUT, "the recipe says channels = %d, the images have %d", recipe->channels, channels);
    const struct network network = network_from_recipe(recipe, channels, classes);
    *settings = (struct step_settings){
        .network = network,
        .batch = recipe->batch,
        .loss = (enum loss_kind)recipe->loss,
        .penalty = (enum penalty_kind)recipe->penalty,
        .class_weight = network.classes > 0 ? recipe->class_weight : 0,
        .class_origin = recipe->class_guess == GUESS_CLASS_AND_ORIGIN,
        .beta1 = recipe->beta1,
        .epsilon = recipe->epsilon,
        .augment = recipe->augment,
        .augment_controlled = recipe->augment_control,
        .ramp = network.classes > 0 && recipe->ramp_end > 0,
        .replay = recipe->replay != REPLAY_NONE,
        .average = recipe->ema > 0,
    };
    return network_check(&settings->network);
}

int64_t settings_steps(const struct recipe *recipe, int64_t images)
{
    return recipe->steps > 0 ? recipe->steps : (recipe->epochs * images + recipe->batch - 1) / recipe->batch;
}

/* ---- Schedules ---------------------------------------------------------------------------------------------- */

/* What is left of the learning rates. */
static double decayed(const struct recipe *recipe, double progress)
{
    switch (recipe->decay) {
    case DECAY_LINEAR: return 1 - progress;
    case DECAY_COSINE: return 0.5 * (1 + cos(acos(-1) * progress));
    default: return 1;
    }
}

static double label_strength(const struct recipe *recipe, double progress)
{
    if (recipe->ramp_end <= recipe->ramp_begin)
        return progress >= recipe->ramp_end ? 1 : 0;
    const double strength = (progress - recipe->ramp_begin) / (recipe->ramp_end - recipe->ramp_begin);
    return fmin(1, fmax(0, strength));
}

/* The average follows fast at first, when there is no past worth keeping. */
static double average_rate(const struct recipe *recipe, int64_t step)
{
    const double young = (1 + (double)step) / (10 + (double)step);
    return 1 - (recipe->ema < young ? recipe->ema : young);
}

struct step_schedule settings_schedule(const struct recipe *recipe, int64_t step, double progress, double rate_scale,
                                       double augment)
{
    const double rate = rate_scale * decayed(recipe, progress);
    const double beta2_end = recipe->beta2_end > 0 ? recipe->beta2_end : recipe->beta2;
    return (struct step_schedule){.rate_g = recipe->learning_rate_g * rate,
                                  .rate_d = recipe->learning_rate_d * rate,
                                  .beta2 = recipe->beta2 + (beta2_end - recipe->beta2) * progress,
                                  .average_rate = average_rate(recipe, step),
                                  .label_strength = label_strength(recipe, progress),
                                  .augment_strength = augment,
                                  .penalty = recipe->penalty_weight,
                                  .updates_g = step,
                                  .updates_d = step * recipe->steps_d};
}

bool settings_depend_on_steps(const struct recipe *recipe)
{
    return recipe->decay != DECAY_NONE || recipe->ramp_end > 0 || recipe->beta2_end > 0 ||
           recipe->replay == REPLAY_EPOCH;
}

const char *settings_generator_prefix(const struct step_settings *settings)
{
    return settings->average ? "ema" : "g";
}
