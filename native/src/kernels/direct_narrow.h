/*
 * direct_narrow.h - direct convolution to a few columns, which would fill a panel to a quarter at most.
 *
 * The lanes are taps instead: the values that a pixel reads side by side, times the filters of one column after the
 * other. The lanes are added up at the end, so that no part of a sum is long.
 */
#ifndef NATIVECNN_DIRECT_NARROW_H
#define NATIVECNN_DIRECT_NARROW_H

#include "direct_lines.h"

enum {
    /* The most columns; the shortest run of taps, and the most taps of all with what fills up the last lanes. */
    NARROW_COLUMNS = 4,
    LEAST_RUN = 12,
    NARROW_TAPS = 1024,
    /* The sums of a few pixels and all columns. */
    NARROW_SUMS = LANES == 16 ? 16 : 8
};

/* The filters of a gather, column by column: runs of taps with zeros up to whole vectors. */
typedef struct narrow_filters {
    int64_t run_vectors;
    int64_t runs;
    float values[NARROW_COLUMNS * NARROW_TAPS];
    float bias[NARROW_SUMS];
} narrow_filters;

INLINE int64_t run_vectors(const line_cut *c) {
    return (c->length + LANES - 1) / LANES;
}

/* Whether a gather goes so: its rows are whole lines. */
static bool by_narrow_lines(const gather *g) {
    if (g->columns > NARROW_COLUMNS || g->channels != g->source_channels || g->x.taps == 0 || g->y.taps == 0 ||
        g->x.count < NARROW_SUMS / NARROW_COLUMNS ||
        g->x.offset_step * g->x.taps + g->x.source_step * SINGLE_ROWS > LINE_COPY / (g->y.taps * g->channels))
        return false;
    line_cut c = cut_lines(g);
    return c.length >= LEAST_RUN && g->y.taps * c.runs * run_vectors(&c) * LANES <= NARROW_TAPS;
}

/* The pixels whose sums are made together. */
INLINE int narrow_rows(int columns) {
    return NARROW_SUMS / (columns == 3 ? 4 : columns);
}

static void narrow_filters_of(const gather *g, const line_cut *c, narrow_filters *f) {
    f->run_vectors = run_vectors(c);
    f->runs = c->runs;
    float *to = f->values;
    for (int64_t y = 0; y < g->y.taps; y++)
        for (int64_t x = 0; x < c->runs; x++) {
            int64_t tap = (g->y.tap + y * g->y.tap_step) * g->kernel_width + g->x.tap + x * g->x.tap_step;
            const float *from = g->packed + tap * g->channels * PANEL;
            for (int64_t k = 0; k < f->run_vectors; k++)
                for (int64_t column = 0; column < g->columns; column++)
                    for (int64_t lane = k * LANES; lane < (k + 1) * LANES; lane++)
                        *to++ = lane < c->length ? from[lane * PANEL + column] : 0;
        }
    for (int i = 0; i < NARROW_SUMS; i++)
        f->bias[i] = g->bias ? g->bias[i % g->columns] : 0;
}

/* The sums of count pixels from pixel first of a block on, 1 <= count <= narrow_rows(columns). */
INLINE void sum_narrow(int columns, const line_cut *c, const line_block *b, const narrow_filters *f, int first,
                       int count, float floor) {
    int rows = narrow_rows(columns);
    vfloat sums[NARROW_SUMS];
    const float *pixels[NARROW_SUMS];
    UNROLL for (int i = 0; i < NARROW_SUMS; i++) sums[i] = vf_set(0);
    /* Pixels past the last are the last once more. */
    for (int i = 0; i < rows; i++)
        pixels[i] = b->source + (first + (i < count ? i : count - 1)) * b->step;
    for (int64_t y = b->begin; y < b->end; y++) {
        const float *filters = f->values + y * f->runs * f->run_vectors * LANES * columns;
        for (int64_t x = 0; x < f->runs; x++) {
            int64_t place = y * b->row_step + x * b->run_step, end = place + c->length;
            for (; place < end; place += LANES, filters += columns * LANES) {
                vfloat taps[NARROW_COLUMNS];
                UNROLL for (int j = 0; j < columns; j++) taps[j] = vf_load(filters + j * LANES);
                if (place + LANES <= end) {
                    UNROLL for (int i = 0; i < rows; i++) {
                        vfloat values = vf_load(pixels[i] + place);
                        UNROLL for (int j = 0; j < columns; j++) sums[i * columns + j] =
                            vf_fma(values, taps[j], sums[i * columns + j]);
                    }
                } else {
                    UNROLL for (int i = 0; i < rows; i++) {
                        vfloat values = vf_load_first(pixels[i] + place, end - place);
                        UNROLL for (int j = 0; j < columns; j++) sums[i * columns + j] =
                            vf_fma(values, taps[j], sums[i * columns + j]);
                    }
                }
            }
        }
    }
    float results[NARROW_SUMS];
    UNROLL for (int i = 0; i < NARROW_SUMS; i += 4) vf_sum_4(sums + i, results + i);
    vfloat least = vf_set(floor);
    UNROLL for (int i = 0; i < NARROW_SUMS; i += LANES)
        vf_store(results + i, vf_max(least, vf_add(vf_load(f->bias + i), vf_load(results + i))));
    float *target = b->target + first * b->target_step;
    for (int i = 0; i < count; i++)
        for (int j = 0; j < columns; j++)
            target[i * b->target_step + j] = results[i * columns + j];
}

static void gather_narrow_lines(const gather *g, int64_t row_begin, int64_t row_end) {
    line_cut c = cut_lines(g);
    narrow_filters f;
    narrow_filters_of(g, &c, &f);
    line_block b;
    begin_rows(g, &b);
    float floor = g->activation->kind == NATIVECNN_RELU ? 0 : -INFINITY;
    for (int64_t row = row_begin; row < row_end; row++) {
        place_row(g, row, &b);
        for (int64_t u = 0; u < g->x.count; u += b.rows) {
            place_line(g, u, (int)(g->x.count - u < SINGLE_ROWS ? g->x.count - u : SINGLE_ROWS), &b);
            int rows = narrow_rows((int)g->columns);
            for (int i = 0; i < b.rows; i += rows) {
                int count = b.rows - i < rows ? b.rows - i : rows;
#define SUM_NARROW(columns) sum_narrow(columns, &c, &b, &f, i, count, floor)
                WITH_CONSTANT_ROWS(g->columns, NARROW_COLUMNS, SUM_NARROW)
#undef SUM_NARROW
            }
            if (g->activation->kind != NATIVECNN_RELU)
                VARIANT(bias_activation)(g->activation, NULL, b.rows, g->columns, g->target_channels, b.target);
        }
    }
}

#endif
