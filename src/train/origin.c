/* The origin of a checkpoint, from its metadata. */
#include "train/origin.h"

#include "base/error.h"
#include "base/memory.h"
#include "run/plan.h"
#include "train/class_names.h"

#include <stdlib.h>
#include <string.h>

int origin_write(struct metadata *metadata, const struct recipe *recipe, uint64_t seed, int shards,
                 const standin_dataset *dataset)
{
    char *text;
    int status = recipe_text(recipe, &text);
    if (status < 0)
        return status;
    if ((status = metadata_set(metadata, "recipe", text)) == 0 &&
        (status = metadata_set_natural(metadata, "seed", seed)) == 0 &&
        (status = metadata_set_integer(metadata, "shards", shards)) == 0 &&
        (status = metadata_set_integer(metadata, "channels", standin_dataset_channels(dataset))) == 0 &&
        (status = metadata_set_integer(metadata, "images", standin_dataset_images(dataset))) == 0 &&
        (status = metadata_set(metadata, "dataset", standin_dataset_hash(dataset))) == 0)
        status = class_names_set(metadata, dataset);
    free(text);
    return status;
}

static bool has_class(const standin_dataset *dataset, const char *name)
{
    for (int i = 0; i < standin_dataset_classes(dataset); i++)
        if (strcmp(standin_dataset_class_name(dataset, i), name) == 0)
            return true;
    return false;
}

static bool has_name(char *const *names, int64_t classes, const char *name)
{
    for (int64_t i = 0; i < classes; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* Which class is the first that only one of them has, to be freed. */
static int class_difference(char **out, const struct metadata *metadata, const standin_dataset *dataset)
{
    int64_t classes;
    char **names = NULL;
    *out = NULL;
    int status = class_names_count(metadata, &classes);
    if (status < 0)
        return status;
    status = class_names_read(&names, metadata, classes);
    for (int64_t i = 0; status == 0 && !*out && i < classes; i++)
        if (!has_class(dataset, names[i]))
            *out = text_format("there was a class '%.80s', which these lack", names[i]);
    for (int i = 0; status == 0 && !*out && i < standin_dataset_classes(dataset); i++)
        if (!has_name(names, classes, standin_dataset_class_name(dataset, i)))
            *out = text_format("there was no class '%.80s', which these have", standin_dataset_class_name(dataset, i));
    if (status == 0 && !*out)
        *out = text_copy("the classes are the same, the images are not");
    class_names_free(names, classes);
    return status < 0 ? status : *out ? 0 : STATUS_MEMORY;
}

int origin_check_dataset(const struct metadata *metadata, const standin_dataset *dataset)
{
    const char *hash;
    int status = metadata_text(metadata, "dataset", &hash);
    if (status < 0 || strcmp(hash, standin_dataset_hash(dataset)) == 0)
        return status;
    char *difference;
    status = class_difference(&difference, metadata, dataset);
    if (status < 0)
        return status;
    const char *images = metadata_find(metadata, "images"), *classes = metadata_find(metadata, "classes");
    status = error_set(
        STATUS_INPUT,
        "was trained on other images: %s in %s classes (dataset %.12s...), not %lld in %d classes (%.12s...); %s",
        images ? images : "some", classes ? classes : "some", hash, (long long)standin_dataset_images(dataset),
        standin_dataset_classes(dataset), standin_dataset_hash(dataset), difference);
    free(difference);
    return status;
}

static int read_metadata(struct origin *origin, const struct metadata *metadata)
{
    const char *text;
    int64_t shards, channels, classes;
    int status = metadata_text(metadata, "recipe", &text);
    if (status == 0)
        status = recipe_default(&origin->recipe);
    if (status == 0)
        status = recipe_read(&origin->recipe, "recipe", text);
    if (status == 0)
        status = metadata_integer(metadata, "shards", 1, SHARDS_MAXIMUM, &shards);
    if (status == 0)
        status = metadata_integer(metadata, "channels", 1, 3, &channels);
    if (status == 0)
        status = class_names_count(metadata, &classes);
    if (status == 0)
        status = metadata_natural(metadata, "seed", &origin->seed);
    if (status < 0)
        return status;
    origin->shards = (int)shards;
    origin->channels = (int)channels;
    origin->classes = (int)classes;
    return 0;
}

int origin_read(struct origin *origin, const struct checkpoint *checkpoint)
{
    int status = checkpoint_check_kind(checkpoint, CHECKPOINT_GENERATOR);
    if (status < 0)
        return status;
    status = read_metadata(origin, checkpoint_metadata(checkpoint));
    return status < 0 ? error_prefix(status, "%s", checkpoint_path(checkpoint)) : 0;
}

int origin_read_run(struct origin *origin, const char *run)
{
    struct checkpoint *checkpoint;
    int status = checkpoint_open(&checkpoint, run);
    if (status < 0)
        return status;
    status = origin_read(origin, checkpoint);
    checkpoint_close(checkpoint);
    return status;
}
