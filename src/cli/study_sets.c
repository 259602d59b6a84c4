/* The size is that of the real set, or what a recipe makes of it. */
#include "study_sets.h"

#include "opening.h"

/* As the generators will make them. */
static int size_of_recipe(struct size *size, const char *path, const char *name, const standin_dataset_options *opening)
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
        *size = (struct size){resolved.width, resolved.height};
    }
    standin_text_free(reasons);
    standin_dataset_free(looked);
    standin_recipe_free(recipe);
    return status;
}

static int choose_size(standin_dataset_options *opening, const struct arguments *arguments, const char *recipe)
{
    if (arguments->size.width || !recipe)
        return opening_choose_size(opening, arguments, arguments->path);
    struct size size = {0, 0};
    const int status = size_of_recipe(&size, arguments->path, recipe, opening);
    opening->width = size.width;
    opening->height = size.height;
    return status;
}

int study_sets_open(struct study_sets *sets, const struct arguments *arguments, const char *synthetic,
                    const char *recipe, struct console *console)
{
    *sets = (struct study_sets){0};
    standin_dataset_options opening = opening_of(arguments, console_work, console);
    opening.part = STANDIN_PART_TRAIN;
    int status = choose_size(&opening, arguments, recipe);
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
