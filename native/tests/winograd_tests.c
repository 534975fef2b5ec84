/* winograd_tests.c - the three passes by Winograd's algorithm, put together from its kernels, against plain loops. */
#include "activation_formulas.h"
#include "convolution_sums.h"

typedef struct sample {
    nativecnn_winograd_kind kind;
    nativecnn_convolution_geometry g;
} sample;

static bool case_number(int number, sample *s) {
    static const int filter_sides[] = {3, 3, 5, 5};
    /* Batch, height, width, channels, filters, pad, groups. */
    static const int sizes[][7] = {{1, 4, 4, 1, 1, 1, 1},     {2, 7, 9, 3, 5, 1, 1},    {1, 12, 12, 20, 50, 0, 1},
                                   {3, 8, 6, 16, 16, 1, 1},   {2, 5, 13, 33, 17, 2, 1}, {1, 6, 6, 65, 70, 1, 1},
                                   {2, 14, 10, 24, 40, 1, 2}, {1, 5, 6, 130, 31, 2, 1}, {1, 9, 11, 64, 96, 1, 1}};
    int kinds = 4, count = (int)(sizeof sizes / sizeof sizes[0]);
    if (number < count * kinds) {
        const int *z = sizes[number % count];
        s->kind = number / count;
        int side = filter_sides[s->kind];
        s->g = test_convolution(z[0], z[1], z[2], z[3], z[4], side, side, 1, 1, z[5], z[6]);
        return s->g.output_height > 0 && s->g.output_width > 0;
    }
    if (number < (count + 1) * kinds) {
        /* Four different pads, one of them a crop. */
        s->kind = number - count * kinds;
        int side = filter_sides[s->kind];
        s->g = test_convolution(2, 11, 8, 6, 9, side, side, 1, 1, 0, 1);
        s->g.pad_top = -1;
        s->g.pad_left = 3;
        s->g.pad_bottom = 2;
        test_set_output(&s->g);
        return true;
    }
    return false;
}

enum { CASES = 40 };

/* Expects results within the bound of a kind; scale holds the sums of absolute products. */
static void expect_near(const char *pass, int number, nativecnn_winograd_kind kind, const float *got,
                        const double *wanted, const double *scale, int64_t count) {
    double largest = 0, error = 0;
    for (int64_t i = 0; i < count; i++)
        largest = scale[i] > largest ? scale[i] : largest;
    for (int64_t i = 0; i < count; i++) {
        EXPECT_CLOSE(got[i], wanted[i], tolerance_of_winograd(kind, largest), "%s, case %d, value %d", pass, number,
                     (int)i);
        error = fmax(error, fabs((double)got[i] - wanted[i]));
    }
    if (getenv("NATIVECNN_PRINT_ERRORS"))
        printf("%s, kind %d, case %d: %.2f\n", pass, (int)kind, number, error / largest / ROUNDING);
}

static double *zeros(int64_t count) {
    double *values = calloc((size_t)count, sizeof(double));
    if (!values)
        abort();
    return values;
}

static float *tiles_buffer(nativecnn_winograd_kind kind, int64_t tile_count, int channels) {
    return test_allocate(nativecnn_winograd_tiles_size(kind, tile_count, channels), sizeof(float));
}

static float *filters_buffer(nativecnn_winograd_kind kind, int rows, int columns) {
    return test_allocate(nativecnn_winograd_filters_size(kind, rows, columns), sizeof(float));
}

