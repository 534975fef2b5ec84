/* pointwise.c - the checks of activations, dropout and accumulation. */
#include "checks.h"
#include "kernels.h"

nativecnn_status nativecnn_activation_forward(const nativecnn_activation *activation, const float *input, int64_t count,
                                              float *output) {
    REQUIRE(activation && input && output, NATIVECNN_NULL_POINTER);
    CHECK(check_activation(activation));
    CHECK(check_matrix(1, count));
    kernels_in_use()->activation_forward(activation, input, count, output);
    return NATIVECNN_OK;
}

nativecnn_status nativecnn_activation_backward(const nativecnn_activation *activation, const float *output,
                                               const float *output_gradient, int64_t count, float *input_gradient) {
    REQUIRE(activation && output && output_gradient && input_gradient, NATIVECNN_NULL_POINTER);
    CHECK(check_activation(activation));
    CHECK(check_matrix(1, count));
    kernels_in_use()->activation_backward(activation, output, output_gradient, count, input_gradient);
    return NATIVECNN_OK;
}

nativecnn_status nativecnn_dropout_apply(const nativecnn_dropout *dropout, const float *input, int64_t first, int64_t count,
                                         float *output) {
    REQUIRE(dropout && input && output, NATIVECNN_NULL_POINTER);
    REQUIRE(dropout->probability >= 0 && dropout->probability < 1, NATIVECNN_BAD_ARGUMENT);
    CHECK(check_matrix(1, count));
    CHECK(check_range(first, count, INT64_MAX));
    kernels_in_use()->dropout_apply(dropout, input, first, count, output);
    return NATIVECNN_OK;
}

nativecnn_status nativecnn_accumulate(const float *values, int64_t count, float *accumulator) {
    REQUIRE(values && accumulator, NATIVECNN_NULL_POINTER);
    CHECK(check_matrix(1, count));
    kernels_in_use()->accumulate(values, count, accumulator);
    return NATIVECNN_OK;
}
