/* flip_filters_tests.c - flipped filters against the formula of the header. */
#include "test.h"

static void flips(void) {
    const int channels[] = {1, 3, 15, 16, 17, 40};
    for (int index = 0; index < 6; index++)
        for (int groups = 1; groups <= 2; groups++) {
            int per_group = channels[index], outputs = channels[5 - index];
            nativecnn_convolution_geometry g =
                test_convolution(1, 6, 7, groups * per_group, groups * outputs, 3, 2, 1, 1, 0, groups);
            int64_t flipped_count = (int64_t)per_group * 3 * 2 * outputs;
            float *filters = test_random(groups * flipped_count, 3);
            for (int begin = 0; begin <= per_group; begin += 1 + per_group / 3) {
                int count = (per_group - begin + 1) / 2, group = groups - 1;
                float *flipped = test_filled(flipped_count, 99);
                EXPECT_OK(nativecnn_flip_filters(&g, filters, group, range(begin, count), flipped));
                for (int c = 0; c < per_group; c++)
                    for (int i = 0; i < 3; i++)
                        for (int j = 0; j < 2; j++)
                            for (int o = 0; o < outputs; o++) {
                                int64_t from = (((group * outputs + o) * 3 + 2 - i) * 2 + 1 - j) * per_group + c;
                                float wanted = c >= begin && c < begin + count ? filters[from] : 99;
                                EXPECT(flipped[((c * 3 + i) * 2 + j) * outputs + o] == wanted,
                                       "%d channels, %d outputs, %d groups, range %d+%d: %d,%d,%d,%d", per_group,
                                       outputs, groups, begin, count, c, i, j, o);
                            }
                test_free(flipped);
            }
            test_free(filters);
        }
}

static float values[4096], results[4096];

static int32_t flip_with(const nativecnn_convolution_geometry *g) {
    return nativecnn_flip_filters(g, values, 0, range(0, 1), results);
}

static void refusals(void) {
    const nativecnn_convolution_geometry good = test_convolution(2, 6, 5, 4, 6, 3, 3, 1, 1, 1, 2);
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_flip_filters(NULL, values, 0, range(0, 1), results));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_flip_filters(&good, NULL, 0, range(0, 1), results));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_flip_filters(&good, values, 0, range(0, 1), NULL));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_flip_filters(&good, values, 2, range(0, 1), results));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_flip_filters(&good, values, -1, range(0, 1), results));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_flip_filters(&good, values, 0, range(1, 2), results));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_flip_filters(&good, values, 0, range(-1, 1), results));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_flip_filters(&good, values, 0, range(0, -1), results));
    EXPECT_BAD_CONVOLUTIONS(good, flip_with)
    for (int i = 0; i < 4096; i++)
        EXPECT(results[i] == 0, "a refused call wrote");
}

int main(void) {
    test_run("flipped filters", flips);
    test_run("refusals", refusals);
    return test_result();
}
