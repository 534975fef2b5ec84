/*
 * channel_norm.c - what batch, group and layer normalisation share: the moments of channels, normalising by them, and
 * the backward pass of both.
 *
 * Rows are taken in blocks that stay in the cache. A block's sums are added up by themselves, and the blocks' together:
 * no float32 sum is long. The squares are those of the distances from the first block's mean, and in later blocks from
 * the mean of all rows before, so that a large mean costs no digits and memory is read once (T. Chan, G. Golub, R.
 * LeVeque, Algorithms for Computing the Sample Variance, 1983): what a block's own mean is away from that one is part
 * of the variance, and so are the squares that it costs digits of. What rounding takes from a mean is kept beside it:
 * it would shift every output alike.
 *
 * Columns of a block are taken a few vectors at a time, which no prefetcher follows: what comes after the block is
 * asked for in the order of memory meanwhile.
 */
#include "activate.h"
#include "checks.h"
#include "kernels.h"

/* Rows of a block: about 8192 values, and never a long sum. */
INLINE int64_t rows_of_block(int32_t channels) {
    int64_t rows = 8192 / channels;
    return rows < 8 ? 8 : rows > 128 ? 128 : rows;
}

/* The sum of n columns, 1 <= n <= LANES, over a few rows; four at a time hide the latency of the addition. */
INLINE vfloat block_sum(const float *values, int64_t rows, int32_t channels, int64_t n) {
    vfloat s0 = vf_set(0), s1 = s0, s2 = s0, s3 = s0;
    int64_t r = 0;
    for (; r + 4 <= rows; r += 4, values += 4 * (int64_t)channels) {
        s0 = vf_add(s0, vf_load_n(values, n));
        s1 = vf_add(s1, vf_load_n(values + channels, n));
        s2 = vf_add(s2, vf_load_n(values + 2 * (int64_t)channels, n));
        s3 = vf_add(s3, vf_load_n(values + 3 * (int64_t)channels, n));
    }
    for (; r < rows; r++, values += channels)
        s0 = vf_add(s0, vf_load_n(values, n));
    return vf_add(vf_add(s0, s1), vf_add(s2, s3));
}

/* a + b - sum, where sum is a + b rounded (D. Knuth, The Art of Computer Programming, volume 2, 4.2.2). */
INLINE vfloat lost_by_adding(vfloat a, vfloat b, vfloat sum) {
    vfloat from_b = vf_sub(sum, a);
    return vf_add(vf_sub(a, vf_sub(sum, from_b)), vf_sub(b, from_b));
}

/* The moments of a block of rows, of which sums and squares are about something near their mean, are joined to those of
 * the rows before it. */
INLINE void join_moments(vfloat about, vfloat sums, vfloat block_squares, int64_t before, int64_t rows, int64_t n,
                         float *means, float *rests, float *squares) {
    /* What the rounded mean is away from the true one. */
    vfloat rest = vf_mul(sums, vf_set(1.0f / (float)rows));
    vfloat mean = vf_add(about, rest), lost = lost_by_adding(about, rest, mean);
    vfloat sum = vf_sub(block_squares, vf_mul(vf_set((float)rows), vf_mul(rest, rest)));
    sum = vf_max(vf_set(0), sum);
    if (before > 0) {
        float part = (float)((double)rows / (double)(before + rows));
        vfloat old = vf_load_n(means, n), old_rest = vf_load_n(rests, n);
        vfloat step = vf_add(vf_sub(mean, old), vf_sub(lost, old_rest));
        vfloat move = vf_fma(step, vf_set(part), old_rest);
        mean = vf_add(old, move);
        lost = lost_by_adding(old, move, mean);
        vfloat between = vf_mul(vf_mul(step, step), vf_set((float)before * part));
        sum = vf_add(vf_load_n(squares, n), vf_add(sum, between));
    }
    vf_store_n(means, mean, n);
    vf_store_n(rests, lost, n);
    vf_store_n(squares, sum, n);
}

/* Adds the moments of a block of rows to those of the rows before it. */
INLINE void add_moments(const float *values, int64_t before, int64_t rows, int32_t channels, int64_t n, float *means,
                        float *rests, float *squares) {
    vfloat about =
        before > 0 ? vf_load_n(means, n) : vf_mul(block_sum(values, rows, channels, n), vf_set(1.0f / (float)rows));
    vfloat d0 = vf_set(0), d1 = d0, q0 = d0, q1 = d0;
    const float *row = values;
    for (int64_t r = 0; r < rows; r += 2, row += 2 * (int64_t)channels) {
        vfloat x = vf_sub(vf_load_n(row, n), about);
        d0 = vf_add(d0, x);
        q0 = vf_fma(x, x, q0);
        if (r + 1 < rows) {
            x = vf_sub(vf_load_n(row + channels, n), about);
            d1 = vf_add(d1, x);
            q1 = vf_fma(x, x, q1);
        }
    }
    join_moments(about, vf_add(d0, d1), vf_add(q0, q1), before, rows, n, means, rests, squares);
}

