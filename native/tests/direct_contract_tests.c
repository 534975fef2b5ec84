/* direct_contract_tests.c - what direct convolution leaves untouched, repeats and refuses. */
#include "convolution_sums.h"
#include "direct_tests.h"

/* Calls write their range only: rows, panels and groups beside it keep what they hold. */
static void ranges(void) {
    nativecnn_convolution_geometry g = test_convolution(2, 6, 5, 80, 80, 3, 3, 1, 1, 1, 2);
    float *input = test_random(input_count(&g), 1), *filters = test_random(filter_count(&g), 2);
    float *output = test_filled(output_count(&g), 99), *packed = pack(&g, filters, 1, 0),
          *flipped = pack(&g, filters, 1, 1);
    EXPECT_OK(nativecnn_direct_forward(&g, input, packed, NULL, &identity, 1, range(3, 5), range(1, 1), output));
    for (int64_t i = 0; i < output_count(&g); i++) {
        int64_t row = i / 80 / 5, o = i % 80;
        bool inside = row >= 3 && row < 8 && o >= 56 && o < 72;
        EXPECT((output[i] != 99) == inside, "forward, output %ld", (long)i);
        output[i] = 99;
    }
    EXPECT_OK(nativecnn_direct_backward_data(&g, input, flipped, 1, range(3, 5), range(2, 1), output));
    for (int64_t i = 0; i < input_count(&g); i++) {
        int64_t row = i / 80 / 5, c = i % 80;
        bool inside = row >= 3 && row < 8 && c >= 72;
        EXPECT((output[i] != 99) == inside, "backward-data, input %ld", (long)i);
    }
    int64_t size = nativecnn_direct_filters_size(&g, 0), panel = size / 3;
    float *gradient = test_filled(size, 99);
    EXPECT_OK(nativecnn_direct_filter_gradient(&g, input, input, 1, range(3, 5), range(1, 2), 0, gradient));
    for (int64_t i = 0; i < size; i++) {
        EXPECT((gradient[i] != 99) == (i >= panel), "filter gradient, value %ld", (long)i);
        if (i >= 2 * panel && i % 16 >= 8)
            EXPECT(gradient[i] == 0, "filter gradient, value %ld is beside the filters", (long)i);
    }
    EXPECT_OK(nativecnn_direct_filter_gradient(&g, input, input, 1, range(3, 0), range(1, 2), 0, gradient));
    for (int64_t i = panel; i < size; i++)
        EXPECT(gradient[i] == 0, "filter gradient of no rows, value %ld", (long)i);
    float *all = test_random(size, 5), *sums = test_filled(filter_count(&g), 0);
    EXPECT_OK(nativecnn_direct_unpack_gradient(&g, all, 1, 1, range(1, 1), sums));
    for (int64_t i = 0; i < filter_count(&g); i++) {
        int64_t o = i / 360;
        EXPECT((sums[i] != 0) == (o >= 56 && o < 72), "unpacking, filter %ld", (long)o);
    }
    test_free(input);
    test_free(filters);
    test_free(output);
    test_free(packed);
    test_free(flipped);
    test_free(gradient);
    test_free(all);
    test_free(sums);
}

/* NaN and infinity reach the sums that they belong to, through ReLU too. */
static void not_a_number(void) {
    const nativecnn_activation relu = {NATIVECNN_RELU, 0, 0};
    nativecnn_convolution_geometry g = test_convolution(1, 5, 20, 2, 18, 1, 1, 1, 1, 0, 1);
    float *input = test_random(input_count(&g), 1), *filters = test_random(filter_count(&g), 2);
    float *output = test_filled(output_count(&g), 99), *packed = pack(&g, filters, 0, 0);
    input[2 * 33] = NAN;
    EXPECT_OK(nativecnn_direct_forward(&g, input, packed, NULL, &relu, 0, range(0, 5), range(0, 2), output));
    for (int64_t i = 0; i < output_count(&g); i++)
        EXPECT(isnan(output[i]) == (i / 18 == 33), "output %ld is %g", (long)i, (double)output[i]);
    test_free(input);
    test_free(filters);
    test_free(output);
    test_free(packed);
}