/* A convolution in chunks of tiles; g is the geometry of what is computed, forward that of the filters. */
static void convolve(nativecnn_winograd_kind kind, const nativecnn_convolution_geometry *g,
                     const nativecnn_convolution_geometry *forward, const float *input, const float *filters,
                     const float *bias, const nativecnn_activation *f, int64_t chunk, float *output) {
    int channels = g->channels / g->groups, columns = g->filters / g->groups;
    int64_t tile_count = nativecnn_winograd_tile_count(kind, g);
    for (int group = 0; group < g->groups; group++)
        /* Two ranges of columns, transformed apart. */
        for (int part = 0; part < 2; part++) {
            int begin = part * (columns / 2), count = part ? columns - begin : columns / 2;
            if (count == 0)
                continue;
            float *transformed = filters_buffer(kind, channels, count);
            EXPECT_OK(nativecnn_winograd_filter_transform(kind, forward, filters, group, g != forward,
                                                          range(begin, count), transformed));
            for (int64_t tile = 0; tile < tile_count; tile += chunk) {
                int64_t tiles = tile_count - tile < chunk ? tile_count - tile : chunk;
                float *v = tiles_buffer(kind, tiles, channels), *m = tiles_buffer(kind, tiles, count);
                EXPECT_OK(nativecnn_winograd_input_transform(kind, g, input, group, range(tile, tiles),
                                                             range(0, channels), v));
                EXPECT_OK(nativecnn_winograd_product(kind, tiles, channels, count, v, transformed, m));
                EXPECT_OK(nativecnn_winograd_output_transform(kind, g, m, group, range(tile, tiles),
                                                              range(begin, count), bias, f, output));
                test_free(v);
                test_free(m);
            }
            test_free(transformed);
        }
}

static void forward(void) {
    /* Below, at and above the height of a panel of products. */
    static const int64_t chunks[] = {1, 14, 15, 1000};
    sample s;
    for (int number = 0; number < CASES; number++) {
        if (!case_number(number, &s))
            continue;
        const nativecnn_convolution_geometry *g = &s.g;
        float *input = test_random(input_count(g), 1), *filters = test_random(filter_count(g), 2);
        float *bias = test_random(g->filters, 3), *first = NULL;
        double *wanted = zeros(output_count(g)), *scale = zeros(output_count(g));
        FOR_PRODUCTS(g, {
            wanted[output_at] += (double)input[input_at] * (double)filters[filter_at];
            scale[output_at] += fabs((double)input[input_at] * (double)filters[filter_at]);
        })
        const nativecnn_activation identity = {NATIVECNN_IDENTITY, 0, 0};
        for (size_t i = 0; i < sizeof chunks / sizeof chunks[0]; i++) {
            float *output = test_filled(output_count(g), NAN);
            convolve(s.kind, g, g, input, filters, NULL, &identity, chunks[i], output);
            expect_near("forward", number, s.kind, output, wanted, scale, output_count(g));
            if (!first) {
                first = output;
                continue;
            }
            EXPECT(test_same(first, output, output_count(g)), "case %d depends on the chunks", number);
            test_free(output);
        }
        for (int kind = 0; kind < NATIVECNN_ACTIVATION_KINDS; kind++) {
            const nativecnn_activation f = activation_number(kind);
            float *output = test_filled(output_count(g), NAN);
            convolve(s.kind, g, g, input, filters, bias, &f, 6, output);
            EXPECT_OK(nativecnn_bias_activation(&f, bias, output_count(g) / g->filters, g->filters, g->filters, first));
            for (int64_t i = 0; i < output_count(g); i++)
                EXPECT_CLOSE(output[i], first[i], tolerance_of_sum(1), "case %d, activation %d, value %d", number, kind,
                             (int)i);
            test_free(output);
            convolve(s.kind, g, g, input, filters, NULL, &identity, 6, first);
        }
        free(wanted);
        free(scale);
        test_free(first);
        test_free(input);
        test_free(filters);
        test_free(bias);
    }
}

