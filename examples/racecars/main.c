/* racecars: draws labelled pictures of four stock cars for the demo and the tests.
 *
 * Promises: a picture depends on seed, class, race, number and size alone, so the files are the same for any number of
 * threads. Exit 0 when all is written, 1 when something failed, 2 for wrong usage. */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vips/vips.h>

#include "output.h"
#include "render.h"
#include "scene.h"
#include "scheme.h"

enum { THREADS_MAX = 64, IMAGES_MAX = 1000000, SIZE_MIN = 32, SIZE_MAX_PIXELS = 1024 };

typedef struct options {
    const char *out;
    long images, size, races, threads;
    uint64_t seed;
} options;

static const char help[] =
    "usage: racecars -o OUT [-n IMAGES] [--size PIXELS] [--seed SEED] [--races RACES] [--threads THREADS]\n"
    "\n"
    "Draws pictures of the stock cars 9, 24, 42 and 48 in several races.\n"
    "\n"
    "  -o OUT             folder to write to; made when missing\n"
    "  -n IMAGES          pictures in all, spread evenly over cars and races (default 3000)\n"
    "  --size PIXELS      width and height, 32 to 1024 (default 224)\n"
    "  --seed SEED        another seed draws other pictures (default 1)\n"
    "  --races RACES      races, 1 to 16, each with its own track and paint (default 5)\n"
    "  --threads THREADS  1 to 64; does not change the pictures (default 2)\n"
    "  --help             this text\n"
    "\n"
    "Writes OUT/<car>/race-<number>/<picture>.png and OUT/labels.csv with file,label,group; the group is the race.\n"
    "\n"
    "example: racecars -o cars -n 3000\n";

/* What all threads share: a counter of pictures to draw and the first error. */
typedef struct studio {
    const options *opt;
    scene_assets assets;
    atomic_long next;
    atomic_int failed;
    pthread_mutex_t lock;
    char error[OUTPUT_ERROR_MAX];
} studio;

static void report(studio *work, const char *line)
{
    pthread_mutex_lock(&work->lock);
    if (!atomic_exchange(&work->failed, 1))
        snprintf(work->error, sizeof work->error, "%s", line);
    pthread_mutex_unlock(&work->lock);
}

/* Picture j belongs to class j mod 4, race j / 4 mod races, and is number j / (4 races) there, from 0. */
typedef struct ticket {
    int class_index, race;
    long number;
} ticket;

static ticket ticket_of(const options *opt, long index)
{
    return (ticket){(int)(index % CLASS_COUNT), (int)(index / CLASS_COUNT % opt->races),
                    index / (CLASS_COUNT * opt->races)};
}

/* The file's name below OUT. */
static void name_picture(char *name, size_t room, const ticket *t)
{
    snprintf(name, room, "%s/race-%d/%05ld.png", scheme_class_name(t->class_index), t->race + 1, t->number + 1);
}

static int draw_picture(studio *work, renderer *r, long index, char *error)
{
    const options *opt = work->opt;
    ticket t = ticket_of(opt, index);
    random_stream stream = random_begin(opt->seed, (uint32_t)t.class_index, (uint32_t)t.race, (uint32_t)t.number);
    scene picture;
    scene_compose(&picture, &work->assets, &stream, t.class_index, t.race, (int)opt->size);
    const unsigned char *pixels = render_scene(r, &picture);

    char name[64], path[OUTPUT_PATH_MAX];
    name_picture(name, sizeof name, &t);
    snprintf(path, sizeof path, "%s/%s", opt->out, name);
    return output_write_png(path, pixels, (int)opt->size, error);
}

static void *draw_pictures(void *argument)
{
    studio *work = argument;
    char error[OUTPUT_ERROR_MAX];
    renderer *r = render_create((int)work->opt->size, &work->assets.car);
    if (!r)
        report(work, "out of memory");
    while (r && !atomic_load(&work->failed)) {
        long index = atomic_fetch_add(&work->next, 1);
        if (index >= work->opt->images)
            break;
        if (draw_picture(work, r, index, error))
            report(work, error);
    }
    render_free(r);
    vips_thread_shutdown();
    return NULL;
}

static int make_folders(const options *opt, char *error)
{
    for (int i = 0; i < CLASS_COUNT; i++)
        for (long race = 0; race < opt->races; race++) {
            char path[OUTPUT_PATH_MAX];
            snprintf(path, sizeof path, "%s/%s/race-%ld", opt->out, scheme_class_name(i), race + 1);
            if (output_make_folder(path, error))
                return -1;
        }
    return 0;
}

/* Written last: a folder with labels.csv is complete. */
static int write_labels(const options *opt, char *error)
{
    enum { LINE_MAX_BYTES = 96 };
    size_t room = (size_t)(opt->images + 1) * LINE_MAX_BYTES, used = 0;
    char *text = malloc(room);
    if (!text) {
        snprintf(error, OUTPUT_ERROR_MAX, "out of memory");
        return -1;
    }
    used += (size_t)snprintf(text, room, "file,label,group\n");
    for (long i = 0; i < opt->images; i++) {
        ticket t = ticket_of(opt, i);
        char name[64];
        name_picture(name, sizeof name, &t);
        used += (size_t)snprintf(text + used, room - used, "%s,%s,race-%d\n", name, scheme_class_name(t.class_index),
                                 t.race + 1);
    }
    char path[OUTPUT_PATH_MAX];
    snprintf(path, sizeof path, "%s/labels.csv", opt->out);
    int result = output_write(path, text, used, error);
    free(text);
    return result;
}

