/* Written from interop/generator/activations.json by interop/generator. Change it, then run ./build.sh generate. */
#ifndef NATIVECNN_ACTIVATIONS_G_H
#define NATIVECNN_ACTIVATIONS_G_H

#include "nativecnn.h"

#include <math.h>
#include <stdbool.h>

/* Calls CALL with the name of a kind, such as CALL(scaled_tanh). */
#define ACTIVATION_SWITCH(kind, CALL) \
    switch (kind) { \
    case NATIVECNN_LOGISTIC: \
        CALL(logistic); \
        break; \
    case NATIVECNN_TANH: \
        CALL(tanh); \
        break; \
    case NATIVECNN_SCALED_TANH: \
        CALL(scaled_tanh); \
        break; \
    case NATIVECNN_RELU: \
        CALL(relu); \
        break; \
    case NATIVECNN_LEAKY_RELU: \
        CALL(leaky_relu); \
        break; \
    case NATIVECNN_SOFTPLUS: \
        CALL(softplus); \
        break; \
    case NATIVECNN_ELU: \
        CALL(elu); \
        break; \
    case NATIVECNN_ABSOLUTE: \
        CALL(absolute); \
        break; \
    case NATIVECNN_SMOOTH_ABSOLUTE: \
        CALL(smooth_absolute); \
        break; \
    case NATIVECNN_GAIN: \
        CALL(gain); \
        break; \
    case NATIVECNN_CLIPPED_RELU: \
        CALL(clipped_relu); \
        break; \
    default: \
        CALL(identity); \
        break; \
    }

/* Calls BODY with a kind as a constant, so that loops inside it hold one non-linearity only. */
#define WITH_CONSTANT_ACTIVATION(kind, BODY) \
    switch (kind) { \
    case NATIVECNN_LOGISTIC: \
        BODY(NATIVECNN_LOGISTIC); \
        break; \
    case NATIVECNN_TANH: \
        BODY(NATIVECNN_TANH); \
        break; \
    case NATIVECNN_SCALED_TANH: \
        BODY(NATIVECNN_SCALED_TANH); \
        break; \
    case NATIVECNN_RELU: \
        BODY(NATIVECNN_RELU); \
        break; \
    case NATIVECNN_LEAKY_RELU: \
        BODY(NATIVECNN_LEAKY_RELU); \
        break; \
    case NATIVECNN_SOFTPLUS: \
        BODY(NATIVECNN_SOFTPLUS); \
        break; \
    case NATIVECNN_ELU: \
        BODY(NATIVECNN_ELU); \
        break; \
    case NATIVECNN_ABSOLUTE: \
        BODY(NATIVECNN_ABSOLUTE); \
        break; \
    case NATIVECNN_SMOOTH_ABSOLUTE: \
        BODY(NATIVECNN_SMOOTH_ABSOLUTE); \
        break; \
    case NATIVECNN_GAIN: \
        BODY(NATIVECNN_GAIN); \
        break; \
    case NATIVECNN_CLIPPED_RELU: \
        BODY(NATIVECNN_CLIPPED_RELU); \
        break; \
    default: \
        BODY(NATIVECNN_IDENTITY); \
        break; \
    }

/* Whether f' is computed from the input instead of the output. */
static inline bool activation_needs_input(const nativecnn_activation *a) {
    switch (a->kind) {
    case NATIVECNN_LEAKY_RELU:
        return a->alpha < 0;
    case NATIVECNN_ELU:
        return a->alpha < 0;
    case NATIVECNN_ABSOLUTE:
        return true;
    case NATIVECNN_SMOOTH_ABSOLUTE:
        return true;
    default:
        return false;
    }
}

/* Whether the kind exists and its constants are what it can have. */
static inline bool activation_is_valid(const nativecnn_activation *a) {
    switch (a->kind) {
    case NATIVECNN_IDENTITY:
        return true;
    case NATIVECNN_LOGISTIC:
        return isfinite(a->beta);
    case NATIVECNN_TANH:
        return true;
    case NATIVECNN_SCALED_TANH:
        return isfinite(a->alpha) && a->alpha != 0 && isfinite(a->beta);
    case NATIVECNN_RELU:
        return true;
    case NATIVECNN_LEAKY_RELU:
        return isfinite(a->alpha);
    case NATIVECNN_SOFTPLUS:
        return isfinite(a->beta) && a->beta != 0;
    case NATIVECNN_ELU:
        return isfinite(a->alpha);
    case NATIVECNN_ABSOLUTE:
        return true;
    case NATIVECNN_SMOOTH_ABSOLUTE:
        return isfinite(a->beta) && a->beta != 0;
    case NATIVECNN_GAIN:
        return isfinite(a->alpha);
    case NATIVECNN_CLIPPED_RELU:
        return isfinite(a->alpha) && a->alpha > 0;
    default:
        return false;
    }
}

#endif
