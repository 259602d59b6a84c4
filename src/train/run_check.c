/* A run keeps its settings: another recipe, seed or number of shards would make it one that no single command makes. */
#include "train/run_check.h"

#include "base/error.h"
#include "train/run_folder.h"

#include <inttypes.h>
#include <standin/standin.h>
#include <stdlib.h>
#include <unistd.h>

int run_check_recipe_file(const char *run, const struct origin *origin)
{
    char *path = run_path(run, RUN_RECIPE_NAME), *difference = NULL;
    standin_recipe *recipe = NULL;
    int status = path ? 0 : STATUS_MEMORY;
    if (status == 0 && access(path, F_OK) == 0) {
        status = standin_recipe_open(&recipe, path);
        if (status == 0)
            status = recipe_difference(&difference, &origin->recipe, recipe);
        if (status == 0 && *difference)
            status = error_set(STATUS_INPUT,
                               "%s: was edited, but the run was begun with %s; put it back, or train a new run", path,
                               difference);
    }
    standin_recipe_free(recipe);
    free(difference);
    free(path);
    return status;
}

static int check_recipe(const char *run, const struct origin *origin, const standin_recipe *recipe)
{
    char *difference;
    int status = recipe_difference(&difference, &origin->recipe, recipe);
    if (status == 0 && *difference)
        status = error_set(STATUS_INPUT, "%s: was begun with %s; a run keeps its settings", run, difference);
    free(difference);
    return status;
}

int standin_run_check(const char *run, const standin_recipe *recipe, const uint64_t *seed, int shards)
{
    struct origin origin;
    int status = origin_read_run(&origin, run);
    if (status == 0 && recipe)
        status = check_recipe(run, &origin, recipe);
    if (status == 0 && seed && *seed != origin.seed)
        return error_set(STATUS_INPUT, "%s: was begun with seed %" PRIu64 ", not %" PRIu64 "; a run keeps its seed",
                         run, origin.seed, *seed);
    if (status == 0 && shards > 0 && shards != origin.shards)
        return error_set(STATUS_INPUT, "%s: was begun with %d shards, not %d; a run keeps them", run, origin.shards,
                         shards);
    return status;
}
