/* Reading the class off an image by a linear function, learned from real images: Fisher's linear discriminant (1936).
 * Much less than a classifier can do, but enough to see whether classes differ where the real ones do. Numbers in,
 * numbers out; it must not know where they come from. */
#ifndef TRAIN_WATCH_READER_H
#define TRAIN_WATCH_READER_H

#include "train/watch_measure.h"

/* What is read: a small thumbnail, which says where things are, and for colour images how often each of 64 colours
 * occurs, which says what they are made of wherever they are. */
int64_t reading_numbers(int64_t channels);
void reading_make(const float *image, int64_t height, int64_t width, int64_t channels, float *reading);

struct class_reader;

int class_reader_new(struct class_reader **out, int classes, int64_t numbers);
void class_reader_free(struct class_reader *reader);

/* First all examples, then solve, then gaps. */
void class_reader_learn(struct class_reader *reader, const float *reading, int class);
int class_reader_solve(struct class_reader *reader);

/* On a scale of its own: how much more the images of one set look like class `one` than like class `other`, against
 * those of the other set, on average. deviation: of single images about that, or NULL. */
double class_reader_gap(const struct class_reader *reader, int one, const struct thumbnails *set_one, int other,
                        const struct thumbnails *set_other, double *deviation);

#endif
