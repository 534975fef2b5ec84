/*
 * max_pooling.c - forward: y[n,y,x,c] = max over the window, and its index there; backward: dx = sum of the dy whose
 * maximum the pixel was.
 *
 * The first maximum in scan order wins and NaN counts as larger than every number, which vf_above says. Backward
 * gathers: each input pixel asks the windows that cover it, by increasing output row and then column, so that it is
 * written once, ranges of input rows are independent and the order of the sum is fixed. Where no windows overlap, each
 * one's gradient goes straight to its pixels.
 */
#include "checks.h"
#include "kernels.h"
#include "simd.h"
#include "window.h"

#include <stdbool.h>

/* The windows over one pixel that are added up one after the other. */
enum { FEW_WINDOWS = 128 };

INLINE int index_bytes(const nativecnn_pooling_geometry *g) {
    return (int64_t)g->window_height * g->window_width <= 256 ? 1 : 2;
}

/* n channels of one window, 1 <= n <= LANES. pixel: the window's first inside the image. index_size 0: no argmax. */
INLINE void maximum(const nativecnn_pooling_geometry *g, const float *pixel, span down, span across, int64_t n,
                    int index_size, float *output, void *argmax) {
    int64_t row_stride = (int64_t)g->width * g->channels;
    vfloat best = vf_load_n(pixel, n);
    vint index = vi_set((int32_t)(down.begin * g->window_width + across.begin));
    for (int64_t i = down.begin; i < down.end; i++, pixel += row_stride) {
        const float *value = pixel;
        for (int64_t j = across.begin; j < across.end; j++, value += g->channels) {
            vfloat v = vf_load_n(value, n);
            vmask above = vf_above(v, best);
            best = vf_select(above, v, best);
            if (index_size != 0)
                index = vi_select(above, vi_set((int32_t)(i * g->window_width + j)), index);
        }
    }
    vf_store_n(output, best, n);
    if (index_size == 1)
        vi_store_u8(argmax, index, n);
    else if (index_size == 2)
        vi_store_u16(argmax, index, n);
}

/* All channels of one window. */
INLINE void maxima(const nativecnn_pooling_geometry *g, const float *pixel, span down, span across, int index_size,
                   float *output, uint8_t *argmax) {
    int64_t c = 0;
    for (; c + LANES <= g->channels; c += LANES)
        maximum(g, pixel + c, down, across, LANES, index_size, output + c, index_size ? argmax + c * index_size : NULL);
    if (c < g->channels)
        maximum(g, pixel + c, down, across, g->channels - c, index_size, output + c,
                index_size ? argmax + c * index_size : NULL);
}

/* side: the window's height and width where both are known to be that, or 0. */
INLINE void forward(const nativecnn_pooling_geometry *g, const float *input, nativecnn_range rows, int index_size,
                    int side, float *output, uint8_t *argmax) {
    int64_t image_row = (int64_t)g->width * g->channels;
    int64_t output_row = (int64_t)g->output_width * g->channels;
    const span all = {0, side};
    for (int64_t r = rows.begin; r < rows.begin + rows.count; r++) {
        int64_t n = r / g->output_height;
        int64_t top = (r - n * g->output_height) * g->stride_y - g->pad_top;
        span down = places_inside(top, g->window_height, g->height);
        const float *image = input + (n * g->height + top + down.begin) * image_row;
        for (int64_t x = 0; x < g->output_width; x++) {
            int64_t left = x * g->stride_x - g->pad_left;
            span across = places_inside(left, g->window_width, g->width);
            const float *pixel = image + (left + across.begin) * g->channels;
            int64_t to = r * output_row + x * g->channels;
            prefetch_below(g, pixel, down);
            uint8_t *indices = index_size ? argmax + to * index_size : NULL;
            if (side > 0 && down.end - down.begin == side && across.end - across.begin == side)
                maxima(g, pixel, all, all, index_size, output + to, indices);
            else
                maxima(g, pixel, down, across, index_size, output + to, indices);
        }
    }
}

void VARIANT(max_pooling_forward)(const nativecnn_pooling_geometry *geometry, const float *input, nativecnn_range rows,
                                  float *output, void *argmax) {
    int height = geometry->window_height, width = geometry->window_width;
    if (!argmax)
        forward(geometry, input, rows, 0, 0, output, NULL);
    else if (height == 2 && width == 2)
        forward(geometry, input, rows, 1, 2, output, argmax);
    else if (height == 3 && width == 3)
        forward(geometry, input, rows, 1, 3, output, argmax);
    else if (index_bytes(geometry) == 1)
        forward(geometry, input, rows, 1, 0, output, argmax);
    else
        forward(geometry, input, rows, 2, 0, output, argmax);
}

