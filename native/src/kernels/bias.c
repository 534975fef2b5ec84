/*
 * bias.c - forward: values[r, c] = f(values[r, c] + bias[c]); backward: sums[c] += sum over r of values[r, c].
 */
#include "activate.h"
#include "checks.h"
#include "kernels.h"

INLINE void add_and_activate(int32_t kind, const nativecnn_activation *f, const float *bias, int64_t row_count,
                             int64_t column_count, int64_t stride, float *values) {
    activation_constants constants = activation_constants_of(f);
    for (int64_t r = 0; r < row_count; r++, values += stride)
        for (int64_t c = 0; c < column_count; c += LANES) {
            int64_t n = column_count - c;
            vfloat x = vf_load_n(values + c, n);
            if (bias)
                x = vf_add(x, vf_load_n(bias + c, n));
            vf_store_n(values + c, activate(kind, constants, x), n);
        }
}

/* Columns up to which a bias is laid out as often as makes whole vectors. */
enum { NARROW = 64 };

/* The same for few columns without gaps, whose rows would each end in part of a vector: LANES rows together are
 * column_count whole vectors. */
INLINE void add_and_activate_narrow(int32_t kind, const nativecnn_activation *f, const float *bias, int64_t row_count,
                                    int64_t column_count, float *values) {
    activation_constants constants = activation_constants_of(f);
    float repeated[NARROW * LANES];
    int64_t period = column_count * LANES;
    for (int64_t i = 0; i < period; i += column_count)
        memcpy(repeated + i, bias, (size_t)column_count * sizeof(float));
    for (int64_t count = row_count * column_count; count > 0; count -= period, values += period) {
        int64_t part = count < period ? count : period;
        int64_t i = 0;
        for (; i + LANES <= part; i += LANES)
            vf_store(values + i, activate(kind, constants, vf_add(vf_load(values + i), vf_load(repeated + i))));
        if (i < part) {
            vfloat x = vf_add(vf_load_first(values + i, part - i), vf_load(repeated + i));
            vf_store_first(values + i, activate(kind, constants, x), part - i);
        }
    }
}

void VARIANT(bias_activation)(const nativecnn_activation *activation, const float *bias, int64_t row_count,
                              int64_t column_count, int64_t stride, float *values) {
    if (!bias && activation->kind == NATIVECNN_IDENTITY)
        return;
    if (bias && stride == column_count && column_count <= NARROW && column_count % LANES != 0 && row_count >= LANES) {
#define FINISH_NARROW(kind) add_and_activate_narrow(kind, activation, bias, row_count, column_count, values)
        WITH_CONSTANT_ACTIVATION(activation->kind, FINISH_NARROW)
#undef FINISH_NARROW
        return;
    }
#define FINISH(kind) add_and_activate(kind, activation, bias, row_count, column_count, stride, values)
    WITH_CONSTANT_ACTIVATION(activation->kind, FINISH)
#undef FINISH
}

/* Rows are summed in blocks, and the blocks' sums added: the error grows with the root of what one long sum has. */
enum { ROWS = 128 };

/* The sums of n columns, 1 <= n <= LANES. Four rows at a time hide the latency of the addition. */
INLINE void sum_columns(const float *values, int64_t row_count, int64_t column_count, int64_t n, float *sums) {
    vfloat total = vf_set(0);
    for (int64_t begin = 0; begin < row_count; begin += ROWS) {
        int64_t rows = row_count - begin < ROWS ? row_count - begin : ROWS;
        vfloat s0 = vf_set(0), s1 = s0, s2 = s0, s3 = s0;
        const float *row = values + begin * column_count;
        int64_t r = 0;
        for (; r + 4 <= rows; r += 4, row += 4 * column_count) {
            s0 = vf_add(s0, vf_load_n(row, n));
            s1 = vf_add(s1, vf_load_n(row + column_count, n));
            s2 = vf_add(s2, vf_load_n(row + 2 * column_count, n));
            s3 = vf_add(s3, vf_load_n(row + 3 * column_count, n));
        }
        for (; r < rows; r++, row += column_count)
            s0 = vf_add(s0, vf_load_n(row, n));
        total = vf_add(total, vf_add(vf_add(s0, s1), vf_add(s2, s3)));
    }
    vf_store_n(sums, vf_add(vf_load_n(sums, n), total), n);
}

void VARIANT(column_sums)(const float *values, int64_t row_count, int64_t column_count, float *sums) {
    int64_t c = 0;
    for (; c + LANES <= column_count; c += LANES)
        sum_columns(values + c, row_count, column_count, LANES, sums + c);
    if (c < column_count)
        sum_columns(values + c, row_count, column_count, column_count - c, sums + c);
}

#if defined(NATIVECNN_EXPORTS)

nativecnn_status nativecnn_bias_activation(const nativecnn_activation *activation, const float *bias, int64_t row_count,
                                           int64_t column_count, int64_t stride, float *values) {
    REQUIRE(activation && values, NATIVECNN_NULL_POINTER);
    CHECK(check_activation(activation));
    CHECK(check_matrix(row_count, column_count));
    REQUIRE(stride >= column_count, NATIVECNN_BAD_RANGE);
    CHECK(check_matrix(row_count, stride));
    kernels_in_use()->bias_activation(activation, bias, row_count, column_count, stride, values);
    return NATIVECNN_OK;
}

nativecnn_status nativecnn_column_sums(const float *values, int64_t row_count, int64_t column_count, float *sums) {
    REQUIRE(values && sums, NATIVECNN_NULL_POINTER);
    CHECK(check_matrix(row_count, column_count));
    kernels_in_use()->column_sums(values, row_count, column_count, sums);
    return NATIVECNN_OK;
}

#endif
