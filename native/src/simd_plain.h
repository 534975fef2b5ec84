/* simd_plain.h - simd.h in plain C: 4 lanes in a struct, for compilers without vectors of their own. */
#ifndef NATIVECNN_SIMD_PLAIN_H
#define NATIVECNN_SIMD_PLAIN_H

#include <math.h>

#define LANES 4

typedef struct vfloat {
    float lane[LANES];
} vfloat;

typedef struct vint {
    int32_t lane[LANES];
} vint;

typedef vint vmask;

/* Gives every lane i of result the value of an expression in i. */
#define EACH_LANE(type, expression)                                                                                    \
    type result;                                                                                                       \
    for (int i = 0; i < LANES; i++)                                                                                    \
        result.lane[i] = (expression);                                                                                 \
    return result

INLINE vfloat vf_load(const float *p) {
    EACH_LANE(vfloat, p[i]);
}

INLINE void vf_store(float *p, vfloat v) {
    for (int i = 0; i < LANES; i++)
        p[i] = v.lane[i];
}

INLINE void vf_stream(float *p, vfloat v) {
    vf_store(p, v);
}

INLINE void vf_stream_end(void) {}

INLINE vfloat vf_load_first(const float *p, int64_t n) {
    EACH_LANE(vfloat, i < n ? p[i] : 0);
}

INLINE void vf_store_first(float *p, vfloat v, int64_t n) {
    for (int i = 0; i < n; i++)
        p[i] = v.lane[i];
}

INLINE vfloat vf_set(float x) {
    EACH_LANE(vfloat, x);
}

INLINE vfloat vf_add(vfloat a, vfloat b) {
    EACH_LANE(vfloat, a.lane[i] + b.lane[i]);
}

INLINE vfloat vf_sub(vfloat a, vfloat b) {
    EACH_LANE(vfloat, a.lane[i] - b.lane[i]);
}

INLINE vfloat vf_mul(vfloat a, vfloat b) {
    EACH_LANE(vfloat, a.lane[i] * b.lane[i]);
}

INLINE vfloat vf_div(vfloat a, vfloat b) {
    EACH_LANE(vfloat, a.lane[i] / b.lane[i]);
}

INLINE vfloat vf_fma(vfloat a, vfloat b, vfloat c) {
    EACH_LANE(vfloat, a.lane[i] * b.lane[i] + c.lane[i]);
}

INLINE float vf_sum(vfloat v) {
    return (v.lane[0] + v.lane[2]) + (v.lane[1] + v.lane[3]);
}

INLINE void vf_sum_4(const vfloat *a, float *sums) {
    for (int i = 0; i < 4; i++)
        sums[i] = vf_sum(a[i]);
}

INLINE vfloat vf_sqrt(vfloat a) {
    EACH_LANE(vfloat, sqrtf(a.lane[i]));
}

INLINE vfloat vf_min(vfloat a, vfloat b) {
    EACH_LANE(vfloat, a.lane[i] < b.lane[i] ? a.lane[i] : b.lane[i]);
}

INLINE vfloat vf_max(vfloat a, vfloat b) {
    EACH_LANE(vfloat, a.lane[i] > b.lane[i] ? a.lane[i] : b.lane[i]);
}

INLINE vfloat vf_abs(vfloat a) {
    EACH_LANE(vfloat, fabsf(a.lane[i]));
}

/* Adding 1.5 2^23 leaves no place for a fraction; right for |a| < 2^22. */
INLINE vfloat vf_round(vfloat a) {
    EACH_LANE(vfloat, (a.lane[i] + 12582912.0f) - 12582912.0f);
}

INLINE vfloat vf_scale_power(vfloat a, vfloat n) {
    EACH_LANE(vfloat, n.lane[i] == n.lane[i] ? ldexpf(a.lane[i], (int)n.lane[i]) : n.lane[i]);
}

INLINE vmask vf_less(vfloat a, vfloat b) {
    EACH_LANE(vmask, a.lane[i] < b.lane[i]);
}

INLINE vmask vf_above(vfloat a, vfloat b) {
    EACH_LANE(vmask, !(a.lane[i] <= b.lane[i]) && b.lane[i] == b.lane[i]);
}

INLINE vfloat vf_select(vmask m, vfloat a, vfloat b) {
    EACH_LANE(vfloat, m.lane[i] ? a.lane[i] : b.lane[i]);
}

INLINE vfloat vf_exchange(vfloat a, int r) {
    EACH_LANE(vfloat, a.lane[i ^ r]);
}

INLINE vint vi_set(int32_t x) {
    EACH_LANE(vint, x);
}

INLINE vint vi_select(vmask m, vint a, vint b) {
    EACH_LANE(vint, m.lane[i] ? a.lane[i] : b.lane[i]);
}

INLINE vmask vi_equal(vint a, vint b) {
    EACH_LANE(vmask, a.lane[i] == b.lane[i]);
}

INLINE vint vi_load_u8(const uint8_t *p, int64_t n) {
    EACH_LANE(vint, i < n ? p[i] : 0);
}

INLINE vint vi_load_u16(const uint16_t *p, int64_t n) {
    EACH_LANE(vint, i < n ? p[i] : 0);
}

INLINE void vi_store_u8(uint8_t *p, vint v, int64_t n) {
    for (int i = 0; i < n; i++)
        p[i] = (uint8_t)v.lane[i];
}

INLINE void vi_store_u16(uint16_t *p, vint v, int64_t n) {
    for (int i = 0; i < n; i++)
        p[i] = (uint16_t)v.lane[i];
}

#undef EACH_LANE

#endif
