/* max_pooling_tests.c - max pooling against loops over the windows: values, indices, ties, NaN, infinities. */
#include "test.h"

static nativecnn_pooling_geometry case_number(int number, bool *valid) {
    *valid = true;
    switch (number) {
    case 0:
        return test_pooling(2, 24, 24, 20, 2, 2, 2, 2, 0, 0);
    case 1:
        return test_pooling(2, 8, 8, 50, 2, 2, 2, 2, 0, 0);
    case 2:
        return test_pooling(1, 13, 11, 7, 3, 3, 2, 2, 1, 0);
    case 3:
        return test_pooling(3, 6, 9, 1, 3, 2, 1, 1, 1, 0);
    case 4:
        return test_pooling(1, 7, 7, 16, 3, 3, 2, 2, 0, 0);
    case 5:
        return test_pooling(1, 9, 9, 33, 2, 2, 3, 4, 0, 0);
    case 6:
        return test_pooling(2, 20, 18, 5, 17, 16, 2, 1, 2, 0); /* 272 pixels: 16-bit indices. */
    case 7:
        return test_pooling(1, 16, 16, 3, 16, 16, 1, 1, 0, 0); /* 256 pixels: the last with bytes. */
    case 8:
        return test_pooling(1, 5, 5, 4, 5, 5, 1, 1, 4, 0);
    case 9:
        return test_pooling(2, 1, 1, 19, 1, 1, 1, 1, 0, 0);
    case 10:
        return test_pooling(2, 11, 14, 37, 3, 4, 3, 4, 0, 0); /* Disjoint windows that leave a border. */
    case 11:
        return test_pooling(2, 40, 21, 3, 18, 20, 18, 20, 0, 0); /* The same with 16-bit indices. */
    case 12:
        return test_pooling(2, 9, 7, 18, 2, 2, 2, 2, 0, 0);
    case 13: {
        nativecnn_pooling_geometry g = test_pooling(2, 7, 7, 5, 2, 2, 2, 2, 0, 0);
        g.pad_bottom = g.pad_right = 1; /* Disjoint windows that reach over the border. */
        g.output_height = g.output_width = 4;
        return g;
    }
    case 14: {
        nativecnn_pooling_geometry g = test_pooling(2, 7, 7, 5, 2, 2, 2, 2, 0, 0);
        g.overhang_bottom = g.overhang_right = 1; /* The same in sizes that are rounded up. */
        g.output_height = g.output_width = 4;
        return g;
    }
    default:
        *valid = false;
        return (nativecnn_pooling_geometry){0};
    }
}

static int index_of(const nativecnn_pooling_geometry *g, const void *argmax, int64_t i) {
    return nativecnn_max_pooling_index_size(g) == 1 ? ((const uint8_t *)argmax)[i] : ((const uint16_t *)argmax)[i];
}

/* The maximum of output (n, y, x, c): its value and index, by the rule of the header. */
static float maximum(const nativecnn_pooling_geometry *g, const float *input, int n, int y, int x, int c, int *index) {
    float best = 0;
    *index = -1;
    for (int i = 0; i < g->window_height; i++)
        for (int j = 0; j < g->window_width; j++) {
            int iy = y * g->stride_y + i - g->pad_top, ix = x * g->stride_x + j - g->pad_left;
            if (iy < 0 || iy >= g->height || ix < 0 || ix >= g->width)
                continue;
            float v = input[((n * g->height + iy) * g->width + ix) * g->channels + c];
            if (*index < 0 || v > best || (isnan(v) && !isnan(best))) {
                best = v;
                *index = i * g->window_width + j;
            }
        }
    return best;
}

static bool same(float a, float b) {
    return a == b || (isnan(a) && isnan(b));
}

