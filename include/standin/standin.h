/* Standin: train a generative adversarial network on a folder of labelled images that may not leave the house,
 * and hand out a labelled synthetic set instead.
 *
 * This is the whole public interface: opaque handles and plain C types, callable from any language.
 *
 * Conventions
 * - Fallible functions return 0 or a negative `enum standin_status` and leave one line, naming the file and the
 *   value, for standin_error_message(). The library never prints, exits or aborts.
 * - `T **out` is the caller's, to free with the matching `_free`; `_free(NULL)` is fine. Strings and pointers that
 *   getters return are borrowed and live as long as the handle.
 * - Option structures are filled by their `STANDIN_..._INIT` and changed where wanted; zero and NULL mean the default.
 * - Handles may be used from any thread, but from one at a time.
 * - Text is UTF-8, paths are the system's bytes. */
#ifndef STANDIN_H
#define STANDIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define STANDIN_VERSION "0.1.0"

enum standin_status {
    STANDIN_OK = 0,
    STANDIN_FAILED = -1,
    STANDIN_MEMORY = -2,      /* an allocation failed */
    STANDIN_FILE = -3,        /* a file or folder could not be opened, read or written */
    STANDIN_INPUT = -4,       /* what a file or an argument says makes no sense */
    STANDIN_INTERRUPTED = -5, /* asked to stop; everything worth keeping is saved */
};

/* The version of the library that runs, as "major.minor.patch". */
const char *standin_version(void);

/* One line about the last failure on this thread, without a line end; never NULL. */
const char *standin_error_message(void);

/* Receives one line of news ("skipped x.jpg: ...", "saved ..."), on the thread that called the library. Process-wide;
 * NULL (the default) is silence. Set it before other calls. */
typedef void standin_log_function(void *context, const char *line);
void standin_log_set(standin_log_function *function, void *context);

/* Called often during long work. `done` of `total` units (total 0: unknown); returns non-zero to ask the work to
 * stop, which it does as soon as nothing is lost, with STANDIN_INTERRUPTED. */
typedef int standin_progress_function(void *context, const char *what, int64_t done, int64_t total);

/* ---- Datasets -------------------------------------------------------------------------------------------- */

enum standin_fit { STANDIN_FIT_CROP, STANDIN_FIT_PAD, STANDIN_FIT_STRETCH };

typedef struct standin_dataset standin_dataset;

/* Of a set that is split into train/, val/ and test/: all of it, what may be trained on, or what may be tested on (test/,
 * or val/ where there is no test/). Of other sets always all. */
enum standin_part { STANDIN_PART_ALL, STANDIN_PART_TRAIN, STANDIN_PART_TEST };

typedef struct standin_dataset_options {
    int width, height;       /* of every decoded image, 8..4096 pixels; 0: only look, every file is read once and
                              * checked, no pixels are kept, and the log stays silent */
    enum standin_fit fit;    /* how other proportions are brought to width x height: the largest centred part, the
                              * whole on black, or the whole stretched */
    int channels;            /* 1 grey, 3 colour, 0 grey if all images are grey, else colour */
    const char *class_name;  /* only this class; NULL: all */
    enum standin_part part;  /* which splits, where there are any */
    int64_t pixel_limit;     /* larger images (width x height) are skipped before decoding; 0: 100 million */
    int threads;             /* for decoding; 0: one a processor */
    standin_progress_function *progress;
    void *progress_context;
} standin_dataset_options;
#define STANDIN_DATASET_OPTIONS_INIT {0, 0, STANDIN_FIT_CROP, 0, NULL, STANDIN_PART_ALL, 0, 0, NULL, NULL}

/* Opens a set of labelled images, reads them and keeps them decoded if a size is given (grey stays one channel;
 * 8-bit samples, width * height * channels bytes an image). `path` is a folder of class folders (also under train/,
 * val/ and test/; a level of folders inside a class is the group), a flat folder (one class), a folder of MNIST IDX
 * files or one of their files of images (its labels file beside it; either may be gzipped), or a CSV
 * `file,label[,group]` with paths relative to it. Files are in bytewise order of their names, level by level; IDX
 * images in the order of the file. Classes are in bytewise order; names that differ only in capitals are different
 * classes, with a warning in the log. Colour profiles are applied, other colour spaces become sRGB, transparency lies
 * on white, EXIF rotation is undone. Unreadable files are skipped and listed. Fails if no image is left, or if the
 * pixels would fill more than three quarters of the machine's memory. */
