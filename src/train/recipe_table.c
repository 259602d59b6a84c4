/* The table of settings: what a recipe can say. A new setting is a field in recipe.h and a row here. */
#include "train/recipe_table.h"

#include "train/augment.h"
#include "train/recipe.h"
#include "train/replay.h"
#include "train/step.h"

static const struct choice channels[] = {{"auto", 0}, {"1", 1}, {"3", 3}, {NULL, 0}};
static const struct choice networks[] = {
    {"dcgan", NETWORK_DCGAN}, {"sngan", NETWORK_SNGAN}, {"resnet", NETWORK_RESNET}, {"r3gan", NETWORK_R3GAN}, {NULL, 0}};
static const struct choice norms_g[] = {{"batch", NORM_BATCH}, {"none", NORM_NONE}, {NULL, 0}};
static const struct choice norms_d[] = {{"batch", NORM_BATCH}, {"spectral", NORM_SPECTRAL}, {"none", NORM_NONE}, {NULL, 0}};
static const struct choice labels_g[] = {
    {"none", LABEL_UNUSED}, {"concat", LABEL_CONCAT}, {"norm", LABEL_NORM}, {"style", LABEL_STYLE}, {NULL, 0}};
static const struct choice labels_d[] = {
    {"none", LABEL_UNUSED}, {"concat", LABEL_CONCAT}, {"projection", LABEL_PROJECTION}, {NULL, 0}};
static const struct choice penalties[] = {{"none", PENALTY_NONE},
                                          {"r1", PENALTY_R1},
                                          {"r1+r2", PENALTY_R1_R2},
                                          {"gradient", PENALTY_GRADIENT},
                                          {NULL, 0}};
static const struct choice replays[] = {
    {"none", REPLAY_NONE}, {"epoch", REPLAY_EPOCH}, {"history", REPLAY_HISTORY}, {"pool", REPLAY_POOL}, {NULL, 0}};
static const struct choice decays[] = {{"none", DECAY_NONE}, {"linear", DECAY_LINEAR}, {"cosine", DECAY_COSINE}, {NULL, 0}};
static const struct choice precisions[] = {{"float", PRECISION_FLOAT}, {"bfloat16", PRECISION_BFLOAT16}, {NULL, 0}};
static const struct choice guesses[] = {{"class", GUESS_CLASS}, {"class-and-origin", GUESS_CLASS_AND_ORIGIN}, {NULL, 0}};
static const struct choice samplings[] = {{"balanced", true}, {"as-is", false}, {NULL, 0}};
static const struct choice booleans[] = {{"yes", true}, {"no", false}, {NULL, 0}};
static const struct choice losses[] = {{"cross-entropy", LOSS_CROSS_ENTROPY},
                                       {"least-squares", LOSS_LEAST_SQUARES},
                                       {"hinge", LOSS_HINGE},
                                       {"wasserstein", LOSS_WASSERSTEIN},
                                       {"relativistic", LOSS_RELATIVISTIC},
                                       {NULL, 0}};

#define FIELD(name) offsetof(struct recipe, name)

