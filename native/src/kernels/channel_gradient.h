/*
 * channel_gradient.h - the filter gradient of convolution whose channels are the lanes: depthwise, and of groups whose
 * channels lie in one vector or in whole ones, as channel_gather.h has them.
 *
 * The taps of some kernel rows are summed in registers along an output row, or two where that reads an input row once
 * for both, and then added to those of the rows before.
 */
#ifndef NATIVECNN_CHANNEL_GRADIENT_H
#define NATIVECNN_CHANNEL_GRADIENT_H

#include "constant_rows.h"
#include "direct.h"
#include "even_blocks.h"
#include "kernels.h"
#include "simd.h"

#include <stdbool.h>

enum {
    /* The outputs beside each other whose gradients are in registers. */
    PIXELS = LANES == 16 ? 8 : 4,
    /* The kernel rows and columns, and the output rows, whose taps are in registers. */
    MOST_DOWN = 3,
    MOST_ACROSS = 5,
    ROWS = LANES == 16 ? 2 : 1,
    /* The pixels of a row that is copied, and the channels of a group from which on it is read often enough. */
    MOST_WIDTH = 64,
    ENOUGH_CHANNELS = 16,
    /* The floats of a cache line. */
    LINE = 16
};

/* An output row or two, and the input rows that they meet at the kernel rows in hand, null where outside. */
typedef struct strip {
    const nativecnn_convolution_geometry *geometry;
    int rows;
    /* From one pixel to the next. */
    int64_t pixel_size;
    const float *output_gradient;
    const float *input[MOST_DOWN + ROWS - 1];
    /* Whether to ask for the rows that come next. */
    bool asks;
    /* Of the kernel rows in hand. */
    float *gradient;
    /* The channels that are summed, in whole vectors. */
    int64_t channel_begin;
    int64_t channel_end;
} strip;

/* Adds pixels outputs from x on: sums[i, j] += their gradients times the inputs that they meet at tap i, j, with their
 * lanes exchanged by r. */
INLINE void add_pixels(int rows, int down, int across, int step, int pixels, bool border, const strip *s, int64_t x,
                       int64_t c, int r, vfloat *sums) {
    int64_t pixel_size = s->pixel_size, width = s->geometry->width, first = x * step - s->geometry->pad_left;
    int64_t gradient_row = s->geometry->output_width * pixel_size;
    vfloat gradients[ROWS * PIXELS];
    UNROLL for (int row = 0; row < rows; row++) UNROLL for (int p = 0; p < pixels; p++) gradients[row * PIXELS + p] =
        vf_load(s->output_gradient + (row * gradient_row + (x + p) * pixel_size + c));
    UNROLL for (int q = 0; q < down + rows - 1; q++) {
        const float *input = s->input[q];
        if (!input)
            continue;
        UNROLL for (int column = 0; column < (pixels - 1) * step + across; column++) {
            if (border && (first + column < 0 || first + column >= width))
                continue;
            vfloat value = vf_load(input + ((first + column) * pixel_size + c));
            if (EXCHANGES)
                value = vf_exchange(value, r);
            UNROLL for (int j = 0; j < across; j++) {
                int place = column - j, pixel = place / step;
                if (place < 0 || place % step != 0 || pixel >= pixels)
                    continue;
                if (q < down)
                    sums[q * across + j] = vf_fma(value, gradients[pixel], sums[q * across + j]);
                if (rows == 2 && q > 0)
                    sums[(q - 1) * across + j] = vf_fma(value, gradients[PIXELS + pixel], sums[(q - 1) * across + j]);
            }
        }
    }
    if (s->asks && c % LINE == 0) {
        const float *next = s->output_gradient + (rows * gradient_row + x * pixel_size + c);
        UNROLL for (int row = 0; row < rows; row++) UNROLL for (int p = 0; p < pixels; p++)
            PREFETCH_LATER(next + row * gradient_row + p * pixel_size);
        /* The last input row may be outside, but not by far; any address will do. */
        int64_t place = (first + (int64_t)rows * step * width) * pixel_size + c;
        UNROLL for (int row = 0; row < rows * step; row++) UNROLL for (int p = 0; p < pixels * step; p++)
            PREFETCH_LATER((uintptr_t)s->input[down + rows - 2 >= row ? down + rows - 2 - row : 0] +
                           (uintptr_t)(place + p * pixel_size) * sizeof(float));
    }
}

