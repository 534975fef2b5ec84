/* winograd.c - the sizes of Winograd's buffers, and the checks of its exports. */
#include "winograd.h"
#include "checks.h"
#include "kernels.h"

static bool known(nativecnn_winograd_kind kind) {
    return (uint32_t)kind <= NATIVECNN_WINOGRAD_4X4_5X5;
}

static nativecnn_status check_winograd(nativecnn_winograd_kind kind, const nativecnn_convolution_geometry *geometry) {
    REQUIRE(known(kind), NATIVECNN_BAD_ARGUMENT);
    CHECK(check_convolution(geometry));
    const nativecnn_convolution_geometry *g = geometry;
    REQUIRE(g->kernel_height == filter_side(kind) && g->kernel_width == filter_side(kind) && g->stride_y == 1 &&
                g->stride_x == 1 && g->dilation_y == 1 && g->dilation_x == 1,
            NATIVECNN_BAD_GEOMETRY);
    return NATIVECNN_OK;
}

static nativecnn_status check_winograd_range(nativecnn_winograd_kind kind, const nativecnn_convolution_geometry *g,
                                             int32_t group, int64_t tile_begin, int64_t tile_count, int32_t begin,
                                             int32_t count, int32_t channels) {
    REQUIRE(group >= 0 && group < g->groups, NATIVECNN_BAD_RANGE);
    CHECK(check_range(tile_begin, tile_count, g->batch * tiles_of_image(kind, g)));
    return check_range(begin, count, channels / g->groups);
}

int64_t nativecnn_winograd_tile_count(nativecnn_winograd_kind kind, const nativecnn_convolution_geometry *geometry) {
    return check_winograd(kind, geometry) == NATIVECNN_OK ? geometry->batch * tiles_of_image(kind, geometry) : 0;
}

int64_t nativecnn_winograd_tiles_size(nativecnn_winograd_kind kind, int64_t tile_count, int32_t channels) {
    /* One tile more than there are covers the unused floats, and no count overflows the sum. */
    if (!known(kind) || tile_count < 1 || tile_count >= INT64_MAX / TILE_CHANNELS || channels < 1)
        return 0;
    int64_t groups = blocks_of(channels, TILE_CHANNELS);
    if (!fits_memory((int64_t[]){groups, point_count(kind), tile_count + 1, TILE_CHANNELS}, 4))
        return 0;
    return groups * point_count(kind) * point_stride(tile_count);
}

int64_t nativecnn_winograd_filters_size(nativecnn_winograd_kind kind, int32_t rows, int32_t columns) {
    if (!known(kind) || rows < 1 || columns < 1)
        return 0;
    int64_t row_blocks = blocks_of(rows, BLOCK), column_blocks = blocks_of(columns, BLOCK);
    if (!fits_memory((int64_t[]){row_blocks, column_blocks, point_count(kind), BLOCK_SIZE}, 4))
        return 0;
    return row_blocks * column_blocks * point_count(kind) * BLOCK_SIZE;
}

/* The checks of the two products: counts whose buffers exist. */
static nativecnn_status check_product(nativecnn_winograd_kind kind, int64_t tile_count, int32_t channel_count,
                                      int32_t filter_count) {
    REQUIRE(known(kind), NATIVECNN_BAD_ARGUMENT);
    REQUIRE(nativecnn_winograd_tiles_size(kind, tile_count, channel_count) > 0 &&
                nativecnn_winograd_tiles_size(kind, tile_count, filter_count) > 0 &&
                nativecnn_winograd_filters_size(kind, channel_count, filter_count) > 0,
            NATIVECNN_BAD_RANGE);
    return NATIVECNN_OK;
}

nativecnn_status nativecnn_winograd_filter_transform(nativecnn_winograd_kind kind,
                                                     const nativecnn_convolution_geometry *geometry, const float *filters,
                                                     int32_t group, nativecnn_winograd_filters form, int32_t begin,
                                                     int32_t count, float *transformed) {
    REQUIRE(geometry && filters && transformed, NATIVECNN_NULL_POINTER);
    CHECK(check_winograd(kind, geometry));
    REQUIRE((uint32_t)form <= NATIVECNN_WINOGRAD_FILTERS_ADJOINT, NATIVECNN_BAD_ARGUMENT);
    CHECK(check_winograd_range(kind, geometry, group, 0, 0, begin, count,
                               form == NATIVECNN_WINOGRAD_FILTERS_FORWARD ? geometry->filters : geometry->channels));
    kernels_in_use()->winograd_filter_transform(kind, geometry, filters, group, form, begin, count, transformed);
    return NATIVECNN_OK;
}

