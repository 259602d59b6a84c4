/* The size is that of the real set, or what a recipe makes of it. */
#include "study_sets.h"

#include "opening.h"

/* As the generators will make them. */
static int choose_size_of_recipe(standin_dataset_options *opening, const char *path, const char *name)
{
    standin_recipe *recipe;
    standin_dataset *looked = NULL;
    char *reasons = NULL;
    int status = standin_recipe_open(&recipe, name);
    if (status < 0)
        return status;
    status = standin_dataset_open(&looked, path, opening);
    if (status == 0)
        status = standin_recipe_fit_size(recipe, &reasons, looked);
    if (status == 0) {
        standin_dataset_options resolved = *opening;
        standin_recipe_dataset_options(recipe, &resolved);
        opening->width = resolved.width;
        opening->height = resolved.height;
    }
    standin_text_free(reasons);
    standin_dataset_free(looked);
    standin_recipe_free(recipe);
    return status;
}

int study_sets_open(struct study_sets *sets, const struct arguments *arguments, const char *synthetic,
                    const char *recipe, struct console *console)
{
    *sets = (struct study_sets){0};
    standin_dataset_options opening = opening_of(arguments, console_work, console);
    opening.part = STANDIN_PART_TRAIN;
    int status = recipe && !arguments->size.width ? choose_size_of_recipe(&opening, arguments->path, recipe)
                                                  : opening_choose_size(&opening, arguments, arguments->path);
    if (status == 0)
        status = opening_open(&sets->real, "real", arguments->path, STANDIN_PART_TRAIN, &opening, console);
    if (status == 0 && arguments->test)
        status = opening_open(&sets->test, "test", arguments->test, STANDIN_PART_TEST, &opening, console);
    else if (status == 0 && opening_is_split(sets->real))
        status = opening_open(&sets->test, "test", arguments->path, STANDIN_PART_TEST, &opening, console);
    if (status == 0 && synthetic)
        status = opening_open(&sets->synthetic, "synthetic", synthetic, STANDIN_PART_ALL, &opening, console);
    if (status < 0)
        study_sets_close(sets);
    return status;
}

void study_sets_close(struct study_sets *sets)
{
    standin_dataset_free(sets->real);
    standin_dataset_free(sets->test);
    standin_dataset_free(sets->synthetic);
    *sets = (struct study_sets){0};
}
