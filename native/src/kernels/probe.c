/* probe.c - fused multiply-adds in registers, to measure the peak of the instruction set. */
#include "checks.h"
#include "kernels.h"
#include "simd.h"

/* Ten chains cover two units with a latency of five; more would not fit the registers of AVX2 with their operands. */
enum { CHAINS = 10 };

void VARIANT(probe_fma)(int64_t rounds, double *operations) {
    /* Volatile, so that the compiler can neither fold the chains nor drop them; they begin apart, so that it cannot
     * merge them. a = a / 2 + 1 stays near 2. */
    volatile float half = 0.5f;
    volatile float one = 1.0f;
    volatile float sink;
    vfloat m = vf_set(half);
    vfloat b = vf_set(one);
    vfloat a0 = b, a1 = vf_add(a0, b), a2 = vf_add(a1, b), a3 = vf_add(a2, b), a4 = vf_add(a3, b);
    vfloat a5 = vf_add(a4, b), a6 = vf_add(a5, b), a7 = vf_add(a6, b), a8 = vf_add(a7, b), a9 = vf_add(a8, b);
    for (int64_t i = 0; i < rounds; i++) {
        a0 = vf_fma(a0, m, b);
        a1 = vf_fma(a1, m, b);
        a2 = vf_fma(a2, m, b);
        a3 = vf_fma(a3, m, b);
        a4 = vf_fma(a4, m, b);
        a5 = vf_fma(a5, m, b);
        a6 = vf_fma(a6, m, b);
        a7 = vf_fma(a7, m, b);
        a8 = vf_fma(a8, m, b);
        a9 = vf_fma(a9, m, b);
    }
    vfloat sum = vf_add(vf_add(vf_add(a0, a1), vf_add(a2, a3)), vf_add(vf_add(a4, a5), vf_add(a6, a7)));
    sink = vf_sum(vf_add(sum, vf_add(a8, a9)));
    (void)sink;
    operations[0] = 2.0 * CHAINS * LANES * (double)rounds;
}

#if defined(NATIVECNN_EXPORTS)

nativecnn_status nativecnn_probe_fma(int64_t rounds, double *operations) {
    REQUIRE(operations, NATIVECNN_NULL_POINTER);
    REQUIRE(rounds >= 1, NATIVECNN_BAD_ARGUMENT);
    kernels_in_use()->probe_fma(rounds, operations);
    return NATIVECNN_OK;
}

#endif
