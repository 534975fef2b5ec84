/* direct_tests.c - direct convolution against the formulas of the header, summed naively in double. */
#include "activation_formulas.h"
#include "convolution_sums.h"
#include "direct_tests.h"

static void check_forward(const nativecnn_convolution_geometry *g, const nativecnn_activation *activation,
                          bool biased) {
    float *input = test_random(input_count(g), 1), *filters = test_random(filter_count(g), 2);
    float *bias = test_random(g->filters, 3), *output = test_filled(output_count(g), NAN);
    double *expected = test_allocate(output_count(g), sizeof(double));
    for (int64_t i = 0; i < output_count(g); i++)
        expected[i] = biased ? bias[i % g->filters] : 0;
    FOR_PRODUCTS(g, expected[output_at] += (double)input[input_at] * filters[filter_at])
    int64_t rows = (int64_t)g->batch_size * g->output_height;
    int panels = panels_of(g->filters / g->groups);
    for (int group = 0; group < g->groups; group++) {
        float *packed = pack(g, filters, group, 0);
        for (int64_t begin = 0, count = 1; begin < rows; begin += count, count = 3 * count) {
            count = count < rows - begin ? count : rows - begin;
            int half = panels / 2;
            EXPECT_OK(nativecnn_direct_forward(g, input, packed, biased ? bias : NULL, activation, group,
                                               range(begin, count), range(0, half), output));
            EXPECT_OK(nativecnn_direct_forward(g, input, packed, biased ? bias : NULL, activation, group,
                                               range(begin, count), range(half, panels - half), output));
        }
        test_free(packed);
    }
    for (int64_t i = 0; i < output_count(g); i++) {
        double x = expected[i];
        double y = activation_of(activation, x);
        EXPECT_CLOSE(output[i], y, tolerance_of_sum(filter_count(g) / g->filters + 1),
                     "forward of %dx%dx%dx%d, kernel %dx%d, output %ld", g->batch_size, g->height, g->width,
                     g->channels, g->kernel_height, g->kernel_width, (long)i);
    }
    test_free(input);
    test_free(filters);
    test_free(bias);
    test_free(output);
    test_free(expected);
}

static void check_backward_data(const nativecnn_convolution_geometry *g) {
    float *output_gradient = test_random(output_count(g), 1), *filters = test_random(filter_count(g), 2);
    float *input_gradient = test_filled(input_count(g), NAN);
    double *expected = test_allocate(input_count(g), sizeof(double));
    for (int64_t i = 0; i < input_count(g); i++)
        expected[i] = 0;
    FOR_PRODUCTS(g, expected[input_at] += (double)output_gradient[output_at] * filters[filter_at])
    int64_t rows = (int64_t)g->batch_size * g->height;
    int panels = panels_of(g->channels / g->groups);
    for (int group = 0; group < g->groups; group++) {
        float *packed = pack(g, filters, group, 1);
        for (int64_t begin = 0, count = 1; begin < rows; begin += count, count = 3 * count) {
            count = count < rows - begin ? count : rows - begin;
            int half = panels / 2;
            EXPECT_OK(nativecnn_direct_backward_data(g, output_gradient, packed, group, range(begin, count),
                                                     range(0, half), input_gradient));
            EXPECT_OK(nativecnn_direct_backward_data(g, output_gradient, packed, group, range(begin, count),
                                                     range(half, panels - half), input_gradient));
        }
        test_free(packed);
    }
    for (int64_t i = 0; i < input_count(g); i++)
        EXPECT_CLOSE(input_gradient[i], expected[i], tolerance_of_sum(filter_count(g) / g->channels),
                     "backward-data of %dx%dx%dx%d, kernel %dx%d, input %ld", g->batch_size, g->height, g->width,
                     g->channels, g->kernel_height, g->kernel_width, (long)i);
    test_free(output_gradient);
    test_free(filters);
    test_free(input_gradient);
    test_free(expected);
}

