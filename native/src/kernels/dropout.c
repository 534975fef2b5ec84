/*
 * dropout.c - output[i] = 0 or input[i] / (1 - p), by a counter-based generator.
 *
 * Element e belongs to the pair e / 2, whose 64 random bits are splitmix64(key + pair 0x9E3779B97F4A7C15) (Steele, Lea
 * and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014): the low half serves the even element.
 */
#include "checks.h"
#include "kernels.h"

enum { PAIRS = 64 };

INLINE uint64_t random_bits(uint64_t key, uint64_t pair) {
    uint64_t z = key + pair * UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

void VARIANT(dropout_apply)(const nativecnn_dropout *dropout, const float *input, nativecnn_range elements,
                            float *output) {
    uint64_t key = dropout->key;
    uint32_t threshold = (uint32_t)((double)dropout->probability * 4294967296.0);
    float scale = (float)(1.0 / (1.0 - (double)dropout->probability));
    int64_t i = 0, count = elements.count;
    while (i < count) {
        /* A block of pairs: its bits first, in a loop of whole pairs that vectorises; then the elements. */
        uint32_t bits[2 * PAIRS];
        uint64_t pair = (uint64_t)(elements.begin + i) / 2;
        int64_t skip = (elements.begin + i) % 2;
        int64_t n = count - i < 2 * PAIRS - skip ? count - i : 2 * PAIRS - skip;
        for (int k = 0; k < PAIRS; k++) {
            uint64_t h = random_bits(key, pair + (uint64_t)k);
            bits[2 * k] = (uint32_t)h;
            bits[2 * k + 1] = (uint32_t)(h >> 32);
        }
        for (int64_t k = 0; k < n; k++)
            /* A choice, not a product: what is dropped is 0, an infinity and a NaN too. */
            output[i + k] = bits[skip + k] < threshold ? 0.0f : input[i + k] * scale;
        i += n;
    }
}

#if defined(NATIVECNN_EXPORTS)

nativecnn_status nativecnn_dropout_apply(const nativecnn_dropout *dropout, const float *input, nativecnn_range elements,
                                         float *output) {
    REQUIRE(dropout && input && output, NATIVECNN_NULL_POINTER);
    REQUIRE(dropout->probability >= 0 && dropout->probability < 1, NATIVECNN_BAD_ARGUMENT);
    CHECK(check_range(elements, INT64_MAX));
    CHECK(check_matrix(1, elements.count));
    kernels_in_use()->dropout_apply(dropout, input, elements, output);
    return NATIVECNN_OK;
}

#endif
