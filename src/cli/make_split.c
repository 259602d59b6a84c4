/* Train, holdout and test: by the set's own folders, or dealt out by lot so that the test has groups of its own. What
 * would make the numbers at the end meaningless is refused here, before hours of training.
 *
 * The audit asks whether synthetic images are nearer to train than to holdout, which means something only if these two
 * differ by chance alone. Of many groups each part gets a fair sample. Of few, another group is another kind of image,
 * and an innocent generator would stand accused: then the holdout comes from the groups that are trained on. */
#include "make.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum part { PART_TRAIN, PART_HOLDOUT, PART_TEST, PARTS };
static const char *const part_names[PARTS] = {"train", "holdout", "test"};
enum { DEALT_MOST = 5, CLASS_IMAGES_LEAST = 10, GROUPS_MANY = 20 };

static bool has_groups(const standin_dataset *set)
{
    standin_image about = {.group = ""};
    for (int64_t i = 0; i < standin_dataset_images(set) && !*about.group; i++)
        standin_dataset_image(set, i, &about);
    return *about.group;
}

/* ---- What is too little ------------------------------------------------------------------------------------- */

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* How many groups the images of a class, or with -1 all images, belong to; images of no group count one each. */
static int64_t count_groups(const standin_dataset *set, int class_index)
{
    const char **groups = calloc((size_t)standin_dataset_images(set), sizeof *groups);
    size_t count = 0;
    int64_t different = 0;
    for (int64_t i = 0; groups && i < standin_dataset_images(set); i++) {
        standin_image about;
        if (standin_dataset_image(set, i, &about) < 0 || (class_index >= 0 && about.class_index != class_index))
            continue;
        if (*about.group)
            groups[count++] = about.group;
        else
            different++;
    }
    if (count > 0)
        qsort(groups, count, sizeof *groups, compare_texts);
    for (size_t i = 0; i < count; i++)
        different += i == 0 || strcmp(groups[i], groups[i - 1]) != 0;
    free(groups);
    return different;
}

static bool has_many_groups(const standin_dataset *set)
{
    return count_groups(set, -1) >= GROUPS_MANY;
}

static int64_t count_small_classes(const standin_dataset *set)
{
    int64_t small = 0;
    for (int c = 0; c < standin_dataset_classes(set); c++)
        small += standin_dataset_class_images(set, c) < CLASS_IMAGES_LEAST;
    return small;
}

static int refuse_few(struct make *make, const standin_dataset *set, int64_t groups_least)
{
    const int64_t small = count_small_classes(set);
    char others[64] = "";
    if (small > 1)
        snprintf(others, sizeof others, " (%" PRId64 " of %d classes have fewer)", small, standin_dataset_classes(set));
    for (int c = 0; c < standin_dataset_classes(set); c++) {
        const char *name = standin_dataset_class_name(set, c);
        const int64_t images = standin_dataset_class_images(set, c), groups = count_groups(set, c);
        if (images < CLASS_IMAGES_LEAST)
            return make_refuse(
                make, "%s: class '%.80s' has %" PRId64 " %s; train, holdout and test take at least %d of every class%s",
                make->data, name, images, images == 1 ? "image" : "images", CLASS_IMAGES_LEAST, others);
        if (groups < groups_least)
            return make_refuse(make,
                               "%s: class '%.80s' has images of %" PRId64
                               " %s, and the test needs groups of its own: at least "
                               "%" PRId64 " of every class, or give the set folders train/ and test/",
                               make->data, name, groups, groups == 1 ? "group" : "groups", groups_least);
    }
    return 0;
}

/* ---- Dealing out -------------------------------------------------------------------------------------------- */

/* As many equal parts as every class reaches, at most DEALT_MOST and at least `least`. */
static int deal(struct make *make, int32_t *fold, const standin_dataset *set, int least, bool by_group)
{
    for (int parts = DEALT_MOST;; parts--) {
        const int status = standin_dataset_deal(fold, set, parts, by_group, make->arguments->seed);
        if (status != STANDIN_INPUT || parts <= least)
            return status;
    }
}

