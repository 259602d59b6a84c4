/* The tables, the reader and the help. */
#include "arguments.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

const struct command commands[] = {
    {"make", "DIR", false, "the whole job: from real images to a synthetic set with its report",
     "Looks at the images of DIR, splits them into train, holdout and test so that the test has groups of its own, trains a generator "
     "on the training part alone, makes a synthetic set, measures how good it is and what it gives away, has classifiers learn from "
     "it, and writes SHARE: the set, its tables and a report that shows no real image. All that stays private, and a report with "
     "real images beside synthetic ones, lies in the work folder. The budget is for everything together. The same command goes on "
     "after a stop, and SHARE appears complete or not at all.",
     "standin make photos -o share --budget 1h", command_make},
    {"inspect", "DIR", false, "say what is in a folder of images",
     "Reads every image of a set and says how many there are of each class, split and group, their sizes, which are "
     "duplicates, and which files cannot be read and why. A few random images of every class are drawn in the terminal "
     "and, with --sheet, written as a contact sheet. DIR is a folder of class folders, a flat folder, an MNIST file of "
     "images, or a CSV file of file,label[,group].",
     "standin inspect photos --sheet contact.png", command_inspect},
    {"train", "DIR", true, "train a generator on a folder of images",
     "Trains a new run in the folder RUN on the images of DIR, as a recipe says. Ctrl-C finishes the step and saves a "
     "checkpoint; --resume goes on from it, bit for bit as if there had been no break. The same data, recipe, seed and "
     "shards give the same bits, whatever the number of threads.",
     "standin train photos -o runs/first --class car --budget 30m", command_train},
    {"watch", "RUN", false, "show a training as it goes, in a browser of this machine",
     "Serves a page about RUN until Ctrl-C: what the training is doing, the time left, trouble, the newest samples and all curves. "
     "It renews itself and needs no script. The training knows nothing of it and may be finished as well as running. Only programs "
     "on this machine can open the page, but those of all its users.",
     "standin watch runs/first", command_watch},
    {"generate", "RUN", false, "make synthetic images with a trained generator",
     "Writes images 0 to N-1 of the endless rows that RUN, the class and the seed stand for, as PNG files into a new folder: a "
     "folder for each class, manifest.csv (file,label,seed,index) and metadata.csv, so that loaders of image folders read it as "
     "it is. Image i of a class is the same however many are made. RUN is the folder of a run or a checkpoint.",
     "standin generate runs/first --per-class 1000 -o synthetic", command_generate},
    {"info", "FILE", false, "say what a run, a checkpoint or a weights file holds",
     "Prints the texts and the tensors in the head of a safetensors file. FILE is that file or the folder of a run.",
     "standin info runs/first", command_info},
    {"recipe", "NAME", true, "print a recipe, or list those that are built in",
     "Prints all settings of a recipe, each with its meaning, as a file that train --recipe reads. NAME is a built-in "
     "recipe or a recipe file; without it, the built-in ones are listed.",
     "standin recipe small >mine.ini", command_recipe},
    {"classify train", "DIR", false, "train a classifier, the yardstick for synthetic images",
     "Trains a small residual network to tell the classes of DIR apart and writes it to the file MODEL. Each class is "
     "shown as often as any other. The number of steps does not depend on the set: trained alike on two sets and tested "
     "on a third, it says which of the two is worth more. The same images, seed and options give the same bits, whatever "
     "the number of threads.",
     "standin classify train photos/train -o car-kinds.safetensors", command_classify_train},
    {"classify test", "MODEL DIR", false, "say how well a classifier knows a folder of images",
     "Asks the classifier MODEL about every image of DIR, whose classes are matched by name. Prints the accuracy with its "
     "95 % interval (Wilson), balanced accuracy (the mean of the classes' sensitivities) and macro F1, for each class "
     "sensitivity, specificity and precision, and the confusion matrix, with the actual class in rows.",
     "standin classify test car-kinds.safetensors photos/test -o confusion.png", command_classify_test},
    {"study utility", "REAL SYNTH", false, "measure what synthetic images teach a classifier",
     "Trains the same classifier on the real images of REAL, on as many synthetic ones of SYNTH, on both and on near-copies of "
     "the real ones, several times each, and tests them on real images: those of --test, or of REAL's test/; where there are "
     "none, parts of REAL test what has learned from the others. Prints accuracies with 95 % intervals, differences with their "
     "p, and how many real images the synthetic ones are worth. With -w every finished step is kept, and the same command goes on.",
     "standin study utility photos synthetic --test others -w study -o study.html", command_study_utility},
    {"study augment", "REAL", false, "measure whether synthetic images help where real ones are few",
     "Takes N real images and trains classifiers on these alone, with classic augmentation, with synthetic images, and with both, at "
     "growing numbers of synthetic images, which come from a generator that has seen the same N images and no others. Says "
     "whether the gain is real and where more synthetic images add nothing. Everything finished is kept in the work folder: the "
     "same command goes on after a stop.",
     "standin study augment photos --real 182 --test others --budget 10m -w study", command_study_augment},
    {"estimate", "DIR", false, "say how many images, how long and how much memory it takes",
     "Trains classifiers on growing parts of DIR and says at how many images the accuracy meets the target, or about how many "
     "would be needed, up to four times as many as there are. Times a few steps of a generator, and says how long its training "
     "takes and how much memory. With --gan also trains generators on a quarter, half and all of the images.",
     "standin estimate photos --target 0.95 -o estimate.html", command_estimate},
    {"evaluate", "REAL SYNTH", false, "measure how good synthetic images are, and what they give away",
     "Compares the synthetic images of SYNTH with the real ones of REAL, image by image and as sets, and every number with the "
     "same of real images against real images. With the training set of the generator and a holdout that it has not seen, audits "
     "what the synthetic images give away, with controls that say whether the audit has power. A REAL with train/ and test/ "
     "brings both with it; one that is not split is halved to compare its halves. Task features are those of a classifier that "
     "is trained first; with -w everything finished is kept, and the same command goes on.",
     "standin evaluate photos/train synthetic --train photos/train --holdout photos/test -o evaluation.html", command_evaluate},
    {"select", "SYNTH", false, "keep the best of a synthetic set",
     "Sorts the images of each class of SYNTH, keeps the same share of every class and writes them to a new folder, as generate "
     "does, with manifest.csv (file,label,source,score). Choosing by likeness to real images favours copies and narrows the "
     "choice, so the diversity and the copying before and after are printed.",
     "standin select synthetic --by density --keep 50% --against photos/train --reject-copies -o chosen", command_select},
    {NULL, NULL, false, NULL, NULL, NULL, NULL},
};

