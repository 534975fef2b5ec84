/* depthwise_tests.c - depthwise convolution against the formulas of the header, summed naively in double. */
#include "activation_formulas.h"
#include "convolution_sums.h"

static const nativecnn_activation identity = {NATIVECNN_IDENTITY, 0, 0};

static float *pack(const nativecnn_convolution_geometry *g, const float *filters) {
    float *packed = test_filled(filter_count(g), NAN);
    EXPECT_OK(nativecnn_depthwise_pack_filters(g, filters, packed));
    return packed;
}

static void check_forward(const nativecnn_convolution_geometry *g, const nativecnn_activation *activation,
                          bool biased) {
    float *input = test_random(input_count(g), 1), *filters = test_random(filter_count(g), 2);
    float *bias = test_random(g->channels, 3), *output = test_filled(output_count(g), NAN), *packed = pack(g, filters);
    double *expected = test_allocate(output_count(g), sizeof(double));
    for (int64_t i = 0; i < output_count(g); i++)
        expected[i] = biased ? bias[i % g->channels] : 0;
    FOR_PRODUCTS(g, expected[output_at] += (double)input[input_at] * filters[filter_at])
    int64_t rows = (int64_t)g->batch_size * g->output_height;
    for (int64_t begin = 0, count = 1; begin < rows; begin += count, count = 2 * count) {
        count = count < rows - begin ? count : rows - begin;
        EXPECT_OK(nativecnn_depthwise_forward(g, input, packed, biased ? bias : NULL, activation, range(begin, count),
                                              output));
    }
    for (int64_t i = 0; i < output_count(g); i++) {
        double x = expected[i];
        double y = activation_of(activation, x);
        EXPECT_CLOSE(output[i], y, tolerance_of_sum(filter_count(g) / g->filters + 1),
                     "forward of %d channels, output %ld", g->channels, (long)i);
    }
    test_free(input);
    test_free(filters);
    test_free(bias);
    test_free(output);
    test_free(packed);
    test_free(expected);
}

static void check_backward_data(const nativecnn_convolution_geometry *g) {
    float *output_gradient = test_random(output_count(g), 1), *filters = test_random(filter_count(g), 2);
    float *input_gradient = test_filled(input_count(g), NAN), *packed = pack(g, filters);
    double *expected = test_allocate(input_count(g), sizeof(double));
    for (int64_t i = 0; i < input_count(g); i++)
        expected[i] = 0;
    FOR_PRODUCTS(g, expected[input_at] += (double)output_gradient[output_at] * filters[filter_at])
    int64_t rows = (int64_t)g->batch_size * g->height;
    for (int64_t begin = 0, count = 1; begin < rows; begin += count, count = 2 * count) {
        count = count < rows - begin ? count : rows - begin;
        EXPECT_OK(nativecnn_depthwise_backward_data(g, output_gradient, packed, range(begin, count), input_gradient));
    }
    for (int64_t i = 0; i < input_count(g); i++)
        EXPECT_CLOSE(input_gradient[i], expected[i], tolerance_of_sum(filter_count(g) / g->channels),
                     "backward-data of %d channels, input %ld", g->channels, (long)i);
    test_free(output_gradient);
    test_free(filters);
    test_free(input_gradient);
    test_free(packed);
    test_free(expected);
}

/* Two partial sums, the first of them in two calls. */
static void check_filter_gradient(const nativecnn_convolution_geometry *g) {
    float *input = test_random(input_count(g), 1), *output_gradient = test_random(output_count(g), 2);
    float *filter_gradient = test_random(filter_count(g), 3), *gradients = test_filled(2 * filter_count(g), NAN);
    double *expected = test_allocate(filter_count(g), sizeof(double));
    for (int64_t i = 0; i < filter_count(g); i++)
        expected[i] = filter_gradient[i];
    FOR_PRODUCTS(g, expected[filter_at] += (double)input[input_at] * output_gradient[output_at])
    int64_t rows = (int64_t)g->batch_size * g->output_height, third = rows / 3;
    EXPECT_OK(nativecnn_depthwise_filter_gradient(g, input, output_gradient, range(0, third), 0, gradients));
    EXPECT_OK(
        nativecnn_depthwise_filter_gradient(g, input, output_gradient, range(third, rows - 2 * third), 1, gradients));
    EXPECT_OK(nativecnn_depthwise_filter_gradient(g, input, output_gradient, range(rows - third, third), 0,
                                                  gradients + filter_count(g)));
    EXPECT_OK(nativecnn_depthwise_unpack_gradient(g, gradients, 2, filter_gradient));
    EXPECT_OK(nativecnn_depthwise_unpack_gradient(g, gradients, 0, filter_gradient));
    for (int64_t i = 0; i < filter_count(g); i++)
        EXPECT_CLOSE(filter_gradient[i], expected[i], tolerance_of_sum(output_count(g) / g->filters + 1),
                     "filter gradient of %d channels, value %ld", g->channels, (long)i);
    test_free(input);
    test_free(output_gradient);
    test_free(filter_gradient);
    test_free(gradients);
    test_free(expected);
}

