/* Who gets how much of the time. What proof costs follows from the measured time of a classifier's step; a short budget
 * gets fewer classifiers, then shorter ones; all that is left goes into the generator. Once this is trained the time of
 * a step is measured again, and proof gets what is left of the budget: a machine may have become slower or faster
 * meanwhile. */
#include "make.h"

#include "stop.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char plan_name[] = "plan.json";
static const double budget_default = 3600;
static const double proof_share = 0.35;    /* of the budget, at most, while fewer classifiers can be taken */
static const double training_least = 0.3;  /* of the budget, however long proof takes */
static const double making_share = 0.02, margin = 0.03;
enum { PACE_STEPS = 6 };

/* ---- The time of a step ------------------------------------------------------------------------------------- */

struct pace {
    double at[PACE_STEPS + 1];
};

static int note_step(void *context, const standin_classifier_status *status)
{
    struct pace *pace = context;
    if (status->step >= 0 && status->step <= PACE_STEPS)
        pace->at[status->step] = status->seconds;
    return stop_wanted();
}

static int measure_pace(double *seconds, struct make *make)
{
    struct pace pace = {{0}};
    standin_classifier_options options = STANDIN_CLASSIFIER_OPTIONS_INIT;
    options.steps = PACE_STEPS;
    options.threads = (int)make->arguments->threads;
    options.progress = note_step;
    options.progress_context = &pace;
    char *model = make_path(make->work, "pace.safetensors");
    const int status = model ? standin_classifier_train(model, make->train, &options) : STANDIN_MEMORY;
    *seconds = 0;
    for (int i = 2; i <= PACE_STEPS; i++) /* the first touches all memory for the first time */
        if (pace.at[i] > pace.at[i - 1] && (*seconds <= 0 || pace.at[i] - pace.at[i - 1] < *seconds))
            *seconds = pace.at[i] - pace.at[i - 1];
    if (model)
        unlink(model);
    free(model);
    return status;
}

/* ---- What proof costs --------------------------------------------------------------------------------------- */

static double steps_of_evaluation(const struct make *make, int64_t steps)
{
    static const double always = 40, an_image = 0.13; /* what the measures take */
    return 2.0 * (double)steps + always + an_image * (double)standin_dataset_images(make->train);
}

static double steps_of_study(const struct make *make, const struct make_plan *plan)
{
    /* Six kinds, and about four points of the curve of real images; a tested image costs a third of one trained on. */
    static const double kinds = 10, batch = 64;
    const double tests = (double)standin_dataset_images(make->test) / (3 * batch);
    return make_can_study(make) ? kinds * plan->seeds * ((double)plan->steps + tests) : 0;
}

static double steps_of_proof(const struct make *make, const struct make_plan *plan)
{
    return steps_of_evaluation(make, plan->steps) + steps_of_study(make, plan);
}

/* The most that `affordable` steps pay for; what was said on the command line stays. */
static void choose_proof(struct make *make, double affordable)
{
    static const struct make_plan choices[] = {
        {0, STANDIN_CLASSIFIER_STEPS, 5}, {0, STANDIN_CLASSIFIER_STEPS, 4}, {0, STANDIN_CLASSIFIER_STEPS, 3},
        {0, STANDIN_CLASSIFIER_STEPS, 2}, {0, 400, 2},                      {0, 200, 2},
        {0, 200, 1},                      {0, 100, 1},
    };
    const double train = make->plan.train;
    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++) {
        make->plan = choices[i];
        make->plan.train = train;
        if (make->arguments->steps > 0)
            make->plan.steps = make->arguments->steps;
        if (make->arguments->seeds > 0)
            make->plan.seeds = (int)make->arguments->seeds;
        if (steps_of_proof(make, &make->plan) <= affordable)
            return;
    }
}

/* ---- The shares --------------------------------------------------------------------------------------------- */

static bool is_limited(const struct make *make)
{
    return make->arguments->gan_steps == 0;
}

static double budget_of(const struct make *make)
{
    return make->arguments->budget > 0 ? make->arguments->budget : budget_default;
}

static void plan_proof(struct make *make, double pace, double seconds)
{
    choose_proof(make, is_limited(make) && pace > 0 ? seconds / pace : 1e12);
    make->view.expected[MAKE_EVALUATE] = pace * steps_of_evaluation(make, make->plan.steps);
    make->view.expected[MAKE_STUDY] = pace * steps_of_study(make, &make->plan);
}

