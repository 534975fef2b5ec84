/*
 * channel_gather.h - convolution whose channels are the lanes, forward and backward-data: depthwise, and of groups
 * whose channels lie in one vector or in whole ones.
 *
 * Both write target pixels, each a sum over taps of source pixels, whose places direct_axis.h defines. A block of
 * pixels beside each other, of two rows where they share their source rows, is summed in registers: each source pixel
 * is read once for all taps of a kernel row. Every target is summed in one order, whatever it is computed beside.
 *
 * In a group of G channels, a power of two, channel c is paired with the channels c ^ r, r = 0 ... G - 1: a vector of
 * channels with itself or another one, its lanes exchanged. EXCHANGES says before the header is included whether the
 * file has such groups; without it every channel is paired with itself alone.
 */
#ifndef NATIVECNN_CHANNEL_GATHER_H
#define NATIVECNN_CHANNEL_GATHER_H

#include "constant_rows.h"
#include "direct.h"
#include "direct_axis.h"
#include "even_blocks.h"
#include "kernels.h"
#include "simd.h"

#include <math.h>

enum {
    /* The targets beside each other in a block. */
    PIXELS = LANES == 16 ? 8 : 4,
    /* The rows of a block. */
    ROWS = 2,
    /* The taps of a kernel row that is summed from registers. */
    MOST_ACROSS = 5,
    /* The floats of a cache line. */
    LINE = 16,
    /* The products that are summed by themselves before they join the total, about: whole kernel rows, or part of an
     * output row. */
    PART = 256
};

/* Forward or a phase of backward-data: source[image, y, x, c] to target[image, y, x, c]. */
typedef struct gather {
    axis y;
    axis x;
    const float *source;
    float *target;
    const float *packed;
    const float *bias;
    int64_t channels;
    /* Those that are summed: at least LANES. */
    int64_t channel_begin;
    int64_t channel_end;
    /* Of a group, where channels are exchanged; whether each source row is summed by itself. */
    int64_t group;
    bool in_parts;
    int64_t target_height;
    int64_t target_width;
    int64_t kernel_width;
    /* Floats of 16 channels' filters, where channels are exchanged. */
    int64_t panel_size;
    /* So far apart are the targets of a block and the source columns that they read: as far as taps where source_step
     * is 1. */
    int64_t spread;
    /* What pair_shift says. */
    int64_t shift;
    /* Whether to ask for the source and the target of the rows that come next. */
    bool asks_source;
    bool asks_target;
    const nativecnn_activation *activation;
} gather;

/* The taps first to end - 1 of an axis. */
typedef struct taps {
    int64_t first;
    int64_t end;
} taps;

/* Targets beside each other. The first reads source column 0 of the block for its tap 0. */
typedef struct block {
    int rows;
    int pixels;
    /* Column 0 of the upper row's tap 0 in the source, which may lie outside, and the columns that lie inside. */
    int64_t source;
    int64_t column_begin;
    int64_t column_end;
    /* Of each row: its taps inside and its first target. */
    taps down[ROWS];
    float *target[ROWS];
} block;

/* The taps that read inside for the target at a source place. */
INLINE taps taps_inside(const axis *a, int64_t place) {
    taps t = {0, a->taps};
    while (t.first < t.end && place + a->offset + t.first * a->offset_step < 0)
        t.first++;
    while (t.first < t.end && place + a->offset + (t.end - 1) * a->offset_step >= a->source_size)
        t.end--;
    return t;
}

/* Adds a source row to the sums of one row of targets, as its kernel row i, and of the next, as kernel row i - shift.
 */
INLINE void add_source_row(bool upper, bool lower, int across, int step, int pixels, bool border, const gather *g,
                           const block *b, int64_t i, int64_t c, vfloat *upper_sums, vfloat *lower_sums) {
    int64_t from = b->source + i * g->y.offset_step * g->x.source_size * g->channels;
    int64_t place_size = EXCHANGES ? g->group * PANEL : g->channels, row_size = g->kernel_width * place_size;
    int64_t filter = (g->y.tap + i * g->y.tap_step) * row_size + g->x.tap * place_size;
    filter += EXCHANGES ? c / PANEL * g->panel_size + c % PANEL : c;
    int64_t tap_step = g->x.tap_step * place_size, row_step = g->shift * g->y.tap_step * row_size;
    for (int64_t r = 0; r < (EXCHANGES ? g->group : 1); r++, filter += PANEL) {
        int64_t paired = EXCHANGES ? c ^ (r & -(int64_t)LANES) : c;
        vfloat upper_filters[MOST_ACROSS], lower_filters[MOST_ACROSS];
        UNROLL for (int j = 0; j < across; j++) {
            if (upper)
                upper_filters[j] = vf_load(g->packed + (filter + j * tap_step));
            if (lower)
                lower_filters[j] = vf_load(g->packed + (filter + j * tap_step - row_step));
        }
        UNROLL for (int column = 0; column < (pixels - 1) * step + across; column++) {
            if (border && (column < b->column_begin || column >= b->column_end))
                continue;
            vfloat value = vf_load(g->source + (from + column * g->spread * g->channels + paired));
            if (EXCHANGES)
                value = vf_exchange(value, (int)(r % LANES));
            UNROLL for (int j = 0; j < across; j++) {
                int place = column - j, pixel = place / step;
                if (place >= 0 && place % step == 0 && pixel < pixels) {
                    if (upper)
                        upper_sums[pixel] = vf_fma(value, upper_filters[j], upper_sums[pixel]);
                    if (lower)
                        lower_sums[pixel] = vf_fma(value, lower_filters[j], lower_sums[pixel]);
                }
            }
        }
    }
}

