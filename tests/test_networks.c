/* What the families of networks can make, of which shapes and of how many parameters, and what they refuse. Nothing
 * runs here; test_network_golden.c compares values. */
#include "base/error.h"
#include "net/network.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { BATCH = 4 };

/* Everything but sizes as published. */
static struct network published(enum network_family family, int64_t height, int64_t width)
{
    const bool narrow = family == NETWORK_R3GAN, small = family == NETWORK_RESNET && (height == 32 || width == 32);
    return (struct network){.family = family,
                            .height = height,
                            .width = width,
                            .channels = 3,
                            .latent = family == NETWORK_DCGAN ? 100 : 128,
                            .features_g = narrow ? 16 : small ? 256 : 64,
                            .features_d = narrow ? 16 : small ? 128 : 64,
                            .slope = family == NETWORK_SNGAN ? 0.1 : 0.2,
                            .initial_deviation = 0.02,
                            .normalise_g = !narrow,
                            .normalise_d = family == NETWORK_DCGAN,
                            .spectral_d = family == NETWORK_SNGAN || family == NETWORK_RESNET};
}

/* Both networks in one graph, the discriminator on the generator's pictures. */
struct pair {
    struct graph *graph;
    struct node *pictures, *logits;
    struct weights weights_g, weights_d;
    struct spectra spectra;
};

static void pair_build(struct pair *pair, const struct network *network, bool training)
{
    *pair = (struct pair){.graph = NULL};
    assert_int_equal(graph_new(&pair->graph), 0);
    if (network_check(network) < 0)
        fail_msg("%s", error_message());
    const struct scope scope_g = {
        .graph = pair->graph, .prefix = "g", .training = training, .weights = &pair->weights_g};
    const struct scope scope_d = {.graph = pair->graph,
                                  .prefix = "d",
                                  .training = training,
                                  .weights = &pair->weights_d,
                                  .spectra = network->spectral_d ? &pair->spectra : NULL};
    const struct condition condition = {
        .label = network->classes ? graph_input(pair->graph, "label", shape_batch(BATCH, 0, NULL)) : NULL};
    struct node *z = graph_input(pair->graph, "z", shape_batch(BATCH, 1, &network->latent));
    pair->pictures = network_generator(&scope_g, network, z, &condition);
    pair->logits = network_discriminator(&scope_d, network, pair->pictures, &condition);
    if (graph_status(pair->graph) < 0)
        fail_msg("%s", error_message());
}

static int64_t parameters(const struct weights *weights)
{
    int64_t sum = 0;
    for (int i = 0; i < weights->count; i++)
        sum += shape_elements(&weights->state[i]->shape);
    return sum;
}

static void expect_shapes(const struct network *network)
{
    static struct pair pair;
    for (int training = 0; training < 2; training++) {
        pair_build(&pair, network, training);
        const struct shape pictures =
            shape_batch(BATCH, 3, (int64_t[]){network->height, network->width, network->channels});
        const struct shape logits = shape_batch(BATCH, 1, (int64_t[]){1});
        assert_true(shape_equal(&pair.pictures->shape, &pictures));
        assert_true(shape_equal(&pair.logits->shape, &logits));
        graph_free(pair.graph);
    }
}

static void expect_sizes(enum network_family family, int count, const int64_t (*size)[2])
{
    for (int i = 0; i < count; i++)
        for (int64_t channels = 1; channels <= 3; channels += 2) {
            struct network network = published(family, size[i][0], size[i][1]);
            network.channels = channels;
            expect_shapes(&network);
        }
}

static void sngan_makes_its_sizes_upright_lying_grey_and_colour(void **state)
{
    (void)state;
    const int64_t size[][2] = {{32, 32}, {48, 48}, {64, 64}, {96, 96},   {128, 128},
                               {96, 64}, {64, 96}, {48, 64}, {128, 192}, {40, 32}};
    expect_sizes(NETWORK_SNGAN, sizeof size / sizeof *size, size);
}

static void resnet_makes_its_sizes_upright_lying_grey_and_colour(void **state)
{
    (void)state;
    const int64_t size[][2] = {{32, 32}, {64, 64}, {128, 128}, {96, 64}, {64, 96}, {32, 48}, {160, 128}};
    expect_sizes(NETWORK_RESNET, sizeof size / sizeof *size, size);
}

static void r3gan_makes_its_sizes_upright_lying_grey_and_colour(void **state)
{
    (void)state;
    const int64_t size[][2] = {{16, 16}, {32, 32}, {64, 64}, {128, 128}, {256, 256}, {96, 64}, {64, 96}};
    expect_sizes(NETWORK_R3GAN, sizeof size / sizeof *size, size);
}

static void dcgan_makes_its_sizes_upright_lying_grey_and_colour(void **state)
{
    (void)state;
    const int64_t size[][2] = {{16, 16}, {32, 32}, {64, 64}, {128, 128}, {256, 256}, {96, 64}, {64, 96}};
    expect_sizes(NETWORK_DCGAN, sizeof size / sizeof *size, size);
}