/* Starts the threads and waits for them; fewer than asked for will do. */
static void draw_in_threads(studio *work)
{
    pthread_t threads[THREADS_MAX];
    long started = 0;
    while (started < work->opt->threads && !pthread_create(&threads[started], NULL, draw_pictures, work))
        started++;
    if (started == 0)
        draw_pictures(work);
    for (long i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
}

static int run(const options *opt)
{
    studio *work = calloc(1, sizeof *work);
    if (!work) {
        fprintf(stderr, "racecars: out of memory\n");
        return 1;
    }
    work->opt = opt;
    pthread_mutex_init(&work->lock, NULL);
    char error[OUTPUT_ERROR_MAX];
    if (make_folders(opt, error))
        report(work, error);
    else if (scene_assets_create(&work->assets, (int)opt->races, (int)opt->size))
        report(work, "out of memory");
    if (!atomic_load(&work->failed))
        draw_in_threads(work);
    if (!atomic_load(&work->failed) && write_labels(opt, error))
        report(work, error);

    int failed = atomic_load(&work->failed);
    if (failed)
        fprintf(stderr, "racecars: %s\n", work->error);
    else
        printf("%ld pictures in %s\n", opt->images, opt->out);
    scene_assets_free(&work->assets);
    pthread_mutex_destroy(&work->lock);
    free(work);
    return failed;
}

static int misused(const char *what, const char *detail)
{
    fprintf(stderr, "racecars: %s%s%s%s; see racecars --help\n", what, detail ? " '" : "", detail ? detail : "",
            detail ? "'" : "");
    return 2;
}

/* A whole decimal number within [low, high]. */
static int read_number(const char *text, long low, long high, long *out)
{
    char *end = NULL;
    errno = 0;
    long value = strtol(text, &end, 10);
    if (errno || end == text || *end || value < low || value > high)
        return -1;
    *out = value;
    return 0;
}

static int read_seed(const char *text, uint64_t *out)
{
    char *end = NULL;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (errno || end == text || *end || text[0] == '-')
        return -1;
    *out = value;
    return 0;
}

/* 0: go on, 1: help was shown, 2: wrong usage. */
static int read_options(options *opt, int count, char **arguments)
{
    const struct {
        const char *name, *range;
        long low, high, *value;
    } numbers[] = {
        {"-n", "-n needs a number from 1 to 1000000, not", 1, IMAGES_MAX, &opt->images},
        {"--size", "--size needs a number from 32 to 1024, not", SIZE_MIN, SIZE_MAX_PIXELS, &opt->size},
        {"--races", "--races needs a number from 1 to 16, not", 1, RACES_MAX, &opt->races},
        {"--threads", "--threads needs a number from 1 to 64, not", 1, THREADS_MAX, &opt->threads},
    };
    enum { NUMBERS = sizeof numbers / sizeof numbers[0] };

    for (int i = 1; i < count; i++) {
        const char *name = arguments[i];
        if (!strcmp(name, "--help") || !strcmp(name, "-h")) {
            fputs(help, stdout);
            return 1;
        }
        int which = 0;
        while (which < NUMBERS && strcmp(name, numbers[which].name))
            which++;
        if (which == NUMBERS && strcmp(name, "-o") && strcmp(name, "--seed"))
            return misused("unknown option", name);
        if (++i >= count)
            return misused("no value after", name);
        if (which < NUMBERS) {
            if (read_number(arguments[i], numbers[which].low, numbers[which].high, numbers[which].value))
                return misused(numbers[which].range, arguments[i]);
        } else if (!strcmp(name, "-o")) {
            opt->out = arguments[i];
        } else if (read_seed(arguments[i], &opt->seed)) {
            return misused("--seed needs a number from 0 to 18446744073709551615, not", arguments[i]);
        }
    }
    if (!opt->out)
        return misused("no folder to write to: give -o OUT", NULL);
    /* room for the longest name below it */
    return strlen(opt->out) == 0 || strlen(opt->out) > OUTPUT_PATH_MAX - 128 ? misused("-o needs a usable folder name, not", opt->out) : 0;
}

int main(int count, char **arguments)
{
    options opt = {.images = 3000, .size = 224, .seed = 1, .races = 5, .threads = 2};
    int answer = read_options(&opt, count, arguments);
    if (answer)
        return answer == 1 ? 0 : answer;
    if (VIPS_INIT(arguments[0])) {
        fprintf(stderr, "racecars: libvips does not start\n");
        return 1;
    }
    vips_concurrency_set(1); /* a picture a thread; more inside a picture would only wait */
    vips_cache_set_max(0);
    int failed = run(&opt);
    vips_shutdown();
    return failed;
}
