/* accumulate.c - accumulator[i] += values[i]. */
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