int standin_dataset_open(standin_dataset **out, const char *path, const standin_dataset_options *options);
void standin_dataset_free(standin_dataset *dataset);

int standin_dataset_classes(const standin_dataset *dataset);
const char *standin_dataset_class_name(const standin_dataset *dataset, int class_index);
int64_t standin_dataset_class_images(const standin_dataset *dataset, int class_index);
int64_t standin_dataset_images(const standin_dataset *dataset);
int standin_dataset_width(const standin_dataset *dataset);  /* decoded size; 0 if only looked at */
int standin_dataset_height(const standin_dataset *dataset);
int standin_dataset_channels(const standin_dataset *dataset);

/* About image `index`, 0 <= index < standin_dataset_images(). */
typedef struct standin_image {
    const char *path;      /* for IDX: file#number */
    int class_index;
    const char *group;     /* "" if the set has none */
    const char *split;     /* "train", "val", "test" or "" */
    int width, height;     /* of the file, after rotation by its EXIF tag */
    int channels, bits;    /* of the file: 1 or 3; 8 or 16 */
    const uint8_t *pixels; /* decoded, or NULL if only looked at */
    int64_t duplicate_of;  /* an earlier image with the same pixels, or -1 */
} standin_image;
int standin_dataset_image(const standin_dataset *dataset, int64_t index, standin_image *image);

/* Decodes one image of an open set to `pixels`, width * height * channels bytes; channels 1 or 3. Meant for a few: what
 * is trained on is decoded when the set is opened. */
int standin_dataset_decode(const standin_dataset *dataset, int64_t index, int width, int height, enum standin_fit fit,
                           int channels, uint8_t *pixels);

/* Files that could not be used, each with its reason; also folders, and lines of a CSV as file:line. */
int64_t standin_dataset_skipped(const standin_dataset *dataset);
int standin_dataset_skipped_file(const standin_dataset *dataset, int64_t index, const char **path, const char **reason);

/* A hash over names, labels, groups, splits and the full pixels of the files, as 64 hexadecimal digits: the same set
 * gives the same hash, in whatever size it was opened. */
const char *standin_dataset_hash(const standin_dataset *dataset);

/* The images with these numbers, in this order, as a set of its own; of a set that was opened with a size. */
int standin_dataset_take(standin_dataset **out, const standin_dataset *dataset, const int64_t *images, int64_t count);

/* Deals the images out by lot, each class evenly: part[image] becomes 0..parts-1. Images with equal pixels share a part and, if
 * `by_group`, so do images of one group. Fails if a class does not reach all parts. */
int standin_dataset_deal(int32_t *part, const standin_dataset *dataset, int parts, int by_group, uint64_t seed);

/* How many images of `of` are in `among` as well: with the same pixels, or so like one that it is the same picture again (RMSE at
 * most 2/255, or SSIM at least 0.95). Both sets opened in one size and colour. */
typedef struct standin_duplicates {
    int64_t images, identical, all; /* looked at; with the same pixels; these and the alike */
} standin_duplicates;
int standin_dataset_duplicates(standin_duplicates *found, const standin_dataset *of, const standin_dataset *among, int threads);

/* ---- Pictures -------------------------------------------------------------------------------------------- */

/* Writes `count` images of width * height * channels bytes, one after another, as one PNG with `columns` columns,
 * separated by thin lines. Optional row labels are not drawn. */
int standin_sheet_write(const char *path, const uint8_t *pixels, int64_t count, int width, int height, int channels,
                        int columns);

/* The same sheet drawn with characters for a terminal of `columns` x `rows` cells, as a string that the caller
 * frees with standin_text_free. colours: 2, 16, 256 or 16777216. */
int standin_sheet_text(char **out, const uint8_t *pixels, int64_t count, int width, int height, int channels,
                       int sheet_columns, int columns, int rows, int colours);
void standin_text_free(char *text);

/* ---- Recipes --------------------------------------------------------------------------------------------- */

/* All settings of a training run: networks, loss, optimiser, sizes. Named recipes are built in; any can be written out,
 * changed and read again. */
