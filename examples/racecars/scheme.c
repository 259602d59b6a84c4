/* The tables of paint. */
#include "scheme.h"

#define RGB(r, g, b) {r, g, b, MATTER_PAINT}
#define WHITE RGB(238, 238, 234)
#define BLACK RGB(22, 22, 24)
#define RED RGB(206, 22, 30)
#define DARK_RED RGB(130, 14, 24)
#define BLUE RGB(20, 62, 168)
#define NAVY RGB(16, 28, 84)
#define SKY RGB(70, 150, 222)
#define YELLOW RGB(250, 206, 22)
#define ORANGE RGB(240, 112, 20)
#define NEON RGB(232, 250, 40)
#define GREEN RGB(20, 122, 60)
#define SILVER RGB(176, 182, 190)
#define PURPLE RGB(92, 40, 140)

static const int class_numbers[CLASS_COUNT] = {9, 24, 42, 48};
static const char *const class_names[CLASS_COUNT] = {"car-09", "car-24", "car-42", "car-48"};

/* Names of nobody's firm. */
static const char *const sponsors[] = {
    "ZORVO", "BRIXOL", "QUENDA", "TAXELL", "MURVEX", "DRAVIO", "PELMOR", "SNAPPO", "KELVUN", "ORBANT", "HUMBEX", "VUNDAR",
};
enum { SPONSORS = sizeof sponsors / sizeof sponsors[0] };

enum scheme_name {
    NINE_HOME, NINE_SILVER, NINE_RED,
    TWENTYFOUR_HOME, TWENTYFOUR_FLAMES, TWENTYFOUR_NAVY, TWENTYFOUR_BLACK,
    FORTYTWO_HOME, FORTYTWO_WHITE, FORTYTWO_STRIPE, FORTYTWO_GREEN,
    FORTYEIGHT_HOME, FORTYEIGHT_NAVY, FORTYEIGHT_ORANGE, FORTYEIGHT_WHITE, NINE_WHITE,
    SCHEMES
};

static const scheme schemes[SCHEMES] = {
    [NINE_HOME] = {PATTERN_LOWER, BLUE, RED, WHITE, WHITE, RED, NAVY, WHITE, SILVER, 0},
    [NINE_SILVER] = {PATTERN_STRIPE, SILVER, RED, BLACK, RED, WHITE, BLACK, BLACK, BLACK, 0},
    [NINE_RED] = {PATTERN_LOWER, RED, WHITE, NAVY, WHITE, NAVY, WHITE, WHITE, SILVER, 0},
    [NINE_WHITE] = {PATTERN_REAR, WHITE, BLUE, RED, BLUE, WHITE, RED, BLUE, RED, 6},
    [TWENTYFOUR_HOME] = {PATTERN_BANDS, BLUE, YELLOW, RED, YELLOW, RED, BLACK, YELLOW, YELLOW, 1},
    [TWENTYFOUR_FLAMES] = {PATTERN_FLAMES, BLUE, YELLOW, RED, YELLOW, BLACK, WHITE, WHITE, SILVER, 1},
    [TWENTYFOUR_NAVY] = {PATTERN_LOWER, NAVY, WHITE, BLACK, NEON, BLACK, WHITE, WHITE, BLACK, 1},
    [TWENTYFOUR_BLACK] = {PATTERN_FLAMES, BLACK, ORANGE, YELLOW, ORANGE, WHITE, BLACK, YELLOW, BLACK, 7},
    [FORTYTWO_HOME] = {PATTERN_REAR, RED, WHITE, BLACK, WHITE, BLACK, WHITE, WHITE, BLACK, 2},
    [FORTYTWO_WHITE] = {PATTERN_REAR, WHITE, RED, RED, RED, WHITE, BLACK, RED, RED, 2},
    [FORTYTWO_STRIPE] = {PATTERN_LOWER, RED, WHITE, NAVY, WHITE, BLACK, WHITE, WHITE, SILVER, 2},
    [FORTYTWO_GREEN] = {PATTERN_MIDDLE, GREEN, YELLOW, WHITE, YELLOW, BLACK, WHITE, YELLOW, YELLOW, 8},
    [FORTYEIGHT_HOME] = {PATTERN_LOWER, SKY, WHITE, BLACK, NEON, BLACK, WHITE, WHITE, SILVER, 3},
    [FORTYEIGHT_NAVY] = {PATTERN_LOWER, NAVY, WHITE, SKY, NEON, BLACK, WHITE, WHITE, BLACK, 3},
    [FORTYEIGHT_ORANGE] = {PATTERN_REAR, ORANGE, BLACK, WHITE, BLACK, WHITE, ORANGE, BLACK, BLACK, 9},
    [FORTYEIGHT_WHITE] = {PATTERN_REAR, WHITE, NAVY, NEON, NAVY, NEON, BLACK, NAVY, NEON, 3},
};

