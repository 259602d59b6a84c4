/* Settings of the command line, in its order. */
#include "recipe_of.h"

#include <stdlib.h>
#include <string.h>

bool recipe_augment_is_auto(const struct arguments *arguments)
{
    return arguments->policy && strcmp(arguments->policy, "auto") == 0;
}

static int apply_settings(standin_recipe *recipe, const struct arguments *arguments)
{
    int status = 0;
    if (arguments->policy && !recipe_augment_is_auto(arguments))
        status = standin_recipe_set(recipe, "augment", arguments->policy);
    if (status == 0 && arguments->size.width) {
        char size[32];
        snprintf(size, sizeof size, "%dx%d", arguments->size.width, arguments->size.height);
        status = standin_recipe_set(recipe, "size", size);
    }
    for (int i = 0; status == 0 && i < arguments->settings; i++) {
        const char *value = strchr(arguments->set[i], '=') + 1;
        char *key = strndup(arguments->set[i], (size_t)(value - 1 - arguments->set[i]));
        status = key ? standin_recipe_set(recipe, key, value) : STANDIN_MEMORY;
        free(key);
    }
    return status;
}

static int open_and_apply(standin_recipe **recipe, const char *name, const struct arguments *arguments)
{
    const int status = standin_recipe_open(recipe, name);
    return status < 0 ? status : apply_settings(*recipe, arguments);
}

int recipe_of(standin_recipe **recipe, const struct arguments *arguments)
{
    return open_and_apply(recipe, arguments->recipe ? arguments->recipe : standin_recipe_name(0), arguments);
}

int recipe_of_run(standin_recipe **recipe, const struct arguments *arguments)
{
    char *path = NULL;
    *recipe = NULL;
    if (arguments->recipe)
        return recipe_of(recipe, arguments);
    if (asprintf(&path, "%s/recipe.ini", arguments->output) < 0)
        return STANDIN_MEMORY;
    const int status = open_and_apply(recipe, path, arguments);
    free(path);
    return status;
}