static void backward_data(void) {
    sample s;
    for (int number = 0; number < CASES; number++) {
        if (!case_number(number, &s))
            continue;
        const nativecnn_convolution_geometry *g = &s.g;
        nativecnn_convolution_geometry back = *g;
        back.height = g->output_height;
        back.width = g->output_width;
        back.channels = g->filters;
        back.filters = g->channels;
        back.pad_top = g->kernel_height - 1 - g->pad_top;
        back.pad_left = g->kernel_width - 1 - g->pad_left;
        back.pad_bottom = g->kernel_height - 1 - g->pad_bottom;
        back.pad_right = g->kernel_width - 1 - g->pad_right;
        test_set_output(&back);
        EXPECT(back.output_height == g->height && back.output_width == g->width, "case %d: sizes", number);
        float *gradient = test_random(output_count(g), 4), *filters = test_random(filter_count(g), 5);
        float *got = test_filled(input_count(g), NAN);
        double *wanted = zeros(input_count(g)), *scale = zeros(input_count(g));
        FOR_PRODUCTS(g, {
            wanted[input_at] += (double)gradient[output_at] * (double)filters[filter_at];
            scale[input_at] += fabs((double)gradient[output_at] * (double)filters[filter_at]);
        })
        const nativecnn_activation identity = {NATIVECNN_IDENTITY, 0, 0};
        convolve(s.kind, &back, g, gradient, filters, NULL, &identity, 13, got);
        expect_near("backward-data", number, s.kind, got, wanted, scale, input_count(g));
        free(wanted);
        free(scale);
        test_free(gradient);
        test_free(filters);
        test_free(got);
    }
}

static void backward_data_adjoint(void) {
    static const int64_t chunks[] = {1, 15, 1000};
    sample s;
    for (int number = 0; number < CASES; number++) {
        if (!case_number(number, &s))
            continue;
        const nativecnn_convolution_geometry *g = &s.g;
        int channels = g->channels / g->groups, filters = g->filters / g->groups;
        float *gradient = test_random(output_count(g), 4), *weights = test_random(filter_count(g), 5), *first = NULL;
        double *wanted = zeros(input_count(g)), *scale = zeros(input_count(g));
        /* What is there before is added to. */
        for (int64_t i = 0; i < input_count(g); i++)
            wanted[i] = scale[i] = 0.5;
        FOR_PRODUCTS(g, {
            wanted[input_at] += (double)gradient[output_at] * (double)weights[filter_at];
            scale[input_at] += fabs((double)gradient[output_at] * (double)weights[filter_at]);
        })
        int64_t tile_count = nativecnn_winograd_tile_count(s.kind, g);
        for (size_t i = 0; i < sizeof chunks / sizeof chunks[0]; i++) {
            float *got = test_filled(input_count(g), 0.5f);
            for (int group = 0; group < g->groups; group++)
                /* Two ranges of channels. */
                for (int part = 0; part < 2; part++) {
                    int c = part * (channels / 2), count = part ? channels - c : channels / 2;
                    if (count == 0)
                        continue;
                    float *transformed = filters_buffer(s.kind, filters, count);
                    EXPECT_OK(nativecnn_winograd_filter_transform(
                        s.kind, g, weights, group, NATIVECNN_WINOGRAD_FILTERS_ADJOINT, range(c, count), transformed));
                    for (int64_t tile = 0; tile < tile_count; tile += chunks[i]) {
                        int64_t tiles = tile_count - tile < chunks[i] ? tile_count - tile : chunks[i];
                        float *d = tiles_buffer(s.kind, tiles, filters), *m = tiles_buffer(s.kind, tiles, count);
                        EXPECT_OK(nativecnn_winograd_output_gradient_transform(
                            s.kind, g, gradient, group, range(tile, tiles), range(0, filters), d));
                        EXPECT_OK(nativecnn_winograd_product(s.kind, tiles, filters, count, d, transformed, m));
                        EXPECT_OK(nativecnn_winograd_input_gradient_transform(s.kind, g, m, group, range(tile, tiles),
                                                                              range(c, count), got));
                        test_free(d);
                        test_free(m);
                    }
                    test_free(transformed);
                }
            expect_near("backward-data, adjoint", number, s.kind, got, wanted, scale, input_count(g));
            if (first) {
                EXPECT(test_same(first, got, input_count(g)), "case %d depends on the chunks", number);
                test_free(got);
            } else {
                first = got;
            }
        }
        free(wanted);
        free(scale);
        test_free(gradient);
        test_free(weights);
        test_free(first);
    }
}

