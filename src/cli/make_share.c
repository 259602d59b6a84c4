/* Two reports, of which one may leave the house: it shows no real image. Then SHARE gets its name, and is complete. */
#include "make.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { DOCUMENTS = 2 };
static const char *const document_names[DOCUMENTS] = {"utility.json", "evaluation.json"};

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* Where the owner keeps the images is nobody's business; what is in staging is known by its name to be. */
static void shorten_paths(json_t *document, const struct make *make)
{
    const char *role;
    json_t *set;
    json_object_foreach(json_object_get(document, "sets"), role, set)
    {
        const char *path = strcmp(role, "synthetic") == 0 ? make->share : make->data;
        json_object_set_new(set, "path", json_string(last_part(path)));
    }
}

/* Those that there are; the array's reference is the caller's. */
static json_t *read_documents(const struct make *make)
{
    json_t *documents = json_array();
    for (int i = 0; i < DOCUMENTS; i++) {
        json_t *document = make_read(make->work, document_names[i]);
        if (!document)
            continue;
        shorten_paths(document, make);
        json_array_append_new(documents, document);
    }
    return documents;
}

static int write_report(const char *folder, const struct make *make, const json_t *documents, bool with_real)
{
    char *texts[DOCUMENTS] = {NULL};
    char *path = make_path(folder, "report.html"), *run = make_path(make->work, "run");
    standin_report report = STANDIN_REPORT_INIT;
    int status = path && run ? 0 : STANDIN_MEMORY;
    for (size_t i = 0; i < json_array_size(documents) && i < DOCUMENTS; i++) {
        texts[i] = json_dumps(json_array_get(documents, i), JSON_REAL_PRECISION(12));
        status = texts[i] ? status : STANDIN_MEMORY;
        report.document_count++;
    }
    report.documents = (const char *const *)texts;
    report.real = with_real ? make->train : NULL;
    report.synthetic = make->synthetic;
    report.run = run;
    report.seed = make->arguments->seed;
    report.title = with_real ? "Private report, with real images: not to be handed out" : NULL;
    if (status == 0)
        status = standin_report_write(path, &report);
    for (int i = 0; i < DOCUMENTS; i++)
        free(texts[i]);
    free(run);
    free(path);
    return status;
}

static int read_training(json_t **training, const struct make *make)
{
    char *run = make_path(make->work, "run"), *text = NULL;
    const int status = run ? standin_training_numbers(&text, run) : STANDIN_MEMORY;
    *training = status == 0 ? json_loads(text, 0, NULL) : NULL;
    standin_text_free(text);
    free(run);
    return status;
}

static int write_numbers(struct make *make, json_t *documents)
{
    json_t *training;
    const int status = read_training(&training, make);
    if (status < 0)
        return status;
    const uint64_t seed = make->arguments->seed;
    json_t *all = json_pack(
        "{s:s, s:s, s:o, s:f, s:O, s:O, s:{s:f, s:I, s:i}, s:o, s:O}", "kind", "make", "version", standin_version(), "seed",
        seed <= INT64_MAX ? json_integer((json_int_t)seed) : json_sprintf("%" PRIu64, seed), "seconds",
        make_spent(make), "settings", make->settings, "split", make->split, "plan", "train_seconds", make->plan.train,
        "classifier_steps", (json_int_t)make->plan.steps, "classifier_seeds", make->plan.seeds, "training", training, "documents", documents);
    const int failure = make_write_json(make->staging, "report.json", all);
    json_decref(all);
    return make_check_file(make, failure, make->staging);
}

int make_share(struct make *make)
{
    make_view_enter(&make->view, MAKE_REPORT, false);
    json_t *documents = read_documents(make);
    int status = write_report(make->work, make, documents, true);
    if (status == 0)
        status = write_report(make->staging, make, documents, false);
    if (status == 0)
        status = write_numbers(make, documents);
    json_decref(documents);
    return status == 0 ? make_check_file(make, make_publish(make->staging, make->share), make->share) : status;
}
