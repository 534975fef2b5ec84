/*
 * flip_filters.c - filters as backward-data uses them: flipped[c, i, j, o] = filters[o, K_h-1-i, K_w-1-j, c].
 *
 * For each tap a transposition of an o x c matrix, done in blocks so that the lines of both sides stay in the first cache.
 */
#include "kernels.h"

enum { BLOCK = 16 };

INLINE int64_t least(int64_t a, int64_t b) {
    return a < b ? a : b;
}

void VARIANT(flip_filters)(const nativecnn_convolution_geometry *geometry, const float *filters, int32_t group,
                           int32_t channel_begin, int32_t channel_count, float *flipped) {
    int64_t taps = (int64_t)geometry->kernel_height * geometry->kernel_width;
    int64_t channels = geometry->channels / geometry->groups;
    int64_t outputs = geometry->filters / geometry->groups;
    int64_t channel_end = (int64_t)channel_begin + channel_count;
    const float *RESTRICT from = filters + group * outputs * taps * channels;
    float *RESTRICT to = flipped;
    for (int64_t t = 0; t < taps; t++) {
        const float *RESTRICT source = from + (taps - 1 - t) * channels;
        for (int64_t c0 = channel_begin; c0 < channel_end; c0 += BLOCK)
            for (int64_t o0 = 0; o0 < outputs; o0 += BLOCK) {
                int64_t c1 = least(c0 + BLOCK, channel_end);
                int64_t o1 = least(o0 + BLOCK, outputs);
                for (int64_t c = c0; c < c1; c++)
                    for (int64_t o = o0; o < o1; o++)
                        to[(c * taps + t) * outputs + o] = source[o * taps * channels + c];
            }
    }
}
