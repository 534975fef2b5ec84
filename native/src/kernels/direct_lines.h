/*
 * direct_lines.h - direct convolution where taps are few: blocks of pixels of one target row.
 *
 * A sum of few taps is over before the pointers of direct_runs.h are found. The pixels of one row read the source at
 * one distance from each other, so that one pointer is enough for all; where they read partly outside, the source of
 * the whole block is copied with zeros beside it. Kernel rows that are outside are left out.
 *
 * The parts of a sum are kernel rows, at most SUM_TAPS taps together, and end at the same taps for every pixel.
 */
#ifndef NATIVECNN_DIRECT_LINES_H
#define NATIVECNN_DIRECT_LINES_H

#include "constant_rows.h"
#include "direct_runs.h"
#include "even_blocks.h"

#include <math.h>

enum {
    /* The most taps of a sum, the shortest row, and the floats of a copied block. */
    LINE_TAPS = 384,
    LEAST_LINE = ROWS / 2,
    LINE_COPY = 8192,
    /* The pixels of a row up to which whole rows are copied, instead of the blocks at its ends. */
    COPIED_ROW = 4 * ROWS
};

/* A target row, and a block of pixels in it. */
typedef struct line_block {
    /* The source image, and the place of it that the first kernel row reads. */
    const float *image;
    int64_t y;
    /* The kernel rows inside the source. */
    int64_t begin;
    int64_t end;
    float *target_row;
    int rows;
    /* The place that the first tap of the first kernel row reads, and from one to the next: pixels, kernel rows, and
     * runs of taps in them. */
    const float *source;
    int64_t step;
    int64_t row_step;
    int64_t run_step;
    float *target;
    int64_t target_step;
    /* Copied source rows, counted over all images: the first one, and how many; none where copied_row is 0. */
    int64_t copied_row;
    int64_t copied_first;
    int64_t copied_count;
    float copy[LINE_COPY];
} line_block;

/* How taps are read: kernel rows of a part, runs of a kernel row, and their length. */
typedef struct line_cut {
    int64_t part_rows;
    int64_t runs;
    int64_t length;
} line_cut;

/* The source places that n pixels of a row read, from the first to the last. */
INLINE int64_t line_width(const gather *g, int64_t n) {
    return (n - 1) * g->x.source_step + (g->x.taps - 1) * g->x.offset_step + 1;
}

/* Whether a gather goes by lines. */
static bool by_lines(const gather *g) {
    int64_t row = g->x.taps * g->channels;
    return g->channels == g->source_channels && row > 0 && row <= SUM_TAPS && g->y.taps > 0 &&
           g->y.taps * row <= LINE_TAPS && g->x.count >= LEAST_LINE &&
           g->x.offset_step * g->x.taps + g->x.source_step * SINGLE_ROWS <= LINE_COPY / (g->y.taps * g->channels);
}

static line_cut cut_lines(const gather *g) {
    bool beside = g->x.offset_step == 1 && g->x.tap_step == 1;
    line_cut c = {.runs = beside ? 1 : g->x.taps, .length = beside ? g->x.taps * g->channels : g->channels};
    c.part_rows = SUM_TAPS / (g->x.taps * g->channels);
    return c;
}

/* Copies width places from place x of a source row on, with zeros outside. row: its place 0. */
static void copy_line(const gather *g, const float *row, int64_t x, int64_t width, float *to) {
    int64_t begin = x < 0 ? -x : 0, end = g->source_width - x;
    begin = (begin < width ? begin : width) * g->channels;
    end = (end < width ? end : width) * g->channels;
    for (int64_t k = 0; k < begin; k++)
        to[k] = 0;
    if (end > begin)
        memcpy(to + begin, row + x * g->channels + begin, (size_t)(end - begin) * sizeof(float));
    for (int64_t k = end > begin ? end : begin; k < width * g->channels; k++)
        to[k] = 0;
}

/* Copies the kernel rows that a block reads from place x of the source on. */
static void copy_block(const gather *g, int64_t x, line_block *b) {
    int64_t width = line_width(g, b->rows);
    b->source = b->copy;
    b->row_step = width * g->channels;
    for (int64_t i = b->begin; i < b->end; i++)
        copy_line(g, b->image + (b->y + i * g->y.offset_step) * g->source_width * g->channels, x, width,
                  b->copy + i * b->row_step);
}

/* The floats of a copied row, or 0 where rows are not copied: they read inside, or are long. */
static int64_t copied_row_of(const gather *g) {
    int64_t width = line_width(g, g->x.count), row = width * g->channels;
    bool inside = g->x.offset >= 0 && g->x.offset + width <= g->source_width;
    int64_t rows = (g->y.taps - 1) * g->y.offset_step + 1;
    return !inside && g->x.count <= COPIED_ROW && row <= LINE_COPY / (rows + g->y.source_step) ? row : 0;
}

/* Copies the rows that the kernel rows of a target row read and that are not there yet. first: place 0 of kernel row 0,
 * counted over all images. */
