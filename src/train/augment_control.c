/* ADA's rule: one step up or down, never more. */
#include "train/augment_control.h"

#include <math.h>

static const double target = 0.6, strength_most = 0.8, images_to_full = 500000;
enum { STEPS_BETWEEN = 4 };

void augment_control_begin(struct augment_control *control)
{
    *control = (struct augment_control){0};
}

void augment_control_see(struct augment_control *control, double sign, int64_t images)
{
    if (!isfinite(sign) || images < 1)
        return;
    control->signs += sign * (double)images;
    control->images += images;
    if (++control->steps < STEPS_BETWEEN)
        return;
    control->sureness = control->signs / (double)control->images;
    const double change = (double)control->images / images_to_full;
    const double strength = control->strength + (control->sureness > target ? change : -change);
    control->strength = fmin(fmax(strength, 0), strength_most);
    control->signs = 0;
    control->images = control->steps = 0;
}

static const char strength_key[] = "augment.strength", sureness_key[] = "augment.sureness",
                  signs_key[] = "augment.signs", images_key[] = "augment.images", steps_key[] = "augment.steps";

int augment_control_save(const struct augment_control *control, struct metadata *metadata)
{
    int status = metadata_set_real(metadata, strength_key, control->strength);
    if (status == 0)
        status = metadata_set_real(metadata, sureness_key, control->sureness);
    if (status == 0)
        status = metadata_set_real(metadata, signs_key, control->signs);
    if (status == 0)
        status = metadata_set_integer(metadata, images_key, control->images);
    return status < 0 ? status : metadata_set_integer(metadata, steps_key, control->steps);
}

int augment_control_load(struct augment_control *control, const struct metadata *metadata)
{
    enum { IMAGES_MOST = 1 << 30 };
    struct augment_control read;
    int status = metadata_real(metadata, strength_key, 0, strength_most, &read.strength);
    if (status == 0)
        status = metadata_real(metadata, sureness_key, -1, 1, &read.sureness);
    if (status == 0)
        status = metadata_real(metadata, signs_key, -(double)IMAGES_MOST, IMAGES_MOST, &read.signs);
    if (status == 0)
        status = metadata_integer(metadata, images_key, 0, IMAGES_MOST, &read.images);
    if (status == 0)
        status = metadata_integer(metadata, steps_key, 0, STEPS_BETWEEN - 1, &read.steps);
    if (status == 0)
        *control = read;
    return status;
}