static void backward_filter(void) {
    sample s;
    for (int number = 0; number < CASES; number++) {
        if (!case_number(number, &s))
            continue;
        const nativecnn_convolution_geometry *g = &s.g;
        int channels = g->channels / g->groups, filters = g->filters / g->groups, chunk = 18;
        float *input = test_random(input_count(g), 6), *gradient = test_random(output_count(g), 7);
        /* What is there before is added to. */
        float *got = test_filled(filter_count(g), 0.5f);
        double *wanted = zeros(filter_count(g)), *scale = zeros(filter_count(g));
        for (int64_t i = 0; i < filter_count(g); i++)
            wanted[i] = scale[i] = 0.5;
        FOR_PRODUCTS(g, {
            wanted[filter_at] += (double)input[input_at] * (double)gradient[output_at];
            scale[filter_at] += fabs((double)input[input_at] * (double)gradient[output_at]);
        })
        int64_t tile_count = nativecnn_winograd_tile_count(s.kind, g);
        for (int group = 0; group < g->groups; group++)
            /* Two ranges of channels and two of filters, each on its own. */
            for (int part = 0; part < 4; part++) {
                int c = part & 1 ? channels / 2 : 0, c_count = part & 1 ? channels - c : channels / 2;
                int o = part & 2 ? filters / 2 : 0, o_count = part & 2 ? filters - o : filters / 2;
                if (c_count == 0 || o_count == 0)
                    continue;
                float *products = filters_buffer(s.kind, o_count, c_count);
                for (int64_t tile = 0; tile < tile_count; tile += chunk) {
                    int64_t tiles = tile_count - tile < chunk ? tile_count - tile : chunk;
                    float *v = tiles_buffer(s.kind, tiles, c_count), *d = tiles_buffer(s.kind, tiles, o_count);
                    EXPECT_OK(nativecnn_winograd_input_transform(s.kind, g, input, group, range(tile, tiles),
                                                                 range(c, c_count), v));
                    EXPECT_OK(nativecnn_winograd_output_gradient_transform(s.kind, g, gradient, group,
                                                                           range(tile, tiles), range(o, o_count), d));
                    /* Two ranges of points. */
                    int64_t points = points_of(s.kind), half = points / 3;
                    for (int second = 0; second < 2; second++)
                        EXPECT_OK(nativecnn_winograd_gradient_product(
                            s.kind, tiles, c_count, o_count, v, d,
                            range(second ? half : 0, second ? points - half : half), tile > 0, products));
                    test_free(v);
                    test_free(d);
                }
                EXPECT_OK(nativecnn_winograd_filter_gradient_transform(s.kind, g, products, group, range(c, c_count),
                                                                       range(o, o_count), got));
                test_free(products);
            }
        expect_near("backward-filter", number, s.kind, got, wanted, scale, filter_count(g));
        free(wanted);
        free(scale);
        test_free(input);
        test_free(gradient);
        test_free(got);
    }
}

static float values[4096], results[4096];
static const nativecnn_activation relu = {NATIVECNN_RELU, 0, 0};

static int32_t filter_transform_with(const nativecnn_convolution_geometry *g) {
    return nativecnn_winograd_filter_transform(1, g, values, 0, 0, range(0, 1), results);
}

static int32_t input_transform_with(const nativecnn_convolution_geometry *g) {
    return nativecnn_winograd_input_transform(1, g, values, 0, range(0, 1), range(0, 1), results);
}

static int32_t output_transform_with(const nativecnn_convolution_geometry *g) {
    return nativecnn_winograd_output_transform(1, g, values, 0, range(0, 1), range(0, 1), NULL, &relu, results);
}

