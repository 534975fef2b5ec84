/* blocked_product_tests.c - products by packed panels against loops in double, and what is refused. */
#include "matrices.h"

static const nativecnn_activation identity = {NATIVECNN_IDENTITY, 0, 0};

enum { GAP = 3 };

typedef struct sizes {
    int64_t rows;
    int64_t inner;
    int32_t columns;
} sizes;

/* Blocks of rows that are not full, parts of sums that are not full, panels that are not full, more than 32 panels. */
static const sizes all_sizes[] = {{1, 1, 1},     {14, 256, 32},  {15, 257, 33}, {29, 300, 16}, {7, 15, 49},
                                  {28, 513, 17}, {100, 64, 600}, {3, 1030, 5},  {0, 4, 4},     {43, 16, 512}};

static int64_t panels_of(int32_t columns) {
    return (columns + NATIVECNN_PANEL - 1) / NATIVECNN_PANEL;
}

/* Operands with gaps between rows and between panels, in which lies NaN. */
typedef struct operands {
    int64_t left_stride;
    int64_t panel_stride;
    int64_t result_stride;
    int64_t left_count;
    int64_t panel_count;
    int64_t result_count;
    float *left;
    float *panels;
    float *bias;
    float *result;
} operands;

static operands take(sizes s) {
    operands o = {.left_stride = s.inner + GAP,
                  .panel_stride = s.inner * NATIVECNN_PANEL + GAP,
                  .result_stride = s.columns + GAP};
    int64_t panel_size = s.inner * NATIVECNN_PANEL;
    o.left_count = spread(s.rows, o.left_stride, s.inner);
    o.panel_count = spread(panels_of(s.columns), o.panel_stride, panel_size);
    o.result_count = spread(s.rows, o.result_stride, s.columns);
    o.left = with_gaps(s.rows, o.left_stride, s.inner, 1);
    o.panels = with_gaps(panels_of(s.columns), o.panel_stride, panel_size, 2);
    o.bias = test_random(s.columns, 3);
    o.result = test_random(o.result_count, 4);
    for (int64_t i = 0; i < o.panel_count; i++) {
        int64_t panel = i / o.panel_stride, place = i % o.panel_stride;
        if (place < panel_size && panel * NATIVECNN_PANEL + place % NATIVECNN_PANEL >= s.columns)
            o.panels[i] = 0;
    }
    return o;
}

static void give_back(operands o) {
    test_free(o.left);
    test_free(o.panels);
    test_free(o.bias);
    test_free(o.result);
}

static double sum_of(sizes s, const operands *o, int64_t r, int64_t c) {
    const float *panel = o->panels + c / NATIVECNN_PANEL * o->panel_stride + c % NATIVECNN_PANEL;
    double sum = 0;
    for (int64_t k = 0; k < s.inner; k++)
        sum += (double)o->left[r * o->left_stride + k] * (double)panel[k * NATIVECNN_PANEL];
    return sum;
}

static nativecnn_status multiply(sizes s, const operands *o, const float *bias, nativecnn_activation f,
                                 int32_t accumulate, float *result) {
    return nativecnn_blocked_product(s.rows, s.inner, s.columns, o->left, o->left_stride, o->panels, o->panel_stride,
                                     bias, &f, accumulate, result, o->result_stride);
}

/* What begins a sum: earlier sums, a bias or nothing; what ends it: nothing, ReLU or another activation. */
static void products(void) {
    static const nativecnn_activation ends[] = {
        {NATIVECNN_IDENTITY, 0, 0}, {NATIVECNN_RELU, 0, 0}, {NATIVECNN_TANH, 0, 0}};
    for (size_t n = 0; n < sizeof all_sizes / sizeof *all_sizes; n++)
        for (int begin = 0; begin < 3; begin++)
            for (int end = 0; end < 3; end++) {
                sizes s = all_sizes[n];
                operands o = take(s);
                float *before = test_random(o.result_count, 4);
                EXPECT_OK(multiply(s, &o, begin == 1 ? o.bias : NULL, ends[end], begin == 2, o.result));
                for (int64_t i = 0; i < o.result_count; i++) {
                    int64_t r = i / o.result_stride, c = i % o.result_stride;
                    if (c >= s.columns) {
                        EXPECT(o.result[i] == before[i], "%d, the gap behind row %d", (int)n, (int)r);
                        continue;
                    }
                    double sum = sum_of(s, &o, r, c);
                    sum += begin == 1 ? (double)o.bias[c] : begin == 2 ? (double)before[i] : 0;
                    double wanted = end == 0 ? sum : end == 1 ? fmax(sum, 0) : tanh(sum);
                    EXPECT_CLOSE(o.result[i], wanted, tolerance_of_sum(s.inner + 1), "%d, begun %d, ended %d: %d, %d",
                                 (int)n, begin, end, (int)r, (int)c);
                }
                test_free(before);
                give_back(o);
            }
}

