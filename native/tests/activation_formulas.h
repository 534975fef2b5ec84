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
