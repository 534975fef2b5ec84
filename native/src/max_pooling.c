/* max_pooling.c - the checks of max pooling. */
#include "checks.h"
#include "kernels.h"

int32_t nativecnn_max_pooling_index_size(const nativecnn_pooling_geometry *geometry) {
    if (check_pooling(geometry) != NATIVECNN_OK)
        return 0;
    int64_t places = (int64_t)geometry->window_height * geometry->window_width;
    return places <= 256 ? 1 : places <= 65536 ? 2 : 0;
}

nativecnn_status nativecnn_max_pooling_forward(const nativecnn_pooling_geometry *geometry, const float *input,
                                               int64_t row_begin, int64_t row_count, float *output, void *argmax) {
    REQUIRE(geometry && input && output, NATIVECNN_NULL_POINTER);
    REQUIRE(nativecnn_max_pooling_index_size(geometry) != 0, NATIVECNN_BAD_GEOMETRY);
    CHECK(check_range(row_begin, row_count, (int64_t)geometry->batch * geometry->output_height));
    kernels_in_use()->max_pooling_forward(geometry, input, row_begin, row_count, output, argmax);
    return NATIVECNN_OK;
}

nativecnn_status nativecnn_max_pooling_backward(const nativecnn_pooling_geometry *geometry, const float *output_gradient,
                                                const void *argmax, int64_t row_begin, int64_t row_count,
                                                float *input_gradient) {
    REQUIRE(geometry && output_gradient && argmax && input_gradient, NATIVECNN_NULL_POINTER);
    REQUIRE(nativecnn_max_pooling_index_size(geometry) != 0, NATIVECNN_BAD_GEOMETRY);
    CHECK(check_range(row_begin, row_count, (int64_t)geometry->batch * geometry->height));
    kernels_in_use()->max_pooling_backward(geometry, output_gradient, argmax, row_begin, row_count, input_gradient);
    return NATIVECNN_OK;
}
