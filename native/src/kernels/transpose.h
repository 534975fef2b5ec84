/*
 * transpose.h - a square of floats transposed in registers.
 */
#ifndef NATIVECNN_TRANSPOSE_H
#define NATIVECNN_TRANSPOSE_H

#include "simd.h"

enum { TRANSPOSITION_STEPS = LANES == 16 ? 4 : LANES == 8 ? 3 : 2 };

/* In lane l -1 where l has the bit 1, 2, 4 or 8, else 0. */
static const float lane_bits[4][16] = {
    {0, -1, 0, -1, 0, -1, 0, -1, 0, -1, 0, -1, 0, -1, 0, -1},
    {0, 0, -1, -1, 0, 0, -1, -1, 0, 0, -1, -1, 0, 0, -1, -1},
    {0, 0, 0, 0, -1, -1, -1, -1, 0, 0, 0, 0, -1, -1, -1, -1},
    {0, 0, 0, 0, 0, 0, 0, 0, -1, -1, -1, -1, -1, -1, -1, -1},
};

/* to[j, i] = from[i, j] for LANES rows and columns. In each step squares of 1, 2, 4 ... beside the diagonal change
 * places. */
INLINE void transpose(const float *from, int64_t from_stride, float *to, int64_t to_stride) {
    vfloat rows[LANES];
    UNROLL for (int i = 0; i < LANES; i++) rows[i] = vf_load(from + i * from_stride);
    UNROLL for (int step = 0; step < TRANSPOSITION_STEPS; step++) {
        int bit = 1 << step;
        vmask has_bit = vf_less(vf_load(lane_bits[step]), vf_set(0));
        UNROLL for (int k = 0; k < LANES / 2; k++) {
            int i = (k & (bit - 1)) + ((k & ~(bit - 1)) << 1);
            vfloat first = rows[i], second = rows[i + bit];
            rows[i] = vf_select(has_bit, vf_exchange(second, bit), first);
            rows[i + bit] = vf_select(has_bit, second, vf_exchange(first, bit));
        }
    }
    UNROLL for (int i = 0; i < LANES; i++) vf_store(to + i * to_stride, rows[i]);
}

#endif
