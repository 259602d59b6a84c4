/* Each alarm is a function that says whether the figures show its trouble and, if so, puts it into words. Where the
 * thresholds come from: docs/notes/watching.md. */
#include "train/watch_alarm.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LOOKS = 2, NAME_SIZE = 300 };

/* Before these the images are grey or noise and say nothing; classes become distinct later than that. */
static const int64_t early_steps = 300;
static const double early_share = 0.1, early_share_of_classes = 0.3;

static const double little_diversity = 0.3, little_of_best = 2.0 / 3, little_contrast = 0.25, much_overfitting = 0.5;
static const double little_loss = 0.01; /* as a share of the loss of a discriminator that knows nothing */
static const double high_score = 100, high_score_wasserstein = 10000;
static const double far_off = 0.3, farther = 0.15;

static bool is_early(const struct watch_figures *figures, double share)
{
    return figures->moment.step < early_steps || figures->moment.progress < share;
}

static double percent(double share)
{
    return 100 * fmax(0, share);
}

static const char *class_name(const struct watch_alarms *alarms, const struct watch_figures *figures, int class)
{
    return standin_dataset_class_name(alarms->dataset, figures->class_index[class]);
}

/* "the generated images of class 'car'", or "the generated images". */
static const char *images_of(const struct watch_alarms *alarms, const struct watch_figures *figures, int class,
                             char *text)
{
    if (figures->class_index[class] == WATCH_ALL)
        return "the generated images";
    snprintf(text, NAME_SIZE, "the generated images of class '%s'", class_name(alarms, figures, class));
    return text;
}

/* " (and 2 more classes)", or nothing. */
static const char *and_more(int more, const char *one, const char *many, char *text, size_t size)
{
    if (more == 0)
        return "";
    snprintf(text, size, " (and %d more %s)", more, more == 1 ? one : many);
    return text;
}

/* ---- The troubles ------------------------------------------------------------------------------------------- */

/* The class with the least of a figure, -1 if none has little of it, and how many others have little as well. */
static int least_of(const double *figure, int classes, double little, int *others)
{
    int least = -1, few = 0;
    for (int k = 0; k < classes; k++) {
        few += figure[k] < little;
        if (figure[k] < little && (least < 0 || figure[k] < figure[least]))
            least = k;
    }
    *others = few - 1;
    return least;
}

/* The class that has lost most of the diversity that it had, likewise. */
static int most_faded(const struct watch_alarms *alarms, const struct watch_figures *figures, int *others)
{
    double left[WATCH_CLASSES];
    for (int k = 0; k < figures->classes; k++)
        left[k] = alarms->varied[k] > 0 ? figures->diversity[k] / alarms->varied[k] : 1;
    return least_of(left, figures->classes, little_of_best, others);
}

static bool collapse(const struct watch_alarms *alarms, const struct watch_figures *figures, char *sentence)
{
    static const char advice[] =
        "mode collapse; more augmentation, a lower learning-rate-g or a ramp for the labels may help";
    char images[NAME_SIZE], more[64];
    int others, class;
    if (is_early(figures, early_share))
        return false;
    if ((class = least_of(figures->diversity, figures->classes, little_diversity, &others)) >= 0)
        snprintf(sentence, ALARM_TEXT, "%s%s vary only %.0f %% as much as the real ones: %s",
                 images_of(alarms, figures, class, images), and_more(others, "class", "classes", more, sizeof more),
                 percent(figures->diversity[class]), advice);
    else if ((class = least_of(figures->repetition, figures->classes, little_diversity, &others)) >= 0)
        snprintf(sentence, ALARM_TEXT,
                 "%s%s repeat themselves: those most alike differ only %.0f %% as much as among the real ones: %s",
                 images_of(alarms, figures, class, images), and_more(others, "class", "classes", more, sizeof more),
                 percent(figures->repetition[class]), advice);
    else if ((class = most_faded(alarms, figures, &others)) >= 0)
        snprintf(sentence, ALARM_TEXT, "%s%s vary less and less: %.0f %% as much as the real ones, after %.0f %%: %s",
                 images_of(alarms, figures, class, images), and_more(others, "class", "classes", more, sizeof more),
                 percent(figures->diversity[class]), percent(alarms->varied[class]), advice);
    return class >= 0;
}

static bool resemblance(const struct watch_alarms *alarms, const struct watch_figures *figures, char *sentence)
{
    int first = -1, second = -1, pairs = 0;
    char more[64];
    if (is_early(figures, early_share_of_classes))
        return false;
    for (int a = 0; a < figures->classes; a++)
        for (int b = a + 1; b < figures->classes; b++) {
            if (!(figures->contrast[a][b] < little_contrast))
                continue;
            if (pairs++ == 0 || figures->contrast[a][b] < figures->contrast[first][second]) {
                first = a;
                second = b;
            }
        }
    if (pairs == 0)
        return false;
    snprintf(sentence, ALARM_TEXT,
             "the generated images of classes '%s' and '%s'%s look alike: they differ only %.0f %% as much as the real "
             "ones; longer training, label-d = projection or a ramp for the labels may help",
             class_name(alarms, figures, first), class_name(alarms, figures, second),
             and_more(pairs - 1, "pair", "pairs", more, sizeof more), percent(figures->contrast[first][second]));
    return true;
}

