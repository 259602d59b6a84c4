/* standin make: from a folder of images to a synthetic set that can be handed out, with the proof of what it is worth.
 */
#include "make.h"
#include "stop.h"

#include <stdlib.h>
#include <unistd.h>

static int run_stages(struct make *make)
{
    static int (*const stages[])(struct make *) = {make_plan_time, make_train,    make_generate, make_plan_proof,
                                                   make_evaluate,  make_study, make_share};
    int status = 0;
    for (size_t i = 0; status == 0 && i < sizeof stages / sizeof *stages; i++) {
        make_settings_keep_time(make);
        status = stages[i](make);
    }
    return status;
}

/* Whether the images are those of before is known only once they are read. */
static int work(struct make *make)
{
    standin_dataset *whole = NULL;
    const bool shared = access(make->share, F_OK) == 0;
    make_view_enter(&make->view, MAKE_INSPECT, false);
    int status = make_open_recipe(make);
    if (status == 0)
        status = make_settings_compare(make);
    if (status == 0)
        status = make_open_data(make, &whole, shared);
    if (status == 0)
        status = make_settings_compare_images(make, whole);
    if (status == 0 && shared && !make_is_shared(make))
        status =
            make_refuse(make, "%s: is there already and was not made by this command; give it another -o", make->share);
    if (status == 0 && !shared) {
        make_view_enter(&make->view, MAKE_SPLIT, false);
        status = make_split(make, whole);
    } else if (status == 0) {
        console_line(&make->console, "everything is done");
    }
    standin_dataset_free(whole);
    return status == 0 && !shared ? run_stages(make) : status;
}

static void close_all(struct make *make)
{
    make_settings_keep_time(make);
    make_let_go(make->work, make->lock, !make->settled);
    standin_dataset_free(make->train);
    standin_dataset_free(make->holdout);
    standin_dataset_free(make->test);
    standin_dataset_free(make->synthetic);
    standin_recipe_free(make->recipe);
    json_decref(make->settings);
    json_decref(make->split);
    free(make->data);
    free(make->share);
    free(make->staging);
    free(make->work);
}

int command_make(const struct arguments *arguments)
{
    if (!arguments->output)
        return usage_error("make", "make needs a folder for what it makes: -o SHARE");
    if (arguments->budget > 0 && arguments->gan_steps > 0)
        return usage_error("make", "--budget and --gan-steps exclude each other");
    struct make make = {.arguments = arguments, .begun = console_now(), .lock = -1};
    console_begin(&make.console, arguments->quiet);
    make.view.console = &make.console;
    stop_listen();
    int status = make_open_folders(&make);
    if (status == 0)
        status = work(&make);
    console_clear(&make.console);
    if (status == 0)
        status = make_say_result(&make);
    const bool settled = make.settled;
    int code = EXIT_GOOD;
    if (status < 0)
        code = make.refused ? EXIT_FAILED : library_error(status);
    if (status == STANDIN_INTERRUPTED && settled)
        fputs("go on with the same command: what is finished is not done again\n", stderr);
    close_all(&make);
    return code;
}