/* Ends a part of the sums. */
INLINE void add_parts(int pixels, vfloat *totals, vfloat *sums) {
    UNROLL for (int p = 0; p < pixels; p++) {
        totals[p] = vf_add(totals[p], sums[p]);
        sums[p] = vf_set(0);
    }
}

/* Asks for LANES channels of what the next block of these columns reads and writes. */
INLINE void ask_ahead(int rows, int step, int pixels, const gather *g, const block *b, int64_t c) {
    if (c % LINE != 0)
        return;
    if (g->asks_source) {
        int64_t row = g->x.source_size * g->channels, taps = (g->y.taps - 1) * g->y.offset_step;
        int64_t next = b->source + ((rows - 1) * g->y.source_step + taps + 1) * row + c;
        for (int64_t r = 0; r < rows * g->y.source_step; r++, next += row)
            UNROLL for (int p = 0; p < pixels * step; p++)
                PREFETCH_LATER(g->source + (next + p * g->spread * g->channels));
    }
    if (g->asks_target)
        for (int r = 0; r < rows; r++) {
            const float *next = b->target[r] + rows * g->y.step * g->target_width * g->channels + c;
            UNROLL for (int p = 0; p < pixels; p++)
                PREFETCH_WRITE_LATER(next + p * g->x.step * g->spread * g->channels);
        }
}

/* LANES channels of a block. */
INLINE void sum_lanes(int rows, int across, int step, int pixels, bool border, const gather *g, const block *b,
                      int64_t c, float floor) {
    vfloat upper[PIXELS], lower[PIXELS], upper_totals[PIXELS], lower_totals[PIXELS];
    vfloat begin = g->bias ? vf_load(g->bias + c) : vf_set(0);
    UNROLL for (int p = 0; p < pixels; p++) {
        upper[p] = lower[p] = begin;
        upper_totals[p] = lower_totals[p] = vf_set(0);
    }
    int64_t i = b->down[0].first, end = b->down[0].end, both = rows == 2 ? b->down[1].first + g->shift : end;
    for (; i < end && i < both; i++) {
        add_source_row(true, false, across, step, pixels, border, g, b, i, c, upper, lower);
        if (EXCHANGES && g->in_parts)
            add_parts(pixels, upper_totals, upper);
    }
    for (; rows == 2 && i < end; i++) {
        add_source_row(true, true, across, step, pixels, border, g, b, i, c, upper, lower);
        if (EXCHANGES && g->in_parts) {
            add_parts(pixels, upper_totals, upper);
            add_parts(pixels, lower_totals, lower);
        }
    }
    for (i = i < both ? both : i; rows == 2 && i < b->down[1].end + g->shift; i++) {
        add_source_row(false, true, across, step, pixels, border, g, b, i, c, upper, lower);
        if (EXCHANGES && g->in_parts)
            add_parts(pixels, lower_totals, lower);
    }
    if (EXCHANGES && g->in_parts) {
        add_parts(pixels, upper, upper_totals);
        add_parts(pixels, lower, lower_totals);
    }
    ask_ahead(rows, step, pixels, g, b, c);
    int64_t target_step = g->x.step * g->spread * g->channels;
    UNROLL for (int p = 0; p < pixels; p++) {
        vf_store(b->target[0] + p * target_step + c, vf_max(vf_set(floor), upper[p]));
        if (rows == 2)
            vf_store(b->target[1] + p * target_step + c, vf_max(vf_set(floor), lower[p]));
    }
}

/* All channels of a block: the last vector may write some again, with the same bits. */
INLINE void sum_all(int rows, int across, int step, int pixels, bool border, const gather *g, const block *b,
                    float floor) {
    for (int64_t c = g->channel_begin; c < g->channel_end; c += LANES)
        sum_lanes(rows, across, step, pixels, border, g, b, c + LANES <= g->channel_end ? c : g->channel_end - LANES,
                  floor);
}

INLINE void sum_block(int rows, int across, int step, const gather *g, const block *b, float floor) {
    bool border = b->column_begin > 0 || b->column_end < (b->pixels - 1) * step + across;
#define SUM(number)                                                                                                    \
    border ? sum_all(rows, across, step, number, true, g, b, floor)                                                    \
           : sum_all(rows, across, step, number, false, g, b, floor)
    WITH_CONSTANT_ROWS(b->pixels, PIXELS, SUM)
#undef SUM
}

