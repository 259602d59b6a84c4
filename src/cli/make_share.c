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

static json_t *read_training(const struct make *make)
{
    char *run = make_path(make->work, "run"), *text = NULL;
    const int status = run ? standin_training_numbers(&text, run) : STANDIN_MEMORY;
    json_t *training = status == 0 ? json_loads(text, 0, NULL) : NULL;
    standin_text_free(text);
    free(run);
    return training;
}

/* By the plan; where the steps of the generator were given, by what the run said once it had timed some. */
static json_t *expected_times(const struct make *make, const json_t *training)
{
    json_t *expected = json_object();
    const double trained = json_number_value(json_object_get(training, "predicted_seconds"));
    for (int stage = MAKE_TRAIN; stage < MAKE_STAGES; stage++) {
        const double planned = make->view.expected[stage];
        const double seconds = planned > 0 || stage != MAKE_TRAIN ? planned : trained;
        if (seconds > 0)
            json_object_set_new(expected, make_stage_name[stage], json_real(seconds));
    }
    return expected;
}

static json_t *times_taken(const struct make *make)
{
    json_t *taken = make_taken(make);
    if (!make_can_study(make))
        json_object_del(taken, make_stage_name[MAKE_STUDY]);
    json_object_del(taken, make_stage_name[MAKE_REPORT]); /* is going on */
    return taken;
}

static json_t *whole_document(const struct make *make)
{
    const struct arguments *arguments = make->arguments;
    const uint64_t seed = arguments->seed;
    const char *recipe = arguments->recipe ? last_part(arguments->recipe) : standin_recipe_name(0);
    json_t *training = read_training(make);
    json_t *plan = json_pack("{s:f, s:I, s:i, s:o}", "train_seconds", make->plan.train, "classifier_steps",
                             (json_int_t)make->plan.steps, "classifier_seeds", make->plan.seeds, "expected",
                             expected_times(make, training));
    return json_pack(
        "{s:s, s:s, s:o, s:f, s:o, s:o?, s:O, s:O, s:o, s:o, s:o}", "kind", "make", "version", standin_version(),
        "seed", seed <= INT64_MAX ? json_integer((json_int_t)seed) : json_sprintf("%" PRIu64, seed), "seconds",
        make_spent(make), "taken", times_taken(make), "recipe", json_string(recipe), "settings", make->settings,
        "split", make->split, "plan", plan, "training", training, "documents", read_documents(make));
}

static int write_report(const char *folder, const struct make *make, const char *document, bool with_real)
{
    char *path = make_path(folder, "report.html"), *run = make_path(make->work, "run");
    standin_report report = STANDIN_REPORT_INIT;
    report.documents = &document;
    report.document_count = 1;
    report.real = with_real ? make->train : NULL;
    report.synthetic = make->synthetic;
    report.run = run;
    report.seed = make->arguments->seed;
    report.title = with_real ? "Private report, with real images: not to be handed out" : NULL;
    const int status = path && run ? standin_report_write(path, &report) : STANDIN_MEMORY;
    free(run);
    free(path);
    return status;
}

int make_share(struct make *make)
{
    make_view_enter(&make->view, MAKE_REPORT, false);
    json_t *document = whole_document(make);
    char *text = document ? json_dumps(document, JSON_REAL_PRECISION(12)) : NULL;
    int status = text ? write_report(make->work, make, text, true) : STANDIN_MEMORY;
    if (status == 0)
        status = write_report(make->staging, make, text, false);
    if (status == 0)
        status = make_check_file(make, make_write_json(make->staging, "report.json", document), make->staging);
    free(text);
    json_decref(document);
    return status == 0 ? make_check_file(make, make_publish(make->staging, make->share), make->share) : status;
}
