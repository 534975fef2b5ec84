/* local_response_norm_tests.c - local response normalisation against loops in double. */
#include "test.h"

static const int channel_counts[] = {1, 2, 3, 5, 8, 15, 16, 17, 31, 33, 96};
static const nativecnn_local_response_norm norms[] = {
    {5, 1e-4f, 0.75f, 2}, {5, 2, 0.75f, 1}, {1, 0.5f, 0.75f, 1},  {2, 3, 0.5f, 0.25f},
    {4, 1, 1.3f, 1},      {7, 4, -0.5f, 1}, {1000, 50, 0.75f, 1}, {3, 0, 0.75f, 2},
};
enum { COUNTS = sizeof channel_counts / sizeof channel_counts[0], NORMS = sizeof norms / sizeof norms[0], PIXELS = 3 };

static bool in_window(const nativecnn_local_response_norm *norm, int c, int j) {
    return j >= c - norm->size / 2 && j <= c + (norm->size - 1) / 2;
}

/* s_c of one pixel */
static double base(const nativecnn_local_response_norm *norm, const float *x, int channels, int c) {
    double sum = 0;
    for (int j = 0; j < channels; j++)
        if (in_window(norm, c, j))
            sum += (double)x[j] * (double)x[j];
    return (double)norm->k + (double)norm->alpha / norm->size * sum;
}

/* dx_c of one pixel */
static double gradient(const nativecnn_local_response_norm *norm, const float *x, const float *dy, int channels,
                       int c) {
    double beta = (double)norm->beta, sum = 0;
    for (int j = 0; j < channels; j++)
        if (in_window(norm, j, c))
            sum += (double)dy[j] * (double)x[j] * pow(base(norm, x, channels, j), -beta - 1);
    return (double)dy[c] * pow(base(norm, x, channels, c), -beta) -
           2 * (double)norm->alpha * beta / norm->size * (double)x[c] * sum;
}

static void forward_backward(void) {
    for (int index = 0; index < COUNTS * NORMS; index++) {
        const nativecnn_local_response_norm *norm = &norms[index % NORMS];
        int channels = channel_counts[index / NORMS], count = PIXELS * channels;
        float *x = test_random(count, 1), *dy = test_random(count, 2);
        float *y = test_filled(count, NAN), *scale = test_filled(count, NAN), *dx = test_filled(count, NAN);
        float *alone = test_filled(count, NAN), *workspace = test_filled(3 * channels, NAN);
        for (int i = 0; i < count; i++)
            x[i] *= 4;
        const tolerance allowed = tolerance_times(tolerance_of_sum(channels), 16);
        EXPECT_OK(nativecnn_local_response_norm_forward(norm, x, PIXELS, channels, y, scale, workspace));
        EXPECT_OK(nativecnn_local_response_norm_forward(norm, x, PIXELS, channels, alone, NULL, workspace));
        EXPECT(test_same(y, alone, count), "the output differs without the scale");
        EXPECT_OK(nativecnn_local_response_norm_backward(norm, x, scale, dy, PIXELS, channels, dx, workspace));
        for (int i = 0; i < count; i++) {
            const float *pixel = x + i / channels * channels;
            double s = base(norm, pixel, channels, i % channels);
            EXPECT_CLOSE(scale[i], s, allowed, "norm %d, %d channels, scale %d", index % NORMS, channels, i);
            EXPECT_CLOSE(y[i], (double)x[i] * pow(s, -(double)norm->beta), allowed, "norm %d, %d channels, output %d",
                         index % NORMS, channels, i);
            EXPECT_CLOSE(dx[i], gradient(norm, pixel, dy + i / channels * channels, channels, i % channels), allowed,
                         "norm %d, %d channels, gradient %d", index % NORMS, channels, i);
        }
        EXPECT_OK(nativecnn_local_response_norm_backward(norm, x, scale, dy, PIXELS, channels, dy, workspace));
        EXPECT(test_same(dx, dy, count), "backward in place differs");
        EXPECT_OK(nativecnn_local_response_norm_forward(norm, x, PIXELS, channels, x, NULL, workspace));
        EXPECT(test_same(y, x, count), "forward in place differs");
        float *buffers[] = {x, dy, y, scale, dx, alone, workspace};
        for (int i = 0; i < 7; i++)
            test_free(buffers[i]);
    }
}

/* A NaN or an infinity spoils the windows that have it and nothing else. */
static void special_values(void) {
    float x[40] = {0}, y[40], workspace[60];
    x[7] = NAN;
    x[20 + 19] = INFINITY;
    EXPECT_OK(nativecnn_local_response_norm_forward(&norms[0], x, 2, 20, y, NULL, workspace));
    for (int c = 0; c < 20; c++) {
        EXPECT(in_window(&norms[0], c, 7) ? isnan(y[c]) : y[c] == 0, "NaN at 7, output %d is %g", c, (double)y[c]);
        EXPECT(c == 19 ? isnan(y[39]) : y[20 + c] == 0, "infinity at 19, output %d is %g", c, (double)y[20 + c]);
    }
}

static void refusals(void) {
    nativecnn_local_response_norm good = norms[0];
    float x[8] = {1}, y[8] = {0}, scale[8] = {0}, workspace[24];
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_local_response_norm_forward(NULL, x, 2, 4, y, scale, workspace));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER,
                  nativecnn_local_response_norm_forward(&good, NULL, 2, 4, y, scale, workspace));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER,
                  nativecnn_local_response_norm_forward(&good, x, 2, 4, NULL, scale, workspace));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_local_response_norm_forward(&good, x, 2, 4, y, scale, NULL));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_local_response_norm_forward(&good, x, -1, 4, y, scale, workspace));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_local_response_norm_forward(&good, x, 2, 0, y, scale, workspace));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE,
                  nativecnn_local_response_norm_forward(&good, x, INT64_MAX, 4, y, scale, workspace));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_local_response_norm_backward(NULL, x, x, x, 2, 4, y, workspace));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER,
                  nativecnn_local_response_norm_backward(&good, NULL, x, x, 2, 4, y, workspace));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER,
                  nativecnn_local_response_norm_backward(&good, x, NULL, x, 2, 4, y, workspace));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER,
                  nativecnn_local_response_norm_backward(&good, x, x, NULL, 2, 4, y, workspace));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER,
                  nativecnn_local_response_norm_backward(&good, x, x, x, 2, 4, NULL, workspace));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_local_response_norm_backward(&good, x, x, x, 2, 4, y, NULL));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_local_response_norm_backward(&good, x, x, x, 2, -4, y, workspace));
    const nativecnn_local_response_norm bad[] = {
        {0, 1, 1, 1},   {-5, 1, 1, 1},       {5, -1, 1, 1}, {5, NAN, 1, 1}, {5, INFINITY, 1, 1},
        {5, 1, NAN, 1}, {5, 1, INFINITY, 1}, {5, 1, 1, 0},  {5, 1, 1, NAN}, {5, 1, 1, INFINITY},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        EXPECT_STATUS(NATIVECNN_BAD_ARGUMENT,
                      nativecnn_local_response_norm_forward(&bad[i], x, 2, 4, y, scale, workspace));
        EXPECT_STATUS(NATIVECNN_BAD_ARGUMENT,
                      nativecnn_local_response_norm_backward(&bad[i], x, x, x, 2, 4, y, workspace));
    }
    for (int i = 0; i < 8; i++)
        EXPECT(y[i] == 0 && scale[i] == 0, "a refused call wrote");
}

int main(void) {
    test_run("forward and backward", forward_backward);
    test_run("special values", special_values);
    test_run("refusals", refusals);
    return test_result();
}