enum kind {
    KIND_FLAG,
    KIND_TEXT,
    KIND_PICTURE,
    KIND_TEXTS,
    KIND_INTEGER,
    KIND_SEED,
    KIND_DURATION,
    KIND_SHARE,
    KIND_SIZE,
    KIND_FIT,
    KIND_AUGMENT,
    KIND_BY
};

struct option {
    const char *name;
    char letter;
    const char *commands; /* their names with spaces between and around, and a hyphen within names of two words */
    enum kind kind;
    size_t field;
    int64_t minimum, maximum; /* of KIND_INTEGER */
    const char *value, *help;
};

#define FIELD(name) offsetof(struct arguments, name)
#define EVERY " make inspect train generate info recipe classify-train classify-test study-utility study-augment estimate evaluate select watch "

static const struct option options[] = {
    {"size", 0, " inspect train ", KIND_SIZE, FIELD(size), 0, 0, "WxH",
     "size of the images, such as 64 or 96x64; inspect: 64 unless given, train: as the recipe says"},
    {"size", 0, " classify-train study-utility evaluate select ", KIND_SIZE, FIELD(size), 0, 0, "WxH",
     "size of the images, such as 64 or 96x64; unless given that of most, reduced to 64 on the shorter side"},
    {"size", 0, " make study-augment estimate ", KIND_SIZE, FIELD(size), 0, 0, "WxH",
     "size of the images, such as 64 or 96x64; as the recipe says unless given"},
    {"test", 0, " study-utility study-augment estimate evaluate ", KIND_TEXT, FIELD(test), 0, 0, "DIR",
     "real images to test on, which nothing has learned from"},
    {"train", 0, " evaluate ", KIND_TEXT, FIELD(train), 0, 0, "DIR", "real images that the generator was trained on"},
    {"holdout", 0, " evaluate ", KIND_TEXT, FIELD(holdout), 0, 0, "DIR", "real images that nothing was trained on"},
    {"inception", 0, " evaluate ", KIND_TEXT, FIELD(inception), 0, 0, "FILE",
     "weights of the Inception network (safetensors), for FID"},
    {"against", 0, " select ", KIND_TEXT, FIELD(against), 0, 0, "DIR", "the real images"},
    {"by", 0, " select ", KIND_BY, FIELD(by), 0, 0, "WHAT",
     "ssim: mean SSIM to random real images of the class; density: how many real images have it in their neighbourhood; "
     "classifier: how likely its class is; nearest: how near a real image is, but not nearer than real ones to each other"},
    {"keep", 0, " select ", KIND_SHARE, FIELD(keep), 0, 0, "SHARE", "how much of each class; 50% unless given"},
    {"reject-copies", 0, " select ", KIND_FLAG, FIELD(reject_copies), 0, 0, NULL,
     "leave out near-duplicates of real images first"},
    {"work", 'w', " study-utility study-augment estimate evaluate select ", KIND_TEXT, FIELD(work), 0, 0, "FOLDER",
     "where all that is finished is kept, so that the same command goes on"},
    {"work", 'w', " make ", KIND_TEXT, FIELD(work), 0, 0, "FOLDER",
     "where all that stays private is kept, so that the same command goes on; SHARE.private unless given"},
    {"real", 0, " study-augment estimate ", KIND_INTEGER, FIELD(real), 1, 100000000, "N",
     "take only so many of the real images, drawn by lot; all unless given"},
    {"fit", 0, " make inspect train classify-train classify-test study-utility study-augment estimate evaluate select ", KIND_FIT, FIELD(fit), 0, 0, "HOW",
     "how other proportions get this size: crop (the default), pad or stretch"},
    {"class", 0, " inspect train generate ", KIND_TEXT, FIELD(class_name), 0, 0, "NAME", "only images of this class"},
    {"sheet", 0, " inspect ", KIND_PICTURE, FIELD(sheet), 0, 0, "FILE.png", "write a few random images of every class"},
    {"output", 'o', " train generate select ", KIND_TEXT, FIELD(output), 0, 0, "FOLDER",
     "the run's folder; generate, select: a new one for the images"},
    {"output", 'o', " make ", KIND_TEXT, FIELD(output), 0, 0, "SHARE",
     "the folder to hand out, which must not be there yet"},
    {"first", 0, " classify-train ", KIND_TEXT, FIELD(first), 0, 0, "DIR",
     "images to begin with, such as synthetic ones where real ones are few; their share falls to nothing in three fifths "
     "of the steps"},
    {"output", 'o', " classify-train ", KIND_TEXT, FIELD(output), 0, 0, "MODEL", "the file that the classifier becomes"},
    {"output", 'o', " classify-test ", KIND_PICTURE, FIELD(output), 0, 0, "FILE.png", "draw the confusion matrix"},
    {"output", 'o', " study-utility study-augment estimate evaluate ", KIND_TEXT, FIELD(output), 0, 0, "FILE",
     "also write the result to this file: a report to be read in a browser, without real images, if its name ends in .html; else "
     "JSON"},
    {"recipe", 'r', " make train study-augment estimate ", KIND_TEXT, FIELD(recipe), 0, 0, "NAME",
     "a built-in recipe or a recipe file; see: standin recipe"},
    {"set", 's', " make train ", KIND_TEXTS, FIELD(set), 0, 0, "KEY=VALUE", "change a setting of the recipe; repeatable"},
    {"augment", 0, " inspect train ", KIND_TEXT, FIELD(policy), 0, 0, "WHAT",
     "augmentation: auto judges what leaves the labels right, none, or parts such as translation+cutout"},
    {"augmented", 0, " inspect ", KIND_PICTURE, FIELD(augmented), 0, 0, "PNG",
     "write a few images as the augmentation changes them"},
    {"budget", 'b', " train ", KIND_DURATION, FIELD(budget), 0, 0, "TIME",
     "train for about as long, such as 90s, 10m or 1.5h"},
    {"budget", 'b', " make ", KIND_DURATION, FIELD(budget), 0, 0, "TIME",
     "for everything together, such as 10m or 1.5h; 1h unless given"},
    {"budget", 'b', " study-augment estimate ", KIND_DURATION, FIELD(budget), 0, 0, "TIME",
     "train each generator for about as long, such as 90s or 1.5h; 10m unless given"},
    {"gan-steps", 0, " make study-augment estimate ", KIND_INTEGER, FIELD(gan_steps), 1, 1000000000, "N",
     "train each generator for so many steps instead"},
    {"gan", 0, " estimate ", KIND_FLAG, FIELD(gan), 0, 0, NULL,
     "also train generators, on a quarter, half and all of the images"},
    {"target", 0, " estimate ", KIND_SHARE, FIELD(target), 0, 0, "SHARE",
     "the accuracy that is wanted, as 0.95 or 95%; 0.9 unless given"},
    {"times", 0, " study-augment ", KIND_INTEGER, FIELD(times), 1, 1000, "N",
     "up to so many times as many synthetic images as real ones, a quarter of it, a sixteenth ...; 32 unless given"},
    {"per-class", 0, " make ", KIND_INTEGER, FIELD(per_class), 1, 100000000, "N",
     "synthetic images of each class; unless given as many as the largest has to train on, and at least 100"},
    {"seeds", 0, " make ", KIND_INTEGER, FIELD(seeds), 1, 100, "N",
     "classifiers of each kind in the study; as the budget allows, at most 5, unless given"},
    {"steps", 0, " make ", KIND_INTEGER, FIELD(steps), 1, 1000000000, "N",
     "train a classifier this many steps; as the budget allows, at most 800, unless given"},
    {"seeds", 0, " study-utility study-augment estimate ", KIND_INTEGER, FIELD(seeds), 1, 100, "N",
     "classifiers of each kind; 5 unless given"},
    {"folds", 0, " study-utility study-augment ", KIND_INTEGER, FIELD(folds), 2, 100, "N",
     "without a test set: parts that test each other; 5 unless given"},
    {"steps", 0, " train ", KIND_INTEGER, FIELD(steps), 1, 1000000000, "N", "train this many steps"},
    {"steps", 0, " classify-train study-utility study-augment estimate evaluate select ", KIND_INTEGER, FIELD(steps), 1, 1000000000, "N",
     "train a classifier this many steps of 64 images; 800 unless given"},
    {"augment", 0, " classify-train ", KIND_AUGMENT, FIELD(augment), 0, 0, "HOW",
     "classic (the default) shows every image moved, turned, scaled and lit a little differently each time; none"},
    {"mirror", 0, " classify-train ", KIND_FLAG, FIELD(mirror), 0, 0, NULL,
     "show half of the images mirrored left to right; for classes that look alike either way round"},
    {"resume", 0, " train ", KIND_FLAG, FIELD(resume), 0, 0, NULL,
     "go on with the run in FOLDER, whose settings stay; DIR only if its images have moved"},
    {"dry-run", 0, " train ", KIND_FLAG, FIELD(dry_run), 0, 0, NULL, "only say what it would take, and train nothing"},
    {"shards", 0, " train ", KIND_INTEGER, FIELD(shards), 1, 64, "N",
     "parts into which every batch is cut; 8 unless given. Part of the result"},
    {"profile", 0, " train classify-train ", KIND_TEXT, FIELD(profile), 0, 0, "FILE", "write what the parts of a step took"},
    {"count", 'n', " generate ", KIND_INTEGER, FIELD(count), 1, 100000000, "N", "how many images; 100 unless given"},
    {"per-class", 0, " generate ", KIND_INTEGER, FIELD(per_class), 1, 100000000, "N", "how many images of each class, instead of -n"},
    {"grid", 0, " generate ", KIND_FLAG, FIELD(grid), 0, 0, NULL, "also write grid.png, a sheet of the first images"},
    {"compare", 0, " generate ", KIND_PICTURE, FIELD(compare), 0, 0, "FILE.png",
     "write a sheet with real images of the run's data on the left and generated ones on the right, a row for each class "
     "up to 32; RUN must be the run's folder"},
    {"seed", 0, " make train generate classify-train study-utility study-augment estimate evaluate select ", KIND_SEED, FIELD(seed), 0, 0, "N", "which random numbers; 1 unless given"},
    {"threads", 't', " make inspect train generate classify-train classify-test study-utility study-augment estimate evaluate select ", KIND_INTEGER, FIELD(threads), 1, 256, "N",
     "threads; one a processor unless given. Changes no bit of the result"},
    {"json", 0, " make inspect info classify-test study-utility study-augment estimate evaluate select ", KIND_FLAG, FIELD(json), 0, 0, NULL, "print one JSON object"},
    {"port", 0, " watch ", KIND_INTEGER, FIELD(port), 1024, 65535, "N",
     "where to listen; unless given 8765, or the next one that is free"},
    {"quiet", 'q', EVERY, KIND_FLAG, FIELD(quiet), 0, 0, NULL, "no progress and no news"},
    {"help", 'h', EVERY, KIND_FLAG, FIELD(help), 0, 0, NULL, "print this help"},
};
enum { OPTIONS = sizeof options / sizeof *options };
_Static_assert(sizeof options / sizeof *options <= 64, "bits of arguments.given");

