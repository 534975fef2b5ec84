/* winograd.c - the sizes of Winograd's buffers, and what the exports of all its steps check. */
#include "winograd.h"
#include "checks.h"

bool known_winograd(nativecnn_winograd_kind kind) {
    return (uint32_t)kind <= NATIVECNN_WINOGRAD_4X4_5X5;
}

nativecnn_status check_winograd(nativecnn_winograd_kind kind, const nativecnn_convolution_geometry *geometry) {
    REQUIRE(known_winograd(kind), NATIVECNN_BAD_ARGUMENT);
    CHECK(check_convolution(geometry));
    const nativecnn_convolution_geometry *g = geometry;
    REQUIRE(g->kernel_height == filter_side(kind) && g->kernel_width == filter_side(kind) && g->stride_y == 1 &&
                g->stride_x == 1 && g->dilation_y == 1 && g->dilation_x == 1,
            NATIVECNN_BAD_GEOMETRY);
    return NATIVECNN_OK;
}

nativecnn_status check_winograd_range(nativecnn_winograd_kind kind, const nativecnn_convolution_geometry *g,
                                      int32_t group, nativecnn_range tiles, nativecnn_range channels, int32_t all) {
    CHECK(check_group(g, group));
    CHECK(check_range(tiles, g->batch_size * tiles_of_image(kind, g)));
    return check_range(channels, all / g->groups);
}

int64_t nativecnn_winograd_tile_count(nativecnn_winograd_kind kind, const nativecnn_convolution_geometry *geometry) {
    return check_winograd(kind, geometry) == NATIVECNN_OK ? geometry->batch_size * tiles_of_image(kind, geometry) : 0;
}

int64_t nativecnn_winograd_tiles_size(nativecnn_winograd_kind kind, int64_t tile_count, int32_t channels) {
    /* One tile more than there are covers the unused floats, and no count overflows the sum. */
    if (!known_winograd(kind) || tile_count < 1 || tile_count >= INT64_MAX / TILE_CHANNELS || channels < 1)
        return 0;
    int64_t groups = blocks_of(channels, TILE_CHANNELS);
    if (!fits_memory((int64_t[]){groups, point_count(kind), tile_count + 1, TILE_CHANNELS}, 4))
        return 0;
    return groups * point_count(kind) * point_stride(tile_count);
}

int64_t nativecnn_winograd_filters_size(nativecnn_winograd_kind kind, int32_t rows, int32_t columns) {
    if (!known_winograd(kind) || rows < 1 || columns < 1)
        return 0;
    int64_t row_blocks = blocks_of(rows, BLOCK), column_blocks = blocks_of(columns, BLOCK);
    if (!fits_memory((int64_t[]){row_blocks, column_blocks, point_count(kind), BLOCK_SIZE}, 4))
        return 0;
    return row_blocks * column_blocks * point_count(kind) * BLOCK_SIZE;
}
