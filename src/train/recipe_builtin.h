/* The recipe files that are built in; the table is made from recipes/ by recipes/embed.sh. */
#ifndef TRAIN_RECIPE_BUILTIN_H
#define TRAIN_RECIPE_BUILTIN_H

struct recipe_builtin {
    const char *name;
    const char *summary; /* the file's first line, a comment */
    const char *text;
};
extern const struct recipe_builtin recipe_builtins[]; /* the first is the default; ends with a NULL name */

#endif