nativecnn_status nativecnn_winograd_input_transform(nativecnn_winograd_kind kind,
                                                    const nativecnn_convolution_geometry *geometry, const float *input,
                                                    int32_t group, int64_t tile_begin, int64_t tile_count,
                                                    int32_t channel_begin, int32_t channel_count, float *tiles) {
    REQUIRE(geometry && input && tiles, NATIVECNN_NULL_POINTER);
    CHECK(check_winograd(kind, geometry));
    CHECK(check_winograd_range(kind, geometry, group, tile_begin, tile_count, channel_begin, channel_count,
                               geometry->channels));
    kernels_in_use()->winograd_input_transform(kind, geometry, input, group, tile_begin, tile_count, channel_begin,
                                               channel_count, tiles);
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

nativecnn_status nativecnn_winograd_output_transform(nativecnn_winograd_kind kind,
                                                     const nativecnn_convolution_geometry *geometry, const float *products,
                                                     int32_t group, int64_t tile_begin, int64_t tile_count,
                                                     int32_t filter_begin, int32_t filter_count, const float *bias,
                                                     const nativecnn_activation *activation, float *output) {
    REQUIRE(geometry && products && activation && output, NATIVECNN_NULL_POINTER);
    CHECK(check_winograd(kind, geometry));
    CHECK(check_activation(activation));
    CHECK(
        check_winograd_range(kind, geometry, group, tile_begin, tile_count, filter_begin, filter_count, geometry->filters));
    kernels_in_use()->winograd_output_transform(kind, geometry, products, group, tile_begin, tile_count, filter_begin,
                                                filter_count, bias, activation, output);
    return NATIVECNN_OK;
}

nativecnn_status nativecnn_winograd_output_gradient_transform(nativecnn_winograd_kind kind,
                                                              const nativecnn_convolution_geometry *geometry,
                                                              const float *output_gradient, int32_t group,
                                                              int64_t tile_begin, int64_t tile_count, int32_t filter_begin,
                                                              int32_t filter_count, float *tiles) {
    REQUIRE(geometry && output_gradient && tiles, NATIVECNN_NULL_POINTER);
    CHECK(check_winograd(kind, geometry));
    CHECK(
        check_winograd_range(kind, geometry, group, tile_begin, tile_count, filter_begin, filter_count, geometry->filters));
    kernels_in_use()->winograd_output_gradient_transform(kind, geometry, output_gradient, group, tile_begin, tile_count,
                                                         filter_begin, filter_count, tiles);
    return NATIVECNN_OK;
}

nativecnn_status nativecnn_winograd_input_gradient_transform(nativecnn_winograd_kind kind,
                                                             const nativecnn_convolution_geometry *geometry,
                                                             const float *products, int32_t group, int64_t tile_begin,
                                                             int64_t tile_count, int32_t channel_begin,
                                                             int32_t channel_count, float *input_gradient) {
    REQUIRE(geometry && products && input_gradient, NATIVECNN_NULL_POINTER);
    CHECK(check_winograd(kind, geometry));
    CHECK(check_winograd_range(kind, geometry, group, tile_begin, tile_count, channel_begin, channel_count,
                               geometry->channels));
    kernels_in_use()->winograd_input_gradient_transform(kind, geometry, products, group, tile_begin, tile_count,
                                                        channel_begin, channel_count, input_gradient);
    return NATIVECNN_OK;
}

nativecnn_status nativecnn_winograd_gradient_product(nativecnn_winograd_kind kind, int64_t tile_count, int32_t channel_count,
                                                     int32_t filter_count, const float *tiles, const float *gradient_tiles,
                                                     int32_t accumulate, float *products) {
    REQUIRE(tiles && gradient_tiles && products, NATIVECNN_NULL_POINTER);
    CHECK(check_product(kind, tile_count, channel_count, filter_count));
    REQUIRE(accumulate == 0 || accumulate == 1, NATIVECNN_BAD_ARGUMENT);
    kernels_in_use()->winograd_gradient_product(kind, tile_count, channel_count, filter_count, tiles, gradient_tiles,
                                                accumulate, products);
    return NATIVECNN_OK;
}

nativecnn_status nativecnn_winograd_filter_gradient_transform(nativecnn_winograd_kind kind,
                                                              const nativecnn_convolution_geometry *geometry,
                                                              const float *products, int32_t group, int32_t channel_begin,
                                                              int32_t channel_count, int32_t filter_begin,
                                                              int32_t filter_count, float *filter_gradient) {
    REQUIRE(geometry && products && filter_gradient, NATIVECNN_NULL_POINTER);
    CHECK(check_winograd(kind, geometry));
    CHECK(check_winograd_range(kind, geometry, group, 0, 0, channel_begin, channel_count, geometry->channels));
    CHECK(check_range(filter_begin, filter_count, geometry->filters / geometry->groups));
    kernels_in_use()->winograd_filter_gradient_transform(kind, geometry, products, group, channel_begin, channel_count,
                                                         filter_begin, filter_count, filter_gradient);
    return NATIVECNN_OK;
}
