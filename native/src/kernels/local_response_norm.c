/*
 * local_response_norm.c - forward: s_c = k + (alpha / size) sum of x_j^2, y_c = x_c s_c^-beta; backward:
 *
 *   dx_c = dy_c s_c^-beta - (2 alpha beta / size) x_c sum of dy_j x_j s_j^(-beta - 1)
 *
 * The first sum is over the channels j of c's window, the second over those whose window has c. Both are taken from a
 * row in the workspace that holds the terms of one pixel. Short windows are added up one by one, between zeros, so that
 * those at the ends need no care. Of long ones all sums of a pixel are made at once, in a time that does not depend on
 * the window.
 */
#include "checks.h"
#include "kernels.h"
#include "vector_math.h"

#include <math.h>
#include <stdbool.h>

/* The channels that a window reaches before and after its own; no further than there are channels. */
typedef struct reach {
    int64_t before, after;
} reach;

INLINE reach forward_reach(const nativecnn_local_response_norm *norm, int32_t channels) {
    int64_t last = (int64_t)channels - 1, before = norm->size / 2, after = (norm->size - 1) / 2;
    return (reach){before < last ? before : last, after < last ? after : last};
}

/* The zeros at both ends of a row: before zeros, the terms of the channels, after zeros. Returns the first term. */
INLINE float *clear_ends(float *row, reach window, int32_t channels) {
    memset(row, 0, (size_t)window.before * sizeof(float));
    memset(row + window.before + channels, 0, (size_t)window.after * sizeof(float));
    return row + window.before;
}

/* The longest window that is added up by itself. */
enum { SHORT_WINDOW = 64 };

INLINE int64_t window_length(reach window) {
    return window.before + 1 + window.after;
}

INLINE bool is_short_window(const nativecnn_local_response_norm *norm, int32_t channels) {
    return window_length(forward_reach(norm, channels)) <= SHORT_WINDOW;
}

/* The terms of a pixel become the sums of the windows around them. Blocks as long as a window are added up from both
 * ends (M. van Herk, A Fast Algorithm for Local Minimum and Maximum Filters, 1992, for sums): a window is the end of
 * one block and the beginning of the next, so that nothing is subtracted and an infinity stays in its windows. term:
 * three times as many floats as there are channels. */
static void sum_windows(float *term, reach window, int64_t channels) {
    float *from_begin = term + channels, *to_end = from_begin + channels;
    int64_t length = window_length(window);
    for (int64_t begin = 0; begin < channels; begin += length) {
        int64_t end = channels - begin < length ? channels : begin + length;
        double sum = 0;
        for (int64_t c = begin; c < end; c++)
            from_begin[c] = (float)(sum += (double)term[c]);
        sum = 0;
        for (int64_t c = end - 1; c >= begin; c--)
            to_end[c] = (float)(sum += (double)term[c]);
    }
    for (int64_t c = 0; c < channels; c++) {
        int64_t first = c < window.before ? 0 : c - window.before;
        int64_t last = channels - c <= window.after ? channels - 1 : c + window.after;
        /* A window within one block begins with it, or is cut off by the last channel. */
        if (first / length != last / length)
            term[c] = to_end[first] + from_begin[last];
        else
            term[c] = first % length == 0 ? from_begin[last] : to_end[first];
    }
}

/* The sums of n windows, the first one around term[0]; by increasing channel. */
INLINE vfloat window_sums(const float *term, reach window, int64_t n) {
    vfloat sum = vf_load_n(term - window.before, n);
    for (int64_t j = 1 - window.before; j <= window.after; j++)
        sum = vf_add(sum, vf_load_n(term + j, n));
    return sum;
}

/* s^-beta. The usual beta of 3/4 is two square roots; others go one by one through the library. */
INLINE vfloat negative_power(vfloat s, float beta) {
    if (beta == 0.75f) {
        vfloat root = vf_sqrt(s);
        return vf_div(vf_set(1.0f), vf_mul(root, vf_sqrt(root)));
    }
    float lane[LANES];
    vf_store(lane, s);
    for (int i = 0; i < LANES; i++)
        lane[i] = powf(lane[i], -beta);
    return vf_load(lane);
}

INLINE void norm_forward(bool is_short, const nativecnn_local_response_norm *norm, const float *input,
                         int64_t pixel_count, int32_t channels, float *output, float *scale, float *workspace) {
    reach window = forward_reach(norm, channels);
    float *squares = is_short ? clear_ends(workspace, window, channels) : workspace;
    vfloat factor = vf_set(norm->alpha / (float)norm->size), k = vf_set(norm->k);
    for (int64_t pixel = 0; pixel < pixel_count; pixel++, input += channels, output += channels) {
        for (int64_t c = 0; c < channels; c += LANES) {
            vfloat x = vf_load_n(input + c, channels - c);
            vf_store_n(squares + c, vf_mul(x, x), channels - c);
        }
        if (!is_short)
            sum_windows(squares, window, channels);
        for (int64_t c = 0; c < channels; c += LANES) {
            int64_t n = channels - c;
            vfloat sum = is_short ? window_sums(squares + c, window, n) : vf_load_n(squares + c, n);
            vfloat s = vf_fma(factor, sum, k);
            if (scale)
                vf_store_n(scale + c, s, n);
            vf_store_n(output + c, vf_mul(vf_load_n(input + c, n), negative_power(s, norm->beta)), n);
        }
        if (scale)
            scale += channels;
    }
}

