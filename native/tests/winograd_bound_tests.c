/*
 * winograd_bound_tests.c - the error bound of Winograd's algorithm that the header states, on inputs made to break it.
 *
 * The bound is amplification x roundings x 2^-24 x size. The amplifications are recomputed from the kernels themselves,
 * one unit vector after the other; the bound is then held against values of one sign, equal ones, random signs and
 * outliers of 10^4, with sums in double as the truth.
 */
#include "convolution_sums.h"

enum { KINDS = 4, FORWARD = 0, ADJOINT = 1, FILTER = 2, PASSES = 3, MOST_POINTS = 8 };

static const char *const pass_names[PASSES] = {"forward", "backward-data, adjoint", "backward-filter"};

/* As the header has them, by kind and pass. */
static const double amplification[KINDS][PASSES] = {
    {564, 430, 803}, {64, 49, 36}, {1132, 333, 363}, {7531, 6688, 5964}};

/* m and r of a kind. */
static const int tile_sides[KINDS] = {4, 2, 2, 4}, filter_sides[KINDS] = {3, 3, 5, 5};

static const nativecnn_activation identity = {NATIVECNN_IDENTITY, 0, 0};

static double roundings(int64_t terms) {
    return 34.0 + (double)(terms < 256 ? terms : 256) + (double)((terms + 255) / 256);
}

static float *tiles_buffer(int kind, int64_t tile_count, int channels) {
    return test_allocate(nativecnn_winograd_tiles_size(kind, tile_count, channels), sizeof(float));
}

static float *filters_buffer(int kind, int rows, int columns) {
    return test_allocate(nativecnn_winograd_filters_size(kind, rows, columns), sizeof(float));
}

/* The three passes of a convolution of one group, all tiles at once. */

static float *run_forward(int kind, const nativecnn_convolution_geometry *g, const float *input, const float *filters) {
    int64_t tiles = nativecnn_winograd_tile_count(kind, g);
    float *u = filters_buffer(kind, g->channels, g->filters), *v = tiles_buffer(kind, tiles, g->channels);
    float *m = tiles_buffer(kind, tiles, g->filters), *output = test_filled(output_count(g), NAN);
    EXPECT_OK(nativecnn_winograd_filter_transform(kind, g, filters, 0, NATIVECNN_WINOGRAD_FILTERS_FORWARD,
                                                  range(0, g->filters), u));
    EXPECT_OK(nativecnn_winograd_input_transform(kind, g, input, 0, range(0, tiles), range(0, g->channels), v));
    EXPECT_OK(nativecnn_winograd_product(kind, tiles, g->channels, g->filters, v, u, m));
    EXPECT_OK(nativecnn_winograd_output_transform(kind, g, m, 0, range(0, tiles), range(0, g->filters), NULL, &identity,
                                                  output));
    test_free(u);
    test_free(v);
    test_free(m);
    return output;
}

static float *run_adjoint(int kind, const nativecnn_convolution_geometry *g, const float *gradient,
                          const float *filters) {
    int64_t tiles = nativecnn_winograd_tile_count(kind, g);
    float *u = filters_buffer(kind, g->filters, g->channels), *d = tiles_buffer(kind, tiles, g->filters);
    float *m = tiles_buffer(kind, tiles, g->channels), *result = test_filled(input_count(g), 0);
    EXPECT_OK(nativecnn_winograd_filter_transform(kind, g, filters, 0, NATIVECNN_WINOGRAD_FILTERS_ADJOINT,
                                                  range(0, g->channels), u));
    EXPECT_OK(
        nativecnn_winograd_output_gradient_transform(kind, g, gradient, 0, range(0, tiles), range(0, g->filters), d));
    EXPECT_OK(nativecnn_winograd_product(kind, tiles, g->filters, g->channels, d, u, m));
    EXPECT_OK(
        nativecnn_winograd_input_gradient_transform(kind, g, m, 0, range(0, tiles), range(0, g->channels), result));
    test_free(u);
    test_free(d);
    test_free(m);
    return result;
}

