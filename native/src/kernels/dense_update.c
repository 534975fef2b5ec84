/*
 * dense_update.c - the weight gradient of a dense layer, dw[o, k] = sum over n of dy[n, o] x[n, k], used for an
 * optimiser's step where it is computed. A block of weights is summed over the batch in registers, so that weights and
 * moments are the only large arrays that are read and written, once.
 */
#include "checks.h"
#include "kernels.h"
#include "update_step.h"

/* Units and vectors of inputs in a block: their sums fill half of the registers. */
#define ROWS NATIVECNN_UNIT_BLOCK
/* Examples that are summed by themselves before they join the total. */
#define PART 256
/* Floats in a cache line, and the lines of a row of a block. */
#define LINE 16
#define LINES ((VECTORS * LANES + LINE - 1) / LINE)
#if NATIVECNN_LEVEL == 2
#define VECTORS 4
#else
#define VECTORS 2
#endif

/* A matrix of batch_size rows, whose columns lie in blocks of width: as many as a row has, unless it is packed. */
typedef struct columns {
    const float *values;
    int64_t batch_size;
    int64_t width;
} columns;

INLINE const float *column(const columns *m, int64_t place) {
    return m->values + place / m->width * m->width * m->batch_size + place % m->width;
}

typedef struct layer {
    update_constants constants;
    int64_t batch_size;
    int64_t units;
    int64_t inputs;
    columns input;
    columns output_gradient;
    float *first_moment;
    float *second_moment;
    float *weights;
} layer;

INLINE void prefetch_parameters(const layer *l, int64_t place) {
    uintptr_t offset = (uintptr_t)place * sizeof(float);
    PREFETCH((uintptr_t)l->weights + offset);
    if (l->first_moment)
        PREFETCH((uintptr_t)l->first_moment + offset);
    if (l->second_moment)
        PREFETCH((uintptr_t)l->second_moment + offset);
}

/* The weights of units o to o + rows - 1 and inputs k to k + count - 1, in vectors of which the last may be short. */
INLINE void update_block(int32_t kind, const layer *l, int64_t o, int rows, int64_t k, int vectors, int64_t count) {
    vfloat sum[ROWS][VECTORS], total[ROWS][VECTORS];
    UNROLL
    for (int r = 0; r < rows; r++) {
        UNROLL
        for (int j = 0; j < vectors; j++)
            sum[r][j] = total[r][j] = vf_set(0);
    }
    int64_t last = count - (int64_t)(vectors - 1) * LANES;
    const float *x = column(&l->input, k), *dy = column(&l->output_gradient, o);
    for (int64_t n = 0; n < l->batch_size; n++, x += l->input.width, dy += l->output_gradient.width) {
        /* The weights that come next, a line at a time. */
        if (vectors == VECTORS && n < rows * LINES)
            prefetch_parameters(l, (o + n / LINES) * l->inputs + k + count + n % LINES * LINE);
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
        if ((n + 1) % PART == 0 && n + 1 < l->batch_size)
            for (int r = 0; r < rows; r++)
                for (int j = 0; j < vectors; j++) {
                    total[r][j] = vf_add(total[r][j], sum[r][j]);
                    sum[r][j] = vf_set(0);
                }
    }
    if (l->batch_size > PART)
        for (int r = 0; r < rows; r++)
            for (int j = 0; j < vectors; j++)
                sum[r][j] = vf_add(total[r][j], sum[r][j]);
    UNROLL
    for (int r = 0; r < rows; r++) {
        UNROLL
        for (int j = 0; j < vectors; j++) {
            int64_t place = (o + r) * l->inputs + k + (int64_t)j * LANES;
            int64_t n = j + 1 < vectors ? LANES : last;
            float *first = l->first_moment ? l->first_moment + place : NULL;
            float *second = l->second_moment ? l->second_moment + place : NULL;
            update_step(kind, &l->constants, sum[r][j], first, second, l->weights + place, n);
        }
    }
}

INLINE void update_rows(int32_t kind, const layer *l, int64_t o, int rows) {
    int64_t k = 0;
    for (; k + VECTORS * LANES <= l->inputs; k += VECTORS * LANES)
        update_block(kind, l, o, rows, k, VECTORS, VECTORS * LANES);
    for (; k < l->inputs; k += LANES)
        update_block(kind, l, o, rows, k, 1, l->inputs - k < LANES ? l->inputs - k : LANES);
}

INLINE void update_units(int32_t kind, const layer *l, nativecnn_range units) {
    int64_t end = units.begin + units.count;
    for (int64_t o = units.begin; o < end;) {
        /* Within one block of packed units. */
        if (o % ROWS == 0 && o + ROWS <= end) {
            update_rows(kind, l, o, ROWS);
            o += ROWS;
        } else {
            update_rows(kind, l, o, 1);
            o++;
        }
    }
}

void VARIANT(dense_update)(const nativecnn_update *update, const nativecnn_dense_geometry *geometry, int32_t packed,
                           const float *input, const float *output_gradient, nativecnn_range units, float *first_moment,
                           float *second_moment, float *weights) {
    int64_t batch_size = geometry->batch_size, outputs = geometry->units, inputs = geometry->inputs;
    const layer l = {
        update_constants_of(update),
        batch_size,
        outputs,
        inputs,
        {input, batch_size, packed ? NATIVECNN_INPUT_BLOCK : inputs},
        {output_gradient, batch_size, packed ? NATIVECNN_UNIT_BLOCK : outputs},
        first_moment,
        second_moment,
        weights,
    };
#define UPDATE(kind) update_units(kind, &l, units)
    WITH_CONSTANT_UPDATE(update->kind, UPDATE)
#undef UPDATE
}

#if defined(NATIVECNN_EXPORTS)

nativecnn_status nativecnn_dense_update(const nativecnn_update *update, const nativecnn_dense_geometry *geometry,
                                        int32_t packed, const float *input, const float *output_gradient,
                                        nativecnn_range units, float *first_moment, float *second_moment,
                                        float *weights) {
    REQUIRE(update && geometry && input && output_gradient && weights, NATIVECNN_NULL_POINTER);
    CHECK(check_update(update, first_moment, second_moment));
    CHECK(check_dense(geometry));
    CHECK(check_range(units, geometry->units));
    REQUIRE(packed == 0 || packed == 1, NATIVECNN_BAD_ARGUMENT);
    kernels_in_use()->dense_update(update, geometry, packed, input, output_gradient, units, first_moment, second_moment,
                                   weights);
    return NATIVECNN_OK;
}

#endif
