/* The table of settings, and what follows from it. */
#include "train/recipe.h"

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/number.h"
#include "train/recipe_builtin.h"
#include "train/step.h"

#include <ini.h>
#include <inttypes.h>
#include <standin/standin.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum setting_kind { SETTING_INTEGER, SETTING_REAL, SETTING_CHOICE, SETTING_BOOLEAN, SETTING_SIZE };

struct choice {
    const char *name; /* NULL ends a list */
    int value;
};

struct setting {
    const char *key, *section;
    enum setting_kind kind;
    size_t field; /* int64_t, double, int, bool; for a size int width and, next to it, int height */
    const char *initial;
    double minimum, maximum;
    const struct choice *choices;
    const char *meaning;
};

static const struct choice channels[] = {{"auto", 0}, {"1", 1}, {"3", 3}, {NULL, 0}};
static const struct choice networks[] = {{"dcgan", NETWORK_DCGAN}, {NULL, 0}};
static const struct choice norms[] = {{"batch", true}, {"none", false}, {NULL, 0}};
static const struct choice booleans[] = {{"yes", true}, {"no", false}, {NULL, 0}};
static const struct choice losses[] = {{"cross-entropy", LOSS_CROSS_ENTROPY},
                                       {"least-squares", LOSS_LEAST_SQUARES},
                                       {"hinge", LOSS_HINGE},
                                       {NULL, 0}};

#define FIELD(name) offsetof(struct recipe, name)

static const struct setting settings[] = {
    {"size", "images", SETTING_SIZE, FIELD(width), "64", 16, 1024, NULL,
     "Width and height of the images, as 64 or 96x64. For the network dcgan the shorter side is 16, 32, 64, 128 or 256 "
     "pixels and the longer one a multiple of a quarter of it. A step at 128x128 costs four times one at 64x64."},
    {"channels", "images", SETTING_CHOICE, FIELD(channels), "auto", 0, 0, channels,
     "1 makes grey images, 3 colour; auto takes what the dataset holds."},
    {"mirror", "images", SETTING_BOOLEAN, FIELD(mirror), "no", 0, 0, booleans,
     "Shows the discriminator every second real image mirrored, left for right. Helps with few images, and does harm "
     "where the image holds text or numbers, or where left and right differ."},

    {"network", "networks", SETTING_CHOICE, FIELD(network), "dcgan", 0, 0, networks,
     "The family of networks. dcgan: transposed convolutions in the generator, strided ones in the discriminator "
     "(Radford, Metz and Chintala 2015)."},
    {"latent", "networks", SETTING_INTEGER, FIELD(latent), "100", 1, 4096, NULL,
     "How many random numbers the generator makes an image from."},
    {"width-g", "networks", SETTING_INTEGER, FIELD(width_g), "64", 1, 1024, NULL,
     "Channels of the generator's layer of highest resolution; each halving of the resolution doubles them. Time grows "
     "with the square."},
    {"width-d", "networks", SETTING_INTEGER, FIELD(width_d), "64", 1, 1024, NULL, "The same for the discriminator."},
    {"norm", "networks", SETTING_BOOLEAN, FIELD(normalise), "batch", 0, 0, norms,
     "What normalises the values between layers: batch (batch normalisation), or none."},
    {"leak", "networks", SETTING_REAL, FIELD(leak), "0.2", 0, 1, NULL,
     "Slope of the discriminator's LeakyReLU for negative values."},
    {"initial-deviation", "networks", SETTING_REAL, FIELD(initial_deviation), "0.02", 1e-6, 10, NULL,
     "Standard deviation of the initial weights, which are normal with mean 0. With 0.02 the first images are grey and "
     "every layer can learn. With 1 the sums before the final tanh are so large that the first images are black and "
     "white noise, where tanh has almost no slope left to learn from."},

    {"loss", "training", SETTING_CHOICE, FIELD(loss), "cross-entropy", 0, 0, losses,
     "What the two networks play for: cross-entropy (the non-saturating game of Goodfellow et al. 2014), least-squares "
     "(Mao et al. 2016), or hinge."},
    {"batch", "training", SETTING_INTEGER, FIELD(batch), "64", 2, 4096, NULL, "Images in a step."},
    {"epochs", "training", SETTING_INTEGER, FIELD(epochs), "100", 1, 1000000, NULL,
     "How often every image is seen, when neither steps nor a budget of time is given."},
    {"steps", "training", SETTING_INTEGER, FIELD(steps), "0", 0, 1e9, NULL,
     "Training steps, each one update of the discriminator and one of the generator. 0: as many as the epochs make."},

    {"learning-rate-g", "optimiser", SETTING_REAL, FIELD(learning_rate_g), "0.0002", 1e-9, 1, NULL,
     "Adam's step size for the generator."},
    {"learning-rate-d", "optimiser", SETTING_REAL, FIELD(learning_rate_d), "0.0002", 1e-9, 1, NULL,
     "Adam's step size for the discriminator."},
    {"beta1", "optimiser", SETTING_REAL, FIELD(beta1), "0.5", 0, 0.9999, NULL,
     "Adam's memory of the gradient. 0.5 instead of the usual 0.9 keeps the two networks from swinging."},
    {"beta2", "optimiser", SETTING_REAL, FIELD(beta2), "0.999", 0, 0.999999, NULL, "Adam's memory of its square."},
    {"epsilon", "optimiser", SETTING_REAL, FIELD(epsilon), "1e-08", 1e-16, 0.1, NULL,
     "Added to Adam's denominator so that it is never 0."},

    {"ema", "average", SETTING_REAL, FIELD(ema), "0.999", 0, 0.999999, NULL,
     "Images are made from an average of the generator's weights over past steps, which keeps this share of itself at "
     "each step. 0: no average, the weights as they are."},
    {"standing-batches", "average", SETTING_INTEGER, FIELD(standing_batches), "16", 1, 1024, NULL,
     "Batches over which the statistics of batch normalisation are taken for the averaged weights when they are saved. "
     "Afterwards an image depends on its own random numbers alone."},
};
enum { SETTINGS = sizeof settings / sizeof *settings };

