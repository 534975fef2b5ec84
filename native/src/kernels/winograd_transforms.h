/*
 * winograd_transforms.h - the matrices of Winograd's algorithm applied to vectors of channels.
 *
 * For six points 0, +-a, +-b and infinity, with the polynomials of the other points as the rows of B', powers of the
 * points as the columns of A', and powers over the products of differences as the rows of G:
 *
 *        | a2 b2   0    -(a2+b2)    0     1  0 |        | 1 1   1   1   1  0 |       | 1 / (a2 b2)              |
 *        |   0   -a b2    -b2       a     1  0 |   A' = | 0 a  -a   b  -b  0 |       | (1,  a, a2, ...) / Na    |
 *   B' = |   0    a b2    -b2      -a     1  0 |        | 0 a2  a2  b2  b2 0 |   G = | (1, -a, a2, ...) / Na    |
 *        |   0   -a2 b    -a2       b     1  0 |        | 0 a3 -a3  b3 -b3 1 |       | (1,  b, b2, ...) / Nb    |
 *        |   0    a2 b    -a2      -b     1  0 |                                     | (1, -b, b2, ...) / Nb    |
 *        |   0   a2 b2     0    -(a2+b2)  0  1 |    (A' has m rows, the 1 of the     | (0, ..., 0, 1)           |
 *                                                    last column in the last)
 *   Na = 2 a2 (a2 - b2), Nb = 2 b2 (b2 - a2); a = 5/8 and b = 3/2, so that the entries of B' and A' are exact.
 *
 * For four points 0, +-1 and infinity: the polynomials x2 - 1, x2 + x, x2 - x and x3 - x; N = -1, 2 and 2.
 *
 * For eight points 0, +-1/2, +-1, +-2 and infinity the same with a third pair: the polynomial of a point +-p is
 * x (x +- p) (x2 - q2) (x2 - r2) with the other pairs q and r. A pair's two rows share their even and their odd part.
 * Each function applies one matrix to a column of vectors: from x to y, which lie apart by their strides.
 */
#ifndef NATIVECNN_WINOGRAD_TRANSFORMS_H
#define NATIVECNN_WINOGRAD_TRANSFORMS_H

#include "simd.h"
#include "winograd.h"

#include <stdbool.h>

#define A1 0.625f
#define A2 (A1 * A1)
#define A3 (A2 * A1)
#define A4 (A2 * A2)
#define B1 1.5f
#define B2 (B1 * B1)
#define B3 (B2 * B1)
#define B4 (B2 * B2)
#define N0 (1 / (A2 * B2))
#define NA (1 / (2 * A2 * (A2 - B2)))
#define NB (1 / (2 * B2 * (B2 - A2)))

/* The three pairs of the eight points: p, q2 + r2, q2 r2 and 1 / Np; over all three, the sum of the squares and of the
 * products of two squares (the product of all is 1). */
enum { PAIRS = 3 };
static const float pair_point[PAIRS] = {0.5f, 1, 2};
static const float pair_sum[PAIRS] = {5, 4.25f, 1.25f};
static const float pair_product[PAIRS] = {4, 1, 0.25f};
static const float pair_scale[PAIRS] = {32.0f / 45, -2.0f / 9, 1.0f / 90};
#define SQUARES_1 5.25f
#define SQUARES_2 5.25f

/* p to the power n, 0 to 4, of a pair. */
INLINE float power(int pair, int n) {
    float p = pair_point[pair], square = p * p;
    return n == 0 ? 1 : n == 1 ? p : n == 2 ? square : n == 3 ? square * p : square * square;
}

/* c x, y + c x and y - c x with a constant c. */
INLINE vfloat times(float c, vfloat x) {
    return vf_mul(vf_set(c), x);
}

INLINE vfloat plus(vfloat y, float c, vfloat x) {
    return vf_fma(vf_set(c), x, y);
}

INLINE vfloat minus(vfloat y, float c, vfloat x) {
    return vf_fma(vf_set(-c), x, y);
}

/* The functions of eight points. */

INLINE void input_points_8(const vfloat *x, vfloat *y, int stride) {
    UNROLL for (int k = 0; k < PAIRS; k++) {
        vfloat even = plus(minus(x[6], pair_sum[k], x[4]), pair_product[k], x[2]);
        vfloat odd = plus(minus(x[5], pair_sum[k], x[3]), pair_product[k], x[1]);
        y[(2 * k + 1) * stride] = plus(even, pair_point[k], odd);
        y[(2 * k + 2) * stride] = minus(even, pair_point[k], odd);
    }
    y[0] = vf_sub(plus(minus(x[6], SQUARES_1, x[4]), SQUARES_2, x[2]), x[0]);
    y[7 * stride] = vf_sub(plus(minus(x[7], SQUARES_1, x[5]), SQUARES_2, x[3]), x[1]);
}

