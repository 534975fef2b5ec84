/* convolution.c - the checks of im2col, col2im and the flipped filters. */
#include "checks.h"
#include "kernels.h"

static nativecnn_status check_group(const nativecnn_convolution_geometry *geometry, int32_t group) {
    return group >= 0 && group < geometry->groups ? NATIVECNN_OK : NATIVECNN_BAD_RANGE;
}

nativecnn_status nativecnn_im2col(const nativecnn_convolution_geometry *geometry, const float *input, int32_t group,
                                  int64_t row_begin, int64_t row_count, int64_t column_begin, int64_t column_count,
                                  float *columns) {
    REQUIRE(geometry && input && columns, NATIVECNN_NULL_POINTER);
    CHECK(check_convolution(geometry));
    const nativecnn_convolution_geometry *g = geometry;
    CHECK(check_group(g, group));
    CHECK(check_range(row_begin, row_count, (int64_t)g->batch * g->output_height * g->output_width));
    CHECK(check_range(column_begin, column_count, (int64_t)g->kernel_height * g->kernel_width * (g->channels / g->groups)));
    kernels_in_use()->im2col(g, input, group, row_begin, row_count, column_begin, column_count, columns);
    return NATIVECNN_OK;
}

nativecnn_status nativecnn_col2im(const nativecnn_convolution_geometry *geometry, const float *columns, int32_t group,
                                  int32_t image_begin, int32_t image_count, float *input_gradient) {
    REQUIRE(geometry && columns && input_gradient, NATIVECNN_NULL_POINTER);
    CHECK(check_convolution(geometry));
    CHECK(check_group(geometry, group));
    CHECK(check_range(image_begin, image_count, geometry->batch));
    kernels_in_use()->col2im(geometry, columns, group, image_begin, image_count, input_gradient);
    return NATIVECNN_OK;
}

nativecnn_status nativecnn_flip_filters(const nativecnn_convolution_geometry *geometry, const float *filters, int32_t group,
                                        int32_t channel_begin, int32_t channel_count, float *flipped) {
    REQUIRE(geometry && filters && flipped, NATIVECNN_NULL_POINTER);
    CHECK(check_convolution(geometry));
    CHECK(check_group(geometry, group));
    CHECK(check_range(channel_begin, channel_count, geometry->channels / geometry->groups));
    kernels_in_use()->flip_filters(geometry, filters, group, channel_begin, channel_count, flipped);
    return NATIVECNN_OK;
}
