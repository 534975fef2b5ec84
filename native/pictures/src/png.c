/* png.c - PNG by libpng: any depth and colour type becomes 8 bits, transparency lies on white. */
#include "pictures.h"

#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

/* More than any chunk beside the picture's own needs. */
#define LARGEST_CHUNK (8u << 20)

static uint32_t big32(const uint8_t *at) {
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

status png_read_header(contents file, nativecnn_pictures_info *info, complaint problem) {
    static const int32_t components[] = {1, 0, 3, 1, 2, 0, 4};
    if (file.count < 33 || memcmp(file.bytes + 8, "\0\0\0\x0DIHDR", 8) != 0)
        return complain(problem, NATIVECNN_PICTURES_DAMAGED, "it ends in its header");
    uint32_t width = big32(file.bytes + 16), height = big32(file.bytes + 20);
    unsigned colour = file.bytes[25];
    if (width > INT32_MAX || height > INT32_MAX || colour > 6 || components[colour] == 0)
        return complain(problem, NATIVECNN_PICTURES_DAMAGED, "its header is none of PNG");
    info->format = NATIVECNN_PICTURES_PNG;
    info->width = (int32_t)width;
    info->height = (int32_t)height;
    info->bits = file.bytes[24];
    info->components = components[colour];
    info->orientation = 1;
    return NATIVECNN_PICTURES_OK;
}

/* What libpng's functions are handed back. */
typedef struct reading {
    contents file;
    size_t at;
    complaint problem;
} reading;

static void read_bytes(png_structp png, png_bytep to, size_t count) {
    reading *source = png_get_io_ptr(png);
    if (count > source->file.count - source->at)
        png_error(png, "it ends before its picture does");
    memcpy(to, source->file.bytes + source->at, count);
    source->at += count;
}

static void fail(png_structp png, png_const_charp text) {
    reading *source = png_get_error_ptr(png);
    complain(source->problem, NATIVECNN_PICTURES_DAMAGED, text);
    png_longjmp(png, 1);
}

/* Of chunks beside the picture, and of what browsers show all the same. */
static void ignore(png_structp png, png_const_charp text) {
    (void)png;
    (void)text;
}

static void convert(const uint8_t *from, int64_t count, int components, int32_t channels, uint8_t *pixels) {
    bool has_alpha = components == 2 || components == 4;
    int colours = components - has_alpha;
    for (int64_t i = 0; i < count; i++) {
        const uint8_t *source = from + i * components;
        unsigned colour[3];
        for (int k = 0; k < 3; k++) {
            colour[k] = source[colours == 1 ? 0 : k];
            if (has_alpha)
                colour[k] = (colour[k] * source[colours] + 255u * (255u - source[colours]) + 127u) / 255u;
        }
        if (channels == 1) {
            pixels[i] = grey_of(colour[0], colour[1], colour[2]);
            continue;
        }
        for (int k = 0; k < 3; k++)
            pixels[3 * i + k] = (uint8_t)colour[k];
    }
}

/* Everything that a jump back has to find lies here, and not in registers. */
typedef struct decoding {
    png_structp png;
    png_infop header;
    uint8_t *buffer;
    int components;
    reading source;
} decoding;

static void read_header(decoding *d, const nativecnn_pictures_info *info) {
    png_set_read_fn(d->png, &d->source, read_bytes);
    png_set_user_limits(d->png, (png_uint_32)info->width, (png_uint_32)info->height);
    png_set_chunk_malloc_max(d->png, LARGEST_CHUNK);
    png_read_info(d->png, d->header);
    if (png_get_bit_depth(d->png, d->header) == 16)
        png_set_scale_16(d->png);
    /* Palettes become colours, fewer bits 8, a transparent colour an alpha channel. */
    png_set_expand(d->png);
    png_set_interlace_handling(d->png);
    png_read_update_info(d->png, d->header);
    d->components = png_get_channels(d->png, d->header);
    if (png_get_image_width(d->png, d->header) != (png_uint_32)info->width ||
        png_get_image_height(d->png, d->header) != (png_uint_32)info->height ||
        png_get_bit_depth(d->png, d->header) != 8 || d->components < 1 || d->components > 4 ||
        png_get_rowbytes(d->png, d->header) != (size_t)info->width * (size_t)d->components)
        png_error(d->png, "its chunks contradict its header");
}

static void read_rows(decoding *d, const nativecnn_pictures_info *info, uint8_t *rows) {
    int passes = png_get_interlace_type(d->png, d->header) == PNG_INTERLACE_NONE ? 1 : PNG_INTERLACE_ADAM7_PASSES;
    size_t stride = (size_t)info->width * (size_t)d->components;
    for (int pass = 0; pass < passes; pass++)
        for (int32_t y = 0; y < info->height; y++)
            png_read_row(d->png, rows + (size_t)y * stride, NULL);
    png_read_end(d->png, NULL);
}

static status decode(decoding *d, const nativecnn_pictures_info *info, int32_t channels, uint8_t *pixels) {
    if (setjmp(png_jmpbuf(d->png)))
        return NATIVECNN_PICTURES_DAMAGED;
    read_header(d, info);
    int64_t count = (int64_t)info->width * info->height;
    if (d->components != channels) {
        d->buffer = malloc((size_t)count * (size_t)d->components);
        if (d->buffer == NULL)
            return complain(d->source.problem, NATIVECNN_PICTURES_NO_MEMORY, "there is not memory enough");
    }
    read_rows(d, info, d->buffer != NULL ? d->buffer : pixels);
    if (d->buffer != NULL)
        convert(d->buffer, count, d->components, channels, pixels);
    return NATIVECNN_PICTURES_OK;
}

status png_decode(contents file, const nativecnn_pictures_info *info, int32_t channels, uint8_t *pixels,
                  complaint problem) {
    decoding d = {0};
    d.source = (reading){file, 0, problem};
    status result = NATIVECNN_PICTURES_NO_MEMORY;
    d.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &d.source, fail, ignore);
    if (d.png != NULL)
        d.header = png_create_info_struct(d.png);
    if (d.header == NULL)
        complain(problem, result, "there is not memory enough");
    else
        result = decode(&d, info, channels, pixels);
    png_destroy_read_struct(&d.png, &d.header, NULL);
    free(d.buffer);
    return result;
}
