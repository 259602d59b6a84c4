/* Two plans on one store: the update of both networks, and, where the recipe wants more updates of the discriminator,
 * that of the discriminator alone. */
#include "train/stepper.h"

#include "base/error.h"
#include "base/memory.h"
#include "run/profile.h"
#include "train/augment_control.h"
#include "train/replay.h"

#include <stdlib.h>

struct update {
    struct step_settings settings;
    struct step_graph graph;
    struct plan *plan;
    struct executor *executor;
    struct step_scalars scalars;
};

struct stepper {
    struct recipe recipe;
    uint64_t seed;
    int64_t images;
    struct update both, only_d; /* only_d: empty if never needed */
    struct feed *feed;
    struct replay *replay;          /* or NULL */
    struct augment_control control; /* used if the recipe says so */
};

/* ---- Putting together --------------------------------------------------------------------------------------- */

static int bind(const struct stepper *stepper, const struct update *update)
{
    int status = executor_bind(update->executor, "real", feed_images(stepper->feed));
    if (status == 0 && executor_reads(update->executor, "label"))
        status = executor_bind(update->executor, "label", feed_labels(stepper->feed));
    if (status == 0 && stepper->replay)
        status = replay_bind(stepper->replay, update->executor, executor_reads(update->executor, "replay-label"));
    return status;
}

static int make_update(struct stepper *stepper, struct update *update, struct store *store, struct pool *pool,
                       int shards)
{
    const struct backend *backend = stepper->recipe.precision == PRECISION_BFLOAT16 ? &cpu_bf16 : &cpu_f32;
    int status = step_graph_make(&update->graph, &update->settings);
    if (status == 0)
        status = plan_make(&update->plan, update->graph.graph, backend, shards);
    if (status == 0)
        status = store_add_states(store, update->graph.graph, stepper->seed);
    if (status == 0)
        status = executor_new(&update->executor, update->plan, store, pool);
    if (status == 0)
        status = step_scalars_bind(&update->scalars, update->executor, backend->type);
    return status == 0 ? bind(stepper, update) : status;
}

static int make_replay(struct stepper *stepper, struct store *store)
{
    const struct step_settings *settings = &stepper->both.settings;
    const struct replay_settings replay = {.mode = (enum replay_mode)stepper->recipe.replay,
                                           .batch = settings->batch,
                                           .height = settings->network.height,
                                           .width = settings->network.width,
                                           .channels = settings->network.channels,
                                           .seed = stepper->seed};
    return settings->replay ? replay_new(&stepper->replay, &replay, store) : 0;
}

static int put_together(struct stepper *stepper, const standin_dataset *dataset, struct store *store, struct pool *pool,
                        int shards)
{
    const struct recipe *recipe = &stepper->recipe;
    const struct feed_settings feeding = {stepper->seed, recipe->batch, recipe->mirror, recipe->balanced,
                                          recipe->held_back};
    int status = feed_new(&stepper->feed, dataset, &feeding);
    if (status == 0)
        status = make_replay(stepper, store);
    if (status == 0)
        status = make_update(stepper, &stepper->both, store, pool, shards);
    if (status == 0 && recipe->steps_d > 1)
        status = make_update(stepper, &stepper->only_d, store, pool, shards);
    if (status == 0)
        step_average_begin(store);
    return status;
}

int stepper_new(struct stepper **out, const standin_dataset *dataset, const struct recipe *recipe,
                const struct step_settings *settings, uint64_t seed, struct store *store, struct pool *pool, int shards)
{
    *out = NULL;
    struct stepper *stepper = memory_new(1, sizeof *stepper);
    if (!stepper)
        return STATUS_MEMORY;
    stepper->recipe = *recipe;
    stepper->seed = seed;
    stepper->images = standin_dataset_images(dataset);
    stepper->both.settings = stepper->only_d.settings = *settings;
    stepper->only_d.settings.only_d = true;
    augment_control_begin(&stepper->control);
    const int status = put_together(stepper, dataset, store, pool, shards);
    if (status < 0) {
        stepper_free(stepper);
        return status;
    }
    *out = stepper;
    return 0;
}

static void update_free(struct update *update)
{
    executor_free(update->executor);
    plan_free(update->plan);
    step_graph_free(&update->graph);
}

void stepper_free(struct stepper *stepper)
{
    if (!stepper)
        return;
    update_free(&stepper->both);
    update_free(&stepper->only_d);
    replay_free(stepper->replay);
    feed_free(stepper->feed);
    free(stepper);
}

