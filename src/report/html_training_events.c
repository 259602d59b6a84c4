/* What a run said while it trained: how far it wants to go, how it ended, and its alarms. */
#include "report/html_training.h"

#include "base/error.h"
#include "base/memory.h"
#include "report/document.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { ALARMS_MAXIMUM = 300, SENTENCE_MAXIMUM = 2000 };

static bool is(const char *text, const char *other)
{
    return strcmp(text, other) == 0;
}

static void forget_oldest(struct html_training *training)
{
    free(training->alarms[0].kind);
    free(training->alarms[0].sentence);
    memmove(training->alarms, training->alarms + 1, --training->alarm_count * sizeof *training->alarms);
}

static int keep_alarm(struct html_training *training, const char *kind, const char *sentence, int64_t begun,
                      int64_t ended)
{
    if (training->alarm_count == ALARMS_MAXIMUM)
        forget_oldest(training);
    if (memory_grow(&training->alarms, &training->alarm_capacity, training->alarm_count + 1,
                    sizeof *training->alarms) < 0)
        return STATUS_MEMORY;
    const struct training_alarm alarm = {text_copy(kind), text_copy(sentence), begun, ended};
    training->alarms[training->alarm_count++] = alarm;
    return alarm.kind && alarm.sentence ? 0 : STATUS_MEMORY;
}

/* Those that hold, of this kind or (NULL) of all, are over. */
static void end_alarms(struct html_training *training, const char *kind, int64_t step)
{
    for (size_t i = 0; i < training->alarm_count; i++) {
        struct training_alarm *alarm = &training->alarms[i];
        if (alarm->ended < 0 && (!kind || is(alarm->kind, kind)))
            alarm->ended = step;
    }
}

static double positive_or_nan(const json_t *event, const char *key)
{
    const double number = document_number(event, key);
    return number > 0 ? number : (double)NAN;
}

static void aim(struct html_training *training, const json_t *event)
{
    training->goal_steps = positive_or_nan(event, "steps");
    training->limit_seconds = positive_or_nan(event, "limit_seconds");
}

/* A new session watches with fresh eyes: what is still the matter it will say again. */
static void start(struct html_training *training, const json_t *event, int64_t step)
{
    training->phase = TRAINING_STARTED;
    aim(training, event);
    end_alarms(training, NULL, step);
}

int html_training_hear(struct html_training *training, const json_t *event)
{
    const json_t *number = json_object_get(event, "step");
    const char *what = document_text(event, "event"), *alarm = document_text(event, "alarm");
    const char *sentence = document_text(event, "sentence");
    const int64_t step = json_integer_value(number);
    if (!json_is_integer(number) || step < 0 || !what)
        return 0;
    if (!sentence || strlen(sentence) > SENTENCE_MAXIMUM)
        sentence = alarm ? alarm : what;
    if (is(what, "started"))
        start(training, event, step);
    else if (is(what, "prolonged"))
        aim(training, event);
    else if (is(what, "finished"))
        training->phase = TRAINING_FINISHED;
    else if (is(what, "stopped"))
        training->phase = TRAINING_STOPPED;
    else if (is(what, "failed"))
        training->phase = TRAINING_FAILED;
    else if (is(what, "retreat"))
        return keep_alarm(training, what, sentence, step, step);
    else if (is(what, "over") && alarm)
        end_alarms(training, alarm, step);
    else if (is(what, "alarm") && alarm) {
        end_alarms(training, alarm, step);
        return keep_alarm(training, alarm, sentence, step, -1);
    }
    return 0;
}
