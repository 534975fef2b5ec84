/*
 * rows.c - what works on the rows of a matrix, or on elements.
 */
#include "fuzz.h"

typedef struct matrix {
    int64_t rows, columns;
    double count;
} matrix;

static matrix pick_matrix(int64_t least_columns, bool is_int) {
    matrix m = {size64(0, 30), is_int ? size32(70) : size64(least_columns, 70), 0};
    m.count = (double)m.rows * (double)m.columns;
    require(m.rows >= 0 && m.columns >= least_columns);
    if (sound) {
        require_fits(m.count);
        require_small((double)m.columns, MOST_FLOATS);
        require_small((double)m.rows, MOST_FLOATS);
    }
    return m;
}

static int64_t pick_count(void) {
    int64_t count = size64(0, 200);
    require(count >= 0);
    if (sound)
        require_fits((double)count);
    return count;
}

static void fuzz_bias_activation(void) {
    matrix m = pick_matrix(0, false);
    nativecnn_activation activation = pick_activation();
    int64_t stride = one_in(20) ? strange() : m.columns < 1000 ? m.columns + between(0, 3) : m.columns;
    require(stride >= m.columns);
    if (sound)
        require_fits((double)m.rows * (double)stride);
    const float *bias = optional_floats((double)m.columns);
    float *values = needed_floats(m.rows == 0 ? 0 : ((double)m.rows - 1) * (double)stride + (double)m.columns);
    CALL(nativecnn_bias_activation, needed(&activation), bias, m.rows, m.columns, stride, values);
}

static void fuzz_column_sums(void) {
    matrix m = pick_matrix(0, false);
    const float *values = needed_floats(m.count);
    float *sums = needed_floats((double)m.columns);
    CALL(nativecnn_column_sums, values, m.rows, m.columns, sums);
}

static nativecnn_local_response_norm pick_norm(void) {
    nativecnn_local_response_norm norm = {size32(9), strange_float(0.5f), strange_float(0.75f), strange_float(1)};
    require(norm.size >= 1 && isfinite(norm.alpha) && norm.alpha >= 0 && isfinite(norm.beta) && isfinite(norm.k) &&
            norm.k > 0);
    return norm;
}

static void fuzz_local_response_norm_forward(void) {
    matrix m = pick_matrix(1, true);
    nativecnn_local_response_norm norm = pick_norm();
    const float *input = needed_floats(m.count);
    float *output = needed_floats(m.count), *scale = optional_floats(m.count);
    float *workspace = needed_floats(3 * (double)m.columns);
    CALL(nativecnn_local_response_norm_forward, needed(&norm), input, m.rows, (int32_t)m.columns, output, scale,
         workspace);
}

static void fuzz_local_response_norm_backward(void) {
    matrix m = pick_matrix(1, true);
    nativecnn_local_response_norm norm = pick_norm();
    const float *input = needed_floats(m.count), *scale = needed_floats(m.count), *gradient = needed_floats(m.count);
    float *input_gradient = needed_floats(m.count), *workspace = needed_floats(3 * (double)m.columns);
    CALL(nativecnn_local_response_norm_backward, needed(&norm), input, scale, gradient, m.rows, (int32_t)m.columns,
         input_gradient, workspace);
}

static void fuzz_channel_moments(void) {
    matrix m = pick_matrix(1, true);
    const float *values = needed_floats(m.count);
    float *means = needed_floats((double)m.columns), *rests = needed_floats((double)m.columns);
    float *squares = needed_floats((double)m.columns);
    CALL(nativecnn_channel_moments, values, m.rows, (int32_t)m.columns, means, rests, squares);
}

static void fuzz_channel_normalize(void) {
    matrix m = pick_matrix(1, true);
    int32_t past_caches = flag();
    const float *input = needed_floats(m.count), *means = needed_floats((double)m.columns);
    const float *scales = needed_floats((double)m.columns), *shifts = needed_floats((double)m.columns);
    float *output = needed_floats(m.count);
    CALL(nativecnn_channel_normalize, input, m.rows, (int32_t)m.columns, means, scales, shifts, output, past_caches);
}

static void fuzz_channel_normalize_activation(void) {
    matrix m = pick_matrix(1, true);
    nativecnn_activation activation = pick_activation();
    int32_t past_caches = flag();
    const float *input = needed_floats(m.count), *means = needed_floats((double)m.columns);
    const float *scales = needed_floats((double)m.columns), *shifts = needed_floats((double)m.columns);
    float *output = needed_floats(m.count);
    CALL(nativecnn_channel_normalize_activation, needed(&activation), input, m.rows, (int32_t)m.columns, means, scales,
         shifts, output, past_caches);
}

static void fuzz_channel_gradient_sums(void) {
    matrix m = pick_matrix(1, true);
    const float *input = needed_floats(m.count), *gradient = needed_floats(m.count);
    const float *means = needed_floats((double)m.columns);
    float *sums = needed_floats((double)m.columns), *products = needed_floats((double)m.columns);
    CALL(nativecnn_channel_gradient_sums, input, gradient, m.rows, (int32_t)m.columns, means, sums, products);
}

static void fuzz_channel_gradient(void) {
    matrix m = pick_matrix(1, true);
    int32_t past_caches = flag();
    const float *input = needed_floats(m.count), *gradient = needed_floats(m.count);
    const float *means = needed_floats((double)m.columns), *scales = needed_floats((double)m.columns);
    const float *shifts = needed_floats((double)m.columns), *slopes = needed_floats((double)m.columns);
    float *input_gradient = needed_floats(m.count);
    CALL(nativecnn_channel_gradient, input, gradient, m.rows, (int32_t)m.columns, means, scales, shifts, slopes,
         input_gradient, past_caches);
}

