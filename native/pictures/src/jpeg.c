/* jpeg.c - JPEG: its markers read here, its picture by libjpeg-turbo. */
#include "pictures.h"

#include <stdlib.h>
#include <string.h>
#include <turbojpeg.h>

#define START_OF_SCAN 0xDA
#define END_OF_IMAGE 0xD9
#define EXIF_SEGMENT 0xE1
#define ADOBE_SEGMENT 0xEE
#define ORIENTATION_TAG 0x0112
#define SHORT_TYPE 3

static unsigned big16(const uint8_t *at) {
    return (unsigned)at[0] << 8 | at[1];
}

/* EXIF is a small TIFF file, of either byte order. */
static unsigned tiff16(const uint8_t *at, bool is_big) {
    return is_big ? big16(at) : (unsigned)at[1] << 8 | at[0];
}

static uint32_t tiff32(const uint8_t *at, bool is_big) {
    uint32_t first = tiff16(at, is_big), second = tiff16(at + 2, is_big);
    return is_big ? first << 16 | second : second << 16 | first;
}

/* What is not as it should be leaves the picture as it is stored. */
static int32_t read_orientation(contents segment) {
    if (segment.count < 14 || memcmp(segment.bytes, "Exif\0\0", 6) != 0)
        return 1;
    contents tiff = {segment.bytes + 6, segment.count - 6};
    bool is_big = tiff.bytes[0] == 'M';
    if (tiff.bytes[0] != tiff.bytes[1] || (tiff.bytes[0] != 'I' && !is_big) || tiff16(tiff.bytes + 2, is_big) != 42)
        return 1;
    size_t directory = tiff32(tiff.bytes + 4, is_big);
    if (directory > tiff.count - 2)
        return 1;
    size_t entries = tiff16(tiff.bytes + directory, is_big);
    for (size_t entry = 0; entry < entries; entry++) {
        size_t at = directory + 2 + 12 * entry;
        if (at + 12 > tiff.count)
            return 1;
        const uint8_t *field = tiff.bytes + at;
        if (tiff16(field, is_big) != ORIENTATION_TAG)
            continue;
        unsigned value = tiff16(field + 8, is_big);
        return tiff16(field + 2, is_big) == SHORT_TYPE && value >= 1 && value <= 8 ? (int32_t)value : 1;
    }
    return 1;
}

