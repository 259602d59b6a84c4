/* What an audit may say, and why. Knows numbers only. It never says that a set is safe: it says what was looked for,
 * with which power, and what was seen. */
#ifndef AUDIT_VERDICT_H
#define AUDIT_VERDICT_H

#include "audit/copying.h"
#include "audit/duplicates.h"
#include "audit/identity.h"
#include "audit/membership.h"
#include "audit/separation.h"

#include <stdbool.h>

/* One set's distances in one space of features. */
struct audit_numbers {
    struct copying copying;
    struct membership membership;
};

/* The same attacks on the set and on two whose answer is known, and what would mislead all of them. */
struct audit_space {
    const char *name; /* "pixels": begins the sentences; borrowed */
    bool by_group;    /* whole groups were dealt out and told apart, not images */
    struct audit_numbers synthetic;
    struct audit_numbers copycat; /* training images with little noise: must be caught */
    struct audit_numbers fresh;   /* real images that nobody trained on: must give the nulls */
    struct separation separation; /* of train and holdout, which must not be told apart by themselves */
    struct identity identity;     /* identity_measure() sets it; all 0 where nobody has a name */
};

struct audit_sets {
    struct feature_set train, holdout, synthetic, copycat;
    const int64_t *train_group, *holdout_group; /* of each row, as for grouping_of_split(); both may be NULL */
};

enum { AUDIT_SET_MINIMUM = 2 * COPYING_SET_MINIMUM }; /* half of a holdout is a set of its own */

/* Measures everything in one space, but not the identity. The fresh set is the second half of holdout, held against the
 * first half and as many training images, so it must be drawn in a random order (of groups, where there are some); the
 * copycat is made from all of train, in any order. train and holdout equally many, at least AUDIT_SET_MINIMUM. */
int audit_space_measure(struct audit_space *out, const char *name, const struct audit_sets *sets, struct pool *pool);

enum audit_verdict {
    AUDIT_NO_LEAK_DETECTED,
    AUDIT_SUSPECT,
    AUDIT_LEAKS,
    AUDIT_NO_POWER,
};

/* "no leak detected at this power", "suspect", "leaks", "this audit has no power" */
const char *audit_verdict_text(enum audit_verdict verdict);

enum {
    VERDICT_SPACES_MAXIMUM = 8,
    VERDICT_CONTROLS_MAXIMUM = 8 * VERDICT_SPACES_MAXIMUM,
    VERDICT_FINDINGS_MAXIMUM = 8 * VERDICT_SPACES_MAXIMUM + 1,
    VERDICT_REASONS_MAXIMUM = VERDICT_CONTROLS_MAXIMUM + VERDICT_FINDINGS_MAXIMUM + 1,
    VERDICT_TEXT = 240,
};

struct audit_control {
    char name[VERDICT_TEXT / 2];     /* "pixels: copycat, membership AUC" */
    char expected[VERDICT_TEXT / 2]; /* "at least 0.90" */
    double value;
    bool passed;
};

struct verdict {
    enum audit_verdict verdict;
    int control_count, reason_count;
    struct audit_control controls[VERDICT_CONTROLS_MAXIMUM];
    char reasons[VERDICT_REASONS_MAXIMUM][VERDICT_TEXT]; /* whole sentences, at least one */
};

/* `train` and `holdout`: near-duplicates of the synthetic set in each; NULL for both if there were none sought.
 *
 * However many attacks there are, all of them together call an innocent set suspect in at most one of 40 audits,
 * leaking in one of 740 (the tails beyond 1.96 and 3 standard errors; Holm's correction); duplicates have the same
 * levels to themselves. One control that fails takes the audit's power, and with it every verdict but what duplicates
 * say: a copy is a copy. */
int verdict_reach(struct verdict *out, const struct audit_space *spaces, int space_count,
                  const struct duplicates_count *train, const struct duplicates_count *holdout);

#endif
