/* channel_norm_tests.c - what the normalisations share, against loops in double. */
#include "test.h"

static const int channel_counts[] = {1, 3, 8, 16, 17, 40, 96};
static const int row_counts[] = {0, 1, 2, 7, 8, 129, 1000};
enum { CHANNELS = sizeof channel_counts / sizeof *channel_counts, ROWS = sizeof row_counts / sizeof *row_counts };

/* Values around a mean that is large beside their spread. */
static float *shifted(int count, uint64_t seed, float mean) {
    float *values = test_random(count, seed);
    for (int i = 0; i < count; i++)
        values[i] += mean;
    return values;
}

static void channels_of(int rows, int channels) {
    int count = rows * channels;
    float *x = shifted(count, 1, 100), *dy = test_random(count, 2), *y = test_filled(count, NAN);
    float *means = test_filled(channels, NAN), *squares = test_filled(channels, NAN);
    float *rests = test_filled(channels, NAN);
    float *a = test_random(channels, 3), *b = test_random(channels, 4), *d = test_random(channels, 5);
    float *sums = test_filled(channels, 1), *products = test_filled(channels, 2);
    EXPECT_OK(nativecnn_channel_moments(x, rows, channels, means, rests, squares));
    for (int c = 0; c < channels && rows > 0; c++) {
        double mean = 0, square = 0;
        for (int r = 0; r < rows; r++)
            mean += (double)x[r * channels + c] / rows;
        for (int r = 0; r < rows; r++)
            square += pow((double)x[r * channels + c] - mean, 2);
        EXPECT_CLOSE(means[c], mean, ((tolerance){0, 4 * ROUNDING}), "%d x %d, mean %d", rows, channels, c);
        /* The spread of the values is 1, their mean 100: a float of the mean alone is off by up to 4e-6. */
        EXPECT_CLOSE((double)means[c] + (double)rests[c], mean, ((tolerance){2e-7, 0}), "%d x %d, mean and rest %d",
                     rows, channels, c);
        EXPECT_CLOSE(squares[c], square, ((tolerance){rows * 1e-9, 64 * ROUNDING}), "%d x %d, squares %d", rows,
                     channels, c);
    }
    for (int c = 0; c < channels; c++)
        means[c] = 100.25f;
    EXPECT_OK(nativecnn_channel_gradient_sums(x, dy, rows, channels, means, sums, products));
    for (int c = 0; c < channels; c++) {
        double sum = 1, product = 2;
        for (int i = c; i < count; i += channels) {
            sum += (double)dy[i];
            product += (double)dy[i] * ((double)x[i] - 100.25);
        }
        EXPECT_CLOSE(sums[c], sum, tolerance_of_sum(rows), "%d x %d, sum %d", rows, channels, c);
        EXPECT_CLOSE(products[c], product, tolerance_of_sum(2 * rows), "%d x %d, product %d", rows, channels, c);
    }
    EXPECT_OK(nativecnn_channel_normalize(x, rows, channels, means, a, b, y, 0));
    for (int i = 0, c = 0; i < count; i++, c = i % channels)
        EXPECT_CLOSE(y[i], ((double)x[i] - 100.25) * (double)a[c] + (double)b[c], tolerance_of_sum(4), "output %d", i);
    EXPECT_OK(nativecnn_channel_gradient(x, dy, rows, channels, means, a, b, d, y, 0));
    for (int i = 0, c = 0; i < count; i++, c = i % channels) {
        double slope = ((double)x[i] - 100.25) * (double)d[c];
        EXPECT_CLOSE(y[i], (double)dy[i] * (double)a[c] + (double)b[c] + slope, tolerance_of_sum(4), "gradient %d", i);
    }
    float *past = test_filled(count, NAN);
    EXPECT_OK(nativecnn_channel_gradient(x, dy, rows, channels, means, a, b, d, past, 1));
    EXPECT(test_same(y, past, count), "%d x %d: the gradient past the caches differs", rows, channels);
    EXPECT_OK(nativecnn_channel_gradient(x, dy, rows, channels, means, a, b, d, dy, 0));
    EXPECT(test_same(y, dy, count), "%d x %d: the gradient in place differs", rows, channels);
    EXPECT_OK(nativecnn_channel_normalize(x, rows, channels, means, a, b, y, 0));
    EXPECT_OK(nativecnn_channel_normalize(x, rows, channels, means, a, b, past, 1));
    EXPECT(test_same(y, past, count), "%d x %d: past the caches differs", rows, channels);
    for (int kind = NATIVECNN_IDENTITY; kind <= NATIVECNN_CLIPPED_RELU; kind++) {
        nativecnn_activation f = {.kind = kind, .alpha = 0.75f, .beta = 0.5f};
        float *activated = test_filled(count, NAN);
        EXPECT_OK(nativecnn_activation_forward(&f, y, count, activated));
        for (int past_caches = 0; past_caches < 2; past_caches++) {
            EXPECT_OK(nativecnn_channel_normalize_activation(&f, x, rows, channels, means, a, b, past, past_caches));
            EXPECT(test_same(activated, past, count), "%d x %d: activation %d differs", rows, channels, kind);
        }
        test_free(activated);
    }
    EXPECT_OK(nativecnn_channel_normalize(x, rows, channels, means, a, b, x, 0));
    EXPECT(test_same(y, x, count), "%d x %d: in place differs", rows, channels);
    float *buffers[] = {x, dy, y, means, rests, squares, a, b, d, sums, products, past};
    for (size_t i = 0; i < sizeof buffers / sizeof *buffers; i++)
        test_free(buffers[i]);
}

