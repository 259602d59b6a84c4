/* The Inception network of 2015 (Szegedy et al. 2016) up to its last pooling, in the variant that the Frechet Inception
 * Distance is defined by: average pooling counts no padding, and the last block pools by the maximum. For use only:
 * each normalisation is folded into the convolution before it, so that a layer has a kernel and a bias. */
#ifndef NET_INCEPTION_H
#define NET_INCEPTION_H

#include "net/layers.h"

enum { INCEPTION_SIDE = 299, INCEPTION_FEATURES = 2048, INCEPTION_CONVOLUTIONS = 94 };

/* Pictures (N, any height, any width, 1 or 3) in [-1, 1] -> (N, 2048). They are brought to 299x299 bilinearly, without
 * antialiasing and with half-pixel centres; grey is taken for red, green and blue.
 *
 * Weights: "<prefix>.<layer>.weight" (outputs, height, width, inputs) and "<prefix>.<layer>.bias", with the names of
 * layers of the well-known PyTorch port ("Mixed_6b.branch7x7_2"). */
struct node *inception_features(const struct scope *scope, struct node *x);

#endif
