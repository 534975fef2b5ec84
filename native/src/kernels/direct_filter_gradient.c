/*
 * direct_filter_gradient.c - the filter gradient of direct convolution.
 *
 * gradient[t, f] = sum over output pixels of the input at tap t times the output gradient of filter f. A few taps times
 * one or two panels of filters are summed in registers over the pixels of a tile. The output gradients of a tile's
 * panels are first copied side by side, to be read without gaps for every tap. Taps whose inputs lie side by side go
 * together: those of a kernel row, or of one place of the kernel where rows would have to be cut at the border.
 */
#include "checks.h"
#include "direct.h"
#include "direct_short_rows.h"
#include "even_blocks.h"
#include "kernels.h"
#include "simd.h"
#include "sum_block.h"

enum {
    /* The pixels of a tile, whose output gradients of two panels then leave half of the first cache to the inputs. */
    TILE = 192,
    /* The longest kernel row that is copied where it is partly outside, and the channels from which on it is not worth
     * it.
     */
    SHORT_ROW = 64,
    ENOUGH_CHANNELS = 12
};

/* Pixels of a tile beside each other, from the input of the first tap on. */
typedef struct strip {
    const float *input;
    /* The first pixel's number in the tile. */
    int64_t first;
    int64_t count;
} strip;

/* The strips of a tile for taps that lie side by side. */
typedef struct strips {
    int64_t count;
    /* From one pixel's input to the next. */
    int64_t step;
    /* What to ask for beside pixel 0 of the tile, and from one pixel to the next, in bytes. */
    uintptr_t ahead;
    uintptr_t ahead_step;
    strip strip[TILE];
} strips;

/* gradient[tap, column] = (or +=) sum over the pixels of strips, for rows taps and all columns of panels. */
INLINE void sum_taps(int rows, int panels, const strips *s, const float *gradients, int64_t tap, int64_t panel_size,
                     bool accumulate, float *gradient) {
    vfloat sums[(ROWS * COLUMN_PANELS > SINGLE_ROWS ? ROWS * COLUMN_PANELS : SINGLE_ROWS) * VECTORS];
    int vectors = panels * VECTORS;
    UNROLL for (int i = 0; i < rows; i++) UNROLL for (int j = 0; j < vectors; j++) sums[i * vectors + j] = vf_set(0);
    gradient += tap * PANEL;
    UNROLL for (int i = 0; i < rows; i++) for (int j = 0; j < panels; j++)
        PREFETCH(gradient + j * panel_size + i * PANEL);
    for (int64_t n = 0; n < s->count; n++) {
        const float *input = s->strip[n].input + tap;
        const float *from = gradients + s->strip[n].first * panels * PANEL;
        uintptr_t ahead = s->ahead + (uintptr_t)s->strip[n].first * s->ahead_step;
        for (int64_t p = 0; p < s->strip[n].count;
             p++, input += s->step, from += panels * PANEL, ahead += s->ahead_step) {
            vfloat columns[COLUMN_PANELS * VECTORS];
            /* The next taps, which are summed next. */
            PREFETCH((uintptr_t)input + (2 * (uintptr_t)rows - 1) * sizeof(float));
            PREFETCH(ahead);
            UNROLL for (int j = 0; j < vectors; j++) columns[j] = vf_load(from + j * LANES);
            UNROLL for (int i = 0; i < rows; i++) {
                vfloat value = vf_set(input[i]);
                UNROLL for (int j = 0; j < vectors; j++) sums[i * vectors + j] =
                    vf_fma(value, columns[j], sums[i * vectors + j]);
            }
        }
    }
    UNROLL for (int i = 0; i < rows; i++) UNROLL for (int j = 0; j < vectors; j++) {
        float *to = gradient + j / VECTORS * panel_size + i * PANEL + j % VECTORS * LANES;
        vfloat sum = sums[i * vectors + j];
        vf_store(to, accumulate ? vf_add(vf_load(to), sum) : sum);
    }
}

