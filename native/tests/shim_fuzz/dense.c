/*
 * dense.c - dense layers.
 */
#include "fuzz.h"

typedef struct dense {
    nativecnn_dense_geometry g;
    double input, output, weights;
} dense;

static dense pick_dense(void) {
    dense d = {.g = {size32(20), size32(40), size32(100)}};
    require(d.g.batch_size >= 0 && d.g.units >= 0 && d.g.inputs >= 0);
    d.input = (double)d.g.batch_size * d.g.inputs;
    d.output = (double)d.g.batch_size * d.g.units;
    d.weights = (double)d.g.units * d.g.inputs;
    if (sound) {
        require_fits(d.input);
        require_fits(d.output);
        require_fits(d.weights);
        require_small((double)d.g.batch_size * d.weights, MOST_PRODUCTS);
    }
    return d;
}

/* The floats of a packed matrix. */
static double packed_floats(int64_t rows, int32_t columns, int32_t width) {
    return (double)rows * (double)(((int64_t)columns + width - 1) / width * width);
}

static void fuzz_pack_columns(void) {
    int64_t rows = size64(0, 20);
    int32_t columns = size32(200), width = size32(70);
    require(rows >= 0 && columns >= 0 && width >= 1);
    double from = (double)rows * columns, to = width >= 1 ? packed_floats(rows, columns, width) : 0;
    if (sound) {
        require_fits(from);
        require_fits(to);
    }
    nativecnn_range blocks = part(width >= 1 ? (double)(((int64_t)columns + width - 1) / width) : 0);
    const float *source = needed_floats(from);
    float *packed = needed_floats(to);
    CALL(nativecnn_pack_columns, rows, columns, width, blocks, source, packed);
}

static void fuzz_dense_forward(void) {
    dense d = pick_dense();
    nativecnn_range units = part(d.g.units);
    const float *input = needed_floats(d.input), *weights = needed_floats(d.weights);
    float *output = needed_floats(d.output);
    CALL(nativecnn_dense_forward, needed(&d.g), input, weights, units, output);
}

static void fuzz_dense_backward_data(void) {
    dense d = pick_dense();
    nativecnn_range inputs = part(d.g.inputs);
    const float *gradient = needed_floats(d.output), *weights = needed_floats(d.weights);
    float *input_gradient = needed_floats(d.input);
    CALL(nativecnn_dense_backward_data, needed(&d.g), gradient, weights, inputs, input_gradient);
}

static void fuzz_dense_update(void) {
    dense d = pick_dense();
    bool needs_first, needs_second;
    nativecnn_update update = pick_update(&needs_first, &needs_second);
    nativecnn_range units = part(d.g.units);
    int32_t packed = flag();
    if (packed == 1 && sound) {
        d.input = packed_floats(d.g.batch_size, d.g.inputs, NATIVECNN_INPUT_BLOCK);
        d.output = packed_floats(d.g.batch_size, d.g.units, NATIVECNN_UNIT_BLOCK);
    }
    const float *input = needed_floats(d.input), *gradient = needed_floats(d.output);
    float *first = needs_first ? needed_floats(d.weights) : NULL;
    float *second = needs_second ? needed_floats(d.weights) : NULL;
    float *weights = needed_floats(d.weights);
    CALL(nativecnn_dense_update, needed(&update), needed(&d.g), packed, input, gradient, units, first, second, weights);
}

static const fuzzed_export exports[] = {
    EXPORT(pack_columns),
    EXPORT(dense_forward),
    EXPORT(dense_backward_data),
    EXPORT(dense_update),
};
const fuzzed_family dense_exports = FAMILY(exports);