static void copy_rows(const gather *g, int64_t first, line_block *b) {
    int64_t begin = first + b->begin * g->y.offset_step, end = first + (b->end - 1) * g->y.offset_step + 1;
    if (b->copied_count == 0 || begin < b->copied_first || begin > b->copied_first + b->copied_count ||
        end > b->copied_first + LINE_COPY / b->copied_row) {
        b->copied_first = begin;
        b->copied_count = 0;
    }
    for (int64_t row = b->copied_first + b->copied_count; row < end; row++, b->copied_count++)
        copy_line(g, g->source + row * g->source_width * g->channels, g->x.offset, b->copied_row / g->channels,
                  b->copy + b->copied_count * b->copied_row);
}

/* Begins a gather, of which no row is copied yet. */
INLINE void begin_rows(const gather *g, line_block *b) {
    b->copied_row = copied_row_of(g);
    b->copied_first = 0;
    b->copied_count = 0;
}

/* Finds the kernel rows and the target of a row of a gather, counted over all images. */
static void place_row(const gather *g, int64_t row, line_block *b) {
    int64_t image = row / g->y.count, v = row % g->y.count;
    b->image = g->source + image * g->source_height * g->source_width * g->channels;
    b->y = v * g->y.source_step + g->y.offset;
    b->begin = b->y < 0 ? (-b->y + g->y.offset_step - 1) / g->y.offset_step : 0;
    int64_t inside = b->y < g->source_height ? (g->source_height - 1 - b->y) / g->y.offset_step + 1 : 0;
    b->end = inside < g->y.taps ? inside : g->y.taps;
    if (b->copied_row > 0 && b->begin < b->end)
        copy_rows(g, image * g->source_height + b->y, b);
    b->step = g->x.source_step * g->channels;
    b->run_step = g->x.offset_step * g->channels;
    b->target_step = g->x.step * g->target_channels;
    b->target_row =
        g->target +
        ((image * g->target_height + g->y.first + v * g->y.step) * g->target_width + g->x.first) * g->target_channels;
}

/* Finds the source of pixels u to u + rows - 1 of the row, and asks for what the next row reads for the first time. */
static void place_line(const gather *g, int64_t u, int rows, line_block *b) {
    int64_t x = u * g->x.source_step + g->x.offset;
    b->rows = rows;
    b->target = b->target_row + u * b->target_step;
    if (b->copied_row > 0) {
        int64_t image = (b->image - g->source) / (g->source_width * g->channels);
        b->source = b->copy + (image + b->y - b->copied_first) * b->copied_row + u * b->step;
        b->row_step = g->y.offset_step * b->copied_row;
    } else if (x >= 0 && x + line_width(g, rows) <= g->source_width) {
        b->source = b->image + (b->y * g->source_width + x) * g->channels;
        b->row_step = g->y.offset_step * g->source_width * g->channels;
    } else {
        copy_block(g, x, b);
    }
    int64_t line = (int64_t)sizeof(float) * g->source_width * g->channels;
    int64_t next = b->y + (g->y.taps - 1) * g->y.offset_step + 1;
    uintptr_t from = (uintptr_t)b->image + (uintptr_t)(next * line + x * g->channels * (int64_t)sizeof(float));
    for (int64_t i = 0; i < g->y.source_step; i++, from += (uintptr_t)line)
        for (int64_t k = 0; k < rows * b->step * (int64_t)sizeof(float); k += 64)
            PREFETCH(from + (uintptr_t)k);
}

/* target[pixel, column] = max(floor, bias[column] + sum over taps of pixel times filter), for rows pixels and n
 * columns, 1 <= n <= 16 panels. NaN stays. */
