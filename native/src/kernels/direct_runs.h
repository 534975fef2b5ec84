/*
 * direct_runs.h - what a block of pixels of direct convolution reads: how taps are cut into runs, and where each pixel
 * finds the values of a run.
 *
 * The pixels of a block need not lie in one row: each has a pointer. Where a whole block reads inside the image, its
 * pointers are those of its corners, and a kernel row is one run of taps. At the border each tap is a run by itself,
 * and a pixel outside points to zeros.
 */
#ifndef NATIVECNN_DIRECT_RUNS_H
#define NATIVECNN_DIRECT_RUNS_H

#include "direct.h"
#include "direct_axis.h"
#include "kernels.h"
#include "simd.h"

enum {
/* The pixels of a block: with two panels of filters (one, where vectors are shorter), as many sums as the registers
 * hold beside the operands. */
#if LANES == 16
    ROWS = 14,
#elif LANES == 8 || defined(__aarch64__) || defined(_M_ARM64)
    ROWS = 6,
#else
    ROWS = 2,
#endif
    /* Runs whose sums stay in registers; more go through the output. */
    RUNS = 64,
    /* The longest run outside the image, and the longest kernel row that is copied where it is partly outside. */
    ZEROS = 512,
    SHORT_ROW = 64,
    /* The floats of the copies, per pixel. */
    COPIES = 512
};

static const float zeros[ZEROS];

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
    /* Its first value, from the place that the first tap reads: y rows, x pixels and a channel; and all in floats. */
    int64_t y;
    int64_t x;
    int64_t channel;
    int64_t offset;
    /* The bytes of the next block to ask for at each tap. */
    int64_t ahead;
} run;

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
    /* Whether the sums begin with what the targets hold. */
    bool accumulate;
    pixel begin;
    float *target[ROWS];
    int64_t run_count;
    const run *runs;
    run kept[RUNS];
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
    bool whole_rows;
    /* Runs of a kernel row, of a tap, and of all taps. */
    int64_t columns;
    int64_t pieces;
    int64_t count;
    /* Of a run, but for the last piece. */
    int64_t length;
    /* Runs that go together at most. */
    int64_t batch_size;
} cut;

static cut cut_runs(const gather *g, bool inside) {
    cut c = {.columns = 1, .pieces = 1, .batch_size = RUNS};
    int64_t row = g->x.taps * g->channels;
    if (g->y.taps == 0 || g->x.taps == 0)
        return c;
    c.whole_rows = g->x.offset_step == 1 && g->x.tap_step == 1 && g->channels == g->source_channels &&
                   (inside || row <= SHORT_ROW);
    if (c.whole_rows) {
        c.length = row;
        if (!inside && c.batch_size * row > COPIES)
            c.batch_size = COPIES / row;
    } else {
        c.columns = g->x.taps;
        c.length = inside || g->channels < ZEROS ? g->channels : ZEROS;
        c.pieces = (g->channels + c.length - 1) / c.length;
    }
    c.count = g->y.taps * c.columns * c.pieces;
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

/* Lists count runs from run first on. */
static void list_runs(const gather *g, const cut *c, int64_t first, int64_t count, run *runs) {
    for (int64_t i = 0; i < count; i++) {
        int64_t column = (first + i) / c->pieces % c->columns, row = (first + i) / c->pieces / c->columns;
        run *r = &runs[i];
        r->y = row * g->y.offset_step;
        r->x = column * g->x.offset_step;
        r->channel = (first + i) % c->pieces * c->length;
        r->offset = (r->y * g->source_width + r->x) * g->source_channels + r->channel;
        int64_t left = g->channels - r->channel;
        r->length = c->pieces > 1 && left < c->length ? left : c->length;
        int64_t tap = (g->y.tap + row * g->y.tap_step) * g->kernel_width + g->x.tap + column * g->x.tap_step;
        r->tap = tap * g->channels + r->channel;
        r->ahead = (int64_t)sizeof(float) * ROWS * g->x.source_step * g->source_channels / r->length;
    }
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

/* Points the pixels of a block that is not inside to the values of count runs, of which those that read nothing inside
 * are left out. */
static void place_border(const gather *g, const cut *c, const run *runs, int64_t count, block *b) {
    float *copy = b->copies;
    b->run_count = 0;
    for (int64_t r = 0; r < count; r++) {
        if (!place_run(g, c, &runs[r], b, b->pixels + b->run_count * ROWS, &copy))
            continue;
        b->kept[b->run_count] = runs[r];
        b->kept[b->run_count].offset = 0;
        b->run_count++;
    }
    b->runs = b->kept;
}

#endif
