/* What a setting of a recipe is: key, place, range, default and meaning. */
#ifndef TRAIN_RECIPE_TABLE_H
#define TRAIN_RECIPE_TABLE_H

#include <stddef.h>

enum setting_kind { SETTING_INTEGER, SETTING_REAL, SETTING_CHOICE, SETTING_BOOLEAN, SETTING_SIZE, SETTING_AUGMENT };

struct choice {
    const char *name; /* NULL ends a list */
    int value;
};

struct setting {
    const char *key, *section;
    enum setting_kind kind;
    size_t field; /* int64_t, double, int, bool, unsigned; for a size int width and, next to it, int height */
    const char *initial;
    double minimum, maximum;
    const struct choice *choices;
    const char *meaning;
};
extern const struct setting recipe_settings[];
extern const size_t recipe_settings_count;

#endif
