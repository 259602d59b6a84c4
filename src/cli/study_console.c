/* The time left is told from the units that took time in this call. */
#include "study_console.h"

#include "stop.h"
#include "write_whole.h"

#include <stdlib.h>
#include <string.h>

/* ---- Progress ----------------------------------------------------------------------------------------------- */

int study_progress_show(void *context, const char *what, int64_t done, int64_t total)
{
    static const double instant = 0.0005, memory = 600; /* seconds: a unit that was known; of the speed */
    struct study_progress *progress = context;
    const double time = console_now(), passed = time - progress->last;
    const int64_t units = done - progress->done;
    if (progress->last > 0 && units > 0 && passed > instant * (double)units) {
        progress->seconds += passed;
        progress->worked += units;
        if (progress->seconds > memory) {
            progress->seconds /= 2;
            progress->worked /= 2;
        }
    }
    progress->last = time;
    progress->done = done;
    const double share = total > 0 ? 100 * (double)done / (double)total : 0;
    char left[DURATION_TEXT];
    if (progress->worked > 0 && total >= done)
        console_progress(progress->console, "%s  %.1f %%  %s left", what, share,
                         duration_text(progress->seconds / (double)progress->worked * (double)(total - done), left));
    else
        console_progress(progress->console, "%s  %.1f %%", what, share);
    return stop_wanted();
}

/* ---- The document --------------------------------------------------------------------------------------------------
 */

static int write_json(const char *path, const char *document)
{
    const int failure = write_whole(path, document);
    if (failure < 0)
        fprintf(stderr, "standin: %s: %s\n", path, strerror(-failure));
    return failure < 0 ? EXIT_FAILED : EXIT_GOOD;
}

static int write_report(const char *path, const char *document, const standin_dataset *synthetic,
                        const struct arguments *arguments)
{
    standin_report report = STANDIN_REPORT_INIT;
    report.documents = &document;
    report.document_count = 1;
    report.synthetic = synthetic;
    report.seed = arguments->seed;
    char *target = realpath(path, NULL); /* behind symbolic links, which stay */
    const int status = standin_report_write(target ? target : path, &report);
    free(target);
    return status < 0 ? library_error(status) : EXIT_GOOD;
}

static bool is_page(const char *path)
{
    static const char ending[] = ".html";
    const size_t length = strlen(path);
    return length >= strlen(ending) && strcmp(path + length - strlen(ending), ending) == 0;
}

int study_finish(const struct arguments *arguments, char *document, const standin_dataset *synthetic)
{
    const char *path = arguments->output;
    int code = EXIT_GOOD;
    if (path)
        code = is_page(path) ? write_report(path, document, synthetic, arguments) : write_json(path, document);
    if (arguments->json) {
        puts(document);
    } else {
        char *text;
        const int status = standin_document_text(&text, document);
        if (status < 0)
            code = library_error(status);
        else
            fputs(text, stdout);
        standin_text_free(text);
    }
    standin_text_free(document);
    return code;
}

int study_failed(const struct arguments *arguments, int status)
{
    const int code = library_error(status);
    if (status == STANDIN_INTERRUPTED)
        fputs(arguments->work ? "go on with the same command: what is finished is not done again\n"
                              : "nothing is kept; with -w FOLDER the same command could go on\n",
              stderr);
    return code;
}
