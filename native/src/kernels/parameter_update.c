/* parameter_update.c - one step of an optimiser over an array of parameters, in one pass; formulas at the kinds. */
#include "checks.h"
#include "kernels.h"
#include "update_step.h"

INLINE float *past(float *moment, int64_t i) {
    return moment ? moment + i : NULL;
}

INLINE void update_all(int32_t kind, const nativecnn_update *u, const float *gradient, int64_t count, float *first,
                       float *second, float *values) {
    update_constants c = update_constants_of(u);
    int64_t i = 0;
    for (; i + LANES <= count; i += LANES)
        update_step(kind, &c, vf_load(gradient + i), past(first, i), past(second, i), values + i, LANES);
    if (i < count) {
        int64_t n = count - i;
        update_step(kind, &c, vf_load_first(gradient + i, n), past(first, i), past(second, i), values + i, n);
    }
}

void VARIANT(parameter_update)(const nativecnn_update *update, const float *gradient, int64_t count,
                               float *first_moment, float *second_moment, float *values){
#define UPDATE(kind) update_all(kind, update, gradient, count, first_moment, second_moment, values)
    WITH_CONSTANT_UPDATE(update->kind, UPDATE)
#undef UPDATE
}

#if defined(NATIVECNN_EXPORTS)

nativecnn_status nativecnn_parameter_update(const nativecnn_update *update, const float *gradient, int64_t count,
                                            float *first_moment, float *second_moment, float *values) {
    REQUIRE(update && gradient && values, NATIVECNN_NULL_POINTER);
    CHECK(check_update(update, first_moment, second_moment));
    CHECK(check_matrix(1, count));
    kernels_in_use()->parameter_update(update, gradient, count, first_moment, second_moment, values);
    return NATIVECNN_OK;
}

#endif
