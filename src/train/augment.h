/* Differentiable augmentation (Zhao et al., "Differentiable Augmentation for Data-Efficient GAN Training", 2020): what
 * the discriminator sees, real and generated alike, is altered at random, by operations through which the generator's
 * gradient flows. It must not know of losses, networks or schedules: a part of the graph between pictures and
 * discriminator, nothing else.
 *
 * Which random numbers an image gets depends on its part, not on which other parts there are. */
#ifndef TRAIN_AUGMENT_H
#define TRAIN_AUGMENT_H

#include "graph/graph.h"

enum augment_part {
    AUGMENT_BRIGHTNESS = 1,  /* adds up to +-0.5 where images span [-1, 1] */
    AUGMENT_SATURATION = 2,  /* distances of the channels from their mean times 0 to 2; nothing for grey */
    AUGMENT_CONTRAST = 4,    /* distances from the mean of the image times 0.5 to 1.5 */
    AUGMENT_TRANSLATION = 8, /* by whole pixels, up to an eighth of each side; mid grey comes in */
    AUGMENT_CUTOUT = 16,     /* a box of half of each side becomes mid grey; it may hang over the border */
    AUGMENT_MIRROR = 32,     /* left and right change places, for every other image */
    AUGMENT_SCALE = 64,      /* by 2^n, n normal of deviation 0.2 */
    AUGMENT_ROTATION = 128,  /* by up to 10 degrees */
};
enum { AUGMENT_PARTS = 8, AUGMENT_ALL = 255, AUGMENT_PURPOSES = 16 };

/* "brightness" and so on; part: one bit. */
const char *augment_name(unsigned part);

/* "none", or names joined by '+' or ','. The message about an unknown word lists the known ones. ("auto" is not a
 * policy but a request for one: see augment_policy.h.) */
int augment_parse(unsigned *parts, const char *text);

/* The same text back, joined by '+', in the order above. *out is the caller's, to free with free(). */
int augment_text(char **out, unsigned parts);

/* x (N, H, W, C) in [-1, 1] -> the same, augmented; differentiable in x as often as wanted. The random numbers are
 * those of purposes [purpose_first, purpose_first + AUGMENT_PURPOSES). strength: rank 0, the probability in [0, 1] with
 * which each part is applied to an image (p of Karras et al. 2020); NULL: always. Results may leave [-1, 1]. */
struct node *augment(struct graph *graph, unsigned parts, struct node *x, struct node *strength,
                     uint32_t purpose_first);

/* The mean sign of D's logits on real images, rank 0: what augment_control.h steers by. */
struct node *augment_sign(struct graph *graph, struct node *logits);

#endif