/* Every row and every panel by itself, and the inner dimension in whole parts, give the bits of one call. */
static void cuts(void) {
    sizes s = {31, 600, 70};
    operands o = take(s);
    EXPECT_OK(multiply(s, &o, o.bias, identity, 0, o.result));
    float *got = test_random(o.result_count, 4);
    for (int64_t r = 0; r < s.rows; r++)
        for (int32_t c = 0; c < s.columns; c += NATIVECNN_PANEL)
            for (int64_t k = 0; k < s.inner; k += 256) {
                int32_t columns = s.columns - c < NATIVECNN_PANEL ? s.columns - c : NATIVECNN_PANEL;
                EXPECT_OK(nativecnn_blocked_product(
                    1, s.inner - k < 256 ? s.inner - k : 256, columns, o.left + r * o.left_stride + k, o.left_stride,
                    o.panels + c / NATIVECNN_PANEL * o.panel_stride + k * NATIVECNN_PANEL, o.panel_stride, o.bias + c,
                    &identity, k > 0, got + r * o.result_stride + c, o.result_stride));
            }
    EXPECT(test_same(o.result, got, o.result_count), "the bits depend on how the work was cut");
    test_free(got);
    give_back(o);
}

/* NaN reaches the results of its row, and of its column, through ReLU too. */
static void not_a_number(void) {
    sizes s = {17, 40, 33};
    operands o = take(s);
    o.left[5 * o.left_stride + 39] = NAN;
    o.panels[o.panel_stride + 7 * NATIVECNN_PANEL + 2] = INFINITY;
    EXPECT_OK(multiply(s, &o, NULL, (nativecnn_activation){NATIVECNN_RELU, 0, 0}, 0, o.result));
    for (int64_t r = 0; r < s.rows; r++)
        for (int64_t c = 0; c < s.columns; c++) {
            float got = o.result[r * o.result_stride + c];
            EXPECT(isnan(got) == (r == 5), "%d, %d is %g", (int)r, (int)c, (double)got);
            EXPECT(r == 5 || c != 18 || got == 0 || isinf(got), "%d, %d is %g", (int)r, (int)c, (double)got);
        }
    give_back(o);
}

static void long_sums(void) {
    sizes s = {3, 6000, 20};
    operands o = take(s);
    drop_signs(o.left, o.left_count);
    drop_signs(o.panels, o.panel_count);
    EXPECT_OK(multiply(s, &o, NULL, identity, 0, o.result));
    EXPECT_LONG_SUMS(o.result, o.result_stride, s.rows, s.columns, sum_of(s, &o, r, c));
    give_back(o);
}

static void refusals(void) {
    float a[64] = {0}, panels[64] = {0}, y[64];
    for (int i = 0; i < 64; i++)
        y[i] = 1;
    const nativecnn_activation unknown = {999, 0, 0};
#define PRODUCT(rows, inner, columns, left, left_stride, right, right_stride, f, accumulate, to, stride)               \
    nativecnn_blocked_product(rows, inner, columns, left, left_stride, right, right_stride, NULL, f, accumulate, to,   \
                              stride)
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, PRODUCT(2, 3, 4, NULL, 3, panels, 48, &identity, 0, y, 4));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, PRODUCT(2, 3, 4, a, 3, NULL, 48, &identity, 0, y, 4));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, PRODUCT(2, 3, 4, a, 3, panels, 48, NULL, 0, y, 4));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, PRODUCT(2, 3, 4, a, 3, panels, 48, &identity, 0, NULL, 4));
    EXPECT_STATUS(NATIVECNN_BAD_ARGUMENT, PRODUCT(2, 3, 4, a, 3, panels, 48, &unknown, 0, y, 4));
    EXPECT_STATUS(NATIVECNN_BAD_ARGUMENT, PRODUCT(2, 3, 4, a, 3, panels, 48, &identity, 2, y, 4));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, PRODUCT(-1, 3, 4, a, 3, panels, 48, &identity, 0, y, 4));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, PRODUCT(2, 0, 4, a, 3, panels, 48, &identity, 0, y, 4));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, PRODUCT(2, 3, 0, a, 3, panels, 48, &identity, 0, y, 4));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, PRODUCT(2, 3, 4, a, 2, panels, 48, &identity, 0, y, 4));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, PRODUCT(2, 3, 4, a, 3, panels, 47, &identity, 0, y, 4));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, PRODUCT(2, 3, 4, a, 3, panels, 48, &identity, 0, y, 3));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, PRODUCT(INT64_MAX, 3, 4, a, 3, panels, 48, &identity, 0, y, 4));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, PRODUCT(2, INT64_MAX / 4, 4, a, INT64_MAX / 4, panels, 48, &identity, 0, y, 4));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE,
                  PRODUCT(2, 3, INT32_MAX, a, 3, panels, INT64_MAX / 16, &identity, 0, y, INT32_MAX));
    EXPECT_STATUS(NATIVECNN_BAD_RANGE, PRODUCT(2, 3, 4, a, 3, panels, 48, &identity, 0, y, INT64_MAX));
#undef PRODUCT
    for (int i = 0; i < 64; i++)
        EXPECT(y[i] == 1, "a refused call wrote");
}

int main(void) {
    test_run("products", products);
    test_run("cuts", cuts);
    test_run("not a number", not_a_number);
    test_run("long sums", long_sums);
    test_run("refusals", refusals);
    return test_result();
}
