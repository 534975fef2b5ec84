/*
 * flip_filters.c - filters as backward-data uses them: flipped[c, i, j, o] = filters[o, K_h-1-i, K_w-1-j, c].
 *
 * For each tap a transposition of an o x c matrix, in tiles that are read whole before they are written: source and
 * target rows lie a large power of two apart in common networks, and would drive each other out of the first cache.
 */
#include "checks.h"
#include "kernels.h"

#include <string.h>

/* A side of a tile is one cache line of floats. A panel of channels is what one sweep over the outputs writes: so few
 * rows that the translations of their pages stay at hand. */
enum { TILE = 16, PANEL = 64 };

INLINE int64_t least(int64_t a, int64_t b) {
    return a < b ? a : b;
}

/* Writes to[c, o] = from[o, c] for a whole tile; rows lie from_step and to_step apart. */
INLINE void transpose_tile(const float *RESTRICT from, int64_t from_step, float *RESTRICT to, int64_t to_step) {
    float tile[TILE][TILE];
    for (int o = 0; o < TILE; o++)
        memcpy(tile[o], from + o * from_step, sizeof tile[o]);
    for (int c = 0; c < TILE; c++)
        for (int o = 0; o < TILE; o++)
            to[c * to_step + o] = tile[o][c];
}

/* The same for a part of a tile, at the edges. */
INLINE void transpose_part(const float *RESTRICT from, int64_t from_step, int64_t c_count, int64_t o_count,
                           float *RESTRICT to, int64_t to_step) {
    for (int64_t c = 0; c < c_count; c++)
        for (int64_t o = 0; o < o_count; o++)
            to[c * to_step + o] = from[o * from_step + c];
}

void VARIANT(flip_filters)(const nativecnn_convolution_geometry *geometry, const float *filters, int32_t group,
                           nativecnn_range channels, float *flipped) {
    int64_t taps = (int64_t)geometry->kernel_height * geometry->kernel_width;
    int64_t inputs = geometry->channels / geometry->groups;
    int64_t outputs = geometry->filters / geometry->groups;
    int64_t end = channels.begin + channels.count;
    const float *from = filters + group * outputs * taps * inputs;
    for (int64_t first = channels.begin; first < end; first += PANEL)
        for (int64_t o = 0; o < outputs; o += TILE)
            for (int64_t t = 0; t < taps; t++)
                for (int64_t c = first; c < least(first + PANEL, end); c += TILE) {
                    const float *source = from + (o * taps + taps - 1 - t) * inputs + c;
                    float *target = flipped + (c * taps + t) * outputs + o;
                    if (o + TILE <= outputs && c + TILE <= end)
                        transpose_tile(source, taps * inputs, target, taps * outputs);
                    else
                        transpose_part(source, taps * inputs, least(TILE, end - c), least(TILE, outputs - o), target,
                                       taps * outputs);
                }
}

#if defined(NATIVECNN_EXPORTS)

nativecnn_status nativecnn_flip_filters(const nativecnn_convolution_geometry *geometry, const float *filters,
                                        int32_t group, nativecnn_range channels, float *flipped) {
    REQUIRE(geometry && filters && flipped, NATIVECNN_NULL_POINTER);
    CHECK(check_convolution(geometry));
    CHECK(check_group(geometry, group));
    CHECK(check_range(channels, geometry->channels / geometry->groups));
    kernels_in_use()->flip_filters(geometry, filters, group, channels, flipped);
    return NATIVECNN_OK;
}

#endif
