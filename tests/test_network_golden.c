/* Each family of networks, with and without labels and spectral norm, against PyTorch: pictures, logits, both hinge
 * losses and the gradient by every weight. */
#include "drawn.h"
#include "golden.h"
#include "machine.h"
#include "net/network.h"
#include "train/loss.h"

#include <stdio.h>
#include <stdlib.h>

struct trial {
    const char *file;
    struct network network;
    int64_t batch;
    double strength; /* of the condition; 0: none is given */
};

static const struct trial trials[] = {
    {"network_dcgan_concat",
     {.family = NETWORK_DCGAN, .height = 16, .width = 16, .channels = 3, .latent = 6, .features_g = 4, .features_d = 4,
      .classes = 3, .label_g = LABEL_CONCAT, .label_d = LABEL_CONCAT, .slope = 0.2, .normalise_g = true,
      .normalise_d = true},
     4, 0},
    {"network_sngan_32",
     {.family = NETWORK_SNGAN, .height = 32, .width = 32, .channels = 3, .latent = 6, .features_g = 2, .features_d = 2,
      .slope = 0.1, .normalise_g = true, .spectral_d = true},
     2, 0},
    {"network_resnet_32",
     {.family = NETWORK_RESNET, .height = 32, .width = 32, .channels = 3, .latent = 6, .features_g = 4, .features_d = 4,
      .classes = 3, .label_g = LABEL_NORM, .label_d = LABEL_PROJECTION, .normalise_g = true, .spectral_d = true},
     4, 0.75},
    {"network_resnet_64",
     {.family = NETWORK_RESNET, .height = 64, .width = 64, .channels = 1, .latent = 6, .features_g = 2, .features_d = 2,
      .normalise_g = true, .spectral_d = true},
     2, 0},
    {"network_r3gan_16",
     {.family = NETWORK_R3GAN, .height = 16, .width = 16, .channels = 3, .latent = 6, .features_g = 4, .features_d = 4,
      .slope = 0.2},
     4, 0},
    {"network_dcgan_style",
     {.family = NETWORK_DCGAN, .height = 16, .width = 16, .channels = 3, .latent = 6, .features_g = 4, .features_d = 4,
      .classes = 3, .label_g = LABEL_STYLE, .label_d = LABEL_CONCAT, .slope = 0.2, .normalise_g = true,
      .normalise_d = true},
     4, 0},
    {"network_dcgan_style_plain",
     {.family = NETWORK_DCGAN, .height = 16, .width = 16, .channels = 3, .latent = 6, .features_g = 4, .features_d = 4,
      .label_g = LABEL_STYLE, .slope = 0.2, .normalise_g = true, .normalise_d = true},
     4, 0},
};

/* What the graph holds besides the networks. */
struct built {
    struct weights weights_g, weights_d;
    struct node *fake, *logits_real, *logits_fake, *loss_d, *loss_g;
    struct node *gradient_g[WEIGHTS_MAXIMUM], *gradient_d[WEIGHTS_MAXIMUM];
};

static void build(struct built *built, struct graph *g, const struct trial *trial)
{
    const struct network *network = &trial->network;
    static struct spectra spectra;
    spectra = (struct spectra){0};
    *built = (struct built){.fake = NULL};
    const struct scope scope_g = {.graph = g, .prefix = "g", .training = true, .weights = &built->weights_g};
    const struct scope scope_d = {.graph = g, .prefix = "d", .training = true, .weights = &built->weights_d,
                                  .spectra = network->spectral_d ? &spectra : NULL};
    const struct condition condition = {
        .label = network->classes ? graph_input(g, "label", shape_batch(trial->batch, 0, NULL)) : NULL,
        .strength = trial->strength > 0 ? graph_input(g, "strength", (struct shape){0}) : NULL};
    struct node *z = graph_input(g, "z", shape_batch(trial->batch, 1, &network->latent));
    struct node *real = graph_input(
        g, "real", shape_batch(trial->batch, 3, (int64_t[]){network->height, network->width, network->channels}));
    must(network_check(network));
    built->fake = network_generator(&scope_g, network, z, &condition);
    built->logits_real = network_discriminator(&scope_d, network, real, &condition);
    built->logits_fake = network_discriminator(&scope_d, network, built->fake, &condition);
    built->loss_d = loss_discriminator(g, LOSS_HINGE, built->logits_real, built->logits_fake);
    built->loss_g = loss_generator(g, LOSS_HINGE, NULL, built->logits_fake);
    must(graph_status(g));
    struct node *held[2 * SPECTRA_MAXIMUM];
    for (int i = 0; i < spectra.count; i++)
        held[2 * i] = spectra.u[i], held[2 * i + 1] = spectra.v[i];
    must(graph_gradient(g, built->loss_d, built->weights_d.count, built->weights_d.state, 2 * spectra.count, held,
                        built->gradient_d));
    must(graph_gradient(g, built->loss_g, built->weights_g.count, built->weights_g.state, 2 * spectra.count, held,
                        built->gradient_g));
}

static void output_all(struct graph *g, const struct built *built)
{
    struct node *const value[] = {built->fake, built->logits_real, built->logits_fake, built->loss_d, built->loss_g};
    for (size_t i = 0; i < sizeof value / sizeof *value; i++)
        graph_output(g, value[i]);
    for (int i = 0; i < built->weights_d.count; i++)
        graph_output(g, built->gradient_d[i]);
    for (int i = 0; i < built->weights_g.count; i++)
        graph_output(g, built->gradient_g[i]);
    must(graph_status(g));
}