/* Race 2 gives 24 the paint of 48's race 2 but for details; race 4 dresses 9 and 42 alike, race 5 9 and 48. */
enum { TABLED_RACES = 5 };
static const enum scheme_name wardrobe[TABLED_RACES][CLASS_COUNT] = {
    {NINE_HOME, TWENTYFOUR_HOME, FORTYTWO_HOME, FORTYEIGHT_HOME},
    {NINE_SILVER, TWENTYFOUR_NAVY, FORTYTWO_HOME, FORTYEIGHT_NAVY},
    {NINE_HOME, TWENTYFOUR_FLAMES, FORTYTWO_WHITE, FORTYEIGHT_ORANGE},
    {NINE_RED, TWENTYFOUR_HOME, FORTYTWO_STRIPE, FORTYEIGHT_HOME},
    {NINE_WHITE, TWENTYFOUR_BLACK, FORTYTWO_GREEN, FORTYEIGHT_WHITE},
};

static const int drab_numbers[DRAB_COUNT] = {3, 7, 11, 16, 27, 31, 55, 66, 73, 81};
static const scheme drab_schemes[DRAB_COUNT] = {
    {PATTERN_PLAIN, BLACK, SILVER, WHITE, WHITE, RED, BLACK, SILVER, BLACK, 4},
    {PATTERN_LOWER, WHITE, SILVER, BLACK, BLACK, WHITE, SILVER, BLACK, SILVER, 5},
    {PATTERN_PLAIN, RGB(92, 70, 48), BLACK, BLACK, WHITE, BLACK, WHITE, YELLOW, BLACK, 6},
    {PATTERN_STRIPE, RGB(40, 74, 54), SILVER, BLACK, WHITE, BLACK, WHITE, WHITE, SILVER, 7},
    {PATTERN_REAR, RGB(120, 120, 118), BLACK, WHITE, WHITE, BLACK, SILVER, BLACK, BLACK, 8},
    {PATTERN_LOWER, RGB(70, 44, 88), BLACK, SILVER, WHITE, BLACK, SILVER, WHITE, SILVER, 9},
    {PATTERN_MIDDLE, RGB(150, 128, 92), WHITE, BLACK, BLACK, WHITE, BLACK, BLACK, BLACK, 10},
    {PATTERN_STRIPE, RGB(52, 88, 104), WHITE, BLACK, WHITE, BLACK, WHITE, WHITE, SILVER, 11},
    {PATTERN_REAR, RGB(160, 84, 40), WHITE, BLACK, WHITE, BLACK, WHITE, WHITE, BLACK, 4},
    {PATTERN_MIDDLE, RGB(96, 22, 28), SILVER, BLACK, WHITE, BLACK, SILVER, SILVER, BLACK, 5},
};

int scheme_class_number(int class_index)
{
    return class_numbers[class_index];
}

const char *scheme_class_name(int class_index)
{
    return class_names[class_index];
}

const scheme *scheme_of(int class_index, int race)
{
    if (race < TABLED_RACES)
        return &schemes[wardrobe[race][class_index]];
    /* Later races mix earlier wardrobes, another one for each class. */
    return &schemes[wardrobe[(race * (class_index + 2) + class_index) % TABLED_RACES][class_index]];
}

const scheme *scheme_of_drab(int index)
{
    return &drab_schemes[index];
}

int scheme_drab_number(int index)
{
    return drab_numbers[index];
}

const char *scheme_sponsor(int index)
{
    return sponsors[index % SPONSORS];
}
