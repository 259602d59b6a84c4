/* PNG through libvips into memory, then to disk by rename. */
#include "output.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vips/vips.h>

static int fail(char *error, const char *what, const char *path, const char *why)
{
    snprintf(error, OUTPUT_ERROR_MAX, "cannot %s '%.*s': %s", what, OUTPUT_PATH_MAX, path, why);
    return -1;
}

int output_make_folder(const char *path, char *error)
{
    char partial[OUTPUT_PATH_MAX];
    size_t length = strlen(path);
    if (length == 0 || length >= sizeof partial)
        return fail(error, "make folder", path, length ? "name too long" : "no name");
    for (size_t i = 1; i <= length; i++) {
        if (path[i] != '/' && path[i] != '\0')
            continue;
        memcpy(partial, path, i);
        partial[i] = '\0';
        if (mkdir(partial, 0777) && errno != EEXIST)
            return fail(error, "make folder", partial, strerror(errno));
    }
    struct stat info;
    if (stat(path, &info))
        return fail(error, "make folder", path, strerror(errno));
    return S_ISDIR(info.st_mode) ? 0 : fail(error, "make folder", path, "there is something else of that name");
}

int output_write(const char *path, const void *bytes, size_t length, char *error)
{
    char beside[OUTPUT_PATH_MAX + 8];
    int written = snprintf(beside, sizeof beside, "%s.part", path);
    if (written < 0 || (size_t)written >= sizeof beside)
        return fail(error, "write", path, "name too long");
    FILE *file = fopen(beside, "wb");
    if (!file)
        return fail(error, "write", path, strerror(errno));
    int bad = fwrite(bytes, 1, length, file) != length;
    int reason = bad ? errno : 0;
    if (fclose(file) && !bad) {
        bad = 1;
        reason = errno;
    }
    if (!bad && rename(beside, path)) {
        bad = 1;
        reason = errno;
    }
    if (!bad)
        return 0;
    unlink(beside);
    return fail(error, "write", path, strerror(reason));
}

int output_write_png(const char *path, const unsigned char *pixels, int size, char *error)
{
    size_t bytes = (size_t)size * (size_t)size * 3, length = 0;
    void *png = NULL;
    VipsImage *image = vips_image_new_from_memory(pixels, bytes, size, size, 3, VIPS_FORMAT_UCHAR);
    int bad = !image;
    if (image) {
        image->Type = VIPS_INTERPRETATION_sRGB;
        bad = vips_pngsave_buffer(image, &png, &length, "compression", 1, "filter", VIPS_FOREIGN_PNG_FILTER_SUB, NULL);
        g_object_unref(image);
    }
    int result = bad ? fail(error, "encode", path, "libvips could not write PNG") : output_write(path, png, length, error);
    g_free(png);
    return result;
}
