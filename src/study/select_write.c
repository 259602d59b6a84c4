/* Copies in a new folder, tables last, then the move. */
#include "study/select_write.h"

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/staging.h"
#include "data/dataset.h"
#include "data/write.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    return status == 0 ? write_table(selection, "manifest.csv", "file,label,source,score\n", true) : status;
}

int select_write(const char *path, const standin_dataset *set, const int64_t *chosen, const double *score,
                 int64_t count, struct work *work)
{
    struct staging *staging;
    int status = staging_open(&staging, path);
    if (status < 0)
        return status;
    const struct selection selection = {staging_folder(staging), set, chosen, score, count, work};
    status = fill_folder(&selection);
    if (status < 0) {
        staging_abandon(staging);
        return status;
    }
    return staging_commit(staging, "manifest.csv");
}