static int32_t output_gradient_transform_with(const nativecnn_convolution_geometry *g) {
    return nativecnn_winograd_output_gradient_transform(1, g, values, 0, range(0, 1), range(0, 1), results);
}

static int32_t input_gradient_transform_with(const nativecnn_convolution_geometry *g) {
    return nativecnn_winograd_input_gradient_transform(1, g, values, 0, range(0, 1), range(0, 1), results);
}

static int32_t filter_gradient_transform_with(const nativecnn_convolution_geometry *g) {
    return nativecnn_winograd_filter_gradient_transform(1, g, values, 0, range(0, 1), range(0, 1), results);
}

static void expect_refused(nativecnn_winograd_kind kind, const nativecnn_convolution_geometry *g, int32_t status) {
    EXPECT(nativecnn_winograd_tile_count(kind, g) == 0, "kind %d has tiles", (int)kind);
    EXPECT_STATUS(status, nativecnn_winograd_filter_transform(kind, g, values, 0, 0, range(0, 1), results));
    EXPECT_STATUS(status, nativecnn_winograd_input_transform(kind, g, values, 0, range(0, 1), range(0, 1), results));
    EXPECT_STATUS(status, nativecnn_winograd_output_transform(kind, g, values, 0, range(0, 1), range(0, 1), NULL, &relu,
                                                              results));
    EXPECT_STATUS(status,
                  nativecnn_winograd_output_gradient_transform(kind, g, values, 0, range(0, 1), range(0, 1), results));
    EXPECT_STATUS(status,
                  nativecnn_winograd_input_gradient_transform(kind, g, values, 0, range(0, 1), range(0, 1), results));
    EXPECT_STATUS(status,
                  nativecnn_winograd_filter_gradient_transform(kind, g, values, 0, range(0, 1), range(0, 1), results));
}

