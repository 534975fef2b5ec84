/* dropout_tests.c - the mask against the generator of the header, element by element, and its frequency. */
#include "test.h"

static bool dropped(const nativecnn_dropout *dropout, int64_t element) {
    uint64_t z = dropout->key + (uint64_t)(element / 2) * UINT64_C(0x9E3779B97F4A7C15);
    z ^= z >> 30;
    z *= UINT64_C(0xBF58476D1CE4E5B9);
    z ^= z >> 27;
    z *= UINT64_C(0x94D049BB133111EB);
    z ^= z >> 31;
    uint64_t u = element % 2 ? z >> 32 : z & 0xFFFFFFFF;
    return u < (uint64_t)floor((double)dropout->probability * 4294967296.0);
}

static void masks(void) {
    const float probabilities[] = {0, 0.1f, 0.5f, 0.9f, 0.99999994f};
    const int64_t firsts[] = {0, 1, 2, 63, 127, 128, 1000001, INT64_MAX - 1000};
    const int64_t counts[] = {0, 1, 2, 3, 16, 127, 128, 129, 300};
    for (int p = 0; p < 5; p++)
        for (int b = 0; b < 8; b++)
            for (int n = 0; n < 9; n++) {
                nativecnn_dropout dropout = {UINT64_C(0xFEDCBA9876543210) + (uint64_t)p, probabilities[p], 0};
                float *input = test_random(counts[n], 3);
                float *output = test_filled(counts[n], NAN);
                EXPECT_OK(nativecnn_dropout_apply(&dropout, input, range(firsts[b], counts[n]), output));
                for (int64_t i = 0; i < counts[n]; i++) {
                    double scale = dropped(&dropout, firsts[b] + i) ? 0 : 1 / (1 - (double)probabilities[p]);
                    EXPECT_CLOSE(output[i], (double)input[i] * scale, tolerance_of_sum(1), "p %g, element %d + %d",
                                 (double)probabilities[p], (int)firsts[b], (int)i);
                }
                EXPECT_OK(nativecnn_dropout_apply(&dropout, input, range(firsts[b], counts[n]), input));
                EXPECT(test_same(input, output, counts[n]), "in place differs");
                test_free(input);
                test_free(output);
            }
}

/* What is dropped is 0, whatever it was; what stays keeps its infinity or NaN. */
static void not_finite(void) {
    enum { COUNT = 400 };
    const nativecnn_dropout dropout = {7, 0.5f, 0};
    const float kinds[] = {INFINITY, -INFINITY, NAN};
    for (int kind = 0; kind < 3; kind++) {
        float *values = test_filled(COUNT, kinds[kind]);
        EXPECT_OK(nativecnn_dropout_apply(&dropout, values, range(0, COUNT), values));
        for (int64_t i = 0; i < COUNT; i++)
            EXPECT_CLOSE(values[i], dropped(&dropout, i) ? 0 : (double)kinds[kind], (tolerance){0}, "element %d",
                         (int)i);
        test_free(values);
    }
}

static void frequency(void) {
    enum { COUNT = 200000 };
    nativecnn_dropout dropout = {42, 0.3f, 0};
    float *values = test_filled(COUNT, 1);
    int64_t zeros = 0;
    EXPECT_OK(nativecnn_dropout_apply(&dropout, values, range(0, COUNT), values));
    for (int i = 0; i < COUNT; i++)
        zeros += values[i] == 0;
    /* The standard deviation is 205. */
    EXPECT(llabs(zeros - 60000) < 1000, "%d of %d dropped", (int)zeros, COUNT);
    test_free(values);
}

static void refusals(void) {
    const nativecnn_dropout good = {1, 0.5f, 0};
    const float bad[] = {-0.1f, 1, 2, NAN, INFINITY};
    float x[4] = {1, 1, 1, 1}, y[4] = {0};
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_dropout_apply(NULL, x, range(0, 4), y));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_dropout_apply(&good, NULL, range(0, 4), y));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_dropout_apply(&good, x, range(0, 4), NULL));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_dropout_apply(&good, x, range(-1, 4), y));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_dropout_apply(&good, x, range(0, -4), y));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_dropout_apply(&good, x, range(INT64_MAX, 4), y));
    for (int i = 0; i < 5; i++) {
        nativecnn_dropout dropout = {1, bad[i], 0};
        EXPECT_STATUS(NATIVECNN_BAD_ARGUMENT, nativecnn_dropout_apply(&dropout, x, range(0, 4), y));
    }
    for (int i = 0; i < 4; i++)
        EXPECT(y[i] == 0, "a refused call wrote");
}

int main(void) {
    test_run("masks", masks);
    test_run("not finite", not_finite);
    test_run("frequency", frequency);
    test_run("refusals", refusals);
    return test_result();
}
