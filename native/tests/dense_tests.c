/* dense_tests.c - the products of dense layers against loops in double. */
#include "test.h"

/* Around the sizes of blocks and tiles. */
static const nativecnn_dense_geometry cases[] = {
    {1, 1, 1},    {5, 3, 15},    {6, 4, 16},   {7, 9, 17}, {64, 10, 500}, {33, 70, 50}, {4, 65, 1025},
    {3, 8, 2048}, {12, 130, 99}, {2, 5, 3000}, {0, 3, 4},  {3, 0, 4},     {3, 4, 0}};

enum { CASES = sizeof cases / sizeof cases[0] };

static void forward(void) {
    for (int number = 0; number < CASES; number++) {
        nativecnn_dense_geometry s = cases[number];
        float *input = test_random(s.batch_size * s.inputs, 1), *weights = test_random(s.units * s.inputs, 2);
        float *whole = test_filled(s.batch_size * s.units, NAN), *parts = test_filled(s.batch_size * s.units, NAN);
        EXPECT_OK(nativecnn_dense_forward(&s, input, weights, range(0, s.units), whole));
        for (int64_t n = 0; n < s.batch_size; n++)
            for (int64_t o = 0; o < s.units; o++) {
                double wanted = 0;
                for (int64_t k = 0; k < s.inputs; k++)
                    wanted += (double)input[n * s.inputs + k] * (double)weights[o * s.inputs + k];
                EXPECT_CLOSE(whole[n * s.units + o], wanted, tolerance_of_sum(s.inputs), "case %d, example %d, unit %d",
                             number, (int)n, (int)o);
            }
        for (int64_t begin = 0; begin < s.units; begin += 3)
            EXPECT_OK(nativecnn_dense_forward(&s, input, weights,
                                              range(begin, s.units - begin < 3 ? s.units - begin : 3), parts));
        EXPECT(test_same(whole, parts, s.batch_size * s.units), "case %d depends on the ranges", number);
        test_free(input);
        test_free(weights);
        test_free(whole);
        test_free(parts);
    }
}

static void backward_data(void) {
    for (int number = 0; number < CASES; number++) {
        nativecnn_dense_geometry s = cases[number];
        float *gradient = test_random(s.batch_size * s.units, 3), *weights = test_random(s.units * s.inputs, 4);
        float *whole = test_filled(s.batch_size * s.inputs, NAN), *parts = test_filled(s.batch_size * s.inputs, NAN);
        EXPECT_OK(nativecnn_dense_backward_data(&s, gradient, weights, range(0, s.inputs), whole));
        for (int64_t n = 0; n < s.batch_size; n++)
            for (int64_t k = 0; k < s.inputs; k++) {
                double wanted = 0;
                for (int64_t o = 0; o < s.units; o++)
                    wanted += (double)gradient[n * s.units + o] * (double)weights[o * s.inputs + k];
                EXPECT_CLOSE(whole[n * s.inputs + k], wanted, tolerance_of_sum(s.units),
                             "case %d, example %d, input %d", number, (int)n, (int)k);
            }
        for (int64_t begin = 0; begin < s.inputs; begin += 21)
            EXPECT_OK(nativecnn_dense_backward_data(
                &s, gradient, weights, range(begin, s.inputs - begin < 21 ? s.inputs - begin : 21), parts));
        EXPECT(test_same(whole, parts, s.batch_size * s.inputs), "case %d depends on the ranges", number);
        test_free(gradient);
        test_free(weights);
        test_free(whole);
        test_free(parts);
    }
}

static void refusals(void) {
    static float a[16], b[16], c[16];
    const nativecnn_dense_geometry d = {2, 2, 2},
                                   bad[] = {{-1, 2, 2}, {2, -1, 2}, {2, 2, -1}, {2, INT32_MAX, INT32_MAX}};
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_dense_forward(NULL, a, b, range(0, 2), c));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_dense_forward(&d, NULL, b, range(0, 2), c));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_dense_forward(&d, a, NULL, range(0, 2), c));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_dense_forward(&d, a, b, range(0, 2), NULL));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_dense_forward(&d, a, b, range(1, 2), c));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_dense_forward(&d, a, b, range(-1, 1), c));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_dense_backward_data(NULL, a, b, range(0, 2), c));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_dense_backward_data(&d, NULL, b, range(0, 2), c));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_dense_backward_data(&d, a, NULL, range(0, 2), c));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_dense_backward_data(&d, a, b, range(0, 2), NULL));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_dense_backward_data(&d, a, b, range(2, 1), c));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_dense_forward(&bad[i], a, b, range(0, 0), c));
        EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_dense_backward_data(&bad[i], a, b, range(0, 0), c));
    }
    for (int i = 0; i < 16; i++)
        EXPECT(c[i] == 0, "a refused call wrote");
}

int main(void) {
    test_run("forward", forward);
    test_run("backward-data", backward_data);
    test_run("refusals", refusals);
    return test_result();
}
