/* The looks of a training's watch at its networks, and what is said when something is the matter. */
#include "base/clock.h"
#include "train/trainer_parts.h"

#include <stdio.h>

static const double look_share = 0.02, last_look_share = 0.05; /* of the time since the watch's last look */

/* A look may take this share of the time since the one before; before the first it is taken for two steps. */
static bool can_afford(const struct trainer *trainer, double share)
{
    const double cost = trainer->look_seconds > 0 ? trainer->look_seconds : 2 * trainer->step_seconds;
    return cost <= share * (clock_now() - trainer->looked_at);
}

static int look(struct trainer *trainer, bool last)
{
    const double start = clock_now();
    const struct step_moment moment = trainer_moment(trainer);
    struct watch_figures figures;
    int status = watch_look(trainer->watch, &moment, &figures);
    if (status == 0)
        status = trainer_write_metrics(trainer, &figures);
    if (status < 0)
        return status;
    watch_alarms_hear(&trainer->alarms, &figures, last);
    for (enum alarm_kind i = 0; status == 0 && i < ALARM_KINDS; i++) {
        const struct alarm *alarm = &trainer->alarms.alarm[i];
        if (alarm->changed)
            status =
                trainer_write_event(trainer, alarm->holds ? "alarm" : "over", watch_alarm_name(i), alarm->sentence);
        if (alarm->changed && status == 0)
            status = trainer_say(trainer, alarm->sentence);
    }
    trainer->looked_at = clock_now();
    trainer->look_seconds = trainer->looked_at - start;
    return status;
}

int trainer_look(struct trainer *trainer)
{
    return can_afford(trainer, look_share) ? look(trainer, false) : 0;
}

int trainer_look_back(struct trainer *trainer)
{
    bool known[ALARM_KINDS];
    for (int i = 0; i < ALARM_KINDS; i++)
        known[i] = trainer->alarms.alarm[i].holds;
    const bool changed = trainer->step > trainer->first_step;
    int status = changed && can_afford(trainer, last_look_share) ? look(trainer, true) : 0;
    for (int i = 0; status == 0 && i < ALARM_KINDS; i++)
        if (known[i] && trainer->alarms.alarm[i].holds) {
            char text[ALARM_TEXT + 16];
            snprintf(text, sizeof text, "at the end: %s", trainer->alarms.alarm[i].sentence);
            status = trainer_say(trainer, text);
        }
    return status;
}
