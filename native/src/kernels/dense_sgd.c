/*
 * dense_sgd.c - the weight gradient of a dense layer, dw[o, k] = sum over n of dy[n, o] x[n, k], used for an SGD step where
 * it is computed: v = momentum v + (dw + weight_decay w); w = w - learning_rate v. A block of weights is summed over the
 * batch in registers, so that weights and velocity are the only large arrays that are read and written, once.
 */
#include "kernels.h"
#include "simd.h"

/* Units and vectors of inputs in a block: their sums fill half of the registers. */
#define ROWS 4
#if NATIVECNN_LEVEL == 2
#define VECTORS 4
#else
#define VECTORS 2
#endif

typedef struct layer {
    vfloat minus_rate;
    vfloat momentum;
    vfloat decay;
    int64_t batch;
    int64_t units;
    int64_t inputs;
    const float *input;
    const float *output_gradient;
    float *velocity;
    float *weights;
} layer;

/* The weights of units o to o + rows - 1 and inputs k to k + count - 1, in vectors of which the last may be short. */
INLINE void update_block(const layer *l, int64_t o, int rows, int64_t k, int vectors, int64_t count) {
    vfloat sum[ROWS][VECTORS];
    UNROLL
    for (int r = 0; r < rows; r++) {
        UNROLL
        for (int j = 0; j < vectors; j++)
            sum[r][j] = vf_set(0);
    }
    int64_t last = count - (int64_t)(vectors - 1) * LANES;
    for (int64_t n = 0; n < l->batch; n++) {
        const float *x = l->input + n * l->inputs + k;
        const float *dy = l->output_gradient + n * l->units + o;
        vfloat value[VECTORS];
        UNROLL
        for (int j = 0; j < vectors; j++)
            value[j] = vf_load_n(x + (int64_t)j * LANES, j + 1 < vectors ? LANES : last);
        UNROLL
        for (int r = 0; r < rows; r++) {
            vfloat gradient = vf_set(dy[r]);
            UNROLL
            for (int j = 0; j < vectors; j++)
                sum[r][j] = vf_fma(gradient, value[j], sum[r][j]);
        }
    }
    UNROLL
    for (int r = 0; r < rows; r++) {
        UNROLL
        for (int j = 0; j < vectors; j++) {
            int64_t place = (o + r) * l->inputs + k + (int64_t)j * LANES;
            int64_t n = j + 1 < vectors ? LANES : last;
            vfloat w = vf_load_n(l->weights + place, n);
            vfloat v = vf_fma(l->decay, w, sum[r][j]);
            if (l->velocity) {
                v = vf_fma(l->momentum, vf_load_n(l->velocity + place, n), v);
                vf_store_n(l->velocity + place, v, n);
            }
            vf_store_n(l->weights + place, vf_fma(l->minus_rate, v, w), n);
        }
    }
}

INLINE void update_rows(const layer *l, int64_t o, int rows) {
    int64_t k = 0;
    for (; k + VECTORS * LANES <= l->inputs; k += VECTORS * LANES)
        update_block(l, o, rows, k, VECTORS, VECTORS * LANES);
    for (; k < l->inputs; k += LANES)
        update_block(l, o, rows, k, 1, l->inputs - k < LANES ? l->inputs - k : LANES);
}

void VARIANT(dense_sgd_update)(const nativecnn_sgd *sgd, int64_t batch, int64_t units, int64_t inputs, const float *input,
                               const float *output_gradient, int64_t unit_begin, int64_t unit_count, float *velocity,
                               float *weights) {
    layer l = {vf_set(-sgd->learning_rate),
               vf_set(sgd->momentum),
               vf_set(sgd->weight_decay),
               batch,
               units,
               inputs,
               input,
               output_gradient,
               velocity,
               weights};
    int64_t o = unit_begin, end = unit_begin + unit_count;
    for (; o + ROWS <= end; o += ROWS)
        update_rows(&l, o, ROWS);
    for (; o < end; o++)
        update_rows(&l, o, 1);
}