INLINE void input_gradient_points_8(const vfloat *x, vfloat *y, int stride) {
    vfloat z[8] = {times(-1, x[0]),
                   times(-1, x[7]),
                   times(SQUARES_2, x[0]),
                   times(SQUARES_2, x[7]),
                   times(-SQUARES_1, x[0]),
                   times(-SQUARES_1, x[7]),
                   x[0],
                   x[7]};
    UNROLL for (int k = 0; k < PAIRS; k++) {
        vfloat sum = vf_add(x[2 * k + 1], x[2 * k + 2]);
        vfloat difference = times(pair_point[k], vf_sub(x[2 * k + 1], x[2 * k + 2]));
        z[1] = plus(z[1], pair_product[k], difference);
        z[2] = plus(z[2], pair_product[k], sum);
        z[3] = minus(z[3], pair_sum[k], difference);
        z[4] = minus(z[4], pair_sum[k], sum);
        z[5] = vf_add(z[5], difference);
        z[6] = vf_add(z[6], sum);
    }
    UNROLL for (int i = 0; i < 8; i++) y[i * stride] = z[i];
}

/* y = c0 + the sums over the points of p^i c x, for i from 0 to count - 1, with infinity in the last: A' where scales
 * are left out, G' with them. */
INLINE void powers_of_points(bool scaled, int count, const vfloat *x, vfloat *y, int stride) {
    vfloat z[5];
    UNROLL for (int i = 0; i < count; i++) z[i] = i == 0           ? (scaled ? times(-1, x[0]) : x[0])
                                                  : i + 1 == count ? x[7]
                                                                   : vf_set(0);
    UNROLL for (int k = 0; k < PAIRS; k++) {
        float scale = scaled ? pair_scale[k] : 1;
        vfloat sum = vf_add(x[2 * k + 1], x[2 * k + 2]), difference = vf_sub(x[2 * k + 1], x[2 * k + 2]);
        UNROLL for (int i = 0; i < count; i++) z[i] = plus(z[i], scale * power(k, i), i % 2 == 0 ? sum : difference);
    }
    UNROLL for (int i = 0; i < count; i++) y[i * stride] = z[i];
}

/* The adjoint: y at +-p = c (even powers +- odd powers) over count values: A, and G with scales. */
INLINE void points_of_powers(bool scaled, int count, const vfloat *x, vfloat *y, int stride) {
    UNROLL for (int k = 0; k < PAIRS; k++) {
        float scale = scaled ? pair_scale[k] : 1;
        vfloat even = times(scale, x[0]), odd = times(scale * power(k, 1), x[1]);
        UNROLL for (int i = 2; i < count; i++) {
            if (i % 2 == 0)
                even = plus(even, scale * power(k, i), x[i]);
            else
                odd = plus(odd, scale * power(k, i), x[i]);
        }
        y[(2 * k + 1) * stride] = vf_add(even, odd);
        y[(2 * k + 2) * stride] = vf_sub(even, odd);
    }
    y[0] = scaled ? times(-1, x[0]) : x[0];
    y[7 * stride] = x[count - 1];
}

/* y = B' x */
INLINE void input_points(nativecnn_winograd_kind kind, const vfloat *x, vfloat *y, int stride) {
    if (kind == NATIVECNN_WINOGRAD_4X4_5X5) {
        input_points_8(x, y, stride);
        return;
    }
    if (kind == NATIVECNN_WINOGRAD_2X2_3X3) {
        y[0] = vf_sub(x[2], x[0]);
        y[stride] = vf_add(x[2], x[1]);
        y[2 * stride] = vf_sub(x[2], x[1]);
        y[3 * stride] = vf_sub(x[3], x[1]);
        return;
    }
    vfloat even_a = minus(x[4], B2, x[2]), odd_a = minus(x[3], B2, x[1]);
    vfloat even_b = minus(x[4], A2, x[2]), odd_b = minus(x[3], A2, x[1]);
    y[0] = plus(minus(x[4], A2 + B2, x[2]), A2 * B2, x[0]);
    y[stride] = plus(even_a, A1, odd_a);
    y[2 * stride] = minus(even_a, A1, odd_a);
    y[3 * stride] = plus(even_b, B1, odd_b);
    y[4 * stride] = minus(even_b, B1, odd_b);
    y[5 * stride] = plus(minus(x[5], A2 + B2, x[3]), A2 * B2, x[1]);
}

