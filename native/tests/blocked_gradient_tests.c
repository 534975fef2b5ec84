/* blocked_gradient_tests.c - filter gradients as products over pixels, against loops in double, and what is refused. */
#include "matrices.h"

enum { GAP = 3 };

typedef struct sizes {
    int64_t pixels;
    int32_t filters;
    int64_t taps;
} sizes;

/* Tiles of pixels, blocks of filters and vectors of taps that are not full; more filters than are copied at once. */
static const sizes all_sizes[] = {{1, 1, 1},     {192, 14, 32}, {193, 15, 33}, {400, 7, 49}, {37, 300, 20},
                                  {5, 141, 130}, {0, 4, 4},     {700, 6, 16},  {3, 29, 64}};

/* Operands with gaps between rows, in which lies NaN. */
typedef struct operands {
    int64_t output_stride;
    int64_t column_stride;
    int64_t gradient_stride;
    int64_t count;
    float *output_gradient;
    float *columns;
    float *gradient;
} operands;

static operands take(sizes s) {
    operands o = {s.filters + GAP, s.taps + GAP, s.taps + GAP, 0, NULL, NULL, NULL};
    o.count = spread(s.filters, o.gradient_stride, s.taps);
    o.output_gradient = with_gaps(s.pixels, o.output_stride, s.filters, 1);
    o.columns = with_gaps(s.pixels, o.column_stride, s.taps, 2);
    o.gradient = test_random(o.count, 3);
    return o;
}

static void give_back(operands o) {
    test_free(o.output_gradient);
    test_free(o.columns);
    test_free(o.gradient);
}

static double sum_of(sizes s, const operands *o, int64_t f, int64_t t) {
    double sum = 0;
    for (int64_t p = 0; p < s.pixels; p++)
        sum += (double)o->output_gradient[p * o->output_stride + f] * (double)o->columns[p * o->column_stride + t];
    return sum;
}

static void sum_all(sizes s, const operands *o, int32_t accumulate) {
    EXPECT_OK(nativecnn_blocked_gradient(s.pixels, s.filters, s.taps, o->output_gradient, o->output_stride, o->columns,
                                         o->column_stride, accumulate, o->gradient, o->gradient_stride));
}

static void sums(void) {
    for (size_t n = 0; n < sizeof all_sizes / sizeof *all_sizes; n++)
        for (int accumulate = 0; accumulate < 2; accumulate++) {
            sizes s = all_sizes[n];
            operands o = take(s);
            float *before = test_random(o.count, 3);
            sum_all(s, &o, accumulate);
            for (int64_t i = 0; i < o.count; i++) {
                int64_t f = i / o.gradient_stride, t = i % o.gradient_stride;
                if (t >= s.taps) {
                    EXPECT(o.gradient[i] == before[i], "%d, the gap behind filter %d", (int)n, (int)f);
                    continue;
                }
                double wanted = sum_of(s, &o, f, t) + (accumulate ? (double)before[i] : 0);
                EXPECT_CLOSE(o.gradient[i], wanted, tolerance_of_sum(s.pixels + 1), "%d, accumulate %d: %d, %d", (int)n,
                             accumulate, (int)f, (int)t);
            }
            test_free(before);
            give_back(o);
        }
}

/* Every filter and some taps by themselves give the bits of one call. */
static void cuts(void) {
    sizes s = {333, 31, 70};
    operands o = take(s);
    sum_all(s, &o, 0);
    float *got = test_random(o.count, 3);
    for (int64_t f = 0; f < s.filters; f++)
        for (int64_t t = 0; t < s.taps; t += 9)
            EXPECT_OK(nativecnn_blocked_gradient(s.pixels, 1, s.taps - t < 9 ? s.taps - t : 9, o.output_gradient + f,
                                                 o.output_stride, o.columns + t, o.column_stride, 0,
                                                 got + f * o.gradient_stride + t, o.gradient_stride));
    EXPECT(test_same(o.gradient, got, o.count), "the bits depend on how the work was cut");
    test_free(got);
    give_back(o);
}

