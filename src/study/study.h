/* What all studies have in common: options with their defaults, the work folder, sentences about what is not known, and
 * the document that comes out. */
#ifndef STUDY_STUDY_H
#define STUDY_STUDY_H

#include "study/material.h"
#include "study/work.h"

#include <jansson.h>
#include <standin/standin.h>
#include <stdint.h>

struct study {
    struct work *work;
    standin_study_options options; /* with the defaults in */
    json_t *unknown;
};

/* `sets`: those that the study reads, NULL where there is none; its work folder must not lie in one of them. */
int study_begin(struct study *study, const standin_study_options *options, const standin_dataset *const *sets,
                int count);
void study_end(struct study *study);

/* Adds a sentence to `unknown`. Memory that is not there is noticed when the document is made. */
void study_note(struct study *study, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* What every reader of such numbers has to know: equal images across the split, groups, how often an image was asked
 * about. */
void study_note_material(struct study *study, const struct material *material);

/* Seconds as units of progress, which are steps of a classifier on this set; measured once. */
int study_measure_pace(struct study *study, const standin_dataset *set, double *seconds_a_step);

/* {path, images, classes, hash, width, height, channels} */
json_t *study_set(const standin_dataset *set);

/* An interval of finite numbers; JSON's null is never written: NULL without memory. */
json_t *study_interval(double low, double high);

/* Of up to 64 bits: a number, or as text what is larger than a JSON integer may be. */
json_t *study_seed(uint64_t seed);

/* *text is the document of this kind: what all have, then the keys of `body`, whose reference it takes. */
int study_document(char **text, struct study *study, const char *kind, json_t *sets, json_t *body);

#endif