enum { GEOMETRIES = 8 };

static nativecnn_convolution_geometry geometry(int index, int channels) {
    nativecnn_convolution_geometry g;
    switch (index) {
    case 0:
        return test_convolution(2, 9, 21, channels, channels, 3, 3, 1, 1, 1, channels);
    case 1:
        return test_convolution(2, 8, 11, channels, channels, 3, 3, 2, 1, 1, channels);
    case 2: /* dilation with and without a factor of the stride */
        return test_convolution(1, 12, 13, channels, channels, 3, 3, 2, 2, 2, channels);
    case 3:
        return test_convolution(1, 14, 13, channels, channels, 3, 3, 2, 3, 2, channels);
    case 4: /* a stride longer than the kernel and than the image */
        return test_convolution(2, 4, 5, channels, channels, 2, 2, 6, 1, 0, channels);
    case 5: /* pads longer than the image */
        return test_convolution(1, 2, 3, channels, channels, 5, 5, 1, 1, 7, channels);
    case 6: /* a crop */
        g = test_convolution(1, 9, 30, channels, channels, 3, 3, 1, 1, 0, channels);
        g.pad_top = -2;
        g.pad_left = -1;
        g.pad_right = -3;
        test_set_output(&g);
        return g;
    default: /* unequal everything */
        g = test_convolution(2, 10, 40, channels, channels, 2, 5, 1, 1, 0, channels);
        g.stride_y = 3;
        g.dilation_x = 2;
        g.pad_top = 2;
        g.pad_left = 3;
        test_set_output(&g);
        return g;
    }
}

static const int channel_counts[] = {1, 5, 16, 35, 64, 81};

static void forward(void) {
    const nativecnn_activation relu = {NATIVECNN_RELU, 0, 0}, tangent = {NATIVECNN_TANH, 0, 0};
    const nativecnn_activation *activations[] = {&identity, &relu, &tangent};
    for (int index = 0; index < GEOMETRIES; index++)
        for (int c = 0; c < 6; c++) {
            nativecnn_convolution_geometry g = geometry(index, channel_counts[c]);
            check_forward(&g, activations[(index + c) % 3], c % 2 == 0);
        }
}

static void backward(void) {
    for (int index = 0; index < GEOMETRIES; index++)
        for (int c = 0; c < 6; c++) {
            nativecnn_convolution_geometry g = geometry(index, channel_counts[c]);
            check_backward_data(&g);
            check_filter_gradient(&g);
        }
}

/* Calls write their rows only. */
static void ranges(void) {
    nativecnn_convolution_geometry g = test_convolution(2, 6, 5, 20, 20, 3, 3, 1, 1, 1, 20);
    float *input = test_random(input_count(&g), 1), *filters = test_random(filter_count(&g), 2);
    float *output = test_filled(output_count(&g), 99), *packed = pack(&g, filters);
    EXPECT_OK(nativecnn_depthwise_forward(&g, input, packed, NULL, &identity, range(3, 5), output));
    for (int64_t i = 0; i < output_count(&g); i++) {
        EXPECT((output[i] != 99) == (i / 100 >= 3 && i / 100 < 8), "forward, output %ld", (long)i);
        output[i] = 99;
    }
    EXPECT_OK(nativecnn_depthwise_backward_data(&g, input, packed, range(3, 5), output));
    for (int64_t i = 0; i < input_count(&g); i++)
        EXPECT((output[i] != 99) == (i / 100 >= 3 && i / 100 < 8), "backward-data, input %ld", (long)i);
    test_free(input);
    test_free(filters);
    test_free(output);
    test_free(packed);
}

static float buffer[4096];

