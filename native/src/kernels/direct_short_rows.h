/*
 * direct_short_rows.h - the filter gradient of direct convolution where a kernel row has few taps: kernel rows go
 * together, so that all sums of a filter, or half of them, stay in registers while a tile is read once.
 *
 * The pixels of a tile are rows of the output, or a part of one. Where they read partly outside, their input is copied
 * with zeros beside it.
 */
#ifndef NATIVECNN_DIRECT_SHORT_ROWS_H
#define NATIVECNN_DIRECT_SHORT_ROWS_H

#include "constant_rows.h"
#include "direct.h"
#include "simd.h"

enum {
    /* The taps that are summed together, of one panel and of two; of one the first are always there. */
    ALWAYS = 12,
    JOINED_ROWS = ALWAYS + 16,
    JOINED_PAIR_ROWS = 14,
    JOINED_HALF = JOINED_ROWS / 2,
    /* The most taps of a kernel row and of all; the pixels and the lines of a tile, and the floats of its copies. */
    JOINED_ROW = 11,
    JOINED_TAPS = 64,
    JOINED_TILE = 192,
    JOINED_LINES = 32,
    JOINED_COPIES = 4096
};

/* Pixels beside each other: the input of the first one's first tap, and how far from it the others lie, in bytes. */
typedef struct joined_line {
    const float *input;
    const int64_t *offsets;
    int64_t count;
} joined_line;

typedef struct joined_tile {
    const nativecnn_convolution_geometry *geometry;
    int64_t taps;
    int64_t lines;
    /* From one copied kernel row to the next. */
    int64_t copied_row;
    float *copies_end;
    joined_line line[JOINED_LINES];
    /* Where the taps of a pixel lie, in the input and in a copy. */
    int64_t placed[JOINED_TAPS];
    int64_t copied[JOINED_TAPS];
    float copies[JOINED_COPIES];
} joined_tile;

INLINE int64_t joined_width(const nativecnn_convolution_geometry *g) {
    return g->output_width < JOINED_TILE ? g->output_width : JOINED_TILE;
}

/* The floats of a copied line. */
INLINE int64_t joined_copy(const nativecnn_convolution_geometry *g) {
    return g->kernel_height * ((joined_width(g) - 1) * g->stride_x + g->kernel_width) * g->channels;
}

/* Whether kernel rows go together: only vectors of 16 lanes leave registers for it. */
static bool joins_rows(const nativecnn_convolution_geometry *g) {
    int64_t row = (int64_t)g->kernel_width * g->channels;
    return LANES == 16 && g->groups == 1 && g->dilation_x == 1 && row <= JOINED_ROW && g->kernel_height > 1 &&
           row * g->kernel_height > ALWAYS && row * g->kernel_height <= JOINED_TAPS && g->stride_x <= JOINED_COPIES &&
           joined_copy(g) <= JOINED_COPIES;
}

static void begin_joined(const nativecnn_convolution_geometry *g, joined_tile *t) {
    t->geometry = g;
    t->taps = (int64_t)g->kernel_height * g->kernel_width * g->channels;
    int64_t row = (int64_t)g->kernel_width * g->channels;
    t->copied_row = joined_copy(g) / g->kernel_height;
    for (int64_t tap = 0; tap < t->taps; tap++) {
        int64_t placed_row = (int64_t)g->dilation_y * g->width * g->channels;
        t->placed[tap] = (tap / row * placed_row + tap % row) * (int64_t)sizeof(float);
        t->copied[tap] = (tap / row * t->copied_row + tap % row) * (int64_t)sizeof(float);
    }
}

/* Copies the kernel rows that count pixels read from place (y, x) of an image on, with zeros outside. */
static void copy_joined(const joined_tile *t, const float *image, int64_t y, int64_t x, int64_t count, float *copy) {
    const nativecnn_convolution_geometry *g = t->geometry;
    int64_t width = (count - 1) * g->stride_x + g->kernel_width, begin = x < 0 ? -x : 0, end = g->width - x;
    begin = (begin < width ? begin : width) * g->channels;
    end = (end < width ? end : width) * g->channels;
    for (int64_t i = 0; i < g->kernel_height; i++, y += g->dilation_y, copy += t->copied_row) {
        bool inside = y >= 0 && y < g->height && end > begin;
        int64_t first = inside ? begin : 0, last = inside ? end : 0;
        memset(copy, 0, (size_t)first * sizeof(float));
        if (inside)
            memcpy(copy + first, image + (y * g->width + x) * g->channels + first,
                   (size_t)(last - first) * sizeof(float));
        memset(copy + last, 0, (size_t)(width * g->channels - last) * sizeof(float));
    }
}