/* How many of the words make up the name, or 0 if they do not. */
static int words_of_name(const char *name, int count, char *const *words)
{
    int used = 0;
    while (*name) {
        const size_t length = strcspn(name, " ");
        if (used == count || strlen(words[used]) != length || strncmp(words[used], name, length) != 0)
            return 0;
        name += length + (name[length] == ' ');
        used++;
    }
    return used;
}

const struct command *command_find(int count, char *const *words, int *used)
{
    for (const struct command *command = commands; command->name; command++)
        if ((*used = words_of_name(command->name, count, words)) > 0)
            return command;
    return NULL;
}

static bool is_of_family(const struct command *command, const char *word)
{
    const size_t length = strlen(word);
    return strncmp(command->name, word, length) == 0 && command->name[length] == ' ';
}

bool command_is_family(const char *word)
{
    for (const struct command *command = commands; command->name; command++)
        if (is_of_family(command, word))
            return true;
    return false;
}

int usage_error(const char *command, const char *format, ...)
{
    fprintf(stderr, "standin: ");
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, " (see: standin %s%s)\n", command ? "help " : "--help", command ? command : "");
    return EXIT_USAGE;
}

/* ---- Reading ---------------------------------------------------------------------------------------------- */

static bool belongs(const struct option *option, const struct command *command)
{
    char name[32];
    snprintf(name, sizeof name, " %s ", command->name);
    char *space = strchr(name + 1, ' ');
    if (space[1])
        *space = '-';
    return strstr(option->commands, name) != NULL;
}