static bool is_frame(unsigned marker) {
    return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

/* A frame with a Huffman or arithmetic code, sequential or progressive; not lossless, not hierarchical. */
static bool is_common_frame(unsigned marker) {
    return marker <= 0xC2 || marker == 0xC9 || marker == 0xCA;
}

static status read_frame(unsigned marker, contents segment, nativecnn_pictures_info *info, complaint problem) {
    if (segment.count < 6)
        return complain(problem, NATIVECNN_PICTURES_DAMAGED, "its frame header is cut short");
    info->bits = segment.bytes[0];
    info->height = (int32_t)big16(segment.bytes + 1);
    info->width = (int32_t)big16(segment.bytes + 3);
    info->components = segment.bytes[5];
    if (!is_common_frame(marker))
        return complain(problem, NATIVECNN_PICTURES_UNSUPPORTED, "it is a lossless or hierarchical JPEG");
    if (info->bits != 8)
        return complain(problem, NATIVECNN_PICTURES_UNSUPPORTED, "it is a JPEG of another depth than 8 bits");
    if (info->components != 1 && info->components != 3 && info->components != 4)
        return complain(problem, NATIVECNN_PICTURES_UNSUPPORTED, "it is a JPEG of other than 1, 3 or 4 components");
    if (info->height == 0)
        return complain(problem, NATIVECNN_PICTURES_UNSUPPORTED, "it is a JPEG that tells its height behind its data");
    return NATIVECNN_PICTURES_OK;
}

status jpeg_read_info(contents file, nativecnn_pictures_info *info, bool *is_inverted, complaint problem) {
    info->format = NATIVECNN_PICTURES_JPEG;
    info->orientation = 1;
    size_t at = 2;
    for (;;) {
        while (at < file.count && file.bytes[at] != 0xFF)
            at++;
        while (at < file.count && file.bytes[at] == 0xFF)
            at++;
        if (at >= file.count)
            return complain(problem, NATIVECNN_PICTURES_DAMAGED, "it ends before its picture begins");
        unsigned marker = file.bytes[at++];
        if (marker <= 0x01 || (marker >= 0xD0 && marker <= 0xD8))
            continue;
        if (marker == END_OF_IMAGE || marker == START_OF_SCAN)
            break;
        if (file.count - at < 2)
            return complain(problem, NATIVECNN_PICTURES_DAMAGED, "it ends in its header");
        size_t length = big16(file.bytes + at);
        if (length < 2 || length > file.count - at)
            return complain(problem, NATIVECNN_PICTURES_DAMAGED, "it ends in its header");
        contents segment = {file.bytes + at + 2, length - 2};
        at += length;
        if (marker == EXIF_SEGMENT && info->orientation == 1)
            info->orientation = read_orientation(segment);
        if (marker == ADOBE_SEGMENT && segment.count >= 12 && memcmp(segment.bytes, "Adobe", 5) == 0)
            *is_inverted = true;
        if (is_frame(marker) && info->components == 0) {
            status result = read_frame(marker, segment, info, problem);
            if (result != NATIVECNN_PICTURES_OK)
                return result;
        }
    }
    return info->components == 0 ? complain(problem, NATIVECNN_PICTURES_DAMAGED, "it has no frame header")
                                 : NATIVECNN_PICTURES_OK;
}

/* Each ink takes its colour away; without a profile no printer's colours can be known better. */
static void convert_cmyk(const uint8_t *cmyk, int64_t count, bool is_inverted, int32_t channels, uint8_t *pixels) {
    for (int64_t i = 0; i < count; i++) {
        unsigned light[4], colour[3];
        for (int k = 0; k < 4; k++)
            light[k] = is_inverted ? cmyk[4 * i + k] : 255u - cmyk[4 * i + k];
        for (int k = 0; k < 3; k++)
            colour[k] = (light[k] * light[3] + 127) / 255;
        if (channels == 1) {
            pixels[i] = grey_of(colour[0], colour[1], colour[2]);
            continue;
        }
        for (int k = 0; k < 3; k++)
            pixels[3 * i + k] = (uint8_t)colour[k];
    }
}

static status decompress(tjhandle decoder, contents file, const nativecnn_pictures_info *info, int32_t denominator,
                         int format, uint8_t *pixels, complaint problem) {
    int width = 0, height = 0, subsampling, colours;
    if (tjDecompressHeader3(decoder, file.bytes, (unsigned long)file.count, &width, &height, &subsampling, &colours))
        return complain(problem, NATIVECNN_PICTURES_DAMAGED, tjGetErrorStr2(decoder));
    /* The place was measured by the header as it is read here. */
    if (width != info->width || height != info->height)
        return complain(problem, NATIVECNN_PICTURES_DAMAGED, "it has two frame headers");
    tjscalingfactor scale = {1, denominator};
    if (tjDecompress2(decoder, file.bytes, (unsigned long)file.count, pixels, TJSCALED(width, scale), 0,
                      TJSCALED(height, scale), format, TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS))
        return complain(problem, NATIVECNN_PICTURES_DAMAGED, tjGetErrorStr2(decoder));
    return NATIVECNN_PICTURES_OK;
}

status jpeg_decode(contents file, const nativecnn_pictures_info *info, bool is_inverted, int32_t denominator,
                   int32_t channels, uint8_t *pixels, complaint problem) {
    tjhandle decoder = tjInitDecompress();
    if (decoder == NULL)
        return complain(problem, NATIVECNN_PICTURES_NO_MEMORY, "there is not memory enough");
    status result;
    if (info->components != 4) {
        result = decompress(decoder, file, info, denominator, channels == 1 ? TJPF_GRAY : TJPF_RGB, pixels, problem);
    } else {
        int64_t count =
            (int64_t)((info->width + denominator - 1) / denominator) * ((info->height + denominator - 1) / denominator);
        uint8_t *cmyk = malloc((size_t)count * 4);
        if (cmyk == NULL) {
            result = complain(problem, NATIVECNN_PICTURES_NO_MEMORY, "there is not memory enough");
        } else {
            result = decompress(decoder, file, info, denominator, TJPF_CMYK, cmyk, problem);
            if (result == NATIVECNN_PICTURES_OK)
                convert_cmyk(cmyk, count, is_inverted, channels, pixels);
            free(cmyk);
        }
    }
    tjDestroy(decoder);
    return result;
}