/* Vectors of a row that are taken together, so that a row is read in long pieces. */
enum { TOGETHER = 4 };

/* Asks for as many values as are taken together. */
INLINE void ask_for(const float *values) {
    for (int v = 0; v < TOGETHER * LANES; v += 16)
        PREFETCH_LATER(values + v);
}

/* The same for TOGETHER whole vectors. next: what memory has after the block, from this column's share on. */
INLINE void add_wide_moments(const float *values, const float *next, int64_t before, int64_t rows, int32_t channels,
                             float *means, float *rests, float *squares) {
    vfloat about[TOGETHER], sum[TOGETHER], square[TOGETHER];
    for (int v = 0; v < TOGETHER; v++)
        about[v] = sum[v] = square[v] = vf_set(0);
    if (before > 0) {
        for (int v = 0; v < TOGETHER; v++)
            about[v] = vf_load(means + v * LANES);
    } else {
        const float *row = values;
        for (int64_t r = 0; r < rows; r++, row += channels)
            for (int v = 0; v < TOGETHER; v++)
                about[v] = vf_add(about[v], vf_load(row + v * LANES));
        for (int v = 0; v < TOGETHER; v++)
            about[v] = vf_mul(about[v], vf_set(1.0f / (float)rows));
    }
    for (int64_t r = 0; r < rows; r++, values += channels, next += TOGETHER * LANES) {
        ask_for(next);
        for (int v = 0; v < TOGETHER; v++) {
            vfloat x = vf_sub(vf_load(values + v * LANES), about[v]);
            sum[v] = vf_add(sum[v], x);
            square[v] = vf_fma(x, x, square[v]);
        }
    }
    for (int v = 0; v < TOGETHER; v++)
        join_moments(about[v], sum[v], square[v], before, rows, LANES, means + v * LANES, rests + v * LANES,
                     squares + v * LANES);
}

void VARIANT(channel_moments)(const float *values, int64_t row_count, int32_t channels, float *means, float *rests,
                              float *squares) {
    int64_t block = rows_of_block(channels);
    for (int64_t begin = 0; begin < row_count; begin += block, values += block * channels) {
        int64_t rows = row_count - begin < block ? row_count - begin : block;
        int64_t c = 0;
        for (; c + TOGETHER * LANES <= channels; c += TOGETHER * LANES)
            add_wide_moments(values + c, values + rows * (channels + c), begin, rows, channels, means + c, rests + c,
                             squares + c);
        for (; c + LANES <= channels; c += LANES)
            add_moments(values + c, begin, rows, channels, LANES, means + c, rests + c, squares + c);
        if (c < channels)
            add_moments(values + c, begin, rows, channels, channels - c, means + c, rests + c, squares + c);
    }
}

/* kind and past_caches are constants wherever this is inlined. */
INLINE void normalize(int32_t kind, activation_constants f, const float *input, int64_t row_count, int32_t channels,
                      const float *means, const float *scales, const float *shifts, float *output, int past_caches) {
    for (int64_t r = 0; r < row_count; r++, input += channels, output += channels) {
        int64_t c = 0;
        for (; c + LANES <= channels; c += LANES) {
            vfloat distance = vf_sub(vf_load(input + c), vf_load(means + c));
            vfloat result = activate(kind, f, vf_fma(distance, vf_load(scales + c), vf_load(shifts + c)));
            if (past_caches)
                vf_stream(output + c, result);
            else
                vf_store(output + c, result);
        }
        if (c < channels) {
            int64_t n = channels - c;
            vfloat distance = vf_sub(vf_load_first(input + c, n), vf_load_first(means + c, n));
            vfloat result = vf_fma(distance, vf_load_first(scales + c, n), vf_load_first(shifts + c, n));
            vf_store_first(output + c, activate(kind, f, result), n);
        }
    }
}

INLINE void normalize_wherever(int32_t kind, const nativecnn_activation *activation, const float *input,
                               int64_t row_count, int32_t channels, const float *means, const float *scales,
                               const float *shifts, float *output, int32_t past_caches) {
    activation_constants f = activation_constants_of(activation);
    if (past_caches && vf_can_stream(output, channels)) {
        normalize(kind, f, input, row_count, channels, means, scales, shifts, output, 1);
        vf_stream_end();
    } else {
        normalize(kind, f, input, row_count, channels, means, scales, shifts, output, 0);
    }
}