static const struct option *find_long(const struct command *command, const char *name, size_t length)
{
    for (const struct option *option = options; option < options + OPTIONS; option++)
        if (belongs(option, command) && strlen(option->name) == length && strncmp(option->name, name, length) == 0)
            return option;
    return NULL;
}

static const struct option *find_letter(const struct command *command, char letter)
{
    for (const struct option *option = options; option < options + OPTIONS; option++)
        if (belongs(option, command) && option->letter == letter)
            return option;
    return NULL;
}

static int unknown_option(const struct command *command, const char *word)
{
    const char *names[OPTIONS];
    int count = 0;
    for (int i = 0; i < OPTIONS; i++)
        if (belongs(&options[i], command))
            names[count++] = options[i].name;
    char name[64] = "";
    if (word[1] == '-')
        snprintf(name, sizeof name, "%.*s", (int)strcspn(word + 2, "="), word + 2);
    const char *nearest = value_nearest(name, names, count);
    if (nearest)
        return usage_error(command->name, "%s has no option '%s'; the nearest is '--%s'", command->name, word, nearest);
    return usage_error(command->name, "%s has no option '%s'", command->name, word);
}

static int store(struct arguments *arguments, const char *command, const struct option *option, const char *text)
{
    static const char *const fits[] = {"crop", "pad", "stretch"};      /* as enum standin_fit counts */
    static const char *const augmentations[] = {"classic", "none"}; /* as enum standin_augment counts */
    static const char *const selections[] = {"ssim", "density", "classifier", "nearest"}; /* as enum standin_select_by counts */
    void *field = (char *)arguments + option->field;
    switch (option->kind) {
    case KIND_FLAG:
        *(bool *)field = true;
        return EXIT_GOOD;
    case KIND_TEXT:
    case KIND_PICTURE:
        if (!*text)
            return usage_error(command, "--%s needs a value that is not empty", option->name);
        if (option->kind == KIND_PICTURE && !value_picture(text))
            return usage_error(command, "--%s is '%s', but what is written is PNG: give it a name that ends in .png",
                               option->name, text);
        *(const char **)field = text;
        return EXIT_GOOD;
    case KIND_TEXTS:
        if (!strchr(text, '=') || arguments->settings == SETTINGS_MAXIMUM)
            return usage_error(command, "--%s is '%s', but must be %s, at most %d times", option->name, text,
                               option->value, SETTINGS_MAXIMUM);
        arguments->set[arguments->settings++] = text;
        return EXIT_GOOD;
    case KIND_INTEGER:
        if (!value_integer(text, option->minimum, option->maximum, field))
            return usage_error(command, "--%s is '%s', but must be an integer from %" PRId64 " to %" PRId64, option->name,
                               text, option->minimum, option->maximum);
        return EXIT_GOOD;
    case KIND_SEED:
        if (!value_seed(text, field))
            return usage_error(command, "--%s is '%s', but must be an integer from 0 to %" PRIu64, option->name, text,
                               UINT64_MAX);
        return EXIT_GOOD;
    case KIND_DURATION:
        if (!value_duration(text, field))
            return usage_error(command, "--%s is '%s', but must be a time up to 1000h, such as 90s, 10m or 1.5h",
                               option->name, text);
        return EXIT_GOOD;
    case KIND_SHARE:
        if (!value_share(text, field))
            return usage_error(command, "--%s is '%s', but must be a share between 0 and 1, such as 0.9 or 90%%", option->name,
                               text);
        return EXIT_GOOD;
    case KIND_SIZE:
        if (!value_size(text, field))
            return usage_error(command, "--%s is '%s', but must be such as 64 or 96x64, each side from 8 to 4096",
                               option->name, text);
        return EXIT_GOOD;
    case KIND_FIT:
        if (!value_choice(text, fits, sizeof fits / sizeof *fits, field))
            return usage_error(command, "--%s is '%s', but must be crop, pad or stretch", option->name, text);
        return EXIT_GOOD;
    case KIND_AUGMENT:
        if (!value_choice(text, augmentations, sizeof augmentations / sizeof *augmentations, field))
            return usage_error(command, "--%s is '%s', but must be classic or none", option->name, text);
        return EXIT_GOOD;
    case KIND_BY:
        if (!value_choice(text, selections, sizeof selections / sizeof *selections, field))
            return usage_error(command, "--%s is '%s', but must be ssim, density, classifier or nearest", option->name, text);
        return EXIT_GOOD;
    }
    return EXIT_USAGE;
}