/* All length taps that the strips belong to, in blocks of nearly equal height. */
static void sum_strips(int panels, strips *s, const float *gradients, int64_t length, int64_t panel_size,
                       bool accumulate, float *gradient) {
    even_blocks blocks = cut_evenly(length, panels == COLUMN_PANELS ? ROWS : SINGLE_ROWS);
    int64_t tap = 0;
    for (int64_t b = 0; b < blocks.count; b++) {
        int rows = (int)block_size(blocks, b);
#define SUM_PAIR(number) sum_taps(number, COLUMN_PANELS, s, gradients, tap, panel_size, accumulate, gradient)
#define SUM_PANEL(number) sum_taps(number, 1, s, gradients, tap, panel_size, accumulate, gradient)
        if (panels == COLUMN_PANELS) {
            WITH_CONSTANT_ROWS(rows, ROWS, SUM_PAIR)
        } else {
            WITH_CONSTANT_ROWS(rows, SINGLE_ROWS, SUM_PANEL)
        }
#undef SUM_PANEL
#undef SUM_PAIR
        tap += rows;
        s->ahead_step = 0;
    }
}

/* A gradient over the pixels of a tile. */
typedef struct tile {
    const nativecnn_convolution_geometry *geometry;
    /* At the group's first channel and at the panels' first filter. */
    const float *input;
    const float *output_gradient;
    /* The output gradient that comes next: of the next panels, or of the first in the next tile. */
    const float *next;
    int64_t begin;
    int64_t count;
    /* Whether the taps of a kernel row go together. */
    bool whole_rows;
    /* The tile's output gradients of the panels in hand, panels x 16 per pixel. */
    float packed[TILE * COLUMN_PANELS * PANEL];
    /* Short rows that are partly outside. */
    float copies[TILE * SHORT_ROW];
} tile;

/* Copies the output gradients of n filters, zeros to whole panels. */
static void pack_gradients(tile *t, int panels, int64_t n) {
    const float *from = t->output_gradient + t->begin * t->geometry->filters;
    float *to = t->packed;
    for (int64_t p = 0; p < t->count; p++, from += t->geometry->filters)
        for (int64_t f = 0; f < panels * PANEL; f += LANES, to += LANES)
            vf_store(to, f < n ? vf_load_n(from + f, n - f) : vf_set(0));
}

/* Writes a kernel row's inputs that begin at x of an input row, with zeros outside. */
static void copy_row(const nativecnn_convolution_geometry *g, const float *row, int64_t x, float *to) {
    for (int64_t j = 0; j < g->kernel_width; j++, x++)
        for (int64_t c = 0; c < g->channels; c++)
            *to++ = x >= 0 && x < g->width ? row[x * g->channels + c] : 0;
}

/* Lists the output pixels x_begin to x_end - 1 of a row whose first tap is at input[row, x stride_x + offset], with
 * taps places side by side. Those that lie outside are left out, those that lie there in part are copied. */
static float *list_row(const tile *t, int64_t row, int64_t offset, int64_t taps, int64_t x_begin, int64_t x_end,
                       int64_t first, float *copy, strips *s) {
    const nativecnn_convolution_geometry *g = t->geometry;
    const float *input = t->input + row;
    for (int64_t x = x_begin; x < x_end;) {
        int64_t from = x * g->stride_x + offset, count = 1;
        if (from >= 0 && from + taps <= g->width) {
            count = (g->width - taps - from) / g->stride_x + 1;
            count = count < x_end - x ? count : x_end - x;
            s->strip[s->count++] = (strip){input + from * g->channels, first + x - x_begin, count};
        } else if (from + taps > 0 && from < g->width) {
            copy_row(g, input, from, copy);
            s->strip[s->count++] = (strip){copy, first + x - x_begin, 1};
            copy += taps * g->channels;
        }
        x += count;
    }
    return copy;
}