static int32_t call_pack(const nativecnn_convolution_geometry *g) {
    return nativecnn_depthwise_pack_filters(g, buffer, buffer);
}

static int32_t call_forward(const nativecnn_convolution_geometry *g) {
    return nativecnn_depthwise_forward(g, buffer, buffer, NULL, &identity, range(0, 0), buffer);
}

static int32_t call_backward_data(const nativecnn_convolution_geometry *g) {
    return nativecnn_depthwise_backward_data(g, buffer, buffer, range(0, 0), buffer);
}

static int32_t call_filter_gradient(const nativecnn_convolution_geometry *g) {
    return nativecnn_depthwise_filter_gradient(g, buffer, buffer, range(0, 0), 1, buffer);
}

static int32_t call_unpack(const nativecnn_convolution_geometry *g) {
    return nativecnn_depthwise_unpack_gradient(g, buffer, 1, buffer);
}

static void refusals(void) {
    const nativecnn_convolution_geometry good = test_convolution(2, 4, 5, 6, 6, 3, 3, 1, 1, 1, 6);
    EXPECT_BAD_CONVOLUTIONS(good, call_pack)
    EXPECT_BAD_CONVOLUTIONS(good, call_forward)
    EXPECT_BAD_CONVOLUTIONS(good, call_backward_data)
    EXPECT_BAD_CONVOLUTIONS(good, call_filter_gradient)
    EXPECT_BAD_CONVOLUTIONS(good, call_unpack)
    nativecnn_convolution_geometry grouped = test_convolution(2, 4, 5, 6, 6, 3, 3, 1, 1, 1, 3);
    EXPECT_STATUS(NATIVECNN_BAD_GEOMETRY, call_forward(&grouped));
    grouped = test_convolution(2, 4, 5, 6, 12, 3, 3, 1, 1, 1, 6);
    EXPECT_STATUS(NATIVECNN_BAD_GEOMETRY, call_forward(&grouped));

    const nativecnn_convolution_geometry *g = &good;
    const nativecnn_activation unknown = {77, 0, 0};
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_depthwise_pack_filters(NULL, buffer, buffer));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_depthwise_pack_filters(g, NULL, buffer));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_depthwise_pack_filters(g, buffer, NULL));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER,
                  nativecnn_depthwise_forward(g, NULL, buffer, NULL, &identity, range(0, 1), buffer));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER,
                  nativecnn_depthwise_forward(g, buffer, NULL, NULL, &identity, range(0, 1), buffer));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER,
                  nativecnn_depthwise_forward(g, buffer, buffer, NULL, NULL, range(0, 1), buffer));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER,
                  nativecnn_depthwise_forward(g, buffer, buffer, NULL, &identity, range(0, 1), NULL));
    EXPECT_STATUS(NATIVECNN_BAD_ARGUMENT,
                  nativecnn_depthwise_forward(g, buffer, buffer, NULL, &unknown, range(0, 1), buffer));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE,
                  nativecnn_depthwise_forward(g, buffer, buffer, NULL, &identity, range(8, 1), buffer));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_depthwise_backward_data(g, NULL, buffer, range(0, 1), buffer));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_depthwise_backward_data(g, buffer, NULL, range(0, 1), buffer));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_depthwise_backward_data(g, buffer, buffer, range(0, 1), NULL));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_depthwise_backward_data(g, buffer, buffer, range(-1, 1), buffer));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_depthwise_filter_gradient(g, NULL, buffer, range(0, 1), 0, buffer));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_depthwise_filter_gradient(g, buffer, NULL, range(0, 1), 0, buffer));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_depthwise_filter_gradient(g, buffer, buffer, range(0, 1), 0, NULL));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_depthwise_filter_gradient(g, buffer, buffer, range(7, 2), 0, buffer));
    EXPECT_STATUS(NATIVECNN_BAD_ARGUMENT,
                  nativecnn_depthwise_filter_gradient(g, buffer, buffer, range(0, 1), -1, buffer));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_depthwise_unpack_gradient(g, NULL, 1, buffer));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_depthwise_unpack_gradient(g, buffer, 1, NULL));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_depthwise_unpack_gradient(g, buffer, -1, buffer));
}

int main(void) {
    test_run("forward", forward);
    test_run("backward", backward);
    test_run("ranges", ranges);
    test_run("refusals", refusals);
    return test_result();
}
