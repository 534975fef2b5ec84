/* processor.c - reads CPUID and XCR0 on x86-64; elsewhere there is only the baseline. */
#include "processor.h"

#if defined(__x86_64__) || defined(_M_X64)

#if defined(_MSC_VER)
#include <intrin.h>
#else
#include <cpuid.h>
#endif

typedef struct registers {
    uint32_t a, b, c, d;
} registers;

static registers cpuid(uint32_t leaf) {
    registers r = {0, 0, 0, 0};
#if defined(_MSC_VER)
    int values[4];
    __cpuid(values, 0);
    if ((uint32_t)values[0] >= leaf) {
        __cpuidex(values, (int)leaf, 0);
        r = (registers){(uint32_t)values[0], (uint32_t)values[1], (uint32_t)values[2], (uint32_t)values[3]};
    }
#else
    /* Leaves the registers at 0 where the leaf does not exist. */
    __get_cpuid_count(leaf, 0, &r.a, &r.b, &r.c, &r.d);
#endif
    return r;
}

/* XCR0: which registers the operating system saves. Only where CPUID says OSXSAVE. */
static uint64_t saved_registers(void) {
#if defined(_MSC_VER) && !defined(__clang__)
    return _xgetbv(0);
#else
    uint32_t low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (uint64_t)high << 32 | low;
#endif
}

static int has(uint64_t bits, uint64_t wanted) {
    return (bits & wanted) == wanted;
}

nativecnn_instruction_set processor_instruction_set(void) {
    const uint32_t fma = 1u << 12, osxsave = 1u << 27, avx = 1u << 28;
    const uint32_t avx2 = 1u << 5;
    const uint32_t avx512 = 1u << 16 | 1u << 17 | 1u << 30 | 1u << 31; /* F, DQ, BW, VL */
    const uint64_t ymm = 0x06, zmm = 0xE6;

    registers basic = cpuid(1);
    if (!has(basic.c, fma | osxsave | avx))
        return NATIVECNN_BASELINE;
    uint64_t saved = saved_registers();
    registers extended = cpuid(7);
    if (!has(saved, ymm) || !has(extended.b, avx2))
        return NATIVECNN_BASELINE;
    return has(saved, zmm) && has(extended.b, avx512) ? NATIVECNN_AVX512 : NATIVECNN_AVX2;
}

#else

nativecnn_instruction_set processor_instruction_set(void) {
    return NATIVECNN_BASELINE;
}

#endif
