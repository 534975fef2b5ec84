/* dense.c - the checks of the products of dense layers. */
#include "checks.h"
#include "kernels.h"

static nativecnn_status check_dense(int64_t batch, int64_t units, int64_t inputs) {
    CHECK(check_matrix(batch, inputs));
    CHECK(check_matrix(batch, units));
    return check_matrix(units, inputs);
}

nativecnn_status nativecnn_dense_forward(int64_t batch, int64_t units, int64_t inputs, const float *input,
                                         const float *weights, int64_t unit_begin, int64_t unit_count, float *output) {
    REQUIRE(input && weights && output, NATIVECNN_NULL_POINTER);
    CHECK(check_dense(batch, units, inputs));
    CHECK(check_range(unit_begin, unit_count, units));
    kernels_in_use()->dense_forward(batch, units, inputs, input, weights, unit_begin, unit_count, output);
    return NATIVECNN_OK;
}

nativecnn_status nativecnn_dense_backward_data(int64_t batch, int64_t units, int64_t inputs, const float *output_gradient,
                                               const float *weights, int64_t input_begin, int64_t input_count,
                                               float *input_gradient) {
    REQUIRE(output_gradient && weights && input_gradient, NATIVECNN_NULL_POINTER);
    CHECK(check_dense(batch, units, inputs));
    CHECK(check_range(input_begin, input_count, inputs));
    kernels_in_use()->dense_backward_data(batch, units, inputs, output_gradient, weights, input_begin, input_count,
                                          input_gradient);
    return NATIVECNN_OK;
}
