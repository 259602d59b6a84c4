/* The networks that are measured: recipes, with what makes them the published networks. */
#include "step_bench.h"

#include <standin/standin.h>
#include <string.h>

enum { COLOUR = 3, CLASSES = 6 };

static const struct step_network networks[] = {
    {.name = "dcgan", .title = "DCGAN-64", .recipe = "dcgan", .classes = 1},
    {.name = "sngan",
     .title = "SN-CNN-64",
     .recipe = "wp-sngan-64",
     /* the white paper's labels and penalty are not the published network's; the penalty is measured by itself */
     .changes = {"label-g=none", "label-d=none", "penalty=none", "ema=0.999"},
     .classes = 1,
     .gradient_penalty = true},
#define RESNET(width)                                                                                              \
    {                                                                                                              \
        "network=resnet", "latent=128", "width-g=" #width, "width-d=" #width, "norm-d=spectral", "label-g=norm",   \
            "label-d=projection", "loss=hinge", "batch=32", "beta1=0"                                              \
    }
    {.name = "resnet-16",
     .title = "SN-ResNet-64, c = 16",
     .recipe = "dcgan",
     .changes = RESNET(16),
     .classes = CLASSES},
    {.name = "resnet-64",
     .title = "SN-ResNet-64, c = 64",
     .recipe = "dcgan",
     .changes = RESNET(64),
     .classes = CLASSES},
#undef RESNET
    {.name = "r3gan", .title = "R3GAN-64", .recipe = "r3gan", .classes = CLASSES},
    {.name = "auto", .title = "the recipe auto at 64x64", .recipe = "auto", .classes = CLASSES},
};
enum { NETWORKS = sizeof networks / sizeof *networks };

const struct step_network *step_network_find(const char *name)
{
    for (int i = 0; i < NETWORKS; i++)
        if (strcmp(networks[i].name, name) == 0)
            return &networks[i];
    return NULL;
}

void step_network_list(FILE *file)
{
    for (int i = 0; i < NETWORKS; i++)
        fprintf(file, "%s%c", networks[i].name, i + 1 < NETWORKS ? ' ' : '\n');
}

static void change(standin_recipe *recipe, const char *text)
{
    char key[64];
    const size_t length = strcspn(text, "=");
    snprintf(key, sizeof key, "%.*s", (int)length, text);
    step_bench_must(standin_recipe_set(recipe, key, text + length + 1), text);
}

void step_network_settings(struct step_settings *settings, const struct step_network *network, int64_t width,
                           int64_t batch)
{
    standin_recipe *recipe;
    step_bench_must(standin_recipe_open(&recipe, network->recipe), "recipe");
    for (size_t i = 0; i < sizeof network->changes / sizeof *network->changes && network->changes[i]; i++)
        change(recipe, network->changes[i]);
    if (width > 0)
        recipe->settings.width_g = recipe->settings.width_d = width;
    if (batch > 0)
        recipe->settings.batch = batch;
    step_bench_must(settings_from_recipe(settings, &recipe->settings, COLOUR, network->classes), "settings");
    standin_recipe_free(recipe);
}
