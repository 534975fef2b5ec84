/* depthwise.c - the checks of depthwise convolution. */
#include "checks.h"
#include "kernels.h"

static nativecnn_status check_depthwise(const nativecnn_convolution_geometry *geometry) {
    CHECK(check_convolution(geometry));
    REQUIRE(geometry->channels == geometry->groups && geometry->filters == geometry->groups, NATIVECNN_BAD_GEOMETRY);
    return NATIVECNN_OK;
}

nativecnn_status nativecnn_depthwise_pack_filters(const nativecnn_convolution_geometry *geometry, const float *filters,
                                                  float *packed) {
    REQUIRE(geometry && filters && packed, NATIVECNN_NULL_POINTER);
    CHECK(check_depthwise(geometry));
    kernels_in_use()->depthwise_pack_filters(geometry, filters, packed);
    return NATIVECNN_OK;
}

nativecnn_status nativecnn_depthwise_forward(const nativecnn_convolution_geometry *geometry, const float *input,
                                             const float *packed, const float *bias, const nativecnn_activation *activation,
                                             int64_t row_begin, int64_t row_count, float *output) {
    REQUIRE(geometry && input && packed && activation && output, NATIVECNN_NULL_POINTER);
    CHECK(check_depthwise(geometry));
    CHECK(check_activation(activation));
    CHECK(check_range(row_begin, row_count, (int64_t)geometry->batch * geometry->output_height));
    kernels_in_use()->depthwise_forward(geometry, input, packed, bias, activation, row_begin, row_count, output);
    return NATIVECNN_OK;
}

nativecnn_status nativecnn_depthwise_backward_data(const nativecnn_convolution_geometry *geometry,
                                                   const float *output_gradient, const float *packed, int64_t row_begin,
                                                   int64_t row_count, float *input_gradient) {
    REQUIRE(geometry && output_gradient && packed && input_gradient, NATIVECNN_NULL_POINTER);
    CHECK(check_depthwise(geometry));
    CHECK(check_range(row_begin, row_count, (int64_t)geometry->batch * geometry->height));
    kernels_in_use()->depthwise_backward_data(geometry, output_gradient, packed, row_begin, row_count, input_gradient);
    return NATIVECNN_OK;
}

nativecnn_status nativecnn_depthwise_filter_gradient(const nativecnn_convolution_geometry *geometry, const float *input,
                                                     const float *output_gradient, int64_t row_begin, int64_t row_count,
                                                     int32_t accumulate, float *gradient) {
    REQUIRE(geometry && input && output_gradient && gradient, NATIVECNN_NULL_POINTER);
    CHECK(check_depthwise(geometry));
    CHECK(check_range(row_begin, row_count, (int64_t)geometry->batch * geometry->output_height));
    REQUIRE(accumulate == 0 || accumulate == 1, NATIVECNN_BAD_ARGUMENT);
    kernels_in_use()->depthwise_filter_gradient(geometry, input, output_gradient, row_begin, row_count, accumulate,
                                                gradient);
    return NATIVECNN_OK;
}

nativecnn_status nativecnn_depthwise_unpack_gradient(const nativecnn_convolution_geometry *geometry, const float *gradients,
                                                     int32_t gradient_count, float *filter_gradient) {
    REQUIRE(geometry && gradients && filter_gradient, NATIVECNN_NULL_POINTER);
    CHECK(check_depthwise(geometry));
    const nativecnn_convolution_geometry *g = geometry;
    REQUIRE(gradient_count >= 0 &&
                fits_memory((int64_t[]){gradient_count, g->channels, g->kernel_height, g->kernel_width}, 4),
            NATIVECNN_BAD_RANGE);
    kernels_in_use()->depthwise_unpack_gradient(g, gradients, gradient_count, filter_gradient);
    return NATIVECNN_OK;
}
