/*
 * direct_short_rows.h - the filter gradient of direct convolution where a kernel row has few taps: kernel rows go
 * together, so that all sums of a filter, or half of them, stay in registers while a tile is read once.
 *
 * The pixels of a tile are rows of an image's output, or a part of one. Where they read partly outside, the input of
 * the whole tile is copied with zeros beside it.
 */
#ifndef NATIVECNN_DIRECT_SHORT_ROWS_H
#define NATIVECNN_DIRECT_SHORT_ROWS_H

#include "constant_rows.h"
#include "direct.h"
#include "even_blocks.h"
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
    JOINED_COPIES = 4096,
    /* More filters were faster a kernel row at a time. */
    JOINED_FILTERS = 2 * PANEL
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
    /* The floats of a copied row. */
    int64_t copied_row;
    joined_line line[JOINED_LINES];
    /* Where the taps of a pixel lie, in the input and in a copy. */
    int64_t placed[JOINED_TAPS];
    int64_t copied[JOINED_TAPS];
    float copies[JOINED_COPIES];
} joined_tile;

INLINE int64_t joined_width(const nativecnn_convolution_geometry *g) {
    return g->output_width < JOINED_TILE ? g->output_width : JOINED_TILE;
}

/* The floats of a copied row, and the rows that a kernel reads. */
INLINE int64_t joined_row(const nativecnn_convolution_geometry *g) {
    return ((joined_width(g) - 1) * g->stride_x + g->kernel_width) * g->channels;
}

INLINE int64_t joined_height(const nativecnn_convolution_geometry *g) {
    return (int64_t)(g->kernel_height - 1) * g->dilation_y + 1;
}

/* Whether kernel rows go together: only vectors of 16 lanes leave registers for it. */
static bool joins_rows(const nativecnn_convolution_geometry *g) {
    int64_t row = (int64_t)g->kernel_width * g->channels;
    return LANES == 16 && g->groups == 1 && g->filters <= JOINED_FILTERS && g->dilation_x == 1 && row <= JOINED_ROW &&
           g->kernel_height > 1 && row * g->kernel_height > ALWAYS && row * g->kernel_height <= JOINED_TAPS &&
           joined_height(g) <= JOINED_COPIES / joined_row(g);
}

static void begin_joined(const nativecnn_convolution_geometry *g, joined_tile *t) {
    t->geometry = g;
    t->taps = (int64_t)g->kernel_height * g->kernel_width * g->channels;
    int64_t row = (int64_t)g->kernel_width * g->channels;
    t->copied_row = joined_row(g);
    for (int64_t tap = 0; tap < t->taps; tap++) {
        int64_t placed_row = (int64_t)g->dilation_y * g->width * g->channels;
        t->placed[tap] = (tap / row * placed_row + tap % row) * (int64_t)sizeof(float);
        t->copied[tap] = (tap / row * g->dilation_y * t->copied_row + tap % row) * (int64_t)sizeof(float);
    }
}

/* Copies rows rows of width places from place (y, x) of an image on, with zeros outside. */
static void copy_joined(joined_tile *t, const float *image, int64_t y, int64_t x, int64_t rows, int64_t width) {
    const nativecnn_convolution_geometry *g = t->geometry;
    int64_t begin = x < 0 ? -x : 0, end = g->width - x;
    begin = (begin < width ? begin : width) * g->channels;
    end = (end < width ? end : width) * g->channels;
    float *copy = t->copies;
    for (int64_t i = 0; i < rows; i++, y++, copy += t->copied_row) {
        bool inside = y >= 0 && y < g->height && end > begin;
        int64_t first = inside ? begin : 0, last = inside ? end : 0;
        for (int64_t k = 0; k < first; k++)
            copy[k] = 0;
        if (inside)
            memcpy(copy + first, image + (y * g->width + x) * g->channels + first,
                   (size_t)(last - first) * sizeof(float));
        for (int64_t k = last; k < width * g->channels; k++)
            copy[k] = 0;
    }
}

/* Makes a tile of the pixels x to x + count - 1 of lines output rows from row on, counted over all images. */
static void place_joined(joined_tile *t, const float *input, int64_t row, int64_t lines, int64_t x, int64_t count) {
    const nativecnn_convolution_geometry *g = t->geometry;
    const float *image = input + row / g->output_height * g->height * g->width * g->channels;
    int64_t y = row % g->output_height * g->stride_y - g->pad_top, from = x * g->stride_x - g->pad_left;
    int64_t height = (lines - 1) * g->stride_y + joined_height(g), width = (count - 1) * g->stride_x + g->kernel_width;
    bool inside = y >= 0 && y + height <= g->height && from >= 0 && from + width <= g->width;
    const float *first = inside ? image + (y * g->width + from) * g->channels : t->copies;
    int64_t step = g->stride_y * (inside ? (int64_t)g->width * g->channels : t->copied_row);
    if (!inside)
        copy_joined(t, image, y, from, height, width);
    t->lines = lines;
    for (int64_t i = 0; i < lines; i++)
        t->line[i] = (joined_line){first + i * step, inside ? t->placed : t->copied, count};
}

/* gradient[tap, column] = (or +=) sum over the pixels of a tile, for rows taps and all columns of panels, the last
 * vector of which has last filters. Taps go in two halves, as many as are unrolled at once. */
INLINE void sum_joined(int rows, int panels, const joined_tile *t, const float *gradients, int64_t gradient_step,
                       int64_t last, int64_t tap, int64_t panel_size, bool accumulate, float *gradient) {
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
            UNROLL for (int j = 0; j < vectors; j++) columns[j] =
                vf_load_n(gradients + j * LANES, j + 1 < vectors ? LANES : last);
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
                            int64_t last, int64_t panel_size, bool accumulate, float *gradient) {
    even_blocks blocks = cut_evenly(t->taps, panels == 1 ? JOINED_ROWS : JOINED_PAIR_ROWS);
    for (int64_t b = 0, tap = 0; b < blocks.count; b++) {
        int rows = (int)block_size(blocks, b);
#define SUM_PAIR(number) sum_joined(number, 2, t, gradients, gradient_step, last, tap, panel_size, accumulate, gradient)
#define SUM_PANEL(number)                                                                                              \
    sum_joined(ALWAYS + number, 1, t, gradients, gradient_step, last, tap, panel_size, accumulate, gradient)
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
