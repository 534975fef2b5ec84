/* accumulate_tests.c - sums of arrays, exactly. */
#include "test.h"

static void sums(void) {
    for (int64_t count = 0; count <= 70; count++) {
        float *values = test_random(count, 1);
        float *accumulator = test_random(count, 2);
        float *before = test_random(count, 2);
        EXPECT_OK(nativecnn_accumulate(values, count, accumulator));
        for (int64_t i = 0; i < count; i++)
            EXPECT(accumulator[i] == before[i] + values[i], "%d of %d", (int)i, (int)count);
        test_free(values);
        test_free(accumulator);
        test_free(before);
    }
}

static void refusals(void) {
    float x[4] = {1, 1, 1, 1}, y[4] = {0};
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_accumulate(NULL, 4, y));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_accumulate(x, 4, NULL));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_accumulate(x, -1, y));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_accumulate(x, INT64_MAX, y));
    for (int i = 0; i < 4; i++)
        EXPECT(y[i] == 0, "a refused call wrote");
}

int main(void) {
    test_run("sums", sums);
    test_run("refusals", refusals);
    return test_result();
}
