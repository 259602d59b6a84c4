/* The recipe `auto`: what depends on the data and on the time. It changes only settings that nobody has said. The
 * figures behind its rules are in docs/notes/recipes.md. */
#include "base/error.h"
#include "base/memory.h"
#include "kernel/kernel.h"
#include "train/augment.h"
#include "train/augment_policy.h"
#include "train/recipe.h"

#include <inttypes.h>
#include <math.h>
#include <standin/standin.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int standin_recipe_is_automatic(const standin_recipe *recipe)
{
    return recipe->automatic;
}

bool recipe_fits_itself(const standin_recipe *recipe, const char *key)
{
    static const char *const fitted[] = {"size", "augment", "width-g", "width-d", "precision"};
    bool listed = false;
    for (size_t i = 0; i < sizeof fitted / sizeof *fitted; i++)
        listed = listed || strcmp(fitted[i], key) == 0;
    return recipe->automatic && listed && !recipe_was_said(recipe, key);
}

static int no_reasons(char **reasons)
{
    *reasons = text_copy("");
    return *reasons ? 0 : STATUS_MEMORY;
}

/* ---- Size --------------------------------------------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
    const int x = *(const int *)a, y = *(const int *)b;
    return (x > y) - (x < y);
}

/* The median width and height of the files. */
static int typical_size(const standin_dataset *dataset, int *width, int *height)
{
    const int64_t images = standin_dataset_images(dataset);
    int *sides = memory_new((size_t)images, 2 * sizeof *sides);
    if (!sides)
        return STATUS_MEMORY;
    standin_image about;
    for (int64_t i = 0; i < images; i++)
        if (standin_dataset_image(dataset, i, &about) == 0) {
            sides[i] = about.width;
            sides[images + i] = about.height;
        }
    qsort(sides, (size_t)images, sizeof *sides, compare);
    qsort(sides + images, (size_t)images, sizeof *sides, compare);
    *width = sides[images / 2];
    *height = sides[images + images / 2];
    free(sides);
    return 0;
}

/* 64 where the images have as much, 32 where they are smaller: the shorter side. The longer one in steps of a quarter.
 */
enum { SIDE_LARGE = 64, SIDE_SMALL = 32, SIDE_LARGE_FROM = 48, LONGEST = 2 };

static int longer_side(int shorter, double proportion)
{
    const int quarter = shorter / 4;
    const int quarters = (int)(proportion * 4 + 0.5);
    return quarter * (quarters > 4 * LONGEST ? 4 * LONGEST : quarters);
}

int standin_recipe_fit_size(standin_recipe *recipe, char **reasons, const standin_dataset *dataset)
{
    *reasons = NULL;
    if (!recipe->automatic || recipe_was_said(recipe, "size"))
        return no_reasons(reasons);
    int width, height;
    const int status = typical_size(dataset, &width, &height);
    if (status < 0)
        return status;
    const int shorter = (width < height ? width : height) >= SIDE_LARGE_FROM ? SIDE_LARGE : SIDE_SMALL;
    struct recipe *settings = &recipe->settings;
    settings->width = width > height ? longer_side(shorter, (double)width / height) : shorter;
    settings->height = height > width ? longer_side(shorter, (double)height / width) : shorter;
    *reasons =
        text_format("size %dx%d: the images are mostly %dx%d\n", settings->width, settings->height, width, height);
    return *reasons ? 0 : STATUS_MEMORY;
}

/* ---- Augmentation ------------------------------------------------------------------------------------------- */

static int fit_augmentation(standin_recipe *recipe, FILE *reasons, const standin_dataset *dataset)
{
    if (recipe_was_said(recipe, "augment"))
        return 0;
    char *why;
    const int status = augment_choose(&recipe->settings.augment, &why, dataset);
    if (status < 0)
        return status;
    char *text;
    if (augment_text(&text, recipe->settings.augment) < 0) {
        free(why);
        return STATUS_MEMORY;
    }
    fprintf(reasons, "augment %s:\n%s\n", text, why);
    free(text);
    free(why);
    return 0;
}

/* ---- Width -------------------------------------------------------------------------------------------------- */

/* Wider networks learn more from an image and see fewer of them in the same time. */
static void fit_width(standin_recipe *recipe, FILE *reasons, double seconds)
{
    static const struct {
        double seconds;
        int width;
    } widths[] = {{3 * 60, 16}, {3 * 3600, 32}, {HUGE_VAL, 64}};
    if (recipe_was_said(recipe, "width-g") || recipe_was_said(recipe, "width-d") || seconds <= 0)
        return;
    int i = 0;
    while (seconds > widths[i].seconds)
        i++;
    recipe->settings.width_g = recipe->settings.width_d = widths[i].width;
    fprintf(reasons, "width %d: a narrower network sees more images in the time, a wider one makes better ones\n",
            widths[i].width);
}

/* ---- Precision ---------------------------------------------------------------------------------------------- */

static void fit_precision(standin_recipe *recipe, FILE *reasons)
{
    if (recipe_was_said(recipe, "precision") || !cpu_bf16_differs())
        return;
    recipe->settings.precision = PRECISION_BFLOAT16;
    fprintf(reasons, "precision bfloat16: this processor has a unit that multiplies such numbers much faster\n");
}

/* ---- Labels ------------------------------------------------------------------------------------------------- */

static void say_balance(FILE *reasons, const standin_recipe *recipe, const standin_dataset *dataset)
{
    int64_t least = INT64_MAX, most = 0;
    const int classes = standin_dataset_classes(dataset);
    for (int c = 0; c < classes; c++) {
        const int64_t images = standin_dataset_class_images(dataset, c);
        least = images < least ? images : least;
        most = images > most ? images : most;
    }
    if (classes == 1)
        fprintf(reasons, "no labels: there is one class\n");
    else if (most > 2 * least && recipe->settings.balanced)
        fprintf(reasons,
                "sampling balanced: classes have from %" PRId64 " to %" PRId64 " images, and are shown equally often\n",
                least, most);
}

int standin_recipe_fit(standin_recipe *recipe, char **reasons, const standin_dataset *dataset, double budget_seconds)
{
    size_t bytes;
    *reasons = NULL;
    if (!recipe->automatic)
        return no_reasons(reasons);
    FILE *text = open_memstream(reasons, &bytes);
    if (!text)
        return STATUS_MEMORY;
    const int status = fit_augmentation(recipe, text, dataset);
    fit_width(recipe, text, budget_seconds);
    fit_precision(recipe, text);
    say_balance(text, recipe, dataset);
    fclose(text);
    return status;
}
