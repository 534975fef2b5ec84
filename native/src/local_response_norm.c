/* local_response_norm.c - the checks of local response normalisation. */
#include "checks.h"
#include "kernels.h"

#include <math.h>

static nativecnn_status check_norm(const nativecnn_local_response_norm *norm, int64_t pixel_count, int32_t channels) {
    REQUIRE(norm->size >= 1 && isfinite(norm->alpha) && norm->alpha >= 0 && isfinite(norm->beta) && isfinite(norm->k) &&
                norm->k > 0,
            NATIVECNN_BAD_ARGUMENT);
    REQUIRE(channels >= 1, NATIVECNN_BAD_RANGE);
    return check_matrix(pixel_count, channels);
}

nativecnn_status nativecnn_local_response_norm_forward(const nativecnn_local_response_norm *norm, const float *input,
                                                       int64_t pixel_count, int32_t channels, float *output, float *scale,
                                                       float *workspace) {
    REQUIRE(norm && input && output && workspace, NATIVECNN_NULL_POINTER);
    CHECK(check_norm(norm, pixel_count, channels));
    kernels_in_use()->local_response_norm_forward(norm, input, pixel_count, channels, output, scale, workspace);
    return NATIVECNN_OK;
}

nativecnn_status nativecnn_local_response_norm_backward(const nativecnn_local_response_norm *norm, const float *input,
                                                        const float *scale, const float *output_gradient,
                                                        int64_t pixel_count, int32_t channels, float *input_gradient,
                                                        float *workspace) {
    REQUIRE(norm && input && scale && output_gradient && input_gradient && workspace, NATIVECNN_NULL_POINTER);
    CHECK(check_norm(norm, pixel_count, channels));
    kernels_in_use()->local_response_norm_backward(norm, input, scale, output_gradient, pixel_count, channels,
                                                   input_gradient, workspace);
    return NATIVECNN_OK;
}
