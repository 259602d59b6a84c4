/* The folder of a run: recipe.ini (resolved), run.json (where the data is), checkpoint.safetensors, metrics.jsonl,
 * samples/. */
#ifndef TRAIN_RUN_FOLDER_H
#define TRAIN_RUN_FOLDER_H

#include "train/recipe.h"

#include <standin/standin.h>
#include <stdbool.h>

#define RUN_RECIPE_NAME "recipe.ini"

/* Makes the folder with recipe.ini and run.json. A folder that already holds a run is an error. */
int run_folder_make(const char *run, const standin_dataset *dataset, const struct recipe *recipe);

/* Writes recipe.ini again, when the run has learned a number that it then keeps to. */
int run_folder_write_recipe(const char *run, const struct recipe *recipe);

/* Writes into run.json where the images are now, if it says otherwise. */
int run_folder_write_place(const char *run, const standin_dataset *dataset);

/* Writes into run.json how long the run is expected to take, beside all that is there. */
int run_folder_write_prediction(const char *run, double seconds);

/* run/name, to be freed; NULL with the error set. */
char *run_path(const char *run, const char *name);

/* One line of metrics.jsonl. The figures of watch.h are there in the lines of a look; what is no number becomes null.
 */
struct metrics_line {
    int64_t step;
    double loss_d, loss_g, logit_real, logit_fake, images_per_second, seconds;
    bool looked;
    double diversity, contrast, distance, overfitting;
};

/* A line between these about what happened: a session "started" or was "prolonged" (towards so many steps), "finished",
 * was "stopped" or "failed"; an "alarm" began or is "over"; a "retreat". What is NULL or 0 is left out. */
struct metrics_event {
    int64_t step;
    const char *event, *alarm, *sentence;
    int64_t steps;
    double limit_seconds;
};

struct metrics;
/* Opens the run's metrics.jsonl to go on after `step`: later lines, left by a killed run, are dropped. */
int metrics_open(struct metrics **out, const char *run, int64_t step);
int metrics_write(struct metrics *metrics, const struct metrics_line *line);
int metrics_write_event(struct metrics *metrics, const struct metrics_event *event);
void metrics_close(struct metrics *metrics);

/* Writes samples/step-00001234.png. */
int run_write_samples(const char *run, int64_t step, const uint8_t *pixels, int count, int columns, int width,
                      int height, int channels);

#endif