/* Room for `count` numbers of the store's type, bound to an input; to be filled, and freed after the machine. */
static void *bind(const struct machine *machine, const char *input, int64_t count)
{
    void *numbers = malloc((size_t)count * sizeof(double));
    assert_non_null(numbers);
    must(executor_bind(machine->executor, input, numbers));
    return numbers;
}

static void put(const struct machine *machine, void *numbers, int64_t index, double value)
{
    if (store_type(machine->store) == NUMBER_F64)
        ((double *)numbers)[index] = value;
    else
        ((float *)numbers)[index] = (float)value;
}

enum { INPUTS = 4 };

static void bind_inputs(const struct machine *machine, const struct trial *trial, void **bound)
{
    const struct network *network = &trial->network;
    const enum number_type type = store_type(machine->store);
    const int64_t latent = trial->batch * network->latent;
    const int64_t pixels = trial->batch * network->height * network->width * network->channels;
    char name[96];
    snprintf(name, sizeof name, "%s/z", trial->file);
    drawn_normal(bound[0] = bind(machine, "z", latent), type, latent, name, 0, 1);
    snprintf(name, sizeof name, "%s/real", trial->file);
    drawn_uniform(bound[1] = bind(machine, "real", pixels), type, pixels, name);
    if (network->classes) {
        bound[2] = bind(machine, "label", trial->batch);
        for (int64_t i = 0; i < trial->batch; i++)
            put(machine, bound[2], i, (double)(i % network->classes));
    }
    if (trial->strength > 0)
        put(machine, bound[3] = bind(machine, "strength", 1), 0, trial->strength);
}

static void expect(const struct machine *machine, const struct golden *golden, const char *name,
                   const struct node *node, double tolerance)
{
    golden_expect_output(golden, name, machine->executor, store_type(machine->store), node, tolerance);
}

static void expect_gradients(const struct machine *machine, const struct golden *golden, const struct weights *weights,
                             struct node *const *gradient, double tolerance)
{
    for (int i = 0; i < weights->count; i++) {
        char name[128];
        snprintf(name, sizeof name, "grad/%s", weights->state[i]->name);
        expect(machine, golden, name, gradient[i], tolerance);
    }
}

static void follow(const struct trial *trial, const struct backend *backend, double values, double gradients)
{
    char file[96];
    snprintf(file, sizeof file, "%s.safetensors", trial->file);
    struct golden golden = golden_open(file);
    struct machine machine = machine_new();
    void *bound[INPUTS] = {NULL};
    static struct built built;
    build(&built, machine.graph, trial);
    output_all(machine.graph, &built);
    machine_start(&machine, backend, 2);
    drawn_weights(machine.store, trial->file);
    bind_inputs(&machine, trial, bound);
    must(executor_run(machine.executor, 1, 0));
    expect(&machine, &golden, "fake", built.fake, values);
    expect(&machine, &golden, "logits.real", built.logits_real, values);
    expect(&machine, &golden, "logits.fake", built.logits_fake, values);
    expect(&machine, &golden, "loss.d", built.loss_d, values);
    expect(&machine, &golden, "loss.g", built.loss_g, values);
    expect_gradients(&machine, &golden, &built.weights_d, built.gradient_d, gradients);
    expect_gradients(&machine, &golden, &built.weights_g, built.gradient_g, gradients);
    machine_stop(&machine);
    for (int i = 0; i < INPUTS; i++)
        free(bound[i]);
    golden_close(&golden);
}

/* In double what is left is the rounding of the golden file; in float also whatever lies so near the kink of a ReLU
 * that it falls to the other side, and one such pixel is some hundredth of a gradient. */
static void follow_everywhere(const struct trial *trial)
{
    follow(trial, &plain_f64, 1e-6, 1e-6);
    follow(trial, &cpu_f32, 1e-4, 1e-2);
}

static void dcgan_with_joined_labels_agrees_with_pytorch(void **state)
{
    (void)state;
    follow_everywhere(&trials[0]);
}

static void sngan_with_spectral_norm_agrees_with_pytorch(void **state)
{
    (void)state;
    follow_everywhere(&trials[1]);
}

static void conditional_resnet_with_spectral_norm_agrees_with_pytorch(void **state)
{
    (void)state;
    follow_everywhere(&trials[2]);
}

static void larger_resnet_agrees_with_pytorch(void **state)
{
    (void)state;
    follow_everywhere(&trials[3]);
}

static void r3gan_agrees_with_pytorch(void **state)
{
    (void)state;
    follow_everywhere(&trials[4]);
}

static void dcgan_whose_latent_numbers_move_its_norms_agrees_with_pytorch(void **state)
{
    (void)state;
    follow_everywhere(&trials[5]);
    follow_everywhere(&trials[6]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dcgan_with_joined_labels_agrees_with_pytorch),
        cmocka_unit_test(sngan_with_spectral_norm_agrees_with_pytorch),
        cmocka_unit_test(conditional_resnet_with_spectral_norm_agrees_with_pytorch),
        cmocka_unit_test(larger_resnet_agrees_with_pytorch),
        cmocka_unit_test(r3gan_agrees_with_pytorch),
        cmocka_unit_test(dcgan_whose_latent_numbers_move_its_norms_agrees_with_pytorch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
