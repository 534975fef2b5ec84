/* matrices.h - matrices with gaps between their rows, for tests of products. */
#ifndef NATIVECNN_MATRICES_H
#define NATIVECNN_MATRICES_H

#include "test.h"

/* The floats of rows that lie stride apart. */
static inline int64_t spread(int64_t rows, int64_t stride, int64_t length) {
    return rows == 0 ? 0 : (rows - 1) * stride + length;
}

/* Random rows, and NaN in the gaps. */
static inline float *with_gaps(int64_t rows, int64_t stride, int64_t length, uint32_t seed) {
    float *values = test_random(spread(rows, stride, length), seed);
    for (int64_t i = 0; i < spread(rows, stride, length); i++)
        if (i % stride >= length)
            values[i] = NAN;
    return values;
}

static inline void drop_signs(float *values, int64_t count) {
    for (int64_t i = 0; i < count; i++)
        values[i] = fabsf(values[i]);
}

/* Long sums of one sign are off by some units of their last place: SUM is the one of row r and column c. */
#define EXPECT_LONG_SUMS(values, stride, rows, columns, SUM)                                                           \
    for (int64_t r = 0; r < (rows); r++)                                                                               \
        for (int64_t c = 0; c < (columns); c++)                                                                        \
    EXPECT_CLOSE((values)[r * (stride) + c], SUM, ((tolerance){0, 16 * ROUNDING}), "%d, %d", (int)r, (int)c)

#endif
