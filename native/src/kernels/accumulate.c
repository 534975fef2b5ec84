/* accumulate.c - accumulator[i] += values[i]. */
#include "checks.h"
#include "kernels.h"
#include "simd.h"

void VARIANT(accumulate)(const float *values, int64_t count, float *accumulator) {
    int64_t i = 0;
    for (; i + LANES <= count; i += LANES)
        vf_store(accumulator + i, vf_add(vf_load(accumulator + i), vf_load(values + i)));
    if (i < count) {
        int64_t n = count - i;
        vf_store_first(accumulator + i, vf_add(vf_load_first(accumulator + i, n), vf_load_first(values + i, n)), n);
    }
}

#if defined(NATIVECNN_EXPORTS)

nativecnn_status nativecnn_accumulate(const float *values, int64_t count, float *accumulator) {
    REQUIRE(values && accumulator, NATIVECNN_NULL_POINTER);
    CHECK(check_matrix(1, count));
    kernels_in_use()->accumulate(values, count, accumulator);
    return NATIVECNN_OK;
}

#endif
