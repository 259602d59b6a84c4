/* standin: finds the command and runs it. Uses the public header alone, like any other program. */
#include "arguments.h"

#include <errno.h>
#include <string.h>

/* Output that could not be written is a failure, wherever it happened. */
static int finish(int code)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return code;
    fprintf(stderr, "standin: cannot write to standard output: %s\n", strerror(errno));
    return code == EXIT_GOOD ? EXIT_FAILED : code;
}

static int unknown_command(const char *name)
{
    if (command_is_family(name))
        return usage_error(name, "%s is only the beginning of a command", name);
    enum { NAMES = 32 };
    const char *names[NAMES];
    int count = 0;
    for (const struct command *command = commands; command->name && count < NAMES; command++)
        names[count++] = command->name;
    const char *nearest = value_nearest(name, names, count);
    if (nearest)
        return usage_error(NULL, "there is no command '%s'; the nearest is '%s'", name, nearest);
    return usage_error(NULL, "there is no command '%s'", name);
}

static bool is_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

static bool asks_for_help(const char *word)
{
    return is_help(word) || strcmp(word, "help") == 0;
}

static int help(int count, char **words)
{
    int used;
    const struct command *command = command_find(count, words, &used);
    if (command)
        help_write_command(stdout, command);
    else if (count == 0 || asks_for_help(words[0]))
        help_write(stdout);
    else if (command_is_family(words[0]))
        help_write_family(stdout, words[0]);
    else
        return unknown_command(words[0]);
    return EXIT_GOOD;
}

static int run(int count, char **words)
{
    if (count < 2)
        return usage_error(NULL, "a command is missing");
    if (asks_for_help(words[1]))
        return help(count - 2, words + 2);
    if (strcmp(words[1], "--version") == 0) {
        printf("standin %s\n", standin_version());
        return EXIT_GOOD;
    }
    int used;
    const struct command *command = command_find(count - 1, words + 1, &used);
    if (!command && count > 2 && is_help(words[2]))
        return help(1, words + 1);
    if (!command)
        return unknown_command(words[1]);
    struct arguments arguments;
    const int code = arguments_read(&arguments, command, count - 1 - used, words + 1 + used);
    if (code != EXIT_GOOD)
        return code;
    if (arguments.help) {
        help_write_command(stdout, command);
        return EXIT_GOOD;
    }
    return command->run(&arguments);
}

int main(int count, char **words)
{
    return finish(run(count, words));
}
