/* standin recipe: the built-in recipes, or one of them. */
#include "arguments.h"
#include "console.h"

static int list(void)
{
    for (int i = 0; standin_recipe_name(i); i++)
        printf("%-14s %s\n", standin_recipe_name(i), standin_recipe_summary(i));
    return EXIT_GOOD;
}

int command_recipe(const struct arguments *arguments)
{
    if (!arguments->path)
        return list();
    standin_recipe *recipe;
    char *text;
    int status = standin_recipe_open(&recipe, arguments->path);
    if (status == 0)
        status = standin_recipe_text(recipe, &text);
    standin_recipe_free(recipe);
    if (status < 0)
        return library_error(status);
    fputs(text, stdout);
    standin_text_free(text);
    return EXIT_GOOD;
}
