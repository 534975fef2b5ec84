/* grouped_tests.c - convolution in small groups against the formulas of the header, summed naively in double. */
#include "activation_formulas.h"
#include "convolution_sums.h"

static const nativecnn_activation identity = {NATIVECNN_IDENTITY, 0, 0};

static int64_t panels_of(const nativecnn_convolution_geometry *g) {
    return g->channels / NATIVECNN_PANEL;
}

/* In two calls. */
static float *pack(const nativecnn_convolution_geometry *g, const float *filters, int32_t backward_data) {
    float *packed = test_filled(filter_count(g), NAN);
    EXPECT(nativecnn_grouped_filters_size(g) == filter_count(g), "%ld floats", (long)nativecnn_grouped_filters_size(g));
    EXPECT_OK(nativecnn_grouped_pack_filters(g, filters, backward_data, range(1, panels_of(g) - 1), packed));
    EXPECT_OK(nativecnn_grouped_pack_filters(g, filters, backward_data, range(0, 1), packed));
    return packed;
}

static void check_forward(const nativecnn_convolution_geometry *g, const nativecnn_activation *activation,
                          bool biased) {
    float *input = test_random(input_count(g), 1), *filters = test_random(filter_count(g), 2);
    float *bias = test_random(g->channels, 3), *output = test_filled(output_count(g), NAN),
          *packed = pack(g, filters, 0);
    double *expected = test_allocate(output_count(g), sizeof(double));
    for (int64_t i = 0; i < output_count(g); i++)
        expected[i] = biased ? bias[i % g->channels] : 0;
    FOR_PRODUCTS(g, expected[output_at] += (double)input[input_at] * filters[filter_at])
    int64_t rows = (int64_t)g->batch_size * g->output_height;
    for (int64_t begin = 0, count = 1; begin < rows; begin += count, count = 2 * count) {
        count = count < rows - begin ? count : rows - begin;
        for (int64_t panel = 0; panel < panels_of(g); panel += 2)
            EXPECT_OK(nativecnn_grouped_forward(g, input, packed, biased ? bias : NULL, activation, range(begin, count),
                                                range(panel, panel + 2 < panels_of(g) ? 2 : panels_of(g) - panel),
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
    float *input_gradient = test_filled(input_count(g), NAN), *packed = pack(g, filters, 1);
    double *expected = test_allocate(input_count(g), sizeof(double));
    for (int64_t i = 0; i < input_count(g); i++)
        expected[i] = 0;
    FOR_PRODUCTS(g, expected[input_at] += (double)output_gradient[output_at] * filters[filter_at])
    int64_t rows = (int64_t)g->batch_size * g->height;
    for (int64_t begin = 0, count = 1; begin < rows; begin += count, count = 2 * count) {
        count = count < rows - begin ? count : rows - begin;
        EXPECT_OK(nativecnn_grouped_backward_data(g, output_gradient, packed, range(begin, count),
                                                  range(0, panels_of(g)), input_gradient));
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
    nativecnn_range first = range(0, 1), others = range(1, panels_of(g) - 1), all = range(0, panels_of(g));
    EXPECT_OK(nativecnn_grouped_filter_gradient(g, input, output_gradient, range(0, third), first, 0, gradients));
    EXPECT_OK(nativecnn_grouped_filter_gradient(g, input, output_gradient, range(0, third), others, 0, gradients));
    EXPECT_OK(nativecnn_grouped_filter_gradient(g, input, output_gradient, range(third, rows - 2 * third), all, 1,
                                                gradients));
    EXPECT_OK(nativecnn_grouped_filter_gradient(g, input, output_gradient, range(rows - third, third), all, 0,
                                                gradients + filter_count(g)));
    EXPECT_OK(nativecnn_grouped_unpack_gradient(g, gradients, 2, others, filter_gradient));
    EXPECT_OK(nativecnn_grouped_unpack_gradient(g, gradients, 2, first, filter_gradient));
    EXPECT_OK(nativecnn_grouped_unpack_gradient(g, gradients, 0, all, filter_gradient));
    for (int64_t i = 0; i < filter_count(g); i++)
        EXPECT_CLOSE(filter_gradient[i], expected[i], tolerance_of_sum(output_count(g) / g->filters + 1),
                     "filter gradient of %d channels, value %ld", g->channels, (long)i);
    test_free(input);
    test_free(output_gradient);
    test_free(filter_gradient);
    test_free(gradients);
    test_free(expected);
}

enum { GEOMETRIES = 9 };

/* Groups of 2, 4, 8, 16 and 32 channels, in one vector and in several. */
static nativecnn_convolution_geometry geometry(int index) {
    nativecnn_convolution_geometry g;
    switch (index) {
    case 0:
        return test_convolution(2, 9, 11, 48, 48, 3, 3, 1, 1, 1, 24);
    case 1:
        return test_convolution(2, 8, 11, 80, 80, 3, 3, 2, 1, 1, 20);
    case 2: /* a pad on one side */
        g = test_convolution(1, 12, 13, 32, 32, 3, 3, 2, 1, 0, 4);
        g.pad_bottom = g.pad_right = 1;
        test_set_output(&g);
        return g;
    case 3:
        return test_convolution(1, 7, 7, 48, 48, 3, 3, 1, 1, 1, 3);
    case 4: /* more than 256 taps */
        return test_convolution(1, 6, 9, 64, 64, 3, 3, 1, 1, 1, 2);
    case 5: /* pads longer than the image */
        return test_convolution(1, 2, 3, 32, 32, 5, 5, 1, 1, 7, 4);
    case 6: /* a crop */
        g = test_convolution(1, 9, 30, 16, 16, 3, 3, 1, 1, 0, 4);
        g.pad_top = -2;
        g.pad_left = -1;
        g.pad_right = -3;
        test_set_output(&g);
        return g;
    case 7: /* rows that are not copied */
        return test_convolution(1, 3, 70, 32, 32, 3, 3, 1, 1, 1, 1);
    default: /* unequal everything */
        g = test_convolution(2, 10, 21, 96, 96, 2, 5, 2, 1, 0, 3);
        g.stride_y = 3;
        g.dilation_y = 2;
        g.pad_top = 2;
        g.pad_left = 3;
        test_set_output(&g);
        return g;
    }
}

static void forward(void) {
    const nativecnn_activation relu = {NATIVECNN_RELU, 0, 0}, tangent = {NATIVECNN_TANH, 0, 0};
    const nativecnn_activation *activations[] = {&identity, &relu, &tangent};
    for (int index = 0; index < GEOMETRIES; index++) {
        nativecnn_convolution_geometry g = geometry(index);
        for (int a = 0; a < 3; a++)
            check_forward(&g, activations[a], (index + a) % 2 == 0);
    }
}

static void backward(void) {
    for (int index = 0; index < GEOMETRIES; index++) {
        nativecnn_convolution_geometry g = geometry(index);
        check_backward_data(&g);
        check_filter_gradient(&g);
    }
}

/* Calls write their rows and panels only. */
static void ranges(void) {
    nativecnn_convolution_geometry g = test_convolution(2, 6, 5, 48, 48, 3, 3, 1, 1, 1, 12);
    float *input = test_random(input_count(&g), 1), *filters = test_random(filter_count(&g), 2);
    float *output = test_filled(output_count(&g), 99), *packed = pack(&g, filters, 0);
    EXPECT_OK(nativecnn_grouped_forward(&g, input, packed, NULL, &identity, range(3, 5), range(1, 1), output));
    for (int64_t i = 0; i < output_count(&g); i++) {
        bool inside = i / 240 >= 3 && i / 240 < 8 && i % 48 / 16 == 1;
        EXPECT((output[i] != 99) == inside, "forward, output %ld", (long)i);
        output[i] = 99;
    }
    EXPECT_OK(nativecnn_grouped_backward_data(&g, input, packed, range(3, 5), range(1, 1), output));
    for (int64_t i = 0; i < input_count(&g); i++) {
        bool inside = i / 240 >= 3 && i / 240 < 8 && i % 48 / 16 == 1;
        EXPECT((output[i] != 99) == inside, "backward-data, input %ld", (long)i);
    }
    test_free(input);
    test_free(filters);
    test_free(output);
    test_free(packed);
}

static float buffer[16384];

static int32_t call_pack(const nativecnn_convolution_geometry *g) {
    return nativecnn_grouped_pack_filters(g, buffer, 0, range(0, 1), buffer);
}

static int32_t call_forward(const nativecnn_convolution_geometry *g) {
    return nativecnn_grouped_forward(g, buffer, buffer, NULL, &identity, range(0, 0), range(0, 1), buffer);
}

static int32_t call_backward_data(const nativecnn_convolution_geometry *g) {
    return nativecnn_grouped_backward_data(g, buffer, buffer, range(0, 0), range(0, 1), buffer);
}

static int32_t call_filter_gradient(const nativecnn_convolution_geometry *g) {
    return nativecnn_grouped_filter_gradient(g, buffer, buffer, range(0, 0), range(0, 1), 1, buffer);
}

static int32_t call_unpack(const nativecnn_convolution_geometry *g) {
    return nativecnn_grouped_unpack_gradient(g, buffer, 0, range(0, 1), buffer);
}

static void expect_refused(nativecnn_convolution_geometry g, const char *what) {
    EXPECT(nativecnn_grouped_filters_size(&g) == 0, "a size for %s", what);
    EXPECT(call_pack(&g) == NATIVECNN_BAD_GEOMETRY, "pack_filters took %s", what);
    EXPECT(call_forward(&g) == NATIVECNN_BAD_GEOMETRY, "forward took %s", what);
    EXPECT(call_backward_data(&g) == NATIVECNN_BAD_GEOMETRY, "backward_data took %s", what);
    EXPECT(call_filter_gradient(&g) == NATIVECNN_BAD_GEOMETRY, "filter_gradient took %s", what);
    EXPECT(call_unpack(&g) == NATIVECNN_BAD_GEOMETRY, "unpack_gradient took %s", what);
}

static void geometries(void) {
    const nativecnn_convolution_geometry good = test_convolution(2, 4, 5, 32, 32, 3, 3, 1, 1, 1, 8);
    EXPECT_BAD_CONVOLUTIONS(good, call_pack)
    EXPECT_BAD_CONVOLUTIONS(good, call_forward)
    EXPECT_BAD_CONVOLUTIONS(good, call_backward_data)
    EXPECT_BAD_CONVOLUTIONS(good, call_filter_gradient)
    EXPECT_BAD_CONVOLUTIONS(good, call_unpack)
    expect_refused(test_convolution(2, 4, 5, 32, 32, 3, 3, 1, 1, 1, 32), "groups of one channel");
    expect_refused(test_convolution(2, 4, 5, 64, 64, 3, 3, 1, 1, 1, 1), "a group of 64 channels");
    expect_refused(test_convolution(2, 4, 5, 48, 48, 3, 3, 1, 1, 1, 2), "groups of 24 channels");
    expect_refused(test_convolution(2, 4, 5, 24, 24, 3, 3, 1, 1, 1, 6), "half a panel");
    expect_refused(test_convolution(2, 4, 5, 32, 64, 3, 3, 1, 1, 1, 8), "twice as many filters");
    expect_refused(test_convolution(2, 4, 5, 32, 32, 3, 3, 3, 1, 1, 8), "a stride of 3");
    expect_refused(test_convolution(2, 4, 5, 32, 32, 3, 3, 1, 2, 2, 8), "dilation");
    expect_refused(test_convolution(2, 4, 5, 32, 32, 1, 3, 1, 1, 1, 8), "a kernel of 1 x 3");
    expect_refused(test_convolution(2, 4, 5, 32, 32, 4, 4, 1, 1, 1, 8), "a kernel of 4 x 4");
}

static void refusals(void) {
    const nativecnn_convolution_geometry good = test_convolution(2, 4, 5, 32, 32, 3, 3, 1, 1, 1, 8), *g = &good;
    const nativecnn_activation unknown = {77, 0, 0};
    const nativecnn_range row = range(0, 1), panel = range(0, 1);
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_grouped_pack_filters(NULL, buffer, 0, panel, buffer));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_grouped_pack_filters(g, NULL, 0, panel, buffer));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_grouped_pack_filters(g, buffer, 0, panel, NULL));
    EXPECT_STATUS(NATIVECNN_BAD_ARGUMENT, nativecnn_grouped_pack_filters(g, buffer, 2, panel, buffer));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_grouped_pack_filters(g, buffer, 0, range(1, 2), buffer));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER,
                  nativecnn_grouped_forward(g, NULL, buffer, NULL, &identity, row, panel, buffer));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER,
                  nativecnn_grouped_forward(g, buffer, NULL, NULL, &identity, row, panel, buffer));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_grouped_forward(g, buffer, buffer, NULL, NULL, row, panel, buffer));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER,
                  nativecnn_grouped_forward(g, buffer, buffer, NULL, &identity, row, panel, NULL));
    EXPECT_STATUS(NATIVECNN_BAD_ARGUMENT,
                  nativecnn_grouped_forward(g, buffer, buffer, NULL, &unknown, row, panel, buffer));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE,
                  nativecnn_grouped_forward(g, buffer, buffer, NULL, &identity, range(8, 1), panel, buffer));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE,
                  nativecnn_grouped_forward(g, buffer, buffer, NULL, &identity, row, range(2, 1), buffer));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_grouped_backward_data(g, NULL, buffer, row, panel, buffer));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_grouped_backward_data(g, buffer, NULL, row, panel, buffer));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_grouped_backward_data(g, buffer, buffer, row, panel, NULL));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_grouped_backward_data(g, buffer, buffer, range(-1, 1), panel, buffer));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_grouped_backward_data(g, buffer, buffer, row, range(0, 3), buffer));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_grouped_filter_gradient(g, NULL, buffer, row, panel, 0, buffer));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_grouped_filter_gradient(g, buffer, NULL, row, panel, 0, buffer));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_grouped_filter_gradient(g, buffer, buffer, row, panel, 0, NULL));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE,
                  nativecnn_grouped_filter_gradient(g, buffer, buffer, range(7, 2), panel, 0, buffer));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE,
                  nativecnn_grouped_filter_gradient(g, buffer, buffer, row, range(-1, 1), 0, buffer));
    EXPECT_STATUS(NATIVECNN_BAD_ARGUMENT, nativecnn_grouped_filter_gradient(g, buffer, buffer, row, panel, -1, buffer));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_grouped_unpack_gradient(g, NULL, 1, panel, buffer));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_grouped_unpack_gradient(g, buffer, 1, panel, NULL));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_grouped_unpack_gradient(g, buffer, -1, panel, buffer));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_grouped_unpack_gradient(g, buffer, 1, range(0, 3), buffer));
}

int main(void) {
    test_run("forward", forward);
    test_run("backward", backward);
    test_run("ranges", ranges);
    test_run("geometries", geometries);
    test_run("refusals", refusals);
    return test_result();
}