/* ---- A step ------------------------------------------------------------------------------------------------- */

/* An epoch is over when its last image has been shown. */
static struct replay_moment replay_moment(const struct stepper *stepper, const struct step_moment *moment, int64_t turn)
{
    const int64_t images = stepper->images, batch = stepper->recipe.batch;
    const int64_t turns = moment->steps * stepper->recipe.steps_d;
    return (struct replay_moment){.step = (uint64_t)turn,
                                  .epoch_ends = turn * batch / images != (turn + 1) * batch / images,
                                  .last_epoch = turns > 0 && (turns - turn) * batch <= images};
}

static double output(const struct update *update, const struct node *node)
{
    return (double)*(const float *)executor_output(update->executor, node);
}

/* Turn: counts the discriminator's updates, each of which has its own batch and random numbers. */
static int take_turn(struct stepper *stepper, struct update *update, const struct step_moment *moment, int64_t turn,
                     const struct step_schedule *schedule)
{
    step_scalars_set(&update->scalars, &update->settings, schedule);
    feed_batch(stepper->feed, turn);
    const struct replay_moment replayed = replay_moment(stepper, moment, turn);
    int status = stepper->replay ? replay_before(stepper->replay, &replayed) : 0;
    if (status == 0)
        status = executor_run(update->executor, stepper->seed, (uint64_t)turn);
    if (status < 0)
        return status;
    if (stepper->replay)
        replay_after(stepper->replay, &replayed, executor_output(update->executor, update->graph.fake),
                     feed_labels(stepper->feed));
    if (update->settings.augment_controlled)
        augment_control_see(&stepper->control, output(update, update->graph.sign_real), stepper->recipe.batch);
    return 0;
}

int stepper_take(struct stepper *stepper, const struct step_moment *moment, struct step_news *news)
{
    const int64_t turns = stepper->recipe.steps_d;
    for (int64_t i = 0; i < turns; i++) {
        struct step_schedule schedule = settings_schedule(&stepper->recipe, moment->step, moment->progress,
                                                          moment->rate_scale, stepper_augment(stepper));
        schedule.updates_d += i;
        struct update *update = i + 1 < turns ? &stepper->only_d : &stepper->both;
        const int status = take_turn(stepper, update, moment, moment->step * turns + i, &schedule);
        if (status < 0)
            return status;
        if (turns > 1)
            stepper_states_changed(stepper); /* each plan changes weights that the other one has packed */
    }
    const struct update *last = &stepper->both;
    *news = (struct step_news){.loss_d = output(last, last->graph.loss_d),
                               .loss_g = output(last, last->graph.loss_g),
                               .logit_real = output(last, last->graph.logit_real),
                               .logit_fake = output(last, last->graph.logit_fake)};
    return 0;
}

void stepper_states_changed(struct stepper *stepper)
{
    executor_states_changed(stepper->both.executor);
    if (stepper->only_d.executor)
        executor_states_changed(stepper->only_d.executor);
}

int stepper_save(const struct stepper *stepper, struct metadata *metadata)
{
    return stepper->both.settings.augment_controlled ? augment_control_save(&stepper->control, metadata) : 0;
}

int stepper_load(struct stepper *stepper, const struct metadata *metadata)
{
    return stepper->both.settings.augment_controlled ? augment_control_load(&stepper->control, metadata) : 0;
}

/* ---- What others want to know ------------------------------------------------------------------------------- */

const struct feed *stepper_feed(const struct stepper *stepper)
{
    return stepper->feed;
}

const struct step_graph *stepper_graph(const struct stepper *stepper)
{
    return &stepper->both.graph;
}

struct plan_cost stepper_cost(const struct stepper *stepper, int threads)
{
    struct plan_cost cost = plan_cost(stepper->both.plan, threads);
    if (!stepper->only_d.plan)
        return cost;
    const struct plan_cost more = plan_cost(stepper->only_d.plan, threads);
    cost.memory += more.memory;
    cost.contraction_flops += (double)(stepper->recipe.steps_d - 1) * more.contraction_flops;
    return cost;
}

double stepper_augment(const struct stepper *stepper)
{
    return stepper->both.settings.augment_controlled ? stepper->control.strength : 1;
}

void stepper_profile(struct stepper *stepper)
{
    executor_profile(stepper->both.executor, true);
}

int stepper_profile_text(char **out, const struct stepper *stepper)
{
    return executor_profile_text(out, stepper->both.executor);
}