/* The same pixel has the same bits wherever its range was cut: whatever it is computed beside, its sum has the same
 * parts, the bias in the first of them. Fewer channels than a part of a sum has, more, and so many taps that they go
 * through the output; blocks that lie in the border whole. */
static void repeats(void) {
    const nativecnn_convolution_geometry all[] = {
        test_convolution(2, 9, 11, 24, 40, 3, 3, 1, 1, 1, 1),   test_convolution(1, 6, 30, 100, 20, 3, 3, 1, 1, 1, 1),
        test_convolution(1, 5, 20, 300, 20, 3, 3, 1, 1, 1, 1),  test_convolution(1, 9, 24, 3, 20, 7, 7, 1, 1, 3, 1),
        test_convolution(1, 9, 40, 30, 20, 11, 9, 1, 1, 4, 1),  test_convolution(1, 13, 40, 70, 20, 3, 3, 2, 3, 2, 1),
        test_convolution(1, 8, 90, 1, 20, 5, 70, 1, 1, 3, 1),   test_convolution(1, 9, 30, 80, 40, 5, 5, 1, 1, 2, 2),
        test_convolution(2, 9, 30, 3, 40, 3, 3, 1, 1, 1, 1),    test_convolution(2, 9, 33, 20, 3, 3, 3, 1, 1, 1, 1),
        test_convolution(1, 9, 90, 16, 4, 3, 3, 2, 1, 1, 1),    test_convolution(1, 9, 90, 34, 20, 3, 3, 1, 1, 1, 1),
        test_convolution(4, 14, 14, 256, 70, 3, 3, 2, 1, 1, 1), test_convolution(2, 9, 30, 2, 12, 5, 5, 1, 1, 4, 1),
    };
    for (size_t n = 0; n < sizeof all / sizeof all[0]; n++) {
        const nativecnn_convolution_geometry *g = &all[n];
        float *input = test_random(input_count(g), 1), *filters = test_random(filter_count(g), 2);
        float *whole = test_filled(output_count(g), 0), *parts = test_filled(output_count(g), 0);
        float *packed = pack(g, filters, 0, 0), *bias = test_random(g->filters, 3);
        int rows = g->batch_size * g->output_height, panels = panels_of(g->filters / g->groups);
        EXPECT_OK(
            nativecnn_direct_forward(g, input, packed, bias, &identity, 0, range(0, rows), range(0, panels), whole));
        for (int row = 0; row < rows; row++)
            for (int panel = 0; panel < panels; panel++)
                EXPECT_OK(nativecnn_direct_forward(g, input, packed, bias, &identity, 0, range(row, 1), range(panel, 1),
                                                   parts));
        EXPECT(test_same(whole, parts, output_count(g)), "geometry %d: a row or a panel by itself has other bits",
               (int)n);
        test_free(input);
        test_free(filters);
        test_free(whole);
        test_free(parts);
        test_free(packed);
        test_free(bias);
    }
}