/* Takes the holdout out of the images that would be trained on. */
static int deal_holdout(struct make *make, int32_t *part, const standin_dataset *whole)
{
    const int64_t images = standin_dataset_images(whole);
    int64_t *member = calloc((size_t)images, sizeof *member), members = 0;
    int32_t *fold = calloc((size_t)images, sizeof *fold);
    standin_dataset *set = NULL;
    int status = member && fold ? 0 : STANDIN_MEMORY;
    for (int64_t i = 0; status == 0 && i < images; i++)
        if (part[i] == PART_TRAIN)
            member[members++] = i;
    if (status == 0)
        status = standin_dataset_take(&set, whole, member, members);
    if (status == 0)
        status = deal(make, fold, set, 2, has_groups(set) && has_many_groups(set));
    for (int64_t i = 0; status == 0 && i < members; i++)
        if (fold[i] == 0)
            part[member[i]] = PART_HOLDOUT;
    standin_dataset_free(set);
    free(fold);
    free(member);
    return status;
}

/* Without folders: the test by lot, then the holdout. */
static int deal_all(struct make *make, int32_t *part, const standin_dataset *whole)
{
    int status = refuse_few(make, whole, has_groups(whole) ? 2 : 1);
    if (status == 0)
        status = deal(make, part, whole, 2, has_groups(whole));
    for (int64_t i = 0; status == 0 && i < standin_dataset_images(whole); i++)
        part[i] = part[i] == 0 ? PART_TEST : PART_TRAIN;
    return status == 0 ? deal_holdout(make, part, whole) : status;
}

/* By the folders train/, val/ and test/. */
static void read_folders(int32_t *part, const standin_dataset *whole, int64_t *of_part)
{
    const int64_t images = standin_dataset_images(whole);
    bool tests = false;
    standin_image about;
    for (int64_t i = 0; i < images; i++)
        tests = tests || (standin_dataset_image(whole, i, &about) == 0 && strcmp(about.split, "test") == 0);
    for (int64_t i = 0; i < images; i++) {
        standin_dataset_image(whole, i, &about);
        const bool tested = strcmp(about.split, tests ? "test" : "val") == 0;
        part[i] = tested ? PART_TEST : strcmp(about.split, "val") == 0 ? PART_HOLDOUT : PART_TRAIN;
        of_part[part[i]]++;
    }
}

static const char *how_held_out(const standin_dataset *whole)
{
    return !has_groups(whole)       ? "holdout by lot"
           : has_many_groups(whole) ? "holdout by lot, of groups of its own"
                                    : "holdout by lot, of groups that are trained on: there are too few for more";
}

static int choose_parts(struct make *make, int32_t *part, const standin_dataset *whole, char **how)
{
    int64_t of_part[PARTS] = {0};
    read_folders(part, whole, of_part);
    if (of_part[PART_TRAIN] == 0)
        return make_refuse(make, "%s: has no images to train on: folders val/ and test/ alone", make->data);
    const bool tested = of_part[PART_TEST] > 0, held = tested && of_part[PART_HOLDOUT] > 0;
    if (asprintf(how, "%s; %s",
                 tested              ? "test by the set's folders"
                 : has_groups(whole) ? "test by lot, of groups of its own"
                                     : "test by lot",
                 held ? "holdout by the set's folders" : how_held_out(whole)) < 0) {
        *how = NULL;
        return STANDIN_MEMORY;
    }
    if (!tested)
        return deal_all(make, part, whole);
    return held ? 0 : deal_holdout(make, part, whole);
}

static int take_part(standin_dataset **out, const standin_dataset *whole, const int32_t *part, enum part which)
{
    const int64_t images = standin_dataset_images(whole);
    int64_t *member = calloc((size_t)images, sizeof *member), members = 0;
    if (!member)
        return STANDIN_MEMORY;
    for (int64_t i = 0; i < images; i++)
        if (part[i] == (int32_t)which)
            member[members++] = i;
    const int status = standin_dataset_take(out, whole, member, members);
    free(member);
    return status;
}

/* ---- What would be worth nothing ---------------------------------------------------------------------------- */

