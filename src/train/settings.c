/* Recipe to step settings. */
#include "train/settings.h"

#include "base/error.h"

int settings_from_recipe(struct step_settings *settings, const struct recipe *recipe, int channels)
{
    if (recipe->channels != 0 && recipe->channels != channels)
        return error_set(STATUS_INPUT, "the recipe says channels = %d, the images have %d", recipe->channels, channels);
    *settings = (struct step_settings){
        .network = {.height = recipe->height,
                    .width = recipe->width,
                    .channels = channels,
                    .latent = recipe->latent,
                    .features_g = recipe->width_g,
                    .features_d = recipe->width_d,
                    .slope = recipe->leak,
                    .initial_deviation = recipe->initial_deviation,
                    .normalise = recipe->normalise},
        .batch = recipe->batch,
        .loss = (enum loss_kind)recipe->loss,
        .beta1 = recipe->beta1,
        .beta2 = recipe->beta2,
        .epsilon = recipe->epsilon,
        .average = recipe->ema > 0,
    };
    return dcgan_check(&settings->network);
}

int64_t settings_steps(const struct recipe *recipe, int64_t images)
{
    return recipe->steps > 0 ? recipe->steps : (recipe->epochs * images + recipe->batch - 1) / recipe->batch;
}

const char *settings_generator_prefix(const struct step_settings *settings)
{
    return settings->average ? "ema" : "g";
}
