/* Copies in a new folder, tables last, then the move. */
#include "study/select_write.h"

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/number.h"
#include "data/dataset.h"
#include "data/write.h"

#include <errno.h>
#include <ftw.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OPEN_FOLDERS = 16 };

int select_check_folder(const char *path)
{
    struct stat about;
    if (lstat(path, &about) < 0)
        return errno == ENOENT ? 0 : error_set_errno(STATUS_FILE, "%s", path);
    if (S_ISDIR(about.st_mode) && rmdir(path) == 0) /* an empty one makes room */
        return 0;
    return error_set(STATUS_INPUT, "%s: is there already; give the images a folder of their own", path);
}

/* ---- Images ------------------------------------------------------------------------------------------------- */

struct selection {
    const char *folder;
    const standin_dataset *set;
    const int64_t *chosen;
    const double *score;
    int64_t count;
    struct work *work;
};

/* "car/00000017.png", to be freed. */
static char *name_of(const struct selection *selection, int64_t number)
{
    const int32_t label = dataset_labels(selection->set)[selection->chosen[number]];
    return text_format("%s/%08" PRId64 ".png", standin_dataset_class_name(selection->set, label), number);
}

static int write_image(const struct selection *selection, int64_t number)
{
    standin_image about;
    const int64_t image = selection->chosen[number];
    int status = standin_dataset_image(selection->set, image, &about);
    if (status < 0)
        return status;
    uint8_t *pixels = memory_new((size_t)about.width * (size_t)about.height, (size_t)about.channels);
    char *name = name_of(selection, number), *path = name ? text_format("%s/%s", selection->folder, name) : NULL;
    status = pixels && path ? standin_dataset_decode(selection->set, image, about.width, about.height,
                                                     STANDIN_FIT_STRETCH, about.channels, pixels)
                            : STATUS_MEMORY;
    if (status == 0)
        status = image_write_unsynced(path, pixels, about.width, about.height, about.channels);
    free(path);
    free(name);
    free(pixels);
    return status;
}

static int make_class_folders(const struct selection *selection)
{
    int status = 0;
    for (int c = 0; status == 0 && c < standin_dataset_classes(selection->set); c++) {
        char *path = text_format("%s/%s", selection->folder, standin_dataset_class_name(selection->set, c));
        status = path ? folder_make(path) : STATUS_MEMORY;
        free(path);
    }
    return status;
}

/* ---- Tables ------------------------------------------------------------------------------------------------- */

static char *line_of(const struct selection *selection, int64_t number, bool manifest)
{
    standin_image about;
    const int64_t image = selection->chosen[number];
    if (standin_dataset_image(selection->set, image, &about) < 0)
        return NULL;
    char score[NUMBER_TEXT], *name = name_of(selection, number), *file = name ? write_csv_field(name) : NULL;
    char *label = write_csv_field(standin_dataset_class_name(selection->set, about.class_index)),
         *source = write_csv_field(about.path);
    char *line = NULL;
    if (file && label && source)
        line = manifest ? text_format("%s,%s,%s,%s\n", file, label, source, number_text(selection->score[image], score))
                        : text_format("%s,%s\n", file, label);
    free(source);
    free(label);
    free(file);
    free(name);
    return line;
}

static int write_table(const struct selection *selection, const char *name, const char *head, bool manifest)
{
    struct file_writer *writer = NULL;
    char *path = text_format("%s/%s", selection->folder, name);
    int status = path ? file_writer_open(&writer, path) : STATUS_MEMORY;
    if (status == 0)
        status = file_writer_write(writer, head, strlen(head));
    for (int64_t i = 0; status == 0 && i < selection->count; i++) {
        char *line = line_of(selection, i, manifest);
        status = line ? file_writer_write(writer, line, strlen(line)) : STATUS_MEMORY;
        free(line);
    }
    free(path);
    if (status < 0) {
        file_writer_abandon(writer);
        return status;
    }
    return file_writer_commit(writer);
}

/* ---- The folder --------------------------------------------------------------------------------------------- */

static int fill_folder(const struct selection *selection)
{
    int status = make_class_folders(selection);
    for (int64_t i = 0; status == 0 && i < selection->count; i++) {
        status = write_image(selection, i);
        if (status == 0)
            status = work_advance(selection->work, "writing", 0);
    }
    if (status == 0)
        status = write_table(selection, "metadata.csv", "file_name,label\n", false);
    if (status == 0)
        status = write_table(selection, "manifest.csv", "file,label,source,score\n", true);
    return status == 0 ? file_sync_system(selection->folder) : status;
}

static int remove_entry(const char *path, const struct stat *about, int kind, struct FTW *place)
{
    (void)about, (void)kind, (void)place;
    return remove(path);
}

/* A new folder beside `path`, with the rights that a folder made as usual would have. */
static int make_beside(char **folder, const char *path)
{
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/')
        length--;
    *folder = text_format("%.*s.XXXXXX", (int)length, path);
    if (!*folder)
        return STATUS_MEMORY;
    char *slash = strrchr(*folder, '/');
    int status = 0;
    if (slash && slash > *folder) {
        *slash = 0;
        status = folder_make(*folder);
        *slash = '/';
    }
    if (status == 0 && !mkdtemp(*folder))
        status = error_set_errno(STATUS_FILE, "%s", path);
    const mode_t mask = umask(0);
    umask(mask);
    return status == 0 && chmod(*folder, 0777 & ~mask) < 0 ? error_set_errno(STATUS_FILE, "%s", path) : status;
}

int select_write(const char *path, const standin_dataset *set, const int64_t *chosen, const double *score,
                 int64_t count, struct work *work)
{
    char *folder;
    int status = make_beside(&folder, path);
    const struct selection selection = {folder, set, chosen, score, count, work};
    if (status == 0)
        status = fill_folder(&selection);
    if (status == 0 && rename(folder, path) < 0)
        status = error_set_errno(STATUS_FILE, "%s", path);
    if (status < 0 && folder)
        nftw(folder, remove_entry, OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS);
    free(folder);
    return status;
}