static int check_classes(struct make *make)
{
    for (int c = 0; c < standin_dataset_classes(make->test); c++) {
        const char *name = standin_dataset_class_name(make->test, c);
        bool known = false;
        for (int k = 0; k < standin_dataset_classes(make->train); k++)
            known = known || strcmp(standin_dataset_class_name(make->train, k), name) == 0;
        if (!known)
            return make_refuse(make, "%s: class '%.80s' is to be tested, but there are no images of it to train on",
                               make->data, name);
    }
    const char *recipe = json_string_value(json_object_get(make->settings, "recipe"));
    if (make_can_study(make) && recipe && strstr(recipe, "label-g = none"))
        return make_refuse(
            make,
            "the recipe makes images without labels (label-g = none), and there are %d classes; take auto, or "
            "--set label-g=norm --set label-d=projection",
            standin_dataset_classes(make->train));
    if (!make_can_study(make))
        console_line(&make->console,
                     "  one class alone: a generator without labels, and no study of what its images teach");
    return 0;
}

/* Near-duplicates across the split. The same pixels in half of the images would count what was learned by heart as
 * known. */
static int check_copies(struct make *make, json_t *copies, enum part of, enum part among)
{
    const standin_dataset *const sets[PARTS] = {make->train, make->holdout, make->test};
    standin_duplicates found;
    const int status = standin_dataset_duplicates(&found, sets[of], sets[among], (int)make->arguments->threads);
    if (status < 0)
        return status;
    if (found.all > 0)
        console_line(&make->console,
                     "  %" PRId64 " of %" PRId64 " images of %s are near-duplicates of images of %s (%" PRId64
                     " with the same pixels): they make the figures look better than they are",
                     found.all, found.images, part_names[of], part_names[among], found.identical);
    json_array_append_new(copies, json_pack("{s:s, s:s, s:I, s:I, s:I}", "of", part_names[of], "among",
                                            part_names[among], "images", (json_int_t)found.images, "near",
                                            (json_int_t)found.all, "identical", (json_int_t)found.identical));
    return 2 * found.identical < found.images
               ? 0
               : make_refuse(make,
                             "%s: %" PRId64 " of %" PRId64 " images of %s are images of %s as well (the same pixels)",
                             make->data, found.identical, found.images, part_names[of], part_names[among]);
}

static int describe(struct make *make, const char *how)
{
    json_t *copies = json_array();
    int status = check_copies(make, copies, PART_HOLDOUT, PART_TRAIN);
    if (status == 0)
        status = check_copies(make, copies, PART_TEST, PART_TRAIN);
    if (status == 0)
        status = check_copies(make, copies, PART_TEST, PART_HOLDOUT);
    make->split =
        json_pack("{s:s, s:I, s:I, s:I, s:o}", "how", how, "train", (json_int_t)standin_dataset_images(make->train),
                  "holdout", (json_int_t)standin_dataset_images(make->holdout), "test",
                  (json_int_t)standin_dataset_images(make->test), "near_duplicates", copies);
    return status;
}

/* ---- The stage ---------------------------------------------------------------------------------------------- */

static int settle(struct make *make, const char *how)
{
    static const char name[] = "split.json";
    console_line(&make->console, "  %" PRId64 " images to train on, %" PRId64 " held out, %" PRId64 " to test on",
                 standin_dataset_images(make->train), standin_dataset_images(make->holdout),
                 standin_dataset_images(make->test));
    console_line(&make->console, "  %s", how);
    make->split = make->settled ? make_read(make->work, name) : NULL;
    if (make->split)
        return 0;
    int status = check_classes(make);
    if (status == 0)
        status = describe(make, how);
    if (status == 0)
        status = make_settings_keep(make);
    return status == 0 ? make_check_file(make, make_write_json(make->work, name, make->split), make->work) : status;
}

int make_split(struct make *make, const standin_dataset *whole)
{
    int32_t *part = calloc((size_t)standin_dataset_images(whole), sizeof *part);
    char *how = NULL;
    int status = part ? choose_parts(make, part, whole, &how) : STANDIN_MEMORY;
    if (status == 0)
        status = take_part(&make->train, whole, part, PART_TRAIN);
    if (status == 0)
        status = take_part(&make->holdout, whole, part, PART_HOLDOUT);
    if (status == 0)
        status = take_part(&make->test, whole, part, PART_TEST);
    if (status == 0)
        status = settle(make, how);
    free(how);
    free(part);
    return status;
}
