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
    NATIVECNN_RELU = 4
} nativecnn_activation_kind;

/* How many there are. */
#define NATIVECNN_ACTIVATION_KINDS 5

#endif
