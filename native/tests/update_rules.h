/* update_rules.h - the optimisers' rules in double, as the header writes them. */
#ifndef NATIVECNN_UPDATE_RULES_H
#define NATIVECNN_UPDATE_RULES_H

#include "test.h"

/* A parameter with its moments. */
typedef struct parameter {
    double first;
    double second;
    double value;
} parameter;

/* Every rule, in the third step, with momentum or without, with weight decay or without. RMSProp's epsilon is so large
 * that the quotient does not magnify how a gradient near 0 was rounded. */
static const nativecnn_update update_rules[] = {
    {NATIVECNN_UPDATE_SGD, 0.01f, 5e-4f, 0.9f, 0, 0, 0, 0},
    {NATIVECNN_UPDATE_SGD, 0.1f, 0, 0, 0, 0, 0, 0},
    {NATIVECNN_UPDATE_SGD, 0.1f, 0.01f, 0, 0, 0, 0, 0},
    {NATIVECNN_UPDATE_SGD, 0, 0, 0.5f, 0, 0, 0, 0},
    {NATIVECNN_UPDATE_SGD, -0.1f, 0, 1, NAN, NAN, NAN, NAN},
    {NATIVECNN_UPDATE_NESTEROV, 0.01f, 5e-4f, 0.9f, 0, 0, 0, 0},
    {NATIVECNN_UPDATE_NESTEROV, 0.1f, 0.01f, 0, 0, 0, 0, 0},
    {NATIVECNN_UPDATE_ADAM, 0.1f, 0, 0.9f, 0.999f, 1e-8f, 3.69003690f, 333.667f},
    {NATIVECNN_UPDATE_ADAM, 0.1f, 0.25f, 0.5f, 0.75f, 0.125f, 1.14285714f, 1.72972973f},
    {NATIVECNN_UPDATE_ADAM, 0.1f, 0, 0, 0, 1e-8f, 1, 1},
    {NATIVECNN_UPDATE_ADAMW, 0.1f, 0.25f, 0.9f, 0.999f, 1e-8f, 3.69003690f, 333.667f},
    {NATIVECNN_UPDATE_ADAMW, 0.1f, 0, 0.5f, 0.75f, 0.125f, 1.14285714f, 1.72972973f},
    {NATIVECNN_UPDATE_RMSPROP, 0.01f, 0, 0, 0.99f, 0.5f, 0, 0},
    {NATIVECNN_UPDATE_RMSPROP, 0.01f, 5e-4f, 0.9f, 0.99f, 0.5f, 0, 0},
    {NATIVECNN_UPDATE_RMSPROP, 0.1f, 0.25f, 0.5f, 0, 1, NAN, NAN},
    {NATIVECNN_UPDATE_ADAGRAD, 0.01f, 0, 0, 0, 1e-10f, 0, 0},
    {NATIVECNN_UPDATE_ADAGRAD, 0.1f, 0.25f, 0.5f, NAN, 0.125f, NAN, NAN},
    {NATIVECNN_UPDATE_DIAGONAL, 0.001f, 0, 0, 0, 0.02f, 0, 0},
    {NATIVECNN_UPDATE_DIAGONAL, 0.1f, 0.25f, 0.5f, NAN, 0.5f, NAN, NAN},
};
enum { UPDATE_RULES = sizeof update_rules / sizeof update_rules[0] };

static inline bool has_second_moment(const nativecnn_update *u) {
    return u->kind >= NATIVECNN_UPDATE_ADAM;
}

static inline bool needs_first_moment(const nativecnn_update *u) {
    bool is_adam = u->kind == NATIVECNN_UPDATE_ADAM || u->kind == NATIVECNN_UPDATE_ADAMW;
    return is_adam || (u->momentum != 0 && u->kind < NATIVECNN_UPDATE_ADAGRAD);
}

static inline parameter update_by_squares(const nativecnn_update *u, double d, parameter p) {
    double rate = (double)u->learning_rate;
    bool is_adagrad = u->kind == NATIVECNN_UPDATE_ADAGRAD;
    p.second = is_adagrad ? p.second + d * d : (double)u->beta2 * p.second + (1 - (double)u->beta2) * d * d;
    double quotient = d / (sqrt(p.second) + (double)u->epsilon);
    if (!is_adagrad)
        p.first = quotient += (double)u->momentum * p.first;
    p.value -= rate * quotient;
    return p;
}

