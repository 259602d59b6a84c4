/* Reading, checking and writing settings, as the table says. */
#include "train/recipe.h"

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/number.h"
#include "net/network.h"
#include "train/augment.h"
#include "train/recipe_builtin.h"
#include "train/recipe_table.h"

#include <ini.h>
#include <inttypes.h>
#include <standin/standin.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    else if (setting->kind == SETTING_AUGMENT) {
        size_t used = (size_t)snprintf(text, RANGE_TEXT, "none or any of ");
        for (unsigned part = 1; part <= AUGMENT_ALL; part <<= 1)
            used += (size_t)snprintf(text + used, RANGE_TEXT - used, "%s%s", part == 1 ? "" : ", ", augment_name(part));
        snprintf(text + used, RANGE_TEXT - used, ", joined by +");
    } else {
        size_t used = 0;
        for (const struct choice *choice = setting->choices; choice->name; choice++)
            used += (size_t)snprintf(text + used, RANGE_TEXT - used, "%s%s",
                                     choice == setting->choices ? ""
                                     : choice[1].name           ? ", "
                                                                : " or ",
                                     choice->name);
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
    unsigned parts;
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
    case SETTING_AUGMENT:
        if (augment_parse(&parts, text) < 0)
            return false;
        memcpy(field, &parts, sizeof parts);
        return true;
    case SETTING_SIZE:
        if (!read_size(setting, text, sizes))
            return false;
        memcpy(field, sizes, sizeof sizes);
        return true;
    }
    return false;
}

static void write_parts(FILE *out, unsigned parts)
{
    const char *between = "";
    for (unsigned part = 1; part <= parts; part <<= 1)
        if (parts & part) {
            fprintf(out, "%s%s", between, augment_name(part));
            between = "+";
        }
    if (!parts)
        fputs("none", out);
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
    case SETTING_AUGMENT:
        write_parts(out, *(const unsigned *)field);
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
    const struct setting *nearest = recipe_settings;
    for (const struct setting *setting = recipe_settings; setting < recipe_settings + recipe_settings_count;
         setting++) {
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
    for (const struct setting *setting = recipe_settings;
         status == 0 && setting < recipe_settings + recipe_settings_count; setting++)
        status = recipe_set(recipe, setting->key, setting->initial);
    return status;
}

struct reading {
    struct recipe recipe;
    bool seen[RECIPE_SETTINGS_MAXIMUM];
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
    else if (reading->seen[setting - recipe_settings])
        reading->status = error_set(STATUS_INPUT, "%s stands here a second time", key);
    else {
        reading->seen[setting - recipe_settings] = true;
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
    for (const struct setting *setting = recipe_settings; setting < recipe_settings + recipe_settings_count;
         setting++) {
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

/* ---- Two recipes ------------------------------------------------------------------------------------------ */

static char *value_text(const struct recipe *recipe, const struct setting *setting)
{
    char *text = NULL;
    size_t bytes;
    FILE *stream = open_memstream(&text, &bytes);
    if (!stream)
        return NULL;
    write_value(stream, recipe, setting);
    return fclose(stream) == 0 ? text : NULL;
}

enum { DIFFERENCES_NAMED = 4 }; /* of another recipe altogether a few are enough */

/* Adds "batch = 8, not 32", if it is, and counts it. */
static int write_difference(FILE *out, int *differences, const struct setting *setting, const struct recipe *one,
                            const struct recipe *other)
{
    char *is = value_text(one, setting), *wanted = value_text(other, setting);
    const int status = is && wanted ? 0 : error_set(STATUS_MEMORY, "out of memory for a recipe's text");
    if (status == 0 && strcmp(is, wanted) != 0 && (*differences)++ < DIFFERENCES_NAMED)
        fprintf(out, "%s%s = %s, not %s", *differences > 1 ? "; " : "", setting->key, is, wanted);
    free(is);
    free(wanted);
    return status;
}

int recipe_difference(char **out, const struct recipe *run, const struct standin_recipe *given)
{
    size_t bytes;
    int differences = 0;
    *out = NULL;
    FILE *stream = open_memstream(out, &bytes);
    int status = stream ? 0 : error_set(STATUS_MEMORY, "out of memory for a recipe's text");
    for (const struct setting *setting = recipe_settings;
         status == 0 && setting < recipe_settings + recipe_settings_count; setting++)
        if (strcmp(setting->key, "steps") != 0 && !recipe_fits_itself(given, setting->key))
            status = write_difference(stream, &differences, setting, run, &given->settings);
    if (stream && differences > DIFFERENCES_NAMED)
        fprintf(stream, "; and %d more", differences - DIFFERENCES_NAMED);
    if (stream && fclose(stream) != 0 && status == 0)
        status = error_set(STATUS_MEMORY, "out of memory for a recipe's text");
    if (status < 0) {
        free(*out);
        *out = NULL;
    }
    return status;
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
    recipe->automatic = strcmp(name, recipe_builtins[0].name) == 0;
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
    const int status = recipe_set(&recipe->settings, key, value);
    if (status == 0)
        recipe->said[find_setting(key) - recipe_settings] = true;
    return status;
}

bool recipe_was_said(const standin_recipe *recipe, const char *key)
{
    return recipe->said[find_setting(key) - recipe_settings];
}

bool recipe_learns_labels(const struct recipe *recipe)
{
    return recipe->label_g != LABEL_UNUSED || recipe->label_d != LABEL_UNUSED;
}

int standin_recipe_learns_labels(const standin_recipe *recipe)
{
    return recipe_learns_labels(&recipe->settings);
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