/* The same of backward-data, whose range is of input rows. */
static void repeats_backward(void) {
    const nativecnn_convolution_geometry all[] = {
        test_convolution(1, 9, 32, 16, 32, 3, 3, 2, 1, 1, 1), test_convolution(1, 9, 32, 3, 16, 3, 3, 1, 1, 1, 1),
        test_convolution(1, 6, 30, 20, 100, 3, 3, 1, 1, 1, 1), test_convolution(1, 17, 40, 20, 300, 3, 3, 2, 1, 1, 1),
        test_convolution(1, 12, 30, 3, 20, 11, 11, 4, 1, 2, 1)};
    for (size_t n = 0; n < sizeof all / sizeof all[0]; n++) {
        const nativecnn_convolution_geometry *g = &all[n];
        float *gradient = test_random(output_count(g), 1), *filters = test_random(filter_count(g), 2);
        float *whole = test_filled(input_count(g), 0), *parts = test_filled(input_count(g), 0);
        float *packed = pack(g, filters, 0, 1);
        int panels = panels_of(g->channels);
        EXPECT_OK(nativecnn_direct_backward_data(g, gradient, packed, 0, range(0, g->height), range(0, panels), whole));
        for (int row = 0; row < g->height; row++)
            EXPECT_OK(nativecnn_direct_backward_data(g, gradient, packed, 0, range(row, 1), range(0, panels), parts));
        EXPECT(test_same(whole, parts, input_count(g)), "geometry %d: a row by itself has other bits", (int)n);
        test_free(gradient);
        test_free(filters);
        test_free(whole);
        test_free(parts);
        test_free(packed);
    }
}

static nativecnn_convolution_geometry sample;
static float buffer[4096];

static int32_t call_pack(const nativecnn_convolution_geometry *g) {
    return nativecnn_direct_pack_filters(g, buffer, 0, 0, range(0, 0), buffer);
}

static int32_t call_forward(const nativecnn_convolution_geometry *g) {
    return nativecnn_direct_forward(g, buffer, buffer, NULL, &identity, 0, range(0, 0), range(0, 0), buffer);
}

static int32_t call_backward_data(const nativecnn_convolution_geometry *g) {
    return nativecnn_direct_backward_data(g, buffer, buffer, 0, range(0, 0), range(0, 0), buffer);
}

static int32_t call_filter_gradient(const nativecnn_convolution_geometry *g) {
    return nativecnn_direct_filter_gradient(g, buffer, buffer, 0, range(0, 0), range(0, 0), 1, buffer);
}

static int32_t call_unpack(const nativecnn_convolution_geometry *g) {
    return nativecnn_direct_unpack_gradient(g, buffer, 1, 0, range(0, 0), buffer);
}

static int32_t call_size(const nativecnn_convolution_geometry *g) {
    return nativecnn_direct_filters_size(g, 0) == 0 ? NATIVECNN_BAD_GEOMETRY : NATIVECNN_OK;
}

static void refusals(void) {
    sample = test_convolution(2, 4, 5, 40, 20, 3, 3, 1, 1, 1, 2);
    EXPECT_BAD_CONVOLUTIONS(sample, call_pack)
    EXPECT_BAD_CONVOLUTIONS(sample, call_forward)
    EXPECT_BAD_CONVOLUTIONS(sample, call_backward_data)
    EXPECT_BAD_CONVOLUTIONS(sample, call_filter_gradient)
    EXPECT_BAD_CONVOLUTIONS(sample, call_unpack)
    EXPECT_BAD_CONVOLUTIONS(sample, call_size)
    const nativecnn_convolution_geometry *g = &sample;
    EXPECT(nativecnn_direct_filters_size(g, 0) == 1 * 180 * 16, "the size of packed filters");
    EXPECT(nativecnn_direct_filters_size(g, 1) == 2 * 90 * 16, "the size of flipped packed filters");
    EXPECT(nativecnn_direct_filters_size(g, 2) == 0 && nativecnn_direct_filters_size(NULL, 0) == 0, "no size");

    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_direct_pack_filters(NULL, buffer, 0, 0, range(0, 1), buffer));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_direct_pack_filters(g, NULL, 0, 0, range(0, 1), buffer));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_direct_pack_filters(g, buffer, 0, 0, range(0, 1), NULL));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_direct_pack_filters(g, buffer, 2, 0, range(0, 1), buffer));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_direct_pack_filters(g, buffer, -1, 0, range(0, 1), buffer));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_direct_pack_filters(g, buffer, 0, 0, range(0, 2), buffer));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_direct_pack_filters(g, buffer, 0, 1, range(1, 2), buffer));
    EXPECT_STATUS(NATIVECNN_BAD_ARGUMENT, nativecnn_direct_pack_filters(g, buffer, 0, 2, range(0, 1), buffer));

    const nativecnn_activation unknown = {77, 0, 0};
