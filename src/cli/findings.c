/* One pass over the images. */
#include "findings.h"

#include <stdlib.h>
#include <string.h>

const char *const split_names[SPLITS] = {"train", "val", "test", ""};

struct key {
    const char *name;
    int width, height, class_index;
};

static int by_key(const void *a, const void *b)
{
    const struct key *left = a, *right = b;
    if (left->width != right->width)
        return left->width - right->width;
    return left->height != right->height ? left->height - right->height : strcmp(left->name, right->name);
}

static struct tally *add_tally(struct tallies *tallies, const struct key *key, int classes)
{
    if (tallies->count == tallies->capacity) {
        const int capacity = tallies->capacity ? 2 * tallies->capacity : 16;
        struct tally *grown = reallocarray(tallies->tally, (size_t)capacity, sizeof *grown);
        if (!grown)
            return NULL;
        tallies->tally = grown;
        tallies->capacity = capacity;
    }
    int64_t *of_class = calloc((size_t)classes, sizeof *of_class);
    if (!of_class)
        return NULL;
    struct tally *tally = &tallies->tally[tallies->count++];
    *tally = (struct tally){.name = key->name, .width = key->width, .height = key->height, .of_class = of_class};
    return tally;
}

/* Sorts the keys and counts equal ones. */
static int make_tallies(struct tallies *tallies, struct key *keys, int64_t count, int classes)
{
    qsort(keys, (size_t)count, sizeof *keys, by_key);
    struct tally *tally = NULL;
    for (int64_t i = 0; i < count; i++) {
        if (i == 0 || by_key(&keys[i - 1], &keys[i]) != 0)
            tally = add_tally(tallies, &keys[i], classes);
        if (!tally)
            return STANDIN_MEMORY;
        tally->total++;
        tally->of_class[keys[i].class_index]++;
    }
    return 0;
}

static int by_total(const void *a, const void *b)
{
    const struct tally *left = a, *right = b;
    if (left->total != right->total)
        return left->total > right->total ? -1 : 1;
    return left->width != right->width ? left->width - right->width : left->height - right->height;
}

static void count_image(struct findings *findings, const standin_image *image)
{
    int split = 0;
    while (split < SPLITS - 1 && strcmp(split_names[split], image->split) != 0)
        split++;
    findings->of_split[image->class_index * SPLITS + split]++;
    findings->images++;
    findings->grey += image->channels == 1;
    findings->colour += image->channels != 1;
    findings->sixteen_bit += image->bits > 8;
    findings->duplicates += image->duplicate_of >= 0;
}

static int count_images(struct findings *findings, struct key *sizes, struct key *groups)
{
    int64_t grouped = 0;
    for (int64_t i = 0; i < standin_dataset_images(findings->dataset); i++) {
        standin_image image;
        const int status = standin_dataset_image(findings->dataset, i, &image);
        if (status < 0)
            return status;
        count_image(findings, &image);
        sizes[i] = (struct key){"", image.width, image.height, image.class_index};
        if (*image.group)
            groups[grouped++] = (struct key){image.group, 0, 0, image.class_index};
    }
    const int status = make_tallies(&findings->sizes, sizes, findings->images, findings->classes);
    if (findings->sizes.count > 0)
        qsort(findings->sizes.tally, (size_t)findings->sizes.count, sizeof(struct tally), by_total);
    return status == 0 ? make_tallies(&findings->groups, groups, grouped, findings->classes) : status;
}

int findings_make(struct findings *findings, const standin_dataset *dataset)
{
    *findings = (struct findings){.dataset = dataset, .classes = standin_dataset_classes(dataset)};
    const size_t images = (size_t)standin_dataset_images(dataset);
    struct key *sizes = calloc(images, sizeof *sizes), *groups = calloc(images, sizeof *groups);
    findings->of_split = calloc((size_t)findings->classes * SPLITS, sizeof *findings->of_split);
    const int status =
        sizes && groups && findings->of_split ? count_images(findings, sizes, groups) : STANDIN_MEMORY;
    free(sizes);
    free(groups);
    return status;
}

static void tallies_free(struct tallies *tallies)
{
    for (int i = 0; i < tallies->count; i++)
        free(tallies->tally[i].of_class);
    free(tallies->tally);
}

void findings_free(struct findings *findings)
{
    tallies_free(&findings->sizes);
    tallies_free(&findings->groups);
    free(findings->of_split);
}
