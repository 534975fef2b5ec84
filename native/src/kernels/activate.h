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
    bool has_negative_alpha;
} activation_constants;

INLINE activation_constants activation_constants_of(const nativecnn_activation *f) {
    return (activation_constants){vf_set(f->alpha), vf_set(f->beta), f->alpha < 0};
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

INLINE vfloat activate_leaky_relu(activation_constants c, vfloat x) {
    return vf_select(vf_less(vf_set(0), x), x, vf_mul(c.alpha, x));
}

/* x and y have one sign unless alpha is negative, and then the source is x. */
INLINE vfloat differentiate_leaky_relu(activation_constants c, vfloat source, vfloat g) {
    return vf_select(vf_less(vf_set(0), source), g, vf_mul(c.alpha, g));
}

/* The part that grows with |x| is x or 0 exactly: however large beta is, nothing overflows. */
INLINE vfloat activate_softplus(activation_constants c, vfloat x) {
    vfloat t = vf_mul(c.beta, x);
    vfloat rest = vf_log1p(vf_exp(vf_sub(vf_set(0), vf_abs(t))));
    return vf_add(vf_select(vf_less(vf_set(0), t), x, vf_set(0)), vf_div(rest, c.beta));
}

INLINE vfloat differentiate_softplus(activation_constants c, vfloat y, vfloat g) {
    return vf_mul(g, vf_sub(vf_set(0), vf_expm1(vf_sub(vf_set(0), vf_mul(c.beta, y)))));
}

INLINE vfloat activate_elu(activation_constants c, vfloat x) {
    return vf_select(vf_less(vf_set(0), x), x, vf_mul(c.alpha, vf_expm1(x)));
}

/* From y, or from x if alpha is negative. */
INLINE vfloat differentiate_elu(activation_constants c, vfloat source, vfloat g) {
    vfloat slope = c.has_negative_alpha ? vf_mul(c.alpha, vf_exp(source)) : vf_add(source, c.alpha);
    return vf_select(vf_less(vf_set(0), source), g, vf_mul(slope, g));
}

INLINE vfloat activate_absolute(activation_constants c, vfloat x) {
    (void)c;
    return vf_abs(x);
}

/* What is neither above nor below 0, 0 and NaN, is its own sign. */
INLINE vfloat differentiate_absolute(activation_constants c, vfloat x, vfloat g) {
    (void)c;
    vfloat zero = vf_set(0);
    return vf_select(vf_less(zero, x), g, vf_select(vf_less(x, zero), vf_sub(zero, g), x));
}

/* 2 / beta log cosh(beta x / 2), from |beta x| = 2 on |x| plus a rest that stays small. */
INLINE vfloat activate_smooth_absolute(activation_constants c, vfloat x) {
    vfloat zero = vf_set(0), size = vf_abs(x), t = vf_mul(c.beta, x);
    vmask is_near = vf_less(vf_abs(t), vf_set(2));
    vfloat rest = vf_mul(vf_div(vf_set(2), c.beta), vf_log_cosh_rest(t, is_near));
    size = vf_select(vf_less(c.beta, zero), vf_sub(zero, size), size);
    return vf_add(vf_select(is_near, zero, size), rest);
}

INLINE vfloat differentiate_smooth_absolute(activation_constants c, vfloat x, vfloat g) {
    return vf_mul(g, vf_tanh(vf_mul(vf_mul(c.beta, vf_set(0.5f)), x)));
}

INLINE vfloat activate_gain(activation_constants c, vfloat x) {
    return vf_mul(c.alpha, x);
}

INLINE vfloat differentiate_gain(activation_constants c, vfloat y, vfloat g) {
    (void)y;
    return vf_mul(c.alpha, g);
}

INLINE vfloat activate_clipped_relu(activation_constants c, vfloat x) {
    return vf_min(c.alpha, vf_max(vf_set(0), x));
}

INLINE vfloat differentiate_clipped_relu(activation_constants c, vfloat y, vfloat g) {
    vfloat below = vf_select(vf_less(y, c.alpha), g, vf_set(0));
    return vf_select(vf_less(vf_set(0), y), below, vf_set(0));
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
