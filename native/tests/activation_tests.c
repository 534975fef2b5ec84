/* activation_tests.c - the non-linearities against libm in double: every size around a vector, special values, in
 * place. */
#include "activation_formulas.h"

static void sizes(void) {
    for (int kind = 0; kind < NATIVECNN_ACTIVATION_KINDS; kind++)
        for (int64_t count = 0; count <= 67; count++) {
            nativecnn_activation a = activation_number(kind);
            float *x = test_random(count, 1);
            float *y = test_filled(count, NAN);
            EXPECT_OK(nativecnn_activation_forward(&a, x, count, y));
            for (int64_t i = 0; i < count; i++)
                EXPECT_CLOSE(y[i], activation_of(&a, (double)x[i]), tolerance_of_sum(1), "kind %d, %d of %d", kind,
                             (int)i, (int)count);
            float *in_place = test_random(count, 1);
            EXPECT_OK(nativecnn_activation_forward(&a, in_place, count, in_place));
            EXPECT(test_same(in_place, y, count), "kind %d: in place differs", kind);

            float *dy = test_random(count, 2);
            float *dx = test_filled(count, NAN);
            const float *source = activation_needs_input(kind) ? x : y;
            EXPECT_OK(nativecnn_activation_backward(&a, source, dy, count, dx));
            for (int64_t i = 0; i < count; i++)
                EXPECT_CLOSE(dx[i], (double)dy[i] * activation_slope(&a, (double)x[i], (double)y[i]),
                             tolerance_of_sum(1), "kind %d, %d of %d", kind, (int)i, (int)count);
            EXPECT_OK(nativecnn_activation_backward(&a, source, dy, count, dy));
            EXPECT(test_same(dx, dy, count), "kind %d: in place differs", kind);
            test_free(in_place);
            test_free(x);
            test_free(y);
            test_free(dx);
            test_free(dy);
        }
}

/* The relative error over many magnitudes: tanh from 1e-30, where tanh x is x, to its saturation; the logistic as far
 * as its value is a normal number. */
static void accuracy(void) {
    enum { COUNT = 20000 };
    const nativecnn_activation tanh_kind = {NATIVECNN_TANH, 0, 0}, logistic = {NATIVECNN_LOGISTIC, 0, 1};
    float *x = test_allocate(COUNT, sizeof(float));
    float *y = test_allocate(COUNT, sizeof(float));
    for (int i = 0; i < COUNT; i++)
        x[i] = (i % 2 ? -1.0f : 1.0f) * powf(10, -30 + 32.0f * (float)i / COUNT);
    EXPECT_OK(nativecnn_activation_forward(&tanh_kind, x, COUNT, y));
    for (int i = 0; i < COUNT; i++)
        EXPECT(fabs((double)y[i] / tanh((double)x[i]) - 1) <= 5e-7, "tanh %.9g is not %.9g", (double)x[i],
               (double)y[i]);
    for (int i = 0; i < COUNT; i++)
        x[i] = -87 + 174.0f * (float)i / COUNT;
    EXPECT_OK(nativecnn_activation_forward(&logistic, x, COUNT, y));
    for (int i = 0; i < COUNT; i++)
        EXPECT(fabs((double)y[i] * (1 + exp(-(double)x[i])) - 1) <= 5e-7, "logistic %.9g is not %.9g", (double)x[i],
               (double)y[i]);
    test_free(x);
    test_free(y);
}

static void special_values(void) {
    const float x[] = {NAN, INFINITY, -INFINITY, 0, 1e30f, -1e30f, 89, -89, 104, -104, 1e-40f};
    enum { COUNT = sizeof x / sizeof x[0] };
    for (int kind = 0; kind < NATIVECNN_ACTIVATION_KINDS; kind++) {
        nativecnn_activation a = activation_number(kind);
        float y[COUNT];
        EXPECT_OK(nativecnn_activation_forward(&a, x, COUNT, y));
        for (int i = 0; i < COUNT; i++)
            EXPECT_CLOSE(y[i], activation_of(&a, (double)x[i]), tolerance_of_sum(1), "kind %d of %g", kind,
                         (double)x[i]);
    }
    /* What a dropped gradient must not let through. */
    const nativecnn_activation relu = activation_number(NATIVECNN_RELU);
    const float y[] = {0, 1, 0, 2}, dy[] = {NAN, NAN, INFINITY, INFINITY};
    float dx[4];
    EXPECT_OK(nativecnn_activation_backward(&relu, y, dy, 4, dx));
    EXPECT(dx[0] == 0 && isnan(dx[1]) && dx[2] == 0 && isinf(dx[3]), "relu passes %g %g %g %g", (double)dx[0],
           (double)dx[1], (double)dx[2], (double)dx[3]);
}

static void refusals(void) {
    const nativecnn_activation relu = {NATIVECNN_RELU, 0, 0};
    const nativecnn_activation bad[] = {{-1, 1, 1},
                                        {NATIVECNN_ACTIVATION_KINDS, 1, 1},
                                        {INT32_MAX, 1, 1},
                                        {NATIVECNN_SCALED_TANH, 0, 1},
                                        {NATIVECNN_SCALED_TANH, NAN, 1},
                                        {NATIVECNN_SCALED_TANH, 1, INFINITY},
                                        {NATIVECNN_LOGISTIC, 1, NAN}};
    float x[4] = {1, 1, 1, 1}, y[4] = {0};
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_activation_forward(NULL, x, 4, y));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_activation_forward(&relu, NULL, 4, y));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_activation_forward(&relu, x, 4, NULL));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_activation_forward(&relu, x, -1, y));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_activation_forward(&relu, x, INT64_MAX, y));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_activation_backward(NULL, x, x, 4, y));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_activation_backward(&relu, NULL, x, 4, y));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_activation_backward(&relu, x, NULL, 4, y));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_activation_backward(&relu, x, x, 4, NULL));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_activation_backward(&relu, x, x, -1, y));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        EXPECT_STATUS(NATIVECNN_BAD_ARGUMENT, nativecnn_activation_forward(&bad[i], x, 4, y));
        EXPECT_STATUS(NATIVECNN_BAD_ARGUMENT, nativecnn_activation_backward(&bad[i], x, x, 4, y));
    }
    for (int i = 0; i < 4; i++)
        EXPECT(y[i] == 0, "a refused call wrote");
}

int main(void) {
    test_run("sizes", sizes);
    test_run("accuracy", accuracy);
    test_run("special values", special_values);
    test_run("refusals", refusals);
    return test_result();
}