static void every_family_takes_labels_in_every_way_it_has(void **state)
{
    (void)state;
    const enum label_use use_g[] = {LABEL_UNUSED, LABEL_CONCAT, LABEL_NORM, LABEL_STYLE};
    const enum label_use use_d[] = {LABEL_UNUSED, LABEL_CONCAT, LABEL_PROJECTION};
    for (int family = NETWORK_DCGAN; family <= NETWORK_R3GAN; family++)
        for (int i = 0; i < 12; i++) {
            struct network network = published((enum network_family)family, 96, 64);
            network.classes = 5;
            network.label_g = use_g[i / 3];
            network.label_d = use_d[i % 3];
            if (i / 3 < 2 || network.normalise_g)
                expect_shapes(&network);
        }
}

static void expect_parameters(const struct network *network, int64_t generator, int64_t discriminator)
{
    static struct pair pair;
    pair_build(&pair, network, true);
    assert_int_equal(parameters(&pair.weights_g), generator);
    assert_int_equal(parameters(&pair.weights_d), discriminator);
    graph_free(pair.graph);
}

/* The sums below follow the layers of the papers' tables with the biases of their authors' programs. A kernel of k from
 * a to b channels counts k k a b + b, a dense layer a b + b, a batch norm of a channels 2 a. Radford's has no biases.
 *
 *   DCGAN 64       G 100.16.512 + 16 (512.256 + 256.128 + 128.64 + 64.3) + 2 (512 + 256 + 128 + 64)
 *                  D 16 (3.64 + 64.128 + 128.256 + 256.512) + 16.512 + 2 (128 + 256 + 512)
 *   CNN, seed s s  G (128 + 1) 512 s s + 16 (512.256 + 256.128 + 128.64) + 448 + 9.64.3 + 3 + 2 (512 + 256 + 128 + 64)
 *                  D 9 (3.64 + 128.128 + 256.256 + 512.512) + 16 (64.128 + 128.256 + 256.512)
 *                    + 64 + 2 (128 + 256 + 512) + 512 s s + 1
 *   ResNet         an up-block a to b: 2 a + 9 a b + b + 2 b + 9 b b + b + a b + b;
 *                  a down-block: 9 a a + a + 9 a b + b, and a b + b if it halves;
 *                  the first: 9 a b + b + 9 b b + b + a b + b
 *     32           G 128.16.256 + 16.256 + 3 up(256, 256) + 2.256 + 9.256.3 + 3
 *                  D first(3, 128) + down(128, 128) + 2 flat(128, 128) + 128 + 1
 *     64           G 129.16.1024 + up(1024, 512) + up(512, 256) + up(256, 128) + up(128, 64) + 2.64 + 9.64.3 + 3
 *                  D first(3, 64) + down(64, 128) + ... + down(512, 1024) + 1024 + 1
 *     128          G the same with up(1024, 1024) before; D with flat(1024, 1024) behind */
static void parameters_are_as_many_as_published(void **state)
{
    (void)state;
    const struct {
        enum network_family family;
        int64_t side, generator, discriminator;
    } count[] = {
        {NETWORK_DCGAN, 64, 3576704, 2765568},    {NETWORK_SNGAN, 32, 3813379, 5860865},
        {NETWORK_SNGAN, 48, 5134339, 5871105},    {NETWORK_SNGAN, 64, 6983683, 5885441},
        {NETWORK_SNGAN, 96, 12267523, 5926401},   {NETWORK_SNGAN, 128, 19664899, 5983745},
        {NETWORK_RESNET, 32, 4276739, 1053825},   {NETWORK_RESNET, 64, 12220675, 10141441},
        {NETWORK_RESNET, 128, 32150787, 29017857},
    };
    for (size_t i = 0; i < sizeof count / sizeof *count; i++) {
        const struct network network = published(count[i].family, count[i].side, count[i].side);
        expect_parameters(&network, count[i].generator, count[i].discriminator);
    }
}

/* ResNet 64 with 10 classes: ten rows instead of one in the two norms of each block, whose channels are 1024 512,
 * 512 256, 256 128 and 128 64, not in the last; and an embedding of 1024 numbers a class. */
static void conditional_parameters_are_as_many_as_published(void **state)
{
    (void)state;
    struct network network = published(NETWORK_RESNET, 64, 64);
    network.classes = 10;
    network.label_g = LABEL_NORM;
    network.label_d = LABEL_PROJECTION;
    const int64_t rows = 2 * (1024 + 512 + 512 + 256 + 256 + 128 + 128 + 64);
    expect_parameters(&network, 12220675 + 9 * rows, 10141441 + 10 * 1024);
    network.label_g = LABEL_STYLE; /* and two matrices a norm */
    expect_parameters(&network, 12220675 + 9 * rows + network.latent * rows, 10141441 + 10 * 1024);
}