typedef struct standin_recipe standin_recipe;

/* `name` is a built-in recipe's name or the path of a recipe file (INI: key = value). Unknown keys and values out of
 * range are errors that name the file, the line, and the nearest key there is. */
int standin_recipe_open(standin_recipe **out, const char *name);
void standin_recipe_free(standin_recipe *recipe);
int standin_recipe_set(standin_recipe *recipe, const char *key, const char *value);

/* The recipe `auto` wants to know the data and the time: its size from a dataset that was only looked at, then the rest from
 * the same opened in that size; `budget_seconds` 0: not limited. Settings that were set stay. *reasons says what was chosen
 * and why, a line for each choice ("" for other recipes: they are as they are). Free with standin_text_free. */
int standin_recipe_is_automatic(const standin_recipe *recipe);
int standin_recipe_fit_size(standin_recipe *recipe, char **reasons, const standin_dataset *dataset);
int standin_recipe_fit(standin_recipe *recipe, char **reasons, const standin_dataset *dataset, double budget_seconds);

/* Which augmentations (values of the setting `augment`) leave the labels of a set right, and why, a line for each group:
 * judged by a sample of its images, which must have been opened with a size. Both strings: free with standin_text_free. */
int standin_augment_choose(char **policy, char **reasons, const standin_dataset *dataset);

/* Writes a PNG that shows a policy: six rows of an image and nine versions of it. */
int standin_augment_sheet(const char *path, const standin_dataset *dataset, const char *policy, uint64_t seed, int threads);

/* Not 0 if its networks are told the classes of a set of several; else they make images of all, and nobody knows which of which. */
int standin_recipe_learns_labels(const standin_recipe *recipe);

/* Sets width, height and channels to those of the images that the recipe trains on. */
void standin_recipe_dataset_options(const standin_recipe *recipe, standin_dataset_options *options);

/* The whole recipe as a recipe file, each setting with its explanation. Free with standin_text_free. */
int standin_recipe_text(const standin_recipe *recipe, char **out);

/* Name and one line about built-in recipe `index`; NULL when there are no more. */
const char *standin_recipe_name(int index);
const char *standin_recipe_summary(int index);

/* ---- Training -------------------------------------------------------------------------------------------- */

typedef struct standin_training_status {
    int64_t step, steps;            /* done and to do */
    double loss_d, loss_g;          /* of the last step */
    double images_per_second;       /* real images seen, over the last few seconds */
    double seconds, seconds_left;   /* since the start (earlier sessions included), and expected */
    const char *event;              /* NULL, or what just happened: "checkpoint", "samples", "timing" (of an estimate),
                                     * "reached" (a run that is resumed is at its goal already; nothing else is told), or a
                                     * sentence about trouble */
    const uint8_t *samples;         /* with event "samples": sample_count images */
    int sample_count, sample_columns, width, height, channels;
} standin_training_status;

/* Called after every step; returns non-zero to ask for a stop: the step's checkpoint is written first. */
typedef int standin_training_function(void *context, const standin_training_status *status);

typedef struct standin_train_options {
    int64_t steps;          /* 0: as the recipe or the budget says */
    double budget_seconds;  /* 0: none. With a budget the number of steps follows from the measured time of a step; time
                             * left after them becomes more steps, unless a schedule of the recipe goes by their number. */
    uint64_t seed;
    int threads;            /* 0: one a processor */
    int shards;             /* 0: 8. Part of the result: change it and the bits change. */
    double sample_seconds;  /* between sample grids; 0: 30 */
    double checkpoint_seconds; /* 0: 60 */
    const char *profile;    /* not NULL: write a table of times a step to this file at the end */
    standin_training_function *progress;
    void *progress_context;
} standin_train_options;
#define STANDIN_TRAIN_OPTIONS_INIT {0, 0, 1, 0, 0, 0, 0, NULL, NULL, NULL}

/* Trains a new run in folder `run`, which must not hold one yet. On return STANDIN_OK: finished; STANDIN_INTERRUPTED:
 * stopped when asked, can be resumed. The folder holds recipe.ini (resolved), run.json, checkpoint.safetensors,
 * metrics.jsonl and samples/. The dataset must have been opened with the recipe's size. */
