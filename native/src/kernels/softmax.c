/*
 * softmax.c - softmax over rows, and softmax cross-entropy.
 *
 *   forward        p_c = exp(z_c - m) / s, m = max z, s = sum of exp(z_d - m)
 *   backward       dz_c = p_c (g_c - sum of p_d g_d)
 *   cross-entropy  loss = log s - (z_label - m), dz = scale (p - onehot(label))
 *
 * Sums are kept in float64: a loss near 0 is the logarithm of a sum near 1, which float32 would round to 1.
 */
#include "checks.h"
#include "kernels.h"
#include "vector_math.h"

#include <math.h>

INLINE float row_maximum(const float *z, int64_t count) {
    /* A NaN is passed over here; it comes back through its own exp. */
    float largest = z[0];
    vfloat best = vf_set(z[0]);
    int64_t i = 0;
    for (; i + LANES <= count; i += LANES)
        best = vf_max(vf_load(z + i), best);
    float lane[LANES];
    vf_store(lane, best);
    for (int k = 0; k < LANES; k++)
        largest = lane[k] > largest ? lane[k] : largest;
    for (; i < count; i++)
        largest = z[i] > largest ? z[i] : largest;
    return largest;
}

/* Writes exp(z - m) to e, unless e is null, and returns the sum. e may be z. */
INLINE double exponentials(const float *z, int64_t count, float m, float *e) {
    double sums[LANES] = {0};
    float lane[LANES];
    vfloat largest = vf_set(m);
    int64_t i = 0;
    for (; i + LANES <= count; i += LANES) {
        vfloat value = vf_exp(vf_sub(vf_load(z + i), largest));
        if (e)
            vf_store(e + i, value);
        vf_store(lane, value);
        for (int k = 0; k < LANES; k++)
            sums[k] += (double)lane[k];
    }
    if (i < count) {
        vfloat value = vf_exp(vf_sub(vf_load_first(z + i, count - i), largest));
        if (e)
            vf_store_first(e + i, value, count - i);
        vf_store(lane, value);
        for (int64_t k = 0; k < count - i; k++)
            sums[k] += (double)lane[k];
    }
    for (int k = 1; k < LANES; k++)
        sums[0] += sums[k];
    return sums[0];
}

INLINE void scale_row(float *row, int64_t count, float scale) {
    vfloat factor = vf_set(scale);
    for (int64_t i = 0; i < count; i += LANES)
        vf_store_n(row + i, vf_mul(vf_load_n(row + i, count - i), factor), count - i);
}

void VARIANT(softmax_forward)(const float *logits, int64_t row_count, int32_t class_count, float *probabilities) {
    for (int64_t r = 0; r < row_count; r++, logits += class_count, probabilities += class_count) {
        double sum = exponentials(logits, class_count, row_maximum(logits, class_count), probabilities);
        scale_row(probabilities, class_count, (float)(1 / sum));
    }
}

/* The products of a part, in vectors, are summed in float32 before they join a sum in float64. */
enum { PART = 4 };

INLINE void add_lanes(vfloat values, double *sums) {
    float lane[LANES];
    vf_store(lane, values);
    for (int k = 0; k < LANES; k++)
        sums[k] += (double)lane[k];
}

/* The sum of p_c g_c. */
INLINE double dot_product(const float *p, const float *g, int64_t count) {
    double sums[LANES] = {0};
    int64_t i = 0;
    for (; i + PART * LANES <= count; i += PART * LANES) {
        vfloat part = vf_mul(vf_load(p + i), vf_load(g + i));
        UNROLL for (int v = 1; v < PART; v++) part =
            vf_fma(vf_load(p + i + v * LANES), vf_load(g + i + v * LANES), part);
        add_lanes(part, sums);
    }
    for (; i + LANES <= count; i += LANES)
        add_lanes(vf_mul(vf_load(p + i), vf_load(g + i)), sums);
    double dot = 0;
    for (; i < count; i++)
        dot += (double)p[i] * (double)g[i];
    if (count >= LANES)
        for (int k = 0; k < LANES; k++)
            dot += sums[k];
    return dot;
}

void VARIANT(softmax_backward)(const float *probabilities, const float *output_gradient, int64_t row_count,
                               int32_t class_count, float *input_gradient) {
    const float *p = probabilities;
    const float *g = output_gradient;
    for (int64_t r = 0; r < row_count; r++, p += class_count, g += class_count, input_gradient += class_count) {
        vfloat mean = vf_set((float)dot_product(p, g, class_count));
        for (int64_t i = 0; i < class_count; i += LANES) {
            int64_t n = class_count - i;
            vf_store_n(input_gradient + i, vf_mul(vf_load_n(p + i, n), vf_sub(vf_load_n(g + i, n), mean)), n);
        }
    }
}

void VARIANT(softmax_cross_entropy)(const float *logits, const int32_t *labels, int64_t row_count, int32_t class_count,
                                    float scale, float *losses, float *logit_gradient) {
    for (int64_t r = 0; r < row_count; r++, logits += class_count) {
        float m = row_maximum(logits, class_count);
        /* Read before the gradient may overwrite it. */
        double label_logit = (double)logits[labels[r]] - (double)m;
        double sum = exponentials(logits, class_count, m, logit_gradient);
        losses[r] = (float)(log(sum) - label_logit);
        if (logit_gradient) {
            /* p - 1 is minus what the other classes share, which keeps its digits where p is near 1. */
            double others = sum - (double)logit_gradient[labels[r]];
            scale_row(logit_gradient, class_count, (float)((double)scale / sum));
            logit_gradient[labels[r]] = (float)(-(double)scale * (others / sum));
            logit_gradient += class_count;
        }
    }
}

#if defined(NATIVECNN_EXPORTS)

nativecnn_status nativecnn_softmax_forward(const float *logits, int64_t row_count, int32_t class_count,
                                           float *probabilities) {
    REQUIRE(logits && probabilities, NATIVECNN_NULL_POINTER);
    CHECK(check_rows(row_count, class_count));
    kernels_in_use()->softmax_forward(logits, row_count, class_count, probabilities);
    return NATIVECNN_OK;
}

nativecnn_status nativecnn_softmax_backward(const float *probabilities, const float *output_gradient, int64_t row_count,
                                            int32_t class_count, float *input_gradient) {
    REQUIRE(probabilities && output_gradient && input_gradient, NATIVECNN_NULL_POINTER);
    CHECK(check_rows(row_count, class_count));
    kernels_in_use()->softmax_backward(probabilities, output_gradient, row_count, class_count, input_gradient);
    return NATIVECNN_OK;
}

nativecnn_status nativecnn_softmax_cross_entropy(const float *logits, const int32_t *labels, int64_t row_count,
                                                 int32_t class_count, float scale, float *losses,
                                                 float *logit_gradient) {
    REQUIRE(logits && labels && losses, NATIVECNN_NULL_POINTER);
    CHECK(check_rows(row_count, class_count));
    REQUIRE(isfinite(scale), NATIVECNN_BAD_ARGUMENT);
    for (int64_t r = 0; r < row_count; r++)
        REQUIRE(labels[r] >= 0 && labels[r] < class_count, NATIVECNN_BAD_ARGUMENT);
    kernels_in_use()->softmax_cross_entropy(logits, labels, row_count, class_count, scale, losses, logit_gradient);
    return NATIVECNN_OK;
}

#endif