/* R3GAN 16 with 8 channels at the highest resolution, so 32, 16 and 8: a block of c channels counts
 * 2 c c + 2 c + 9.2 c.16 + 2 c + 2 c c, two a stage; the seed's picture 16.32; kernels of 1 between stages and at the
 * pictures' end; dense. */
static void r3gan_has_the_parameters_of_its_description(void **state)
{
    (void)state;
    struct network network = published(NETWORK_R3GAN, 16, 16);
    network.features_g = network.features_d = 8;
    int64_t blocks = 0;
    for (int64_t c = 8; c <= 32; c *= 2)
        blocks += 2 * (4 * c * c + 4 * c + 288 * c);
    const int64_t common = blocks + 16 * 32 + 32 * 16 + 16 * 8 + 8 * 3;
    expect_parameters(&network, common + 128 * 32, common + 32);
}

static void spectral_norm_reaches_every_kernel_and_matrix_of_the_discriminator(void **state)
{
    (void)state;
    const enum network_family family[] = {NETWORK_DCGAN, NETWORK_SNGAN, NETWORK_RESNET};
    static struct pair pair;
    for (int i = 0; i < 3; i++) {
        struct network network = published(family[i], 64, 64);
        network.classes = 3;
        network.label_d = LABEL_PROJECTION;
        network.spectral_d = true;
        pair_build(&pair, &network, true);
        int kernels = 0;
        for (int k = 0; k < pair.weights_d.count; k++)
            kernels += strstr(pair.weights_d.state[k]->name, ".weight") != NULL;
        assert_true(kernels > 4);
        assert_int_equal(pair.spectra.count, kernels);
        graph_free(pair.graph);
    }
}

static void expect_refusal(const struct network *network, const char *message)
{
    assert_int_equal(network_check(network), STATUS_INPUT);
    assert_string_equal(error_message(), message);
}

static void other_sizes_are_refused_by_a_line_that_says_which_there_are(void **state)
{
    (void)state;
    struct network network = published(NETWORK_SNGAN, 50, 50);
    expect_refusal(&network, "network sngan cannot make 50x50: the shorter side must be 32, 48, 64, 96 or 128 pixels "
                             "and the longer one a multiple of 8");
    network = published(NETWORK_SNGAN, 64, 100);
    expect_refusal(&network, "network sngan cannot make 100x64: the shorter side must be 32, 48, 64, 96 or 128 pixels "
                             "and the longer one a multiple of 8");
    network = published(NETWORK_RESNET, 48, 48);
    expect_refusal(&network, "network resnet cannot make 48x48: the shorter side must be 32, 64 or 128 pixels and the "
                             "longer one a multiple of 32 (of 8 beside 32)");
    network = published(NETWORK_RESNET, 80, 64);
    expect_refusal(&network, "network resnet cannot make 64x80: the shorter side must be 32, 64 or 128 pixels and the "
                             "longer one a multiple of 32 (of 8 beside 32)");
    network = published(NETWORK_R3GAN, 48, 48);
    expect_refusal(&network, "network r3gan cannot make 48x48: the shorter side must be 16, 32, 64, 128 or 256 pixels "
                             "and the longer one a multiple of a quarter of it");
}

static void what_a_family_has_not_is_refused(void **state)
{
    (void)state;
    struct network network = published(NETWORK_SNGAN, 64, 64);
    network.normalise_d = true;
    expect_refusal(&network, "network sngan has no batch norm in its discriminator");
    network = published(NETWORK_RESNET, 64, 64);
    network.normalise_d = true;
    expect_refusal(&network, "network resnet has no batch norm in its discriminator");
    network = published(NETWORK_R3GAN, 64, 64);
    network.normalise_g = true;
    expect_refusal(&network, "network r3gan has no batch norm");
    network = published(NETWORK_R3GAN, 64, 64);
    network.features_d = 12;
    expect_refusal(&network, "network r3gan has groups of 16 channels: features must be 1, 2, 4 or a multiple of 8");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dcgan_makes_its_sizes_upright_lying_grey_and_colour),
        cmocka_unit_test(sngan_makes_its_sizes_upright_lying_grey_and_colour),
        cmocka_unit_test(resnet_makes_its_sizes_upright_lying_grey_and_colour),
        cmocka_unit_test(r3gan_makes_its_sizes_upright_lying_grey_and_colour),
        cmocka_unit_test(every_family_takes_labels_in_every_way_it_has),
        cmocka_unit_test(parameters_are_as_many_as_published),
        cmocka_unit_test(conditional_parameters_are_as_many_as_published),
        cmocka_unit_test(r3gan_has_the_parameters_of_its_description),
        cmocka_unit_test(spectral_norm_reaches_every_kernel_and_matrix_of_the_discriminator),
        cmocka_unit_test(other_sizes_are_refused_by_a_line_that_says_which_there_are),
        cmocka_unit_test(what_a_family_has_not_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