void VARIANT(local_response_norm_forward)(const nativecnn_local_response_norm *norm, const float *input,
                                          int64_t pixel_count, int32_t channels, float *output, float *scale,
                                          float *workspace) {
    if (is_short_window(norm, channels))
        norm_forward(true, norm, input, pixel_count, channels, output, scale, workspace);
    else
        norm_forward(false, norm, input, pixel_count, channels, output, scale, workspace);
}

INLINE void norm_backward(bool is_short, const nativecnn_local_response_norm *norm, const float *input,
                          const float *scale, const float *output_gradient, int64_t pixel_count, int32_t channels,
                          float *input_gradient, float *workspace) {
    /* The windows that have c lie the other way round. */
    reach window = forward_reach(norm, channels);
    window = (reach){window.after, window.before};
    float *terms = is_short ? clear_ends(workspace, window, channels) : workspace;
    vfloat factor = vf_set((float)(-2.0 * (double)norm->alpha * (double)norm->beta / norm->size));
    for (int64_t pixel = 0; pixel < pixel_count; pixel++) {
        for (int64_t c = 0; c < channels; c += LANES) {
            int64_t n = channels - c;
            /* Lanes past the end have s = 0, and are not stored. */
            vfloat s = vf_load_n(scale + c, n);
            vfloat direct = vf_mul(vf_load_n(output_gradient + c, n), negative_power(s, norm->beta));
            vf_store_n(input_gradient + c, direct, n);
            vf_store_n(terms + c, vf_div(vf_mul(direct, vf_load_n(input + c, n)), s), n);
        }
        if (!is_short)
            sum_windows(terms, window, channels);
        for (int64_t c = 0; c < channels; c += LANES) {
            int64_t n = channels - c;
            vfloat x = vf_mul(factor, vf_load_n(input + c, n));
            vfloat direct = vf_load_n(input_gradient + c, n);
            vfloat sum = is_short ? window_sums(terms + c, window, n) : vf_load_n(terms + c, n);
            vf_store_n(input_gradient + c, vf_fma(x, sum, direct), n);
        }
        input += channels;
        scale += channels;
        output_gradient += channels;
        input_gradient += channels;
    }
}

void VARIANT(local_response_norm_backward)(const nativecnn_local_response_norm *norm, const float *input,
                                           const float *scale, const float *output_gradient, int64_t pixel_count,
                                           int32_t channels, float *input_gradient, float *workspace) {
    if (is_short_window(norm, channels))
        norm_backward(true, norm, input, scale, output_gradient, pixel_count, channels, input_gradient, workspace);
    else
        norm_backward(false, norm, input, scale, output_gradient, pixel_count, channels, input_gradient, workspace);
}

#if defined(NATIVECNN_EXPORTS)

static nativecnn_status check_norm(const nativecnn_local_response_norm *norm, int64_t pixel_count, int32_t channels) {
    REQUIRE(norm->size >= 1 && isfinite(norm->alpha) && norm->alpha >= 0 && isfinite(norm->beta) && isfinite(norm->k) &&
                norm->k > 0,
            NATIVECNN_BAD_ARGUMENT);
    REQUIRE(channels >= 1, NATIVECNN_BAD_RANGE);
    return check_matrix(pixel_count, channels);
}

nativecnn_status nativecnn_local_response_norm_forward(const nativecnn_local_response_norm *norm, const float *input,
                                                       int64_t pixel_count, int32_t channels, float *output,
                                                       float *scale, float *workspace) {
    REQUIRE(norm && input && output && workspace, NATIVECNN_NULL_POINTER);
    CHECK(check_norm(norm, pixel_count, channels));
    kernels_in_use()->local_response_norm_forward(norm, input, pixel_count, channels, output, scale, workspace);
    return NATIVECNN_OK;
}

nativecnn_status nativecnn_local_response_norm_backward(const nativecnn_local_response_norm *norm, const float *input,
                                                        const float *scale, const float *output_gradient,
                                                        int64_t pixel_count, int32_t channels, float *input_gradient,
                                                        float *workspace) {
    REQUIRE(norm && input && scale && output_gradient && input_gradient && workspace, NATIVECNN_NULL_POINTER);
    CHECK(check_norm(norm, pixel_count, channels));
    kernels_in_use()->local_response_norm_backward(norm, input, scale, output_gradient, pixel_count, channels,
                                                   input_gradient, workspace);
    return NATIVECNN_OK;
}

#endif