/* Reads the option that words[*index] is, and the word behind it where that is its value. */
static int read_option(struct arguments *arguments, const struct command *command, int count, char **words, int *index)
{
    const char *word = words[*index], *value = NULL;
    const struct option *option;
    if (word[1] == '-') {
        const size_t length = strcspn(word + 2, "=");
        option = find_long(command, word + 2, length);
        if (word[2 + length])
            value = word + 2 + length + 1;
    } else {
        option = find_letter(command, word[1]);
        if (word[2])
            value = word + 2;
    }
    if (!option || (option->kind == KIND_FLAG && value))
        return unknown_option(command, word);
    if (option->kind != KIND_FLAG && !value) {
        if (*index + 1 >= count)
            return usage_error(command->name, "%s needs a value: %s", word, option->value);
        value = words[++*index];
    }
    arguments->given |= (uint64_t)1 << (option - options);
    return store(arguments, command->name, option, value);
}

bool arguments_have(const struct arguments *arguments, const char *name)
{
    for (int i = 0; i < OPTIONS; i++)
        if (strcmp(options[i].name, name) == 0 && arguments->given >> i & 1)
            return true;
    return false;
}

/* Takes the next argument that is no option. */
static int read_path(struct arguments *arguments, const struct command *command, const char *word)
{
    const bool two = strchr(command->path, ' ') != NULL;
    if (!arguments->path)
        arguments->path = word;
    else if (two && !arguments->second_path)
        arguments->second_path = word;
    else
        return usage_error(command->name, "%s takes one %s, and '%s' is %s", command->name, command->path, word,
                           two ? "one too many" : "a second one");
    return EXIT_GOOD;
}

