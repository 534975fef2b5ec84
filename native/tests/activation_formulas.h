/* activation_formulas.h - the non-linearities in double, as interop/generator/activations.json writes them. */
#ifndef NATIVECNN_ACTIVATION_FORMULAS_H
#define NATIVECNN_ACTIVATION_FORMULAS_H

#include "generated/activations.g.h"
#include "test.h"

static inline double identity_of(const nativecnn_activation *a, double x) {
    (void)a;
    return x;
}

static inline double identity_slope(const nativecnn_activation *a, double x, double y) {
    (void)a, (void)x, (void)y;
    return 1;
}

static inline double logistic_of(const nativecnn_activation *a, double x) {
    return 1 / (1 + exp(-(double)a->beta * x));
}

static inline double logistic_slope(const nativecnn_activation *a, double x, double y) {
    (void)x;
    return (double)a->beta * y * (1 - y);
}

static inline double tanh_of(const nativecnn_activation *a, double x) {
    (void)a;
    return tanh(x);
}

static inline double tanh_slope(const nativecnn_activation *a, double x, double y) {
    (void)a, (void)x;
    return 1 - y * y;
}

static inline double scaled_tanh_of(const nativecnn_activation *a, double x) {
    return (double)a->alpha * tanh((double)a->beta * x);
}

static inline double scaled_tanh_slope(const nativecnn_activation *a, double x, double y) {
    double alpha = (double)a->alpha, beta = (double)a->beta;
    (void)x;
    return alpha * beta * (1 - y / alpha * (y / alpha));
}

static inline double relu_of(const nativecnn_activation *a, double x) {
    (void)a;
    return isnan(x) || x > 0 ? x : 0;
}

static inline double relu_slope(const nativecnn_activation *a, double x, double y) {
    (void)a, (void)x;
    return y > 0 ? 1 : 0;
}

static inline double leaky_relu_of(const nativecnn_activation *a, double x) {
    return x > 0 ? x : (double)a->alpha * x;
}

static inline double leaky_relu_slope(const nativecnn_activation *a, double x, double y) {
    (void)y;
    return x > 0 ? 1 : (double)a->alpha;
}

/* With beta x = t, ln(1 + e^t) = max(t, 0) + ln(1 + e^-|t|). */
static inline double softplus_of(const nativecnn_activation *a, double x) {
    double beta = (double)a->beta, t = beta * x;
    return (t > 0 ? x : 0) + log1p(exp(-fabs(t))) / beta;
}

static inline double softplus_slope(const nativecnn_activation *a, double x, double y) {
    (void)y;
    return 1 / (1 + exp(-(double)a->beta * x));
}

static inline double elu_of(const nativecnn_activation *a, double x) {
    return x > 0 ? x : (double)a->alpha * expm1(x);
}

static inline double elu_slope(const nativecnn_activation *a, double x, double y) {
    (void)y;
    return x > 0 ? 1 : (double)a->alpha * exp(x);
}

static inline double absolute_of(const nativecnn_activation *a, double x) {
    (void)a;
    return fabs(x);
}

static inline double absolute_slope(const nativecnn_activation *a, double x, double y) {
    (void)a, (void)y;
    return x > 0 ? 1 : x < 0 ? -1 : x;
}

/* 2 ln(cosh(t / 2)) / beta with t = beta x, written so that it neither cancels near 0 nor overflows. */
static inline double smooth_absolute_of(const nativecnn_activation *a, double x) {
    double beta = (double)a->beta, half = fabs(beta * x) / 2, sine = sinh(fmin(half, 1) / 2);
    double rest = half < 1 ? log1p(2 * sine * sine) : log1p(exp(-2 * half)) - log(2);
    return (half < 1 ? 0 : beta < 0 ? -fabs(x) : fabs(x)) + 2 / beta * rest;
}

static inline double smooth_absolute_slope(const nativecnn_activation *a, double x, double y) {
    (void)y;
    return 2 / (1 + exp(-(double)a->beta * x)) - 1;
}

static inline double gain_of(const nativecnn_activation *a, double x) {
    return (double)a->alpha * x;
}

static inline double gain_slope(const nativecnn_activation *a, double x, double y) {
    (void)x, (void)y;
    return (double)a->alpha;
}

/* Written so that NaN stays NaN. */
static inline double clipped_relu_of(const nativecnn_activation *a, double x) {
    return x <= 0 ? 0 : x >= (double)a->alpha ? (double)a->alpha : x;
}

static inline double clipped_relu_slope(const nativecnn_activation *a, double x, double y) {
    (void)x;
    return y > 0 && y < (double)a->alpha ? 1 : 0;
}

/* f(x) */
static inline double activation_of(const nativecnn_activation *a, double x) {
    double y;
#define FORMULA(name) y = name##_of(a, x)
    ACTIVATION_SWITCH(a->kind, FORMULA)
#undef FORMULA
    return y;
}

/* f'(x), from x and y = f(x). */
static inline double activation_slope(const nativecnn_activation *a, double x, double y) {
    double slope;
#define FORMULA(name) slope = name##_slope(a, x, y)
    ACTIVATION_SWITCH(a->kind, FORMULA)
#undef FORMULA
    return slope;
}

/* A kind with constants that each may have. */
static inline nativecnn_activation activation_number(int kind) {
    return (nativecnn_activation){kind, 1.7159f, 2.0f / 3.0f};
}

#endif
