/* Reads a pair of MNIST IDX files, plain or gzipped: images (magic 0x803: count, rows, columns, bytes) and, beside
 * them under the usual name, labels (magic 0x801: count, bytes). The images keep the order of the file. The counts of
 * the headings are held against the sizes of the files before anything is allocated. */
#include "base/error.h"
#include "base/memory.h"
#include "data/listing.h"
#include "data/memory_limit.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

enum {
    MAGIC_LABELS = 0x801,
    MAGIC_IMAGES = 0x803,
    SIDE_MAXIMUM = 4096,
    DEFLATE_RATIO = 1032, /* the most that deflate can shrink */
    FIELDS_MAXIMUM = 4,
};

struct idx {
    const char *path;
    gzFile file;
    int64_t size; /* on disk */
};

static int idx_open(struct idx *idx, const char *path)
{
    *idx = (struct idx){.path = path};
    struct stat about;
    if (stat(path, &about) != 0)
        return error_set_errno(STATUS_FILE, "%s", path);
    if (!S_ISREG(about.st_mode))
        return error_set(STATUS_FILE, "%s: not a regular file", path);
    idx->size = about.st_size;
    idx->file = gzopen(path, "rbe");
    if (!idx->file)
        return errno ? error_set_errno(STATUS_FILE, "%s", path) : error_set(STATUS_MEMORY, "%s: out of memory", path);
    return 0;
}

static void idx_close(struct idx *idx)
{
    if (idx->file)
        gzclose(idx->file);
}

/* Reads exactly `bytes`; too few of them is an error. */
static int idx_bytes(struct idx *idx, uint8_t *data, int64_t bytes)
{
    for (int64_t done = 0; done < bytes;) {
        const int64_t rest = bytes - done;
        const int got = gzread(idx->file, data + done, rest < INT_MAX / 2 ? (unsigned)rest : INT_MAX / 2);
        if (got > 0) {
            done += got;
            continue;
        }
        int code = 0;
        const char *reason = gzerror(idx->file, &code);
        if (got < 0 && code == Z_ERRNO)
            return error_set_errno(STATUS_FILE, "%s", idx->path);
        if (got < 0 && code != Z_BUF_ERROR) { /* zlib's reason begins with the path, too */
            const char *colon = strrchr(reason, ':');
            return error_set(STATUS_INPUT, "%s: damaged:%s", idx->path, colon ? colon + 1 : " no reason known");
        }
        return error_set(STATUS_INPUT, "%s: truncated: %lld bytes are missing", idx->path,
                         (long long)(bytes - done));
    }
    return 0;
}

/* Magic number and sizes: big-endian 32-bit words. */
static int idx_heading(struct idx *idx, uint32_t magic, int64_t *sizes, int count)
{
    uint8_t bytes[4 * FIELDS_MAXIMUM];
    int status = idx_bytes(idx, bytes, 4 * (count + 1));
    if (status < 0)
        return status;
    for (int i = 0; i <= count; i++) {
        const uint8_t *b = bytes + 4 * i;
        const uint32_t word = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
        if (i > 0)
            sizes[i - 1] = word;
        else if (word != magic)
            return error_set(STATUS_INPUT,
                             "%s: not an IDX file of %s (it starts with 0x%08x, not 0x%08x); a set is a folder, a .csv "
                             "or IDX images",
                             idx->path, magic == MAGIC_IMAGES ? "images" : "labels", word, magic);
    }
    return 0;
}

/* Can the file hold `bytes` of content behind `heading` bytes, and the memory the `room` that they take? */
static int idx_check_size(const struct idx *idx, int64_t heading, int64_t bytes, int64_t room)
{
    if (gzdirect(idx->file) && idx->size != heading + bytes)
        return error_set(STATUS_INPUT, "%s: its heading asks for %lld bytes, the file has %lld", idx->path,
                         (long long)(heading + bytes), (long long)idx->size);
    if (!gzdirect(idx->file) && bytes / DEFLATE_RATIO > idx->size)
        return error_set(STATUS_INPUT, "%s: its heading asks for %lld bytes, more than a gzip file of %lld can hold",
                         idx->path, (long long)(heading + bytes), (long long)idx->size);
    if (room > memory_limit())
        return error_set(STATUS_INPUT, "%s: %.1f GiB, more than the %.1f GiB that a set may fill here", idx->path,
                         gibibytes(room), gibibytes(memory_limit()));
    return 0;
}

static int idx_content(struct idx *idx, int64_t heading, int64_t bytes, int64_t room, struct arena *arena,
                       uint8_t **data)
{
    int status = idx_check_size(idx, heading, bytes, room);
    if (status < 0)
        return status;
    *data = arena_take(arena, (size_t)bytes);
    if (!*data)
        return error_prefix(STATUS_MEMORY, "%s", idx->path);
    status = idx_bytes(idx, *data, bytes);
    uint8_t extra;
    if (status == 0 && gzread(idx->file, &extra, 1) != 0)
        status = error_set(STATUS_INPUT, "%s: more bytes than its heading says, or damaged at its end", idx->path);
    return status;
}

struct images {
    int64_t count;
    int width, height;
    uint8_t *pixels;
};

