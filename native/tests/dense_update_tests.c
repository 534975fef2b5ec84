/* dense_update_tests.c - the weight gradient of a dense layer with one step of every rule, against loops in double. */
#include "update_rules.h"

#include <string.h>

static const nativecnn_dense_geometry layers[] = {{1, 1, 1},    {3, 5, 17}, {4, 9, 64}, {7, 6, 131}, {32, 13, 200},
                                                  {33, 8, 192}, {0, 3, 20}, {2, 0, 3},  {2, 3, 0}};
enum { LAYERS = sizeof layers / sizeof layers[0] };

static double weight_gradient(const nativecnn_dense_geometry *d, const float *input, const float *gradient, int64_t o,
                              int64_t k) {
    double sum = 0;
    for (int64_t n = 0; n < d->batch_size; n++)
        sum += (double)gradient[n * d->units + o] * (double)input[n * d->inputs + k];
    return sum;
}

static float *packed(int64_t rows, int32_t columns, int32_t width, const float *source) {
    int64_t blocks = ((int64_t)columns + width - 1) / width;
    float *to = test_random(rows * blocks * width, 6);
    EXPECT_OK(nativecnn_pack_columns(rows, columns, width, range(0, blocks), source, to));
    return to;
}

static void step(const nativecnn_update *u, const nativecnn_dense_geometry *d, nativecnn_range units) {
    int64_t count = (int64_t)d->units * d->inputs;
    const tolerance allowed = tolerance_of_sum(d->batch_size + 3);
    bool with_first = needs_first_moment(u), with_second = has_second_moment(u);
    float *input = test_random((int64_t)d->batch_size * d->inputs, 1),
          *gradient = test_random((int64_t)d->batch_size * d->units, 2);
    float *first = test_random(count, 3), *first_before = test_random(count, 3);
    float *second = test_squares(count, 4), *second_before = test_squares(count, 4);
    float *weights = test_random(count, 5), *before = test_random(count, 5);
    EXPECT_OK(nativecnn_dense_update(u, d, 0, input, gradient, units, with_first ? first : NULL,
                                     with_second ? second : NULL, weights));
    float *packed_input = packed(d->batch_size, d->inputs, NATIVECNN_INPUT_BLOCK, input),
          *packed_gradient = packed(d->batch_size, d->units, NATIVECNN_UNIT_BLOCK, gradient);
    float *first_again = test_random(count, 3), *second_again = test_squares(count, 4), *again = test_random(count, 5);
    EXPECT_OK(nativecnn_dense_update(u, d, 1, packed_input, packed_gradient, units, with_first ? first_again : NULL,
                                     with_second ? second_again : NULL, again));
    size_t size = (size_t)count * sizeof *again;
    EXPECT(memcmp(weights, again, size) == 0 && memcmp(first, first_again, size) == 0 &&
               memcmp(second, second_again, size) == 0,
           "kind %d: packed operands give other bits", u->kind);
    for (int64_t i = 0; i < count; i++) {
        int64_t o = i / d->inputs;
        parameter p = {(double)first_before[i], (double)second_before[i], (double)before[i]}, wanted = p;
        if (o >= units.begin && o < units.begin + units.count)
            wanted = update_by_rule(u, weight_gradient(d, input, gradient, o, i % d->inputs), p);
        EXPECT_CLOSE(first[i], with_first ? wanted.first : p.first, allowed, "kind %d, first moment %d of %d", u->kind,
                     (int)i, (int)count);
        EXPECT_CLOSE(second[i], with_second ? wanted.second : p.second, allowed, "kind %d, second moment %d of %d",
                     u->kind, (int)i, (int)count);
        EXPECT_CLOSE(weights[i], wanted.value, allowed, "kind %d, weight %d of %d", u->kind, (int)i, (int)count);
    }
    test_free(input);
    test_free(gradient);
    test_free(first);
    test_free(first_before);
    test_free(second);
    test_free(second_before);
    test_free(weights);
    test_free(before);
    test_free(packed_input);
    test_free(packed_gradient);
    test_free(first_again);
    test_free(second_again);
    test_free(again);
}

static void steps(void) {
    for (int k = 0; k < UPDATE_RULES; k++)
        for (int l = 0; l < LAYERS; l++) {
            int64_t units = layers[l].units;
            step(&update_rules[k], &layers[l], range(0, units));
            step(&update_rules[k], &layers[l], range(units / 3, units - units / 4 - units / 3));
            step(&update_rules[k], &layers[l], range(units, 0));
        }
}

static void refusals(void) {
    const nativecnn_update sgd = {NATIVECNN_UPDATE_SGD, 0.1f, 0, 0.9f, 0, 0, 0, 0};
    const nativecnn_update plain = {NATIVECNN_UPDATE_NESTEROV, 0.1f, 0, 0, 0, 0, 0, 0};
    const nativecnn_update adam = {NATIVECNN_UPDATE_ADAM, 0.1f, 0, 0, 0, 1, 1, 1};
    const nativecnn_dense_geometry d = {2, 2, 2}, negative[] = {{-1, 2, 2}, {2, -1, 2}, {2, 2, -1}};
    const nativecnn_dense_geometry large = {2, INT32_MAX, INT32_MAX};
    const nativecnn_range all = {0, 2}, bad[] = {{1, 2}, {-1, 2}, {0, -1}, {3, 0}, {0, INT64_MAX}, {INT64_MAX, 1}};
    float g[4] = {1, 1, 1, 1}, v[4] = {0}, s[4] = {0}, w[4] = {0};
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_dense_update(NULL, &d, 0, g, g, all, v, s, w));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_dense_update(&sgd, NULL, 0, g, g, all, v, s, w));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_dense_update(&sgd, &d, 0, NULL, g, all, v, s, w));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_dense_update(&sgd, &d, 0, g, NULL, all, v, s, w));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_dense_update(&sgd, &d, 0, g, g, all, NULL, s, w));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_dense_update(&plain, &d, 0, g, g, all, v, s, NULL));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_dense_update(&adam, &d, 0, g, g, all, NULL, s, w));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_dense_update(&adam, &d, 0, g, g, all, v, NULL, w));
    for (int i = 0; i < 3; i++)
        EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_dense_update(&sgd, &negative[i], 0, g, g, all, v, s, w));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_dense_update(&sgd, &large, 0, g, g, all, v, s, w));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        EXPECT_STATUS(NATIVECNN_BAD_RANGE, nativecnn_dense_update(&sgd, &d, 0, g, g, bad[i], v, s, w));
    EXPECT_STATUS(NATIVECNN_BAD_ARGUMENT, nativecnn_dense_update(&sgd, &d, 2, g, g, all, v, s, w));
    EXPECT_STATUS(NATIVECNN_BAD_ARGUMENT, nativecnn_dense_update(&sgd, &d, -1, g, g, all, v, s, w));
#define REFUSED(update) EXPECT_STATUS(NATIVECNN_BAD_ARGUMENT, nativecnn_dense_update(update, &d, 0, g, g, all, v, s, w))
    FOR_BAD_UPDATES(REFUSED);
#undef REFUSED
    for (int i = 0; i < 4; i++)
        EXPECT(v[i] == 0 && s[i] == 0 && w[i] == 0, "a refused call wrote");
}

int main(void) {
    test_run("steps", steps);
    test_run("refusals", refusals);
    return test_result();
}