/* Adds the gradients of the windows across of row v that name the pixel (y, x) to sum. */
INLINE vfloat add_winners(const nativecnn_pooling_geometry *g, const float *output_gradient, const uint8_t *argmax,
                          int64_t v, span across, int64_t y, int64_t x, int64_t n, int index_size, vfloat sum) {
    for (int64_t u = across.begin; u < across.end; u++) {
        int64_t from = (v * g->output_width + u) * g->channels;
        int64_t own = (y + g->pad_top - v * g->stride_y) * g->window_width + (x + g->pad_left - u * g->stride_x);
        const void *entry = argmax + from * index_size;
        vint index = index_size == 1 ? vi_load_u8(entry, n) : vi_load_u16(entry, n);
        vmask won = vi_equal(index, vi_set((int32_t)own));
        sum = vf_add(sum, vf_select(won, vf_load_n(output_gradient + from, n), vf_set(0)));
    }
    return sum;
}

/* n channels of one input pixel, 1 <= n <= LANES: the sum of the gradients of the windows rows x columns that name it.
 * output_gradient and argmax begin at the image and the channel; y and x are the pixel. */
INLINE void gather(const nativecnn_pooling_geometry *g, const float *output_gradient, const uint8_t *argmax, span down,
                   span across, int64_t y, int64_t x, int64_t n, int index_size, float *input_gradient) {
    vfloat sum = vf_set(0);
    if ((down.end - down.begin) * (across.end - across.begin) <= FEW_WINDOWS)
        for (int64_t v = down.begin; v < down.end; v++)
            sum = add_winners(g, output_gradient, argmax, v, across, y, x, n, index_size, sum);
    else
        /* Row by row, so that the error grows with a row and the rows, not with their product. */
        for (int64_t v = down.begin; v < down.end; v++)
            sum = vf_add(sum, add_winners(g, output_gradient, argmax, v, across, y, x, n, index_size, vf_set(0)));
    vf_store_n(input_gradient, sum, n);
}

INLINE void backward(const nativecnn_pooling_geometry *g, const float *output_gradient, const uint8_t *argmax,
                     nativecnn_range rows, int index_size, float *input_gradient) {
    int64_t channels = g->channels;
    int64_t output_image = (int64_t)g->output_height * g->output_width * channels;
    for (int64_t r = rows.begin; r < rows.begin + rows.count; r++) {
        int64_t n = r / g->height;
        int64_t y = r - n * g->height;
        span down = windows_over(y, g->window_height, g->stride_y, g->pad_top, g->output_height);
        const float *dy = output_gradient + n * output_image;
        const uint8_t *entries = argmax + n * output_image * index_size;
        float *dx = input_gradient + r * g->width * channels;
        span across = windows_over(0, g->window_width, g->stride_x, g->pad_left, g->output_width);
        for (int64_t x = 0; x < g->width; x++, dx += channels) {
            if (x > 0)
                across = windows_over_next(across, x, g->window_width, g->stride_x, g->pad_left, g->output_width);
            int64_t c = 0;
            for (; c + LANES <= channels; c += LANES)
                gather(g, dy + c, entries + c * index_size, down, across, y, x, LANES, index_size, dx + c);
            if (c < channels)
                gather(g, dy + c, entries + c * index_size, down, across, y, x, channels - c, index_size, dx + c);
        }
    }
}

/* Whether every input pixel lies in one window at most, and every window in the image. */
INLINE bool are_disjoint(const nativecnn_pooling_geometry *g) {
    return g->stride_y == g->window_height && g->stride_x == g->window_width &&
           (g->pad_top | g->pad_left | g->pad_bottom | g->pad_right) == 0 &&
           (g->overhang_bottom | g->overhang_right) == 0;
}

/* n channels of the input pixels of one window's row, 1 <= n <= LANES, from the window's gradient; first is the row's
 * first index, width the window's. */
