/*
 * update_step.h - one step of an optimiser's rule on a vector of parameters; the formulas stand at
 * nativecnn_update_kind.
 */
#ifndef NATIVECNN_UPDATE_STEP_H
#define NATIVECNN_UPDATE_STEP_H

#include "nativecnn.h"
#include "simd.h"

/* The constants of a nativecnn_update as the steps use them. */
typedef struct update_constants {
    vfloat minus_rate;
    vfloat weight_decay;
    vfloat momentum;
    vfloat rest_of_momentum;
    vfloat beta2;
    vfloat rest_of_beta2;
    vfloat epsilon;
    vfloat correction1;
    vfloat correction2;
    vfloat minus_shrinkage;
} update_constants;

INLINE update_constants update_constants_of(const nativecnn_update *u) {
    return (update_constants){
        .minus_rate = vf_set(-u->learning_rate),
        .weight_decay = vf_set(u->weight_decay),
        .momentum = vf_set(u->momentum),
        .rest_of_momentum = vf_set(1 - u->momentum),
        .beta2 = vf_set(u->beta2),
        .rest_of_beta2 = vf_set(1 - u->beta2),
        .epsilon = vf_set(u->epsilon),
        .correction1 = vf_set(u->correction1),
        .correction2 = vf_set(u->correction2),
        .minus_shrinkage = vf_set(-u->learning_rate * u->weight_decay),
    };
}

/* n parameters, 1 <= n <= LANES, whose gradient is g; kind is a constant wherever this is inlined. first is null where
 * the rule has no momentum, second where it has no second moment. */
INLINE void update_step(int32_t kind, const update_constants *c, vfloat g, float *first, float *second, float *values,
                        int64_t n) {
    vfloat w = vf_load_n(values, n);
    vfloat d = kind == NATIVECNN_UPDATE_ADAMW ? g : vf_fma(c->weight_decay, w, g);
    if (kind == NATIVECNN_UPDATE_SGD || kind == NATIVECNN_UPDATE_NESTEROV) {
        vfloat v = d;
        if (first) {
            v = vf_fma(c->momentum, vf_load_n(first, n), d);
            vf_store_n(first, v, n);
        }
        if (kind == NATIVECNN_UPDATE_NESTEROV)
            v = vf_fma(c->momentum, v, d);
        vf_store_n(values, vf_fma(c->minus_rate, v, w), n);
        return;
    }
    if (kind == NATIVECNN_UPDATE_DIAGONAL) {
        vfloat curvature = vf_add(vf_abs(vf_load_n(second, n)), c->epsilon);
        vf_store_n(values, vf_fma(c->minus_rate, vf_div(d, curvature), w), n);
        return;
    }
    if (kind == NATIVECNN_UPDATE_RMSPROP || kind == NATIVECNN_UPDATE_ADAGRAD) {
        vfloat s = vf_load_n(second, n);
        s = kind == NATIVECNN_UPDATE_ADAGRAD ? vf_fma(d, d, s)
                                             : vf_fma(c->beta2, s, vf_mul(c->rest_of_beta2, vf_mul(d, d)));
        vf_store_n(second, s, n);
        vfloat v = vf_div(d, vf_add(vf_sqrt(s), c->epsilon));
        if (kind == NATIVECNN_UPDATE_RMSPROP && first) {
            v = vf_fma(c->momentum, vf_load_n(first, n), v);
            vf_store_n(first, v, n);
        }
        vf_store_n(values, vf_fma(c->minus_rate, v, w), n);
        return;
    }
    vfloat m = vf_fma(c->momentum, vf_load_n(first, n), vf_mul(c->rest_of_momentum, d));
    vfloat s = vf_fma(c->beta2, vf_load_n(second, n), vf_mul(c->rest_of_beta2, vf_mul(d, d)));
    vf_store_n(first, m, n);
    vf_store_n(second, s, n);
    if (kind == NATIVECNN_UPDATE_ADAMW)
        w = vf_fma(c->minus_shrinkage, w, w);
    vfloat size = vf_add(vf_sqrt(vf_mul(c->correction2, s)), c->epsilon);
    vf_store_n(values, vf_fma(c->minus_rate, vf_div(vf_mul(c->correction1, m), size), w), n);
}

/* Calls BODY(kind) with kind as a constant, so that loops inside it hold one rule only. */
#define WITH_CONSTANT_UPDATE(kind, BODY)                                                                               \
    switch (kind) {                                                                                                    \
    case NATIVECNN_UPDATE_NESTEROV:                                                                                    \
        BODY(NATIVECNN_UPDATE_NESTEROV);                                                                               \
        break;                                                                                                         \
    case NATIVECNN_UPDATE_ADAM:                                                                                        \
        BODY(NATIVECNN_UPDATE_ADAM);                                                                                   \
        break;                                                                                                         \
    case NATIVECNN_UPDATE_ADAMW:                                                                                       \
        BODY(NATIVECNN_UPDATE_ADAMW);                                                                                  \
        break;                                                                                                         \
    case NATIVECNN_UPDATE_RMSPROP:                                                                                     \
        BODY(NATIVECNN_UPDATE_RMSPROP);                                                                                \
        break;                                                                                                         \
    case NATIVECNN_UPDATE_ADAGRAD:                                                                                     \
        BODY(NATIVECNN_UPDATE_ADAGRAD);                                                                                \
        break;                                                                                                         \
    case NATIVECNN_UPDATE_DIAGONAL:                                                                                    \
        BODY(NATIVECNN_UPDATE_DIAGONAL);                                                                               \
        break;                                                                                                         \
    default:                                                                                                           \
        BODY(NATIVECNN_UPDATE_SGD);                                                                                    \
        break;                                                                                                         \
    }

#endif