static void check_forward(const nativecnn_pooling_geometry *g, int number, const float *input) {
    int64_t row = (int64_t)g->output_width * g->channels, rows = (int64_t)g->batch_size * g->output_height;
    int size = nativecnn_max_pooling_index_size(g);
    float *output = test_filled(rows * row, -77);
    float *alone = test_filled(rows * row, -77);
    void *argmax = test_allocate(rows * row, (size_t)size);
    /* Two ranges that meet, then the same without indices. */
    EXPECT_OK(nativecnn_max_pooling_forward(g, input, range(0, rows / 2), output, argmax));
    for (int64_t i = rows / 2 * row; i < rows * row; i++)
        EXPECT(output[i] == -77, "wrote past its range");
    EXPECT_OK(nativecnn_max_pooling_forward(g, input, range(rows / 2, rows - rows / 2), output, argmax));
    EXPECT_OK(nativecnn_max_pooling_forward(g, input, range(0, rows), alone, NULL));
    for (int n = 0; n < g->batch_size; n++)
        for (int y = 0; y < g->output_height; y++)
            for (int x = 0; x < g->output_width; x++)
                for (int c = 0; c < g->channels; c++) {
                    int index;
                    float wanted = maximum(g, input, n, y, x, c, &index);
                    int64_t at = ((int64_t)(n * g->output_height + y) * g->output_width + x) * g->channels + c;
                    EXPECT(same(output[at], wanted) && same(alone[at], wanted), "case %d at %d: %g and %g, not %g",
                           number, (int)at, (double)output[at], (double)alone[at], (double)wanted);
                    EXPECT(index_of(g, argmax, at) == index, "case %d at %d: index %d, not %d", number, (int)at,
                           index_of(g, argmax, at), index);
                }
    test_free(output);
    test_free(alone);
    test_free(argmax);
}

static int64_t input_size(const nativecnn_pooling_geometry *g) {
    return (int64_t)g->batch_size * g->height * g->width * g->channels;
}

static void forward(void) {
    bool valid;
    nativecnn_pooling_geometry g;
    for (int number = 0; g = case_number(number, &valid), valid; number++) {
        float *input = test_random(input_size(&g), (uint32_t)number);
        check_forward(&g, number, input);
        /* Few different values: ties everywhere. */
        for (int64_t i = 0; i < input_size(&g); i++)
            input[i] = floorf(input[i] * 2);
        check_forward(&g, number, input);
        for (int64_t i = 0; i < input_size(&g); i++)
            input[i] = i % 5 == 0 ? NAN : i % 7 == 0 ? INFINITY : i % 3 == 0 ? -INFINITY : input[i];
        check_forward(&g, number, input);
        for (int64_t i = 0; i < input_size(&g); i++)
            input[i] = -INFINITY;
        check_forward(&g, number, input);
        for (int64_t i = 0; i < input_size(&g); i++)
            input[i] = NAN;
        check_forward(&g, number, input);
        test_free(input);
    }
}