/* LANES channels of a strip. */
INLINE void add_lanes(int rows, int down, int across, int step, const strip *s, int64_t c, int r, float *gradient,
                      int64_t place_size) {
    vfloat sums[MOST_DOWN * MOST_ACROSS];
    UNROLL for (int k = 0; k < down * across; k++) sums[k] = vf_set(0);
    even_blocks blocks = cut_evenly(s->geometry->output_width, PIXELS);
    for (int64_t n = 0, x = 0, pixels; n < blocks.count; n++, x += pixels) {
        pixels = block_size(blocks, n);
        int64_t first = x * step - s->geometry->pad_left;
        bool border = first < 0 || first + (pixels - 1) * step + across > s->geometry->width;
#define ADD(number)                                                                                                    \
    border ? add_pixels(rows, down, across, step, number, true, s, x, c, r, sums)                                      \
           : add_pixels(rows, down, across, step, number, false, s, x, c, r, sums)
        WITH_CONSTANT_ROWS(pixels, PIXELS, ADD)
#undef ADD
    }
    UNROLL for (int k = 0; k < down * across; k++) {
        float *to = gradient + k * place_size;
        vf_store(to, vf_add(vf_load(to), sums[k]));
    }
}

#if EXCHANGES
/* A strip's LANES channels by themselves: pixels that lie far apart may all want one place of the first cache. */
typedef struct copied_strip {
    strip strip;
    float input[(MOST_DOWN + ROWS - 1) * MOST_WIDTH * LANES];
    float output_gradient[ROWS * MOST_WIDTH * LANES];
} copied_strip;

/* Copies the output gradients of channels c and the inputs of the channels that are paired with them; rows that are too
 * long or read too seldom stay where they are. Returns the first of the channels in the strip. */
static int64_t copy_strip(const strip *s, int down, int64_t c, int64_t paired, copied_strip *copy) {
    const nativecnn_convolution_geometry *g = s->geometry;
    int64_t gradients = (int64_t)s->rows * g->output_width;
    copy->strip = *s;
    if (group_channels(g) < ENOUGH_CHANNELS || g->width > MOST_WIDTH || g->output_width > MOST_WIDTH) {
        for (int q = 0; q < down + s->rows - 1; q++)
            if (s->input[q])
                copy->strip.input[q] += paired - c;
        return c;
    }
    copy->strip.pixel_size = LANES;
    copy->strip.asks = false;
    copy->strip.output_gradient = copy->output_gradient;
    for (int64_t p = 0; p < gradients; p++) {
        const float *from = s->output_gradient + p * g->channels + c;
        PREFETCH_LATER(from + gradients * g->channels);
        vf_store(copy->output_gradient + p * LANES, vf_load(from));
    }
    for (int q = 0; q < down + s->rows - 1; q++) {
        if (!s->input[q])
            continue;
        float *to = copy->input + (int64_t)q * MOST_WIDTH * LANES;
        copy->strip.input[q] = to;
        for (int64_t x = 0; x < g->width; x++)
            vf_store(to + x * LANES, vf_load(s->input[q] + x * g->channels + paired));
    }
    return 0;
}

INLINE void add_strip(int rows, int down, int across, int step, const strip *s) {
    const nativecnn_convolution_geometry *g = s->geometry;
    int64_t group = group_channels(g), place_size = group * PANEL;
    int64_t panel_size = (int64_t)g->kernel_height * g->kernel_width * place_size;
    copied_strip copy;
    for (int64_t c = s->channel_begin; c < s->channel_end; c += LANES)
        for (int64_t first = 0; first < group; first += LANES) {
            int64_t at = copy_strip(s, down, c, c ^ first, &copy);
            float *gradient = s->gradient + c / PANEL * panel_size + first * PANEL + c % PANEL;
            for (int64_t r = 0; r < LANES && first + r < group; r++)
                add_lanes(rows, down, across, step, &copy.strip, at, (int)r, gradient + r * PANEL, place_size);
        }
}
#else
INLINE void add_strip(int rows, int down, int across, int step, const strip *s) {
    for (int64_t c = s->channel_begin; c + LANES <= s->channel_end; c += LANES)
        add_lanes(rows, down, across, step, s, c, 0, s->gradient + c, s->geometry->channels);
}
#endif