static inline parameter update_by_rule(const nativecnn_update *u, double gradient, parameter p) {
    double rate = (double)u->learning_rate, decay = (double)u->weight_decay, momentum = (double)u->momentum;
    double d = u->kind == NATIVECNN_UPDATE_ADAMW ? gradient : gradient + decay * p.value;
    if (u->kind == NATIVECNN_UPDATE_DIAGONAL) {
        p.value -= rate * d / (fabs(p.second) + (double)u->epsilon);
        return p;
    }
    if (!has_second_moment(u)) {
        p.first = momentum * p.first + d;
        p.value -= rate * (u->kind == NATIVECNN_UPDATE_NESTEROV ? d + momentum * p.first : p.first);
        return p;
    }
    if (u->kind == NATIVECNN_UPDATE_RMSPROP || u->kind == NATIVECNN_UPDATE_ADAGRAD)
        return update_by_squares(u, d, p);
    p.first = momentum * p.first + (1 - momentum) * d;
    p.second = (double)u->beta2 * p.second + (1 - (double)u->beta2) * d * d;
    if (u->kind == NATIVECNN_UPDATE_ADAMW)
        p.value *= 1 - rate * decay;
    p.value -=
        rate * ((double)u->correction1 * p.first) / (sqrt((double)u->correction2 * p.second) + (double)u->epsilon);
    return p;
}

/* Second moments are 0 or more. */
static inline float *test_squares(int64_t count, uint32_t seed) {
    float *values = test_random(count, seed);
    for (int64_t i = 0; i < count; i++)
        values[i] *= values[i];
    return values;
}

/* Calls REFUSED(update, status) with constants that no kernel takes, and with kinds that do not exist. */
#define FOR_BAD_UPDATES(REFUSED)                                                                                       \
    do {                                                                                                               \
        nativecnn_update good = {NATIVECNN_UPDATE_ADAM, 0.1f, 0, 0.9f, 0.999f, 1e-8f, 1, 1};                           \
        const float bad[][7] = {{NAN, 0, 0, 0, 1, 1, 1}, {0, INFINITY, 0, 0, 1, 1, 1}, {0, 0, NAN, 0, 1, 1, 1},        \
                                {0, 0, 1, 0, 1, 1, 1},   {0, 0, -0.1f, 0, 1, 1, 1},    {0, 0, 0, NAN, 1, 1, 1},        \
                                {0, 0, 0, 1, 1, 1, 1},   {0, 0, 0, -0.1f, 1, 1, 1},    {0, 0, 0, 0, 0, 1, 1},          \
                                {0, 0, 0, 0, -1, 1, 1},  {0, 0, 0, 0, INFINITY, 1, 1}, {0, 0, 0, 0, 1, 0, 1},          \
                                {0, 0, 0, 0, 1, NAN, 1}, {0, 0, 0, 0, 1, 1, 0},        {0, 0, 0, 0, 1, 1, INFINITY}};  \
        for (size_t b = 0; b < sizeof bad / sizeof bad[0]; b++)                                                        \
            for (int32_t kind = NATIVECNN_UPDATE_ADAM; kind <= NATIVECNN_UPDATE_ADAMW; kind++) {                       \
                const nativecnn_update u = {kind,      bad[b][0], bad[b][1], bad[b][2],                                \
                                            bad[b][3], bad[b][4], bad[b][5], bad[b][6]};                               \
                REFUSED(&u);                                                                                           \
            }                                                                                                          \
        for (int32_t kind = NATIVECNN_UPDATE_SGD; kind <= NATIVECNN_UPDATE_NESTEROV; kind++)                           \
            for (size_t b = 0; b < 3; b++) {                                                                           \
                const nativecnn_update u = {kind, bad[b][0], bad[b][1], bad[b][2], 0, 0, 0, 0};                        \
                REFUSED(&u);                                                                                           \
            }                                                                                                          \
        const float bad_squares[][5] = {                                                                               \
            {NAN, 0, 0, 0, 1}, {0, NAN, 0, 0, 1}, {0, 0, NAN, 0, 1}, {0, 0, 0, 0, 0}, {0, 0, 0, 0, INFINITY}};         \
        for (size_t b = 0; b < sizeof bad_squares / sizeof bad_squares[0]; b++)                                        \
            for (int32_t kind = NATIVECNN_UPDATE_RMSPROP; kind <= NATIVECNN_UPDATE_DIAGONAL; kind++) {                 \
                const float *f = bad_squares[b];                                                                       \
                const nativecnn_update u = {kind, f[0], f[1], f[2], f[3], f[4], 0, 0};                                 \
                REFUSED(&u);                                                                                           \
            }                                                                                                          \
        const float bad_beta2[] = {1, -0.1f, NAN};                                                                     \
        for (size_t b = 0; b < sizeof bad_beta2 / sizeof bad_beta2[0]; b++) {                                          \
            const nativecnn_update u = {NATIVECNN_UPDATE_RMSPROP, 0, 0, 0, bad_beta2[b], 1, 0, 0};                     \
            REFUSED(&u);                                                                                               \
        }                                                                                                              \
        good.kind = -1;                                                                                                \
        REFUSED(&good);                                                                                                \
        good.kind = NATIVECNN_UPDATE_DIAGONAL + 1;                                                                     \
        REFUSED(&good);                                                                                                \
    } while (0)

#endif