/* ---- One value -------------------------------------------------------------------------------------------- */

static bool read_choice(const struct choice *choices, const char *text, int *value)
{
    for (; choices->name; choices++)
        if (strcmp(choices->name, text) == 0) {
            *value = choices->value;
            return true;
        }
    return false;
}

static bool read_integer(const struct setting *setting, const char *text, int64_t *value)
{
    return number_read_integer(text, value) && (double)*value >= setting->minimum && (double)*value <= setting->maximum;
}

/* "64" or "96x64" */
static bool read_size(const struct setting *setting, const char *text, int size[2])
{
    char first[NUMBER_TEXT];
    const size_t length = strcspn(text, "x");
    if (length >= sizeof first)
        return false;
    memcpy(first, text, length);
    first[length] = 0;
    int64_t width, height;
    if (!read_integer(setting, first, &width) ||
        !read_integer(setting, text[length] ? text + length + 1 : first, &height))
        return false;
    size[0] = (int)width;
    size[1] = (int)height;
    return true;
}

/* "an integer from 1 to 4096". `text` is large enough for the longest range in the table. */
enum { RANGE_TEXT = 160 };
static const char *range_text(const struct setting *setting, char *text)
{
    char minimum[NUMBER_TEXT], maximum[NUMBER_TEXT];
    if (setting->kind == SETTING_INTEGER)
        snprintf(text, RANGE_TEXT, "an integer from %.0f to %.0f", setting->minimum, setting->maximum);
    else if (setting->kind == SETTING_REAL)
        snprintf(text, RANGE_TEXT, "a number from %s to %s", number_text(setting->minimum, minimum),
                 number_text(setting->maximum, maximum));
    else if (setting->kind == SETTING_SIZE)
        snprintf(text, RANGE_TEXT, "WIDTH or WIDTHxHEIGHT, each from %.0f to %.0f", setting->minimum, setting->maximum);
    else {
        size_t used = 0;
        for (const struct choice *choice = setting->choices; choice->name; choice++)
            used += (size_t)snprintf(text + used, RANGE_TEXT - used, "%s%s",
                                     choice == setting->choices ? "" : choice[1].name ? ", " : " or ", choice->name);
    }
    return text;
}

/* Reads a value into the recipe; false if it is out of range. */
static bool read_value(struct recipe *recipe, const struct setting *setting, const char *text)
{
    void *field = (char *)recipe + setting->field;
    int64_t integer;
    double real;
    int choice, sizes[2];
    switch (setting->kind) {
    case SETTING_INTEGER:
        if (!read_integer(setting, text, &integer))
            return false;
        memcpy(field, &integer, sizeof integer);
        return true;
    case SETTING_REAL:
        if (!number_read_real(text, &real) || real < setting->minimum || real > setting->maximum)
            return false;
        memcpy(field, &real, sizeof real);
        return true;
    case SETTING_CHOICE:
        if (!read_choice(setting->choices, text, &choice))
            return false;
        memcpy(field, &choice, sizeof choice);
        return true;
    case SETTING_BOOLEAN:
        if (!read_choice(setting->choices, text, &choice))
            return false;
        *(bool *)field = choice != 0;
        return true;
    case SETTING_SIZE:
        if (!read_size(setting, text, sizes))
            return false;
        memcpy(field, sizes, sizeof sizes);
        return true;
    }
    return false;
}

