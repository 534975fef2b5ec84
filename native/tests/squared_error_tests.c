/* squared_error_tests.c - squared error against loops in double. */
#include "test.h"

static void errors(void) {
    const int columns[] = {1, 3, 4, 8, 10, 15, 16, 17, 50, 1023, 1024, 1025, 5000};
    const float factors[] = {0.5f, 1};
    for (size_t index = 0; index < sizeof columns / sizeof columns[0]; index++)
        for (int k = 0; k < 2; k++) {
            int width = columns[index], rows = 3;
            float scale = 0.25f;
            float *y = test_random(rows * width, 1);
            float *t = test_random(rows * width, 2);
            float *dy = test_filled(rows * width, NAN);
            float *losses = test_filled(rows, NAN);
            float *alone = test_filled(rows, NAN);
            EXPECT_OK(nativecnn_squared_error(y, t, rows, width, factors[k], scale, losses, dy));
            EXPECT_OK(nativecnn_squared_error(y, t, rows, width, factors[k], scale, alone, NULL));
            EXPECT(test_same(losses, alone, rows), "the loss differs without the gradient");
            for (int r = 0; r < rows; r++) {
                double wanted = 0;
                for (int c = 0; c < width; c++) {
                    double difference = (double)y[r * width + c] - (double)t[r * width + c];
                    wanted += difference * difference;
                    EXPECT_CLOSE(dy[r * width + c], (double)scale * 2 * (double)factors[k] * difference,
                                 tolerance_of_sum(1), "%d columns, gradient %d,%d", width, r, c);
                }
                EXPECT_CLOSE(losses[r], (double)factors[k] * wanted, tolerance_times(tolerance_of_sum(width), 4),
                             "%d columns, row %d", width, r);
            }
            test_free(y);
            test_free(t);
            test_free(dy);
            test_free(losses);
            test_free(alone);
        }
}

static void refusals(void) {
    float x[8] = {1}, y[8] = {0}, losses[2] = {0};
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_squared_error(NULL, x, 2, 4, 1, 1, losses, y));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_squared_error(x, NULL, 2, 4, 1, 1, losses, y));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_squared_error(x, x, 2, 4, 1, 1, NULL, y));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_squared_error(x, x, -2, 4, 1, 1, losses, y));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_squared_error(x, x, 2, 0, 1, 1, losses, y));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_squared_error(x, x, INT64_MAX, INT64_MAX, 1, 1, losses, y));
    EXPECT_STATUS(NATIVECNN_BAD_ARGUMENT, nativecnn_squared_error(x, x, 2, 4, 2, 1, losses, y));
    EXPECT_STATUS(NATIVECNN_BAD_ARGUMENT, nativecnn_squared_error(x, x, 2, 4, NAN, 1, losses, y));
    EXPECT_STATUS(NATIVECNN_BAD_ARGUMENT, nativecnn_squared_error(x, x, 2, 4, 1, INFINITY, losses, y));
    for (int i = 0; i < 8; i++)
        EXPECT(y[i] == 0 && losses[i / 4] == 0, "a refused call wrote");
}

int main(void) {
    test_run("squared error", errors);
    test_run("refusals", refusals);
    return test_result();
}