INLINE void sum_line(bool in_parts, int rows, int panels, const gather *g, const line_cut *c, const line_block *b,
                     const float *packed, const float *bias, float floor, int64_t n, int64_t column) {
    vfloat sums[SINGLE_ROWS * COLUMN_PANELS * VECTORS], totals[SINGLE_ROWS * COLUMN_PANELS * VECTORS];
    int vectors = panels * VECTORS;
    bool has_totals = false;
    int64_t step = b->step * (int64_t)sizeof(float), step_3 = 3 * step, part_end = b->begin / c->part_rows;
    part_end = (part_end + 1) * c->part_rows;
    float *target = b->target + column;
    UNROLL for (int j = 0; j < vectors; j++) {
        int64_t left = n - j * LANES;
        vfloat begin = bias && left > 0 ? vf_load_n(bias + j * LANES, left) : vf_set(0);
        UNROLL for (int i = 0; i < rows; i++) sums[i * vectors + j] = begin;
    }
    UNROLL for (int i = 0; i < rows; i++) for (int j = 0; j < panels; j++)
        PREFETCH(target + i * b->target_step + j * PANEL);
    for (int64_t y = b->begin; y < b->end; y++) {
        if (in_parts && y == part_end) {
            UNROLL for (int i = 0; i < rows; i++) UNROLL for (int j = 0; j < vectors; j++) {
                vfloat *total = &totals[i * vectors + j];
                *total = has_totals ? vf_add(*total, sums[i * vectors + j]) : sums[i * vectors + j];
                sums[i * vectors + j] = vf_set(0);
            }
            has_totals = true;
            part_end += c->part_rows;
        }
        for (int64_t x = 0; x < c->runs; x++) {
            int64_t tap = ((g->y.tap + y * g->y.tap_step) * g->kernel_width + g->x.tap + x * g->x.tap_step);
            const float *filters = packed + tap * g->channels * PANEL;
            const char *first = (const char *)(b->source + y * b->row_step + x * b->run_step);
            const char *fifth = first + 5 * step, *tenth = first + 10 * step, *fifteenth = first + 15 * step;
            for (int64_t k = 0; k < c->length; k++, filters += PANEL) {
                vfloat columns[COLUMN_PANELS * VECTORS];
                UNROLL for (int j = 0; j < vectors; j++) columns[j] =
                    vf_load(filters + j / VECTORS * g->panel_size + j % VECTORS * LANES);
                UNROLL for (int i = 0; i < rows; i++) {
                    const char *base = i < 5 ? first : i < 10 ? fifth : i < 15 ? tenth : fifteenth;
                    const char *from = i % 5 == 3 ? base + step_3 : base + i % 5 * step;
                    vfloat value = vf_set(*(const float *)from);
                    UNROLL for (int j = 0; j < vectors; j++) sums[i * vectors + j] =
                        vf_fma(value, columns[j], sums[i * vectors + j]);
                }
                first += sizeof(float);
                fifth += sizeof(float);
                tenth += sizeof(float);
                fifteenth += sizeof(float);
            }
        }
    }
    if (in_parts && has_totals)
        UNROLL for (int i = 0; i < rows; i++) UNROLL for (int j = 0; j < vectors; j++) sums[i * vectors + j] =
            vf_add(totals[i * vectors + j], sums[i * vectors + j]);
    vfloat least = vf_set(floor);
    if (n >= vectors * LANES) {
        UNROLL for (int i = 0; i < rows; i++) UNROLL for (int j = 0; j < vectors; j++)
            vf_store(target + i * b->target_step + j * LANES, vf_max(least, sums[i * vectors + j]));
        return;
    }
    UNROLL for (int j = 0; j < vectors; j++) {
        int64_t left = n - j * LANES;
        if (left > 0)
            UNROLL for (int i = 0; i < rows; i++)
                vf_store_n(target + i * b->target_step + j * LANES, vf_max(least, sums[i * vectors + j]), left);
    }
}

/* A block's columns of panels panel to panel + panels - 1, of which n exist. */
static void sum_line_panels(int panels, const gather *g, const line_cut *c, const line_block *b, int64_t panel,
                            int64_t n) {
    const float *packed = g->packed + panel * g->panel_size;
    int64_t column = panel * PANEL;
    const float *bias = g->bias ? g->bias + column : NULL;
    float floor = g->activation->kind == NATIVECNN_RELU ? 0 : -INFINITY;
    bool in_parts = c->part_rows < g->y.taps;
#define SUM_LINE(in_parts, number, panels) sum_line(in_parts, number, panels, g, c, b, packed, bias, floor, n, column)
#define SUM_PAIR(number) in_parts ? SUM_LINE(true, number, COLUMN_PANELS) : SUM_LINE(false, number, COLUMN_PANELS)
#define SUM_PANEL(number) in_parts ? SUM_LINE(true, number, 1) : SUM_LINE(false, number, 1)
    if (panels == COLUMN_PANELS) {
        WITH_CONSTANT_ROWS(b->rows, ROWS, SUM_PAIR)
    } else {
        WITH_CONSTANT_ROWS(b->rows, SINGLE_ROWS, SUM_PANEL)
    }
#undef SUM_PANEL
#undef SUM_PAIR
#undef SUM_LINE
    /* Only forward has an activation, and its targets lie side by side. */
    if (g->activation->kind != NATIVECNN_RELU)
        VARIANT(bias_activation)(g->activation, NULL, b->rows, n, g->target_channels, b->target + column);
}

/* The rows row_begin to row_end - 1 of a gather, counted over all images, and the columns of a range of panels. */
static void gather_lines(const gather *g, int64_t row_begin, int64_t row_end, int64_t panel_begin, int64_t panel_end) {
    line_cut c = cut_lines(g);
    line_block b;
    begin_rows(g, &b);
    even_blocks blocks = cut_evenly(g->x.count, g->columns <= PANEL ? SINGLE_ROWS : ROWS);
    for (int64_t row = row_begin; row < row_end; row++) {
        place_row(g, row, &b);
        for (int64_t i = 0, u = 0; i < blocks.count; i++, u += b.rows) {
            place_line(g, u, (int)block_size(blocks, i), &b);
            for (int64_t panel = panel_begin; panel < panel_end; panel += COLUMN_PANELS) {
                int panels = panel_end - panel < COLUMN_PANELS ? (int)(panel_end - panel) : COLUMN_PANELS;
                int64_t n = g->columns - panel * PANEL;
                sum_line_panels(panels, g, &c, &b, panel, n < panels * PANEL ? n : panels * PANEL);
            }
        }
    }
}

#endif