static void write_value(FILE *out, const struct recipe *recipe, const struct setting *setting)
{
    const void *field = (const char *)recipe + setting->field;
    char text[NUMBER_TEXT];
    int chosen;
    switch (setting->kind) {
    case SETTING_INTEGER:
        fprintf(out, "%" PRId64, *(const int64_t *)field);
        return;
    case SETTING_REAL:
        fputs(number_text(*(const double *)field, text), out);
        return;
    case SETTING_SIZE:
        fprintf(out, "%dx%d", ((const int *)field)[0], ((const int *)field)[1]);
        return;
    case SETTING_CHOICE:
    case SETTING_BOOLEAN:
        chosen = setting->kind == SETTING_BOOLEAN ? *(const bool *)field : *(const int *)field;
        for (const struct choice *choice = setting->choices; choice->name; choice++)
            if (choice->value == chosen)
                fputs(choice->name, out);
    }
}

/* ---- The whole recipe ------------------------------------------------------------------------------------- */

/* How many letters must be changed, inserted or removed to get from a to b (Levenshtein). */
static size_t edit_distance(const char *a, const char *b)
{
    enum { LETTERS = 64 };
    size_t row[LETTERS + 1];
    const size_t columns = strnlen(b, LETTERS);
    for (size_t j = 0; j <= columns; j++)
        row[j] = j;
    for (size_t i = 0; i < LETTERS && a[i]; i++) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t j = 1; j <= columns; j++) {
            const size_t replaced = diagonal + (a[i] != b[j - 1]);
            const size_t shorter = row[j] < row[j - 1] ? row[j] : row[j - 1];
            diagonal = row[j];
            row[j] = replaced < shorter + 1 ? replaced : shorter + 1;
        }
    }
    return row[columns];
}

static const struct setting *find_setting(const char *key)
{
    const struct setting *nearest = settings;
    for (const struct setting *setting = settings; setting < settings + SETTINGS; setting++) {
        if (strcmp(setting->key, key) == 0)
            return setting;
        if (edit_distance(key, setting->key) < edit_distance(key, nearest->key))
            nearest = setting;
    }
    error_set(STATUS_INPUT, "there is no setting '%.80s'; the nearest is '%s'", key, nearest->key);
    return NULL;
}

int recipe_set(struct recipe *recipe, const char *key, const char *value)
{
    const struct setting *setting = find_setting(key);
    if (!setting)
        return STATUS_INPUT;
    char range[RANGE_TEXT];
    if (!read_value(recipe, setting, value))
        return error_set(STATUS_INPUT, "%s is '%.80s', but must be %s", key, value, range_text(setting, range));
    return 0;
}

int recipe_default(struct recipe *recipe)
{
    *recipe = (struct recipe){0};
    int status = 0;
    for (const struct setting *setting = settings; status == 0 && setting < settings + SETTINGS; setting++)
        status = recipe_set(recipe, setting->key, setting->initial);
    return status;
}

struct reading {
    struct recipe recipe;
    bool seen[SETTINGS];
    int status;
};

/* inih calls this for each line and reports the first line for which it returned 0. */
static int read_line(void *user, const char *section, const char *key, const char *value)
{
    (void)section; /* keys are unique; sections are there for the reader */
    struct reading *reading = user;
    if (reading->status < 0)
        return 0;
    const struct setting *setting = find_setting(key);
    if (!setting)
        reading->status = STATUS_INPUT;
    else if (reading->seen[setting - settings])
        reading->status = error_set(STATUS_INPUT, "%s stands here a second time", key);
    else {
        reading->seen[setting - settings] = true;
        reading->status = recipe_set(&reading->recipe, key, value);
    }
    return reading->status == 0;
}

/* inih splits longer lines in silence. */
static int check_line_lengths(const char *name, const char *text)
{
    enum { LINE_LIMIT = 190 };
    int line = 1;
    for (const char *start = text; *start; line++) {
        const size_t length = strcspn(start, "\n");
        if (length > LINE_LIMIT)
            return error_set(STATUS_INPUT, "%s:%d: longer than %d characters", name, line, LINE_LIMIT);
        start += length + (start[length] == '\n');
    }
    return 0;
}

