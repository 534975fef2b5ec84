/*
 * winograd.h - the sizes and the buffers of Winograd's algorithm, as the header defines them.
 */
#ifndef NATIVECNN_WINOGRAD_H
#define NATIVECNN_WINOGRAD_H

#include "compiler.h"
#include "nativecnn.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    /* The channels that lie together in a tiles buffer, and in the rows and columns of a filters buffer. */
    TILE_CHANNELS = 64,
    BLOCK = 16,
    /* The floats of one block of a filters buffer. */
    BLOCK_SIZE = BLOCK * BLOCK,
    MAX_SIDE = 8,
    MAX_POINTS = MAX_SIDE * MAX_SIDE,
    MAX_TAPS = 25
};

/* r: the filter is r x r. */
INLINE int filter_side(nativecnn_winograd_kind kind) {
    return kind == NATIVECNN_WINOGRAD_2X2_5X5 || kind == NATIVECNN_WINOGRAD_4X4_5X5 ? 5 : 3;
}

/* m: a tile is m x m output pixels. */
INLINE int tile_side(nativecnn_winograd_kind kind) {
    return kind == NATIVECNN_WINOGRAD_4X4_3X3 || kind == NATIVECNN_WINOGRAD_4X4_5X5 ? 4 : 2;
}

/* m + r - 1: the input of a tile, and its points. */
INLINE int point_side(nativecnn_winograd_kind kind) {
    return tile_side(kind) + filter_side(kind) - 1;
}

INLINE int point_count(nativecnn_winograd_kind kind) {
    return point_side(kind) * point_side(kind);
}

INLINE int64_t blocks_of(int64_t count, int64_t size) {
    return (count + size - 1) / size;
}

/* From one point to the next of a tiles buffer. */
INLINE int64_t point_stride(int64_t tile_count) {
    return tile_count * TILE_CHANNELS + 16;
}

/* Where a channel of tile 0 and point 0 lies in a tiles buffer. */
INLINE int64_t channel_offset(nativecnn_winograd_kind kind, int64_t tile_count, int64_t channel) {
    return channel / TILE_CHANNELS * point_count(kind) * point_stride(tile_count) + channel % TILE_CHANNELS;
}

/* A tile's place in its image. */
typedef struct tile_place {
    int64_t image;
    int64_t y;
    int64_t x;
} tile_place;

INLINE int64_t tiles_of_image(nativecnn_winograd_kind kind, const nativecnn_convolution_geometry *g) {
    return blocks_of(g->output_height, tile_side(kind)) * blocks_of(g->output_width, tile_side(kind));
}

/* The first output pixel of a tile. */
INLINE tile_place place_tile(nativecnn_winograd_kind kind, const nativecnn_convolution_geometry *g, int64_t tile) {
    int64_t columns = blocks_of(g->output_width, tile_side(kind));
    int64_t in_image = tile % tiles_of_image(kind, g);
    return (tile_place){tile / tiles_of_image(kind, g), in_image / columns * tile_side(kind),
                        in_image % columns * tile_side(kind)};
}

bool known_winograd(nativecnn_winograd_kind kind);

/* NATIVECNN_OK, NATIVECNN_BAD_ARGUMENT for an unknown kind, or what check_convolution returns. */
nativecnn_status check_winograd(nativecnn_winograd_kind kind, const nativecnn_convolution_geometry *geometry);

/* NATIVECNN_OK or NATIVECNN_BAD_RANGE: a group, a range of tiles, and one of the group's share of all channels. */
nativecnn_status check_winograd_range(nativecnn_winograd_kind kind, const nativecnn_convolution_geometry *g,
                                      int32_t group, nativecnn_range tiles, nativecnn_range channels, int32_t all);

/* Calls BODY(kind) with kind as a constant. */
#define WITH_CONSTANT_WINOGRAD(kind, BODY)                                                                             \
    switch (kind) {                                                                                                    \
    case NATIVECNN_WINOGRAD_4X4_3X3:                                                                                   \
        BODY(NATIVECNN_WINOGRAD_4X4_3X3);                                                                              \
        break;                                                                                                         \
    case NATIVECNN_WINOGRAD_2X2_3X3:                                                                                   \
        BODY(NATIVECNN_WINOGRAD_2X2_3X3);                                                                              \
        break;                                                                                                         \
    case NATIVECNN_WINOGRAD_4X4_5X5:                                                                                   \
        BODY(NATIVECNN_WINOGRAD_4X4_5X5);                                                                              \
        break;                                                                                                         \
    default:                                                                                                           \
        BODY(NATIVECNN_WINOGRAD_2X2_5X5);                                                                              \
        break;                                                                                                         \
    }

#endif