void VARIANT(channel_normalize)(const float *input, int64_t row_count, int32_t channels, const float *means,
                                const float *scales, const float *shifts, float *output, int32_t past_caches) {
    nativecnn_activation identity = {.kind = NATIVECNN_IDENTITY, .alpha = 1, .beta = 1};
    normalize_wherever(NATIVECNN_IDENTITY, &identity, input, row_count, channels, means, scales, shifts, output,
                       past_caches);
}

void VARIANT(channel_normalize_activation)(const nativecnn_activation *activation, const float *input,
                                           int64_t row_count, int32_t channels, const float *means, const float *scales,
                                           const float *shifts, float *output, int32_t past_caches){
#define FINISH(kind)                                                                                                   \
    normalize_wherever(kind, activation, input, row_count, channels, means, scales, shifts, output, past_caches)
    WITH_CONSTANT_ACTIVATION(activation->kind, FINISH)
#undef FINISH
}

/* The sums of a block of rows are added to those of the blocks before it. */
INLINE void add_gradients(const float *input, const float *gradient, int64_t rows, int32_t channels, int64_t n,
                          const float *means, float *sums, float *products) {
    vfloat mean = vf_load_n(means, n), s0 = vf_set(0), s1 = s0, p0 = s0, p1 = s0;
    for (int64_t r = 0; r < rows; r += 2, input += 2 * (int64_t)channels, gradient += 2 * (int64_t)channels) {
        vfloat dy = vf_load_n(gradient, n);
        s0 = vf_add(s0, dy);
        p0 = vf_fma(dy, vf_sub(vf_load_n(input, n), mean), p0);
        if (r + 1 < rows) {
            dy = vf_load_n(gradient + channels, n);
            s1 = vf_add(s1, dy);
            p1 = vf_fma(dy, vf_sub(vf_load_n(input + channels, n), mean), p1);
        }
    }
    vf_store_n(sums, vf_add(vf_load_n(sums, n), vf_add(s0, s1)), n);
    vf_store_n(products, vf_add(vf_load_n(products, n), vf_add(p0, p1)), n);
}

/* The same for TOGETHER whole vectors. next: where in the block the share that is asked for of the next one begins. */
INLINE void add_wide_gradients(const float *input, const float *gradient, int64_t next, int64_t rows, int32_t channels,
                               const float *means, float *sums, float *products) {
    vfloat mean[TOGETHER], sum[TOGETHER], product[TOGETHER];
    for (int v = 0; v < TOGETHER; v++) {
        mean[v] = vf_load(means + v * LANES);
        sum[v] = product[v] = vf_set(0);
    }
    const float *next_input = input + next, *next_gradient = gradient + next;
    for (int64_t r = 0; r < rows; r++, input += channels, gradient += channels) {
        ask_for(next_input + r * TOGETHER * LANES);
        ask_for(next_gradient + r * TOGETHER * LANES);
        for (int v = 0; v < TOGETHER; v++) {
            vfloat dy = vf_load(gradient + v * LANES);
            sum[v] = vf_add(sum[v], dy);
            product[v] = vf_fma(dy, vf_sub(vf_load(input + v * LANES), mean[v]), product[v]);
        }
    }
    for (int v = 0; v < TOGETHER; v++) {
        vf_store(sums + v * LANES, vf_add(vf_load(sums + v * LANES), sum[v]));
        vf_store(products + v * LANES, vf_add(vf_load(products + v * LANES), product[v]));
    }
}

void VARIANT(channel_gradient_sums)(const float *input, const float *output_gradient, int64_t row_count,
                                    int32_t channels, const float *means, float *sums, float *products) {
    int64_t block = rows_of_block(channels);
    for (int64_t begin = 0; begin < row_count; begin += block) {
        int64_t rows = row_count - begin < block ? row_count - begin : block;
        int64_t c = 0, place = begin * channels;
        for (; c + TOGETHER * LANES <= channels; c += TOGETHER * LANES)
            add_wide_gradients(input + place + c, output_gradient + place + c, rows * (channels + c) - c, rows,
                               channels, means + c, sums + c, products + c);
        for (; c + LANES <= channels; c += LANES)
            add_gradients(input + place + c, output_gradient + place + c, rows, channels, LANES, means + c, sums + c,
                          products + c);
        if (c < channels)
            add_gradients(input + place + c, output_gradient + place + c, rows, channels, channels - c, means + c,
                          sums + c, products + c);
    }
}

INLINE vfloat channel_gradient_of(const float *input, const float *output_gradient, int64_t n, const float *means,
                                  const float *scales, const float *shifts, const float *slopes) {
    vfloat distance = vf_sub(vf_load_n(input, n), vf_load_n(means, n));
    vfloat direct = vf_fma(vf_load_n(output_gradient, n), vf_load_n(scales, n), vf_load_n(shifts, n));
    return vf_fma(distance, vf_load_n(slopes, n), direct);
}

