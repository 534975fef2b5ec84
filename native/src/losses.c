/* losses.c - the checks of softmax, softmax cross-entropy and squared error. */
#include "checks.h"
#include "kernels.h"

#include <math.h>

static nativecnn_status check_rows(int64_t row_count, int64_t column_count) {
    REQUIRE(column_count >= 1, NATIVECNN_BAD_RANGE);
    return check_matrix(row_count, column_count);
}

nativecnn_status nativecnn_softmax_forward(const float *logits, int64_t row_count, int32_t class_count,
                                           float *probabilities) {
    REQUIRE(logits && probabilities, NATIVECNN_NULL_POINTER);
    CHECK(check_rows(row_count, class_count));
    kernels_in_use()->softmax_forward(logits, row_count, class_count, probabilities);
    return NATIVECNN_OK;
}

nativecnn_status nativecnn_softmax_backward(const float *probabilities, const float *output_gradient, int64_t row_count,
                                            int32_t class_count, float *input_gradient) {
    REQUIRE(probabilities && output_gradient && input_gradient, NATIVECNN_NULL_POINTER);
    CHECK(check_rows(row_count, class_count));
    kernels_in_use()->softmax_backward(probabilities, output_gradient, row_count, class_count, input_gradient);
    return NATIVECNN_OK;
}

nativecnn_status nativecnn_softmax_cross_entropy(const float *logits, const int32_t *labels, int64_t row_count,
                                                 int32_t class_count, float scale, float *losses, float *logit_gradient) {
    REQUIRE(logits && labels && losses, NATIVECNN_NULL_POINTER);
    CHECK(check_rows(row_count, class_count));
    REQUIRE(isfinite(scale), NATIVECNN_BAD_ARGUMENT);
    for (int64_t r = 0; r < row_count; r++)
        REQUIRE(labels[r] >= 0 && labels[r] < class_count, NATIVECNN_BAD_ARGUMENT);
    kernels_in_use()->softmax_cross_entropy(logits, labels, row_count, class_count, scale, losses, logit_gradient);
    return NATIVECNN_OK;
}

nativecnn_status nativecnn_squared_error(const float *output, const float *targets, int64_t row_count, int64_t column_count,
                                         float factor, float scale, float *losses, float *output_gradient) {
    REQUIRE(output && targets && losses, NATIVECNN_NULL_POINTER);
    CHECK(check_rows(row_count, column_count));
    REQUIRE((factor == 0.5f || factor == 1.0f) && isfinite(scale), NATIVECNN_BAD_ARGUMENT);
    kernels_in_use()->squared_error(output, targets, row_count, column_count, factor, scale, losses, output_gradient);
    return NATIVECNN_OK;
}
