/* SHARE.part, which becomes SHARE. Whoever has a folder of that name keeps it: what may be emptied is what the work
 * folder says was made for it. */
#include "make.h"

#include <errno.h>
#include <sys/stat.h>

static const char staging_name[] = "staging.json"; /* an object with a key for each path */

static bool is_free(const char *path)
{
    struct stat about;
    if (lstat(path, &about) < 0)
        return errno == ENOENT;
    return S_ISDIR(about.st_mode) && !make_has_others(path, NULL, 0);
}

static bool is_ours(const struct make *make)
{
    json_t *known = make_read(make->work, staging_name);
    const bool ours = json_is_true(json_object_get(known, make->staging));
    json_decref(known);
    return ours;
}

int make_staging_check(struct make *make)
{
    json_t *path = json_string(make->staging);
    json_decref(path);
    if (!path)
        return make_refuse(make, "%s: a path that is not UTF-8 cannot be kept; give it another -o", make->share);
    if (is_free(make->staging) || is_ours(make))
        return 0;
    return make_refuse(make,
                       "%s: is there already and was not made by this command; move it elsewhere, or give another -o",
                       make->staging);
}

static int keep(const struct make *make)
{
    json_t *known = make_read(make->work, staging_name);
    if (!known)
        known = json_object();
    json_object_set_new(known, make->staging, json_true());
    const int failure = make_write_json(make->work, staging_name, known);
    json_decref(known);
    return failure;
}

int make_staging_begin(struct make *make)
{
    const int status = make_check_file(make, keep(make), make->work);
    return status == 0 ? make_check_file(make, make_empty(make->staging), make->staging) : status;
}
