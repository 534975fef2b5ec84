/*
 * winograd_product.c - the products of Winograd's algorithm: V U -> M per point, and D' V -> dU.
 *
 * A library's sgemm packs both operands at every call, which for these small products costs as much as the products
 * themselves. Here the transforms write what the loops below read, so that nothing is packed: an outer product of a few
 * rows and one or two blocks of 16 columns is summed in registers over the whole inner dimension.
 */
#include "checks.h"
#include "constant_rows.h"
#include "even_blocks.h"
#include "kernels.h"
#include "simd.h"
#include "sum_block.h"
#include "winograd.h"

enum {
    /* The blocks of 16 columns of one outer product, which sum_block.h calls panels. */
    COLUMN_BLOCKS = COLUMN_PANELS,
    /* The rows of a product D' V: as many as divide a block. */
    GRADIENT_ROWS = ROWS >= 8   ? 8
                    : ROWS >= 4 ? 4
                                : 2,
    /* The entries of the inner dimension that are summed by themselves before they join the result: the error grows
     * with the length of a part and the number of parts, not with their product. A multiple of four blocks. */
    PART = 256
};

/* Where the entries of an operand lie. The inner dimension goes in blocks of 16, four of which lie near each other. */
typedef struct left_strides {
    int64_t row;
    int64_t inner;
    int64_t block;
    int64_t four_blocks;
} left_strides;

typedef struct right_strides {
    int64_t inner;
    int64_t block;
    int64_t columns;
    /* What to ask for while this is read, from where it is read. */
    int64_t ahead;
} right_strides;

typedef struct result_strides {
    int64_t row;
    int64_t columns;
} result_strides;

/* result[rows x 16 blocks] = (or +=) left[rows x inner] . right[inner x 16 blocks] */
INLINE void outer_products(int rows, int blocks, int64_t inner, const float *left, left_strides l, const float *right,
                           right_strides r, float *result, result_strides s, bool accumulate) {
    vfloat sums[ROWS * COLUMN_BLOCKS * VECTORS];
    int vectors = blocks * VECTORS;
    UNROLL for (int i = 0; i < rows; i++) UNROLL for (int j = 0; j < vectors; j++) sums[i * vectors + j] = vf_set(0);
    if (accumulate)
        for (int i = 0; i < rows; i++)
            for (int j = 0; j < blocks; j++)
                PREFETCH(result + i * s.row + j * s.columns);
    for (int64_t block = 0; block * BLOCK < inner; block++) {
        const float *a = left + (block & 3) * l.block + (block >> 2) * l.four_blocks;
        const float *b = right + block * r.block;
        /* The next block's rows, or its next inner entries. */
        uintptr_t next = (uintptr_t)(a + l.block);
        uintptr_t next_step = (uintptr_t)(l.inner == 1 ? l.row : l.inner) * sizeof(float);
        int64_t end = inner - block * BLOCK < BLOCK ? inner - block * BLOCK : BLOCK;
        for (int64_t k = 0; k < end; k++, a += l.inner, b += r.inner, next += next_step) {
            vfloat columns[COLUMN_BLOCKS * VECTORS];
            PREFETCH((uintptr_t)b + (uintptr_t)r.ahead * sizeof(float));
            PREFETCH(next);
            UNROLL for (int j = 0; j < vectors; j++) columns[j] =
                vf_load(b + j / VECTORS * r.columns + j % VECTORS * LANES);
            UNROLL for (int i = 0; i < rows; i++) {
                vfloat entry = vf_set(a[i * l.row]);
                UNROLL for (int j = 0; j < vectors; j++) sums[i * vectors + j] =
                    vf_fma(entry, columns[j], sums[i * vectors + j]);
            }
        }
    }
    UNROLL for (int i = 0; i < rows; i++) UNROLL for (int j = 0; j < vectors; j++) {
        float *to = result + i * s.row + j / VECTORS * s.columns + j % VECTORS * LANES;
        vfloat sum = sums[i * vectors + j];
        vf_store(to, accumulate ? vf_add(vf_load(to), sum) : sum);
    }
}