/* Adds the products of a strip. */
typedef void add_function(const strip *s);

#define ADD_FUNCTION(down, across, step)                                                                               \
    static void add_##down##x##across##_##step(const strip *s) {                                                       \
        if (step == 1 && down > 1 && s->rows == 2)                                                                     \
            add_strip(ROWS, down, across, step, s);                                                                    \
        else                                                                                                           \
            add_strip(1, down, across, step, s);                                                                       \
    }
ADD_FUNCTION(3, 3, 1)
ADD_FUNCTION(3, 3, 2)
ADD_FUNCTION(1, 5, 1)
ADD_FUNCTION(1, 5, 2)
#undef ADD_FUNCTION

/* How a geometry is summed: down kernel rows at once, and output rows. */
typedef struct method {
    /* Null: no function has been compiled. */
    add_function *add;
    int down;
    int rows;
} method;

static method find_method(const nativecnn_convolution_geometry *g) {
    if (g->dilation_x != 1 || g->stride_x > 2)
        return (method){NULL, 1, 1};
    if (g->kernel_height == 3 && g->kernel_width == 3 && g->stride_x == 1)
        return (method){add_3x3_1, 3, g->stride_y == 1 && g->dilation_y == 1 ? ROWS : 1};
    if (g->kernel_height == 3 && g->kernel_width == 3)
        return (method){add_3x3_2, 3, 1};
    if (g->kernel_width == 5)
        return (method){g->stride_x == 1 ? add_1x5_1 : add_1x5_2, 1, 1};
    return (method){NULL, 1, 1};
}

/* Adds output row number row of all images, or two. */
static void add_rows(const nativecnn_convolution_geometry *g, const method *m, const float *input,
                     const float *output_gradient, int64_t row, int rows, bool asks, int64_t channel_begin,
                     int64_t channel_end, float *gradient) {
    const float *image = input + row / g->output_height * g->height * g->width * g->channels;
    int64_t place_size = EXCHANGES ? group_channels(g) * PANEL : g->channels;
    for (int64_t i = 0; i < g->kernel_height; i += m->down) {
        strip s = {.geometry = g,
                   .rows = rows,
                   .pixel_size = g->channels,
                   .output_gradient = output_gradient + row * g->output_width * g->channels,
                   .gradient = gradient + i * g->kernel_width * place_size,
                   .channel_begin = channel_begin,
                   .channel_end = channel_end};
        bool any = false, all = true;
        for (int q = 0; q < m->down + rows - 1; q++) {
            int64_t y = row % g->output_height * g->stride_y + (i + q) * g->dilation_y - g->pad_top;
            bool inside = y >= 0 && y < g->height;
            s.input[q] = inside ? image + y * g->width * g->channels : NULL;
            any |= inside;
            all &= inside;
        }
        s.asks = asks && all;
        if (any)
            m->add(&s);
    }
}

/* Adds a range of output rows of the channels channel_begin to channel_end - 1, in whole vectors. */
static void add_all_rows(const nativecnn_convolution_geometry *g, const method *m, const float *input,
                         const float *output_gradient, nativecnn_range range, bool asks, int64_t channel_begin,
                         int64_t channel_end, float *gradient) {
    for (int64_t row = range.begin, end = range.begin + range.count; row < end;) {
        int rows = m->rows == 2 && row + 1 < end && (row + 1) % g->output_height != 0 ? 2 : 1;
        add_rows(g, m, input, output_gradient, row, rows, asks, channel_begin, channel_end, gradient);
        row += rows;
    }
}

#endif