int standin_train(const char *run, const standin_dataset *dataset, const standin_recipe *recipe,
                  const standin_train_options *options);

/* Goes on with a run from its last checkpoint, bit for bit as if it had never stopped. The dataset must be the same
 * (its hash is compared), and so must recipe.ini, steps aside. options->steps or budget_seconds, if set, replace
 * the old goal; STANDIN_INPUT if the run is beyond it. A run that is there already stays as it is. Where the dataset was
 * opened becomes the place of the run's images. */
int standin_train_resume(const char *run, const standin_dataset *dataset, const standin_train_options *options);

/* How the data of an existing run was opened, so that it can be opened again. Strings belong to `run`. */
typedef struct standin_run standin_run;
int standin_run_open(standin_run **out, const char *path);
void standin_run_free(standin_run *run);
const char *standin_run_data_path(const standin_run *run);
void standin_run_dataset_options(const standin_run *run, standin_dataset_options *options);

/* Whether the run in folder `run` was begun with this recipe, seed and number of shards; STANDIN_INPUT, with the differences, if
 * not. recipe or seed NULL, shards 0: not asked. Of a recipe all settings count but steps, and what `auto` would choose. */
int standin_run_check(const char *run, const standin_recipe *recipe, const uint64_t *seed, int shards);

/* Before any training: what it would take. */
typedef struct standin_estimate {
    int64_t parameters_g, parameters_d;
    int64_t memory_bytes;          /* at the peak, the dataset included */
    double step_flops;             /* arithmetic of one step by definition */
    double step_seconds;           /* measured */
    int64_t steps;
    double seconds;                /* of the whole run */
} standin_estimate;

/* Takes three steps to time them, or two slow ones, and keeps nothing. options->progress is called before each, with the event
 * "timing"; asked to stop it returns STANDIN_INTERRUPTED. */
int standin_train_estimate(standin_estimate *estimate, const standin_dataset *dataset, const standin_recipe *recipe,
                           const standin_train_options *options);

/* ---- Generators ------------------------------------------------------------------------------------------ */

typedef struct standin_generator standin_generator;

/* `path`: a run folder or a checkpoint. threads 0: one a processor. */
int standin_generator_open(standin_generator **out, const char *path, int threads);
void standin_generator_free(standin_generator *generator);
int standin_generator_width(const standin_generator *generator);
int standin_generator_height(const standin_generator *generator);
int standin_generator_channels(const standin_generator *generator);

/* The classes that it makes; 0 if it was trained on several without labels. A name is a plain folder name. */
int standin_generator_classes(const standin_generator *generator);
const char *standin_generator_class_name(const standin_generator *generator, int class_index);

/* Images first .. first + count - 1 of the endless row that (model, class, seed) stands for, as 8-bit samples into `pixels`,
 * count * width * height * channels bytes. Image i is the same whatever else is made with it. class_index: 0 if there are no
 * classes. */
int standin_generator_make(standin_generator *generator, int class_index, uint64_t seed, int64_t first, int64_t count,
                           uint8_t *pixels);

typedef struct standin_set_options {
    int64_t count;          /* images in all, dealt out evenly to the classes; 0: per_class says */
    int64_t per_class;      /* of each class */
    const char *class_name; /* only this class; NULL: all */
    uint64_t seed;
    int grid;               /* also grid.png: with several classes a row of each, else the first images */
    standin_progress_function *progress;
    void *progress_context;
} standin_set_options;
#define STANDIN_SET_OPTIONS_INIT {0, 0, NULL, 1, 0, NULL, NULL}

/* Writes a set of PNG files into folder `path`, which must be empty or not there: with classes a folder for each, and beside
 * them manifest.csv (file,label,seed,index) and metadata.csv (file_name,label). The folder appears complete or not at all: it is
 * filled in `path`.part (an empty folder that is there already: in `path`/.part, and the manifest is moved last). What a killed
 * program left there is removed first; a stop or an error leaves nothing. */
int standin_generator_write(standin_generator *generator, const char *path, const standin_set_options *options);

/* ---- Classifiers ----------------------------------------------------------------------------------------- */

/* A small residual network that learns the classes of a set: the yardstick for synthetic images. Trained with the same
 * options on two sets and tested on a third, it says which of the two is worth more. */
