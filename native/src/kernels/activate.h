/*
 * activate.h - the non-linearities on vectors: for each in interop/generator/activations.json an activate_NAME, f of x,
 * and a differentiate_NAME, f' times the output gradient g, from the output y (or the input x where the list says so).
 */
#ifndef NATIVECNN_ACTIVATE_H
#define NATIVECNN_ACTIVATE_H

#include "generated/activations.g.h"
#include "vector_math.h"

typedef struct activation_constants {
    vfloat alpha;
    vfloat beta;
} activation_constants;

INLINE activation_constants activation_constants_of(const nativecnn_activation *f) {
    return (activation_constants){vf_set(f->alpha), vf_set(f->beta)};
}

INLINE vfloat activate_identity(activation_constants c, vfloat x) {
    (void)c;
    return x;
}

INLINE vfloat differentiate_identity(activation_constants c, vfloat y, vfloat g) {
    (void)c;
    (void)y;
    return g;
}

INLINE vfloat activate_logistic(activation_constants c, vfloat x) {
    return vf_logistic(vf_mul(c.beta, x));
}

INLINE vfloat differentiate_logistic(activation_constants c, vfloat y, vfloat g) {
    return vf_mul(g, vf_mul(vf_mul(c.beta, y), vf_sub(vf_set(1), y)));
}

INLINE vfloat activate_tanh(activation_constants c, vfloat x) {
    (void)c;
    return vf_tanh(x);
}

INLINE vfloat differentiate_tanh(activation_constants c, vfloat y, vfloat g) {
    (void)c;
    return vf_mul(g, vf_mul(vf_sub(vf_set(1), y), vf_add(vf_set(1), y)));
}

INLINE vfloat activate_scaled_tanh(activation_constants c, vfloat x) {
    return vf_mul(c.alpha, vf_tanh(vf_mul(c.beta, x)));
}

/* alpha beta (1 - (y / alpha)^2) = beta / alpha (alpha - y) (alpha + y) */
INLINE vfloat differentiate_scaled_tanh(activation_constants c, vfloat y, vfloat g) {
    vfloat slope = vf_div(c.beta, c.alpha);
    return vf_mul(g, vf_mul(slope, vf_mul(vf_sub(c.alpha, y), vf_add(c.alpha, y))));
}

INLINE vfloat activate_relu(activation_constants c, vfloat x) {
    (void)c;
    /* NaN, as the second argument, stays. */
    return vf_max(vf_set(0), x);
}

INLINE vfloat differentiate_relu(activation_constants c, vfloat y, vfloat g) {
    (void)c;
    return vf_select(vf_less(vf_set(0), y), g, vf_set(0));
}

/* f(x); kind is a constant wherever this is inlined. */
INLINE vfloat activate(int32_t kind, activation_constants c, vfloat x) {
    vfloat y;
#define ACTIVATE(name) y = activate_##name(c, x)
    ACTIVATION_SWITCH(kind, ACTIVATE)
#undef ACTIVATE
    return y;
}

/* f' times g, from the output or the input. */
INLINE vfloat differentiate(int32_t kind, activation_constants c, vfloat source, vfloat g) {
    vfloat product;
#define DIFFERENTIATE(name) product = differentiate_##name(c, source, g)
    ACTIVATION_SWITCH(kind, DIFFERENTIATE)
#undef DIFFERENTIATE
    return product;
}

#endif