static void backward(void) {
    bool valid;
    nativecnn_pooling_geometry g;
    for (int number = 0; g = case_number(number, &valid), valid; number++) {
        int64_t outputs = (int64_t)g.batch_size * g.output_height * g.output_width * g.channels;
        int64_t rows = (int64_t)g.batch_size * g.height;
        float *input = test_random(input_size(&g), 1);
        float *output = test_filled(outputs, 0);
        void *argmax = test_allocate(outputs, (size_t)nativecnn_max_pooling_index_size(&g));
        EXPECT_OK(nativecnn_max_pooling_forward(&g, input, range(0, (int64_t)g.batch_size * g.output_height), output,
                                                argmax));
        float *gradient = test_random(outputs, 2);
        double *wanted = calloc((size_t)input_size(&g), sizeof(double));
        for (int64_t at = 0; at < outputs; at++) {
            int64_t c = at % g.channels, x = at / g.channels % g.output_width;
            int64_t y = at / g.channels / g.output_width % g.output_height;
            int64_t n = at / g.channels / g.output_width / g.output_height;
            int index = index_of(&g, argmax, at);
            int64_t iy = y * g.stride_y - g.pad_top + index / g.window_width;
            int64_t ix = x * g.stride_x - g.pad_left + index % g.window_width;
            wanted[((n * g.height + iy) * g.width + ix) * g.channels + c] += (double)gradient[at];
        }
        float *result = test_filled(input_size(&g), NAN);
        EXPECT_OK(nativecnn_max_pooling_backward(&g, gradient, argmax, range(0, rows / 3), result));
        for (int64_t i = rows / 3 * g.width * g.channels; i < input_size(&g); i++)
            EXPECT(isnan(result[i]), "wrote past its range");
        EXPECT_OK(nativecnn_max_pooling_backward(&g, gradient, argmax, range(rows / 3, rows - rows / 3), result));
        for (int64_t i = 0; i < input_size(&g); i++)
            EXPECT_CLOSE(result[i], wanted[i], tolerance_of_sum(g.window_height * g.window_width), "case %d at %d",
                         number, (int)i);
        free(wanted);
        test_free(result);
        test_free(gradient);
        test_free(argmax);
        test_free(output);
        test_free(input);
    }
}

static float values[4096], results[4096];
static uint8_t indices[4096];

static int32_t forward_with(const nativecnn_pooling_geometry *g) {
    return nativecnn_max_pooling_forward(g, values, range(0, 1), results, indices);
}

static int32_t backward_with(const nativecnn_pooling_geometry *g) {
    return nativecnn_max_pooling_backward(g, values, indices, range(0, 1), results);
}

static void refusals(void) {
    const nativecnn_pooling_geometry good = test_pooling(2, 7, 8, 4, 3, 2, 2, 2, 1, 0);
    const nativecnn_pooling_geometry *g = &good;
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_max_pooling_forward(NULL, values, range(0, 1), results, indices));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_max_pooling_forward(g, NULL, range(0, 1), results, indices));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_max_pooling_forward(g, values, range(0, 1), NULL, indices));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_max_pooling_forward(g, values, range(-1, 1), results, indices));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_max_pooling_forward(g, values, range(0, -1), results, indices));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE,
                  nativecnn_max_pooling_forward(g, values, range(1, 2 * g->output_height), results, indices));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_max_pooling_backward(NULL, values, indices, range(0, 1), results));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_max_pooling_backward(g, NULL, indices, range(0, 1), results));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_max_pooling_backward(g, values, NULL, range(0, 1), results));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_max_pooling_backward(g, values, indices, range(0, 1), NULL));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_max_pooling_backward(g, values, indices, range(-1, 1), results));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_max_pooling_backward(g, values, indices, range(15, 1), results));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE,
                  nativecnn_max_pooling_backward(g, values, indices, range(INT64_MAX, INT64_MAX), results));
    EXPECT_BAD_POOLINGS(good, forward_with)
    EXPECT_BAD_POOLINGS(good, backward_with)
    for (int i = 0; i < 4096; i++)
        EXPECT(results[i] == 0 && indices[i] == 0, "a refused call wrote");

    nativecnn_pooling_geometry large = test_pooling(1, 256, 256, 1, 256, 256, 1, 1, 0, 0);
    EXPECT(nativecnn_max_pooling_index_size(&large) == 2, "65,536 pixels take 16 bits");
    large = test_pooling(1, 257, 256, 1, 257, 256, 1, 1, 0, 0);
    EXPECT(nativecnn_max_pooling_index_size(&large) == 0, "more than 65,536 pixels");
    EXPECT_STATUS(NATIVECNN_BAD_GEOMETRY, forward_with(&large));
    EXPECT(nativecnn_max_pooling_index_size(NULL) == 0, "no geometry");
}

int main(void) {
    test_run("forward", forward);
    test_run("backward", backward);
    test_run("refusals", refusals);
    return test_result();
}
