/*
 * nativecnn_pictures.h - the optional part of the shim that reads JPEG and PNG, on libjpeg-turbo and libpng.
 *
 * Every function is single-threaded and keeps no state; any number of threads may call any of them. Files come in as
 * bytes that nobody has checked, and leave as pixels of 8 bits, rows of columns of channels (1: grey, 3: red, green,
 * blue). A function that does not return NATIVECNN_PICTURES_OK has given no picture, whatever it wrote meanwhile into
 * the memory it was given for one.
 */
#ifndef NATIVECNN_PICTURES_H
#define NATIVECNN_PICTURES_H

#include <stdint.h>

#if defined(_WIN32)
#if defined(NATIVECNN_PICTURES_BUILD)
#define NATIVECNN_PICTURES_API __declspec(dllexport)
#else
#define NATIVECNN_PICTURES_API __declspec(dllimport)
#endif
#else
#define NATIVECNN_PICTURES_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Raised whenever a signature, a struct or the meaning of an argument changes. */
#define NATIVECNN_PICTURES_ABI_VERSION 1

/* How many bytes a problem's text has at most, its final zero included. */
#define NATIVECNN_PICTURES_PROBLEM_BYTES 256

/* What every function returns that can refuse its arguments. */
typedef enum nativecnn_pictures_status {
    NATIVECNN_PICTURES_OK = 0,
    /* A pointer that must not be null is null. */
    NATIVECNN_PICTURES_NULL_POINTER = 1,
    /* A number is outside what the function documents, or a place is too small. */
    NATIVECNN_PICTURES_BAD_ARGUMENT = 2,
    /* The bytes are neither JPEG nor PNG. */
    NATIVECNN_PICTURES_UNKNOWN_FORMAT = 3,
    /* The bytes are of a kind of JPEG or PNG that is not read. */
    NATIVECNN_PICTURES_UNSUPPORTED = 4,
    /* The bytes contradict the format or end before the picture does. */
    NATIVECNN_PICTURES_DAMAGED = 5,
    /* The header announces more pixels than the caller takes; nothing was reserved for them. */
    NATIVECNN_PICTURES_TOO_LARGE = 6,
    /* There is not memory enough. */
    NATIVECNN_PICTURES_NO_MEMORY = 7
} nativecnn_pictures_status;

/* The formats that are read. */
typedef enum nativecnn_pictures_format {
    /* JPEG: baseline, extended and progressive, 8 bits, of 1, 3 or 4 components. */
    NATIVECNN_PICTURES_JPEG = 1,
    /* PNG: every kind, 16 bits as their upper 8, transparent pixels on white. */
    NATIVECNN_PICTURES_PNG = 2
} nativecnn_pictures_format;

/* What a header says. */
typedef struct nativecnn_pictures_info {
    nativecnn_pictures_format format;
    /* As the file stores it, before its orientation. */
    int32_t width;
    int32_t height;
    /* Of the file: 1 to 4. */
    int32_t components;
    /* Per component. */
    int32_t bits;
    /* How the picture is to be shown, by EXIF: 1 (as stored) to 8. Of a PNG always 1. */
    int32_t orientation;
} nativecnn_pictures_info;

/* NATIVECNN_PICTURES_ABI_VERSION of the library that was loaded. */
NATIVECNN_PICTURES_API int32_t nativecnn_pictures_abi_version(void);

/* Reads a header, whatever the file's name says, and reserves nothing.
 *
 * byte_count: 0 or more. most_pixels: how large width times height may be, 1 or more. problem: room for problem_bytes
 * bytes, in which a text says what is wrong where something is; null and 0 for none. */
NATIVECNN_PICTURES_API nativecnn_pictures_status nativecnn_pictures_read_info(const uint8_t *bytes, int64_t byte_count,
                                                                              int64_t most_pixels,
                                                                              nativecnn_pictures_info *info,
                                                                              char *problem, int32_t problem_bytes);

/* Decodes a picture as it is stored. Its sides are those of the header, divided by denominator and rounded up.
 *
 * denominator: 1, 2, 4 or 8 for JPEG, whose own scaling it is; 1 for PNG. channels: 1 or 3. pixels: room for
 * pixel_bytes bytes, no fewer than height times width times channels. Others as for nativecnn_pictures_read_info. What
 * makes the libraries warn of data that is wrong counts as damage: a picture whose end is missing is none. */
NATIVECNN_PICTURES_API nativecnn_pictures_status nativecnn_pictures_decode(const uint8_t *bytes, int64_t byte_count,
                                                                           int64_t most_pixels, int32_t denominator,
                                                                           int32_t channels, uint8_t *pixels,
                                                                           int64_t pixel_bytes, char *problem,
                                                                           int32_t problem_bytes);

/* Replaces factor x factor pixels by their mean, in place; the sides are divided by factor and rounded down, so that
 * what is left over at the right and below is dropped.
 *
 * width, height: factor or more, of whose product with channels the memory holds no less. channels: 1 or 3. */
NATIVECNN_PICTURES_API nativecnn_pictures_status nativecnn_pictures_reduce(uint8_t *pixels, int32_t width,
                                                                           int32_t height, int32_t channels,
                                                                           int32_t factor);

/* Samples a picture bilinearly: output pixel (x, y) has its centre at (x + 1/2, y + 1/2) and shows what is at
 * (matrix[0] (x + 1/2) + matrix[1] (y + 1/2) + matrix[2], matrix[3] (x + 1/2) + matrix[4] (y + 1/2) + matrix[5]) of the
 * picture, whose own centres lie so too. Beyond its edge the picture goes on with the colour of the edge.
 *
 * output: output_height x output_width x channels values, each factor times the byte plus offset. The same bits on
 * every machine. matrix: 6 finite numbers. */
NATIVECNN_PICTURES_API nativecnn_pictures_status nativecnn_pictures_sample(const uint8_t *pixels, int32_t width,
                                                                           int32_t height, int32_t channels,
                                                                           const double *matrix, int32_t output_height,
                                                                           int32_t output_width, float factor,
                                                                           float offset, float *output);

#ifdef __cplusplus
}
#endif

#endif