static void pixels_of(int pixels, int channels) {
    int count = pixels * channels;
    float *x = test_random(count, 1), *z = test_random(count, 2), *y = test_filled(count, NAN);
    float *f = test_random(pixels, 3), *g = test_random(pixels, 4);
    float *plain = test_filled(pixels, NAN), *products = test_filled(pixels, NAN), *squares = test_filled(pixels, NAN);
    EXPECT_OK(nativecnn_pixel_products(x, NULL, pixels, channels, plain));
    EXPECT_OK(nativecnn_pixel_products(x, z, pixels, channels, products));
    EXPECT_OK(nativecnn_pixel_products(x, x, pixels, channels, squares));
    for (int p = 0; p < pixels; p++) {
        double sum = 0, product = 0, square = 0;
        for (int i = p * channels; i < (p + 1) * channels; i++) {
            sum += (double)x[i];
            product += (double)x[i] * (double)z[i];
            square += (double)x[i] * (double)x[i];
        }
        EXPECT_CLOSE(plain[p], sum, tolerance_of_sum(channels), "%d channels, sum %d", channels, p);
        EXPECT_CLOSE(products[p], product, tolerance_of_sum(channels), "%d channels, product %d", channels, p);
        EXPECT_CLOSE(squares[p], square, tolerance_of_sum(channels), "%d channels, square %d", channels, p);
    }
    EXPECT_OK(nativecnn_pixel_combine(x, f, z, g, pixels, channels, y));
    for (int i = 0; i < count; i++) {
        double expected = (double)x[i] * (double)f[i / channels] + (double)z[i] * (double)g[i / channels];
        EXPECT_CLOSE(y[i], expected, tolerance_of_sum(4), "%d channels, combined %d", channels, i);
    }
    EXPECT_OK(nativecnn_pixel_combine(x, NULL, NULL, g, pixels, channels, y));
    for (int i = 0; i < count; i++)
        EXPECT(y[i] == x[i] + g[i / channels], "%d channels, shifted %d", channels, i);
    EXPECT_OK(nativecnn_pixel_combine(x, f, NULL, NULL, pixels, channels, y));
    for (int i = 0; i < count; i++)
        EXPECT(y[i] == x[i] * f[i / channels], "%d channels, scaled %d", channels, i);
    EXPECT_OK(nativecnn_pixel_combine(x, f, NULL, NULL, pixels, channels, x));
    EXPECT(test_same(y, x, count), "%d channels: in place differs", channels);
    float *buffers[] = {x, z, y, f, g, plain, products, squares};
    for (int i = 0; i < 8; i++)
        test_free(buffers[i]);
}

static void values(void) {
    for (int i = 0; i < CHANNELS; i++)
        for (int j = 0; j < ROWS; j++) {
            channels_of(row_counts[j], channel_counts[i]);
            pixels_of(row_counts[j], channel_counts[i]);
        }
}

/* Blocks whose means lie far apart, the first by itself and each later one from all before it. */
static void jumping_means(void) {
    enum { SIZE = 1000, CHANNELS_OF = 65 };
    for (int period = 1; period <= 400; period *= 20) {
        float *x = test_random(SIZE * CHANNELS_OF, 7), means[CHANNELS_OF], rests[CHANNELS_OF], squares[CHANNELS_OF];
        for (int i = 0; i < SIZE * CHANNELS_OF; i++)
            x[i] += i / CHANNELS_OF / period % 2 == 0 ? 1000 : -3;
        EXPECT_OK(nativecnn_channel_moments(x, SIZE, CHANNELS_OF, means, rests, squares));
        for (int c = 0; c < CHANNELS_OF; c++) {
            double mean = 0, square = 0;
            for (int r = 0; r < SIZE; r++)
                mean += (double)x[r * CHANNELS_OF + c] / SIZE;
            for (int r = 0; r < SIZE; r++)
                square += pow((double)x[r * CHANNELS_OF + c] - mean, 2);
            EXPECT_CLOSE(means[c], mean, ((tolerance){0, 16 * ROUNDING}), "period %d, mean %d", period, c);
            EXPECT_CLOSE(squares[c], square, ((tolerance){0, 64 * ROUNDING}), "period %d, squares %d", period, c);
        }
        test_free(x);
    }
}

