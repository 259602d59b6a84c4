/* Evaluation and study. Both keep their own stages in the work folder; what is kept here are their documents. */
#include "make.h"

#include <stdlib.h>

static int keep_document(struct make *make, const char *name, char *document)
{
    const int failure = make_write(make->work, name, document);
    standin_text_free(document);
    return make_check_file(make, failure, make->work);
}

int make_evaluate(struct make *make)
{
    static const char name[] = "evaluation.json";
    const bool done = make_is_there(make->work, name);
    make_view_enter(&make->view, MAKE_EVALUATE, done);
    if (done)
        return 0;
    char *work = make_path(make->work, "evaluation"), *document;
    const standin_evaluation_sets sets = {.real = make->train, .synthetic = make->synthetic, .train = make->train,
                                          .holdout = make->holdout, .test = make->test};
    standin_evaluate_options options = STANDIN_EVALUATE_OPTIONS_INIT;
    options.work = work;
    options.steps = make->plan.steps;
    options.seed = make->arguments->seed;
    options.threads = (int)make->arguments->threads;
    options.progress = make_view_work;
    options.progress_context = &make->view;
    const int status = work ? standin_evaluate(&document, &sets, &options) : STANDIN_MEMORY;
    free(work);
    return status == 0 ? keep_document(make, name, document) : status;
}

int make_study(struct make *make)
{
    static const char name[] = "utility.json";
    const bool done = make_is_there(make->work, name) || !make_can_study(make);
    make_view_enter(&make->view, MAKE_STUDY, done);
    if (done)
        return 0;
    char *work = make_path(make->work, "study"), *document;
    standin_study_options options = STANDIN_STUDY_OPTIONS_INIT;
    options.work = work;
    options.steps = make->plan.steps;
    options.seeds = make->plan.seeds;
    options.seed = make->arguments->seed;
    options.threads = (int)make->arguments->threads;
    options.progress = make_view_work;
    options.progress_context = &make->view;
    const int status =
        work ? standin_study_utility(&document, make->train, make->test, make->synthetic, &options) : STANDIN_MEMORY;
    free(work);
    return status == 0 ? keep_document(make, name, document) : status;
}