/* A block of a kind that sum_lanes has been compiled for. */
typedef void sum_function(const gather *g, const block *b, float floor);

#define SUM_FUNCTION(across, step)                                                                                     \
    static void sum_##across##_##step(const gather *g, const block *b, float floor) {                                  \
        if (across > 2 && b->rows == 2)                                                                                \
            sum_block(2, across, step, g, b, floor);                                                                   \
        else                                                                                                           \
            sum_block(1, across, step, g, b, floor);                                                                   \
    }
SUM_FUNCTION(1, 1)
SUM_FUNCTION(2, 1)
SUM_FUNCTION(3, 1)
SUM_FUNCTION(3, 2)
SUM_FUNCTION(5, 1)
SUM_FUNCTION(5, 2)
#undef SUM_FUNCTION

/* The function for such taps, or null: no function has been compiled. */
static sum_function *find_sum(const gather *g) {
    const axis *x = &g->x;
    if (g->channels < LANES || x->source_step > 2 || (x->offset_step != 1 && x->source_step != 1) ||
        (!EXCHANGES && x->taps * g->y.taps > PART))
        return NULL;
    switch (x->taps * 4 + x->source_step) {
    case 1 * 4 + 1:
        return sum_1_1;
    case 2 * 4 + 1:
        return sum_2_1;
    case 3 * 4 + 1:
        return sum_3_1;
    case 3 * 4 + 2:
        return sum_3_2;
    case 5 * 4 + 1:
        return sum_5_1;
    case 5 * 4 + 2:
        return sum_5_2;
    default:
        return NULL;
    }
}

/* How many taps further down a row of targets begins than the one above, where sum takes the two at once; else 0. */
static int64_t pair_shift(const gather *g, sum_function *sum) {
    int64_t shift = g->y.source_step / g->y.offset_step;
    bool is_pair = sum && sum != sum_1_1 && sum != sum_2_1 && g->y.step == 1 && shift < g->y.taps;
    return is_pair && shift * g->y.offset_step == g->y.source_step ? shift : 0;
}

/* How many steps lead from place to limit or beyond. */
INLINE int64_t steps_to(int64_t limit, int64_t place, int64_t step) {
    return place < limit ? (limit - place + step - 1) / step : 0;
}

/* The blocks of the targets first, first + spread, ... of a row. */
INLINE int64_t blocks_of(const gather *g, int64_t first) {
    return (steps_to(g->x.count, first, g->spread) + PIXELS - 1) / PIXELS;
}

/* Block n of them, in one row, or two. */
static void sum_nth(const gather *g, sum_function *sum, block *b, int64_t first, int64_t n, int64_t source_row,
                    float *target, float floor) {
    even_blocks blocks = cut_evenly(steps_to(g->x.count, first, g->spread), PIXELS);
    int64_t x = first + block_begin(blocks, n) * g->spread;
    int64_t column = x * g->x.source_step + g->x.offset;
    b->pixels = (int)block_size(blocks, n);
    b->source = (source_row * g->x.source_size + column) * g->channels;
    b->column_begin = steps_to(0, column, g->spread);
    b->column_end = steps_to(g->x.source_size, column, g->spread);
    b->target[0] = target + x * g->x.step * g->channels;
    b->target[1] = b->target[0] + g->y.step * g->target_width * g->channels;
    sum(g, b, floor);
}

/* Row y of an image, and the next where rows is 2, by the functions of some phases: a stride's of backward-data, whose
 * targets lie among each other, or one of spread targets each. */
static void sum_phases(int phases, const gather *const *g, sum_function *const *sum, int64_t image, int64_t y,
                       int rows) {
    const axis *down = &g[0]->y;
    float floor = g[0]->activation->kind == NATIVECNN_RELU ? 0 : -INFINITY;
    int64_t source_row = image * down->source_size + y * down->source_step + down->offset;
    int64_t target_row = image * g[0]->target_height + down->first + y * down->step;
    block b = {.rows = rows};
    for (int r = 0; r < rows; r++)
        b.down[r] = taps_inside(down, (y + r) * down->source_step);
    for (int64_t first = 0; first < g[0]->spread; first++)
        for (int64_t n = 0; n < blocks_of(g[0], first); n++)
            for (int p = 0; p < phases; p++) {
                float *target = g[p]->target + (target_row * g[p]->target_width + g[p]->x.first) * g[p]->channels;
                if (n < blocks_of(g[p], first))
                    sum_nth(g[p], sum[p], &b, first, n, source_row, target, floor);
            }
}

/* A phase of backward-data whose filters are not flipped. */
INLINE axis unflipped(axis a, int64_t kernel) {
    a.tap = kernel - 1 - a.tap;
    a.tap_step = -a.tap_step;
    return a;
}

#endif