/* A panel of tiles times up to COLUMN_BLOCKS blocks of filters, over all channels. */
INLINE void forward_panel(int rows, int blocks, int64_t channels, const float *tiles, int64_t group_stride,
                          const float *filters, right_strides r, float *products) {
    const left_strides l = {TILE_CHANNELS, 1, BLOCK, group_stride};
    const result_strides s = {TILE_CHANNELS, BLOCK};
#define PRODUCTS(number) outer_products(number, blocks, count, tiles, l, filters, r, products, s, c > 0)
    for (int64_t c = 0; c < channels; c += PART, tiles += PART / TILE_CHANNELS * group_stride) {
        int64_t count = channels - c < PART ? channels - c : PART;
        WITH_CONSTANT_ROWS(rows, ROWS, PRODUCTS)
        filters += PART / BLOCK * r.block;
    }
#undef PRODUCTS
}

void VARIANT(winograd_product)(nativecnn_winograd_kind kind, int64_t tile_count, int32_t channel_count,
                               int32_t filter_count, const float *tiles, const float *filters, float *products) {
    if (tile_count == 0)
        return;
    int points = point_count(kind);
    int64_t stride = point_stride(tile_count), group_stride = points * stride;
    int64_t block_stride = (int64_t)points * BLOCK_SIZE, column_stride = blocks_of(channel_count, BLOCK) * block_stride;
    int64_t column_blocks = blocks_of(filter_count, BLOCK);
    even_blocks panels = cut_evenly(tile_count, ROWS);
    for (int64_t column = 0; column < column_blocks; column += COLUMN_BLOCKS) {
        bool whole = column + COLUMN_BLOCKS <= column_blocks;
        for (int p = 0; p < points; p++) {
            const float *right = filters + column * column_stride + p * BLOCK_SIZE;
            const float *left = tiles + p * stride;
            float *result = products + channel_offset(kind, tile_count, column * BLOCK) + p * stride;
            for (int64_t panel = 0; panel < panels.count; panel++) {
                int rows = (int)block_size(panels, panel);
                /* The first panels bring the next point's filters, a block each. */
                int64_t ahead =
                    p + 1 < points ? BLOCK_SIZE + (panel > 0 && whole ? (COLUMN_BLOCKS - 1) * column_stride : 0) : 0;
                const right_strides r = {BLOCK, block_stride, column_stride, ahead};
                if (whole)
                    forward_panel(rows, COLUMN_BLOCKS, channel_count, left, group_stride, right, r, result);
                else
                    forward_panel(rows, 1, channel_count, left, group_stride, right, r, result);
                left += (int64_t)rows * TILE_CHANNELS;
                result += (int64_t)rows * TILE_CHANNELS;
            }
        }
    }
}

/* Up to GRADIENT_ROWS filters times up to COLUMN_BLOCKS blocks of channels, over all tiles. */
INLINE void gradient_panel(int rows, int blocks, int64_t tile_count, const float *gradient_tiles, const float *tiles,
                           float *products, int64_t column_stride, bool accumulate) {
    const left_strides l = {1, TILE_CHANNELS, BLOCK * TILE_CHANNELS, 4 * BLOCK * TILE_CHANNELS};
    const right_strides r = {TILE_CHANNELS, BLOCK * TILE_CHANNELS, BLOCK, 0};
    const result_strides s = {BLOCK, column_stride};
#define PRODUCTS(number) outer_products(number, blocks, count, gradient_tiles, l, tiles, r, products, s, accumulate)
    for (int64_t t = 0; t < tile_count; t += PART, accumulate = true) {
        int64_t count = tile_count - t < PART ? tile_count - t : PART;
        WITH_CONSTANT_ROWS(rows, GRADIENT_ROWS, PRODUCTS)
        gradient_tiles += PART * TILE_CHANNELS;
        tiles += PART * TILE_CHANNELS;
    }
#undef PRODUCTS
}