static float *run_filter(int kind, const nativecnn_convolution_geometry *g, const float *input, const float *gradient) {
    int64_t tiles = nativecnn_winograd_tile_count(kind, g);
    float *v = tiles_buffer(kind, tiles, g->channels), *d = tiles_buffer(kind, tiles, g->filters);
    float *m = filters_buffer(kind, g->filters, g->channels), *result = test_filled(filter_count(g), 0);
    EXPECT_OK(nativecnn_winograd_input_transform(kind, g, input, 0, range(0, tiles), range(0, g->channels), v));
    EXPECT_OK(
        nativecnn_winograd_output_gradient_transform(kind, g, gradient, 0, range(0, tiles), range(0, g->filters), d));
    EXPECT_OK(nativecnn_winograd_gradient_product(kind, tiles, g->channels, g->filters, v, d, range(0, points_of(kind)),
                                                  0, m));
    EXPECT_OK(nativecnn_winograd_filter_gradient_transform(kind, g, m, 0, range(0, g->channels), range(0, g->filters),
                                                           result));
    test_free(v);
    test_free(d);
    test_free(m);
    return result;
}

/* ---- the amplifications ---- */

/* Sums over the entries of the rows of a matrix T x T', from the transforms of all unit vectors: what a transform makes
 * of a tile of ones if nothing cancels. sizes[p] of P points. */
typedef struct sums_of_rows {
    double points[MOST_POINTS * MOST_POINTS];
} sums_of_rows;

/* The absolute row sums of B' x B' (what = 0, from input pixels), A x A (1, from output gradient pixels) or G x G (2,
 * from taps), of one tile, channel and filter. */
static sums_of_rows absolute_sums(int kind, int what) {
    int r = filter_sides[kind], m = tile_sides[kind], side = m + r - 1, source = what == 0 ? side : what == 1 ? m : r;
    const nativecnn_convolution_geometry g = test_convolution(1, side, side, 1, 1, r, r, 1, 1, 0, 1);
    int64_t tiles_size = nativecnn_winograd_tiles_size(kind, 1, 1),
            filters_size = nativecnn_winograd_filters_size(kind, 1, 1);
    int64_t size = what == 2 ? filters_size : tiles_size, stride = size / (side * side);
    float *values = test_filled(source * source, 0), *transformed = test_filled(size, 0);
    sums_of_rows sums = {{0}};
    for (int i = 0; i < source * source; i++) {
        values[i] = 1;
        if (what == 0)
            EXPECT_OK(nativecnn_winograd_input_transform(kind, &g, values, 0, range(0, 1), range(0, 1), transformed));
        else if (what == 1)
            EXPECT_OK(nativecnn_winograd_output_gradient_transform(kind, &g, values, 0, range(0, 1), range(0, 1),
                                                                   transformed));
        else
            EXPECT_OK(nativecnn_winograd_filter_transform(kind, &g, values, 0, NATIVECNN_WINOGRAD_FILTERS_FORWARD,
                                                          range(0, 1), transformed));
        for (int p = 0; p < side * side; p++)
            sums.points[p] += fabs((double)transformed[p * stride]);
        values[i] = 0;
    }
    test_free(values);
    test_free(transformed);
    return sums;
}

/* The largest over the results of one tile of the sum over points of the absolute entry times what two transforms make
 * of ones. The last transform's entries come from unit points. */
static double measured_amplification(int kind, int pass) {
    int r = filter_sides[kind], m = tile_sides[kind], side = m + r - 1, points = side * side;
    const nativecnn_convolution_geometry g = test_convolution(1, side, side, 1, 1, r, r, 1, 1, 0, 1);
    sums_of_rows left = absolute_sums(kind, pass == ADJOINT ? 1 : 0),
                 right = absolute_sums(kind, pass == FILTER ? 1 : 2);
    int64_t size =
        pass == FILTER ? nativecnn_winograd_filters_size(kind, 1, 1) : nativecnn_winograd_tiles_size(kind, 1, 1);
    int results = pass == FORWARD ? m * m : pass == ADJOINT ? points : r * r;
    float *unit = test_filled(size, 0), *result = test_filled(results, 0);
    double sums[MOST_POINTS * MOST_POINTS] = {0}, largest = 0;
    for (int p = 0; p < points; p++) {
        unit[p * (size / points)] = 1;
        for (int i = 0; i < results; i++)
            result[i] = 0;
        if (pass == FORWARD)
            EXPECT_OK(nativecnn_winograd_output_transform(kind, &g, unit, 0, range(0, 1), range(0, 1), NULL, &identity,
                                                          result));
        else if (pass == ADJOINT)
            EXPECT_OK(nativecnn_winograd_input_gradient_transform(kind, &g, unit, 0, range(0, 1), range(0, 1), result));
        else
            EXPECT_OK(
                nativecnn_winograd_filter_gradient_transform(kind, &g, unit, 0, range(0, 1), range(0, 1), result));
        for (int i = 0; i < results; i++)
            sums[i] += fabs((double)result[i]) * left.points[p] * right.points[p];
        unit[p * (size / points)] = 0;
    }
    for (int i = 0; i < results; i++)
        largest = fmax(largest, sums[i]);
    test_free(unit);
    test_free(result);
    return largest;
}

