/* The command line: one table of commands and one of options, from which reading and help follow. */
#ifndef CLI_ARGUMENTS_H
#define CLI_ARGUMENTS_H

#include "values.h"

#include <standin/standin.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum exit_code { EXIT_GOOD = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_INTERRUPTED = 130 };

enum { SETTINGS_MAXIMUM = 64 };

/* What was said; zero and NULL where nothing was. */
struct arguments {
    const char *path, *second_path; /* the arguments that are no options */
    bool help, quiet, json;
    const char *class_name, *sheet, *output, *recipe, *profile, *compare, *policy, *augmented, *test, *work, *first;
    const char *train, *holdout, *inception, *against;
    bool resume, dry_run, grid, mirror, gan, reject_copies;
    struct size size;
    int fit;     /* enum standin_fit */
    int augment; /* enum standin_augment */
    int by;      /* enum standin_select_by */
    uint64_t seed;
    int64_t count, per_class, steps, threads, shards, seeds, folds, real, times, gan_steps, port;
    double budget, target, keep;
    const char *set[SETTINGS_MAXIMUM]; /* key=value */
    int settings;
    uint64_t given; /* bit i: option i of the table was there */
};

struct command {
    const char *name;        /* one word or two: "train", "classify train" */
    const char *path;        /* names of the arguments, one or two with a space between */
    bool path_optional;
    const char *summary, *description, *example;
    int (*run)(const struct arguments *arguments);
};

extern const struct command commands[]; /* ends with a NULL name */

/* The command that these words begin with, and of how many words its name is; or NULL. */
const struct command *command_find(int count, char *const *words, int *used);

/* Whether there are commands of two words that begin with this one. */
bool command_is_family(const char *word);

/* EXIT_GOOD, or EXIT_USAGE with a line on stderr. */
int arguments_read(struct arguments *arguments, const struct command *command, int count, char **words);

/* Whether this option was given. */
bool arguments_have(const struct arguments *arguments, const char *option);

/* "standin: <command>: <message> (...)" on stderr; returns EXIT_USAGE. */
int usage_error(const char *command, const char *format, ...) __attribute__((format(printf, 2, 3)));

void help_write(FILE *out);
void help_write_command(FILE *out, const struct command *command);
void help_write_family(FILE *out, const char *word);

int command_inspect(const struct arguments *arguments);
int command_train(const struct arguments *arguments);
int command_watch(const struct arguments *arguments);
int command_generate(const struct arguments *arguments);
int command_info(const struct arguments *arguments);
int command_recipe(const struct arguments *arguments);
int command_classify_train(const struct arguments *arguments);
int command_classify_test(const struct arguments *arguments);
int command_study_utility(const struct arguments *arguments);
int command_study_augment(const struct arguments *arguments);
int command_estimate(const struct arguments *arguments);
int command_make(const struct arguments *arguments);
int command_evaluate(const struct arguments *arguments);
int command_select(const struct arguments *arguments);

#endif
