/* Where everything lies, and what was asked for: the same command goes on, another one is refused with the difference.
 */
#include "make.h"
#include "plain.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char settings_name[] = "settings.json", images_key[] = "images", recipe_key[] = "recipe";
static const char time_name[] = "time.json", seconds_key[] = "seconds", stages_key[] = "stages";
static const double budget_default = 3600;

int make_refuse(struct make *make, const char *format, ...)
{
    console_clear(&make->console);
    fputs("standin: ", stderr);
    va_list arguments;
    va_start(arguments, format);
    plain_write_format(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    make->refused = true;
    return STANDIN_INPUT;
}

int make_check_file(struct make *make, int failure, const char *path)
{
    if (failure == 0)
        return 0;
    make_refuse(make, "%s: %s", path, strerror(-failure));
    return STANDIN_FILE;
}

/* ---- Paths -------------------------------------------------------------------------------------------------- */

/* Of something that need not be there yet, in a folder that must be. */
static char *whole_path(const char *path)
{
    char *copy = strdup(path), *whole = NULL;
    size_t length = copy ? strlen(copy) : 0;
    while (length > 1 && copy[length - 1] == '/')
        copy[--length] = 0;
    char *slash = copy ? strrchr(copy, '/') : NULL;
    const char *name = slash ? slash + 1 : copy;
    if (copy && *name && strcmp(name, ".") != 0 && strcmp(name, "..") != 0) {
        char *parent = realpath(!slash ? "." : slash == copy ? "/" : (*slash = 0, copy), NULL);
        if (parent)
            whole = make_path(strcmp(parent, "/") == 0 ? "" : parent, name);
        free(parent);
    } else if (copy) {
        errno = EINVAL;
    }
    free(copy);
    return whole;
}

static bool is_within(const char *inner, const char *outer)
{
    const size_t length = strlen(outer);
    return strncmp(inner, outer, length) == 0 && (inner[length] == '/' || inner[length] == 0);
}

static int find_paths(struct make *make)
{
    const struct arguments *arguments = make->arguments;
    make->data = realpath(arguments->path, NULL);
    if (!make->data)
        return make_check_file(make, -errno, arguments->path);
    make->share = whole_path(arguments->output);
    if (!make->share)
        return make_check_file(make, -errno, arguments->output);
    char *beside;
    if (asprintf(&beside, "%s.private", make->share) < 0 || asprintf(&make->staging, "%s.part", make->share) < 0)
        return STANDIN_MEMORY;
    make->work = arguments->work ? whole_path(arguments->work) : beside;
    if (make->work != beside)
        free(beside);
    return make->work ? 0 : make_check_file(make, -errno, arguments->work);
}

static int check_paths(struct make *make)
{
    const char *const own[] = {make->share, make->staging, make->work};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (is_within(own[i], make->data) || is_within(make->data, own[i]))
            return make_refuse(make, "%s: lies in the folder of the images, or the images in it; take another place",
                               own[i]);
    if (is_within(make->work, make->share) || is_within(make->share, make->work))
        return make_refuse(make, "%s: what stays private and what is handed out must not lie in one another",
                           make->work);
    if (access(make->share, F_OK) < 0)
        return make_staging_check(make);
    if (!make_is_there(make->share, "report.json"))
        return make_refuse(make, "%s: is there already and was not made by this command; give it another -o",
                           make->share);
    return 0;
}

/* A pipe would be waited for, a device believed. */
static int check_work(struct make *make)
{
    static const char *const lock[] = {"lock"};
    if (make_has_others(make->work, lock, 1) && !make_is_there(make->work, settings_name))
        return make_refuse(make, "%s: is not empty and no work folder of this command; give it another -w", make->work);
    char *irregular = make_find_irregular(make->work);
    if (irregular)
        make_refuse(make, "%s: not a regular file", irregular);
    free(irregular);
    return irregular ? STANDIN_INPUT : 0;
}

int make_open_folders(struct make *make)
{
    int status = find_paths(make);
    if (status == 0)
        status = check_paths(make);
    if (status == 0)
        status = check_work(make);
    if (status < 0)
        return status;
    const int failure = make_hold(make->work, &make->lock);
    if (failure == -EWOULDBLOCK)
        return make_refuse(make, "%s: another process is at work in it", make->work);
    return make_check_file(make, failure, make->work);
}

/* ---- What was asked for ------------------------------------------------------------------------------------- */

static void add_number(json_t *settings, const char *name, int64_t number)
{
    if (number > 0)
        json_object_set_new(settings, name, json_sprintf("%" PRId64, number));
}

/* A recipe's text without its explanations. */
static json_t *settings_of(char *text)
{
    char *kept = strdup("");
    for (char *line = strtok(text, "\n"); line && kept; line = strtok(NULL, "\n")) {
        char *longer;
        if (*line == '#' || *line == ';' || *line == '[')
            continue;
        if (asprintf(&longer, "%s%s%s", kept, *kept ? "; " : "", line) < 0)
            longer = NULL;
        free(kept);
        kept = longer;
    }
    json_t *json = kept ? json_string(kept) : NULL;
    free(kept);
    return json;
}

static int list_settings(struct make *make)
{
    static const char *const fits[] = {"crop", "pad", "stretch"};
    const struct arguments *arguments = make->arguments;
    char *text;
    const int status = standin_recipe_text(make->recipe, &text);
    if (status < 0)
        return status;
    json_t *settings = make->settings = json_object();
    json_object_set_new(settings, "standin", json_string(standin_version()));
    if (arguments->gan_steps == 0)
        json_object_set_new(settings, "--budget",
                            json_sprintf("%.10gs", arguments->budget > 0 ? arguments->budget : budget_default));
    json_object_set_new(settings, "--fit", json_string(fits[arguments->fit]));
    json_object_set_new(settings, "--seed", json_sprintf("%" PRIu64, arguments->seed));
    add_number(settings, "--gan-steps", arguments->gan_steps);
    add_number(settings, "--steps", arguments->steps);
    add_number(settings, "--seeds", arguments->seeds);
    add_number(settings, "--per-class", arguments->per_class);
    json_object_set_new(settings, recipe_key, settings_of(text));
    standin_text_free(text);
    return settings ? 0 : STANDIN_MEMORY;
}

static int refuse_difference(struct make *make, const char *key, const char *before, const char *now)
{
    if (strcmp(key, images_key) == 0)
        return make_refuse(make, "%s: its images are not those that %s was begun with; take other folders (-o, -w)",
                           make->data, make->work);
    if (strcmp(key, recipe_key) == 0)
        return make_refuse(
            make,
            "%s: was begun with other settings of the recipe (--recipe, --set, --size); take these again, or "
            "other folders (-o, -w)",
            make->work);
    if (strcmp(key, "standin") == 0)
        return make_refuse(make, "%s: was begun with Standin %s, and this is %s; take other folders (-o, -w)",
                           make->work, before, now);
    return make_refuse(make,
                       "%s: was begun with %s %s, and now it is %s; take the same again, or other folders (-o, -w)",
                       make->work, key, before ? before : "not given", now ? now : "not given");
}

static int compare(struct make *make, const char *key, const json_t *before)
{
    const char *then = json_string_value(json_object_get(before, key));
    const char *now = json_string_value(json_object_get(make->settings, key));
    const bool same = then && now ? strcmp(then, now) == 0 : then == now;
    return same ? 0 : refuse_difference(make, key, then, now);
}

static void recall_time(struct make *make)
{
    json_t *time = make_read(make->work, time_name);
    make->spent_before = json_number_value(json_object_get(time, seconds_key));
    for (int stage = 0; stage < MAKE_STAGES; stage++)
        make->view.taken[stage] +=
            json_number_value(json_object_get(json_object_get(time, stages_key), make_stage_name[stage]));
    json_decref(time);
}

int make_settings_compare(struct make *make)
{
    int status = list_settings(make);
    json_t *before = status == 0 ? make_read(make->work, settings_name) : NULL, *both = json_copy(make->settings);
    const char *key;
    json_t *value;
    json_object_update_missing(both, before);
    make->settled = before != NULL;
    if (make->settled)
        recall_time(make);
    json_object_foreach(both, key, value)
    {
        if (status == 0 && before && strcmp(key, images_key) != 0)
            status = compare(make, key, before);
    }
    json_decref(both);
    json_decref(before);
    return status;
}

int make_settings_compare_images(struct make *make, const standin_dataset *whole)
{
    json_t *before = make->settled ? make_read(make->work, settings_name) : NULL;
    json_object_set_new(make->settings, images_key, json_string(standin_dataset_hash(whole)));
    const int status = before ? compare(make, images_key, before) : 0;
    json_decref(before);
    return status;
}

int make_settings_keep(struct make *make)
{
    if (make->settled)
        return 0;
    const int failure = make_write_json(make->work, settings_name, make->settings);
    make->settled = failure == 0;
    return make_check_file(make, failure, make->work);
}

json_t *make_taken(const struct make *make)
{
    json_t *taken = json_object();
    for (int stage = 0; stage < MAKE_STAGES; stage++)
        json_object_set_new(taken, make_stage_name[stage],
                            json_real(make_view_taken(&make->view, (enum make_stage)stage)));
    return taken;
}

void make_settings_keep_time(struct make *make)
{
    json_t *time = make->settled && make->train
                       ? json_pack("{s:f, s:o}", seconds_key, make_spent(make), stages_key, make_taken(make))
                       : NULL;
    if (time)
        make_write_json(make->work, time_name, time); /* without it the next call only plans a little worse */
    json_decref(time);
}

bool make_is_shared(const struct make *make)
{
    json_t *report = make_read(make->share, "report.json");
    const bool shared = report && json_equal(json_object_get(report, "settings"), make->settings);
    json_decref(report);
    return shared;
}