/* The stated numbers are those of the matrices, rounded up: no smaller ones would hold for every input. */
static void amplifications(void) {
    for (int kind = 0; kind < KINDS; kind++)
        for (int pass = 0; pass < PASSES; pass++) {
            double measured = measured_amplification(kind, pass), stated = amplification[kind][pass];
            EXPECT(measured <= stated + 1e-3 && measured > stated - 1.001, "kind %d, %s: %.3f, stated %.0f", kind,
                   pass_names[pass], measured, stated);
        }
}

/* ---- the bound ---- */

enum { FILLS = 6, ONE_SIGN = 0, EQUAL = 1, NEARLY_EQUAL = 2, SIGNS = 3, OUTLIERS = 4, OUTLIERS_OF_ONE_SIGN = 5 };

static const char *const fill_names[FILLS] = {"one sign", "equal",    "nearly equal",
                                              "signs",    "outliers", "outliers of one sign"};

static float *filled(int fill, int64_t count, uint32_t seed) {
    float *values = test_random(count, seed), *dice = test_random(count, seed + 100);
    for (int64_t i = 0; i < count; i++) {
        float x = values[i], size = fabsf(x), outlier = dice[i] > 0.98f ? 1e4f : 1;
        const float all[FILLS] = {size, 0.7f, 1 - size * 1e-3f, x > 0 ? 0.7f : -0.7f, x * outlier, size * outlier};
        values[i] = all[fill];
    }
    test_free(dice);
    return values;
}

/* The largest magnitude of each channel in each tile of an image with count values per pixel: of the side x side pixels
 * from (ty m - pad, tx m - pad) on. [tile][channel] */
static double *tile_maxima(int kind, const nativecnn_convolution_geometry *g, const float *image, int height, int width,
                           int count, int side, int pad) {
    int m = tile_sides[kind], rows = (g->output_height + m - 1) / m, columns = (g->output_width + m - 1) / m;
    double *maxima = calloc((size_t)(rows * columns * count), sizeof(double));
    for (int t = 0; t < rows * columns; t++)
        for (int i = 0; i < side; i++)
            for (int j = 0; j < side; j++) {
                int y = t / columns * m - pad + i, x = t % columns * m - pad + j;
                for (int c = 0; c < count && y >= 0 && y < height && x >= 0 && x < width; c++)
                    maxima[t * count + c] =
                        fmax(maxima[t * count + c], fabs((double)image[(y * width + x) * count + c]));
            }
    return maxima;
}

/* The largest magnitude of each filter's taps of each channel. [filter][channel] */
static double *filter_maxima(const nativecnn_convolution_geometry *g, const float *filters) {
    int taps = g->kernel_height * g->kernel_width;
    double *maxima = calloc((size_t)(g->filters * g->channels), sizeof(double));
    for (int o = 0; o < g->filters; o++)
        for (int t = 0; t < taps; t++)
            for (int c = 0; c < g->channels; c++)
                maxima[o * g->channels + c] =
                    fmax(maxima[o * g->channels + c], fabs((double)filters[(o * taps + t) * g->channels + c]));
    return maxima;
}

/* size of every result of a pass, as the header defines it. */
static double *sizes_of(int kind, int pass, const nativecnn_convolution_geometry *g, const float *input,
                        const float *filters, const float *gradient) {
    int m = tile_sides[kind], side = m + filter_sides[kind] - 1, columns = (g->output_width + m - 1) / m;
    int tiles = columns * ((g->output_height + m - 1) / m);
    double *x = tile_maxima(kind, g, input, g->height, g->width, g->channels, side, g->pad_top);
    double *dy = tile_maxima(kind, g, gradient, g->output_height, g->output_width, g->filters, m, 0);
    double *w = filter_maxima(g, filters);
    double *sizes = calloc((size_t)(output_count(g) + input_count(g) + filter_count(g)), sizeof(double));
    for (int t = 0; t < tiles; t++)
        for (int o = 0; o < g->filters; o++)
            for (int c = 0; c < g->channels; c++) {
                int from_y = t / columns * m, from_x = t % columns * m, taps = g->kernel_height * g->kernel_width;
                for (int i = 0; i < m && pass == FORWARD; i++)
                    for (int j = 0; j < m; j++)
                        if (from_y + i < g->output_height && from_x + j < g->output_width)
                            sizes[((from_y + i) * g->output_width + from_x + j) * g->filters + o] +=
                                x[t * g->channels + c] * w[o * g->channels + c];
                for (int i = 0; i < side && pass == ADJOINT; i++)
                    for (int j = 0; j < side; j++) {
                        int v = from_y + i - g->pad_top, u = from_x + j - g->pad_left;
                        if (v >= 0 && v < g->height && u >= 0 && u < g->width)
                            sizes[(v * g->width + u) * g->channels + c] +=
                                dy[t * g->filters + o] * w[o * g->channels + c];
                    }
                for (int tap = 0; tap < taps && pass == FILTER; tap++)
                    sizes[(o * taps + tap) * g->channels + c] += x[t * g->channels + c] * dy[t * g->filters + o];
            }
    free(x);
    free(dy);
    free(w);
    return sizes;
}