/* Lists the tile's pixels for kernel row i, and for place j of it unless whole rows go together. */
static void list_strips(tile *t, int64_t i, int64_t j, strips *s) {
    const nativecnn_convolution_geometry *g = t->geometry;
    int64_t offset = j * g->dilation_x - g->pad_left, taps = t->whole_rows ? g->kernel_width : 1;
    float *copy = t->copies;
    s->count = 0;
    s->step = (int64_t)g->stride_x * g->channels;
    for (int64_t pixel = t->begin, end; pixel < t->begin + t->count; pixel = end) {
        int64_t row = pixel / g->output_width, x = pixel % g->output_width;
        end = pixel + g->output_width - x;
        end = end < t->begin + t->count ? end : t->begin + t->count;
        int64_t y = row % g->output_height * g->stride_y + i * g->dilation_y - g->pad_top;
        if (y >= 0 && y < g->height) {
            int64_t input_row = (row / g->output_height * g->height + y) * g->width * g->channels;
            copy = list_row(t, input_row, offset, taps, x, x + end - pixel, pixel - t->begin, copy, s);
        }
    }
}

/* Whether the taps of a kernel row lie side by side, and no row reaches outside or what does is worth copying. */
static bool take_whole_rows(const nativecnn_convolution_geometry *g) {
    if (g->kernel_width == 1)
        return true;
    if (g->dilation_x != 1 || g->groups != 1)
        return false;
    int64_t last = (int64_t)(g->output_width - 1) * g->stride_x - g->pad_left + g->kernel_width;
    bool inside = g->pad_left <= 0 && last <= g->width;
    return inside || (g->channels < ENOUGH_CHANNELS && (int64_t)g->kernel_width * g->channels <= SHORT_ROW);
}

/* One tile's gradient of up to COLUMN_PANELS panels. */
static void sum_tile(tile *t, int panels, int64_t panel_size, bool accumulate, float *gradient) {
    const nativecnn_convolution_geometry *g = t->geometry;
    int64_t columns = t->whole_rows ? 1 : g->kernel_width;
    int64_t length = (t->whole_rows ? g->kernel_width : 1) * group_channels(g);
    for (int64_t i = 0; i < g->kernel_height; i++)
        for (int64_t j = 0; j < columns; j++) {
            strips s;
            list_strips(t, i, j, &s);
            /* The first passes over the tile bring what is packed next, a panel each. */
            int64_t pass = i * columns + j;
            s.ahead = (uintptr_t)t->next + (uintptr_t)pass * PANEL * sizeof(float);
            s.ahead_step = pass < panels ? (uintptr_t)g->filters * sizeof(float) : 0;
            sum_strips(panels, &s, t->packed, length, panel_size, accumulate,
                       gradient + (i * columns + j) * length * PANEL);
        }
}

/* The gradient of a range of output rows where kernel rows go together. */
static void sum_joined_rows(tile *t, nativecnn_range rows, nativecnn_range panels, int64_t panel_size, bool accumulate,
                            float *gradient) {
    const nativecnn_convolution_geometry *g = t->geometry;
    const float *output_gradient = t->output_gradient;
    int64_t width = joined_width(g), most = JOINED_TILE / width;
    int64_t copied = (JOINED_COPIES / joined_row(g) - joined_height(g)) / g->stride_y + 1;
    most = most < copied ? most : copied;
    most = most < JOINED_LINES ? most : JOINED_LINES;
    joined_tile j;
    begin_joined(g, &j);
    for (int64_t row = 0, lines; row < rows.count; row += lines) {
        int64_t rest = g->output_height - (rows.begin + row) % g->output_height;
        lines = rest < rows.count - row ? rest : rows.count - row;
        lines = lines < most ? lines : most;
        for (int64_t x = 0; x < g->output_width; x += width) {
            int64_t count = g->output_width - x < width ? g->output_width - x : width;
            place_joined(&j, t->input, rows.begin + row, lines, x, count);
            t->begin = (rows.begin + row) * g->output_width + x;
            t->count = lines * count;
            for (int64_t panel = panels.begin; panel < panels.begin + panels.count; panel += COLUMN_PANELS) {
                int64_t left = panels.begin + panels.count - panel, filters = g->filters - panel * PANEL;
                int beside = left < COLUMN_PANELS ? (int)left : COLUMN_PANELS;
                t->output_gradient = output_gradient + panel * PANEL;
                /* Only vectors of a whole panel come here. */
                int64_t last = filters - (beside - 1) * PANEL;
                sum_joined_tile(beside, &j, t->output_gradient + t->begin * g->filters, g->filters,
                                last < PANEL ? last : PANEL, panel_size, accumulate || row > 0 || x > 0,
                                gradient + panel * panel_size);
            }
        }
    }
}