typedef struct standin_classifier standin_classifier;

enum standin_augment {
    STANDIN_AUGMENT_CLASSIC, /* every picture is moved, turned, scaled and lit a little differently each time */
    STANDIN_AUGMENT_NONE,
};

typedef struct standin_classifier_status {
    int64_t step, steps;          /* done and to do */
    double loss;                  /* of the last step */
    double images_per_second;
    double seconds, seconds_left; /* since the start, and expected */
} standin_classifier_status;

/* Called after every step; returns non-zero to ask for a stop: nothing is written then. */
typedef int standin_classifier_function(void *context, const standin_classifier_status *status);

/* Enough for the small sets that this is for. */
#define STANDIN_CLASSIFIER_STEPS 800

typedef struct standin_classifier_options {
    int64_t steps;   /* 0: STANDIN_CLASSIFIER_STEPS, whatever the set, so that sets can be compared */
    uint64_t seed;
    int threads;     /* 0: one a processor. Changes no bit of the result. */
    enum standin_augment augment;
    int mirror;      /* not 0: every second picture is mirrored left to right */
    const standin_dataset *first; /* NULL, or images to begin with, such as synthetic ones where real ones are few, with
                                   * no other classes: all of the first step's images, falling evenly to none of them
                                   * after three fifths of the steps */
    const char *profile; /* not NULL: write a table of times a step to this file at the end */
    standin_classifier_function *progress;
    void *progress_context;
} standin_classifier_options;
#define STANDIN_CLASSIFIER_OPTIONS_INIT {0, 1, 0, STANDIN_AUGMENT_CLASSIC, 0, NULL, NULL, NULL, NULL}

/* Trains on a set of at least two classes, opened with a size of at least 28x28, and writes the model to the file
 * `path`. Each class is shown as often as any other, however many images it has. A loss that is no number is
 * STANDIN_FAILED, being asked to stop STANDIN_INTERRUPTED; no file is written then. */
int standin_classifier_train(const char *path, const standin_dataset *dataset,
                             const standin_classifier_options *options);

int standin_classifier_open(standin_classifier **out, const char *path, int threads);
void standin_classifier_free(standin_classifier *classifier);
int standin_classifier_width(const standin_classifier *classifier); /* of the pictures that it looks at */
int standin_classifier_height(const standin_classifier *classifier);
int standin_classifier_channels(const standin_classifier *classifier);
int standin_classifier_classes(const standin_classifier *classifier);
const char *standin_classifier_class_name(const standin_classifier *classifier, int class_index);

/* The most likely class of each of `count` pictures, count * width * height * channels bytes. An answer does not depend
 * on what else is asked for. */
int standin_classifier_predict(standin_classifier *classifier, const uint8_t *pixels, int64_t count,
                               int32_t *class_index);

/* Predicts a whole set, opened in the classifier's size and channels. Its classes are matched by name; one that the
 * classifier does not know is an error. counts[actual * classes + predicted], classes * classes of them, in the order
 * of the classifier. */
int standin_classifier_test(standin_classifier *classifier, const standin_dataset *dataset, int64_t *counts,
                            standin_progress_function *progress, void *progress_context);

/* ---- Confusion matrices ---------------------------------------------------------------------------------- */

/* Wilson's 95 % interval of a share: centre +- half_width (Wilson 1927); of no trials: all of 0..1. */
void standin_wilson(int64_t hits, int64_t trials, double *centre, double *half_width);

/* Of counts[actual * classes + predicted]. What cannot be said, because nothing counts towards it, is NaN. */
typedef struct standin_confusion {
    int64_t images, hits;
    double accuracy;
    double accuracy_low, accuracy_high; /* Wilson's 95 % interval */
    double balanced_accuracy;           /* mean sensitivity of the classes that occur */
    double macro_f1;                    /* mean F1 of the classes that occur or are predicted */
} standin_confusion;
void standin_confusion_measure(const int64_t *counts, int classes, standin_confusion *confusion);

typedef struct standin_class_confusion {
    int64_t images, predicted, hits;
    double sensitivity; /* of its images, the share that is predicted to be of it */
    double specificity; /* of all other images, the share that is not */
    double precision;   /* of the images predicted to be of it, the share that is */
    double f1;          /* harmonic mean of sensitivity and precision */
} standin_class_confusion;
void standin_confusion_measure_class(const int64_t *counts, int classes, int class_index,
                                     standin_class_confusion *confusion);