INLINE void scatter(const float *output_gradient, const void *argmax, int64_t first, int64_t width, int64_t channels,
                    int64_t n, int index_size, float *input_gradient) {
    vint index = index_size == 1 ? vi_load_u8(argmax, n) : vi_load_u16(argmax, n);
    vfloat gradient = vf_load_n(output_gradient, n);
    for (int64_t j = 0; j < width; j++) {
        vmask won = vi_equal(index, vi_set((int32_t)(first + j)));
        vf_store_n(input_gradient + j * channels, vf_select(won, gradient, vf_set(0)), n);
    }
}

/* Disjoint windows: each gradient is read once per row of its window. width: the window's. */
INLINE void backward_disjoint(const nativecnn_pooling_geometry *g, const float *output_gradient, const uint8_t *argmax,
                              nativecnn_range rows, int index_size, int64_t width, float *input_gradient) {
    int64_t channels = g->channels;
    for (int64_t r = rows.begin; r < rows.begin + rows.count; r++) {
        int64_t n = r / g->height, y = r - n * g->height, v = y / g->window_height;
        int64_t windows = v < g->output_height ? g->output_width : 0;
        int64_t first = (y - v * g->window_height) * width;
        int64_t from = (n * g->output_height + v) * g->output_width * channels;
        float *dx = input_gradient + r * g->width * channels;
        for (int64_t u = 0; u < windows; u++, from += channels, dx += width * channels) {
            int64_t c = 0;
            for (; c + LANES <= channels; c += LANES)
                scatter(output_gradient + from + c, argmax + (from + c) * index_size, first, width, channels, LANES,
                        index_size, dx + c);
            if (c < channels)
                scatter(output_gradient + from + c, argmax + (from + c) * index_size, first, width, channels,
                        channels - c, index_size, dx + c);
        }
        /* The pixels that no window covers. */
        memset(dx, 0, (size_t)((g->width - windows * width) * channels) * sizeof(float));
    }
}

void VARIANT(max_pooling_backward)(const nativecnn_pooling_geometry *geometry, const float *output_gradient,
                                   const void *argmax, nativecnn_range rows, float *input_gradient) {
    int64_t width = geometry->window_width;
    if (are_disjoint(geometry)) {
        if (width == 2 && index_bytes(geometry) == 1)
            backward_disjoint(geometry, output_gradient, argmax, rows, 1, 2, input_gradient);
        else if (index_bytes(geometry) == 1)
            backward_disjoint(geometry, output_gradient, argmax, rows, 1, width, input_gradient);
        else
            backward_disjoint(geometry, output_gradient, argmax, rows, 2, width, input_gradient);
    } else if (index_bytes(geometry) == 1) {
        backward(geometry, output_gradient, argmax, rows, 1, input_gradient);
    } else {
        backward(geometry, output_gradient, argmax, rows, 2, input_gradient);
    }
}

#if defined(NATIVECNN_EXPORTS)

int32_t nativecnn_max_pooling_index_size(const nativecnn_pooling_geometry *geometry) {
    if (check_pooling(geometry) != NATIVECNN_OK)
        return 0;
    int64_t pixels = (int64_t)geometry->window_height * geometry->window_width;
    return pixels <= 256 ? 1 : pixels <= 65536 ? 2 : 0;
}

nativecnn_status nativecnn_max_pooling_forward(const nativecnn_pooling_geometry *geometry, const float *input,
                                               nativecnn_range rows, float *output, void *argmax) {
    REQUIRE(geometry && input && output, NATIVECNN_NULL_POINTER);
    REQUIRE(nativecnn_max_pooling_index_size(geometry) != 0, NATIVECNN_BAD_GEOMETRY);
    CHECK(check_range(rows, (int64_t)geometry->batch_size * geometry->output_height));
    kernels_in_use()->max_pooling_forward(geometry, input, rows, output, argmax);
    return NATIVECNN_OK;
}

nativecnn_status nativecnn_max_pooling_backward(const nativecnn_pooling_geometry *geometry,
                                                const float *output_gradient, const void *argmax, nativecnn_range rows,
                                                float *input_gradient) {
    REQUIRE(geometry && output_gradient && argmax && input_gradient, NATIVECNN_NULL_POINTER);
    REQUIRE(nativecnn_max_pooling_index_size(geometry) != 0, NATIVECNN_BAD_GEOMETRY);
    CHECK(check_range(rows, (int64_t)geometry->batch_size * geometry->height));
    kernels_in_use()->max_pooling_backward(geometry, output_gradient, argmax, rows, input_gradient);
    return NATIVECNN_OK;
}

#endif
