/* activation_tests.c - the non-linearities against libm in double: every size around a vector, special values, in
 * place. */
#include "activation_formulas.h"

static void every_size(nativecnn_activation a) {
    int kind = a.kind;
    for (int64_t count = 0; count <= 67; count++) {
        float *x = test_random(count, 1);
        float *y = test_filled(count, NAN);
        EXPECT_OK(nativecnn_activation_forward(&a, x, count, y));
        for (int64_t i = 0; i < count; i++)
            EXPECT_CLOSE(y[i], activation_of(&a, (double)x[i]), tolerance_of_sum(1), "kind %d, %d of %d", kind, (int)i,
                         (int)count);
        float *in_place = test_random(count, 1);
        EXPECT_OK(nativecnn_activation_forward(&a, in_place, count, in_place));
        EXPECT(test_same(in_place, y, count), "kind %d: in place differs", kind);

        float *dy = test_random(count, 2);
        float *dx = test_filled(count, NAN);
        const float *source = activation_needs_input(&a) ? x : y;
        EXPECT_OK(nativecnn_activation_backward(&a, source, dy, count, dx));
        for (int64_t i = 0; i < count; i++)
            EXPECT_CLOSE(dx[i], (double)dy[i] * activation_slope(&a, (double)x[i], (double)y[i]), tolerance_of_sum(1),
                         "kind %d, %d of %d", kind, (int)i, (int)count);
        EXPECT_OK(nativecnn_activation_backward(&a, source, dy, count, dy));
        EXPECT(test_same(dx, dy, count), "kind %d: in place differs", kind);
        test_free(in_place);
        test_free(x);
        test_free(y);
        test_free(dx);
        test_free(dy);
    }
}

static void sizes(void) {
    for (int kind = 0; kind < NATIVECNN_ACTIVATION_KINDS; kind++) {
        every_size(activation_number(kind));
        /* A ceiling is above 0. */
        every_size((nativecnn_activation){kind, kind == NATIVECNN_CLIPPED_RELU ? 0.5f : -0.5f, -1.5f});
    }
}

/* The worst relative error of one kind over values between two ends, in units of 2^-24. */
static double worst_of(nativecnn_activation a, float from, float to) {
    enum { COUNT = 20000 };
    float *x = test_allocate(COUNT, sizeof(float));
    float *y = test_allocate(COUNT, sizeof(float));
    float *ones = test_filled(COUNT, 1);
    float *slope = test_allocate(COUNT, sizeof(float));
    for (int i = 0; i < COUNT; i++)
        x[i] = from + (to - from) * (float)i / COUNT;
    EXPECT_OK(nativecnn_activation_forward(&a, x, COUNT, y));
    EXPECT_OK(nativecnn_activation_backward(&a, activation_needs_input(&a) ? x : y, ones, COUNT, slope));
    double worst = 0;
    for (int i = 0; i < COUNT; i++) {
        double wanted = activation_of(&a, (double)x[i]),
               wanted_slope = activation_slope(&a, (double)x[i], (double)y[i]);
        if (fabs(wanted) > 1e-37)
            worst = fmax(worst, fabs((double)y[i] / wanted - 1));
        if (fabs(wanted_slope) > 1e-37)
            worst = fmax(worst, fabs((double)slope[i] / wanted_slope - 1));
    }
    test_free(x);
    test_free(y);
    test_free(ones);
    test_free(slope);
    return worst * 16777216;
}

