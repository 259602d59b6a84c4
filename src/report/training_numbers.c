/* What a report shows of a training, as one JSON object. */
#include "base/error.h"
#include "report/training_curve.h"

#include <math.h>
#include <standin/standin.h>

/* Six digits: more than a plot shows, and a third of the room. */
static json_t *rounded(double value)
{
    const double scale = pow(10, 5 - floor(log10(fabs(value))));
    const double shorter = round(value * scale) / scale;
    return json_real(isfinite(shorter) ? shorter : value);
}

static void set_number(json_t *object, const char *key, double value)
{
    if (isfinite(value))
        json_object_set_new(object, key, json_real(value));
}

/* The curve's points that have a mean. */
static json_t *points_of(const struct training_curve *curve, const double *values)
{
    json_t *array = json_array();
    for (int i = 0; i < curve->count; i++)
        if (isfinite(curve->mean[i]))
            json_array_append_new(array, rounded(values[i]));
    return array;
}

static json_t *curves_of(const struct html_training *training)
{
    json_t *curves = json_array();
    for (int column = TRAINING_LOSS_D; training->count > 1 && column < TRAINING_COLUMNS; column++) {
        struct training_curve curve;
        training_curve_read(&curve, training, (enum training_column)column);
        if (!curve.seen)
            continue;
        json_t *one = json_pack("{s:s, s:o, s:o}", "name", training_key[column], "steps", points_of(&curve, curve.step),
                                "mean", points_of(&curve, curve.mean));
        if (!training_is_look((enum training_column)column)) {
            json_object_set_new(one, "least", points_of(&curve, curve.least));
            json_object_set_new(one, "largest", points_of(&curve, curve.largest));
        }
        json_array_append_new(curves, one);
    }
    return curves;
}

static json_t *alarms_of(const struct html_training *training)
{
    json_t *alarms = json_array();
    for (size_t i = 0; i < training->alarm_count; i++) {
        const struct training_alarm *alarm = &training->alarms[i];
        json_t *one = json_pack("{s:s, s:I}", "sentence", alarm->sentence, "begun", (json_int_t)alarm->begun);
        if (alarm->ended >= 0)
            json_object_set_new(one, "ended", json_integer(alarm->ended));
        json_array_append_new(alarms, one);
    }
    return alarms;
}

static json_t *settings_of(const struct html_training *training)
{
    json_t *settings = json_object();
    for (size_t i = 0; i < training->setting_count; i++)
        json_object_set_new(settings, training->settings[i].key, json_string(training->settings[i].value));
    return settings;
}

static json_t *numbers_of(const struct html_training *training)
{
    json_t *numbers = json_object();
    if (training->hash)
        json_object_set_new(numbers, "hash", json_string(training->hash));
    if (isfinite(training->images))
        json_object_set_new(numbers, "images", json_integer((json_int_t)training->images));
    set_number(numbers, "predicted_seconds", training->predicted_seconds);
    set_number(numbers, "seconds", html_training_seconds(training));
    if (training->count > 0)
        json_object_set_new(numbers, "steps",
                            json_integer((json_int_t)training->column[TRAINING_STEP][training->count - 1]));
    json_object_set_new(numbers, "settings", settings_of(training));
    json_object_set_new(numbers, "alarms", alarms_of(training));
    json_object_set_new(numbers, "curves", curves_of(training));
    return numbers;
}

int standin_training_numbers(char **out, const char *run)
{
    struct html_training *training;
    *out = NULL;
    const int status = html_training_read(&training, run);
    if (status < 0)
        return status;
    json_t *numbers = numbers_of(training);
    *out = numbers ? json_dumps(numbers, JSON_INDENT(2) | JSON_REAL_PRECISION(12)) : NULL;
    json_decref(numbers);
    html_training_free(training);
    return *out ? 0 : error_set(STATUS_MEMORY, "out of memory for the numbers of %s", run);
}
