/* simd_gnu.h - simd.h in the vector extension of gcc and clang: 4 lanes, which is SSE2 on x86-64 and NEON on arm64. */
#ifndef NATIVECNN_SIMD_GNU_H
#define NATIVECNN_SIMD_GNU_H

#include <math.h>

#define LANES 4

typedef float vfloat __attribute__((vector_size(16)));
typedef int32_t vint __attribute__((vector_size(16)));
typedef vint vmask;

INLINE vfloat vf_load(const float *p) {
    vfloat v;
    memcpy(&v, p, sizeof v);
    return v;
}

INLINE void vf_store(float *p, vfloat v) {
    memcpy(p, &v, sizeof v);
}

INLINE void vf_stream(float *p, vfloat v) {
    vf_store(p, v);
}

INLINE void vf_stream_end(void) {}

INLINE vfloat vf_load_first(const float *p, int64_t n) {
    return (vfloat){p[0], n > 1 ? p[1] : 0, n > 2 ? p[2] : 0, 0};
}

INLINE void vf_store_first(float *p, vfloat v, int64_t n) {
    p[0] = v[0];
    if (n > 1)
        p[1] = v[1];
    if (n > 2)
        p[2] = v[2];
}

INLINE vfloat vf_set(float x) {
    return (vfloat){x, x, x, x};
}

INLINE vfloat vf_add(vfloat a, vfloat b) {
    return a + b;
}

INLINE vfloat vf_sub(vfloat a, vfloat b) {
    return a - b;
}

INLINE vfloat vf_mul(vfloat a, vfloat b) {
    return a * b;
}

INLINE vfloat vf_div(vfloat a, vfloat b) {
    return a / b;
}

INLINE vfloat vf_fma(vfloat a, vfloat b, vfloat c) {
    return a * b + c;
}

INLINE vmask vf_less(vfloat a, vfloat b) {
    return a < b;
}

INLINE vmask vf_above(vfloat a, vfloat b) {
    return ~(a <= b) & (b == b);
}

INLINE vint vi_select(vmask m, vint a, vint b) {
    return (a & m) | (b & ~m);
}

INLINE vfloat vf_select(vmask m, vfloat a, vfloat b) {
    return (vfloat)vi_select(m, (vint)a, (vint)b);
}

INLINE float vf_sum(vfloat v) {
    return (v[0] + v[2]) + (v[1] + v[3]);
}

INLINE void vf_sum_4(const vfloat *a, float *sums) {
    for (int i = 0; i < 4; i++)
        sums[i] = vf_sum(a[i]);
}

INLINE vfloat vf_sqrt(vfloat a) {
    return (vfloat){sqrtf(a[0]), sqrtf(a[1]), sqrtf(a[2]), sqrtf(a[3])};
}

INLINE vfloat vf_min(vfloat a, vfloat b) {
    return vf_select(a < b, a, b);
}

INLINE vfloat vf_max(vfloat a, vfloat b) {
    return vf_select(a > b, a, b);
}

INLINE vfloat vf_abs(vfloat a) {
    return (vfloat)((vint)a & 0x7FFFFFFF);
}

/* Adding 1.5 2^23 leaves no place for a fraction; right for |a| < 2^22. */
INLINE vfloat vf_round(vfloat a) {
    const vfloat magic = vf_set(12582912.0f);
    return (a + magic) - magic;
}

/* 2^n for whole -126 <= n <= 127, as bits. */
INLINE vfloat vf_power(vint n) {
    return (vfloat)((n + 127) << 23);
}

/* In two steps, so that neither factor leaves the range of exponents. The whole number is read from the bits of
 * n + 1.5 2^23, since converting a NaN to an integer is undefined. */
INLINE vfloat vf_scale_power(vfloat a, vfloat n) {
    const vfloat magic = vf_set(12582912.0f);
    vint whole = (vint)(n + magic) - (vint)magic;
    vint half = whole >> 1;
    return a * vf_power(half) * vf_power(whole - half);
}

INLINE vfloat vf_exchange(vfloat a, int r) {
    if (r & 1)
        a = (vfloat){a[1], a[0], a[3], a[2]};
    return r & 2 ? (vfloat){a[2], a[3], a[0], a[1]} : a;
}

INLINE vint vi_set(int32_t x) {
    return (vint){x, x, x, x};
}

INLINE vmask vi_equal(vint a, vint b) {
    return a == b;
}

INLINE vint vi_load_u8(const uint8_t *p, int64_t n) {
    return (vint){p[0], n > 1 ? p[1] : 0, n > 2 ? p[2] : 0, n > 3 ? p[3] : 0};
}

INLINE vint vi_load_u16(const uint16_t *p, int64_t n) {
    return (vint){p[0], n > 1 ? p[1] : 0, n > 2 ? p[2] : 0, n > 3 ? p[3] : 0};
}

INLINE void vi_store_u8(uint8_t *p, vint v, int64_t n) {
    for (int i = 0; i < LANES; i++)
        if (i < n)
            p[i] = (uint8_t)v[i];
}

INLINE void vi_store_u16(uint16_t *p, vint v, int64_t n) {
    for (int i = 0; i < LANES; i++)
        if (i < n)
            p[i] = (uint16_t)v[i];
}

#endif