static void special_values(void) {
    float x[6] = {1, 2, NAN, 4, 5, INFINITY}, means[2], rests[2], squares[2], sums[3];
    EXPECT_OK(nativecnn_channel_moments(x, 3, 2, means, rests, squares));
    EXPECT(isnan(means[0]) && isnan(squares[0]), "a NaN is not in its channel's moments");
    EXPECT(!isfinite(means[1]) && isnan(squares[1]), "an infinity is not in its channel's moments");
    EXPECT_OK(nativecnn_pixel_products(x, x, 3, 2, sums));
    EXPECT(sums[0] == 5 && isnan(sums[1]) && isinf(sums[2]), "a NaN or an infinity is not in its pixel's sum alone");
}

static void refusals(void) {
    float v[8] = {0};
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_channel_moments(NULL, 2, 4, v, v, v));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_channel_moments(v, 2, 4, NULL, v, v));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_channel_moments(v, 2, 4, v, NULL, v));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_channel_moments(v, 2, 4, v, v, NULL));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_channel_moments(v, -1, 4, v, v, v));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_channel_moments(v, 2, 0, v, v, v));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_channel_moments(v, INT64_MAX, 4, v, v, v));
    for (int i = 0; i < 5; i++)
        EXPECT_STATUS(NATIVECNN_NULL_POINTER,
                      nativecnn_channel_normalize(i == 0 ? NULL : v, 2, 4, i == 1 ? NULL : v, i == 2 ? NULL : v,
                                                  i == 3 ? NULL : v, i == 4 ? NULL : v, 0));
    EXPECT_STATUS(NATIVECNN_BAD_ARGUMENT, nativecnn_channel_normalize(v, 2, 4, v, v, v, v, 2));
    nativecnn_activation relu = {.kind = NATIVECNN_RELU, .alpha = 1, .beta = 1}, none = {.kind = 99};
    for (int i = 0; i < 6; i++)
        EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_channel_normalize_activation(
                                                  i == 0 ? NULL : &relu, i == 1 ? NULL : v, 2, 4, i == 2 ? NULL : v,
                                                  i == 3 ? NULL : v, i == 4 ? NULL : v, i == 5 ? NULL : v, 0));
    EXPECT_STATUS(NATIVECNN_BAD_ARGUMENT, nativecnn_channel_normalize_activation(&relu, v, 2, 4, v, v, v, v, -1));
    EXPECT_STATUS(NATIVECNN_BAD_ARGUMENT, nativecnn_channel_normalize_activation(&none, v, 2, 4, v, v, v, v, 0));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_channel_normalize_activation(&relu, v, -1, 4, v, v, v, v, 0));
    EXPECT_STATUS(NATIVECNN_BAD_ARGUMENT, nativecnn_channel_gradient(v, v, 2, 4, v, v, v, v, v, -1));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_channel_normalize(v, -1, 4, v, v, v, v, 0));
    for (int i = 0; i < 5; i++)
        EXPECT_STATUS(NATIVECNN_NULL_POINTER,
                      nativecnn_channel_gradient_sums(i == 0 ? NULL : v, i == 1 ? NULL : v, 2, 4, i == 2 ? NULL : v,
                                                      i == 3 ? NULL : v, i == 4 ? NULL : v));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_channel_gradient_sums(v, v, 2, -4, v, v, v));
    for (int i = 0; i < 7; i++)
        EXPECT_STATUS(NATIVECNN_NULL_POINTER,
                      nativecnn_channel_gradient(i == 0 ? NULL : v, i == 1 ? NULL : v, 2, 4, i == 2 ? NULL : v,
                                                 i == 3 ? NULL : v, i == 4 ? NULL : v, i == 5 ? NULL : v,
                                                 i == 6 ? NULL : v, 0));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_channel_gradient(v, v, 2, 0, v, v, v, v, v, 0));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_pixel_products(NULL, v, 2, 4, v));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_pixel_products(v, v, 2, 4, NULL));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_pixel_products(v, v, 2, 0, v));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_pixel_combine(NULL, v, v, v, 2, 4, v));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_pixel_combine(v, v, v, NULL, 2, 4, v));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_pixel_combine(v, v, v, v, 2, 4, NULL));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_pixel_combine(v, v, v, v, -2, 4, v));
    for (int i = 0; i < 8; i++)
        EXPECT(v[i] == 0, "a refused call wrote");
}

int main(void) {
    test_run("values", values);
    test_run("jumping means", jumping_means);
    test_run("special values", special_values);
    test_run("refusals", refusals);
    return test_result();
}
