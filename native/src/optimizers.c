/* optimizers.c - the checks of the optimisers' updates. */
#include "checks.h"
#include "kernels.h"

#include <math.h>

static nativecnn_status check_update(const nativecnn_update *u, const float *first, const float *second) {
    REQUIRE(isfinite(u->learning_rate) && isfinite(u->weight_decay) && isfinite(u->momentum), NATIVECNN_BAD_ARGUMENT);
    switch (u->kind) {
    case NATIVECNN_UPDATE_SGD:
    case NATIVECNN_UPDATE_NESTEROV:
        return first || u->momentum == 0 ? NATIVECNN_OK : NATIVECNN_NULL_POINTER;
    case NATIVECNN_UPDATE_ADAM:
    case NATIVECNN_UPDATE_ADAMW:
        REQUIRE(u->momentum >= 0 && u->momentum < 1 && u->beta2 >= 0 && u->beta2 < 1, NATIVECNN_BAD_ARGUMENT);
        REQUIRE(isfinite(u->epsilon) && u->epsilon > 0, NATIVECNN_BAD_ARGUMENT);
        REQUIRE(isfinite(u->correction1) && u->correction1 > 0 && isfinite(u->correction2) && u->correction2 > 0,
                NATIVECNN_BAD_ARGUMENT);
        return first && second ? NATIVECNN_OK : NATIVECNN_NULL_POINTER;
    default:
        return NATIVECNN_BAD_ARGUMENT;
    }
}

nativecnn_status nativecnn_parameter_update(const nativecnn_update *update, const float *gradient, int64_t count,
                                            float *first_moment, float *second_moment, float *values) {
    REQUIRE(update && gradient && values, NATIVECNN_NULL_POINTER);
    CHECK(check_update(update, first_moment, second_moment));
    CHECK(check_matrix(1, count));
    kernels_in_use()->parameter_update(update, gradient, count, first_moment, second_moment, values);
    return NATIVECNN_OK;
}

nativecnn_status nativecnn_dense_update(const nativecnn_update *update, const nativecnn_dense_geometry *geometry,
                                        const float *input, const float *output_gradient, nativecnn_range units,
                                        float *first_moment, float *second_moment, float *weights) {
    REQUIRE(update && geometry && input && output_gradient && weights, NATIVECNN_NULL_POINTER);
    CHECK(check_update(update, first_moment, second_moment));
    CHECK(check_matrix(geometry->batch, geometry->inputs));
    CHECK(check_matrix(geometry->batch, geometry->units));
    CHECK(check_matrix(geometry->units, geometry->inputs));
    CHECK(check_range(units.begin, units.count, geometry->units));
    kernels_in_use()->dense_update(update, geometry, input, output_gradient, units, first_moment, second_moment, weights);
    return NATIVECNN_OK;
}
