/* softmax_tests.c - softmax and softmax cross-entropy against loops in double. */
#include "test.h"

static const int class_counts[] = {1, 2, 3, 7, 8, 9, 10, 15, 16, 17, 33, 100, 1000};
enum { CASES = sizeof class_counts / sizeof class_counts[0], ROWS = 4 };

/* log sum exp(z) */
static double log_sum(const float *z, int count) {
    double m = -INFINITY, sum = 0;
    for (int c = 0; c < count; c++)
        m = (double)z[c] > m ? (double)z[c] : m;
    for (int c = 0; c < count; c++)
        sum += exp((double)z[c] - m);
    return m + log(sum);
}

/* Rows of logits, each of another magnitude. */
static float *logits_of(int classes) {
    const float magnitudes[ROWS] = {1, 30, 1000, 1e-6f};
    float *z = test_random(ROWS * classes, (uint32_t)classes);
    for (int i = 0; i < ROWS * classes; i++)
        z[i] *= magnitudes[i / classes];
    return z;
}

static void forward_backward(void) {
    for (int index = 0; index < CASES; index++) {
        int classes = class_counts[index], count = ROWS * classes;
        float *z = logits_of(classes);
        float *p = test_filled(count, NAN);
        float *g = test_random(count, 5);
        float *dz = test_filled(count, NAN);
        EXPECT_OK(nativecnn_softmax_forward(z, ROWS, classes, p));
        for (int i = 0; i < count; i++) {
            double exponent = (double)z[i] - log_sum(z + i / classes * classes, classes), wanted = exp(exponent);
            EXPECT_CLOSE(p[i], wanted, tolerance_of_sum(1), "%d classes, %d", classes, i);
            /* The difference z - max is rounded to float32, and exp turns that error into a relative one. */
            EXPECT(wanted < 1e-37 || fabs((double)p[i] / wanted - 1) <= 5e-7 + 6e-8 * fabs(exponent),
                   "%d classes, %d: %.9g is not %.9g", classes, i, (double)p[i], wanted);
        }
        EXPECT_OK(nativecnn_softmax_backward(p, g, ROWS, classes, dz));
        for (int i = 0; i < count; i++) {
            double dot = 0;
            for (int c = 0; c < classes; c++)
                dot += (double)p[i / classes * classes + c] * (double)g[i / classes * classes + c];
            EXPECT_CLOSE(dz[i], (double)p[i] * ((double)g[i] - dot), tolerance_of_sum(1), "%d classes, gradient %d",
                         classes, i);
        }
        EXPECT_OK(nativecnn_softmax_forward(z, ROWS, classes, z));
        EXPECT(test_same(z, p, count), "in place differs");
        test_free(z);
        test_free(p);
        test_free(g);
        test_free(dz);
    }
}

static void cross_entropy(void) {
    for (int index = 0; index < CASES; index++) {
        int classes = class_counts[index];
        float scale = 1.0f / 64;
        float *z = logits_of(classes);
        float *dz = test_filled(ROWS * classes, NAN);
        float *losses = test_filled(ROWS, NAN);
        float *alone = test_filled(ROWS, NAN);
        int32_t labels[ROWS] = {0, classes - 1, classes / 2, classes / 3};
        EXPECT_OK(nativecnn_softmax_cross_entropy(z, labels, ROWS, classes, scale, losses, dz));
        EXPECT_OK(nativecnn_softmax_cross_entropy(z, labels, ROWS, classes, scale, alone, NULL));
        EXPECT(test_same(losses, alone, ROWS), "the loss differs without the gradient");
        for (int r = 0; r < ROWS; r++) {
            double sum = log_sum(z + r * classes, classes);
            EXPECT_CLOSE(losses[r], sum - (double)z[r * classes + labels[r]], tolerance_of_sum(1), "%d classes, row %d",
                         classes, r);
            for (int c = 0; c < classes; c++) {
                double wanted = exp((double)z[r * classes + c] - sum) - (c == labels[r] ? 1 : 0);
                EXPECT_CLOSE(dz[r * classes + c], (double)scale * wanted,
                             tolerance_times(tolerance_of_sum(1), (double)scale), "%d classes, gradient %d,%d", classes,
                             r, c);
            }
        }
        test_free(z);
        test_free(dz);
        test_free(losses);
        test_free(alone);
    }
}

