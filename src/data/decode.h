/* Reads one image file. Everything that is known of an image library is behind this. */
#ifndef DATA_DECODE_H
#define DATA_DECODE_H

#include <standin/standin.h>
#include <stdint.h>

enum { DIGEST_SIZE = 32 };

struct decode_request {
    int width, height; /* of the pixels wanted; 0: decode, but keep no pixels */
    enum standin_fit fit;
    int channels; /* 1 or 3; 0: as the file has it */
    int64_t pixel_limit;
};

struct decoded {
    int width, height;  /* of the file, upright */
    int channels, bits; /* of the file: 1 or 3; 8 or 16 */
    uint8_t digest[DIGEST_SIZE]; /* SHA-256 of the full image: equal for equal pixels, whatever the format */
};

/* Prepares the image library, once for the process: only loaders that are made for hostile files, no cache, no
 * threads of its own. Call before the others. */
int decode_start(void);

/* Decodes the whole file, so that a truncated one is an error also where only a part is wanted. `pixels` receives
 * width * height * channels bytes. Colour profiles are applied; CMYK and other colour spaces become sRGB; transparency
 * lies on white; the first page counts. From several threads at once the message may belong to another file: the
 * image library has one message for all; calling again alone gives the right one. */
int decode_file(struct decoded *decoded, uint8_t *pixels, const char *path, const struct decode_request *request);

/* The same for 8-bit grey pixels that are in memory already. */
int decode_grey(struct decoded *decoded, uint8_t *pixels, const uint8_t *raw, int width, int height,
                const struct decode_request *request);

/* The image library's message about `path` as this thread's error. */
int decode_failure(const char *path);

#endif
