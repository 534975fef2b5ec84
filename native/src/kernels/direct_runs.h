/*
 * direct_runs.h - what a block of pixels of direct convolution reads: how taps are cut into runs, and where each pixel
 * finds the values of a run.
 *
 * The pixels of a block need not lie in one row: each has a pointer. Where a whole block reads inside the image, its
 * pointers are those of its corners, and a kernel row is one run of taps. At the border each tap is a run by itself,
 * and a pixel outside points to zeros.
 *
 * Sums are blocked: at most SUM_TAPS taps are added up by themselves, and then to the total of those before, so that
 * the error grows with the length of a part and the number of parts, not with their product. Parts end at the same taps
 * for every pixel, inside or at the border, whose bits so do not depend on what it is computed beside.
 */
#ifndef NATIVECNN_DIRECT_RUNS_H
#define NATIVECNN_DIRECT_RUNS_H

#include "direct.h"
#include "direct_axis.h"
#include "kernels.h"
#include "simd.h"
#include "sum_block.h"

enum {
    /* Runs whose sums stay in registers; more go through the output. */
    RUNS = 64,
    /* The taps that are added up by themselves, and so the longest run. */
    SUM_TAPS = 256,
    /* The longest kernel row that is copied where it is partly outside. */
    SHORT_ROW = 64,
    /* The floats of the copies, per pixel: a part of a sum and more. */
    COPIES = 512
};

/* What lies outside the image. */
static const float zeros[SUM_TAPS];

/* A gather: source[image, y, x, source_channels] to target[image, y, x, target_channels]. */
typedef struct gather {
    axis y;
    axis x;
    /* At the group's first channel. */
    const float *source;
    float *target;
    const float *packed;
    /* At the group's first filter, or null. */
    const float *bias;
    /* Of all groups, and so the distance of two pixels. */
    int64_t source_channels;
    int64_t target_channels;
    /* Of this group: the values of a tap, and the columns of the packed filters. */
    int64_t channels;
    int64_t columns;
    int64_t source_height;
    int64_t source_width;
    int64_t target_height;
    int64_t target_width;
    int64_t kernel_width;
    /* Floats of one panel. */
    int64_t panel_size;
    const nativecnn_activation *activation;
} gather;

/* Consecutive taps whose values lie side by side. */
typedef struct run {
    /* The first tap's place in a panel. */
    int64_t tap;
    int64_t length;
    /* Whether a part of the sum ends with it, and another follows. */
    bool ends_part;
    /* Its first value, from the place that the first tap reads: y rows, x pixels and a channel; and all in floats. */
    int64_t y;
    int64_t x;
    int64_t channel;
    int64_t offset;
    /* The bytes of the next block to ask for at each tap, and from where the first tap's values lie in it. */
    int64_t ahead;
    int64_t ahead_begin;
} run;

/* Runs that go together. */
typedef struct run_list {
    int64_t count;
    run runs[RUNS];
} run_list;

/* A pixel of a gather: u along either axis, and its image. */
typedef struct pixel {
    int64_t image;
    int64_t y;
    int64_t x;
} pixel;

/* The pixels of a block. */
typedef struct block {
    int rows;
    /* Whether every pixel reads inside the image only. */
    bool inside;
    /* Whether the sums have more than one part. */
    bool in_parts;
    /* Whether the sums begin with what the targets hold. */
    bool accumulate;
    /* Whether the first part of the sums, which holds the bias, read nothing inside: the bias is that part. */
    bool bias_is_part;
    pixel begin;
    float *target[ROWS];
    const run_list *list;
    run_list kept;
    /* Of each pixel, for each run (step ROWS) or for all (step 0). */
    const float *pixels[RUNS * ROWS];
    int64_t pixel_step;
    /* From this block's pixels to the next one's. */
    int64_t ahead;
    /* What pixels point to where a run is partly outside. */
    float copies[COPIES * ROWS];
} block;

INLINE pixel find_pixel(const gather *g, int64_t number) {
    int64_t row = number / g->x.count;
    return (pixel){row / g->y.count, row % g->y.count, number % g->x.count};
}

/* The first pixel of the next row. */
INLINE pixel next_row(const gather *g, pixel at) {
    bool last = at.y + 1 == g->y.count;
    return (pixel){at.image + last, last ? 0 : at.y + 1, 0};
}

/* The pixels from at to the end of its row, at most limit. */
INLINE int row_rest(const gather *g, pixel at, int limit) {
    return limit < g->x.count - at.x ? limit : (int)(g->x.count - at.x);
}

/* Finds the rows pixels of a block from pixel at on, in scan order: their targets, and their pointers if all read
 * inside. Returns the pixel behind them. */
