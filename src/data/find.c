/* Walks a folder and lists its images. What the levels mean:
 *
 *   folder/[train|val|test/]class/[group/]file      class folders, perhaps with a level of groups in them
 *   folder/[train|val|test/]file                    one class, named after the folder
 *   folder/train-images-idx3-ubyte[.gz] ...         MNIST IDX pairs
 *
 * Names are taken in bytewise order, level by level. Hidden files and the usual company of a set (README, LICENSE,
 * labels.csv, the sheet grid.png, the report ...) are passed over in silence; everything else that cannot be an image
 * of a class is listed as skipped. Files are not opened here. */
#include "base/error.h"
#include "base/memory.h"
#include "data/listing.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum kind { KIND_FILE, KIND_FOLDER, KIND_OTHER, KIND_UNREADABLE };

struct item {
    const char *name, *path;
    enum kind kind;
    int reason; /* errno of KIND_UNREADABLE */
};

struct items {
    struct item *list;
    size_t count, capacity;
};

/* What the levels above have settled for the files of a folder. */
struct place {
    const char *path;
    size_t root_length; /* of what a relative name leaves out */
    const char *class_name, *group, *split;
};

static bool is_company(const char *name)
{
    static const char *const patterns[] = {"README*",       "LICENSE*",     "LICENCE*",     "COPYING*", "labels.csv",
                                           "manifest.json", "manifest.csv", "metadata.csv", "grid.png", "report.html",
                                           "report.json",   "Thumbs.db",    "desktop.ini"};
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++)
        if (fnmatch(patterns[i], name, 0) == 0)
            return true;
    return false;
}