/* A loss near 0 keeps its digits: log(1 + exp(-20)) is 2.06e-9, which a sum in float32 would lose; so does its
   gradient, -exp(-20) / (1 + exp(-20)), which p - 1 would lose. */
static void small_loss(void) {
    const float z[2] = {20, 0};
    const int32_t label = 0;
    float loss = NAN, dz[2] = {NAN, NAN};
    EXPECT_OK(nativecnn_softmax_cross_entropy(z, &label, 1, 2, 1, &loss, dz));
    EXPECT(fabs((double)loss / log1p(exp(-20)) - 1) <= 1e-6, "loss %.9g", (double)loss);
    double wanted = -exp(-20) / (1 + exp(-20));
    EXPECT(fabs((double)dz[0] / wanted - 1) <= 1e-6, "gradient %.9g is not %.9g", (double)dz[0], wanted);
}

static void special_values(void) {
    const int32_t label = 0;
    for (int at = 0; at < 20; at++) {
        float z[20], p[20], loss = 0;
        for (int i = 0; i < 20; i++)
            z[i] = (float)i;
        z[at] = NAN;
        EXPECT_OK(nativecnn_softmax_forward(z, 1, 20, p));
        EXPECT_OK(nativecnn_softmax_cross_entropy(z, &label, 1, 20, 1, &loss, NULL));
        EXPECT(isnan(loss), "a NaN at %d vanished from the loss", at);
        for (int i = 0; i < 20; i++)
            EXPECT(isnan(p[i]), "a NaN at %d vanished from %d", at, i);
        z[at] = -INFINITY;
        EXPECT_OK(nativecnn_softmax_forward(z, 1, 20, p));
        EXPECT(p[at] == 0, "exp(-inf) is %g", (double)p[at]);
        z[at] = INFINITY;
        EXPECT_OK(nativecnn_softmax_forward(z, 1, 20, p));
        EXPECT(isnan(p[at]), "inf - inf gave %g", (double)p[at]);
    }
}

static void refusals(void) {
    float x[8] = {1}, y[8] = {0}, losses[2] = {0};
    int32_t labels[2] = {0, 3}, above[2] = {0, 4}, below[2] = {-1, 0};
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_softmax_forward(NULL, 2, 4, y));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_softmax_forward(x, 2, 4, NULL));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_softmax_forward(x, -1, 4, y));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_softmax_forward(x, 2, 0, y));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_softmax_forward(x, INT64_MAX, 4, y));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_softmax_backward(NULL, x, 2, 4, y));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_softmax_backward(x, NULL, 2, 4, y));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_softmax_backward(x, x, 2, 4, NULL));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_softmax_backward(x, x, 2, -4, y));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_softmax_cross_entropy(NULL, labels, 2, 4, 1, losses, y));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_softmax_cross_entropy(x, NULL, 2, 4, 1, losses, y));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_softmax_cross_entropy(x, labels, 2, 4, 1, NULL, y));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_softmax_cross_entropy(x, labels, -2, 4, 1, losses, y));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_softmax_cross_entropy(x, labels, 2, 0, 1, losses, y));
    EXPECT_STATUS(NATIVECNN_BAD_ARGUMENT, nativecnn_softmax_cross_entropy(x, above, 2, 4, 1, losses, y));
    EXPECT_STATUS(NATIVECNN_BAD_ARGUMENT, nativecnn_softmax_cross_entropy(x, below, 2, 4, 1, losses, y));
    EXPECT_STATUS(NATIVECNN_BAD_ARGUMENT, nativecnn_softmax_cross_entropy(x, labels, 2, 4, NAN, losses, y));
    for (int i = 0; i < 8; i++)
        EXPECT(y[i] == 0 && losses[i / 4] == 0, "a refused call wrote");
}

int main(void) {
    test_run("softmax", forward_backward);
    test_run("cross-entropy", cross_entropy);
    test_run("small loss", small_loss);
    test_run("special values", special_values);
    test_run("refusals", refusals);
    return test_result();
}
