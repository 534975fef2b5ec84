/*
 * average_pooling.c - forward: y = sum over the window / d; backward: dx = sum of dy / d over the windows that cover the
 * pixel.
 *
 * d is window_height window_width if padding counts, else the number of the window's pixels inside the image.
 */
#include "kernels.h"
#include "simd.h"
#include "window.h"

INLINE float reciprocal(const nativecnn_pooling_geometry *g, span rows, span places) {
    int64_t inside = (rows.end - rows.begin) * (places.end - places.begin);
    return 1.0f / (float)(g->count_padding ? (int64_t)g->window_height * g->window_width : inside);
}

/* n channels of one window, 1 <= n <= LANES. pixel: the window's first pixel inside the image. */
INLINE void average(const nativecnn_pooling_geometry *g, const float *pixel, span rows, span places, vfloat scale, int64_t n,
                    float *output) {
    int64_t row_stride = (int64_t)g->width * g->channels;
    vfloat sum = vf_set(0);
    for (int64_t i = rows.begin; i < rows.end; i++, pixel += row_stride) {
        const float *value = pixel;
        for (int64_t j = places.begin; j < places.end; j++, value += g->channels)
            sum = vf_add(sum, vf_load_n(value, n));
    }
    vf_store_n(output, vf_mul(sum, scale), n);
}

void VARIANT(average_pooling_forward)(const nativecnn_pooling_geometry *geometry, const float *input, int64_t row_begin,
                                      int64_t row_count, float *output) {
    const nativecnn_pooling_geometry *g = geometry;
    int64_t image_row = (int64_t)g->width * g->channels;
    int64_t output_row = (int64_t)g->output_width * g->channels;
    for (int64_t r = row_begin; r < row_begin + row_count; r++) {
        int64_t n = r / g->output_height;
        int64_t top = (r - n * g->output_height) * g->stride_y - g->pad_top;
        span rows = places_inside(top, g->window_height, g->height);
        const float *image = input + (n * g->height + top + rows.begin) * image_row;
        for (int64_t x = 0; x < g->output_width; x++) {
            int64_t left = x * g->stride_x - g->pad_left;
            span places = places_inside(left, g->window_width, g->width);
            vfloat scale = vf_set(reciprocal(g, rows, places));
            const float *pixel = image + (left + places.begin) * g->channels;
            float *to = output + r * output_row + x * g->channels;
            int64_t c = 0;
            for (; c + LANES <= g->channels; c += LANES)
                average(g, pixel + c, rows, places, scale, LANES, to + c);
            if (c < g->channels)
                average(g, pixel + c, rows, places, scale, g->channels - c, to + c);
        }
    }
}

void VARIANT(average_pooling_backward)(const nativecnn_pooling_geometry *geometry, const float *output_gradient,
                                       int64_t row_begin, int64_t row_count, float *input_gradient) {
    const nativecnn_pooling_geometry *g = geometry;
    int64_t channels = g->channels;
    int64_t image_row = (int64_t)g->width * channels;
    int64_t output_row = (int64_t)g->output_width * channels;
    for (int64_t r = row_begin; r < row_begin + row_count; r++) {
        int64_t n = r / g->height;
        int64_t y = r - n * g->height;
        float *row = input_gradient + r * image_row;
        for (int64_t i = 0; i < image_row; i += LANES)
            vf_store_n(row + i, vf_set(0), image_row - i);
        span over = windows_over(y, g->window_height, g->stride_y, g->pad_top, g->output_height);
        for (int64_t w = over.begin; w < over.end; w++) {
            span rows = places_inside(w * g->stride_y - g->pad_top, g->window_height, g->height);
            const float *dy = output_gradient + (n * g->output_height + w) * output_row;
            for (int64_t x = 0; x < g->output_width; x++, dy += channels) {
                int64_t left = x * g->stride_x - g->pad_left;
                span places = places_inside(left, g->window_width, g->width);
                vfloat scale = vf_set(reciprocal(g, rows, places));
                for (int64_t c = 0; c < channels; c += LANES) {
                    vfloat share = vf_mul(scale, vf_load_n(dy + c, channels - c));
                    float *dx = row + (left + places.begin) * channels + c;
                    for (int64_t j = places.begin; j < places.end; j++, dx += channels)
                        vf_store_n(dx, vf_add(vf_load_n(dx, channels - c), share), channels - c);
                }
            }
        }
    }
}
