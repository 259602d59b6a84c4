/* The numbers of an audit as measures of the document. */
#ifndef STUDY_EVALUATE_AUDIT_ROWS_H
#define STUDY_EVALUATE_AUDIT_ROWS_H

#include "audit/verdict.h"

#include <jansson.h>

/* Appends what was measured in one space. `unidentified`: why nobody was to be recognised, if so; NULL if the images
 * have no groups. */
int audit_rows_of_space(json_t *measures, const struct audit_space *space, const char *unidentified);

/* Appends the near-duplicates of the synthetic images; the twin is the same of the holdout, which they cannot have
 * copied. Both were counted over as many real images as there are training images. */
int audit_rows_of_duplicates(json_t *measures, const struct duplicates_count *of_train,
                             const struct duplicates_count *of_holdout, int64_t train_images);

#endif
