/* sgd_tests.c - the SGD step against its formula in double. */
#include "test.h"

static void steps(void) {
    const nativecnn_sgd cases[] = {
        {0.01f, 0.9f, 5e-4f, 0}, {0.1f, 0, 0, 0}, {0.1f, 0, 0.01f, 0}, {0, 0.5f, 0, 0}, {-0.1f, 1, 0, 0}};
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++)
        for (int64_t count = 0; count <= 70; count++)
            for (int with_velocity = cases[k].momentum != 0; with_velocity <= 1; with_velocity++) {
                const nativecnn_sgd *sgd = &cases[k];
                float *gradient = test_random(count, 1);
                float *velocity = test_random(count, 2);
                float *velocity_before = test_random(count, 2);
                float *values = test_random(count, 3);
                float *values_before = test_random(count, 3);
                EXPECT_OK(nativecnn_sgd_update(sgd, gradient, count, with_velocity ? velocity : NULL, values));
                for (int64_t i = 0; i < count; i++) {
                    double w = (double)values_before[i];
                    double v = (double)sgd->momentum * (double)velocity_before[i] +
                               ((double)gradient[i] + (double)sgd->weight_decay * w);
                    EXPECT_CLOSE(velocity[i], with_velocity ? v : (double)velocity_before[i], 1e-6, "v %d of %d", (int)i,
                                 (int)count);
                    EXPECT_CLOSE(values[i], w - (double)sgd->learning_rate * v, 1e-6, "w %d of %d", (int)i, (int)count);
                }
                test_free(gradient);
                test_free(velocity);
                test_free(velocity_before);
                test_free(values);
                test_free(values_before);
            }
}

static void dense_steps(void) {
    const nativecnn_sgd cases[] = {{0.01f, 0.9f, 5e-4f, 0}, {0.1f, 0, 0.01f, 0}};
    const int64_t sizes[][3] = {{1, 1, 1}, {3, 5, 17}, {4, 9, 64}, {7, 6, 131}, {32, 13, 200}, {0, 3, 20}};
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++)
        for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++)
            for (int part = 0; part <= 1; part++) {
                const nativecnn_sgd *sgd = &cases[k];
                int64_t batch = sizes[s][0], units = sizes[s][1], inputs = sizes[s][2], count = units * inputs;
                int64_t begin = part ? units / 3 : 0, end = part ? units - units / 4 : units;
                int with_velocity = sgd->momentum != 0;
                float *input = test_random(batch * inputs, 1), *gradient = test_random(batch * units, 2);
                float *velocity = test_random(count, 3), *velocity_before = test_random(count, 3);
                float *weights = test_random(count, 4), *weights_before = test_random(count, 4);
                EXPECT_OK(nativecnn_dense_sgd_update(sgd, batch, units, inputs, input, gradient, begin, end - begin,
                                                     with_velocity ? velocity : NULL, weights));
                for (int64_t i = 0; i < count; i++) {
                    int64_t o = i / inputs, inside = o >= begin && o < end;
                    double w = (double)weights_before[i], v = (double)sgd->weight_decay * w;
                    for (int64_t n = 0; n < batch; n++)
                        v += (double)gradient[n * units + o] * (double)input[n * inputs + i % inputs];
                    v += (double)sgd->momentum * (double)velocity_before[i];
                    EXPECT_CLOSE(velocity[i], inside && with_velocity ? v : (double)velocity_before[i], 1e-5, "v %d of %d",
                                 (int)i, (int)count);
                    EXPECT_CLOSE(weights[i], inside ? w - (double)sgd->learning_rate * v : w, 1e-5, "w %d of %d", (int)i,
                                 (int)count);
                }
                test_free(input);
                test_free(gradient);
                test_free(velocity);
                test_free(velocity_before);
                test_free(weights);
                test_free(weights_before);
            }
}

static void refusals(void) {
    const nativecnn_sgd good = {0.1f, 0.9f, 0, 0};
    const nativecnn_sgd bad[] = {{NAN, 0, 0, 0}, {0.1f, INFINITY, 0, 0}, {0.1f, 0, NAN, 0}};
    float g[4] = {1, 1, 1, 1}, v[4] = {0}, w[4] = {0};
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_sgd_update(NULL, g, 4, v, w));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_sgd_update(&good, NULL, 4, v, w));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_sgd_update(&good, g, 4, NULL, w));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_sgd_update(&good, g, 4, v, NULL));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_sgd_update(&good, g, -1, v, w));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_sgd_update(&good, g, INT64_MAX, v, w));
    for (int i = 0; i < 3; i++)
        EXPECT_STATUS(NATIVECNN_BAD_ARGUMENT, nativecnn_sgd_update(&bad[i], g, 4, v, w));
    const nativecnn_sgd plain = {0.1f, 0, 0, 0};
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_dense_sgd_update(NULL, 2, 2, 2, g, g, 0, 2, v, w));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_dense_sgd_update(&good, 2, 2, 2, NULL, g, 0, 2, v, w));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_dense_sgd_update(&good, 2, 2, 2, g, NULL, 0, 2, v, w));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_dense_sgd_update(&good, 2, 2, 2, g, g, 0, 2, NULL, w));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_dense_sgd_update(&plain, 2, 2, 2, g, g, 0, 2, v, NULL));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_dense_sgd_update(&good, -1, 2, 2, g, g, 0, 2, v, w));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_dense_sgd_update(&good, 2, INT64_MAX, 2, g, g, 0, 2, v, w));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_dense_sgd_update(&good, 2, 2, 2, g, g, 1, 2, v, w));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_dense_sgd_update(&good, 2, 2, 2, g, g, -1, 2, v, w));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_dense_sgd_update(&good, 2, 2, 2, g, g, 0, INT64_MAX, v, w));
    EXPECT_STATUS(NATIVECNN_BAD_ARGUMENT, nativecnn_dense_sgd_update(&bad[0], 2, 2, 2, g, g, 0, 2, v, w));
    for (int i = 0; i < 4; i++)
        EXPECT(v[i] == 0 && w[i] == 0, "a refused call wrote");
}

int main(void) {
    test_run("steps", steps);
    test_run("dense_steps", dense_steps);
    test_run("refusals", refusals);
    return test_result();
}
