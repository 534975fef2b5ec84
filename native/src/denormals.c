/*
 * denormals.c - flushing of denormal numbers, per thread: FTZ and DAZ of MXCSR on x86, FZ of FPCR on arm64. Elsewhere
 * nothing happens.
 */
#include "nativecnn.h"

#if defined(__x86_64__) || defined(_M_X64) || defined(__SSE2__)

#include <xmmintrin.h>

static const uint64_t flush_bits = 0x8040;

static uint64_t read_control(void) {
    return _mm_getcsr();
}

static void write_control(uint64_t value) {
    _mm_setcsr((unsigned int)value);
}

#elif defined(__aarch64__) || defined(_M_ARM64)

static const uint64_t flush_bits = UINT64_C(1) << 24;

#if defined(_MSC_VER) && !defined(__clang__)

#include <intrin.h>

static uint64_t read_control(void) {
    return (uint64_t)_ReadStatusReg(ARM64_FPCR);
}

static void write_control(uint64_t value) {
    _WriteStatusReg(ARM64_FPCR, (__int64)value);
}

#else

static uint64_t read_control(void) {
    uint64_t value;
    __asm__ volatile("mrs %0, fpcr" : "=r"(value));
    return value;
}

static void write_control(uint64_t value) {
    __asm__ volatile("msr fpcr, %0" : : "r"(value));
}

#endif

#else

static const uint64_t flush_bits = 0;

static uint64_t read_control(void) {
    return 0;
}

static void write_control(uint64_t value) {
    (void)value;
}

#endif

uint64_t nativecnn_flush_denormals(void) {
    uint64_t before = read_control();
    write_control(before | flush_bits);
    return before;
}

void nativecnn_restore_denormals(uint64_t state) {
    /* Only these bits: what else the thread changed meanwhile (a rounding mode) is its own. */
    write_control((read_control() & ~flush_bits) | (state & flush_bits));
}
