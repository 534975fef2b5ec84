/* Written from interop/generator/activations.json by interop/generator. Change it, then run ./build.sh generate. */
#ifndef NATIVECNN_ACTIVATION_KIND_G_H
#define NATIVECNN_ACTIVATION_KIND_G_H

/* The point-wise non-linearities y = f(x). */
typedef enum nativecnn_activation_kind {
    /* f(x) = x; f'(x) = 1. */
    NATIVECNN_IDENTITY = 0,
    /* f(x) = 1 / (1 + exp(-beta x)); f'(x) = beta y (1 - y), with y = f(x). */
    NATIVECNN_LOGISTIC = 1,
    /* f(x) = tanh(x); f'(x) = 1 - y^2, with y = f(x). */
    NATIVECNN_TANH = 2,
    /* f(x) = alpha tanh(beta x); f'(x) = alpha beta (1 - (y / alpha)^2), with y = f(x). alpha is not 0. */
    NATIVECNN_SCALED_TANH = 3,
    /* f(x) = max(0, x); f'(x) = 1 where y > 0, else 0, with y = f(x). NaN stays NaN; where the gradient does not pass
     * it is 0, whatever it was. */
    NATIVECNN_RELU = 4,
    /* f(x) = x where x > 0, else alpha x; f'(x) = 1 where x > 0, else alpha. Where alpha is not negative, y > 0 where x
     * > 0. NaN stays NaN, its f' is alpha. */
    NATIVECNN_LEAKY_RELU = 5,
    /* f(x) = ln(1 + exp(beta x)) / beta; f'(x) = 1 - exp(-beta y), with y = f(x). Stable for large |beta x|; tends to
     * max(0, x) for large beta, to min(0, x) for large -beta. */
    NATIVECNN_SOFTPLUS = 6,
    /* f(x) = x where x > 0, else alpha (exp(x) - 1); f'(x) = 1 where x > 0, else y + alpha = alpha exp(x), with y =
     * f(x). Where alpha is not negative, y > 0 where x > 0. */
    NATIVECNN_ELU = 7,
    /* f(x) = |x|; f'(x) = sign x, 0 at 0. Where x is NaN, so is the gradient. */
    NATIVECNN_ABSOLUTE = 8,
    /* f(x) = 2 ln(1 + exp(beta x)) / beta - x - 2 ln 2 / beta = 2 ln cosh(beta x / 2) / beta; f'(x) = 2 / (1 +
     * exp(-beta x)) - 1 = tanh(beta x / 2). Stable for large |beta x|; tends to |x| for large beta. */
    NATIVECNN_SMOOTH_ABSOLUTE = 9,
    /* f(x) = alpha x; f'(x) = alpha. */
    NATIVECNN_GAIN = 10,
    /* f(x) = min(alpha, max(0, x)); f'(x) = 1 where 0 < y < alpha, else 0, with y = f(x). ReLU6 where alpha is 6. NaN
     * stays NaN; where the gradient does not pass it is 0, whatever it was. */
    NATIVECNN_CLIPPED_RELU = 11
} nativecnn_activation_kind;

/* How many there are. */
#define NATIVECNN_ACTIVATION_KINDS 12

#endif
