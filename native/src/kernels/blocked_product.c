/*
 * blocked_product.c - left . panels -> result, where the panels were packed before: for products whose one operand is
 * used again and again, as filters are, and whose rows are too few to pay for packing it at every call.
 *
 * A few rows times one or two panels of 16 columns are summed in registers. The rows are first copied side by side, a
 * part of their length at a time: in common networks they lie a large power of two apart, and would drive each other
 * out of the first cache.
 */
#include "checks.h"
#include "constant_rows.h"
#include "direct.h"
#include "even_blocks.h"
#include "kernels.h"
#include "simd.h"
#include "sum_block.h"

#include <math.h>

enum {
    /* The entries that are added up by themselves, before their sum joins the result. */
    PART = 256,
    /* From one row's copy to the next: no power of two. */
    ROW_STEP = PART + 16,
    /* The panels that are used again for block after block of rows; a part of each stays in the second cache. */
    TOGETHER = 32,
    /* How far ahead a panel is asked for, in floats. */
    AHEAD = 8 * PANEL
};

/* One product, and what is to be done with it. */
typedef struct product {
    int64_t left_stride;
    int64_t panel_stride;
    int64_t result_stride;
    /* Of the part in hand: its entries; whether the result has earlier sums; what the sums begin with, or null; what
     * they are at least. */
    int64_t count;
    bool accumulate;
    const float *bias;
    float floor;
} product;

/* result[rows x n columns] = max(floor, (result or bias or 0) + rows . panels), for n <= 16 panels columns. next: the
 * rows of the next block, which are asked for. */
INLINE void sum_block(int rows, int panels, const product *p, const float *copies, const float *packed,
                      const float *bias, const float *next, int64_t n, float *result) {
    vfloat sums[ROWS * COLUMN_PANELS * VECTORS];
    int vectors = panels * VECTORS;
    UNROLL for (int j = 0; j < vectors; j++) {
        int64_t left = n - j * LANES;
        vfloat begin = bias && left > 0 ? vf_load_n(bias + j * LANES, left) : vf_set(0);
        UNROLL for (int i = 0; i < rows; i++) sums[i * vectors + j] = begin;
    }
    UNROLL for (int i = 0; i < rows; i++) for (int j = 0; j < panels; j++)
        PREFETCH(result + i * p->result_stride + j * PANEL);
    /* Line k / 16 of the next block's row k % 16. */
    for (int64_t k = 0; k < p->count; k++, packed += PANEL) {
        vfloat columns[COLUMN_PANELS * VECTORS];
        if (next)
            PREFETCH_LATER((uintptr_t)next +
                           (uintptr_t)((k & 15) * p->left_stride + (k & ~(int64_t)15)) * sizeof(float));
        for (int j = 0; j < panels; j++)
            PREFETCH((uintptr_t)(packed + j * p->panel_stride) + AHEAD * sizeof(float));
        UNROLL for (int j = 0; j < vectors; j++) columns[j] =
            vf_load(packed + j / VECTORS * p->panel_stride + j % VECTORS * LANES);
        UNROLL for (int i = 0; i < rows; i++) {
            vfloat value = vf_set(copies[i * ROW_STEP + k]);
            UNROLL for (int j = 0; j < vectors; j++) sums[i * vectors + j] =
                vf_fma(value, columns[j], sums[i * vectors + j]);
        }
    }
    vfloat least = vf_set(p->floor);
    UNROLL for (int j = 0; j < vectors; j++) {
        int64_t left = n - j * LANES;
        if (left <= 0)
            continue;
        UNROLL for (int i = 0; i < rows; i++) {
            float *to = result + i * p->result_stride + j * LANES;
            vfloat sum = sums[i * vectors + j];
            if (p->accumulate)
                sum = vf_add(vf_load_n(to, left), sum);
            vf_store_n(to, vf_max(least, sum), left);
        }
    }
}

/* The same for a number of rows and panels that is no constant. */
static void sum_panels(int rows, int panels, const product *p, const float *copies, const float *packed,
                       const float *bias, const float *next, int64_t n, float *result) {
#define SUM_PAIR(number) sum_block(number, COLUMN_PANELS, p, copies, packed, bias, next, n, result)
#define SUM_PANEL(number) sum_block(number, 1, p, copies, packed, bias, next, n, result)
    if (panels == COLUMN_PANELS) {
        WITH_CONSTANT_ROWS(rows, ROWS, SUM_PAIR)
    } else {
        WITH_CONSTANT_ROWS(rows, ROWS, SUM_PANEL)
    }
#undef SUM_PANEL
#undef SUM_PAIR
}

