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
    const float *input = needed_floats(d.input), *gradient = needed_floats(d.output);
    float *first = needs_first ? needed_floats(d.weights) : NULL;
    float *second = needs_second ? needed_floats(d.weights) : NULL;
    float *weights = needed_floats(d.weights);
    CALL(nativecnn_dense_update, needed(&update), needed(&d.g), input, gradient, units, first, second, weights);
}

static const fuzzed_export exports[] = {
    EXPORT(dense_forward),
    EXPORT(dense_backward_data),
    EXPORT(dense_update),
};
const fuzzed_family dense_exports = FAMILY(exports);
