/* optimizers.c - the checks of the optimisers' updates. */
#include "checks.h"
#include "kernels.h"

#include <math.h>

static int is_finite(const nativecnn_sgd *sgd) {
    return isfinite(sgd->learning_rate) && isfinite(sgd->momentum) && isfinite(sgd->weight_decay);
}

nativecnn_status nativecnn_sgd_update(const nativecnn_sgd *sgd, const float *gradient, int64_t count, float *velocity,
                                      float *values) {
    REQUIRE(sgd && gradient && values, NATIVECNN_NULL_POINTER);
    REQUIRE(is_finite(sgd), NATIVECNN_BAD_ARGUMENT);
    REQUIRE(velocity || sgd->momentum == 0, NATIVECNN_NULL_POINTER);
    CHECK(check_matrix(1, count));
    kernels_in_use()->sgd_update(sgd, gradient, count, velocity, values);
    return NATIVECNN_OK;
}

nativecnn_status nativecnn_dense_sgd_update(const nativecnn_sgd *sgd, int64_t batch, int64_t units, int64_t inputs,
                                            const float *input, const float *output_gradient, int64_t unit_begin,
                                            int64_t unit_count, float *velocity, float *weights) {
    REQUIRE(sgd && input && output_gradient && weights, NATIVECNN_NULL_POINTER);
    REQUIRE(is_finite(sgd), NATIVECNN_BAD_ARGUMENT);
    REQUIRE(velocity || sgd->momentum == 0, NATIVECNN_NULL_POINTER);
    CHECK(check_matrix(batch, inputs));
    CHECK(check_matrix(batch, units));
    CHECK(check_matrix(units, inputs));
    REQUIRE(unit_begin >= 0 && unit_count >= 0 && unit_begin <= units && unit_count <= units - unit_begin,
            NATIVECNN_BAD_RANGE);
    kernels_in_use()->dense_sgd_update(sgd, batch, units, inputs, input, output_gradient, unit_begin, unit_count, velocity,
                                       weights);
    return NATIVECNN_OK;
}