static int read_images(struct images *images, struct arena *arena, const char *path)
{
    struct idx idx;
    int64_t sizes[3], room;
    int status = idx_open(&idx, path);
    if (status == 0)
        status = idx_heading(&idx, MAGIC_IMAGES, sizes, 3);
    if (status < 0)
        goto done;
    if (sizes[1] < 1 || sizes[2] < 1 || sizes[1] > SIDE_MAXIMUM || sizes[2] > SIDE_MAXIMUM) {
        status = error_set(STATUS_INPUT, "%s: images of %lld x %lld pixels; 1 to %d are read", path,
                           (long long)sizes[2], (long long)sizes[1], SIDE_MAXIMUM);
        goto done;
    }
    const int64_t pixels = sizes[1] * sizes[2]; /* which may be fewer bytes than what is known of each image */
    if (!size_multiply(sizes[0], pixels + (int64_t)sizeof(struct listing_entry), &room)) {
        status = error_set(STATUS_INPUT, "%s: %lld images are too many", path, (long long)sizes[0]);
        goto done;
    }
    *images = (struct images){sizes[0], (int)sizes[2], (int)sizes[1], NULL};
    status = idx_content(&idx, 16, sizes[0] * pixels, room, arena, &images->pixels);
done:
    idx_close(&idx);
    return status;
}

static int read_labels(uint8_t **labels, int64_t expected, struct arena *arena, const char *path)
{
    struct idx idx;
    int64_t count;
    int status = idx_open(&idx, path);
    if (status == 0)
        status = idx_heading(&idx, MAGIC_LABELS, &count, 1);
    if (status == 0 && count != expected)
        status = error_set(STATUS_INPUT, "%s: %lld labels for %lld images", path, (long long)count,
                           (long long)expected);
    if (status == 0)
        status = idx_content(&idx, 8, count, count, arena, labels);
    idx_close(&idx);
    return status;
}

/* In `text`, the last `from` becomes `to`, of the same length. */
static bool exchange(char *text, const char *from, const char *to)
{
    char *found = NULL;
    for (char *next = strstr(text, from); next; next = strstr(next + 1, from))
        found = next;
    if (found)
        memcpy(found, to, strlen(to));
    return found;
}

/* The labels beside train-images-idx3-ubyte.gz are train-labels-idx1-ubyte.gz, or the same without or with .gz.
 * *path is the caller's. */
static int labels_path(char **path, const char *images)
{
    *path = text_format("%s.gz", images);
    if (!*path)
        return STATUS_MEMORY;
    char *base = strrchr(*path, '/') ? strrchr(*path, '/') + 1 : *path;
    if (!exchange(base, "images", "labels"))
        return error_set(STATUS_INPUT, "%s: no 'images' in its name, so the name of its labels is unknown", images);
    exchange(base, "idx3", "idx1");
    char *end = *path + strlen(images); /* where the added .gz begins */
    const bool gzipped = end - *path > 3 && strncmp(end - 3, ".gz", 3) == 0;
    char *const ends[2] = {end, gzipped ? end - 3 : NULL};
    struct stat about;
    for (int i = 0; i < 2; i++) { /* the images' own ending first, then the other one */
        if (!ends[i])
            continue;
        *ends[i] = 0;
        if (stat(*path, &about) == 0)
            return 0;
        *ends[i] = '.';
    }
    if (!gzipped && stat(*path, &about) == 0)
        return 0;
    *end = 0;
    return error_set(STATUS_FILE, "%s: no labels beside it: %s is missing", images, *path);
}

static int add_images(struct listing *listing, const char *path, const char *split, const struct images *images,
                      const uint8_t *labels)
{
    const char *names[256] = {0};
    const char *slash = strrchr(path, '/');
    const size_t folder = slash ? (size_t)(slash - path + 1) : 0;
    const int64_t pixels = (int64_t)images->width * images->height;
    int status = 0;
    for (int64_t i = 0; i < images->count && status == 0; i++) {
        char name[4], number[24];
        snprintf(name, sizeof name, "%d", labels[i]);
        const int length = snprintf(number, sizeof number, "#%lld", (long long)i);
        char *full = arena_take(listing->arena, strlen(path) + (size_t)length + 1);
        if (!names[labels[i]])
            names[labels[i]] = arena_text(listing->arena, name);
        if (!full || !names[labels[i]])
            return STATUS_MEMORY;
        memcpy(full, path, strlen(path));
        memcpy(full + strlen(path), number, (size_t)length);
        const struct listing_entry entry = {full, full + folder, names[labels[i]], "", split,
                                            images->pixels + i * pixels, images->width, images->height};
        status = listing_add(listing, &entry);
    }
    return status;
}

int idx_read(struct listing *listing, const char *path, const char *split)
{
    struct images images = {0};
    uint8_t *labels = NULL;
    char *beside = NULL;
    int status = read_images(&images, listing->arena, path);
    if (status == 0)
        status = labels_path(&beside, path);
    if (status == 0)
        status = read_labels(&labels, images.count, listing->arena, beside);
    if (status == 0)
        status = add_images(listing, path, split, &images, labels);
    free(beside);
    return status;
}
