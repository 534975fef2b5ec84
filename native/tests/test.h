/*
 * test.h - the little that the tests share: expectations, guarded buffers, repeatable numbers.
 *
 * A test is a function that runs once per instruction set that this processor has. An expectation that fails is printed
 * with its place and counted; the program then ends with status 1.
 */
#ifndef NATIVECNN_TEST_H
#define NATIVECNN_TEST_H

#include "nativecnn.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPECT(condition, ...)                                                                                         \
    do {                                                                                                               \
        if (!(condition))                                                                                              \
            test_fail(__FILE__, __LINE__, __VA_ARGS__);                                                                \
    } while (0)

/* A call's status, by name. */
#define EXPECT_STATUS(status, call)                                                                                    \
    do {                                                                                                               \
        int32_t status_got = (call);                                                                                   \
        EXPECT(status_got == (status), "%s gave %d, not " #status, #call, (int)status_got);                            \
    } while (0)

#define EXPECT_OK(call) EXPECT_STATUS(NATIVECNN_OK, call)

/* How far a value may be from the expected one. */
typedef struct tolerance {
    double absolute;
    double relative;
} tolerance;

/* Half the distance from 1 to the next float. */
#define ROUNDING (1.0 / (1 << 24))

/* A sum of length products of values between -1 and 1 in float32, in any order, or a function of it such as exp or
 * tanh. Linear in the length: signs are random, so that partial sums grow like the root of i, the i-th rounding errs by
 * up to that times 2^-24, and n such errors add up, as a random walk, to what grows like n. */
static inline tolerance tolerance_of_sum(int64_t length) {
    return (tolerance){2 * ROUNDING * (double)(length < 4 ? 4 : length), 16 * ROUNDING};
}

/* The same for values between -factor and factor. */
static inline tolerance tolerance_times(tolerance t, double factor) {
    return (tolerance){t.absolute * factor, t.relative};
}

/* A pass by Winograd's algorithm over random numbers, as the header has it; largest is the largest sum of absolute
 * products behind a result. winograd_bound_tests.c holds the bound for all inputs. */
static inline tolerance tolerance_of_winograd(nativecnn_winograd_kind kind, double largest) {
    static const double roundings[] = {24, 6, 24, 96};
    return (tolerance){roundings[kind] * ROUNDING * largest, 0};
}

/* |actual - expected| <= absolute + relative |expected|, infinities equal, NaN for NaN. */
#define EXPECT_CLOSE(actual, expected, allowed, ...)                                                                   \
    do {                                                                                                               \
        double value_got = (double)(actual), value_wanted = (double)(expected);                                        \
        if (!test_close(value_got, value_wanted, (allowed))) {                                                         \
            test_fail(__FILE__, __LINE__, __VA_ARGS__);                                                                \
            printf("  got %.9g, not %.9g\n", value_got, value_wanted);                                                 \
        }                                                                                                              \
    } while (0)

void test_fail(const char *file, int line, const char *format, ...);
bool test_close(double actual, double expected, tolerance t);

/* Runs a test once per instruction set. */
void test_run(const char *name, void (*test)(void));

/* 0 if no expectation failed, else 1, after a line that says so. */
int test_result(void);

/* A buffer of count elements of size bytes between guards, its bytes set to a pattern; ended by test_free, which
 * expects the guards untouched. */
void *test_allocate(int64_t count, size_t size);
void test_free(void *buffer);

/* A buffer of floats in (-1, 1), the same on every machine. */
float *test_random(int64_t count, uint32_t seed);

/* A buffer of floats, all of one value. */
float *test_filled(int64_t count, float value);

/* Whether every bit of two arrays is the same. */
bool test_same(const float *a, const float *b, int64_t count);

/* A geometry with its output size filled in. */
nativecnn_convolution_geometry test_convolution(int batch, int height, int width, int channels, int filters,
                                                int kernel_height, int kernel_width, int stride, int dilation, int pad,
                                                int groups);
nativecnn_pooling_geometry test_pooling(int batch, int height, int width, int channels, int window_height,
                                        int window_width, int stride_y, int stride_x, int pad, int count_padding);

/* Recomputes the output size after a change. */
void test_set_output(nativecnn_convolution_geometry *geometry);

/* Expects CALL, an expression that reads a geometry g, to give NATIVECNN_BAD_GEOMETRY for all ways to spoil good. */
#define EXPECT_BAD_CONVOLUTIONS(good, CALL)                                                                            \
    for (int fault = 0;; fault++) {                                                                                    \
        nativecnn_convolution_geometry g = (good);                                                                     \
        if (!test_spoil_convolution(&g, fault))                                                                        \
            break;                                                                                                     \
        EXPECT(CALL(&g) == NATIVECNN_BAD_GEOMETRY, #CALL " took the bad geometry %d", fault);                          \
    }
#define EXPECT_BAD_POOLINGS(good, CALL)                                                                                \
    for (int fault = 0;; fault++) {                                                                                    \
        nativecnn_pooling_geometry g = (good);                                                                         \
        if (!test_spoil_pooling(&g, fault))                                                                            \
            break;                                                                                                     \
        EXPECT(CALL(&g) == NATIVECNN_BAD_GEOMETRY, #CALL " took the bad geometry %d", fault);                          \
    }
bool test_spoil_convolution(nativecnn_convolution_geometry *geometry, int fault);
bool test_spoil_pooling(nativecnn_pooling_geometry *geometry, int fault);

static inline nativecnn_range range(int64_t begin, int64_t count) {
    return (nativecnn_range){begin, count};
}

#endif
