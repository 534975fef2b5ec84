/*
 * activate.h - the non-linearities on vectors: f from x, and f' from y = f(x).
 */
#ifndef NATIVECNN_ACTIVATE_H
#define NATIVECNN_ACTIVATE_H

#include "nativecnn.h"
#include "vector_math.h"

/* f(x); kind is a constant wherever this is inlined. */
INLINE vfloat activate(int32_t kind, vfloat alpha, vfloat beta, vfloat x) {
    switch (kind) {
    case NATIVECNN_LOGISTIC:
        return vf_logistic(vf_mul(beta, x));
    case NATIVECNN_TANH:
        return vf_tanh(x);
    case NATIVECNN_SCALED_TANH:
        return vf_mul(alpha, vf_tanh(vf_mul(beta, x)));
    case NATIVECNN_RELU:
        /* NaN, as the second argument, stays. */
        return vf_max(vf_set(0), x);
    default:
        return x;
    }
}

/* f'(x) times the output gradient g:
 *   logistic     beta y (1 - y)
 *   tanh         1 - y^2
 *   scaled tanh  alpha beta (1 - (y / alpha)^2) = beta (alpha - y^2 / alpha); slope is beta / alpha
 *   relu         1 where y > 0, else 0 */
INLINE vfloat differentiate(int32_t kind, vfloat alpha, vfloat beta, vfloat slope, vfloat y, vfloat g) {
    switch (kind) {
    case NATIVECNN_LOGISTIC:
        return vf_mul(g, vf_mul(vf_mul(beta, y), vf_sub(vf_set(1), y)));
    case NATIVECNN_TANH:
        return vf_mul(g, vf_mul(vf_sub(vf_set(1), y), vf_add(vf_set(1), y)));
    case NATIVECNN_SCALED_TANH:
        return vf_mul(g, vf_mul(slope, vf_mul(vf_sub(alpha, y), vf_add(alpha, y))));
    case NATIVECNN_RELU:
        return vf_select(vf_less(vf_set(0), y), g, vf_set(0));
    default:
        return g;
    }
}

/* Calls BODY(kind) with kind as a constant, so that loops inside it hold one non-linearity only. */
#define WITH_CONSTANT_KIND(kind, BODY)                                                                                      \
    switch (kind) {                                                                                                         \
    case NATIVECNN_LOGISTIC:                                                                                                \
        BODY(NATIVECNN_LOGISTIC);                                                                                           \
        break;                                                                                                              \
    case NATIVECNN_TANH:                                                                                                    \
        BODY(NATIVECNN_TANH);                                                                                               \
        break;                                                                                                              \
    case NATIVECNN_SCALED_TANH:                                                                                             \
        BODY(NATIVECNN_SCALED_TANH);                                                                                        \
        break;                                                                                                              \
    case NATIVECNN_RELU:                                                                                                    \
        BODY(NATIVECNN_RELU);                                                                                               \
        break;                                                                                                              \
    default:                                                                                                                \
        BODY(NATIVECNN_IDENTITY);                                                                                           \
        break;                                                                                                              \
    }

#endif
