/*
 * long_sums_tests.c - long sums of values of one sign, which no random signs keep small: every kernel that sums in
 * float32 does so in parts, so that its error is some units of the sum's last place and not its length.
 */
#include "convolution_sums.h"
#include "direct_tests.h"

/* The largest error in units of 2^-24 of the sum; a sum of a thousand terms one after the other has more. */
static const double MOST_UNITS = 16;

/* Values in [0, 1). */
static float *positive(int64_t count, uint32_t seed) {
    float *values = test_random(count, seed);
    for (int64_t i = 0; i < count; i++)
        values[i] = fabsf(values[i]);
    return values;
}

static double *doubles(int64_t count) {
    double *values = calloc((size_t)count, sizeof(double));
    if (!values)
        abort();
    return values;
}

static void expect_units(const char *what, int64_t terms, const float *got, const double *wanted, int64_t count) {
    double most = 0;
    for (int64_t i = 0; i < count; i++)
        most = fmax(most, fabs((double)got[i] - wanted[i]) / (ROUNDING * wanted[i]));
    EXPECT(most <= MOST_UNITS, "%s of %d terms is off by %.1f units", what, (int)terms, most);
    if (getenv("NATIVECNN_PRINT_ERRORS"))
        printf("set %d, %s, %d terms: %.1f units\n", (int)nativecnn_instruction_set_in_use(), what, (int)terms, most);
}

static void direct(void) {
    const nativecnn_convolution_geometry all[] = {
        test_convolution(1, 5, 5, 256, 18, 3, 3, 1, 1, 0, 1),  /* 2,304 taps */
        test_convolution(1, 4, 4, 256, 18, 3, 3, 1, 1, 1, 1),  /* at the border */
        test_convolution(1, 2, 9, 3000, 5, 1, 1, 1, 1, 0, 1),  /* one tap of many channels */
        test_convolution(1, 70, 70, 1, 4, 60, 60, 1, 1, 0, 1), /* many taps of one channel */
        test_convolution(1, 9, 9, 300, 300, 3, 3, 2, 1, 1, 1),
    };
    for (size_t n = 0; n < sizeof all / sizeof all[0]; n++) {
        const nativecnn_convolution_geometry *g = &all[n];
        float *input = positive(input_count(g), 1), *filters = positive(filter_count(g), 2);
        float *gradient = positive(output_count(g), 3), *output = test_filled(output_count(g), NAN);
        float *input_gradient = test_filled(input_count(g), NAN);
        double *wanted = doubles(output_count(g)), *wanted_gradient = doubles(input_count(g));
        FOR_PRODUCTS(g, {
            wanted[output_at] += (double)input[input_at] * (double)filters[filter_at];
            wanted_gradient[input_at] += (double)gradient[output_at] * (double)filters[filter_at];
        })
        float *packed = pack(g, filters, 0, 0), *flipped = pack(g, filters, 0, 1);
        EXPECT_OK(nativecnn_direct_forward(g, input, packed, NULL, &identity, 0,
                                           range(0, (int64_t)g->batch_size * g->output_height),
                                           range(0, panels_of(g->filters)), output));
        EXPECT_OK(nativecnn_direct_backward_data(g, gradient, flipped, 0, range(0, (int64_t)g->batch_size * g->height),
                                                 range(0, panels_of(g->channels)), input_gradient));
        int64_t places = (int64_t)g->kernel_height * g->kernel_width;
        expect_units("direct forward", places * g->channels, output, wanted, output_count(g));
        expect_units("direct backward-data", places * g->filters, input_gradient, wanted_gradient, input_count(g));
        test_free(input);
        test_free(filters);
        test_free(gradient);
        test_free(output);
        test_free(input_gradient);
        test_free(packed);
        test_free(flipped);
        free(wanted);
        free(wanted_gradient);
    }
}

static void filter_gradient(void) {
    const nativecnn_convolution_geometry g = test_convolution(2, 100, 100, 3, 16, 1, 1, 1, 1, 0, 1);
    float *input = positive(input_count(&g), 1), *gradient = positive(output_count(&g), 2);
    float *sums = test_filled(nativecnn_direct_filters_size(&g, 0), NAN), *got = test_filled(filter_count(&g), 0);
    double *wanted = doubles(filter_count(&g));
    FOR_PRODUCTS(&g, wanted[filter_at] += (double)input[input_at] * (double)gradient[output_at];)
    EXPECT_OK(nativecnn_direct_filter_gradient(&g, input, gradient, 0, range(0, 200), range(0, 1), 0, sums));
    EXPECT_OK(nativecnn_direct_unpack_gradient(&g, sums, 1, 0, range(0, 1), got));
    expect_units("direct filter gradient", 20000, got, wanted, filter_count(&g));
    test_free(input);
    test_free(gradient);
    test_free(sums);
    test_free(got);
    free(wanted);
}

