/*
 * dense.c - the products of a dense layer: y[n, o] = sum over k of x[n, k] w[o, k], and dx[n, k] = sum over o of
 * dy[n, o] w[o, k].
 *
 * A library's sgemm copies the weights into an order of its own at every call, which a batch of some tens of examples
 * does not pay for. Here they are read where they lie: a tile of them stays in the first cache while the whole batch
 * meets it, and the next tile is asked for meanwhile.
 */
#include "checks.h"
#include "constant_rows.h"
#include "kernels.h"
#include "simd.h"

#include <stdbool.h>

enum {
/* Examples in a block of sums, and units or vectors of inputs: their sums fill the registers beside the operands. */
#if NATIVECNN_LEVEL == 2
    ROWS = 6,
#else
    ROWS = 3,
#endif
    COLUMNS = 4,
    /* A tile of weights is 32 KB forward and up to 16 KB backward. */
    FORWARD_UNITS = 8,
    FORWARD_INPUTS = 1024,
    BACKWARD_UNITS = 64
};

/* The height of the block that starts at example n: blocks of nearly equal height. */
INLINE int64_t next_rows(int64_t batch, int64_t n) {
    int64_t blocks = (batch - n + ROWS - 1) / ROWS;
    return (batch - n + blocks - 1) / blocks;
}

/* y[rows x units] = (or +=) x[rows x count] . w[units x count]'; ahead is how far behind w the next weights lie. */
INLINE void dot_products(int rows, int units, int64_t count, const float *x, int64_t x_stride, const float *w,
                         int64_t w_stride, int64_t ahead, bool accumulate, float *y, int64_t y_stride) {
    vfloat sums[ROWS * COLUMNS];
    UNROLL for (int i = 0; i < rows * units; i++) sums[i] = vf_set(0);
    int64_t k = 0;
    for (; k + LANES <= count; k += LANES) {
        vfloat weights[COLUMNS];
        UNROLL for (int j = 0; j < units; j++) {
            PREFETCH((uintptr_t)(w + j * w_stride + k) + (uintptr_t)ahead * sizeof(float));
            weights[j] = vf_load(w + j * w_stride + k);
        }
        UNROLL for (int i = 0; i < rows; i++) {
            vfloat values = vf_load(x + i * x_stride + k);
            UNROLL for (int j = 0; j < units; j++) sums[i * units + j] =
                vf_fma(values, weights[j], sums[i * units + j]);
        }
    }
    if (k < count)
        for (int i = 0; i < rows; i++)
            for (int j = 0; j < units; j++)
                sums[i * units + j] = vf_fma(vf_load_first(x + i * x_stride + k, count - k),
                                             vf_load_first(w + j * w_stride + k, count - k), sums[i * units + j]);
    UNROLL for (int i = 0; i < rows; i++) {
        vfloat row[COLUMNS];
        float totals[COLUMNS];
        UNROLL for (int j = 0; j < COLUMNS; j++) row[j] = j < units ? sums[i * units + j] : vf_set(0);
        vf_sum_4(row, totals);
        UNROLL for (int j = 0; j < units; j++) {
            float *to = y + i * y_stride + j;
            *to = accumulate ? *to + totals[j] : totals[j];
        }
    }
}

void VARIANT(dense_forward)(const nativecnn_dense_geometry *geometry, const float *input, const float *weights,
                            nativecnn_range units, float *output) {
    int64_t batch = geometry->batch_size, outputs = geometry->units, inputs = geometry->inputs;
    int64_t end = units.begin + units.count;
    for (int64_t first = units.begin; first < end; first += FORWARD_UNITS) {
        int64_t stop = first + FORWARD_UNITS < end ? first + FORWARD_UNITS : end;
        /* Once at least: no inputs make sums of 0. */
        for (int64_t k = 0; k == 0 || k < inputs; k += FORWARD_INPUTS) {
            int64_t count = inputs - k < FORWARD_INPUTS ? inputs - k : FORWARD_INPUTS;
            for (int64_t n = 0, rows; n < batch; n += rows) {
                rows = next_rows(batch, n);
                int64_t ahead = n == 0 ? FORWARD_INPUTS : 0;
                const float *x = input + n * inputs + k;
                for (int64_t o = first; o < stop;) {
                    const float *w = weights + o * inputs + k;
                    float *y = output + n * outputs + o;
#define BLOCK(rows) dot_products(rows, COLUMNS, count, x, inputs, w, inputs, ahead, k > 0, y, outputs)
#define COLUMN(rows) dot_products(rows, 1, count, x, inputs, w, inputs, ahead, k > 0, y, outputs)
                    if (o + COLUMNS <= stop) {
                        WITH_CONSTANT_ROWS(rows, ROWS, BLOCK)
                        o += COLUMNS;
                    } else {
                        WITH_CONSTANT_ROWS(rows, ROWS, COLUMN)
                        o++;
                    }
#undef BLOCK
#undef COLUMN
                }
            }
        }
    }
}

