/* im2col_tests.c - im2col against the formula of the header; col2im as its adjoint, against loops in double. */
#include "test.h"

static const nativecnn_convolution_geometry *case_number(int number) {
    static nativecnn_convolution_geometry g;
    switch (number) {
    case 0:
        g = test_convolution(2, 12, 12, 1, 2, 5, 5, 1, 1, 0, 1);
        return &g;
    case 1:
        g = test_convolution(2, 9, 7, 1, 2, 5, 5, 1, 1, 2, 1);
        return &g;
    case 2:
        g = test_convolution(1, 19, 23, 3, 2, 11, 11, 4, 1, 2, 1);
        return &g;
    case 3:
        g = test_convolution(1, 13, 11, 3, 2, 7, 7, 2, 1, 3, 1);
        return &g;
    case 4:
        g = test_convolution(2, 6, 5, 3, 2, 3, 3, 1, 1, 1, 1);
        return &g;
    case 5:
        g = test_convolution(1, 6, 5, 3, 2, 5, 5, 1, 1, 2, 1);
        return &g;
    case 6:
        g = test_convolution(3, 4, 4, 17, 2, 1, 1, 1, 1, 0, 1);
        return &g;
    case 7:
        g = test_convolution(1, 7, 8, 5, 2, 1, 1, 2, 1, 0, 1);
        return &g;
    case 8:
        g = test_convolution(1, 9, 9, 4, 6, 3, 2, 1, 2, 2, 2);
        return &g;
    case 9:
        g = test_convolution(2, 5, 6, 7, 7, 3, 3, 2, 1, 1, 7);
        return &g;
    case 10:
        g = test_convolution(1, 8, 8, 16, 2, 3, 3, 1, 3, 3, 1);
        return &g;
    case 11: /* Padding so wide that whole patches are zeros. */
        g = test_convolution(1, 3, 3, 2, 2, 2, 2, 1, 1, 5, 1);
        return &g;
    case 12: /* Four different pads, strides and dilations; a crop at the top and to the right. */
        g = test_convolution(2, 11, 10, 3, 2, 3, 4, 1, 1, 0, 1);
        g.pad_top = -2;
        g.pad_left = 3;
        g.pad_bottom = 1;
        g.pad_right = -1;
        g.stride_y = 3;
        g.stride_x = 2;
        g.dilation_y = 2;
        test_set_output(&g);
        return &g;
    case 13: /* A kernel wider than the image. */
        g = test_convolution(1, 2, 3, 2, 2, 5, 7, 1, 1, 3, 1);
        return &g;
    case 14:
        g = test_convolution(1, 4, 5, 33, 2, 3, 3, 1, 1, 1, 1);
        return &g;
    case 15:
        g = test_convolution(1, 1, 40, 2, 2, 1, 9, 1, 1, 0, 1);
        return &g;
    case 16:
        g = test_convolution(1, 5, 5, 6, 4, 2, 1, 1, 1, 0, 2);
        return &g;
    default:
        return NULL;
    }
}

static int64_t rows_of(const nativecnn_convolution_geometry *g) {
    return (int64_t)g->batch_size * g->output_height * g->output_width;
}

static int64_t taps_of(const nativecnn_convolution_geometry *g) {
    return (int64_t)g->kernel_height * g->kernel_width * (g->channels / g->groups);
}

/* The place in the input of entry (row, column) of the matrix, or -1 outside the image. */
static int64_t place(const nativecnn_convolution_geometry *g, int group, int64_t row, int64_t column) {
    int64_t channels = g->channels / g->groups;
    int64_t x = row % g->output_width, y = row / g->output_width % g->output_height;
    int64_t n = row / g->output_width / g->output_height;
    int64_t c = column % channels, j = column / channels % g->kernel_width, i = column / channels / g->kernel_width;
    int64_t iy = y * g->stride_y + i * g->dilation_y - g->pad_top;
    int64_t ix = x * g->stride_x + j * g->dilation_x - g->pad_left;
    if (iy < 0 || iy >= g->height || ix < 0 || ix >= g->width)
        return -1;
    return ((n * g->height + iy) * g->width + ix) * g->channels + group * channels + c;
}

static void check_range(const nativecnn_convolution_geometry *g, int number, const float *input, int group,
                        int64_t row_begin, int64_t row_count, int64_t column_begin, int64_t column_count) {
    float *columns = test_allocate(row_count * column_count, sizeof(float));
    EXPECT_OK(
        nativecnn_im2col(g, input, group, range(row_begin, row_count), range(column_begin, column_count), columns));
    for (int64_t r = 0; r < row_count; r++)
        for (int64_t k = 0; k < column_count; k++) {
            int64_t from = place(g, group, row_begin + r, column_begin + k);
            float wanted = from < 0 ? 0 : input[from];
            EXPECT(columns[r * column_count + k] == wanted, "case %d, rows %d+%d, columns %d+%d: entry %d,%d", number,
                   (int)row_begin, (int)row_count, (int)column_begin, (int)column_count, (int)r, (int)k);
        }
    test_free(columns);
}