static void depthwise(void) {
    const nativecnn_convolution_geometry g = test_convolution(1, 74, 74, 19, 19, 70, 70, 1, 1, 0, 19);
    float *input = positive(input_count(&g), 1), *filters = positive(filter_count(&g), 2);
    float *packed = test_filled(filter_count(&g), NAN), *output = test_filled(output_count(&g), NAN);
    double *wanted = doubles(output_count(&g));
    FOR_PRODUCTS(&g, wanted[output_at] += (double)input[input_at] * (double)filters[filter_at];)
    EXPECT_OK(nativecnn_depthwise_pack_filters(&g, filters, packed));
    EXPECT_OK(nativecnn_depthwise_forward(&g, input, packed, NULL, &identity, range(0, g.output_height), output));
    expect_units("depthwise forward", 4900, output, wanted, output_count(&g));
    test_free(input);
    test_free(filters);
    test_free(packed);
    test_free(output);
    free(wanted);
}

static void winograd_product(void) {
    enum { CHANNELS = 2000, FILTERS = 20, TILES = 3 };
    const nativecnn_winograd_kind kind = NATIVECNN_WINOGRAD_2X2_3X3;
    int64_t tiles_size = nativecnn_winograd_tiles_size(kind, TILES, CHANNELS);
    int64_t filters_size = nativecnn_winograd_filters_size(kind, CHANNELS, FILTERS);
    float *tiles = positive(tiles_size, 1), *filters = positive(filters_size, 2);
    float *products = test_filled(nativecnn_winograd_tiles_size(kind, TILES, FILTERS), 0);
    EXPECT_OK(nativecnn_winograd_product(kind, TILES, CHANNELS, FILTERS, tiles, filters, products));
    /* The first point of the first tile. */
    float got[FILTERS];
    double wanted[FILTERS] = {0};
    int64_t group = tiles_size / ((CHANNELS + 63) / 64), block = 16 * 256, columns = filters_size / 2;
    for (int o = 0; o < FILTERS; o++) {
        for (int c = 0; c < CHANNELS; c++)
            wanted[o] += (double)tiles[c / 64 * group + c % 64] *
                         (double)filters[o / 16 * columns + c / 16 * block + c % 16 * 16 + o % 16];
        got[o] = products[o];
    }
    expect_units("Winograd's product", CHANNELS, got, wanted, FILTERS);
    test_free(tiles);
    test_free(filters);
    test_free(products);
}

static void dense(void) {
    const nativecnn_dense_geometry wide = {3, 40, 25000}, tall = {3, 4000, 50}, batch = {5000, 9, 40};
    float *input = positive(3 * 25000, 1), *weights = positive(40 * 25000, 2), *output = test_filled(3 * 40, NAN);
    float *gradient = positive(3 * 4000, 3), *tall_weights = positive(4000 * 50, 6);
    float *input_gradient = test_filled(3 * 50, NAN);
    double *wanted = doubles(3 * 40), *wanted_gradient = doubles(3 * 50);
    for (int n = 0; n < 3; n++) {
        for (int o = 0; o < 40; o++)
            for (int k = 0; k < 25000; k++)
                wanted[n * 40 + o] += (double)input[n * 25000 + k] * (double)weights[o * 25000 + k];
        for (int k = 0; k < 50; k++)
            for (int o = 0; o < 4000; o++)
                wanted_gradient[n * 50 + k] += (double)gradient[n * 4000 + o] * (double)tall_weights[o * 50 + k];
    }
    EXPECT_OK(nativecnn_dense_forward(&wide, input, weights, range(0, 40), output));
    EXPECT_OK(nativecnn_dense_backward_data(&tall, gradient, tall_weights, range(0, 50), input_gradient));
    expect_units("dense forward", 25000, output, wanted, 3 * 40);
    expect_units("dense backward-data", 4000, input_gradient, wanted_gradient, 3 * 50);
    test_free(input);
    test_free(weights);
    test_free(tall_weights);
    test_free(gradient);
    test_free(output);
    test_free(input_gradient);
    free(wanted);
    free(wanted_gradient);
    /* A step of rate 1 from weights of 0 leaves minus the gradient there. */
    const nativecnn_update sgd = {.kind = NATIVECNN_UPDATE_SGD, .learning_rate = -1};
    float *x = positive(5000 * 40, 4), *dy = positive(5000 * 9, 5), *stepped = test_filled(9 * 40, 0);
    double *wanted_step = doubles(9 * 40);
    for (int n = 0; n < 5000; n++)
        for (int o = 0; o < 9; o++)
            for (int k = 0; k < 40; k++)
                wanted_step[o * 40 + k] += (double)dy[n * 9 + o] * (double)x[n * 40 + k];
    EXPECT_OK(nativecnn_dense_update(&sgd, &batch, 0, x, dy, range(0, 9), NULL, NULL, stepped));
    expect_units("dense update", 5000, stepped, wanted_step, 9 * 40);
    test_free(x);
    test_free(dy);
    test_free(stepped);
    free(wanted_step);
}

