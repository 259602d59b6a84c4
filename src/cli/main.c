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
    const char *names[16];
    int count = 0;
    for (const struct command *command = commands; command->name; command++)
        names[count++] = command->name;
    const char *nearest = value_nearest(name, names, count);
    if (nearest)
        return usage_error(NULL, "there is no command '%s'; the nearest is '%s'", name, nearest);
    return usage_error(NULL, "there is no command '%s'", name);
}

static int help(const char *name)
{
    const struct command *command = name ? command_find(name) : NULL;
    if (name && !command)
        return unknown_command(name);
    if (command)
        help_write_command(stdout, command);
    else
        help_write(stdout);
    return EXIT_GOOD;
}

static int run(int count, char **words)
{
    if (count < 2)
        return usage_error(NULL, "a command is missing");
    if (strcmp(words[1], "--help") == 0 || strcmp(words[1], "-h") == 0 || strcmp(words[1], "help") == 0)
        return help(count > 2 ? words[2] : NULL);
    if (strcmp(words[1], "--version") == 0) {
        printf("standin %s\n", standin_version());
        return EXIT_GOOD;
    }
    const struct command *command = command_find(words[1]);
    if (!command)
        return unknown_command(words[1]);
    struct arguments arguments;
    const int code = arguments_read(&arguments, command, count - 2, words + 2);
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