INLINE void gradients(const float *input, const float *output_gradient, int64_t row_count, int32_t channels,
                      const float *means, const float *scales, const float *shifts, const float *slopes,
                      float *input_gradient, int past_caches) {
    for (int64_t r = 0; r < row_count; r++) {
        int64_t c = 0;
        for (; c + LANES <= channels; c += LANES) {
            vfloat result = channel_gradient_of(input + c, output_gradient + c, LANES, means + c, scales + c,
                                                shifts + c, slopes + c);
            if (past_caches)
                vf_stream(input_gradient + c, result);
            else
                vf_store(input_gradient + c, result);
        }
        if (c < channels)
            vf_store_first(input_gradient + c,
                           channel_gradient_of(input + c, output_gradient + c, channels - c, means + c, scales + c,
                                               shifts + c, slopes + c),
                           channels - c);
        input += channels;
        output_gradient += channels;
        input_gradient += channels;
    }
}

void VARIANT(channel_gradient)(const float *input, const float *output_gradient, int64_t row_count, int32_t channels,
                               const float *means, const float *scales, const float *shifts, const float *slopes,
                               float *input_gradient, int32_t past_caches) {
    if (past_caches && vf_can_stream(input_gradient, channels)) {
        gradients(input, output_gradient, row_count, channels, means, scales, shifts, slopes, input_gradient, 1);
        vf_stream_end();
    } else {
        gradients(input, output_gradient, row_count, channels, means, scales, shifts, slopes, input_gradient, 0);
    }
}

#if defined(NATIVECNN_EXPORTS)

nativecnn_status nativecnn_channel_moments(const float *values, int64_t row_count, int32_t channels, float *means,
                                           float *rests, float *squares) {
    REQUIRE(values && means && rests && squares, NATIVECNN_NULL_POINTER);
    CHECK(check_rows(row_count, channels));
    kernels_in_use()->channel_moments(values, row_count, channels, means, rests, squares);
    return NATIVECNN_OK;
}

nativecnn_status nativecnn_channel_normalize(const float *input, int64_t row_count, int32_t channels,
                                             const float *means, const float *scales, const float *shifts,
                                             float *output, int32_t past_caches) {
    REQUIRE(input && means && scales && shifts && output, NATIVECNN_NULL_POINTER);
    REQUIRE(past_caches == 0 || past_caches == 1, NATIVECNN_BAD_ARGUMENT);
    CHECK(check_rows(row_count, channels));
    kernels_in_use()->channel_normalize(input, row_count, channels, means, scales, shifts, output, past_caches);
    return NATIVECNN_OK;
}

nativecnn_status nativecnn_channel_normalize_activation(const nativecnn_activation *activation, const float *input,
                                                        int64_t row_count, int32_t channels, const float *means,
                                                        const float *scales, const float *shifts, float *output,
                                                        int32_t past_caches) {
    REQUIRE(activation && input && means && scales && shifts && output, NATIVECNN_NULL_POINTER);
    CHECK(check_activation(activation));
    REQUIRE(past_caches == 0 || past_caches == 1, NATIVECNN_BAD_ARGUMENT);
    CHECK(check_rows(row_count, channels));
    kernels_in_use()->channel_normalize_activation(activation, input, row_count, channels, means, scales, shifts,
                                                   output, past_caches);
    return NATIVECNN_OK;
}

nativecnn_status nativecnn_channel_gradient_sums(const float *input, const float *output_gradient, int64_t row_count,
                                                 int32_t channels, const float *means, float *sums, float *products) {
    REQUIRE(input && output_gradient && means && sums && products, NATIVECNN_NULL_POINTER);
    CHECK(check_rows(row_count, channels));
    kernels_in_use()->channel_gradient_sums(input, output_gradient, row_count, channels, means, sums, products);
    return NATIVECNN_OK;
}

nativecnn_status nativecnn_channel_gradient(const float *input, const float *output_gradient, int64_t row_count,
                                            int32_t channels, const float *means, const float *scales,
                                            const float *shifts, const float *slopes, float *input_gradient,
                                            int32_t past_caches) {
    REQUIRE(input && output_gradient && means && scales && shifts && slopes && input_gradient, NATIVECNN_NULL_POINTER);
    REQUIRE(past_caches == 0 || past_caches == 1, NATIVECNN_BAD_ARGUMENT);
    CHECK(check_rows(row_count, channels));
    kernels_in_use()->channel_gradient(input, output_gradient, row_count, channels, means, scales, shifts, slopes,
                                       input_gradient, past_caches);
    return NATIVECNN_OK;
}

#endif
