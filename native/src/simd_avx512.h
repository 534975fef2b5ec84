/* simd_avx512.h - simd.h in AVX-512 F, DQ, BW and VL: 16 lanes, tails by mask. */
#ifndef NATIVECNN_SIMD_AVX512_H
#define NATIVECNN_SIMD_AVX512_H

#include <immintrin.h>

#define LANES 16

typedef __m512 vfloat;
typedef __m512i vint;
typedef __mmask16 vmask;

INLINE vmask vm_first(int64_t n) {
    return (vmask)((1u << n) - 1);
}

INLINE vfloat vf_load(const float *p) {
    return _mm512_loadu_ps(p);
}

INLINE void vf_store(float *p, vfloat v) {
    _mm512_storeu_ps(p, v);
}

INLINE void vf_stream(float *p, vfloat v) {
    _mm512_stream_ps(p, v);
}

INLINE void vf_stream_end(void) {
    _mm_sfence();
}

INLINE vfloat vf_load_first(const float *p, int64_t n) {
    return _mm512_maskz_loadu_ps(vm_first(n), p);
}

INLINE void vf_store_first(float *p, vfloat v, int64_t n) {
    _mm512_mask_storeu_ps(p, vm_first(n), v);
}

INLINE vfloat vf_set(float x) {
    return _mm512_set1_ps(x);
}

INLINE vfloat vf_add(vfloat a, vfloat b) {
    return _mm512_add_ps(a, b);
}

INLINE vfloat vf_sub(vfloat a, vfloat b) {
    return _mm512_sub_ps(a, b);
}

INLINE vfloat vf_mul(vfloat a, vfloat b) {
    return _mm512_mul_ps(a, b);
}

INLINE vfloat vf_div(vfloat a, vfloat b) {
    return _mm512_div_ps(a, b);
}

INLINE vfloat vf_fma(vfloat a, vfloat b, vfloat c) {
    return _mm512_fmadd_ps(a, b, c);
}

INLINE float vf_sum(vfloat v) {
    __m256 halves = _mm256_add_ps(_mm512_castps512_ps256(v), _mm512_extractf32x8_ps(v, 1));
    __m128 quarters = _mm_add_ps(_mm256_castps256_ps128(halves), _mm256_extractf128_ps(halves, 1));
    __m128 pairs = _mm_add_ps(quarters, _mm_movehl_ps(quarters, quarters));
    return _mm_cvtss_f32(_mm_add_ss(pairs, _mm_movehdup_ps(pairs)));
}

INLINE void vf_sum_4(const vfloat *a, float *sums) {
    __m512 first = _mm512_add_ps(_mm512_unpacklo_ps(a[0], a[1]), _mm512_unpackhi_ps(a[0], a[1]));
    __m512 second = _mm512_add_ps(_mm512_unpacklo_ps(a[2], a[3]), _mm512_unpackhi_ps(a[2], a[3]));
    /* In each quarter the four vectors' sums over that quarter. */
    __m512 all = _mm512_add_ps(_mm512_shuffle_ps(first, second, 0x44), _mm512_shuffle_ps(first, second, 0xEE));
    __m256 halves = _mm256_add_ps(_mm512_castps512_ps256(all), _mm512_extractf32x8_ps(all, 1));
    _mm_storeu_ps(sums, _mm_add_ps(_mm256_castps256_ps128(halves), _mm256_extractf128_ps(halves, 1)));
}

INLINE vfloat vf_sqrt(vfloat a) {
    return _mm512_sqrt_ps(a);
}

INLINE vfloat vf_min(vfloat a, vfloat b) {
    return _mm512_min_ps(a, b);
}

INLINE vfloat vf_max(vfloat a, vfloat b) {
    return _mm512_max_ps(a, b);
}

INLINE vfloat vf_abs(vfloat a) {
    return _mm512_abs_ps(a);
}

INLINE vfloat vf_round(vfloat a) {
    return _mm512_roundscale_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}

INLINE vfloat vf_scale_power(vfloat a, vfloat n) {
    return _mm512_scalef_ps(a, n);
}

INLINE vmask vf_less(vfloat a, vfloat b) {
    return _mm512_cmp_ps_mask(a, b, _CMP_LT_OQ);
}

INLINE vmask vf_above(vfloat a, vfloat b) {
    return _mm512_mask_cmp_ps_mask(_mm512_cmp_ps_mask(b, b, _CMP_ORD_Q), a, b, _CMP_NLE_UQ);
}

INLINE vfloat vf_select(vmask m, vfloat a, vfloat b) {
    return _mm512_mask_blend_ps(m, b, a);
}

INLINE vfloat vf_exchange(vfloat a, int r) {
    const __m512i lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    return _mm512_permutexvar_ps(_mm512_xor_si512(lanes, _mm512_set1_epi32(r)), a);
}

INLINE vint vi_set(int32_t x) {
    return _mm512_set1_epi32(x);
}

INLINE vint vi_select(vmask m, vint a, vint b) {
    return _mm512_mask_blend_epi32(m, b, a);
}

INLINE vmask vi_equal(vint a, vint b) {
    return _mm512_cmpeq_epi32_mask(a, b);
}

INLINE vint vi_load_u8(const uint8_t *p, int64_t n) {
    return _mm512_cvtepu8_epi32(n >= LANES ? _mm_loadu_si128((const __m128i *)p)
                                           : _mm_maskz_loadu_epi8(vm_first(n), p));
}

INLINE vint vi_load_u16(const uint16_t *p, int64_t n) {
    return _mm512_cvtepu16_epi32(n >= LANES ? _mm256_loadu_si256((const __m256i *)p)
                                            : _mm256_maskz_loadu_epi16(vm_first(n), p));
}

INLINE void vi_store_u8(uint8_t *p, vint v, int64_t n) {
    if (n >= LANES)
        _mm_storeu_si128((__m128i *)p, _mm512_cvtepi32_epi8(v));
    else
        _mm_mask_storeu_epi8(p, vm_first(n), _mm512_cvtepi32_epi8(v));
}

INLINE void vi_store_u16(uint16_t *p, vint v, int64_t n) {
    if (n >= LANES)
        _mm256_storeu_si256((__m256i *)p, _mm512_cvtepi32_epi16(v));
    else
        _mm256_mask_storeu_epi16(p, vm_first(n), _mm512_cvtepi32_epi16(v));
}

#endif