/* What is missing of the arguments that are no options; NULL if nothing is. */
static const char *missing_path(const struct arguments *arguments, const struct command *command)
{
    const char *space = strchr(command->path, ' ');
    if (!arguments->path)
        return command->path;
    return space && !arguments->second_path ? space + 1 : NULL;
}

int arguments_read(struct arguments *arguments, const struct command *command, int count, char **words)
{
    *arguments = (struct arguments){.seed = 1};
    bool only_paths = false;
    for (int i = 0; i < count; i++) {
        if (!only_paths && strcmp(words[i], "--") == 0)
            only_paths = true;
        else if (!only_paths && words[i][0] == '-' && words[i][1]) {
            const int code = read_option(arguments, command, count, words, &i);
            if (code != EXIT_GOOD)
                return code;
        } else {
            const int code = read_path(arguments, command, words[i]);
            if (code != EXIT_GOOD)
                return code;
        }
    }
    const char *missing = missing_path(arguments, command);
    if (!arguments->help && missing && !command->path_optional)
        return usage_error(command->name, "%s needs a %s", command->name, missing);
    return EXIT_GOOD;
}

/* ---- Help ------------------------------------------------------------------------------------------------- */

enum { HELP_COLUMNS = 80, OPTION_COLUMNS = 26 };

