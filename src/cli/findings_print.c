/* Findings as tables for people and as JSON for programs. */
#include "findings.h"
#include "plain.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_MAXIMUM = 10, CLASSES_ACROSS = 8, NUMBER_COLUMNS = 8 };

static int64_t of_split(const struct findings *findings, int class_index, int split)
{
    return findings->of_split[class_index * SPLITS + split];
}

/* Images of this split in all classes. */
static int64_t split_total(const struct findings *findings, int split)
{
    int64_t total = 0;
    for (int class_index = 0; class_index < findings->classes; class_index++)
        total += of_split(findings, class_index, split);
    return total;
}

static int name_columns(const struct findings *findings)
{
    int longest = plain_letters("class");
    for (int i = 0; i < findings->classes; i++) {
        const int letters = plain_letters(standin_dataset_class_name(findings->dataset, i));
        longest = letters > longest ? letters : longest;
    }
    for (int i = 0; i < findings->groups.count; i++) {
        const int letters = plain_letters(findings->groups.tally[i].name);
        longest = letters > longest ? letters : longest;
    }
    return longest < 40 ? longest : 40;
}

static void print_classes(const struct findings *findings, int columns)
{
    const bool splits = split_total(findings, SPLITS - 1) < findings->images;
    printf("\n%-*s %*s", columns, "class", NUMBER_COLUMNS, "images");
    for (int split = 0; splits && split < SPLITS; split++)
        if (split_total(findings, split) > 0)
            printf(" %*s", NUMBER_COLUMNS, *split_names[split] ? split_names[split] : "no split");
    putchar('\n');
    for (int i = 0; i < findings->classes; i++) {
        plain_write_left(stdout, standin_dataset_class_name(findings->dataset, i), columns);
        printf(" %*" PRId64, NUMBER_COLUMNS, standin_dataset_class_images(findings->dataset, i));
        for (int split = 0; splits && split < SPLITS; split++)
            if (split_total(findings, split) > 0)
                printf(" %*" PRId64, NUMBER_COLUMNS, of_split(findings, i, split));
        putchar('\n');
    }
}

static void print_groups(const struct findings *findings, int columns)
{
    if (findings->groups.count == 0)
        return;
    const int classes = findings->classes > 1 && findings->classes <= CLASSES_ACROSS ? findings->classes : 0;
    printf("\n%-*s %*s", columns, "group", NUMBER_COLUMNS, "images");
    for (int i = 0; i < classes; i++) {
        putchar(' ');
        plain_write_right(stdout, standin_dataset_class_name(findings->dataset, i), NUMBER_COLUMNS);
    }
    putchar('\n');
    for (int i = 0; i < findings->groups.count && i < ROWS_MAXIMUM; i++) {
        const struct tally *group = &findings->groups.tally[i];
        plain_write_left(stdout, group->name, columns);
        printf(" %*" PRId64, NUMBER_COLUMNS, group->total);
        for (int class_index = 0; class_index < classes; class_index++)
            printf(" %*" PRId64, NUMBER_COLUMNS, group->of_class[class_index]);
        putchar('\n');
    }
    if (findings->groups.count > ROWS_MAXIMUM)
        printf("and %d more groups\n", findings->groups.count - ROWS_MAXIMUM);
}

static void print_sizes(const struct findings *findings)
{
    enum { SIZES_SHOWN = 5 };
    printf("\nsizes        ");
    for (int i = 0; i < findings->sizes.count && i < SIZES_SHOWN; i++)
        printf("%s%dx%d (%" PRId64 ")", i ? ", " : "", findings->sizes.tally[i].width, findings->sizes.tally[i].height,
               findings->sizes.tally[i].total);
    if (findings->sizes.count > SIZES_SHOWN)
        printf(" and %d more", findings->sizes.count - SIZES_SHOWN);
    printf("\nsamples      %" PRId64 " in colour, %" PRId64 " grey; %" PRId64 " with 16 bits, the others with 8\n",
           findings->colour, findings->grey, findings->sixteen_bit);
}

/* A line of two names or texts that come from outside. */
static void print_pair(const char *first, const char *between, const char *second, const char *rest)
{
    printf("  ");
    plain_write(stdout, first);
    printf("%s", between);
    plain_write(stdout, second);
    printf("%s\n", rest);
}

static void print_duplicates(const struct findings *findings)
{
    printf("duplicates   %" PRId64 "\n", findings->duplicates);
    int shown = 0;
    standin_image image, first;
    for (int64_t i = 0; i < standin_dataset_images(findings->dataset) && shown < ROWS_MAXIMUM; i++)
        if (standin_dataset_image(findings->dataset, i, &image) == 0 && image.duplicate_of >= 0 &&
            standin_dataset_image(findings->dataset, image.duplicate_of, &first) == 0) {
            print_pair(image.path, " is ", first.path,
                       image.class_index != first.class_index ? ", of another class" : "");
            shown++;
        }
    if (findings->duplicates > shown)
        printf("  and %" PRId64 " more\n", findings->duplicates - shown);
}

