/* pack_columns_tests.c - columns in blocks against the formula of the header. */
#include "test.h"

#include <string.h>

static void packs(void) {
    static const int32_t sizes[][3] = {{1, 1, 1},  {3, 17, 4}, {5, 64, 64}, {2, 130, 64},
                                       {4, 3, 64}, {0, 9, 4},  {3, 0, 4}};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        int32_t rows = sizes[i][0], columns = sizes[i][1], width = sizes[i][2];
        int64_t blocks = (columns + width - 1) / width, count = rows * blocks * width;
        float *source = test_random((int64_t)rows * columns, 1);
        for (int64_t begin = 0; begin <= blocks; begin++) {
            float *to = test_random(count, 2), *before = test_random(count, 2);
            EXPECT_OK(nativecnn_pack_columns(rows, columns, width, range(begin, blocks - begin), source, to));
            for (int64_t b = 0; b < blocks; b++)
                for (int64_t r = 0; r < rows; r++)
                    for (int64_t j = 0; j < width; j++) {
                        int64_t place = (b * rows + r) * width + j, c = b * width + j;
                        float wanted = b < begin ? before[place] : c < columns ? source[r * columns + c] : 0;
                        EXPECT(to[place] == wanted, "%d x %d by %d: block %d, row %d, place %d", rows, columns, width,
                               (int)b, (int)r, (int)j);
                    }
            test_free(to);
            test_free(before);
        }
        test_free(source);
    }
}

static void refusals(void) {
    float a[8] = {0}, b[8] = {1, 1, 1, 1, 1, 1, 1, 1};
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_pack_columns(2, 4, 2, range(0, 2), NULL, b));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_pack_columns(2, 4, 2, range(0, 2), a, NULL));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_pack_columns(-1, 4, 2, range(0, 2), a, b));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_pack_columns(2, -4, 2, range(0, 0), a, b));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_pack_columns(2, 4, 0, range(0, 2), a, b));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_pack_columns(2, 4, 2, range(1, 2), a, b));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_pack_columns(2, 4, 2, range(-1, 1), a, b));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_pack_columns(2, 4, 2, range(0, -1), a, b));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_pack_columns(INT64_MAX, 4, 2, range(0, 2), a, b));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_pack_columns(INT32_MAX, 1, INT32_MAX, range(0, 1), a, b));
    for (int i = 0; i < 8; i++)
        EXPECT(b[i] == 1, "a refused call wrote");
}

int main(void) {
    test_run("packs", packs);
    test_run("refusals", refusals);
    return test_result();
}