void VARIANT(winograd_gradient_product)(nativecnn_winograd_kind kind, int64_t tile_count, int32_t channel_count,
                                        int32_t filter_count, const float *tiles, const float *gradient_tiles,
                                        nativecnn_range points, int32_t accumulate, float *products) {
    int64_t stride = point_stride(tile_count), block_stride = (int64_t)point_count(kind) * BLOCK_SIZE;
    int64_t column_stride = blocks_of(filter_count, BLOCK) * block_stride;
    int64_t column_blocks = blocks_of(channel_count, BLOCK);
    /* Points are outermost: one point's tiles are read by every panel. */
    for (int64_t p = points.begin; p < points.begin + points.count; p++)
        for (int64_t column = 0; column < column_blocks; column += COLUMN_BLOCKS) {
            bool whole = column + COLUMN_BLOCKS <= column_blocks;
            const float *right = tiles + channel_offset(kind, tile_count, column * BLOCK) + p * stride;
            for (int64_t row = 0; row < filter_count; row += GRADIENT_ROWS) {
                int rows = (int)(filter_count - row < GRADIENT_ROWS ? filter_count - row : GRADIENT_ROWS);
                const float *left = gradient_tiles + channel_offset(kind, tile_count, row) + p * stride;
                float *result = products + column * column_stride + row / BLOCK * block_stride + p * BLOCK_SIZE +
                                row % BLOCK * BLOCK;
                if (whole)
                    gradient_panel(rows, COLUMN_BLOCKS, tile_count, left, right, result, column_stride,
                                   accumulate != 0);
                else
                    gradient_panel(rows, 1, tile_count, left, right, result, column_stride, accumulate != 0);
            }
        }
}

#if defined(NATIVECNN_EXPORTS)

/* The checks of the two products: counts whose buffers exist. */
static nativecnn_status check_product(nativecnn_winograd_kind kind, int64_t tile_count, int32_t channel_count,
                                      int32_t filter_count) {
    REQUIRE(known_winograd(kind), NATIVECNN_BAD_ARGUMENT);
    REQUIRE(nativecnn_winograd_tiles_size(kind, tile_count, channel_count) > 0 &&
                nativecnn_winograd_tiles_size(kind, tile_count, filter_count) > 0 &&
                nativecnn_winograd_filters_size(kind, channel_count, filter_count) > 0,
            NATIVECNN_BAD_RANGE);
    return NATIVECNN_OK;
}

nativecnn_status nativecnn_winograd_product(nativecnn_winograd_kind kind, int64_t tile_count, int32_t channel_count,
                                            int32_t filter_count, const float *tiles, const float *filters,
                                            float *products) {
    REQUIRE(tiles && filters && products, NATIVECNN_NULL_POINTER);
    CHECK(check_product(kind, tile_count, channel_count, filter_count));
    kernels_in_use()->winograd_product(kind, tile_count, channel_count, filter_count, tiles, filters, products);
    return NATIVECNN_OK;
}

nativecnn_status nativecnn_winograd_gradient_product(nativecnn_winograd_kind kind, int64_t tile_count,
                                                     int32_t channel_count, int32_t filter_count, const float *tiles,
                                                     const float *gradient_tiles, nativecnn_range points,
                                                     int32_t accumulate, float *products) {
    REQUIRE(tiles && gradient_tiles && products, NATIVECNN_NULL_POINTER);
    CHECK(check_product(kind, tile_count, channel_count, filter_count));
    CHECK(check_range(points, point_count(kind)));
    REQUIRE(accumulate == 0 || accumulate == 1, NATIVECNN_BAD_ARGUMENT);
    kernels_in_use()->winograd_gradient_product(kind, tile_count, channel_count, filter_count, tiles, gradient_tiles,
                                                points, accumulate, products);
    return NATIVECNN_OK;
}

#endif
