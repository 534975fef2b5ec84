/*
 * blocked_gradient.c - gradient += left' . right over pixels: a filter gradient whose filters and taps are divided
 * among threads, and not the pixels.
 *
 * A few filters times some 32 taps are summed in registers over a tile of pixels, and then added where the filters'
 * gradient lies. Both operands are first copied side by side: in common networks pixels lie a large power of two apart,
 * and would drive each other out of the caches.
 */
#include "checks.h"
#include "constant_rows.h"
#include "even_blocks.h"
#include "kernels.h"
#include "simd.h"
#include "sum_block.h"

enum {
    /* The taps of one sum. */
    COLUMNS = COLUMN_PANELS * PANEL,
    COLUMN_VECTORS = COLUMNS / LANES,
    /* The floats of a pixel's copied filters: whole vectors. */
    ROW_STEP = (ROWS + LANES - 1) / LANES * LANES,
    LINE = 16,
    /* Pixels whose products are added up by themselves: the copies of some taps and of a block of filters then fill the
     * first cache. */
    TILE = 192,
    /* The blocks of filters whose copies all taps use before the next ones are made. */
    BLOCKS = 10
};

/* Sums over a tile of pixels. */
typedef struct sums {
    int64_t pixels;
    int64_t gradient_stride;
    bool accumulate;
    /* The taps that come next, of pixel 0, and from one pixel to the next, in bytes. */
    uintptr_t ahead;
    uintptr_t ahead_step;
} sums;

/* gradient[rows x n taps] = (or +=) sum over pixels of filters' times taps'. */
INLINE void sum_block(int rows, const sums *s, const float *filters, const float *taps, int64_t n, float *gradient) {
    vfloat block[ROWS * COLUMN_VECTORS];
    UNROLL for (int i = 0; i < rows; i++) UNROLL for (int j = 0; j < COLUMN_VECTORS; j++)
        block[i * COLUMN_VECTORS + j] = vf_set(0);
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < COLUMNS; j += LINE)
            PREFETCH((uintptr_t)(gradient + i * s->gradient_stride) + (uintptr_t)j * sizeof(float));
    uintptr_t ahead = s->ahead;
    for (int64_t p = 0; p < s->pixels; p++, filters += ROW_STEP, taps += COLUMNS, ahead += s->ahead_step) {
        vfloat columns[COLUMN_VECTORS];
        for (uintptr_t j = 0; j < COLUMNS; j += LINE)
            PREFETCH_LATER(ahead + j * sizeof(float));
        UNROLL for (int j = 0; j < COLUMN_VECTORS; j++) columns[j] = vf_load(taps + j * LANES);
        UNROLL for (int i = 0; i < rows; i++) {
            vfloat value = vf_set(filters[i]);
            UNROLL for (int j = 0; j < COLUMN_VECTORS; j++) block[i * COLUMN_VECTORS + j] =
                vf_fma(value, columns[j], block[i * COLUMN_VECTORS + j]);
        }
    }
    UNROLL for (int j = 0; j < COLUMN_VECTORS; j++) {
        int64_t left = n - j * LANES;
        if (left <= 0)
            continue;
        UNROLL for (int i = 0; i < rows; i++) {
            float *to = gradient + i * s->gradient_stride + j * LANES;
            vfloat sum = block[i * COLUMN_VECTORS + j];
            vf_store_n(to, s->accumulate ? vf_add(vf_load_n(to, left), sum) : sum, left);
        }
    }
}

/* Copies n <= width columns of pixels side by side, zeros up to width. */
INLINE void copy_columns(int64_t pixels, int64_t n, int64_t width, const float *from, int64_t stride, float *to) {
    for (int64_t p = 0; p < pixels; p++, from += stride, to += width)
        for (int64_t j = 0; j < width; j += LANES)
            vf_store(to + j, j < n ? vf_load_n(from + j, n - j) : vf_set(0));
}

