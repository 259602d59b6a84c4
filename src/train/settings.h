/* From a recipe and the images at hand to the settings of a step. */
#ifndef TRAIN_SETTINGS_H
#define TRAIN_SETTINGS_H

#include "train/recipe.h"
#include "train/step.h"

/* channels: of the images that there are, 1 or 3; the recipe must agree or say auto. classes: how many there are; with
 * one, the recipe's labels have no effect. */
int settings_from_recipe(struct step_settings *settings, const struct recipe *recipe, int channels, int classes);

/* The number of steps that the recipe asks for, given the number of images. */
int64_t settings_steps(const struct recipe *recipe, int64_t images);

/* What a step is told: `progress` is the share of the training that lies behind, rate_scale multiplies both learning
 * rates, and `augment` is the strength of the augmentation. */
struct step_schedule settings_schedule(const struct recipe *recipe, int64_t step, double progress, double rate_scale,
                                       double augment);

/* Whether a step depends on how many there will be: by a schedule, or by a replay that knows the last epoch. */
bool settings_depend_on_steps(const struct recipe *recipe);

/* "ema" if the recipe averages the generator, otherwise "g": the prefix of the weights that make images. */
const char *settings_generator_prefix(const struct step_settings *settings);

#endif