/* dx[rows x vectors] = (or +=) dy[rows x units] . w[units x vectors], n floats in the last vector. */
INLINE void outer_products(int rows, int vectors, int64_t n, int64_t units, const float *dy, int64_t dy_stride,
                           const float *w, int64_t w_stride, int64_t ahead, bool accumulate, float *dx,
                           int64_t dx_stride) {
    vfloat sums[ROWS * COLUMNS];
    UNROLL for (int i = 0; i < rows; i++) UNROLL for (int j = 0; j < vectors; j++) sums[i * vectors + j] = vf_set(0);
    for (int64_t o = 0; o < units; o++, w += w_stride) {
        vfloat weights[COLUMNS];
        UNROLL for (int j = 0; j < vectors; j++) {
            PREFETCH((uintptr_t)(w + j * LANES) + (uintptr_t)ahead * sizeof(float));
            weights[j] = vf_load_n(w + j * LANES, j + 1 < vectors ? LANES : n);
        }
        UNROLL for (int i = 0; i < rows; i++) {
            vfloat gradient = vf_set(dy[i * dy_stride + o]);
            UNROLL for (int j = 0; j < vectors; j++) sums[i * vectors + j] =
                vf_fma(gradient, weights[j], sums[i * vectors + j]);
        }
    }
    /* A tile's sum joins those before it as a whole: the error does not grow with all units. */
    UNROLL for (int i = 0; i < rows; i++) UNROLL for (int j = 0; j < vectors; j++) {
        float *to = dx + i * dx_stride + j * LANES;
        int64_t width = j + 1 < vectors ? LANES : n;
        vfloat sum = sums[i * vectors + j];
        vf_store_n(to, accumulate ? vf_add(vf_load_n(to, width), sum) : sum, width);
    }
}

void VARIANT(dense_backward_data)(const nativecnn_dense_geometry *geometry, const float *output_gradient,
                                  const float *weights, nativecnn_range inputs, float *input_gradient) {
    int64_t batch = geometry->batch_size, units = geometry->units, stride = geometry->inputs;
    int64_t end = inputs.begin + inputs.count;
    for (int64_t o = 0; o == 0 || o < units; o += BACKWARD_UNITS) {
        int64_t count = units - o < BACKWARD_UNITS ? units - o : BACKWARD_UNITS;
        for (int64_t k = inputs.begin, width; k < end; k += width) {
            int64_t rest = end - k;
            width = rest >= COLUMNS * LANES ? COLUMNS * LANES : rest > LANES ? 2 * LANES : LANES;
            for (int64_t n = 0, rows; n < batch; n += rows) {
                rows = next_rows(batch, n);
                int64_t ahead = n == 0 ? width : 0;
                const float *dy = output_gradient + n * units + o, *w = weights + o * stride + k;
                float *dx = input_gradient + n * stride + k;
#define BLOCK(rows) outer_products(rows, COLUMNS, LANES, count, dy, units, w, stride, ahead, o > 0, dx, stride)
#define PAIR(rows) outer_products(rows, 2, rest - LANES, count, dy, units, w, stride, ahead, o > 0, dx, stride)
#define COLUMN(rows) outer_products(rows, 1, rest, count, dy, units, w, stride, ahead, o > 0, dx, stride)
                if (width == COLUMNS * LANES) {
                    WITH_CONSTANT_ROWS(rows, ROWS, BLOCK)
                } else if (width == 2 * LANES) {
                    WITH_CONSTANT_ROWS(rows, ROWS, PAIR)
                } else {
                    WITH_CONSTANT_ROWS(rows, ROWS, COLUMN)
                }
#undef BLOCK
#undef PAIR
#undef COLUMN
            }
        }
    }
}

#if defined(NATIVECNN_EXPORTS)

nativecnn_status nativecnn_dense_forward(const nativecnn_dense_geometry *geometry, const float *input,
                                         const float *weights, nativecnn_range units, float *output) {
    REQUIRE(geometry && input && weights && output, NATIVECNN_NULL_POINTER);
    CHECK(check_dense(geometry));
    CHECK(check_range(units, geometry->units));
    kernels_in_use()->dense_forward(geometry, input, weights, units, output);
    return NATIVECNN_OK;
}

nativecnn_status nativecnn_dense_backward_data(const nativecnn_dense_geometry *geometry, const float *output_gradient,
                                               const float *weights, nativecnn_range inputs, float *input_gradient) {
    REQUIRE(geometry && output_gradient && weights && input_gradient, NATIVECNN_NULL_POINTER);
    CHECK(check_dense(geometry));
    CHECK(check_range(inputs, geometry->inputs));
    kernels_in_use()->dense_backward_data(geometry, output_gradient, weights, inputs, input_gradient);
    return NATIVECNN_OK;
}

#endif