void VARIANT(blocked_gradient)(int64_t pixel_count, int32_t filter_count, int64_t tap_count,
                               const float *output_gradient, int64_t output_stride, const float *columns,
                               int64_t column_stride, int32_t accumulate, float *gradient, int64_t gradient_stride) {
    float filters[BLOCKS * TILE * ROW_STEP], taps[TILE * COLUMNS];
    if (pixel_count == 0) {
        for (int64_t f = 0; f < filter_count && !accumulate; f++)
            memset(gradient + f * gradient_stride, 0, (size_t)tap_count * sizeof(float));
        return;
    }
    even_blocks blocks = cut_evenly(filter_count, ROWS), tiles = cut_evenly(pixel_count, TILE);
    for (int64_t tile = 0; tile < tiles.count; tile++) {
        int64_t pixel = block_begin(tiles, tile);
        sums s = {.gradient_stride = gradient_stride, .accumulate = accumulate || tile > 0};
        s.pixels = block_size(tiles, tile);
        for (int64_t first = 0; first < blocks.count; first += BLOCKS) {
            int64_t past = blocks.count - first < BLOCKS ? blocks.count : first + BLOCKS;
            for (int64_t b = first; b < past; b++) {
                int64_t f = block_begin(blocks, b);
                copy_columns(s.pixels, block_size(blocks, b), ROW_STEP, output_gradient + pixel * output_stride + f,
                             output_stride, filters + (b - first) * TILE * ROW_STEP);
            }
            for (int64_t tap = 0; tap < tap_count; tap += COLUMNS) {
                int64_t n = tap_count - tap < COLUMNS ? tap_count - tap : COLUMNS;
                const float *from = columns + pixel * column_stride + tap;
                copy_columns(s.pixels, n, COLUMNS, from, column_stride, taps);
                s.ahead = (uintptr_t)(from + n);
                s.ahead_step = (uintptr_t)column_stride * sizeof(float);
                for (int64_t b = first; b < past; b++) {
                    int64_t f = block_begin(blocks, b);
                    int rows = (int)block_size(blocks, b);
                    const float *block = filters + (b - first) * TILE * ROW_STEP;
                    float *to = gradient + f * gradient_stride + tap;
#define SUM_BLOCK(number) sum_block(number, &s, block, taps, n, to)
                    WITH_CONSTANT_ROWS(rows, ROWS, SUM_BLOCK)
#undef SUM_BLOCK
                    s.ahead_step = 0;
                }
            }
        }
    }
}

#if defined(NATIVECNN_EXPORTS)

nativecnn_status nativecnn_blocked_gradient(int64_t pixel_count, int32_t filter_count, int64_t tap_count,
                                            const float *output_gradient, int64_t output_stride, const float *columns,
                                            int64_t column_stride, int32_t accumulate, float *gradient,
                                            int64_t gradient_stride) {
    REQUIRE(output_gradient && columns && gradient, NATIVECNN_NULL_POINTER);
    REQUIRE(accumulate == 0 || accumulate == 1, NATIVECNN_BAD_ARGUMENT);
    REQUIRE(pixel_count >= 0 && filter_count >= 1 && tap_count >= 1, NATIVECNN_BAD_RANGE);
    REQUIRE(filter_count <= output_stride && tap_count <= column_stride && tap_count <= gradient_stride,
            NATIVECNN_BAD_RANGE);
    REQUIRE(fits_memory((int64_t[]){pixel_count, output_stride}, 2) &&
                fits_memory((int64_t[]){pixel_count, column_stride}, 2) &&
                fits_memory((int64_t[]){filter_count, gradient_stride}, 2),
            NATIVECNN_BAD_RANGE);
    kernels_in_use()->blocked_gradient(pixel_count, filter_count, tap_count, output_gradient, output_stride, columns,
                                       column_stride, accumulate, gradient, gradient_stride);
    return NATIVECNN_OK;
}

#endif
