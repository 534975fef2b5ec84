/* parameter_update_tests.c - one step of every rule against its formula in double. */
#include "update_rules.h"

static void steps(void) {
    for (int k = 0; k < UPDATE_RULES; k++)
        for (int64_t count = 0; count <= 70; count++)
            for (int with_first = needs_first_moment(&update_rules[k]); with_first <= 1; with_first++) {
                const nativecnn_update *u = &update_rules[k];
                bool with_second = has_second_moment(u);
                float *gradient = test_random(count, 1), *values = test_random(count, 3),
                      *before = test_random(count, 3);
                float *first = test_random(count, 2), *first_before = test_random(count, 2);
                float *second = test_squares(count, 4), *second_before = test_squares(count, 4);
                EXPECT_OK(nativecnn_parameter_update(u, gradient, count, with_first ? first : NULL,
                                                     with_second ? second : NULL, values));
                for (int64_t i = 0; i < count; i++) {
                    parameter p = {(double)first_before[i], (double)second_before[i], (double)before[i]};
                    parameter wanted = update_by_rule(u, (double)gradient[i], p);
                    EXPECT_CLOSE(first[i], with_first ? wanted.first : p.first, tolerance_of_sum(3),
                                 "rule %d, first moment %d of %d", k, (int)i, (int)count);
                    EXPECT_CLOSE(second[i], with_second ? wanted.second : p.second, tolerance_of_sum(3),
                                 "rule %d, second moment %d of %d", k, (int)i, (int)count);
                    EXPECT_CLOSE(values[i], wanted.value, tolerance_of_sum(3), "rule %d, value %d of %d", k, (int)i,
                                 (int)count);
                }
                test_free(gradient);
                test_free(first);
                test_free(first_before);
                test_free(second);
                test_free(second_before);
                test_free(values);
                test_free(before);
            }
}

/* SGD takes a second moment and leaves it alone. */
static void unused_moments(void) {
    const nativecnn_update sgd = {NATIVECNN_UPDATE_SGD, 0.5f, 0, 0.5f, 0, 0, 0, 0};
    float g[1] = {1}, first[1] = {2}, second[1] = {3}, w[1] = {4};
    EXPECT_OK(nativecnn_parameter_update(&sgd, g, 1, first, second, w));
    EXPECT(first[0] == 2 && second[0] == 3 && w[0] == 3, "%g %g %g", (double)first[0], (double)second[0], (double)w[0]);
}

/* A second derivative that rounding left below 0 shortens the step as its absolute value does, and stays. */
static void second_derivatives_below_zero(void) {
    const nativecnn_update diagonal = {NATIVECNN_UPDATE_DIAGONAL, 0.5f, 0, 0, 0, 1, 0, 0};
    float g[1] = {2}, h[1] = {-3}, w[1] = {4};
    EXPECT_OK(nativecnn_parameter_update(&diagonal, g, 1, NULL, h, w));
    EXPECT(h[0] == -3 && w[0] == 3.75f, "%g %g", (double)h[0], (double)w[0]);
}

static void refusals(void) {
    const nativecnn_update sgd = {NATIVECNN_UPDATE_SGD, 0.1f, 0, 0.9f, 0, 0, 0, 0};
    const nativecnn_update plain_adam = {NATIVECNN_UPDATE_ADAM, 0.1f, 0, 0, 0, 1, 1, 1};
    float g[4] = {1, 1, 1, 1}, v[4] = {0}, s[4] = {0}, w[4] = {0};
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_parameter_update(NULL, g, 4, v, s, w));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_parameter_update(&sgd, NULL, 4, v, s, w));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_parameter_update(&sgd, g, 4, NULL, s, w));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_parameter_update(&sgd, g, 4, v, s, NULL));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_parameter_update(&plain_adam, g, 4, NULL, s, w));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_parameter_update(&plain_adam, g, 4, v, NULL, w));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_parameter_update(&sgd, g, -1, v, s, w));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_parameter_update(&sgd, g, INT64_MAX, v, s, w));
    const nativecnn_update rmsprop = {NATIVECNN_UPDATE_RMSPROP, 0.1f, 0, 0.9f, 0, 1, 0, 0};
    const nativecnn_update adagrad = {NATIVECNN_UPDATE_ADAGRAD, 0.1f, 0, 0, 0, 1, 0, 0};
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_parameter_update(&rmsprop, g, 4, NULL, s, w));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_parameter_update(&rmsprop, g, 4, v, NULL, w));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_parameter_update(&adagrad, g, 4, v, NULL, w));
    const nativecnn_update diagonal = {NATIVECNN_UPDATE_DIAGONAL, 0.1f, 0, 0, 0, 1, 0, 0};
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_parameter_update(&diagonal, g, 4, v, NULL, w));
#define REFUSED(update) EXPECT_STATUS(NATIVECNN_BAD_ARGUMENT, nativecnn_parameter_update(update, g, 4, v, s, w))
    FOR_BAD_UPDATES(REFUSED);
#undef REFUSED
    for (int i = 0; i < 4; i++)
        EXPECT(v[i] == 0 && s[i] == 0 && w[i] == 0, "a refused call wrote");
}

int main(void) {
    test_run("steps", steps);
    test_run("unused moments", unused_moments);
    test_run("second derivatives below zero", second_derivatives_below_zero);
    test_run("refusals", refusals);
    return test_result();
}
