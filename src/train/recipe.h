/* A recipe: every setting of a training run. One table says for each setting its key, range, default and meaning;
 * reading, checking and writing follow from it. Whoever trains reads the plain fields. */
#ifndef TRAIN_RECIPE_H
#define TRAIN_RECIPE_H

#include <stdbool.h>
#include <stdint.h>

enum { RECIPE_STEPS_MAXIMUM = 1000000000 };

enum norm { NORM_NONE, NORM_BATCH, NORM_SPECTRAL };
enum precision { PRECISION_FLOAT, PRECISION_BFLOAT16 };
enum class_guess { GUESS_CLASS, GUESS_CLASS_AND_ORIGIN };
enum decay { DECAY_NONE, DECAY_LINEAR, DECAY_COSINE };

/* See the table in recipe.c for what each field means. */
struct recipe {
    int width, height;
    int channels; /* 1, 3, or 0: whatever the images are */
    bool mirror, balanced;
    double held_back;
    unsigned augment; /* enum augment_part */

    int network; /* enum network_family */
    int64_t latent, width_g, width_d;
    int norm_g, norm_d;   /* enum norm */
    int label_g, label_d; /* enum label_use */
    double leak, initial_deviation;

    int loss;    /* enum loss_kind */
    int penalty; /* enum penalty_kind */
    double penalty_weight, class_weight;
    int class_guess; /* enum class_guess */
    int replay; /* enum replay_mode */
    double ramp_begin, ramp_end;
    bool augment_control;
    int64_t batch, steps_d;
    int64_t steps, epochs; /* steps 0: as many as the epochs make */
    int precision;         /* enum precision */

    double learning_rate_g, learning_rate_d, beta1, beta2, beta2_end, epsilon;
    int decay; /* enum decay */

    double ema; /* 0: off */
    int64_t standing_batches;
};

/* The public handle. */
enum { RECIPE_SETTINGS_MAXIMUM = 64 };
struct standin_recipe {
    struct recipe settings;
    bool automatic; /* to be fitted to the data and the time: see automatic.h */
    bool said[RECIPE_SETTINGS_MAXIMUM]; /* of each setting in the table: the user has chosen it */
};

/* Whether the user has chosen this setting, which must be one. */
bool recipe_was_said(const struct standin_recipe *recipe, const char *key);

/* Whether the data and the time decide this setting, which must be one. */
bool recipe_fits_itself(const struct standin_recipe *recipe, const char *key);

/* Whether its networks are told the classes of a set of several. */
bool recipe_learns_labels(const struct recipe *recipe);

/* Every setting at its default. */
int recipe_default(struct recipe *recipe);

/* Changes what the text of a recipe file says; `name` stands in messages for the file. On failure nothing changes. */
int recipe_read(struct recipe *recipe, const char *name, const char *text);

int recipe_set(struct recipe *recipe, const char *key, const char *value);

/* The whole recipe as a file, each setting with its explanation; it reads back to the same recipe. Free with free(). */
int recipe_text(const struct recipe *recipe, char **out);

/* "batch = 8, not 32; leak = 0.2, not 0.3": where a run that has the first would be another with `given`; "" if it
 * would not. The number of steps, which a run may change, and what `given` leaves to the data do not count. Free with
 * free(). */
int recipe_difference(char **out, const struct recipe *run, const struct standin_recipe *given);

#endif
