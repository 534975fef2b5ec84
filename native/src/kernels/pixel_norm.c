/*
 * pixel_norm.c - what contrast and brightness normalisation share: sums over the channels of each pixel, and images
 * scaled and shifted by numbers that all channels of a pixel share.
 */
#include "checks.h"
#include "kernels.h"
#include "simd.h"

/* The sum of a pixel in four parts, so that no float32 sum is longer than a quarter of channels / LANES. */
INLINE float pixel_sum(const float *first, const float *second, int32_t channels) {
    vfloat s[4] = {vf_set(0), vf_set(0), vf_set(0), vf_set(0)};
    int64_t c = 0;
    for (int part = 0; c + LANES <= channels; c += LANES, part = (part + 1) & 3) {
        vfloat x = vf_load(first + c);
        s[part] = second ? vf_fma(x, vf_load(second + c), s[part]) : vf_add(x, s[part]);
    }
    if (c < channels) {
        vfloat x = vf_load_first(first + c, channels - c);
        s[3] = second ? vf_fma(x, vf_load_first(second + c, channels - c), s[3]) : vf_add(x, s[3]);
    }
    return vf_sum(vf_add(vf_add(s[0], s[1]), vf_add(s[2], s[3])));
}

void VARIANT(pixel_products)(const float *first, const float *second, int64_t pixel_count, int32_t channels,
                             float *sums) {
    if (second)
        for (int64_t p = 0; p < pixel_count; p++)
            sums[p] = pixel_sum(first + p * channels, second + p * channels, channels);
    else
        for (int64_t p = 0; p < pixel_count; p++)
            sums[p] = pixel_sum(first + p * channels, NULL, channels);
}

/* n values of a pixel, 1 <= n <= LANES */
INLINE void combine(const float *first, vfloat factor, const float *second, vfloat addend, int64_t n, float *output) {
    vfloat other = second ? vf_mul(addend, vf_load_n(second, n)) : addend;
    vf_store_n(output, vf_fma(vf_load_n(first, n), factor, other), n);
}

void VARIANT(pixel_combine)(const float *first, const float *first_factors, const float *second,
                            const float *second_factors, int64_t pixel_count, int32_t channels, float *output) {
    for (int64_t p = 0; p < pixel_count; p++) {
        vfloat factor = vf_set(first_factors ? first_factors[p] : 1);
        vfloat addend = vf_set(second_factors ? second_factors[p] : 0);
        const float *other = second ? second + p * channels : NULL;
        int64_t c = 0;
        for (; c + LANES <= channels; c += LANES)
            combine(first + p * channels + c, factor, other ? other + c : NULL, addend, LANES,
                    output + p * channels + c);
        if (c < channels)
            combine(first + p * channels + c, factor, other ? other + c : NULL, addend, channels - c,
                    output + p * channels + c);
    }
}

#if defined(NATIVECNN_EXPORTS)

nativecnn_status nativecnn_pixel_products(const float *first, const float *second, int64_t pixel_count,
                                          int32_t channels, float *sums) {
    REQUIRE(first && sums, NATIVECNN_NULL_POINTER);
    CHECK(check_rows(pixel_count, channels));
    kernels_in_use()->pixel_products(first, second, pixel_count, channels, sums);
    return NATIVECNN_OK;
}

nativecnn_status nativecnn_pixel_combine(const float *first, const float *first_factors, const float *second,
                                         const float *second_factors, int64_t pixel_count, int32_t channels,
                                         float *output) {
    REQUIRE(first && output && (second_factors || !second), NATIVECNN_NULL_POINTER);
    CHECK(check_rows(pixel_count, channels));
    kernels_in_use()->pixel_combine(first, first_factors, second, second_factors, pixel_count, channels, output);
    return NATIVECNN_OK;
}

#endif