static void fuzz_pixel_products(void) {
    matrix m = pick_matrix(1, true);
    const float *first = needed_floats(m.count), *second = optional_floats(m.count);
    float *sums = needed_floats((double)m.rows);
    CALL(nativecnn_pixel_products, first, second, m.rows, (int32_t)m.columns, sums);
}

static void fuzz_pixel_combine(void) {
    matrix m = pick_matrix(1, true);
    const float *first = needed_floats(m.count), *first_factors = optional_floats((double)m.rows);
    const float *second = optional_floats(m.count), *second_factors = optional_floats((double)m.rows);
    require(!second || second_factors);
    float *output = needed_floats(m.count);
    CALL(nativecnn_pixel_combine, first, first_factors, second, second_factors, m.rows, (int32_t)m.columns, output);
}

static void fuzz_activation_forward(void) {
    nativecnn_activation activation = pick_activation();
    int64_t count = pick_count();
    const float *input = needed_floats((double)count);
    float *output = needed_floats((double)count);
    CALL(nativecnn_activation_forward, needed(&activation), input, count, output);
}

static void fuzz_activation_backward(void) {
    nativecnn_activation activation = pick_activation();
    int64_t count = pick_count();
    const float *source = needed_floats((double)count), *gradient = needed_floats((double)count);
    float *input_gradient = needed_floats((double)count);
    CALL(nativecnn_activation_backward, needed(&activation), source, gradient, count, input_gradient);
}

static void fuzz_dropout_apply(void) {
    nativecnn_dropout dropout = {next(), strange_float(0.5f), 0};
    require(dropout.probability >= 0 && dropout.probability < 1);
    nativecnn_range elements = {one_in(4) ? strange() : between(0, 1000), size64(0, 200)};
    require(elements.begin >= 0 && elements.count >= 0 && elements.count <= INT64_MAX - elements.begin);
    if (sound)
        require_fits((double)elements.count);
    const float *input = needed_floats((double)elements.count);
    float *output = needed_floats((double)elements.count);
    CALL(nativecnn_dropout_apply, needed(&dropout), input, elements, output);
}

static void fuzz_accumulate(void) {
    int64_t count = pick_count();
    const float *values = needed_floats((double)count);
    float *sums = needed_floats((double)count);
    CALL(nativecnn_accumulate, values, count, sums);
}

static void fuzz_softmax_forward(void) {
    matrix m = pick_matrix(1, true);
    const float *logits = needed_floats(m.count);
    float *probabilities = needed_floats(m.count);
    CALL(nativecnn_softmax_forward, logits, m.rows, (int32_t)m.columns, probabilities);
}

static void fuzz_softmax_backward(void) {
    matrix m = pick_matrix(1, true);
    const float *probabilities = needed_floats(m.count), *gradient = needed_floats(m.count);
    float *input_gradient = needed_floats(m.count);
    CALL(nativecnn_softmax_backward, probabilities, gradient, m.rows, (int32_t)m.columns, input_gradient);
}

static void fuzz_softmax_cross_entropy(void) {
    matrix m = pick_matrix(1, true);
    float scale = strange_float(0.5f);
    require(isfinite(scale));
    const float *logits = needed_floats(m.count);
    int32_t *labels = bytes((double)m.rows, sizeof(int32_t));
    bool is_bad = false;
    if (sound && !too_large)
        for (int64_t r = 0; r < m.rows; r++) {
            labels[r] = one_in(2000) ? strange32() : (int32_t)between(0, m.columns - 1);
            is_bad = is_bad || labels[r] < 0 || labels[r] >= m.columns;
        }
    float *losses = needed_floats((double)m.rows), *gradient = optional_floats(m.count);
    require(!is_bad);
    CALL(nativecnn_softmax_cross_entropy, logits, needed(labels), m.rows, (int32_t)m.columns, scale, losses, gradient);
}

static void fuzz_squared_error(void) {
    matrix m = pick_matrix(1, false);
    float factor = strange_float(one_in(2) ? 0.5f : 1), scale = strange_float(2);
    require((factor == 0.5f || factor == 1) && isfinite(scale));
    const float *output = needed_floats(m.count), *targets = needed_floats(m.count);
    float *losses = needed_floats((double)m.rows), *gradient = optional_floats(m.count);
    CALL(nativecnn_squared_error, output, targets, m.rows, m.columns, factor, scale, losses, gradient);
}

static void fuzz_parameter_update(void) {
    bool needs_first, needs_second;
    nativecnn_update update = pick_update(&needs_first, &needs_second);
    int64_t count = pick_count();
    const float *gradient = needed_floats((double)count);
    float *first = needs_first ? needed_floats((double)count) : NULL;
    float *second = needs_second ? needed_floats((double)count) : NULL;
    float *values = needed_floats((double)count);
    CALL(nativecnn_parameter_update, needed(&update), gradient, count, first, second, values);
}

static const fuzzed_export exports[] = {
    EXPORT(bias_activation),
    EXPORT(column_sums),
    EXPORT(local_response_norm_forward),
    EXPORT(local_response_norm_backward),
    EXPORT(channel_moments),
    EXPORT(channel_normalize),
    EXPORT(channel_normalize_activation),
    EXPORT(channel_gradient_sums),
    EXPORT(channel_gradient),
    EXPORT(pixel_products),
    EXPORT(pixel_combine),
    EXPORT(activation_forward),
    EXPORT(activation_backward),
    EXPORT(dropout_apply),
    EXPORT(accumulate),
    EXPORT(softmax_forward),
    EXPORT(softmax_backward),
    EXPORT(softmax_cross_entropy),
    EXPORT(squared_error),
    EXPORT(parameter_update),
};
const fuzzed_family rows_exports = FAMILY(exports);