static void share_out(struct make *make, double pace)
{
    const double budget = budget_of(make);
    const bool limited = is_limited(make);
    double *expected = make->view.expected;
    plan_proof(make, pace, proof_share * budget);
    expected[MAKE_GENERATE] = limited ? making_share * budget : 0;
    expected[MAKE_REPORT] = 1;
    if (!limited)
        return;
    double left = budget * (1 - margin) - make_spent(make);
    for (int stage = MAKE_GENERATE; stage < MAKE_STAGES; stage++)
        left -= expected[stage];
    make->plan.train = left > training_least * budget ? left : training_least * budget;
    expected[MAKE_TRAIN] = make->plan.train;
}

static void say(struct make *make)
{
    const double *expected = make->view.expected;
    double whole = 0;
    char text[5][DURATION_TEXT], proof[96];
    for (int stage = MAKE_TRAIN; stage < MAKE_STAGES; stage++)
        whole += expected[stage];
    snprintf(proof, sizeof proof, "classifiers of %" PRId64 " steps, %d of each kind", make->plan.steps,
             make->plan.seeds);
    console_line(&make->console, "  time: train %s, generate %s, evaluate %s, study %s (%s); %s in all",
                 make->arguments->gan_steps > 0 ? "as many steps as said"
                                                : duration_text(expected[MAKE_TRAIN], text[0]),
                 duration_text(expected[MAKE_GENERATE], text[1]), duration_text(expected[MAKE_EVALUATE], text[2]),
                 duration_text(expected[MAKE_STUDY], text[3]), make_can_study(make) ? proof : "one class: none",
                 duration_text(whole, text[4]));
    if (is_limited(make) && whole + make_spent(make) > 1.05 * budget_of(make))
        console_line(&make->console,
                     "  this is more than the budget: even short proof takes so long; fewer images or a larger "
                     "--budget would do");
}

static int keep(struct make *make, bool final)
{
    json_t *expected = json_array();
    for (int stage = 0; stage < MAKE_STAGES; stage++)
        json_array_append_new(expected, json_real(make->view.expected[stage]));
    json_t *plan = json_pack("{s:f, s:I, s:i, s:o, s:b}", "train", make->plan.train, "classifier_steps",
                             (json_int_t)make->plan.steps, "classifier_seeds", make->plan.seeds, "expected", expected,
                             "final", (int) final);
    const int failure = make_write_json(make->work, plan_name, plan);
    json_decref(plan);
    return make_check_file(make, failure, make->work);
}

/* A plan that was made stays: it is part of the result. */
static bool recall(struct make *make, bool *final)
{
    json_t *plan = make_read(make->work, plan_name), *expected = NULL;
    json_int_t steps = 0;
    *final = json_is_true(json_object_get(plan, "final"));
    const bool known = plan &&
                       json_unpack(plan, "{s:F, s:I, s:i, s:o}", "train", &make->plan.train, "classifier_steps", &steps,
                                   "classifier_seeds", &make->plan.seeds, "expected", &expected) == 0 &&
                       steps > 0 && make->plan.seeds > 0 && make->plan.train >= 0;
    make->plan.steps = steps;
    for (int stage = 0; known && stage < MAKE_STAGES; stage++)
        make->view.expected[stage] = json_number_value(json_array_get(expected, (size_t)stage));
    json_decref(plan);
    return known;
}

int make_plan_time(struct make *make)
{
    double pace = 0;
    bool final;
    int status = 0;
    make->view.planned = true;
    if (recall(make, &final))
        return 0;
    if (make_can_study(make))
        status = measure_pace(&pace, make);
    if (status < 0)
        return status;
    share_out(make, pace);
    say(make);
    return keep(make, !is_limited(make) || !make_can_study(make));
}

int make_plan_proof(struct make *make)
{
    double pace;
    bool final;
    if (recall(make, &final) && final)
        return 0;
    const int status = measure_pace(&pace, make);
    if (status < 0)
        return status;
    plan_proof(make, pace, budget_of(make) * (1 - margin) - make_spent(make));
    console_line(&make->console, "  classifiers of %" PRId64 " steps, %d of each kind, in what is left of the budget",
                 make->plan.steps, make->plan.seeds);
    return keep(make, true);
}