/* The text broken between words; lines after the first begin at column `indent`. */
static void write_wrapped(FILE *out, const char *text, int indent)
{
    int column = indent;
    while (*text) {
        const int length = (int)strcspn(text, " ");
        if (column > indent && column + 1 + length > HELP_COLUMNS) {
            fprintf(out, "\n%*s", indent, "");
            column = indent;
        }
        column += fprintf(out, "%s%.*s", column > indent ? " " : "", length, text);
        text += length + (text[length] == ' ');
    }
    fputc('\n', out);
}

static void write_summary(FILE *out, const struct command *command)
{
    fprintf(out, "  standin %-14s %-9s %s\n", command->name, command->path, command->summary);
}

void help_write(FILE *out)
{
    fprintf(out, "standin %s\n\n", standin_version());
    write_wrapped(out, "Trains a generative adversarial network on a folder of images, and makes synthetic images that stand "
                       "in for them.",
                  0);
    fputc('\n', out);
    for (const struct command *command = commands; command->name; command++)
        write_summary(out, command);
    fprintf(out, "\n"
                 "  standin help COMMAND     its options and an example; also standin COMMAND --help\n"
                 "  standin --version        the version\n");
}

void help_write_family(FILE *out, const char *word)
{
    for (const struct command *command = commands; command->name; command++)
        if (is_of_family(command, word))
            write_summary(out, command);
    fprintf(out, "\n  standin %s COMMAND --help\n", word);
}

void help_write_command(FILE *out, const struct command *command)
{
    fprintf(out, "standin %s %s%s%s [OPTION...]\n\n", command->name, command->path_optional ? "[" : "", command->path,
            command->path_optional ? "]" : "");
    write_wrapped(out, command->description, 0);
    fputs("\n", out);
    for (const struct option *option = options; option < options + OPTIONS; option++) {
        if (!belongs(option, command))
            continue;
        char letter[8] = "    ", name[64];
        if (option->letter)
            snprintf(letter, sizeof letter, "-%c, ", option->letter);
        snprintf(name, sizeof name, "%s--%s%s%s", letter, option->name, option->value ? " " : "",
                 option->value ? option->value : "");
        fprintf(out, "  %-*s", OPTION_COLUMNS - 2, name);
        write_wrapped(out, option->help, OPTION_COLUMNS);
    }
    fprintf(out, "\nexample: %s\n", command->example);
}