/* Adds the pixels x to x + count - 1 of an output row, counted over all images. */
static void add_line(joined_tile *t, const float *input, int64_t row, int64_t x, int64_t count) {
    const nativecnn_convolution_geometry *g = t->geometry;
    const float *image = input + row / g->output_height * g->height * g->width * g->channels;
    int64_t y = row % g->output_height * g->stride_y - g->pad_top, from = x * g->stride_x - g->pad_left;
    bool inside = y >= 0 && y + (int64_t)(g->kernel_height - 1) * g->dilation_y < g->height && from >= 0 &&
                  from + (count - 1) * g->stride_x + g->kernel_width <= g->width;
    joined_line *line = &t->line[t->lines++];
    *line = (joined_line){image + (y * g->width + from) * g->channels, t->placed, count};
    if (!inside) {
        copy_joined(t, image, y, from, count, t->copies_end);
        *line = (joined_line){t->copies_end, t->copied, count};
        t->copies_end += joined_copy(g);
    }
}

/* gradient[tap, column] = (or +=) sum over the pixels of a tile, for rows taps and all columns of panels. Taps go in
 * two halves, as many as are unrolled at once. */
INLINE void sum_joined(int rows, int panels, const joined_tile *t, const float *gradients, int64_t gradient_step,
                       int64_t tap, int64_t panel_size, bool accumulate, float *gradient) {
    enum { VECTORS_16 = PANEL / LANES };
    vfloat sums[JOINED_ROWS * VECTORS_16];
    int vectors = panels * VECTORS_16;
    gradient += tap * PANEL;
    UNROLL for (int h = 0; h < 2; h++) UNROLL for (int i = 0; i < JOINED_HALF; i++)
        UNROLL for (int j = 0; j < vectors; j++) {
        int row = h * JOINED_HALF + i;
        if (row < rows)
            sums[row * vectors + j] = vf_set(0);
    }
    int64_t step = (int64_t)t->geometry->stride_x * t->geometry->channels;
    for (int64_t n = 0; n < t->lines; n++) {
        const float *input = t->line[n].input;
        const int64_t *offsets = t->line[n].offsets + tap;
        for (int64_t p = 0; p < t->line[n].count; p++, input += step, gradients += gradient_step) {
            vfloat columns[2 * VECTORS_16];
            UNROLL for (int j = 0; j < vectors; j++) columns[j] = vf_load(gradients + j * LANES);
            UNROLL for (int h = 0; h < 2; h++) UNROLL for (int i = 0; i < JOINED_HALF; i++) {
                int row = h * JOINED_HALF + i;
                if (row < rows) {
                    vfloat value = vf_set(*(const float *)((const char *)input + offsets[row]));
                    UNROLL for (int j = 0; j < vectors; j++) sums[row * vectors + j] =
                        vf_fma(value, columns[j], sums[row * vectors + j]);
                }
            }
        }
    }
    UNROLL for (int h = 0; h < 2; h++) UNROLL for (int i = 0; i < JOINED_HALF; i++)
        UNROLL for (int j = 0; j < vectors; j++) {
        int row = h * JOINED_HALF + i;
        if (row < rows) {
            float *to = gradient + j / VECTORS_16 * panel_size + row * PANEL + j % VECTORS_16 * LANES;
            vfloat sum = sums[row * vectors + j];
            vf_store(to, accumulate ? vf_add(vf_load(to), sum) : sum);
        }
    }
}

/* All taps of a tile for one panel or two, in blocks of nearly equal height. */
static void sum_joined_tile(int panels, const joined_tile *t, const float *gradients, int64_t gradient_step,
                            int64_t panel_size, bool accumulate, float *gradient) {
    int64_t most = panels == 1 ? JOINED_ROWS : JOINED_PAIR_ROWS, blocks = (t->taps + most - 1) / most;
    for (int64_t b = 0, tap = 0; b < blocks; b++) {
        int rows = (int)(t->taps / blocks + (b < t->taps % blocks));
#define SUM_PAIR(number) sum_joined(number, 2, t, gradients, gradient_step, tap, panel_size, accumulate, gradient)
#define SUM_PANEL(number)                                                                                              \
    sum_joined(ALWAYS + number, 1, t, gradients, gradient_step, tap, panel_size, accumulate, gradient)
        if (panels == 2) {
            WITH_CONSTANT_ROWS(rows, JOINED_PAIR_ROWS, SUM_PAIR)
        } else {
            WITH_CONSTANT_ROWS(rows - ALWAYS, 16, SUM_PANEL)
        }
#undef SUM_PANEL
#undef SUM_PAIR
        tap += rows;
    }
}

#endif
