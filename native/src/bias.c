/* bias.c - the checks of bias with activation, and of its gradient. */
#include "checks.h"
#include "kernels.h"

nativecnn_status nativecnn_bias_activation(const nativecnn_activation *activation, const float *bias, int64_t row_count,
                                           int64_t column_count, int64_t stride, float *values) {
    REQUIRE(activation && values, NATIVECNN_NULL_POINTER);
    CHECK(check_activation(activation));
    CHECK(check_matrix(row_count, column_count));
    REQUIRE(stride >= column_count, NATIVECNN_BAD_RANGE);
    CHECK(check_matrix(row_count, stride));
    kernels_in_use()->bias_activation(activation, bias, row_count, column_count, stride, values);
    return NATIVECNN_OK;
}

nativecnn_status nativecnn_column_sums(const float *values, int64_t row_count, int64_t column_count, float *sums) {
    REQUIRE(values && sums, NATIVECNN_NULL_POINTER);
    CHECK(check_matrix(row_count, column_count));
    kernels_in_use()->column_sums(values, row_count, column_count, sums);
    return NATIVECNN_OK;
}