/* y = B x */
INLINE void input_gradient_points(nativecnn_winograd_kind kind, const vfloat *x, vfloat *y, int stride) {
    if (kind == NATIVECNN_WINOGRAD_4X4_5X5) {
        input_gradient_points_8(x, y, stride);
        return;
    }
    vfloat difference_a = vf_sub(x[1], x[2]), sum_a = vf_add(x[1], x[2]);
    if (kind == NATIVECNN_WINOGRAD_2X2_3X3) {
        y[0] = times(-1, x[0]);
        y[stride] = vf_sub(difference_a, x[3]);
        y[2 * stride] = vf_add(x[0], sum_a);
        y[3 * stride] = x[3];
        return;
    }
    vfloat difference_b = vf_sub(x[3], x[4]), sum_b = vf_add(x[3], x[4]);
    y[0] = times(A2 * B2, x[0]);
    y[stride] = minus(minus(times(A2 * B2, x[5]), A1 * B2, difference_a), B1 * A2, difference_b);
    y[2 * stride] = minus(minus(times(-(A2 + B2), x[0]), B2, sum_a), A2, sum_b);
    y[3 * stride] = plus(plus(times(-(A2 + B2), x[5]), A1, difference_a), B1, difference_b);
    y[4 * stride] = vf_add(x[0], vf_add(sum_a, sum_b));
    y[5 * stride] = x[5];
}

/* y = A' x */
INLINE void output_points(nativecnn_winograd_kind kind, const vfloat *x, vfloat *y, int stride) {
    if (kind == NATIVECNN_WINOGRAD_4X4_5X5) {
        powers_of_points(false, 4, x, y, stride);
        return;
    }
    vfloat even_a = vf_add(x[1], x[2]), odd_a = vf_sub(x[1], x[2]);
    if (kind == NATIVECNN_WINOGRAD_2X2_3X3) {
        y[0] = vf_add(x[0], even_a);
        y[stride] = vf_add(odd_a, x[3]);
        return;
    }
    vfloat even_b = vf_add(x[3], x[4]), odd_b = vf_sub(x[3], x[4]);
    y[0] = vf_add(vf_add(x[0], even_a), even_b);
    if (kind == NATIVECNN_WINOGRAD_2X2_5X5) {
        y[stride] = plus(plus(x[5], B1, odd_b), A1, odd_a);
        return;
    }
    y[stride] = plus(times(B1, odd_b), A1, odd_a);
    y[2 * stride] = plus(times(B2, even_b), A2, even_a);
    y[3 * stride] = plus(plus(x[5], B3, odd_b), A3, odd_a);
}

/* y = A x */
INLINE void gradient_points(nativecnn_winograd_kind kind, const vfloat *x, vfloat *y, int stride) {
    if (kind == NATIVECNN_WINOGRAD_4X4_5X5) {
        points_of_powers(false, 4, x, y, stride);
        return;
    }
    if (kind == NATIVECNN_WINOGRAD_2X2_3X3) {
        y[0] = x[0];
        y[stride] = vf_add(x[0], x[1]);
        y[2 * stride] = vf_sub(x[0], x[1]);
        y[3 * stride] = x[1];
        return;
    }
    int last = tile_side(kind) - 1;
    vfloat even_a = x[0], odd_a = times(A1, x[1]), even_b = x[0], odd_b = times(B1, x[1]);
    if (kind == NATIVECNN_WINOGRAD_4X4_3X3) {
        even_a = plus(even_a, A2, x[2]);
        odd_a = plus(odd_a, A3, x[3]);
        even_b = plus(even_b, B2, x[2]);
        odd_b = plus(odd_b, B3, x[3]);
    }
    y[0] = x[0];
    y[stride] = vf_add(even_a, odd_a);
    y[2 * stride] = vf_sub(even_a, odd_a);
    y[3 * stride] = vf_add(even_b, odd_b);
    y[4 * stride] = vf_sub(even_b, odd_b);
    y[5 * stride] = x[last];
}

