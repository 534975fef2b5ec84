/* optimizers.c - the checks of the optimisers' updates. */
#include "checks.h"
#include "kernels.h"

#include <math.h>

int32_t nativecnn_sgd_update(const nativecnn_sgd *sgd, const float *gradient, int64_t count, float *velocity,
                             float *values) {
    REQUIRE(sgd && gradient && values, NATIVECNN_NULL_POINTER);
    REQUIRE(isfinite(sgd->learning_rate) && isfinite(sgd->momentum) && isfinite(sgd->weight_decay), NATIVECNN_BAD_ARGUMENT);
    REQUIRE(velocity || sgd->momentum == 0, NATIVECNN_NULL_POINTER);
    CHECK(check_matrix(1, count));
    kernels_in_use()->sgd_update(sgd, gradient, count, velocity, values);
    return NATIVECNN_OK;
}