static const char *split_of(const char *name)
{
    static const char *const table[][2] = {
        {"train", "train"}, {"val", "val"}, {"valid", "val"}, {"validation", "val"}, {"test", "test"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(name, table[i][0]) == 0)
            return table[i][1];
    return NULL;
}

static int compare_items(const void *a, const void *b)
{
    return strcmp(((const struct item *)a)->name, ((const struct item *)b)->name);
}

static char *join(struct arena *arena, const char *folder, const char *name)
{
    const size_t length = strlen(folder), slash = length > 0 && folder[length - 1] != '/', size = strlen(name) + 1;
    char *path = arena_take(arena, length + slash + size);
    if (!path)
        return NULL;
    memcpy(path, folder, length);
    path[length] = '/'; /* overwritten by the name where the folder ends in a slash */
    memcpy(path + length + slash, name, size);
    return path;
}

static int item_add(struct items *items, struct arena *arena, const char *folder, const char *name)
{
    struct item item = {.path = join(arena, folder, name)};
    if (!item.path || memory_grow(&items->list, &items->capacity, items->count + 1, sizeof item) < 0)
        return STATUS_MEMORY;
    item.name = item.path + strlen(item.path) - strlen(name);
    struct stat about;
    if (stat(item.path, &about) != 0) {
        item.kind = KIND_UNREADABLE;
        item.reason = errno;
    } else {
        item.kind = S_ISREG(about.st_mode) ? KIND_FILE : S_ISDIR(about.st_mode) ? KIND_FOLDER : KIND_OTHER;
    }
    items->list[items->count++] = item;
    return 0;
}

/* The items of a folder in order; items->list is the caller's to free. */
static int items_read(struct items *items, struct arena *arena, const char *folder)
{
    *items = (struct items){0};
    DIR *stream = opendir(folder);
    if (!stream)
        return error_set_errno(STATUS_FILE, "%s", folder);
    int status = 0;
    const struct dirent *entry;
    while (status == 0 && (errno = 0, entry = readdir(stream)))
        if (entry->d_name[0] != '.' && !is_company(entry->d_name))
            status = item_add(items, arena, folder, entry->d_name);
    if (status == 0 && errno != 0)
        status = error_set_errno(STATUS_FILE, "%s", folder);
    closedir(stream);
    if (status == 0 && items->count > 0)
        qsort(items->list, items->count, sizeof *items->list, compare_items);
    return status;
}

static size_t items_folders(const struct items *items)
{
    size_t folders = 0;
    for (size_t i = 0; i < items->count; i++)
        folders += items->list[i].kind == KIND_FOLDER;
    return folders;
}

/* An item that is neither file nor folder. */
static int skip_odd(struct listing *listing, const struct item *item)
{
    const char *reason = item->kind == KIND_UNREADABLE ? strerrordesc_np(item->reason) : "not a regular file";
    return listing_skip(listing, item->path, reason ? reason : "unreadable");
}

/* A folder below the given one that cannot be read is a skip: the rest can go on. */
static int items_read_or_skip(struct items *items, struct listing *listing, const char *folder)
{
    const int status = items_read(items, listing->arena, folder);
    if (status != STATUS_FILE)
        return status;
    free(items->list);
    *items = (struct items){0};
    return listing_skip_error(listing, folder);
}

/* The files of one class, or of one group of it. */
static int scan_files(struct listing *listing, const struct place *place, const struct items *items);

static int scan_group(struct listing *listing, const struct place *place, const struct item *item)
{
    if (place->group[0])
        return listing_skip(listing, item->path, "a folder deeper than class/group");
    const char *problem = listing_name_problem(item->name);
    if (problem)
        return listing_skip(listing, item->path, problem);
    struct place inner = *place;
    inner.path = item->path;
    inner.group = item->name;
    struct items items;
    int status = items_read_or_skip(&items, listing, item->path);
    if (status == 0)
        status = scan_files(listing, &inner, &items);
    free(items.list);
    return status;
}

static int scan_files(struct listing *listing, const struct place *place, const struct items *items)
{
    int status = 0;
    for (size_t i = 0; i < items->count && status == 0; i++) {
        const struct item *item = &items->list[i];
        if (item->kind == KIND_FILE) {
            const struct listing_entry entry = {.path = item->path,
                                                .name = item->path + place->root_length,
                                                .class_name = place->class_name,
                                                .group = place->group,
                                                .split = place->split};
            status = listing_add(listing, &entry);
        } else if (item->kind == KIND_FOLDER) {
            status = scan_group(listing, place, item);
        } else {
            status = skip_odd(listing, item);
        }
    }
    return status;
}

static int scan_class(struct listing *listing, const struct place *place, const struct item *item)
{
    const char *problem = listing_name_problem(item->name);
    if (problem)
        return listing_skip(listing, item->path, problem);
    struct place inner = *place;
    inner.path = item->path;
    inner.class_name = item->name;
    struct items items;
    int status = items_read_or_skip(&items, listing, item->path);
    const size_t before = listing->count, skips_before = listing->skips_count;
    if (status == 0)
        status = scan_files(listing, &inner, &items);
    if (status == 0 && listing->count == before && listing->skips_count == skips_before && items.list == NULL)
        status = listing_skip(listing, item->path, "a folder without images");
    free(items.list);
    return status;
}

static int scan_classes(struct listing *listing, const struct place *place, const struct items *items)
{
    int status = 0;
    for (size_t i = 0; i < items->count && status == 0; i++) {
        const struct item *item = &items->list[i];
        if (item->kind == KIND_FOLDER)
            status = scan_class(listing, place, item);
        else if (item->kind == KIND_FILE)
            status = listing_skip(listing, item->path, "a file beside class folders: it has no class");
        else
            status = skip_odd(listing, item);
    }
    return status;
}

static int scan_labelled(struct listing *listing, const struct place *place, const struct items *items)
{
    return items_folders(items) > 0 ? scan_classes(listing, place, items) : scan_files(listing, place, items);
}

static int scan_splits(struct listing *listing, const struct place *place, const struct items *items)
{
    int status = 0;
    for (size_t i = 0; i < items->count && status == 0; i++) {
        const struct item *item = &items->list[i];
        struct place inner = *place;
        inner.path = item->path;
        inner.split = split_of(item->name);
        if (item->kind != KIND_FOLDER || !inner.split) {
            status = listing_skip(listing, item->path, "beside the folders train, val or test");
            continue;
        }
        struct items below;
        status = items_read_or_skip(&below, listing, item->path);
        if (status == 0)
            status = scan_labelled(listing, &inner, &below);
        free(below.list);
    }
    return status;
}

/* A folder called `train` makes a set of splits even with other folders beside it; `test` alone may be a class. */
static bool has_splits(const struct items *items)
{
    bool train = false, all = true, any = false;
    for (size_t i = 0; i < items->count; i++) {
        if (items->list[i].kind != KIND_FOLDER)
            continue;
        const char *split = split_of(items->list[i].name);
        any = any || split;
        all = all && split;
        train = train || (split && strcmp(split, "train") == 0);
    }
    return train || (any && all);
}

static bool is_idx_images(const struct item *item)
{
    return item->kind == KIND_FILE && fnmatch("*images*idx3*", item->name, 0) == 0;
}

static int scan_idx(struct listing *listing, const struct items *items)
{
    int status = 0;
    for (size_t i = 0; i < items->count && status == 0; i++) {
        const struct item *item = &items->list[i];
        if (is_idx_images(item)) {
            const bool test = strncmp(item->name, "t10k", 4) == 0 || strncmp(item->name, "test", 4) == 0;
            const bool train = strncmp(item->name, "train", 5) == 0;
            status = idx_read(listing, item->path, train ? "train" : test ? "test" : "");
            if (status == STATUS_FILE || status == STATUS_INPUT)
                status = listing_skip_error(listing, item->path);
        } else if (fnmatch("*labels*idx1*", item->name, 0) != 0) {
            status = listing_skip(listing, item->path, "beside IDX files");
        }
    }
    return status;
}

/* The class of a flat folder: its own last name, also when it was given as "." or "..". */
static int class_of_folder(const char **name, struct arena *arena, const char *folder)
{
    char *real = realpath(folder, NULL);
    if (!real)
        return error_set_errno(STATUS_FILE, "%s", folder);
    const char *slash = strrchr(real, '/');
    const char *last = slash ? slash + 1 : real;
    *name = arena_text(arena, listing_name_problem(last) ? "images" : last);
    free(real);
    return *name ? 0 : STATUS_MEMORY;
}

int find_folder(struct listing *listing, const char *folder)
{
    const size_t length = strlen(folder);
    struct place place = {folder, length + (length > 0 && folder[length - 1] != '/'), NULL, "", ""};
    struct items items;
    int status = items_read(&items, listing->arena, folder);
    if (status == 0)
        status = class_of_folder(&place.class_name, listing->arena, folder);
    if (status < 0)
        goto done;
    const bool has_folders = items_folders(&items) > 0;
    bool has_idx = false;
    for (size_t i = 0; i < items.count; i++)
        has_idx = has_idx || is_idx_images(&items.list[i]);
    if (has_idx && !has_folders)
        status = scan_idx(listing, &items);
    else if (has_splits(&items))
        status = scan_splits(listing, &place, &items);
    else
        status = scan_labelled(listing, &place, &items);
done:
    free(items.list);
    return status;
}
