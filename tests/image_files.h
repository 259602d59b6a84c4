/* Image files for tests, made at run time. Include after cmocka.h. */
#ifndef TEST_IMAGE_FILES_H
#define TEST_IMAGE_FILES_H

#include <stdint.h>

/* Writes 8-bit samples (height, width, channels) in the format of the path's ending; `options` as libvips takes them
 * behind a file name, "[Q=90]", or "". */
void image_file_bytes(const char *path, const uint8_t *samples, int width, int height, int channels,
                      const char *options);

/* The same with 16-bit samples. */
void image_file_words(const char *path, const uint16_t *samples, int width, int height, int channels);

/* An image of one colour: grey if channels is 1. */
void image_file_plain(const char *path, int width, int height, int channels, uint8_t level);

/* 8-bit grey noise that no other seed gives. */
void image_file_noise(const char *path, int width, int height, unsigned seed);

/* A PNG that claims to have this size and holds nothing. */
void image_file_claim(const char *path, uint32_t width, uint32_t height);

/* Frees what the image library holds, for leak checkers; the last thing a test program does. */
void image_files_end(void);

/* The same as a teardown of a group of tests. */
int image_files_teardown(void **state);

#endif