static void patches(void) {
    const nativecnn_convolution_geometry *g;
    for (int number = 0; (g = case_number(number)) != NULL; number++) {
        /* A buffer of exactly the input's size: a read past its end is seen by the address sanitizer. */
        int64_t size = (int64_t)g->batch_size * g->height * g->width * g->channels;
        float *random = test_random(size, (uint32_t)number);
        float *input = malloc((size_t)size * sizeof(float));
        memcpy(input, random, (size_t)size * sizeof(float));
        test_free(random);
        int64_t rows = rows_of(g), taps = taps_of(g);
        for (int group = 0; group < g->groups; group++) {
            check_range(g, number, input, group, 0, rows, 0, taps);
            check_range(g, number, input, group, rows / 3, rows - rows / 3, 0, taps);
            check_range(g, number, input, group, rows - 1, 1, taps - 1, 1);
            check_range(g, number, input, group, 0, 0, 0, taps);
            check_range(g, number, input, group, 0, rows, taps / 2, 0);
            for (int64_t begin = 0; begin < taps; begin += 1 + taps / 7)
                for (int64_t count = 1; begin + count <= taps; count += 1 + taps / 5)
                    check_range(g, number, input, group, rows / 4, (rows + 1) / 2, begin, count);
        }
        free(input);
    }
}

static void adjoint(void) {
    const nativecnn_convolution_geometry *g;
    for (int number = 0; (g = case_number(number)) != NULL; number++) {
        int64_t size = (int64_t)g->batch_size * g->height * g->width * g->channels;
        int64_t taps = taps_of(g), image_rows = (int64_t)g->output_height * g->output_width;
        for (int image_begin = 0; image_begin < g->batch_size; image_begin++) {
            int image_count = g->batch_size - image_begin;
            int group = g->groups - 1;
            float *columns = test_random(image_count * image_rows * taps, 7);
            float *gradient = test_random(size, 8);
            double *wanted = malloc((size_t)size * sizeof(double));
            for (int64_t i = 0; i < size; i++)
                wanted[i] = (double)gradient[i];
            for (int64_t r = 0; r < image_count * image_rows; r++)
                for (int64_t k = 0; k < taps; k++) {
                    int64_t to = place(g, group, image_begin * image_rows + r, k);
                    if (to >= 0)
                        wanted[to] += (double)columns[r * taps + k];
                }
            EXPECT_OK(nativecnn_col2im(g, columns, group, range(image_begin, image_count), gradient));
            for (int64_t i = 0; i < size; i++)
                EXPECT_CLOSE(gradient[i], wanted[i], tolerance_of_sum(taps), "case %d, image %d, value %d", number,
                             image_begin, (int)i);
            free(wanted);
            test_free(columns);
            test_free(gradient);
        }
    }
}

static float values[4096], results[4096];

static int32_t im2col_with(const nativecnn_convolution_geometry *g) {
    return nativecnn_im2col(g, values, 0, range(0, 1), range(0, 1), results);
}

static int32_t col2im_with(const nativecnn_convolution_geometry *g) {
    return nativecnn_col2im(g, values, 0, range(0, 1), results);
}

static void refusals(void) {
    const nativecnn_convolution_geometry good = test_convolution(2, 6, 5, 4, 6, 3, 3, 1, 1, 1, 2);
    const nativecnn_convolution_geometry *g = &good;
    int64_t rows = rows_of(g), taps = taps_of(g);
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_im2col(NULL, values, 0, range(0, 1), range(0, 1), results));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_im2col(g, NULL, 0, range(0, 1), range(0, 1), results));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_im2col(g, values, 0, range(0, 1), range(0, 1), NULL));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_im2col(g, values, -1, range(0, 1), range(0, 1), results));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_im2col(g, values, 2, range(0, 1), range(0, 1), results));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_im2col(g, values, 0, range(-1, 1), range(0, 1), results));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_im2col(g, values, 0, range(0, -1), range(0, 1), results));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_im2col(g, values, 0, range(1, rows), range(0, 1), results));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE,
                  nativecnn_im2col(g, values, 0, range(INT64_MAX, INT64_MAX), range(0, 1), results));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_im2col(g, values, 0, range(0, 1), range(-1, 1), results));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_im2col(g, values, 0, range(0, 1), range(0, -1), results));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_im2col(g, values, 0, range(0, 1), range(1, taps), results));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_col2im(NULL, values, 0, range(0, 1), results));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_col2im(g, NULL, 0, range(0, 1), results));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_col2im(g, values, 0, range(0, 1), NULL));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_col2im(g, values, 2, range(0, 1), results));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_col2im(g, values, 0, range(1, 2), results));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_col2im(g, values, 0, range(-1, 1), results));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_col2im(g, values, 0, range(INT32_MAX, INT32_MAX), results));
    EXPECT_BAD_CONVOLUTIONS(good, im2col_with)
    EXPECT_BAD_CONVOLUTIONS(good, col2im_with)
    for (int i = 0; i < 4096; i++)
        EXPECT(results[i] == 0, "a refused call wrote");
}

int main(void) {
    test_run("im2col", patches);
    test_run("col2im", adjoint);
    test_run("refusals", refusals);
    return test_result();
}