/* Two partial sums: the first of all but the last third of the rows in two calls, the second of the rest. */
static void check_filter_gradient(const nativecnn_convolution_geometry *g) {
    float *input = test_random(input_count(g), 1), *output_gradient = test_random(output_count(g), 2);
    float *filter_gradient = test_random(filter_count(g), 3);
    double *expected = test_allocate(filter_count(g), sizeof(double));
    for (int64_t i = 0; i < filter_count(g); i++)
        expected[i] = filter_gradient[i];
    FOR_PRODUCTS(g, expected[filter_at] += (double)input[input_at] * output_gradient[output_at])
    int64_t rows = (int64_t)g->batch_size * g->output_height, size = nativecnn_direct_filters_size(g, 0);
    int panels = panels_of(g->filters / g->groups), half = panels / 2;
    for (int group = 0; group < g->groups; group++) {
        float *gradients = test_filled(2 * size, NAN);
        const int64_t begins[] = {0, rows / 3, rows - rows / 3}, ends[] = {rows / 3, rows - rows / 3, rows};
        for (int part = 0; part < 3; part++)
            for (int second = 0; second < 2; second++)
                EXPECT_OK(nativecnn_direct_filter_gradient(g, input, output_gradient, group,
                                                           range(begins[part], ends[part] - begins[part]),
                                                           range(second ? half : 0, second ? panels - half : half),
                                                           part == 1, gradients + (part == 2 ? size : 0)));
        EXPECT_OK(nativecnn_direct_unpack_gradient(g, gradients, 2, group, range(0, half), filter_gradient));
        EXPECT_OK(
            nativecnn_direct_unpack_gradient(g, gradients, 2, group, range(half, panels - half), filter_gradient));
        EXPECT_OK(nativecnn_direct_unpack_gradient(g, gradients, 0, group, range(0, panels), filter_gradient));
        test_free(gradients);
    }
    for (int64_t i = 0; i < filter_count(g); i++)
        EXPECT_CLOSE(filter_gradient[i], expected[i], tolerance_of_sum(output_count(g) / g->filters + 1),
                     "filter gradient of %dx%dx%dx%d, kernel %dx%d, value %ld", g->batch_size, g->height, g->width,
                     g->channels, g->kernel_height, g->kernel_width, (long)i);
    test_free(input);
    test_free(output_gradient);
    test_free(filter_gradient);
    test_free(expected);
}

/* The number of geometries of the sweep. */
enum { GEOMETRIES = 28 };