/* y = G x */
INLINE void filter_points(nativecnn_winograd_kind kind, const vfloat *x, vfloat *y, int stride) {
    if (kind == NATIVECNN_WINOGRAD_4X4_5X5) {
        points_of_powers(true, 5, x, y, stride);
        return;
    }
    if (kind == NATIVECNN_WINOGRAD_2X2_3X3) {
        vfloat even = times(0.5f, vf_add(x[0], x[2]));
        y[0] = times(-1, x[0]);
        y[stride] = plus(even, 0.5f, x[1]);
        y[2 * stride] = minus(even, 0.5f, x[1]);
        y[3 * stride] = x[2];
        return;
    }
    vfloat even_a = plus(times(NA, x[0]), NA * A2, x[2]), odd_a = times(NA * A1, x[1]);
    vfloat even_b = plus(times(NB, x[0]), NB * B2, x[2]), odd_b = times(NB * B1, x[1]);
    if (kind == NATIVECNN_WINOGRAD_2X2_5X5) {
        even_a = plus(even_a, NA * A4, x[4]);
        odd_a = plus(odd_a, NA * A3, x[3]);
        even_b = plus(even_b, NB * B4, x[4]);
        odd_b = plus(odd_b, NB * B3, x[3]);
    }
    y[0] = times(N0, x[0]);
    y[stride] = vf_add(even_a, odd_a);
    y[2 * stride] = vf_sub(even_a, odd_a);
    y[3 * stride] = vf_add(even_b, odd_b);
    y[4 * stride] = vf_sub(even_b, odd_b);
    y[5 * stride] = x[filter_side(kind) - 1];
}

/* y = G' x */
INLINE void filter_gradient_points(nativecnn_winograd_kind kind, const vfloat *x, vfloat *y, int stride) {
    if (kind == NATIVECNN_WINOGRAD_4X4_5X5) {
        powers_of_points(true, 5, x, y, stride);
        return;
    }
    vfloat sum_a = vf_add(x[1], x[2]), difference_a = vf_sub(x[1], x[2]);
    if (kind == NATIVECNN_WINOGRAD_2X2_3X3) {
        vfloat even = times(0.5f, sum_a);
        y[0] = vf_sub(even, x[0]);
        y[stride] = times(0.5f, difference_a);
        y[2 * stride] = vf_add(even, x[3]);
        return;
    }
    vfloat even_a = times(NA, sum_a), odd_a = times(NA * A1, difference_a);
    vfloat even_b = times(NB, vf_add(x[3], x[4])), odd_b = times(NB * B1, vf_sub(x[3], x[4]));
    y[0] = plus(vf_add(even_a, even_b), N0, x[0]);
    y[stride] = vf_add(odd_a, odd_b);
    if (kind == NATIVECNN_WINOGRAD_4X4_3X3) {
        y[2 * stride] = plus(plus(x[5], B2, even_b), A2, even_a);
        return;
    }
    y[2 * stride] = plus(times(B2, even_b), A2, even_a);
    y[3 * stride] = plus(times(B2, odd_b), A2, odd_a);
    y[4 * stride] = plus(plus(x[5], B4, even_b), A4, even_a);
}

typedef void points_function(nativecnn_winograd_kind kind, const vfloat *x, vfloat *y, int stride);

/* y = T x T' for a matrix T of rows x columns: x is columns x columns vectors in memory, y is rows x rows. */
INLINE void transform_tile(points_function *points, nativecnn_winograd_kind kind, int columns, int rows, const float *x,
                           int64_t row_stride, int64_t column_stride, vfloat *y) {
    vfloat half[MAX_POINTS];
    UNROLL for (int j = 0; j < columns; j++) {
        vfloat column[MAX_SIDE];
        UNROLL for (int i = 0; i < columns; i++) column[i] = vf_load(x + i * row_stride + j * column_stride);
        points(kind, column, half + j, columns);
    }
    UNROLL for (int i = 0; i < rows; i++) points(kind, half + i * columns, y + i * rows, 1);
}

/* The same with y in memory, whose vectors lie apart by y_stride. More points than registers: a column or a row of them
 * at a time, which unrolled loops would mix, and spill. */
INLINE void transform_tile_to(points_function *points, nativecnn_winograd_kind kind, int columns, int rows,
                              const float *x, int64_t row_stride, int64_t column_stride, float *y, int64_t y_stride) {
    vfloat half[MAX_POINTS];
    KEEP_ROLLED for (int j = 0; j < columns; j++) {
        vfloat column[MAX_SIDE];
        UNROLL for (int i = 0; i < columns; i++) column[i] = vf_load(x + i * row_stride + j * column_stride);
        points(kind, column, half + j, columns);
    }
    KEEP_ROLLED for (int i = 0; i < rows; i++) {
        vfloat row[MAX_SIDE];
        points(kind, half + i * columns, row, 1);
        UNROLL for (int j = 0; j < rows; j++) vf_store(y + (i * rows + j) * y_stride, row[j]);
    }
}

#endif
