/*
 * pictures.h - what the sources of the library share.
 */
#ifndef NATIVECNN_PICTURES_INTERNAL_H
#define NATIVECNN_PICTURES_INTERNAL_H

#include "nativecnn_pictures.h"

#include <stdbool.h>
#include <stddef.h>

typedef nativecnn_pictures_status status;

/* Where a text says what is wrong. */
typedef struct complaint {
    char *text;
    int32_t size;
} complaint;

/* Puts a text down, cut to the room, and gives back the status. */
status complain(complaint to, status what, const char *text);

/* A file in memory. */
typedef struct contents {
    const uint8_t *bytes;
    size_t count;
} contents;

/* A JPEG's header. is_inverted: whether CMYK is stored as Adobe does, full ink as 0. */
status jpeg_read_info(contents file, nativecnn_pictures_info *info, bool *is_inverted, complaint problem);
status png_read_header(contents file, nativecnn_pictures_info *info, complaint problem);

/* Decode into a place that is large enough; the header was read and is possible. */
status jpeg_decode(contents file, const nativecnn_pictures_info *info, bool is_inverted, int32_t denominator,
                   int32_t channels, uint8_t *pixels, complaint problem);
status png_decode(contents file, const nativecnn_pictures_info *info, int32_t channels, uint8_t *pixels,
                  complaint problem);

/* The brightness of a colour, ITU-R BT.601, as JPEG has it. */
static inline uint8_t grey_of(unsigned red, unsigned green, unsigned blue) {
    return (uint8_t)((19595u * red + 38470u * green + 7471u * blue + 32768u) >> 16);
}

#endif