static void refusals(void) {
    const nativecnn_convolution_geometry good = test_convolution(2, 6, 5, 4, 6, 3, 3, 1, 1, 1, 2), *g = &good;
    const nativecnn_activation none = {99, 0, 0};
    EXPECT(nativecnn_winograd_tile_count(0, g) == 2 * 2 * 2 && nativecnn_winograd_tile_count(1, g) == 2 * 3 * 3,
           "tiles");
    EXPECT_BAD_CONVOLUTIONS(good, filter_transform_with)
    EXPECT_BAD_CONVOLUTIONS(good, input_transform_with)
    EXPECT_BAD_CONVOLUTIONS(good, output_transform_with)
    EXPECT_BAD_CONVOLUTIONS(good, output_gradient_transform_with)
    EXPECT_BAD_CONVOLUTIONS(good, input_gradient_transform_with)
    EXPECT_BAD_CONVOLUTIONS(good, filter_gradient_transform_with)
    /* Kinds that are none, or for another filter; strides and dilations. */
    expect_refused(-1, g, NATIVECNN_BAD_ARGUMENT);
    expect_refused(4, g, NATIVECNN_BAD_ARGUMENT);
    expect_refused(NATIVECNN_WINOGRAD_2X2_5X5, g, NATIVECNN_BAD_GEOMETRY);
    const nativecnn_convolution_geometry strided = test_convolution(1, 7, 7, 2, 2, 3, 3, 2, 1, 1, 1);
    const nativecnn_convolution_geometry dilated = test_convolution(1, 7, 7, 2, 2, 3, 3, 1, 2, 1, 1);
    expect_refused(NATIVECNN_WINOGRAD_4X4_3X3, &strided, NATIVECNN_BAD_GEOMETRY);
    expect_refused(NATIVECNN_WINOGRAD_4X4_3X3, &dilated, NATIVECNN_BAD_GEOMETRY);
    /* Sizes. */
    EXPECT(nativecnn_winograd_tiles_size(0, 3, 65) == 2 * 36 * (3 * 64 + 16), "tiles size");
    EXPECT(nativecnn_winograd_filters_size(1, 17, 16) == 2 * 16 * 256, "filters size");
    EXPECT(nativecnn_winograd_tiles_size(0, 0, 1) == 0 && nativecnn_winograd_tiles_size(0, 1, 0) == 0 &&
               nativecnn_winograd_tiles_size(4, 1, 1) == 0 && nativecnn_winograd_tiles_size(0, INT64_MAX, 1) == 0 &&
               nativecnn_winograd_tiles_size(0, INT64_MAX / 100, INT32_MAX) == 0,
           "a tiles size that is none");
    EXPECT(nativecnn_winograd_filters_size(0, 0, 1) == 0 && nativecnn_winograd_filters_size(0, 1, -1) == 0 &&
               nativecnn_winograd_filters_size(-1, 1, 1) == 0 &&
               nativecnn_winograd_filters_size(0, INT32_MAX, INT32_MAX) == 0,
           "a filters size that is none");
    /* Null pointers. */
    EXPECT_STATUS(NATIVECNN_NULL_POINTER,
                  nativecnn_winograd_filter_transform(0, NULL, values, 0, 0, range(0, 1), results));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_winograd_filter_transform(0, g, NULL, 0, 0, range(0, 1), results));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_winograd_filter_transform(0, g, values, 0, 0, range(0, 1), NULL));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER,
                  nativecnn_winograd_input_transform(0, NULL, values, 0, range(0, 1), range(0, 1), results));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER,
                  nativecnn_winograd_input_transform(0, g, NULL, 0, range(0, 1), range(0, 1), results));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER,
                  nativecnn_winograd_input_transform(0, g, values, 0, range(0, 1), range(0, 1), NULL));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_winograd_product(0, 1, 1, 1, NULL, values, results));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_winograd_product(0, 1, 1, 1, values, NULL, results));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_winograd_product(0, 1, 1, 1, values, values, NULL));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER,
                  nativecnn_winograd_output_transform(0, g, NULL, 0, range(0, 1), range(0, 1), values, &relu, results));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_winograd_output_transform(0, g, values, 0, range(0, 1), range(0, 1),
                                                                              values, NULL, results));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER,
                  nativecnn_winograd_output_transform(0, g, values, 0, range(0, 1), range(0, 1), values, &relu, NULL));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER,
                  nativecnn_winograd_input_gradient_transform(0, NULL, values, 0, range(0, 1), range(0, 1), results));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER,
                  nativecnn_winograd_input_gradient_transform(0, g, NULL, 0, range(0, 1), range(0, 1), results));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER,
                  nativecnn_winograd_input_gradient_transform(0, g, values, 0, range(0, 1), range(0, 1), NULL));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER,
                  nativecnn_winograd_output_gradient_transform(0, g, NULL, 0, range(0, 1), range(0, 1), results));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER,
                  nativecnn_winograd_output_gradient_transform(0, g, values, 0, range(0, 1), range(0, 1), NULL));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER,
                  nativecnn_winograd_gradient_product(0, 1, 1, 1, NULL, values, range(0, 1), 0, results));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER,
                  nativecnn_winograd_gradient_product(0, 1, 1, 1, values, NULL, range(0, 1), 0, results));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER,
                  nativecnn_winograd_gradient_product(0, 1, 1, 1, values, values, range(0, 1), 0, NULL));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER,
                  nativecnn_winograd_filter_gradient_transform(0, g, NULL, 0, range(0, 1), range(0, 1), results));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER,
                  nativecnn_winograd_filter_gradient_transform(0, g, values, 0, range(0, 1), range(0, 1), NULL));
    /* Ranges: of groups, of 8 tiles, of 2 channels and 3 filters in a group. */
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_winograd_filter_transform(0, g, values, 2, 0, range(0, 1), results));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_winograd_filter_transform(0, g, values, 0, 0, range(3, 1), results));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_winograd_filter_transform(0, g, values, 0, 1, range(2, 1), results));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE,
                  nativecnn_winograd_input_transform(0, g, values, -1, range(0, 1), range(0, 1), results));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE,
                  nativecnn_winograd_input_transform(0, g, values, 0, range(0, 9), range(0, 1), results));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE,
                  nativecnn_winograd_input_transform(0, g, values, 0, range(-1, 1), range(0, 1), results));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE,
                  nativecnn_winograd_input_transform(0, g, values, 0, range(0, 1), range(1, 2), results));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE,
                  nativecnn_winograd_output_transform(0, g, values, 0, range(8, 1), range(0, 1), NULL, &relu, results));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE,
                  nativecnn_winograd_output_transform(0, g, values, 0, range(0, 1), range(0, 4), NULL, &relu, results));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE,
                  nativecnn_winograd_input_gradient_transform(0, g, values, 2, range(0, 1), range(0, 1), results));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE,
                  nativecnn_winograd_input_gradient_transform(0, g, values, 0, range(0, 9), range(0, 1), results));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE,
                  nativecnn_winograd_input_gradient_transform(0, g, values, 0, range(0, 1), range(1, 2), results));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE,
                  nativecnn_winograd_output_gradient_transform(0, g, values, 0, range(0, -1), range(0, 1), results));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE,
                  nativecnn_winograd_output_gradient_transform(0, g, values, 0, range(0, 1), range(-1, 1), results));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE,
                  nativecnn_winograd_filter_gradient_transform(0, g, values, 0, range(0, 3), range(0, 1), results));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE,
                  nativecnn_winograd_filter_gradient_transform(0, g, values, 0, range(0, 1), range(0, 4), results));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_winograd_product(0, 0, 1, 1, values, values, results));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_winograd_product(0, 1, 0, 1, values, values, results));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_winograd_product(0, 1, 1, -1, values, values, results));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE,
                  nativecnn_winograd_gradient_product(0, INT64_MAX, 1, 1, values, values, range(0, 1), 0, results));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE,
                  nativecnn_winograd_gradient_product(0, 1, 1, 1, values, values, range(30, 7), 0, results));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE,
                  nativecnn_winograd_gradient_product(1, 1, 1, 1, values, values, range(-1, 1), 0, results));
    /* Other arguments. */
    EXPECT_STATUS(NATIVECNN_BAD_ARGUMENT,
                  nativecnn_winograd_filter_transform(0, g, values, 0, 3, range(0, 1), results));
    EXPECT_STATUS(NATIVECNN_BAD_ARGUMENT,
                  nativecnn_winograd_filter_transform(0, g, values, 0, -1, range(0, 1), results));
    EXPECT_STATUS(NATIVECNN_BAD_ARGUMENT,
                  nativecnn_winograd_output_transform(0, g, values, 0, range(0, 1), range(0, 1), NULL, &none, results));
    EXPECT_STATUS(NATIVECNN_BAD_ARGUMENT, nativecnn_winograd_product(4, 1, 1, 1, values, values, results));
    EXPECT_STATUS(NATIVECNN_BAD_ARGUMENT,
                  nativecnn_winograd_gradient_product(-1, 1, 1, 1, values, values, range(0, 1), 0, results));
    EXPECT_STATUS(NATIVECNN_BAD_ARGUMENT,
                  nativecnn_winograd_gradient_product(0, 1, 1, 1, values, values, range(0, 1), 2, results));
    for (int i = 0; i < 4096; i++)
        EXPECT(results[i] == 0, "a refused call wrote");
}

int main(void) {
    test_run("forward", forward);
    test_run("backward-data", backward_data);
    test_run("backward-data, adjoint", backward_data_adjoint);
    test_run("backward-filter", backward_filter);
    test_run("refusals", refusals);
    return test_result();
}