/* Holds one pass to the bound; returns the largest error as a share of it. */
static double share_of_bound(int kind, int pass, int fill, const nativecnn_convolution_geometry *g) {
    float *input = filled(fill, input_count(g), 1), *filters = filled(fill, filter_count(g), 2);
    float *gradient = filled(fill, output_count(g), 3);
    int64_t counts[PASSES] = {output_count(g), input_count(g), filter_count(g)}, count = counts[pass];
    /* Up to 9 overlapping tiles are added up one after the other in the adjoint. */
    int64_t terms = pass == FORWARD   ? g->channels
                    : pass == ADJOINT ? g->filters + 9
                                      : nativecnn_winograd_tile_count(kind, g);
    double *wanted = calloc((size_t)count, sizeof(double)), *sums = calloc((size_t)count, sizeof(double));
    double *sizes = sizes_of(kind, pass, g, input, filters, gradient), most = 0, units = 0, largest = 0;
    FOR_PRODUCTS(g, {
        int64_t at = pass == FORWARD ? output_at : pass == ADJOINT ? input_at : filter_at;
        double a = pass == ADJOINT ? (double)gradient[output_at] : (double)input[input_at];
        double b = pass == FILTER ? (double)gradient[output_at] : (double)filters[filter_at];
        wanted[at] += a * b;
        sums[at] += fabs(a * b);
    })
    float *got = pass == FORWARD   ? run_forward(kind, g, input, filters)
                 : pass == ADJOINT ? run_adjoint(kind, g, gradient, filters)
                                   : run_filter(kind, g, input, gradient);
    for (int64_t i = 0; i < count; i++) {
        double error = fabs((double)got[i] - wanted[i]);
        double bound = amplification[kind][pass] * roundings(terms) * ROUNDING * sizes[i];
        EXPECT(error <= bound, "kind %d, %s, %s, value %d: off by %g, more than %g", kind, pass_names[pass],
               fill_names[fill], (int)i, error, bound);
        most = bound > 0 ? fmax(most, error / bound) : most;
        units = fmax(units, error);
        largest = fmax(largest, sums[i]);
    }
    if (getenv("NATIVECNN_PRINT_ERRORS"))
        printf("kind %d, %s, %s, %d channels: %.5f of the bound, %.1f units of the largest sum\n", kind,
               pass_names[pass], fill_names[fill], g->channels, most, units / ROUNDING / largest);
    test_free(input);
    test_free(filters);
    test_free(gradient);
    test_free(got);
    free(wanted);
    free(sums);
    free(sizes);
    return most;
}

static void bounds(void) {
    static const int channels[] = {1, 20, 270};
    for (int kind = 0; kind < KINDS; kind++)
        for (int pass = 0; pass < PASSES; pass++) {
            double most = 0;
            for (size_t i = 0; i < sizeof channels / sizeof channels[0]; i++)
                for (int fill = 0; fill < FILLS; fill++) {
                    int r = filter_sides[kind];
                    nativecnn_convolution_geometry g =
                        test_convolution(1, 9, 9, channels[i], 4, r, r, 1, 1, i % 2 ? r / 2 : 0, 1);
                    most = fmax(most, share_of_bound(kind, pass, fill, &g));
                }
            /* A bound that no input comes near says nothing. */
            EXPECT(most > 1e-3, "kind %d, %s: no error above %g of the bound", kind, pass_names[pass], most);
        }
}

int main(void) {
    test_run("amplifications", amplifications);
    test_run("bounds", bounds);
    return test_result();
}