static nativecnn_convolution_geometry geometry(int index) {
    switch (index) {
    case 0: /* LeNet's first layer */
        return test_convolution(2, 12, 12, 1, 20, 5, 5, 1, 1, 0, 1);
    case 1: /* few channels, with a border */
        return test_convolution(1, 9, 30, 3, 33, 3, 3, 1, 1, 1, 1);
    case 2:
        return test_convolution(2, 13, 15, 3, 16, 7, 7, 2, 1, 3, 1);
    case 3:
        return test_convolution(1, 31, 29, 3, 17, 11, 11, 4, 1, 2, 1);
    case 4: /* narrow rows */
        return test_convolution(3, 4, 4, 20, 40, 3, 3, 1, 1, 1, 1);
    case 5:
        return test_convolution(2, 7, 7, 33, 50, 3, 3, 1, 1, 1, 1);
    case 6: /* 1 x 1 */
        return test_convolution(2, 5, 6, 48, 65, 1, 1, 1, 1, 0, 1);
    case 7:
        return test_convolution(2, 9, 8, 17, 31, 1, 1, 2, 1, 0, 1);
    case 8: /* groups */
        return test_convolution(2, 7, 9, 12, 40, 3, 3, 1, 1, 1, 2);
    case 9:
        return test_convolution(2, 8, 7, 9, 6, 3, 3, 2, 1, 1, 3);
    case 10: /* one channel per group */
        return test_convolution(1, 6, 6, 5, 10, 3, 3, 1, 1, 1, 5);
    case 11: /* dilation, alone and with strides that do and do not share a factor with it */
        return test_convolution(1, 11, 12, 5, 18, 3, 3, 1, 2, 2, 1);
    case 12:
        return test_convolution(1, 14, 13, 6, 20, 3, 3, 2, 3, 2, 1);
    case 13:
        return test_convolution(1, 17, 16, 4, 7, 3, 4, 4, 2, 3, 1);
    case 14: /* a stride longer than the kernel, and than the image */
        return test_convolution(2, 11, 10, 3, 5, 2, 2, 5, 1, 1, 1);
    case 15:
        return test_convolution(1, 3, 3, 2, 3, 2, 2, 7, 1, 0, 1);
    case 16: /* pads longer than the image */
        return test_convolution(1, 2, 3, 4, 5, 3, 3, 1, 1, 6, 1);
    case 17: /* more taps than one list of runs holds, and more channels than one run */
        return test_convolution(1, 4, 4, 600, 3, 11, 9, 1, 1, 5, 1);
    case 18: { /* a crop */
        nativecnn_convolution_geometry g = test_convolution(1, 9, 10, 3, 18, 3, 3, 1, 1, 0, 1);
        g.pad_top = -1;
        g.pad_left = -2;
        g.pad_bottom = -2;
        g.pad_right = -1;
        test_set_output(&g);
        return g;
    }
    case 19: { /* unequal everything */
        nativecnn_convolution_geometry g = test_convolution(2, 10, 17, 4, 21, 2, 5, 1, 1, 0, 1);
        g.stride_y = 3;
        g.stride_x = 2;
        g.dilation_x = 2;
        g.pad_top = 2;
        g.pad_left = 3;
        g.pad_right = -2;
        test_set_output(&g);
        return g;
    }
    case 20: /* many channels to few */
        return test_convolution(1, 3, 5, 1030, 2, 3, 3, 1, 1, 1, 1);
    case 21: /* to three columns: rows that are copied whole, over more than one image */
        return test_convolution(2, 12, 33, 20, 3, 3, 3, 1, 1, 1, 1);
    case 22: /* to one and from one: long rows, whose ends are copied, and a tile for a part of a row */
        return test_convolution(1, 5, 203, 1, 20, 5, 5, 1, 1, 2, 1);
    case 23: /* to two columns, 1 x 1 */
        return test_convolution(2, 6, 19, 37, 2, 1, 1, 1, 1, 0, 1);
    case 24: /* few channels, one panel, rows of more than one block */
        return test_convolution(3, 7, 32, 3, 16, 3, 3, 1, 1, 1, 1);
    case 25: /* the same with a stride, and with a kernel row below the image */
        return test_convolution(2, 9, 34, 4, 16, 3, 3, 2, 1, 2, 1);
    case 26: /* to four columns with a dilation */
        return test_convolution(1, 9, 40, 16, 4, 3, 3, 1, 2, 2, 1);
    default: /* few to many: filters in more than one group of panels */
        return test_convolution(1, 3, 5, 70, 150, 3, 3, 1, 1, 1, 1);
    }
}

static void forward(void) {
    const nativecnn_activation relu = {NATIVECNN_RELU, 0, 0}, tangent = {NATIVECNN_TANH, 0, 0};
    const nativecnn_activation *activations[] = {&identity, &relu, &tangent};
    for (int index = 0; index < GEOMETRIES; index++) {
        nativecnn_convolution_geometry g = geometry(index);
        check_forward(&g, activations[index % 3], index % 2 == 0);
    }
}

static void backward_data(void) {
    for (int index = 0; index < GEOMETRIES; index++) {
        nativecnn_convolution_geometry g = geometry(index);
        check_backward_data(&g);
    }
}

static void filter_gradient(void) {
    for (int index = 0; index < GEOMETRIES; index++) {
        nativecnn_convolution_geometry g = geometry(index);
        check_filter_gradient(&g);
    }
}

int main(void) {
    test_run("forward", forward);
    test_run("backward-data", backward_data);
    test_run("filter gradient", filter_gradient);
    return test_result();
}
