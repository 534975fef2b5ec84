/*
 * vector_math.h - exp, exp - 1, log(1 + x), tanh, log cosh and the logistic function on vectors. Over all floats, by
 * steps, and all instruction sets the worst was in units in the last place: tanh 1.2, exp - 1 1.6, the logistic
 * function 2.0, softplus by log(1 + x) 2.3, and what is made of log cosh 3.4 (vector_math_tests.c).
 *
 * exp after S. Moshier's Cephes (expf.c): x = n ln 2 + r with |r| <= ln(2)/2, exp x = 2^n exp r, exp r by a polynomial
 * of degree 7. Within 2 units in the last place; inf above 88.73, 0 below -103.98, NaN for NaN.
 */
#ifndef NATIVECNN_VECTOR_MATH_H
#define NATIVECNN_VECTOR_MATH_H

#include "simd.h"

/* exp r - 1 for |r| <= ln(2)/2 */
INLINE vfloat vf_expm1_near_0(vfloat r) {
    vfloat p = vf_set(1.9875691500e-4f);
    p = vf_fma(p, r, vf_set(1.3981999507e-3f));
    p = vf_fma(p, r, vf_set(8.3334519073e-3f));
    p = vf_fma(p, r, vf_set(4.1665795894e-2f));
    p = vf_fma(p, r, vf_set(1.6666665459e-1f));
    p = vf_fma(p, r, vf_set(5.0000001201e-1f));
    return vf_fma(p, vf_mul(r, r), r);
}

INLINE vfloat vf_exp(vfloat x) {
    /* Past these bounds the result is inf or 0 anyway; NaN passes through, being the second argument. */
    x = vf_max(vf_set(-104.0f), vf_min(vf_set(89.0f), x));
    vfloat n = vf_round(vf_mul(x, vf_set(1.44269504f)));
    /* ln 2 in two parts, the first with so few bits that n times it is exact. */
    vfloat r = vf_fma(n, vf_set(-0.693359375f), x);
    r = vf_fma(n, vf_set(2.12194440e-4f), r);
    return vf_scale_power(vf_add(vf_expm1_near_0(r), vf_set(1.0f)), n);
}

/* exp x - 1; the subtraction is left to where less than half of the digits cancel. */
INLINE vfloat vf_expm1(vfloat x) {
    vfloat far = vf_sub(vf_exp(x), vf_set(1.0f));
    return vf_select(vf_less(vf_abs(x), vf_set(0.34f)), vf_expm1_near_0(x), far);
}

/* log(1 + x) for 0 <= x <= 1: with s = x / (2 + x) <= 1/3 it is 2 atanh s = 2 (s + s^3 / 3 + s^5 / 5 + ...). */
INLINE vfloat vf_log1p(vfloat x) {
    vfloat s = vf_div(x, vf_add(x, vf_set(2.0f)));
    vfloat z = vf_mul(s, s);
    vfloat p = vf_set(1.0f / 15);
    p = vf_fma(p, z, vf_set(1.0f / 13));
    p = vf_fma(p, z, vf_set(1.0f / 11));
    p = vf_fma(p, z, vf_set(1.0f / 9));
    p = vf_fma(p, z, vf_set(1.0f / 7));
    p = vf_fma(p, z, vf_set(1.0f / 5));
    p = vf_fma(p, z, vf_set(1.0f / 3));
    s = vf_add(s, s);
    return vf_fma(vf_mul(p, z), s, s);
}

/* 1 / (1 + exp(-x)) */
INLINE vfloat vf_logistic(vfloat x) {
    vfloat one = vf_set(1.0f);
    return vf_div(one, vf_add(one, vf_exp(vf_sub(vf_set(0.0f), x))));
}

/* tanh x: below 0.625 in magnitude an odd polynomial (Cephes, tanhf.c), which keeps the relative error small around 0;
 * above, 1 - 2 / (exp(2|x|) + 1) with the sign of x. */
INLINE vfloat vf_tanh(vfloat x) {
    vfloat one = vf_set(1.0f);
    vfloat size = vf_abs(x);
    vfloat z = vf_mul(x, x);
    vfloat p = vf_set(-5.70498872745e-3f);
    p = vf_fma(p, z, vf_set(2.06390887954e-2f));
    p = vf_fma(p, z, vf_set(-5.37397155531e-2f));
    p = vf_fma(p, z, vf_set(1.33314422036e-1f));
    p = vf_fma(p, z, vf_set(-3.33332819422e-1f));
    vfloat small = vf_fma(vf_mul(p, z), x, x);
    vfloat large = vf_sub(one, vf_div(vf_set(2.0f), vf_add(vf_exp(vf_add(size, size)), one)));
    large = vf_select(vf_less(x, vf_set(0.0f)), vf_sub(vf_set(0.0f), large), large);
    return vf_select(vf_less(size, vf_set(0.625f)), small, large);
}

/* The part of log cosh(t / 2) that is left when |t| / 2 is taken off where |t| >= 2: there log(1 + exp(-|t|)) - log 2,
 * elsewhere log cosh(t / 2) = log(1 + 2 sinh(t / 4)^2) itself, of which nothing cancels. */
INLINE vfloat vf_log_cosh_rest(vfloat t, vmask is_near) {
    vfloat h = vf_mul(t, vf_set(0.25f));
    vfloat z = vf_mul(h, h);
    /* sinh h / h for |h| < 1/2 by its series. */
    vfloat p = vf_set(1.0f / 362880);
    p = vf_fma(p, z, vf_set(1.0f / 5040));
    p = vf_fma(p, z, vf_set(1.0f / 120));
    p = vf_fma(p, z, vf_set(1.0f / 6));
    vfloat sinh = vf_fma(vf_mul(p, z), h, h);
    vfloat far = vf_exp(vf_sub(vf_set(0.0f), vf_abs(t)));
    vfloat logarithm = vf_log1p(vf_select(is_near, vf_mul(vf_add(sinh, sinh), sinh), far));
    return vf_select(is_near, logarithm, vf_sub(logarithm, vf_set(0.693147181f)));
}

#endif
