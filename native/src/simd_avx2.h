/* simd_avx2.h - simd.h in AVX2 with FMA: 8 lanes, tails by masked moves. */
#ifndef NATIVECNN_SIMD_AVX2_H
#define NATIVECNN_SIMD_AVX2_H

#include <immintrin.h>

#define LANES 8

typedef __m256 vfloat;
typedef __m256i vint;
typedef __m256 vmask;

INLINE __m256i vm_first(int64_t n) {
    static const int32_t ones_then_zeros[16] = {-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0};
    return _mm256_loadu_si256((const __m256i *)(ones_then_zeros + 8 - n));
}

INLINE vfloat vf_load(const float *p) {
    return _mm256_loadu_ps(p);
}

INLINE void vf_store(float *p, vfloat v) {
    _mm256_storeu_ps(p, v);
}

INLINE void vf_stream(float *p, vfloat v) {
    _mm256_stream_ps(p, v);
}

INLINE void vf_stream_end(void) {
    _mm_sfence();
}

INLINE vfloat vf_load_first(const float *p, int64_t n) {
    return _mm256_maskload_ps(p, vm_first(n));
}

INLINE void vf_store_first(float *p, vfloat v, int64_t n) {
    _mm256_maskstore_ps(p, vm_first(n), v);
}

INLINE vfloat vf_set(float x) {
    return _mm256_set1_ps(x);
}

INLINE vfloat vf_add(vfloat a, vfloat b) {
    return _mm256_add_ps(a, b);
}

INLINE vfloat vf_sub(vfloat a, vfloat b) {
    return _mm256_sub_ps(a, b);
}

INLINE vfloat vf_mul(vfloat a, vfloat b) {
    return _mm256_mul_ps(a, b);
}

INLINE vfloat vf_div(vfloat a, vfloat b) {
    return _mm256_div_ps(a, b);
}

INLINE vfloat vf_fma(vfloat a, vfloat b, vfloat c) {
    return _mm256_fmadd_ps(a, b, c);
}

INLINE float vf_sum(vfloat v) {
    __m128 quarters = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    __m128 pairs = _mm_add_ps(quarters, _mm_movehl_ps(quarters, quarters));
    return _mm_cvtss_f32(_mm_add_ss(pairs, _mm_movehdup_ps(pairs)));
}

INLINE void vf_sum_4(const vfloat *a, float *sums) {
    __m256 first = _mm256_add_ps(_mm256_unpacklo_ps(a[0], a[1]), _mm256_unpackhi_ps(a[0], a[1]));
    __m256 second = _mm256_add_ps(_mm256_unpacklo_ps(a[2], a[3]), _mm256_unpackhi_ps(a[2], a[3]));
    /* In each half the four vectors' sums over that half. */
    __m256 all = _mm256_add_ps(_mm256_shuffle_ps(first, second, 0x44), _mm256_shuffle_ps(first, second, 0xEE));
    _mm_storeu_ps(sums, _mm_add_ps(_mm256_castps256_ps128(all), _mm256_extractf128_ps(all, 1)));
}

INLINE vfloat vf_sqrt(vfloat a) {
    return _mm256_sqrt_ps(a);
}

INLINE vfloat vf_min(vfloat a, vfloat b) {
    return _mm256_min_ps(a, b);
}

INLINE vfloat vf_max(vfloat a, vfloat b) {
    return _mm256_max_ps(a, b);
}

INLINE vfloat vf_abs(vfloat a) {
    return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), a);
}

INLINE vfloat vf_round(vfloat a) {
    return _mm256_round_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}

/* 2^n for whole -126 <= n <= 127, as bits. */
INLINE vfloat vf_power(vint n) {
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_add_epi32(n, _mm256_set1_epi32(127)), 23));
}

/* In two steps, so that neither factor leaves the range of exponents. */
INLINE vfloat vf_scale_power(vfloat a, vfloat n) {
    vint whole = _mm256_cvtps_epi32(n);
    vint half = _mm256_srai_epi32(whole, 1);
    return _mm256_mul_ps(_mm256_mul_ps(a, vf_power(half)), vf_power(_mm256_sub_epi32(whole, half)));
}

INLINE vmask vf_less(vfloat a, vfloat b) {
    return _mm256_cmp_ps(a, b, _CMP_LT_OQ);
}

INLINE vmask vf_above(vfloat a, vfloat b) {
    return _mm256_and_ps(_mm256_cmp_ps(b, b, _CMP_ORD_Q), _mm256_cmp_ps(a, b, _CMP_NLE_UQ));
}

INLINE vfloat vf_select(vmask m, vfloat a, vfloat b) {
    return _mm256_blendv_ps(b, a, m);
}

INLINE vfloat vf_exchange(vfloat a, int r) {
    const __m256i lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    return _mm256_permutevar8x32_ps(a, _mm256_xor_si256(lanes, _mm256_set1_epi32(r)));
}

INLINE vint vi_set(int32_t x) {
    return _mm256_set1_epi32(x);
}

INLINE vint vi_select(vmask m, vint a, vint b) {
    return _mm256_blendv_epi8(b, a, _mm256_castps_si256(m));
}

INLINE vmask vi_equal(vint a, vint b) {
    return _mm256_castsi256_ps(_mm256_cmpeq_epi32(a, b));
}

INLINE vint vi_load_u8(const uint8_t *p, int64_t n) {
    uint8_t place[LANES] = {0};
    if (n < LANES) {
        for (int64_t i = 0; i < n; i++)
            place[i] = p[i];
        p = place;
    }
    return _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)p));
}

INLINE vint vi_load_u16(const uint16_t *p, int64_t n) {
    uint16_t place[LANES] = {0};
    if (n < LANES) {
        for (int64_t i = 0; i < n; i++)
            place[i] = p[i];
        p = place;
    }
    return _mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)p));
}

INLINE __m128i vi_words(vint v) {
    return _mm_packus_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
}

INLINE void vi_store_u8(uint8_t *p, vint v, int64_t n) {
    __m128i words = vi_words(v);
    __m128i bytes = _mm_packus_epi16(words, words);
    if (n >= LANES) {
        _mm_storel_epi64((__m128i *)p, bytes);
    } else {
        uint8_t place[LANES];
        _mm_storel_epi64((__m128i *)place, bytes);
        for (int64_t i = 0; i < n; i++)
            p[i] = place[i];
    }
}

INLINE void vi_store_u16(uint16_t *p, vint v, int64_t n) {
    if (n >= LANES) {
        _mm_storeu_si128((__m128i *)p, vi_words(v));
    } else {
        uint16_t place[LANES];
        _mm_storeu_si128((__m128i *)place, vi_words(v));
        for (int64_t i = 0; i < n; i++)
            p[i] = place[i];
    }
}

#endif