/* All of it as tables for people, or with `json` as one JSON object. Free with standin_text_free. */
int standin_confusion_text(char **out, const int64_t *counts, int classes, const char *const *class_names, int json);

/* The matrix as a picture: counts and per cent of each row, darker for more. At most 64 classes. */
int standin_confusion_write(const char *path, const int64_t *counts, int classes, const char *const *class_names);

/* ---- Documents and the report ---------------------------------------------------------------------------- */

/* A document (JSON, as `--json` prints it; docs/documents.md) as text for people, under 100 columns wide. Free with
 * standin_text_free. */
int standin_document_text(char **out, const char *document);

/* One sentence from the documents of utility and evaluation among these, the report's first; "" if there are none. Free with
 * standin_text_free. */
int standin_documents_verdict(char **out, const char *const *documents, int count);

/* The numbers that the report shows of a training, read from the run's folder, as one JSON object (docs/documents.md, `training`).
 * Free with standin_text_free. */
int standin_training_numbers(char **out, const char *run);

typedef struct standin_report {
    const char *const *documents; /* JSON texts of any kind, in any number; one of `make` brings those that it holds */
    int document_count;
    const standin_dataset *real, *synthetic; /* opened with one size; random images of them are shown. NULL: none. */
    const char *run;   /* a run folder: its curves, recipe and time; NULL: none */
    uint64_t seed;     /* of the random images */
    const char *title; /* NULL: a general one */
} standin_report;
#define STANDIN_REPORT_INIT {NULL, 0, NULL, NULL, NULL, 1, NULL}

/* Writes one HTML file that holds everything that it shows and runs no script. Parts without material are left out. It names the
 * last part of paths alone. */
int standin_report_write(const char *path, const standin_report *report);

/* Called with the page's address as soon as it can be opened, and then a few times a second; returns non-zero to ask for the end. */
typedef int standin_watch_function(void *context, const char *address);

typedef struct standin_watch_options {
    int port;  /* 0: any that is free */
    int ports; /* this one and those behind it, so many in all, are tried in turn; 0: this one alone */
    standin_watch_function *progress; /* NULL: watches for ever */
    void *progress_context;
} standin_watch_options;
#define STANDIN_WATCH_OPTIONS_INIT {8765, 20, NULL, NULL}

/* Shows a run as it goes on (samples, curves, time left, trouble) as a page for the browsers of this machine, until asked to
 * end, which is STANDIN_OK. Listens on 127.0.0.1 alone, answers requests for this page alone, and only reads the run's folder. */
int standin_watch(const char *run, const standin_watch_options *options);

/* ---- Studies --------------------------------------------------------------------------------------------- */

/* What synthetic images are worth, measured with classifiers that differ in nothing but what they learned from. A study may
 * take hours: whatever is finished stays in its work folder, and the same call goes on where the one before ended. */
typedef struct standin_study_options {
    const char *work;    /* the work folder, made if missing; NULL: a temporary one, gone afterwards */
    int64_t steps;       /* of every classifier; 0: STANDIN_CLASSIFIER_STEPS */
    int seeds;           /* classifiers of each kind; 0: 5 */
    int folds;           /* where there is no test set; 0: 5 */
    uint64_t seed;
    int threads;         /* 0: one a processor. Changes no bit of a result. */
    int64_t real;        /* augment, estimate: so many of the real images alone, drawn by lot; 0: all */
    int64_t times;       /* augment: up to so many times as many synthetic images as real ones; 0: 32 */
    const char *recipe;  /* of the generators, and one that learns labels; NULL: "auto" */
    double budget_seconds;   /* for each generator; 0: ten minutes */
    int64_t generator_steps; /* instead of that; 0: none */
    double target;       /* estimate: the accuracy that is wanted; 0: 0.9 */
    int generators;      /* estimate: not 0: also train generators, on a quarter, half and all of the images */
    standin_progress_function *progress; /* units are about equally long */
    void *progress_context;
} standin_study_options;
#define STANDIN_STUDY_OPTIONS_INIT {NULL, 0, 0, 0, 1, 0, 0, 0, NULL, 0, 0, 0, 0, NULL, NULL}

