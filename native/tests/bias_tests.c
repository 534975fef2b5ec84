/* bias_tests.c - bias with activation, and the bias gradient, against loops in double. */
#include "activation_formulas.h"

static void tiles(void) {
    const int columns[] = {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 20, 31, 32, 33, 50};
    for (int kind = 0; kind < NATIVECNN_ACTIVATION_KINDS; kind++)
        for (size_t index = 0; index < sizeof columns / sizeof columns[0]; index++)
            for (int extra = 0; extra <= 3; extra += 3)
                for (int variation = 0; variation < 6; variation++) {
                    nativecnn_activation a = activation_number(kind);
                    bool with_bias = variation % 2 == 1;
                    int width = columns[index], stride = width + extra,
                        rows = variation < 2   ? 5
                               : variation < 4 ? 32
                                               : 37;
                    /* The last row ends the buffer: stride reaches past no element that exists. */
                    int64_t count = (int64_t)(rows - 1) * stride + width;
                    float *bias = test_random(width, 1);
                    float *values = test_random(count, 2);
                    float *before = test_random(count, 2);
                    EXPECT_OK(nativecnn_bias_activation(&a, with_bias ? bias : NULL, rows, width, stride, values));
                    for (int64_t i = 0; i < count; i++) {
                        int64_t c = i % stride;
                        if (c < width)
                            EXPECT_CLOSE(values[i],
                                         activation_of(&a, (double)before[i] + (with_bias ? (double)bias[c] : 0)),
                                         tolerance_of_sum(2), "kind %d, %d columns, value %d", kind, width, (int)i);
                        else
                            EXPECT(values[i] == before[i], "wrote between the rows");
                    }
                    test_free(bias);
                    test_free(values);
                    test_free(before);
                }
}

static void sums(void) {
    const int columns[] = {1, 3, 4, 7, 8, 15, 16, 17, 20, 33, 50};
    const int rows[] = {0, 1, 3, 4, 127, 128, 129, 1000};
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++)
        for (size_t j = 0; j < sizeof rows / sizeof rows[0]; j++) {
            float *values = test_random((int64_t)rows[j] * columns[i], 4);
            float *result = test_random(columns[i], 5);
            float *before = test_random(columns[i], 5);
            EXPECT_OK(nativecnn_column_sums(values, rows[j], columns[i], result));
            for (int c = 0; c < columns[i]; c++) {
                double wanted = (double)before[c];
                for (int r = 0; r < rows[j]; r++)
                    wanted += (double)values[r * columns[i] + c];
                EXPECT_CLOSE(result[c], wanted, tolerance_of_sum(rows[j] + 1), "%d x %d, column %d", rows[j],
                             columns[i], c);
            }
            test_free(values);
            test_free(result);
            test_free(before);
        }
}

/* A sum of a million equal terms: one float accumulator would be off by several per cent. */
static void long_sum(void) {
    float *values = test_filled(1000000, 0.1f);
    float result[1] = {0};
    EXPECT_OK(nativecnn_column_sums(values, 1000000, 1, result));
    /* Equal terms err in one direction. */
    const tolerance equal_terms = {0, 2e-4};
    EXPECT_CLOSE(result[0], 1e6 * (double)0.1f, equal_terms, "the sum of a million tenths");
    test_free(values);
}

static void refusals(void) {
    const nativecnn_activation relu = {NATIVECNN_RELU, 1, 1}, none = {99, 1, 1}, negative = {-1, 1, 1};
    const nativecnn_activation flat = {NATIVECNN_SCALED_TANH, 0, 1}, endless = {NATIVECNN_LOGISTIC, 1, INFINITY};
    float v[64] = {0}, b[8] = {1, 1, 1, 1, 1, 1, 1, 1};
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_bias_activation(NULL, b, 2, 8, 8, v));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_bias_activation(&relu, b, 2, 8, 8, NULL));
    EXPECT_STATUS(NATIVECNN_BAD_ARGUMENT, nativecnn_bias_activation(&none, b, 2, 8, 8, v));
    EXPECT_STATUS(NATIVECNN_BAD_ARGUMENT, nativecnn_bias_activation(&negative, b, 2, 8, 8, v));
    EXPECT_STATUS(NATIVECNN_BAD_ARGUMENT, nativecnn_bias_activation(&flat, b, 2, 8, 8, v));
    EXPECT_STATUS(NATIVECNN_BAD_ARGUMENT, nativecnn_bias_activation(&endless, b, 2, 8, 8, v));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_bias_activation(&relu, b, -1, 8, 8, v));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_bias_activation(&relu, b, 2, -8, 8, v));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_bias_activation(&relu, b, 2, 8, 7, v));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_bias_activation(&relu, b, INT64_MAX, 8, 8, v));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_bias_activation(&relu, b, 4, 8, INT64_MAX / 2, v));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_column_sums(NULL, 2, 8, v));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_column_sums(b, 2, 4, NULL));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_column_sums(b, -1, 4, v));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_column_sums(b, 2, -4, v));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_column_sums(b, INT64_MAX, INT64_MAX, v));
    for (int i = 0; i < 64; i++)
        EXPECT(v[i] == 0, "a refused call wrote");
}

int main(void) {
    test_run("bias and activation", tiles);
    test_run("column sums", sums);
    test_run("long sum", long_sum);
    test_run("refusals", refusals);
    return test_result();
}