/* Copies count entries of rows side by side; what follows in the last vector is zero. */
INLINE void copy_rows(int rows, const product *p, const float *left, float *copies) {
    for (int i = 0; i < rows; i++, left += p->left_stride, copies += ROW_STEP)
        for (int64_t k = 0; k < p->count; k += LANES)
            vf_store(copies + k, vf_load_n(left + k, p->count - k));
}

void VARIANT(blocked_product)(int64_t row_count, int64_t inner_count, int32_t column_count, const float *left,
                              int64_t left_stride, const float *panels, int64_t panel_stride, const float *bias,
                              const nativecnn_activation *activation, int32_t accumulate, float *result,
                              int64_t result_stride) {
    float copies[ROWS * ROW_STEP];
    product p = {.left_stride = left_stride, .panel_stride = panel_stride, .result_stride = result_stride};
    int64_t panel_count = panels_of(column_count);
    if (row_count == 0)
        return;
    even_blocks blocks = cut_evenly(row_count, ROWS);
    for (int64_t first = 0; first < panel_count; first += TOGETHER) {
        int64_t past = panel_count - first < TOGETHER ? panel_count : first + TOGETHER;
        for (int64_t k = 0; k < inner_count; k += PART) {
            p.count = inner_count - k < PART ? inner_count - k : PART;
            p.accumulate = accumulate || k > 0;
            p.bias = p.accumulate ? NULL : bias;
            bool last = k + p.count == inner_count;
            p.floor = last && activation->kind == NATIVECNN_RELU ? 0 : -INFINITY;
            for (int64_t b = 0, row = 0; b < blocks.count; b++) {
                int rows = (int)block_size(blocks, b);
                copy_rows(rows, &p, left + row * left_stride + k, copies);
                for (int64_t panel = first; panel < past; panel += COLUMN_PANELS) {
                    int beside = past - panel < COLUMN_PANELS ? (int)(past - panel) : COLUMN_PANELS;
                    int64_t n = column_count - panel * PANEL;
                    n = n < beside * PANEL ? n : beside * PANEL;
                    float *to = result + row * result_stride + panel * PANEL;
                    bool asks = panel == first && b + 1 < blocks.count;
                    sum_panels(rows, beside, &p, copies, panels + panel * panel_stride + k * PANEL,
                               p.bias ? p.bias + panel * PANEL : NULL,
                               asks ? left + (row + rows) * left_stride + k : NULL, n, to);
                    if (last && activation->kind != NATIVECNN_RELU)
                        VARIANT(bias_activation)(activation, NULL, rows, n, result_stride, to);
                }
                row += rows;
            }
        }
    }
}

#if defined(NATIVECNN_EXPORTS)

nativecnn_status nativecnn_blocked_product(int64_t row_count, int64_t inner_count, int32_t column_count,
                                           const float *left, int64_t left_stride, const float *panels,
                                           int64_t panel_stride, const float *bias,
                                           const nativecnn_activation *activation, int32_t accumulate, float *result,
                                           int64_t result_stride) {
    REQUIRE(left && panels && activation && result, NATIVECNN_NULL_POINTER);
    CHECK(check_activation(activation));
    REQUIRE(accumulate == 0 || accumulate == 1, NATIVECNN_BAD_ARGUMENT);
    REQUIRE(row_count >= 0 && inner_count >= 1 && column_count >= 1, NATIVECNN_BAD_RANGE);
    REQUIRE(inner_count <= left_stride && column_count <= result_stride, NATIVECNN_BAD_RANGE);
    REQUIRE(fits_memory((int64_t[]){inner_count, PANEL}, 2) && inner_count * PANEL <= panel_stride,
            NATIVECNN_BAD_RANGE);
    REQUIRE(fits_memory((int64_t[]){row_count, left_stride}, 2) &&
                fits_memory((int64_t[]){row_count, result_stride}, 2) &&
                fits_memory((int64_t[]){panels_of(column_count), panel_stride}, 2),
            NATIVECNN_BAD_RANGE);
    kernels_in_use()->blocked_product(row_count, inner_count, column_count, left, left_stride, panels, panel_stride,
                                      bias, activation, accumulate, result, result_stride);
    return NATIVECNN_OK;
}

#endif