/* Each writes one document (docs/documents.md), to free with standin_text_free. Sets must have been opened in one size and
 * colour, and hold at least two classes. `test` NULL: folds of `real` test each other; images of one group, and equal ones,
 * share a fold (estimate holds back one fold alone). */

/* Classifiers trained on real, synthetic, and both kinds of images, tested on real ones. */
int standin_study_utility(char **document, const standin_dataset *real, const standin_dataset *test,
                          const standin_dataset *synthetic, const standin_study_options *options);

/* Few real images: nothing, classic augmentation, synthetic images of a generator that was trained on these few alone, both. */
int standin_study_augment(char **document, const standin_dataset *real, const standin_dataset *test,
                          const standin_study_options *options);

/* How many images are needed, how long a generator takes, how much memory. */
int standin_study_estimate(char **document, const standin_dataset *real, const standin_dataset *test,
                           const standin_study_options *options);

/* ---- Evaluation ------------------------------------------------------------------------------------------ */

/* All opened in one size and colour; the last three may be NULL. */
typedef struct standin_evaluation_sets {
    const standin_dataset *real, *synthetic;
    const standin_dataset *train;   /* what the generator was trained on */
    const standin_dataset *holdout; /* real images that nobody trained on, the twin of every measure; NULL: `real` is halved */
    const standin_dataset *test;    /* real images to test the classifier of the task features on */
} standin_evaluation_sets;

typedef struct standin_evaluate_options {
    const char *work;      /* finished stages are kept here, and the same call goes on; NULL: nowhere */
    int64_t steps;         /* of the classifiers that the task features are of; 0: STANDIN_CLASSIFIER_STEPS */
    uint64_t seed;
    int threads;           /* 0: one a processor. Changes no bit of a result. */
    const char *inception; /* a safetensors file of the Inception network's weights, for FID; NULL: none */
    standin_progress_function *progress;
    void *progress_context;
} standin_evaluate_options;
#define STANDIN_EVALUATE_OPTIONS_INIT {NULL, 0, 1, 0, NULL, NULL, NULL}

/* How good a synthetic set is and what it gives away: image measures, set measures, privacy, classes, as one document of kind
 * `evaluation` (docs/documents.md), to free with standin_text_free. Every number stands beside the same of real images against
 * real images. What cannot be measured is in the document, with the reason. The audit needs `train` and `holdout`. */
int standin_evaluate(char **document, const standin_evaluation_sets *sets, const standin_evaluate_options *options);

enum standin_select_by {
    STANDIN_SELECT_SSIM,       /* mean SSIM to random real images of the class */
    STANDIN_SELECT_DENSITY,    /* how many real images have it in their neighbourhood */
    STANDIN_SELECT_CLASSIFIER, /* how likely its class is, by a classifier trained on the real images */
    STANDIN_SELECT_NEAREST,    /* how near the nearest real image is, those left out that are nearer than real ones to each other */
};

typedef struct standin_select_options {
    enum standin_select_by by;
    double keep;         /* share of each class, above 0 and below 1; 0: half */
    int reject_copies;   /* not 0: near-duplicates of real images are left out first */
    const char *work;    /* as for standin_evaluate */
    int64_t steps;
    uint64_t seed;
    int threads;
    standin_progress_function *progress;
    void *progress_context;
} standin_select_options;
#define STANDIN_SELECT_OPTIONS_INIT {STANDIN_SELECT_SSIM, 0, 0, NULL, 0, 1, 0, NULL, NULL}

/* Writes the best of a synthetic set to the new folder `path`: PNG files in the size of the originals, a folder for each class,
 * manifest.csv (file,label,source,score) and metadata.csv (file_name,label). The folder appears complete or not at all. The
 * document, of kind `selection`, has diversity and copying before and after; to free with standin_text_free. */
int standin_select(char **document, const char *path, const standin_dataset *synthetic, const standin_dataset *against,
                   const standin_select_options *options);

/* ---- Looking into files ---------------------------------------------------------------------------------- */

/* What a run folder, a checkpoint or a model file holds, as text for people or as one JSON object. Free with
 * standin_text_free. */
int standin_info(char **out, const char *path, int json);

#ifdef __cplusplus
}
#endif
#endif