void VARIANT(direct_filter_gradient)(const nativecnn_convolution_geometry *geometry, const float *input,
                                     const float *output_gradient, int32_t group, nativecnn_range rows,
                                     nativecnn_range panels, int32_t accumulate, float *gradient) {
    const nativecnn_convolution_geometry *g = geometry;
    int64_t panel_size = packed_taps(g, false) * PANEL, panel_begin = panels.begin,
            panel_end = panel_begin + panels.count;
    int64_t end = (rows.begin + rows.count) * g->output_width;
    if (rows.count == 0 && !accumulate)
        memset(gradient + panel_begin * panel_size, 0, (size_t)(panels.count * panel_size) * sizeof(float));
    tile t;
    t.geometry = g;
    t.input = input + group * group_channels(g);
    t.whole_rows = take_whole_rows(g);
    if (joins_rows(g)) {
        t.output_gradient = output_gradient;
        sum_joined_rows(&t, rows, panels, panel_size, accumulate != 0, gradient);
        return;
    }
    for (t.begin = rows.begin * g->output_width; t.begin < end; t.begin += TILE) {
        t.count = end - t.begin < TILE ? end - t.begin : TILE;
        for (int64_t panel = panel_begin; panel < panel_end; panel += COLUMN_PANELS) {
            int beside = panel_end - panel < COLUMN_PANELS ? (int)(panel_end - panel) : COLUMN_PANELS;
            t.output_gradient = output_gradient + group * group_filters(g) + panel * PANEL;
            /* Behind the last panel of the last tile comes nothing; any address will do. */
            const float *next_tile = output_gradient + group * group_filters(g) + panel_begin * PANEL +
                                     (t.begin + t.count < end ? (t.begin + TILE) * g->filters : 0);
            t.next = panel + beside < panel_end ? t.output_gradient + t.begin * g->filters + beside * PANEL : next_tile;
            pack_gradients(&t, beside, group_filters(g) - panel * PANEL);
            sum_tile(&t, beside, panel_size, accumulate || t.begin > rows.begin * g->output_width,
                     gradient + panel * panel_size);
        }
    }
}

#if defined(NATIVECNN_EXPORTS)

nativecnn_status nativecnn_direct_filter_gradient(const nativecnn_convolution_geometry *geometry, const float *input,
                                                  const float *output_gradient, int32_t group, nativecnn_range rows,
                                                  nativecnn_range panels, int32_t accumulate, float *gradient) {
    REQUIRE(geometry && input && output_gradient && gradient, NATIVECNN_NULL_POINTER);
    CHECK(check_panels(geometry, group, 0, panels));
    CHECK(check_range(rows, (int64_t)geometry->batch_size * geometry->output_height));
    REQUIRE(accumulate == 0 || accumulate == 1, NATIVECNN_BAD_ARGUMENT);
    kernels_in_use()->direct_filter_gradient(geometry, input, output_gradient, group, rows, panels, accumulate,
                                             gradient);
    return NATIVECNN_OK;
}

#endif