static pixel place_block(const gather *g, pixel at, int rows, block *b) {
    int64_t source_step = g->x.source_step * g->source_channels, target_step = g->x.step * g->target_channels;
    b->rows = rows;
    b->ahead = rows * source_step;
    b->begin = at;
    b->inside = true;
    for (int i = 0; i < rows;) {
        int count = row_rest(g, at, rows - i);
        int64_t source_y = at.y * g->y.source_step, source_x = at.x * g->x.source_step;
        b->inside = b->inside && reads_inside(&g->y, source_y, source_y) &&
                    reads_inside(&g->x, source_x, source_x + (count - 1) * g->x.source_step);
        int64_t target_y = at.image * g->target_height + g->y.first + at.y * g->y.step;
        float *target = g->target + (target_y * g->target_width + g->x.first + at.x * g->x.step) * g->target_channels;
        for (int k = 0; k < count; k++)
            b->target[i + k] = target + k * target_step;
        if (b->inside) {
            const float *source =
                g->source +
                ((at.image * g->source_height + source_y + g->y.offset) * g->source_width + source_x + g->x.offset) *
                    g->source_channels;
            for (int k = 0; k < count; k++)
                b->pixels[i + k] = source + k * source_step;
        }
        i += count;
        at.x += count;
        if (at.x == g->x.count)
            at = next_row(g, at);
    }
    return at;
}

/* How the taps are cut into runs: along a kernel row, and along a tap's channels. */
typedef struct cut {
    /* Whether the taps of a kernel row lie side by side. */
    bool whole_rows;
    /* Runs of a kernel row, of a tap, and of all taps. */
    int64_t columns;
    int64_t pieces;
    int64_t count;
    /* The taps of a run, and its length; less at the end of a row or a tap. */
    int64_t taps;
    int64_t length;
    /* The kernel rows, or the runs of one row if rows is 1, after which a part of the sum ends. */
    int64_t part_rows;
    int64_t part_columns;
    /* Whether the sum has more than one part. */
    bool in_parts;
    /* Runs that go together at most. */
    int64_t batch_size;
} cut;

INLINE int64_t at_most(int64_t limit, int64_t value) {
    return value < limit ? value : limit;
}

static cut cut_runs(const gather *g, bool inside) {
    cut c = {.columns = 1, .pieces = 1, .batch_size = RUNS};
    int64_t row = g->x.taps * g->channels;
    if (g->y.taps == 0 || g->x.taps == 0)
        return c;
    c.whole_rows = g->x.offset_step == 1 && g->x.tap_step == 1 && g->channels == g->source_channels &&
                   (inside || row <= SHORT_ROW);
    /* A part is some kernel rows, or some taps of a row, or some channels of a tap; at most RUNS taps. */
    int64_t part_taps = g->channels < SUM_TAPS ? at_most(RUNS, SUM_TAPS / g->channels) : 1;
    part_taps = at_most(g->x.taps, part_taps);
    c.part_rows = part_taps < g->x.taps ? 1 : at_most(RUNS / g->x.taps, SUM_TAPS / row);
    c.part_rows = c.part_rows < 1 ? 1 : c.part_rows;
    c.taps = c.whole_rows ? part_taps : 1;
    c.part_columns = part_taps / c.taps;
    c.columns = (g->x.taps + c.taps - 1) / c.taps;
    c.length = at_most(SUM_TAPS, c.taps * g->channels);
    c.pieces = c.taps > 1 ? 1 : (g->channels + c.length - 1) / c.length;
    if (c.whole_rows && !inside)
        c.batch_size = at_most(RUNS, COPIES / row);
    c.count = g->y.taps * c.columns * c.pieces;
    c.in_parts = c.part_rows < g->y.taps || part_taps < g->x.taps || c.pieces > 1 || c.count > c.batch_size;
    return c;
}

/* Writes a run that begins at x of a source row and is partly outside, with zeros there. */
static void copy_run(const gather *g, const float *row, int64_t x, float *to) {
    int64_t length = g->x.taps * g->channels, end = (g->source_width - x) * g->channels;
    int64_t i = 0;
    for (; i < -x * g->channels; i++)
        to[i] = 0;
    for (; i < length && i < end; i++)
        to[i] = row[x * g->channels + i];
    for (; i < length; i++)
        to[i] = 0;
}