/* Values and derivatives, near 0, where differences of nearly equal numbers would show, and far from it. */
static void accuracy_of_logarithms(void) {
    const nativecnn_activation kinds[] = {
        {NATIVECNN_SOFTPLUS, 0, 1},         {NATIVECNN_SOFTPLUS, 0, -2}, {NATIVECNN_SMOOTH_ABSOLUTE, 0, 1},
        {NATIVECNN_SMOOTH_ABSOLUTE, 0, -2}, {NATIVECNN_ELU, -1, 0},      {NATIVECNN_LEAKY_RELU, 0.02f, 0},
        {NATIVECNN_LEAKY_RELU, -0.02f, 0}};
    const float ends[][2] = {{1e-6f, 1e-3f}, {-1e-3f, -1e-6f}, {-1, 1}, {-8, 8}, {-80, 80}, {-1e4f, 1e4f}};
    for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++)
        for (size_t e = 0; e < sizeof ends / sizeof ends[0]; e++) {
            /* Beyond 80 the exponent's own rounding is some units of a value that is next to 0. */
            double units = worst_of(kinds[k], ends[e][0], ends[e][1]);
            EXPECT(units <= 12 * fmax(1, fmin(fabs((double)ends[e][0]), 100) / 8), "kind %d with %g from %g to %g: %g",
                   kinds[k].kind, (double)kinds[k].beta, (double)ends[e][0], (double)ends[e][1], units);
        }
}

/* However steep, nothing overflows: the limits are max(0, x), min(0, x), |x| and -|x|. */
static void steep(void) {
    const float x[] = {-3e38f, -10, -1e-3f, 0, 1e-3f, 10, 3e38f};
    enum { COUNT = sizeof x / sizeof x[0] };
    for (int sign = -1; sign <= 1; sign += 2) {
        const nativecnn_activation softplus = {NATIVECNN_SOFTPLUS, 0, (float)sign * 1e38f},
                                   absolute = {NATIVECNN_SMOOTH_ABSOLUTE, 0, (float)sign * 1e38f};
        float y[COUNT], dx[COUNT];
        const float ones[COUNT] = {1, 1, 1, 1, 1, 1, 1};
        EXPECT_OK(nativecnn_activation_forward(&softplus, x, COUNT, y));
        EXPECT_OK(nativecnn_activation_backward(&softplus, y, ones, COUNT, dx));
        for (int i = 0; i < COUNT; i++) {
            bool passes = (float)sign * x[i] > 0;
            EXPECT_CLOSE(y[i], passes ? x[i] : 0, tolerance_of_sum(1), "softplus of %g", (double)x[i]);
            EXPECT_CLOSE(dx[i],
                         passes      ? 1
                         : x[i] == 0 ? 0.5f
                                     : 0,
                         tolerance_of_sum(1), "its slope at %g", (double)x[i]);
        }
        EXPECT_OK(nativecnn_activation_forward(&absolute, x, COUNT, y));
        EXPECT_OK(nativecnn_activation_backward(&absolute, x, ones, COUNT, dx));
        for (int i = 0; i < COUNT; i++) {
            EXPECT_CLOSE(y[i], (float)sign * fabsf(x[i]), tolerance_of_sum(1), "|x| of %g", (double)x[i]);
            EXPECT_CLOSE(dx[i],
                         x[i] == 0                  ? 0
                         : (x[i] > 0) == (sign > 0) ? 1
                                                    : -1,
                         tolerance_of_sum(1), "at %g", (double)x[i]);
        }
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
                                        {NATIVECNN_LOGISTIC, 1, NAN},
                                        {NATIVECNN_LEAKY_RELU, INFINITY, 1},
                                        {NATIVECNN_SOFTPLUS, 1, 0},
                                        {NATIVECNN_SOFTPLUS, 1, NAN},
                                        {NATIVECNN_ELU, NAN, 1},
                                        {NATIVECNN_SMOOTH_ABSOLUTE, 1, 0},
                                        {NATIVECNN_SMOOTH_ABSOLUTE, 1, INFINITY},
                                        {NATIVECNN_GAIN, NAN, 1},
                                        {NATIVECNN_CLIPPED_RELU, 0, 1},
                                        {NATIVECNN_CLIPPED_RELU, INFINITY, 1}};
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
    test_run("accuracy of logarithms", accuracy_of_logarithms);
    test_run("steep", steep);
    test_run("special values", special_values);
    test_run("refusals", refusals);
    return test_result();
}