static bool overfitting(const struct watch_alarms *alarms, const struct watch_figures *figures, char *sentence)
{
    (void)alarms;
    if (!(figures->overfitting > much_overfitting))
        return false;
    snprintf(sentence, ALARM_TEXT,
             "the discriminator has learned its training images by heart: it scores real images that it has not seen "
             "%.0f %% of the way down to generated ones; more augmentation, more images or a shorter training may help",
             percent(figures->overfitting));
    return true;
}

/* The discriminator's loss while it knows nothing; 0: it has no such level. */
static double loss_of_ignorance(enum loss_kind loss)
{
    switch (loss) {
    case LOSS_LEAST_SQUARES: return 0.5; /* everywhere 1/2 */
    case LOSS_HINGE: return 2;
    case LOSS_WASSERSTEIN: return 0;
    case LOSS_RELATIVISTIC: return log(2);
    default: return 2 * log(2);
    }
}

static bool has_exploded(const struct watch_alarms *alarms, const struct watch_figures *figures)
{
    const double limit = alarms->loss == LOSS_WASSERSTEIN ? high_score_wasserstein : high_score;
    return fmax(fabs(figures->news.logit_real), fabs(figures->news.logit_fake)) > limit;
}

static bool defeat(const struct watch_alarms *alarms, const struct watch_figures *figures, char *sentence)
{
    if (figures->steps == 0 || is_early(figures, 0) || has_exploded(alarms, figures) ||
        !(figures->news.loss_d < little_loss * loss_of_ignorance(alarms->loss)))
        return false;
    snprintf(sentence, ALARM_TEXT,
             "the discriminator is never wrong any more (loss %.2g over %lld steps), so that the generator learns "
             "little from it; a lower learning-rate-d, norm-d = spectral, a penalty or more augmentation may help",
             figures->news.loss_d, (long long)figures->steps);
    return true;
}

static bool explosion(const struct watch_alarms *alarms, const struct watch_figures *figures, char *sentence)
{
    if (!has_exploded(alarms, figures))
        return false;
    snprintf(sentence, ALARM_TEXT,
             "the discriminator's scores grow without bound (mean %.3g for real images, %.3g for generated ones): "
             "divergence; lower learning rates, norm-d = spectral or a penalty may help",
             figures->news.logit_real, figures->news.logit_fake);
    return true;
}

static bool stray(const struct watch_alarms *alarms, const struct watch_figures *figures, char *sentence)
{
    static const char advice[] = "lower learning rates may help";
    if (is_early(figures, 0))
        return false;
    if (figures->distance > alarms->nearest + farther) {
        snprintf(sentence, ALARM_TEXT,
                 "the generated images have moved away from the real ones (distance %.2f, after %.2f at step %lld): "
                 "divergence; %s",
                 figures->distance, fmax(0, alarms->nearest), (long long)alarms->nearest_step, advice);
        return true;
    }
    if (is_early(figures, early_share_of_classes) || !(figures->distance > far_off) ||
        watch_least_diversity(figures) < little_diversity) /* which says it better */
        return false;
    snprintf(sentence, ALARM_TEXT,
             "the generated images are still unlike the real ones (distance %.2f of at most 1): divergence; %s",
             figures->distance, advice);
    return true;
}

/* ---- Their beginning and end -------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    bool (*shows)(const struct watch_alarms *alarms, const struct watch_figures *figures, char *sentence);
    const char *over;
} troubles[ALARM_KINDS] = {
    [ALARM_COLLAPSE] = {"collapse", collapse, "the generated images vary again: no mode collapse any more"},
    [ALARM_RESEMBLANCE] = {"resemblance", resemblance, "the generated classes can be told apart again"},
    [ALARM_OVERFITTING] = {"overfitting", overfitting, "the discriminator judges real images alike again, seen or not"},
    [ALARM_DEFEAT] = {"defeat", defeat, "the discriminator errs again: the generator can learn from it"},
    [ALARM_EXPLOSION] = {"explosion", explosion, "the discriminator's scores have come down again"},
    [ALARM_STRAY] = {"stray", stray, "the generated images have come near the real ones again"},
};

const char *watch_alarm_name(enum alarm_kind kind)
{
    return troubles[kind].name;
}

void watch_alarms_begin(struct watch_alarms *alarms, const standin_dataset *dataset,
                        const struct step_settings *settings)
{
    *alarms = (struct watch_alarms){.dataset = dataset,
                                    .loss = settings->loss,
                                    .nearest = HUGE_VAL};
}

static void update(struct alarm *alarm, bool shows, const char *sentence, int needed)
{
    alarm->against = shows == alarm->holds ? 0 : alarm->against + 1;
    alarm->changed = alarm->against >= needed;
    if (alarm->changed) {
        alarm->holds = shows;
        alarm->against = 0;
    }
    if (alarm->changed || (shows && alarm->holds)) /* with the newest figures */
        snprintf(alarm->sentence, sizeof alarm->sentence, "%s", sentence);
}

void watch_alarms_hear(struct watch_alarms *alarms, const struct watch_figures *figures, bool last)
{
    for (int kind = 0; kind < ALARM_KINDS; kind++) {
        char sentence[ALARM_TEXT];
        const bool shows = troubles[kind].shows(alarms, figures, sentence);
        update(&alarms->alarm[kind], shows, shows ? sentence : troubles[kind].over, last ? 1 : LOOKS);
    }
    if (figures->distance < alarms->nearest) {
        alarms->nearest = figures->distance;
        alarms->nearest_step = figures->moment.step;
    }
    for (int k = 0; k < figures->classes && !is_early(figures, early_share); k++)
        alarms->varied[k] = fmin(1, fmax(alarms->varied[k], figures->diversity[k]));
}