/* Lists the runs from run first on that go together: as many as there are and may be, up to the end of a part. */
static void list_runs(const gather *g, const cut *c, int64_t first, run_list *list) {
    int64_t limit = at_most(c->batch_size, c->count - first);
    list->count = 0;
    for (int64_t i = 0; i < limit; i++) {
        int64_t column = (first + i) / c->pieces % c->columns, row = (first + i) / c->pieces / c->columns;
        run *r = &list->runs[i];
        r->y = row * g->y.offset_step;
        r->x = column * c->taps * g->x.offset_step;
        r->channel = (first + i) % c->pieces * c->length;
        r->offset = (r->y * g->source_width + r->x) * g->source_channels + r->channel;
        int64_t rest = c->taps == 1 ? g->channels - r->channel : (g->x.taps - column * c->taps) * g->channels;
        r->length = at_most(c->length, rest);
        int64_t tap = (g->y.tap + row * g->y.tap_step) * g->kernel_width + g->x.tap + column * c->taps * g->x.tap_step;
        r->tap = tap * g->channels + r->channel;
        /* The taps side by side ask for the next block's values together, each run for its share of them. */
        int64_t beside = c->whole_rows ? g->x.taps * g->channels : g->channels;
        int64_t before = (c->whole_rows ? column * c->taps * g->channels : 0) + r->channel;
        r->ahead = (int64_t)sizeof(float) * ROWS * g->x.source_step * g->source_channels / beside;
        r->ahead_begin = before * (r->ahead - (int64_t)sizeof(float));
        bool ends_row = column + 1 == c->columns, ends_rows = row + 1 == g->y.taps || (row + 1) % c->part_rows == 0;
        bool ends_columns = c->part_rows == 1 && (column + 1) % c->part_columns == 0;
        r->ends_part = c->pieces > 1 || ends_columns || (ends_row && ends_rows);
        if (r->ends_part)
            list->count = i + 1;
    }
    if (list->count > 0)
        list->runs[list->count - 1].ends_part = false;
}

/* Points a pixel to a run that begins at x of a source row and is at least partly outside. Returns whether any of it is
 * inside. */
static bool place_outside(const gather *g, const cut *c, const float *row, int64_t x, const float **pixel,
                          float **copy) {
    *pixel = zeros;
    if (!c->whole_rows || x + g->x.taps <= 0 || x >= g->source_width)
        return false;
    copy_run(g, row, x, *copy);
    *pixel = *copy;
    *copy += c->length;
    return true;
}

/* Points the pixels of a block to a run. Returns whether any of it is inside. */
static bool place_run(const gather *g, const cut *c, const run *r, const block *b, const float **pixels, float **copy) {
    int64_t past = c->whole_rows ? g->source_width - g->x.taps : g->source_width - 1;
    int64_t step = g->x.source_step * g->source_channels;
    pixel at = b->begin;
    bool any = false;
    for (int i = 0; i < b->rows; at = next_row(g, at)) {
        int end = i + row_rest(g, at, b->rows - i);
        int64_t y = at.y * g->y.source_step + g->y.offset + r->y, x = at.x * g->x.source_step + g->x.offset + r->x;
        if (y < 0 || y >= g->source_height) {
            for (; i < end; i++)
                pixels[i] = zeros;
            continue;
        }
        const float *row = g->source + (at.image * g->source_height + y) * g->source_width * g->source_channels;
        for (; i < end && x < 0; i++, x += g->x.source_step)
            any |= place_outside(g, c, row, x, &pixels[i], copy);
        any |= i < end && x <= past;
        for (int64_t from = x * g->source_channels + r->channel; i < end && x <= past;
             i++, x += g->x.source_step, from += step)
            pixels[i] = row + from;
        for (; i < end; i++, x += g->x.source_step)
            any |= place_outside(g, c, row, x, &pixels[i], copy);
    }
    return any;
}

/* Points the pixels of a block that is not inside to the values of the listed runs, of which those that read nothing
 * inside are left out; parts end where they ended. */
static void place_border(const gather *g, const cut *c, const run_list *list, block *b) {
    float *copy = b->copies;
    run_list *kept = &b->kept;
    kept->count = 0;
    b->bias_is_part = false;
    bool ends_part = false;
    for (int64_t r = 0; r < list->count; r++) {
        run *next = &kept->runs[kept->count];
        if (place_run(g, c, &list->runs[r], b, b->pixels + kept->count * ROWS, &copy)) {
            /* The part ends between two runs that are kept. */
            if (kept->count > 0)
                kept->runs[kept->count - 1].ends_part = ends_part;
            else
                b->bias_is_part = ends_part;
            ends_part = false;
            *next = list->runs[r];
            next->offset = 0;
            next->ends_part = false;
            kept->count++;
        }
        ends_part = ends_part || list->runs[r].ends_part;
    }
    b->list = kept;
}

#endif
