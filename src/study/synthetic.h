/* Synthetic images in the shape of a real set: as many of each class, or the same images with noise. */
#ifndef STUDY_SYNTHETIC_H
#define STUDY_SYNTHETIC_H

#include <standin/standin.h>
#include <stdint.h>

/* Every class of `real` must be in `synthetic`. */
int synthetic_check(const standin_dataset *synthetic, const standin_dataset *real);

/* Of each class as many images as `real` has, or all where there are fewer; which ones is drawn by lot. */
int synthetic_like(standin_dataset **out, const standin_dataset *synthetic, const standin_dataset *real, uint64_t seed);

/* The images of `real`, each changed by noise that nobody sees. */
int synthetic_copycat(standin_dataset **out, const standin_dataset *real, uint64_t seed);

/* `times` as many images of each class as `real` has, made by the generator: its first ones. */
int synthetic_made(standin_dataset **out, standin_generator *generator, const standin_dataset *real, double times,
                   uint64_t seed);

#endif
