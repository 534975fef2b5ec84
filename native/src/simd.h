/*
 * simd.h - vectors of floats, as wide as the instruction set that the including file is compiled for.
 *
 * Four implementations of one small vocabulary: AVX-512, AVX2, GNU vectors of 16 bytes (SSE2 on x86-64, NEON on arm64)
 * and plain C. Kernels are written in it once. A tail of n < LANES elements goes through the same arithmetic as a full
 * vector, so that a result does not depend on where a range was cut.
 *
 * Types: vfloat (LANES floats), vint (LANES int32), vmask (LANES truths).
 *   vf_load, vf_store           LANES floats, any alignment
 *   vf_stream                   LANES floats at a multiple of their size, past the caches where the processor can
 *   vf_stream_end               before another thread reads what vf_stream wrote
 *   vf_load_first, vf_store_first  the first n floats, 1 <= n < LANES; loaded lanes past n are 0
 *   vf_fma(a, b, c)             a b + c, rounded once where the processor can
 *   vf_sum(a)                   over the lanes, halves added to halves
 *   vf_sum_4(a, sums)           the sums over the lanes of four vectors, perhaps in another order than vf_sum
 *   vf_sqrt(a)                  correctly rounded
 *   vf_min(a, b), vf_max(a, b)  b where either is NaN
 *   vf_above(a, b)              a > b, and NaN above every number but not above NaN
 *   vf_select(m, a, b)          m ? a : b
 *   vf_exchange(a, r)           in lane l the lane l ^ r of a, 0 <= r < LANES
 *   vf_scale_power(a, n)        a 2^n, n whole, -160 <= n <= 160
 *   vi_load_u8, vi_load_u16, vi_store_u8, vi_store_u16   n places as bytes or 16-bit words, 1 <= n <= LANES
 */
#ifndef NATIVECNN_SIMD_H
#define NATIVECNN_SIMD_H

#include "compiler.h"

#include <stdint.h>
#include <string.h>

#if NATIVECNN_LEVEL == 2
#include "simd_avx512.h"
#elif NATIVECNN_LEVEL == 1
#include "simd_avx2.h"
#elif defined(__GNUC__) && !defined(NATIVECNN_PLAIN_C)
#include "simd_gnu.h"
#else
#include "simd_plain.h"
#endif

/* Whether vf_stream can write rows of so many floats from p on. */
INLINE int vf_can_stream(const float *p, int64_t row) {
    return (uintptr_t)p % (LANES * sizeof(float)) == 0 && row % LANES == 0;
}

/* The first n floats, 1 <= n <= LANES. With a constant n = LANES nothing of the choice is left. */
INLINE vfloat vf_load_n(const float *p, int64_t n) {
    return n >= LANES ? vf_load(p) : vf_load_first(p, n);
}

INLINE void vf_store_n(float *p, vfloat v, int64_t n) {
    if (n >= LANES)
        vf_store(p, v);
    else
        vf_store_first(p, v, n);
}

#endif