static void print_unreadable(const struct findings *findings)
{
    printf("unreadable   %" PRId64 "\n", standin_dataset_skipped(findings->dataset));
    for (int64_t i = 0; i < standin_dataset_skipped(findings->dataset); i++) {
        const char *path, *reason;
        if (standin_dataset_skipped_file(findings->dataset, i, &path, &reason) == 0)
            print_pair(path, ": ", reason, "");
    }
}

void findings_print(const struct findings *findings, const char *path)
{
    plain_write(stdout, path);
    printf(": %" PRId64 " images in %d %s\n", findings->images, findings->classes,
           findings->classes == 1 ? "class" : "classes");
    const int columns = name_columns(findings);
    print_classes(findings, columns);
    print_groups(findings, columns);
    print_sizes(findings);
    print_duplicates(findings);
    print_unreadable(findings);
}

/* ---- JSON ------------------------------------------------------------------------------------------------- */

/* A name that is not UTF-8 cannot stand in JSON: its bytes outside of ASCII become question marks. */
static json_t *json_of_text(const char *text)
{
    json_t *string = json_string(text);
    if (string)
        return string;
    char *ascii = strdup(text);
    for (char *letter = ascii; letter && *letter; letter++)
        if ((unsigned char)*letter > 127)
            *letter = '?';
    string = ascii ? json_string(ascii) : json_null();
    free(ascii);
    return string;
}

static json_t *json_of_classes(const struct findings *findings)
{
    json_t *classes = json_array();
    for (int i = 0; i < findings->classes; i++) {
        json_t *splits = json_object();
        for (int split = 0; split < SPLITS; split++)
            if (of_split(findings, i, split) > 0)
                json_object_set_new(splits, *split_names[split] ? split_names[split] : "none",
                                    json_integer(of_split(findings, i, split)));
        json_array_append_new(
            classes,
            json_pack("{s:o, s:I, s:o}", "name", json_of_text(standin_dataset_class_name(findings->dataset, i)),
                      "images", (json_int_t)standin_dataset_class_images(findings->dataset, i), "splits", splits));
    }
    return classes;
}

static json_t *json_of_groups(const struct findings *findings)
{
    json_t *groups = json_array();
    for (int i = 0; i < findings->groups.count; i++)
        json_array_append_new(groups, json_pack("{s:o, s:I}", "name", json_of_text(findings->groups.tally[i].name),
                                                "images", (json_int_t)findings->groups.tally[i].total));
    return groups;
}

static json_t *json_of_sizes(const struct findings *findings)
{
    json_t *sizes = json_array();
    for (int i = 0; i < findings->sizes.count; i++) {
        const struct tally *size = &findings->sizes.tally[i];
        json_array_append_new(sizes, json_pack("{s:i, s:i, s:I}", "width", size->width, "height", size->height,
                                               "images", (json_int_t)size->total));
    }
    return sizes;
}

static json_t *json_of_duplicates(const struct findings *findings)
{
    json_t *duplicates = json_array();
    standin_image image, first;
    for (int64_t i = 0; i < standin_dataset_images(findings->dataset); i++)
        if (standin_dataset_image(findings->dataset, i, &image) == 0 && image.duplicate_of >= 0 &&
            standin_dataset_image(findings->dataset, image.duplicate_of, &first) == 0)
            json_array_append_new(duplicates, json_pack("{s:o, s:o}", "path", json_of_text(image.path), "same_as",
                                                        json_of_text(first.path)));
    return duplicates;
}

static json_t *json_of_unreadable(const struct findings *findings)
{
    json_t *unreadable = json_array();
    for (int64_t i = 0; i < standin_dataset_skipped(findings->dataset); i++) {
        const char *path, *reason;
        if (standin_dataset_skipped_file(findings->dataset, i, &path, &reason) == 0)
            json_array_append_new(unreadable,
                                  json_pack("{s:o, s:o}", "path", json_of_text(path), "reason", json_of_text(reason)));
    }
    return unreadable;
}

void findings_print_json(const struct findings *findings, const char *path)
{
    json_t *all = json_pack("{s:o, s:s, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:o}", "path", json_of_text(path),
                            "hash", standin_dataset_hash(findings->dataset), "images", (json_int_t)findings->images,
                            "colour", (json_int_t)findings->colour, "grey", (json_int_t)findings->grey, "sixteen_bit",
                            (json_int_t)findings->sixteen_bit, "classes", json_of_classes(findings), "groups",
                            json_of_groups(findings), "sizes", json_of_sizes(findings), "duplicates",
                            json_of_duplicates(findings), "unreadable", json_of_unreadable(findings));
    json_dumpf(all, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(all);
}