const struct setting recipe_settings[] = {
    {"size", "images", SETTING_SIZE, FIELD(width), "64", 16, 1024, NULL,
     "Width and height of the images, as 64 or 96x64. Each family of networks makes certain sizes, and says which. A step "
     "at 128x128 costs four times one at 64x64."},
    {"channels", "images", SETTING_CHOICE, FIELD(channels), "auto", 0, 0, channels,
     "1 makes grey images, 3 colour; auto takes what the dataset holds."},
    {"mirror", "images", SETTING_BOOLEAN, FIELD(mirror), "no", 0, 0, booleans,
     "Shows the discriminator every second real image mirrored, left for right. Helps with few images, and does harm "
     "where the image holds text or numbers, or where left and right differ."},
    {"sampling", "images", SETTING_BOOLEAN, FIELD(balanced), "balanced", 0, 0, samplings,
     "balanced shows all classes equally often, however many images each has; as-is shows all images equally often."},
    {"hold-back", "images", SETTING_REAL, FIELD(held_back), "0", 0, 0.5, NULL,
     "Share of each class that is not trained on but used to watch for a discriminator that learns images by heart."},
    {"augment", "images", SETTING_AUGMENT, FIELD(augment), "none", 0, 0, NULL,
     "What both the real and the generated images go through before the discriminator sees them (differentiable "
     "augmentation, Zhao et al. 2020): none, or any of brightness, saturation, contrast, translation, cutout, mirror, scale, "
     "rotation, joined by +. The best help with few images. Leave out what would change the class or make images that "
     "could not exist."},

    {"network", "networks", SETTING_CHOICE, FIELD(network), "dcgan", 0, 0, networks,
     "The family of networks. dcgan: transposed convolutions in the generator, strided ones in the discriminator "
     "(Radford, Metz and Chintala 2015). sngan and resnet: the plain and the residual networks of Miyato et al. 2018. "
     "r3gan: residual networks without normalisation (Huang et al. 2024)."},
    {"latent", "networks", SETTING_INTEGER, FIELD(latent), "100", 1, 4096, NULL,
     "How many random numbers the generator makes an image from."},
    {"width-g", "networks", SETTING_INTEGER, FIELD(width_g), "64", 1, 1024, NULL,
     "Channels of the generator's layer of highest resolution; each halving of the resolution doubles them. Time grows "
     "with the square."},
    {"width-d", "networks", SETTING_INTEGER, FIELD(width_d), "64", 1, 1024, NULL, "The same for the discriminator."},
    {"norm-g", "networks", SETTING_CHOICE, FIELD(norm_g), "batch", 0, 0, norms_g,
     "What normalises the values between the generator's layers: batch (batch normalisation), or none."},
    {"norm-d", "networks", SETTING_CHOICE, FIELD(norm_d), "batch", 0, 0, norms_d,
     "The same for the discriminator; spectral divides its weights by their spectral norm instead (Miyato et al. 2018)."},
    {"label-g", "networks", SETTING_CHOICE, FIELD(label_g), "none", 0, 0, labels_g,
     "How the generator is told the class: none; concat joins it to the random numbers; norm gives each class its own scales "
     "and shifts in batch normalisation; style moves those by the random numbers as well (Chen et al. 2019). If there is "
     "one class, only style has an effect."},
    {"label-d", "networks", SETTING_CHOICE, FIELD(label_d), "none", 0, 0, labels_d,
     "How the discriminator is told the class: none; concat joins it to the image as constant planes; projection compares "
     "the features with a learned vector of the class (Miyato and Koyama 2018)."},
    {"leak", "networks", SETTING_REAL, FIELD(leak), "0.2", 0, 1, NULL,
     "Slope of the discriminator's LeakyReLU for negative values."},
    {"initial-deviation", "networks", SETTING_REAL, FIELD(initial_deviation), "0.02", 1e-6, 10, NULL,
     "Standard deviation of the initial weights, which are normal with mean 0. With 0.02 the first images are grey and "
     "every layer can learn. With 1 the sums before the final tanh are so large that the first images are black and "
     "white noise, where tanh has almost no slope left to learn from."},

    {"loss", "training", SETTING_CHOICE, FIELD(loss), "cross-entropy", 0, 0, losses,
     "What the two networks play for: cross-entropy (the non-saturating game of Goodfellow et al. 2014), least-squares "
     "(Mao et al. 2016), hinge (Lim and Ye 2017), wasserstein (Arjovsky et al. 2017), or relativistic, which compares real "
     "with generated images in pairs (Huang et al. 2024)."},
    {"penalty", "training", SETTING_CHOICE, FIELD(penalty), "none", 0, 0, penalties,
     "What keeps the discriminator smooth: none; r1, the squared slope at real images (Mescheder et al. 2018); r1+r2, at "
     "generated ones too; gradient, the slope's distance from 1 between both (Gulrajani et al. 2017). Costs up to half a step."},
    {"penalty-weight", "training", SETTING_REAL, FIELD(penalty_weight), "1", 0, 1e6, NULL,
     "Its factor: gamma of r1 and r1+r2 (which count half), lambda of gradient."},
    {"class-weight", "training", SETTING_REAL, FIELD(class_weight), "0", 0, 1000, NULL,
     "Lets the discriminator guess the class of an image as well, and both networks learn from what it gets wrong, with this "
     "factor (Odena, Olah and Shlens 2017). Keeps classes apart that look alike. 0: no guess."},
    {"class-guess", "training", SETTING_CHOICE, FIELD(class_guess), "class", 0, 0, guesses,
     "What it guesses: class, of real images, which draws generated ones to what is typical of a class; class-and-origin, the class "
     "and whether the image is real or generated, which does not (Hou et al. 2022)."},
    {"replay", "training", SETTING_CHOICE, FIELD(replay), "none", 0, 0, replays,
     "Experience replay: shows the discriminator generated images of earlier steps again. epoch keeps one image an epoch (the "
     "white paper of 2019), history replaces half of each batch (Shrivastava et al. 2017), pool swaps with 50 old ones."},
    {"ramp-begin", "training", SETTING_REAL, FIELD(ramp_begin), "0", 0, 1, NULL,
     "Until this share of the training both networks do without labels (Shahbazi et al. 2022): labels make small sets collapse."},
    {"ramp-end", "training", SETTING_REAL, FIELD(ramp_end), "0", 0, 1, NULL,
     "From this share of the training on labels count fully; between the two their strength grows linearly. 0: always fully."},
    {"augment-control", "training", SETTING_BOOLEAN, FIELD(augment_control), "no", 0, 0, booleans,
     "yes applies each part of the augmentation only as often as the discriminator's confidence asks for (Karras et al. 2020); "
     "no applies all of it to every image."},
    {"batch", "training", SETTING_INTEGER, FIELD(batch), "64", 2, 4096, NULL, "Images in a step."},
    {"steps-d", "training", SETTING_INTEGER, FIELD(steps_d), "1", 1, 100, NULL,
     "Updates of the discriminator for each one of the generator."},
    {"epochs", "training", SETTING_INTEGER, FIELD(epochs), "100", 1, 1000000, NULL,
     "How often every image is seen, when neither steps nor a budget of time is given."},
    {"steps", "training", SETTING_INTEGER, FIELD(steps), "0", 0, RECIPE_STEPS_MAXIMUM, NULL,
     "Training steps, each one update of the generator and steps-d of the discriminator. 0: as many as the epochs make."},
    {"precision", "training", SETTING_CHOICE, FIELD(precision), "float", 0, 0, precisions,
     "How many digits of the numbers convolutions multiply in training: float (24 binary ones) or bfloat16 (8), where the "
     "processor has a tile unit (Intel's AMX), which is then two to three times as fast; elsewhere the same as float. Sums, "
     "weights and images stay float."},

    {"learning-rate-g", "optimiser", SETTING_REAL, FIELD(learning_rate_g), "0.0002", 1e-9, 1, NULL,
     "Adam's step size for the generator."},
    {"learning-rate-d", "optimiser", SETTING_REAL, FIELD(learning_rate_d), "0.0002", 1e-9, 1, NULL,
     "Adam's step size for the discriminator."},
    {"beta1", "optimiser", SETTING_REAL, FIELD(beta1), "0.5", 0, 0.9999, NULL,
     "Adam's memory of the gradient. 0.5 instead of the usual 0.9 keeps the two networks from swinging."},
    {"beta2", "optimiser", SETTING_REAL, FIELD(beta2), "0.999", 0, 0.999999, NULL, "Adam's memory of its square."},
    {"beta2-end", "optimiser", SETTING_REAL, FIELD(beta2_end), "0", 0, 0.999999, NULL,
     "What beta2 has become by the end of the training. 0: it stays as it is."},
    {"epsilon", "optimiser", SETTING_REAL, FIELD(epsilon), "1e-08", 1e-16, 0.1, NULL,
     "Added to Adam's denominator so that it is never 0."},
    {"decay", "optimiser", SETTING_CHOICE, FIELD(decay), "none", 0, 0, decays,
     "How both step sizes fall to 0 over the training: none (they stay), linear, or cosine."},

    {"ema", "average", SETTING_REAL, FIELD(ema), "0.999", 0, 0.999999, NULL,
     "Images are made from an average of the generator's weights over past steps, which keeps this share of itself at "
     "each step. 0: no average, the weights as they are."},
    {"standing-batches", "average", SETTING_INTEGER, FIELD(standing_batches), "16", 1, 1024, NULL,
     "Batches over which the statistics of batch normalisation are taken for the averaged weights when they are saved. "
     "Afterwards an image depends on its own random numbers alone."},
};
const size_t recipe_settings_count = sizeof recipe_settings / sizeof *recipe_settings;
_Static_assert(sizeof recipe_settings / sizeof *recipe_settings <= RECIPE_SETTINGS_MAXIMUM, "room to remember each");