static void columns(void) {
    enum { ROWS = 20000, COLUMNS = 21 };
    float *values = positive(ROWS * COLUMNS, 1), *sums = test_filled(COLUMNS, 0);
    double *wanted = doubles(COLUMNS);
    for (int i = 0; i < ROWS * COLUMNS; i++)
        wanted[i % COLUMNS] += (double)values[i];
    EXPECT_OK(nativecnn_column_sums(values, ROWS, COLUMNS, sums));
    expect_units("column sums", ROWS, sums, wanted, COLUMNS);
    test_free(values);
    test_free(sums);
    free(wanted);
}

static void average_pooling(void) {
    const int sides[][2] = {{100, 100}, {1, 10000}};
    for (int n = 0; n < 2; n++) {
        int height = sides[n][0], width = sides[n][1];
        nativecnn_pooling_geometry g = test_pooling(1, height, width, 5, height, width, 1, 1, 0, 0);
        float *input = positive(5 * 10000, 1), output[5];
        double wanted[5] = {0};
        for (int i = 0; i < 5 * 10000; i++)
            wanted[i % 5] += (double)input[i] / 10000;
        EXPECT_OK(nativecnn_average_pooling_forward(&g, input, range(0, 1), output));
        expect_units("average pooling", 10000, output, wanted, 5);
        test_free(input);
    }
    /* Every window covers the middle pixel. */
    nativecnn_pooling_geometry g = test_pooling(1, 119, 119, 1, 60, 60, 1, 1, 0, 0);
    float *gradient = positive(3600, 1), *got = test_filled(119 * 119, NAN);
    double wanted = 0;
    for (int i = 0; i < 3600; i++)
        wanted += (double)gradient[i] / 3600;
    EXPECT_OK(nativecnn_average_pooling_backward(&g, gradient, range(0, 119), got));
    expect_units("average pooling backward", 3600, got + 59 * 119 + 59, &wanted, 1);
    test_free(gradient);
    test_free(got);
}

/* Every window has the middle pixel, the largest, as its maximum. */
static void max_pooling(void) {
    nativecnn_pooling_geometry g = test_pooling(1, 119, 119, 1, 60, 60, 1, 1, 0, 0);
    float *input = test_filled(119 * 119, 0), *gradient = positive(3600, 1), *output = test_filled(3600, NAN);
    float *got = test_filled(119 * 119, NAN);
    uint16_t *argmax = test_allocate(3600, sizeof(uint16_t));
    double wanted = 0;
    input[59 * 119 + 59] = 1;
    for (int i = 0; i < 3600; i++)
        wanted += (double)gradient[i];
    EXPECT_OK(nativecnn_max_pooling_forward(&g, input, range(0, 60), output, argmax));
    EXPECT_OK(nativecnn_max_pooling_backward(&g, gradient, argmax, range(0, 119), got));
    expect_units("max pooling backward", 3600, got + 59 * 119 + 59, &wanted, 1);
    test_free(input);
    test_free(gradient);
    test_free(output);
    test_free(got);
    test_free(argmax);
}

/* Windows of some 10,000 channels: with alpha = size and k tiny, the scale is the sum of squares. */
static void local_response_norm(void) {
    enum { CHANNELS = 46341, SIZE = 10001 };
    const nativecnn_local_response_norm norm = {SIZE, SIZE, 0.75f, 1e-30f};
    float *input = positive(CHANNELS, 1), *output = test_filled(CHANNELS, NAN), *scale = test_filled(CHANNELS, NAN);
    float *workspace = test_filled(3 * CHANNELS, NAN);
    double *wanted = doubles(CHANNELS), *before = doubles(CHANNELS + 1);
    for (int c = 0; c < CHANNELS; c++)
        before[c + 1] = before[c] + (double)input[c] * (double)input[c];
    for (int c = 0; c < CHANNELS; c++) {
        int first = c < SIZE / 2 ? 0 : c - SIZE / 2, last = c + SIZE / 2 < CHANNELS ? c + SIZE / 2 : CHANNELS - 1;
        wanted[c] = before[last + 1] - before[first];
    }
    EXPECT_OK(nativecnn_local_response_norm_forward(&norm, input, 1, CHANNELS, output, scale, workspace));
    expect_units("local response normalisation", SIZE, scale, wanted, CHANNELS);
    test_free(input);
    test_free(output);
    test_free(scale);
    test_free(workspace);
    free(wanted);
    free(before);
}

int main(void) {
    test_run("direct", direct);
    test_run("filter gradient", filter_gradient);
    test_run("depthwise", depthwise);
    test_run("winograd product", winograd_product);
    test_run("dense", dense);
    test_run("columns", columns);
    test_run("average pooling", average_pooling);
    test_run("max pooling", max_pooling);
    test_run("local response norm", local_response_norm);
    return test_result();
}
