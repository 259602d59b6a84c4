/* standin make: what its stages share. Each stage looks first whether an earlier call has finished it, and leaves a
 * file in the work folder when it is done. */
#ifndef CLI_MAKE_H
#define CLI_MAKE_H

#include "arguments.h"
#include "make_folder.h"
#include "make_view.h"

#include <jansson.h>

/* How the time is shared out. */
struct make_plan {
    double train;  /* seconds for training the generator */
    int64_t steps; /* of each classifier */
    int seeds;     /* classifiers of each kind */
};

struct make {
    const struct arguments *arguments;
    struct console console;
    struct make_view view;
    double begun, spent_before;          /* when this call began; seconds that earlier ones took */
    char *data, *share, *staging, *work; /* whole paths: DIR, SHARE, what becomes SHARE, the work folder */
    int lock;
    bool refused;                        /* the reason has been said */
    json_t *settings;                    /* what the result depends on */
    bool settled;                        /* the settings are in the work folder */
    standin_recipe *recipe;
    standin_dataset *train, *holdout, *test, *synthetic;
    json_t *split;                       /* what came of it, for the report */
    struct make_plan plan;
};

static inline bool make_can_study(const struct make *make)
{
    return standin_dataset_classes(make->train) > 1;
}

/* Seconds that the job has taken so far; of a stage that was killed nothing is in it. */
static inline double make_spent(const struct make *make)
{
    return make->spent_before + console_now() - make->begun;
}

/* Says why not; returns STANDIN_INPUT. */
int make_refuse(struct make *make, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* For what make_folder.h returns: 0, or the reason said and STANDIN_FILE. */
int make_check_file(struct make *make, int failure, const char *path);

/* The paths, made whole and checked against each other; the work folder, held. */
int make_open_folders(struct make *make);

/* Refuses a SHARE.part with something in it that no call with this work folder made. */
int make_staging_check(struct make *make);

/* After that: it is there, empty, and known to be made by this command. */
int make_staging_begin(struct make *make);

/* Reads the images: all in the size that the recipe chooses or, if `look`, without pixels. */
int make_open_data(struct make *make, standin_dataset **whole, bool look);
int make_open_recipe(struct make *make);

/* Compares what is asked for, and then the images, with what an earlier call was asked for; keeps it if there was none.
 */
int make_settings_compare(struct make *make);
int make_settings_compare_images(struct make *make, const standin_dataset *whole);
int make_settings_keep(struct make *make);

/* Seconds that each stage has taken so far, by its name; the caller's. */
json_t *make_taken(const struct make *make);

/* Keeps the time that was spent; what is killed later loses what came after the last call. */
void make_settings_keep_time(struct make *make);

/* Whether what lies at SHARE was made by this command. */
bool make_is_shared(const struct make *make);

int make_split(struct make *make, const standin_dataset *whole);
int make_plan_time(struct make *make);  /* of everything */
int make_plan_proof(struct make *make); /* of what comes after the training */
int make_train(struct make *make);
int make_generate(struct make *make);
int make_evaluate(struct make *make);
int make_study(struct make *make);
int make_share(struct make *make);

/* On standard output: the verdict, what a classifier of synthetic images makes of real ones, and where everything lies.
 */
int make_say_result(const struct make *make);

#endif