/* NaN and infinity reach the sums that they belong to. */
static void not_a_number(void) {
    sizes s = {200, 17, 40};
    operands o = take(s);
    o.output_gradient[199 * o.output_stride + 5] = NAN;
    o.columns[2 * o.column_stride + 39] = INFINITY;
    sum_all(s, &o, 0);
    for (int64_t f = 0; f < s.filters; f++)
        for (int64_t t = 0; t < s.taps; t++) {
            float got = o.gradient[f * o.gradient_stride + t];
            bool wants_infinity = f != 5 && t == 39;
            EXPECT(isnan(got) == (f == 5) && (isinf(got) != 0) == wants_infinity, "%d, %d is %g", (int)f, (int)t,
                   (double)got);
        }
    give_back(o);
}

static void long_sums(void) {
    sizes s = {20000, 3, 5};
    operands o = take(s);
    drop_signs(o.output_gradient, spread(s.pixels, o.output_stride, s.filters));
    drop_signs(o.columns, spread(s.pixels, o.column_stride, s.taps));
    sum_all(s, &o, 0);
    EXPECT_LONG_SUMS(o.gradient, o.gradient_stride, s.filters, s.taps, sum_of(s, &o, r, c));
    give_back(o);
}

static void refusals(void) {
    float a[64] = {0}, columns[64] = {0}, y[64];
    for (int i = 0; i < 64; i++)
        y[i] = 1;
#define GRADIENT(status, pixels, filters, taps, left, left_stride, right, right_stride, accumulate, to, stride)        \
    EXPECT_STATUS(status, nativecnn_blocked_gradient(pixels, filters, taps, left, left_stride, right, right_stride,    \
                                                     accumulate, to, stride))
    GRADIENT(NATIVECNN_NULL_POINTER, 2, 3, 4, NULL, 3, columns, 4, 0, y, 4);
    GRADIENT(NATIVECNN_NULL_POINTER, 2, 3, 4, a, 3, NULL, 4, 0, y, 4);
    GRADIENT(NATIVECNN_NULL_POINTER, 2, 3, 4, a, 3, columns, 4, 0, NULL, 4);
    GRADIENT(NATIVECNN_BAD_ARGUMENT, 2, 3, 4, a, 3, columns, 4, 2, y, 4);
    GRADIENT(NATIVECNN_BAD_RANGE, -1, 3, 4, a, 3, columns, 4, 0, y, 4);
    GRADIENT(NATIVECNN_BAD_RANGE, 2, 0, 4, a, 3, columns, 4, 0, y, 4);
    GRADIENT(NATIVECNN_BAD_RANGE, 2, 3, 0, a, 3, columns, 4, 0, y, 4);
    GRADIENT(NATIVECNN_BAD_RANGE, 2, 3, 4, a, 2, columns, 4, 0, y, 4);
    GRADIENT(NATIVECNN_BAD_RANGE, 2, 3, 4, a, 3, columns, 3, 0, y, 4);
    GRADIENT(NATIVECNN_BAD_RANGE, 2, 3, 4, a, 3, columns, 4, 0, y, 3);
    GRADIENT(NATIVECNN_BAD_RANGE, INT64_MAX, 3, 4, a, 3, columns, 4, 0, y, 4);
    GRADIENT(NATIVECNN_BAD_RANGE, 2, 3, 4, a, INT64_MAX, columns, 4, 0, y, 4);
    GRADIENT(NATIVECNN_BAD_RANGE, 2, 3, 4, a, 3, columns, INT64_MAX, 0, y, 4);
    GRADIENT(NATIVECNN_BAD_RANGE, 2, 3, 4, a, 3, columns, 4, 0, y, INT64_MAX);
#undef GRADIENT
    for (int i = 0; i < 64; i++)
        EXPECT(y[i] == 1, "a refused call wrote");
}

int main(void) {
    test_run("sums", sums);
    test_run("cuts", cuts);
    test_run("not a number", not_a_number);
    test_run("long sums", long_sums);
    test_run("refusals", refusals);
    return test_result();
}