int recipe_read(struct recipe *recipe, const char *name, const char *text)
{
    const int status = check_line_lengths(name, text);
    if (status < 0)
        return status;
    struct reading reading = {.recipe = *recipe};
    const int line = ini_parse_string(text, read_line, &reading);
    if (reading.status < 0)
        return error_prefix(reading.status, "%s:%d", name, line);
    if (line > 0)
        return error_set(STATUS_INPUT, "%s:%d: neither a setting (key = value) nor a [section]", name, line);
    if (line < 0)
        return error_set(STATUS_MEMORY, "%s: out of memory", name);
    *recipe = reading.recipe;
    return 0;
}

/* The text as comment lines, broken between words. */
static void write_comment(FILE *out, const char *text)
{
    enum { COLUMNS = 100 };
    size_t column = 0;
    for (const char *word = text; *word;) {
        const size_t length = strcspn(word, " ");
        if (column > 0 && column + 1 + length > COLUMNS) {
            fputc('\n', out);
            column = 0;
        }
        fprintf(out, "%s%.*s", column ? " " : "# ", (int)length, word);
        column += length + (column ? 1 : 2);
        word += length + (word[length] == ' ');
    }
    fputc('\n', out);
}

int recipe_text(const struct recipe *recipe, char **out)
{
    *out = NULL;
    size_t bytes;
    FILE *stream = open_memstream(out, &bytes);
    if (!stream)
        return error_set(STATUS_MEMORY, "out of memory for a recipe's text");
    const char *section = "";
    for (const struct setting *setting = settings; setting < settings + SETTINGS; setting++) {
        if (strcmp(section, setting->section) != 0)
            fprintf(stream, "%s[%s]\n", *section ? "\n" : "", setting->section);
        section = setting->section;
        fputc('\n', stream);
        write_comment(stream, setting->meaning);
        fprintf(stream, "%s = ", setting->key);
        write_value(stream, recipe, setting);
        fputc('\n', stream);
    }
    if (fclose(stream) != 0) {
        free(*out);
        *out = NULL;
        return error_set(STATUS_MEMORY, "out of memory for a recipe's text");
    }
    return 0;
}

/* ---- The public interface --------------------------------------------------------------------------------- */

static const char *find_builtin(const char *name)
{
    for (const struct recipe_builtin *builtin = recipe_builtins; builtin->name; builtin++)
        if (strcmp(builtin->name, name) == 0)
            return builtin->text;
    return NULL;
}

static int read_file(struct recipe *recipe, const char *path)
{
    enum { FILE_LIMIT = 1024 * 1024 };
    uint8_t *text;
    size_t bytes;
    int status = file_read_all(path, FILE_LIMIT, &text, &bytes);
    if (status < 0)
        return status;
    if (memchr(text, 0, bytes))
        status = error_set(STATUS_INPUT, "%s: not a text file", path);
    else
        status = recipe_read(recipe, path, (const char *)text);
    free(text);
    return status;
}

/* Puts before the message about a file that cannot be read which names would have needed none. */
static int no_recipe(int status)
{
    enum { LIST_SIZE = 256 };
    char list[LIST_SIZE] = "";
    size_t used = 0;
    for (const struct recipe_builtin *builtin = recipe_builtins; builtin->name && used < sizeof list; builtin++)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", used ? ", " : "", builtin->name);
    return error_prefix(status, "neither a built-in recipe (%s) nor a recipe file", list);
}

int standin_recipe_open(standin_recipe **out, const char *name)
{
    *out = NULL;
    struct standin_recipe *recipe = memory_new(1, sizeof *recipe);
    if (!recipe)
        return STATUS_MEMORY;
    const char *builtin = find_builtin(name);
    int status = recipe_default(&recipe->settings);
    if (status == 0)
        status = builtin ? recipe_read(&recipe->settings, name, builtin) : read_file(&recipe->settings, name);
    if (status == STATUS_FILE)
        status = no_recipe(status);
    if (status < 0) {
        free(recipe);
        return status;
    }
    *out = recipe;
    return 0;
}

void standin_recipe_free(standin_recipe *recipe)
{
    free(recipe);
}

int standin_recipe_set(standin_recipe *recipe, const char *key, const char *value)
{
    return recipe_set(&recipe->settings, key, value);
}

void standin_recipe_dataset_options(const standin_recipe *recipe, standin_dataset_options *options)
{
    options->width = recipe->settings.width;
    options->height = recipe->settings.height;
    options->channels = recipe->settings.channels;
}

int standin_recipe_text(const standin_recipe *recipe, char **out)
{
    return recipe_text(&recipe->settings, out);
}

const char *standin_recipe_name(int index)
{
    for (int i = 0; i < index; i++)
        if (!recipe_builtins[i].name)
            return NULL;
    return index < 0 ? NULL : recipe_builtins[index].name;
}

const char *standin_recipe_summary(int index)
{
    return standin_recipe_name(index) ? recipe_builtins[index].summary : NULL;
}