#define FORWARD(input, packed, activation, group, row, rows, panel, panels, output)                                    \
    nativecnn_direct_forward(g, input, packed, NULL, activation, group, range(row, rows), range(panel, panels), output)
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, FORWARD(NULL, buffer, &identity, 0, 0, 1, 0, 1, buffer));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, FORWARD(buffer, NULL, &identity, 0, 0, 1, 0, 1, buffer));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, FORWARD(buffer, buffer, NULL, 0, 0, 1, 0, 1, buffer));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, FORWARD(buffer, buffer, &identity, 0, 0, 1, 0, 1, NULL));
    EXPECT_STATUS(NATIVECNN_BAD_ARGUMENT, FORWARD(buffer, buffer, &unknown, 0, 0, 1, 0, 1, buffer));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, FORWARD(buffer, buffer, &identity, 2, 0, 1, 0, 1, buffer));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, FORWARD(buffer, buffer, &identity, 0, 8, 1, 0, 1, buffer));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, FORWARD(buffer, buffer, &identity, 0, -1, 1, 0, 1, buffer));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, FORWARD(buffer, buffer, &identity, 0, 0, 1, 1, 1, buffer));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, FORWARD(buffer, buffer, &identity, 0, 0, 1, 0, -1, buffer));
#undef FORWARD

#define BACKWARD(gradient, packed, group, row, rows, panel, panels, input)                                             \
    nativecnn_direct_backward_data(g, gradient, packed, group, range(row, rows), range(panel, panels), input)
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, BACKWARD(NULL, buffer, 0, 0, 1, 0, 1, buffer));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, BACKWARD(buffer, NULL, 0, 0, 1, 0, 1, buffer));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, BACKWARD(buffer, buffer, 0, 0, 1, 0, 1, NULL));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, BACKWARD(buffer, buffer, 2, 0, 1, 0, 1, buffer));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, BACKWARD(buffer, buffer, 0, 5, 4, 0, 1, buffer));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, BACKWARD(buffer, buffer, 0, 0, 1, 2, 1, buffer));
#undef BACKWARD

#define GRADIENT(input, output_gradient, group, row, rows, panel, panels, accumulate, gradient)                        \
    nativecnn_direct_filter_gradient(g, input, output_gradient, group, range(row, rows), range(panel, panels),         \
                                     accumulate, gradient)
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, GRADIENT(NULL, buffer, 0, 0, 1, 0, 1, 0, buffer));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, GRADIENT(buffer, NULL, 0, 0, 1, 0, 1, 0, buffer));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, GRADIENT(buffer, buffer, 0, 0, 1, 0, 1, 0, NULL));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, GRADIENT(buffer, buffer, 2, 0, 1, 0, 1, 0, buffer));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, GRADIENT(buffer, buffer, 0, 8, 1, 0, 1, 0, buffer));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, GRADIENT(buffer, buffer, 0, 0, 1, 1, 1, 0, buffer));
    EXPECT_STATUS(NATIVECNN_BAD_ARGUMENT, GRADIENT(buffer, buffer, 0, 0, 1, 0, 1, 2, buffer));
#undef GRADIENT

    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_direct_unpack_gradient(g, NULL, 1, 0, range(0, 1), buffer));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_direct_unpack_gradient(g, buffer, 1, 0, range(0, 1), NULL));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_direct_unpack_gradient(g, buffer, -1, 0, range(0, 1), buffer));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_direct_unpack_gradient(g, buffer, 1, 2, range(0, 1), buffer));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_direct_unpack_gradient(g, buffer, 1, 0, range(1, 1), buffer));
}

int main(void) {
    test_run("ranges", ranges);
    test_run("NaN", not_a_number);
    test_run("repeats", repeats);
    test_run("repeats, backward-data", repeats_backward);
    test_run("refusals", refusals);
    return test_result();
}
