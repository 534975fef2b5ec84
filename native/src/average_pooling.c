/* average_pooling.c - the checks of average pooling. */
#include "checks.h"
#include "kernels.h"

nativecnn_status nativecnn_average_pooling_forward(const nativecnn_pooling_geometry *geometry, const float *input,
                                                   int64_t row_begin, int64_t row_count, float *output) {
    REQUIRE(geometry && input && output, NATIVECNN_NULL_POINTER);
    CHECK(check_pooling(geometry));
    CHECK(check_range(row_begin, row_count, (int64_t)geometry->batch * geometry->output_height));
    kernels_in_use()->average_pooling_forward(geometry, input, row_begin, row_count, output);
    return NATIVECNN_OK;
}

nativecnn_status nativecnn_average_pooling_backward(const nativecnn_pooling_geometry *geometry, const float *output_gradient,
                                                    int64_t row_begin, int64_t row_count, float *input_gradient) {
    REQUIRE(geometry && output_gradient && input_gradient, NATIVECNN_NULL_POINTER);
    CHECK(check_pooling(geometry));
    CHECK(check_range(row_begin, row_count, (int64_t)geometry->batch * geometry->height));
    kernels_in_use()->average_pooling_backward(geometry, output_gradient, row_begin, row_count, input_gradient);
    return NATIVECNN_OK;
}
