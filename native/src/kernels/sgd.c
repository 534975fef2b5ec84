/* sgd.c - v = momentum v + (g + weight_decay w); w = w - learning_rate v, in one pass. */
#include "kernels.h"
#include "simd.h"

typedef struct constants {
    vfloat minus_rate;
    vfloat momentum;
    vfloat decay;
} constants;

/* n elements, 1 <= n <= LANES. */
INLINE void step(constants s, const float *gradient, float *velocity, float *values, int64_t n) {
    vfloat w = vf_load_n(values, n);
    vfloat v = vf_fma(s.decay, w, vf_load_n(gradient, n));
    if (velocity) {
        v = vf_fma(s.momentum, vf_load_n(velocity, n), v);
        vf_store_n(velocity, v, n);
    }
    vf_store_n(values, vf_fma(s.minus_rate, v, w), n);
}

void VARIANT(sgd_update)(const nativecnn_sgd *sgd, const float *gradient, int64_t count, float *velocity, float *values) {
    constants s = {vf_set(-sgd->learning_rate), vf_set(sgd->momentum), vf_set(sgd->weight_decay)};
    int64_t i = 0;
    for (; i + LANES <= count; i += LANES)
        step(s, gradient + i, velocity ? velocity + i : NULL, values + i, LANES);
    if (i < count)
        step(s, gradient + i, velocity ? velocity + i : NULL, values + i, count - i);
}
