/* average_pooling_tests.c - average pooling against loops over the windows in double. */
#include "test.h"

static nativecnn_pooling_geometry case_number(int number, bool *valid) {
    int count_padding = number % 2;
    *valid = true;
    switch (number / 2) {
    case 0:
        return test_pooling(2, 8, 8, 20, 2, 2, 2, 2, 0, count_padding);
    case 1:
        return test_pooling(1, 13, 11, 7, 3, 3, 2, 2, 1, count_padding);
    case 2:
        return test_pooling(3, 6, 9, 1, 3, 2, 1, 1, 1, count_padding);
    case 3:
        return test_pooling(2, 7, 7, 48, 7, 7, 1, 1, 0, count_padding);
    case 4:
        return test_pooling(1, 9, 9, 33, 2, 2, 3, 4, 0, count_padding);
    case 5:
        return test_pooling(1, 4, 5, 17, 4, 4, 1, 2, 3, count_padding);
    case 6: {
        nativecnn_pooling_geometry g = test_pooling(2, 8, 10, 5, 3, 4, 2, 4, 1, count_padding);
        g.overhang_bottom = 1; /* Sizes that are rounded up: 5 rows, the last half outside the padding. */
        g.output_height = 5;
        return g;
    }
    case 7: {
        nativecnn_pooling_geometry g = test_pooling(1, 7, 2, 18, 2, 3, 2, 2, 0, count_padding);
        g.overhang_bottom = g.overhang_right = 1; /* A window that is wider than the image. */
        g.output_height = 4;
        g.output_width = 1;
        return g;
    }
    case 8:
        return test_pooling(2, 12, 11, 37, 3, 3, 2, 2, 0, count_padding);
    case 9:
        return test_pooling(1, 9, 8, 21, 3, 3, 1, 1, 1, count_padding);
    case 10:
        return test_pooling(1, 8, 9, 19, 2, 3, 2, 2, 0, count_padding);
    case 11:
        return test_pooling(1, 9, 8, 16, 3, 2, 2, 2, 1, count_padding);
    default:
        *valid = false;
        return (nativecnn_pooling_geometry){0};
    }
}

/* Whether place (i, j) of window (y, x) lies inside the image; its pixel. */
static bool inside(const nativecnn_pooling_geometry *g, int y, int x, int i, int j, int64_t *pixel) {
    int iy = y * g->stride_y + i - g->pad_top, ix = x * g->stride_x + j - g->pad_left;
    *pixel = (int64_t)iy * g->width + ix;
    return iy >= 0 && iy < g->height && ix >= 0 && ix < g->width;
}

static double divisor(const nativecnn_pooling_geometry *g, int y, int x) {
    int64_t pixel;
    int count = 0;
    for (int i = 0; i < g->window_height; i++)
        for (int j = 0; j < g->window_width; j++) {
            bool is_padded = y * g->stride_y + i < g->pad_top + g->height + g->pad_bottom &&
                             x * g->stride_x + j < g->pad_left + g->width + g->pad_right;
            count += g->count_padding ? is_padded : inside(g, y, x, i, j, &pixel);
        }
    return count;
}

/* Calls the windows of one image and channel, spreading or gathering: wanted gets the sums. */
static void reference(const nativecnn_pooling_geometry *g, const float *values, bool is_backward, double *wanted) {
    for (int n = 0; n < g->batch_size; n++)
        for (int y = 0; y < g->output_height; y++)
            for (int x = 0; x < g->output_width; x++)
                for (int i = 0; i < g->window_height; i++)
                    for (int j = 0; j < g->window_width; j++)
                        for (int c = 0; c < g->channels; c++) {
                            int64_t pixel;
                            if (!inside(g, y, x, i, j, &pixel))
                                continue;
                            int64_t in = (n * (int64_t)g->height * g->width + pixel) * g->channels + c;
                            int64_t out = ((n * (int64_t)g->output_height + y) * g->output_width + x) * g->channels + c;
                            if (is_backward)
                                wanted[in] += (double)values[out] / divisor(g, y, x);
                            else
                                wanted[out] += (double)values[in] / divisor(g, y, x);
                        }
}

static void check(bool is_backward) {
    bool valid;
    nativecnn_pooling_geometry g;
    for (int number = 0; g = case_number(number, &valid), valid; number++) {
        int64_t in_row = (int64_t)g.width * g.channels, in_rows = (int64_t)g.batch_size * g.height;
        int64_t out_row = (int64_t)g.output_width * g.channels, out_rows = (int64_t)g.batch_size * g.output_height;
        int64_t from = is_backward ? out_row * out_rows : in_row * in_rows;
        int64_t row = is_backward ? in_row : out_row, rows = is_backward ? in_rows : out_rows;
        float *values = test_random(from, (uint32_t)number);
        float *result = test_filled(row * rows, NAN);
        double *wanted = calloc((size_t)(row * rows), sizeof(double));
        reference(&g, values, is_backward, wanted);
        for (int64_t begin = 0; begin < rows; begin += 3) {
            int64_t count = rows - begin < 3 ? rows - begin : 3;
            if (is_backward)
                EXPECT_OK(nativecnn_average_pooling_backward(&g, values, range(begin, count), result));
            else
                EXPECT_OK(nativecnn_average_pooling_forward(&g, values, range(begin, count), result));
            for (int64_t i = (begin + count) * row; i < rows * row; i++)
                EXPECT(isnan(result[i]), "wrote past its range");
        }
        for (int64_t i = 0; i < row * rows; i++)
            EXPECT_CLOSE(result[i], wanted[i], tolerance_of_sum(g.window_height * g.window_width), "case %d at %d",
                         number, (int)i);
        free(wanted);
        test_free(values);
        test_free(result);
    }
}

static void forward(void) {
    check(false);
}

static void backward(void) {
    check(true);
}

static float values[4096], results[4096];

static int32_t forward_with(const nativecnn_pooling_geometry *g) {
    return nativecnn_average_pooling_forward(g, values, range(0, 1), results);
}

static int32_t backward_with(const nativecnn_pooling_geometry *g) {
    return nativecnn_average_pooling_backward(g, values, range(0, 1), results);
}

static void refusals(void) {
    const nativecnn_pooling_geometry good = test_pooling(2, 7, 8, 4, 3, 2, 2, 2, 1, 0);
    const nativecnn_pooling_geometry *g = &good;
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_average_pooling_forward(NULL, values, range(0, 1), results));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_average_pooling_forward(g, NULL, range(0, 1), results));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_average_pooling_forward(g, values, range(0, 1), NULL));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_average_pooling_forward(g, values, range(-1, 1), results));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE,
                  nativecnn_average_pooling_forward(g, values, range(1, 2 * g->output_height), results));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_average_pooling_backward(NULL, values, range(0, 1), results));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_average_pooling_backward(g, NULL, range(0, 1), results));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_average_pooling_backward(g, values, range(0, 1), NULL));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_average_pooling_backward(g, values, range(0, -1), results));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_average_pooling_backward(g, values, range(14, 1), results));
    EXPECT_BAD_POOLINGS(good, forward_with)
    EXPECT_BAD_POOLINGS(good, backward_with)
    for (int i = 0; i < 4096; i++)
        EXPECT(results[i] == 0, "a refused call wrote");
}

int main(void) {
    test_run("forward", forward);
    test_run("backward", backward);
    test_run("refusals", refusals);
    return test_result();
}
