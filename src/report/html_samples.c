/* Random images of both sets, a row a class: drawn by the seed, never picked. */
#include "report/html.h"
#include "report/html_report.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/philox.h"
#include "data/dataset.h"
#include "data/raster.h"
#include "report/sheet.h"

#include <stdlib.h>
#include <string.h>

enum { ACROSS = 6, ROWS_MAXIMUM = 24, SHOWN_SIDE = 128 };
static const char *const role_name[] = {"real", "synthetic"};

/* Room for SHOWN_SIDE pixels at most: larger images are reduced. */
static void shown_size(const standin_dataset *set, int *width, int *height)
{
    *width = standin_dataset_width(set);
    *height = standin_dataset_height(set);
    const int side = *width > *height ? *width : *height;
    if (side <= SHOWN_SIDE)
        return;
    *width = *width * SHOWN_SIDE / side > 0 ? *width * SHOWN_SIDE / side : 1;
    *height = *height * SHOWN_SIDE / side > 0 ? *height * SHOWN_SIDE / side : 1;
}

/* Up to ACROSS images of a class, in the order of their draw. */
static int draw_images(int64_t *drawn, const standin_dataset *set, int class_index, uint64_t seed, int role)
{
    const int64_t images = standin_dataset_images(set), of_class = standin_dataset_class_images(set, class_index);
    const int32_t *label = dataset_labels(set);
    const int64_t wanted = of_class < ACROSS ? of_class : ACROSS;
    if (wanted < 1 || of_class > UINT32_MAX)
        return 0;
    uint32_t *order = memory_new((size_t)of_class, sizeof *order);
    int64_t *member = memory_new((size_t)of_class, sizeof *member), members = 0;
    for (int64_t i = 0; member && i < images && members < of_class; i++)
        if (label[i] == class_index)
            member[members++] = i;
    if (order && member && members > 0) {
        random_permutation((random_address){seed, (uint64_t)role, RANDOM_USER, (uint64_t)class_index},
                           (uint32_t)members, order);
        for (int64_t i = 0; i < wanted && i < members; i++)
            drawn[i] = member[order[i]];
    }
    const bool done = order && member;
    free(order);
    free(member);
    return done ? (int)(wanted < members ? wanted : members) : STATUS_MEMORY;
}

static int fill_images(uint8_t *pixels, const standin_dataset *set, const int64_t *drawn, int count, int width,
                       int height)
{
    const int channels = standin_dataset_channels(set);
    const size_t shown = (size_t)width * (size_t)height * (size_t)channels;
    int status = 0;
    for (int i = 0; status == 0 && i < count; i++) {
        standin_image image;
        if ((status = standin_dataset_image(set, drawn[i], &image)) < 0)
            return status;
        const struct raster raster = {.samples = image.pixels,
                                      .width = standin_dataset_width(set),
                                      .height = standin_dataset_height(set),
                                      .channels = channels,
                                      .bits = 8,
                                      .orientation = 1};
        status = raster_fit(pixels + (size_t)i * shown, &raster, width, height, STANDIN_FIT_STRETCH, channels);
    }
    return status;
}

static int write_strip(FILE *out, const standin_dataset *set, int class_index, uint64_t seed, int role)
{
    int64_t drawn[ACROSS];
    int width, height, sheet_width, sheet_height;
    const int channels = standin_dataset_channels(set), count = draw_images(drawn, set, class_index, seed, role);
    if (count < 1)
        return count;
    shown_size(set, &width, &height);
    uint8_t *pixels = memory_new((size_t)count * (size_t)width * (size_t)height, (size_t)channels), *sheet = NULL;
    int status = pixels ? fill_images(pixels, set, drawn, count, width, height) : STATUS_MEMORY;
    if (status == 0)
        status = sheet_compose(&sheet, &sheet_width, &sheet_height, pixels, count, width, height, channels, ACROSS);
    if (status == 0) {
        char *alt = text_format("%d random %s images of class %s", count, role_name[role],
                                standin_dataset_class_name(set, class_index));
        /* Small images are shown larger, but a strip never wider than its half of the page. */
        const int scale = width < 32 ? 2 : 1;
        status = alt ? html_picture(out, sheet, sheet_width, sheet_height, channels, sheet_width * scale, alt)
                     : STATUS_MEMORY;
        free(alt);
    }
    free(sheet);
    free(pixels);
    return status;
}

static int find_class(const standin_dataset *set, const char *name)
{
    for (int i = 0; set && i < standin_dataset_classes(set); i++)
        if (strcmp(standin_dataset_class_name(set, i), name) == 0)
            return i;
    return -1;
}

static int write_row(FILE *out, const standin_dataset *const *sets, const char *name, uint64_t seed)
{
    int status = 0;
    fputs("<tr><th scope=\"row\">", out);
    html_text(out, name);
    fputs("</th>", out);
    for (int role = 0; role < 2; role++) {
        const int class_index = find_class(sets[role], name);
        if (!sets[role])
            continue;
        fprintf(out, "<td data-name=\"%s\">", role_name[role]);
        if (status == 0 && class_index >= 0)
            status = write_strip(out, sets[role], class_index, seed, role);
        fputs("</td>", out);
    }
    fputs("</tr>\n", out);
    return status;
}

void html_samples(struct html_page *page, const standin_dataset *real, const standin_dataset *synthetic, uint64_t seed)
{
    const standin_dataset *const sets[] = {real, synthetic}, *first = real ? real : synthetic;
    char note[200];
    if (!first)
        return;
    const int classes = standin_dataset_classes(first), rows = classes < ROWS_MAXIMUM ? classes : ROWS_MAXIMUM;
    uint32_t *order = memory_new((size_t)classes, sizeof *order);
    if (!order) {
        page->status = STATUS_MEMORY;
        return;
    }
    for (int i = 0; i < classes; i++)
        order[i] = (uint32_t)i;
    if (rows < classes)
        random_permutation((random_address){seed, 2, RANDOM_USER, 0}, (uint32_t)classes, order);
    html_section_begin(page, "samples", "Random samples");
    snprintf(note, sizeof note, "Drawn by the random numbers of seed %llu, not picked%s.", (unsigned long long)seed,
             rows < classes ? "; of many classes, a random few are shown" : "");
    html_paragraph(page->out, "", note);
    fputs("<table class=\"samples\">\n<thead><tr><td></td>", page->out);
    for (int role = 0; role < 2; role++)
        if (sets[role])
            fprintf(page->out, "<th scope=\"col\">%s</th>", role_name[role]);
    fputs("</tr></thead>\n<tbody>\n", page->out);
    for (int i = 0; i < rows && page->status == 0; i++)
        page->status = write_row(page->out, sets, standin_dataset_class_name(first, (int)order[i]), seed);
    fputs("</tbody></table>\n", page->out);
    html_section_end(page);
    free(order);
}
