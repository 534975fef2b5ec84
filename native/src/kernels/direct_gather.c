/*
 * direct_gather.c - direct convolution forward, and backward-data of any stride.
 *
 * Both write target pixels, each a sum over taps of source pixels, whose places direct_axis.h defines. A block of
 * pixels times one or two panels of filters is summed in registers over all taps, which direct_runs.h cuts into runs.
 */
#include "checks.h"
#include "direct_narrow.h"

enum {
    /* The bytes of packed filters that are used again for block after block, and so should stay in the second cache. */
    FILTER_BYTES = 1 << 18
};

/* target[row, column] = max(floor, (target[row, column] or bias[column]) + sum over taps of pixel times filter), for
 * rows pixels and n columns, 1 <= n <= 16 panels. NaN stays. totals, in memory: the parts of the sums that have ended.
 */
INLINE void sum_block(bool in_parts, int rows, int panels, const block *b, vfloat *totals, const float *packed,
                      int64_t panel_size, const float *bias, float floor, int64_t n, int64_t column) {
    vfloat sums[ROWS * COLUMN_PANELS * VECTORS];
    int vectors = panels * VECTORS;
    UNROLL for (int j = 0; j < vectors; j++) {
        int64_t left = n - j * LANES;
        vfloat begin = bias && left > 0 && !b->accumulate ? vf_load_n(bias + j * LANES, left) : vf_set(0);
        vfloat first = in_parts && b->bias_is_part ? vf_set(0) : begin;
        UNROLL for (int i = 0; i < rows; i++) sums[i * vectors + j] = first;
        if (in_parts)
            for (int i = 0; i < rows; i++)
                totals[i * vectors + j] =
                    b->accumulate && left > 0 ? vf_load_n(b->target[i] + column + j * LANES, left) : begin;
    }
    bool has_totals = in_parts && (b->accumulate || b->bias_is_part);
    UNROLL for (int i = 0; i < rows; i++) for (int j = 0; j < panels; j++) PREFETCH(b->target[i] + column + j * PANEL);
    for (int64_t r = 0; r < b->list->count; r++) {
        const run *in = &b->list->runs[r];
        const float *const *pixels = b->pixels + r * b->pixel_step;
        const float *filters = packed + in->tap * PANEL;
        int64_t end = in->offset + in->length;
        uintptr_t next =
            (uintptr_t)pixels[0] + (uintptr_t)(in->offset + b->ahead) * sizeof(float) + (uintptr_t)in->ahead_begin;
        uintptr_t next_step = (uintptr_t)in->ahead;
        for (int64_t k = in->offset; k < end; k++, filters += PANEL, next += next_step) {
            vfloat columns[COLUMN_PANELS * VECTORS];
            PREFETCH(next);
            UNROLL for (int j = 0; j < vectors; j++) columns[j] =
                vf_load(filters + j / VECTORS * panel_size + j % VECTORS * LANES);
            UNROLL for (int i = 0; i < rows; i++) {
                vfloat value = vf_set(pixels[i][k]);
                UNROLL for (int j = 0; j < vectors; j++) sums[i * vectors + j] =
                    vf_fma(value, columns[j], sums[i * vectors + j]);
            }
        }
        if (in_parts && in->ends_part) {
            UNROLL for (int i = 0; i < rows; i++) UNROLL for (int j = 0; j < vectors; j++) {
                vfloat *total = &totals[i * vectors + j];
                *total = has_totals ? vf_add(*total, sums[i * vectors + j]) : sums[i * vectors + j];
                sums[i * vectors + j] = vf_set(0);
            }
            has_totals = true;
        }
    }
    if (in_parts && has_totals)
        UNROLL for (int i = 0; i < rows; i++) UNROLL for (int j = 0; j < vectors; j++) sums[i * vectors + j] =
            vf_add(totals[i * vectors + j], sums[i * vectors + j]);
    vfloat least = vf_set(floor);
    UNROLL for (int j = 0; j < vectors; j++) {
        int64_t left = n - j * LANES, at = column + j * LANES;
        if (left >= LANES)
            UNROLL for (int i = 0; i < rows; i++) vf_store(b->target[i] + at, vf_max(least, sums[i * vectors + j]));
        else if (left > 0)
            UNROLL for (int i = 0; i < rows; i++)
                vf_store_first(b->target[i] + at, vf_max(least, sums[i * vectors + j]), left);
    }
}

/* Adds the runs of a block to the columns of panels panel to panel + panels - 1, of which n exist. */
static void sum_panels(int panels, const gather *g, const block *b, vfloat *totals, int64_t panel, int64_t n,
                       bool last) {
    const float *packed = g->packed + panel * g->panel_size;
    int64_t column = panel * PANEL;
    const float *bias = g->bias ? g->bias + column : NULL;
    float floor = last && g->activation->kind == NATIVECNN_RELU ? 0 : -INFINITY;
#define SUM_BLOCK(in_parts, number, panels)                                                                            \
    sum_block(in_parts, number, panels, b, totals, packed, g->panel_size, bias, floor, n, column)
#define SUM_PAIR(number) b->in_parts ? SUM_BLOCK(true, number, COLUMN_PANELS) : SUM_BLOCK(false, number, COLUMN_PANELS)
#define SUM_PANEL(number) b->in_parts ? SUM_BLOCK(true, number, 1) : SUM_BLOCK(false, number, 1)
    if (panels == COLUMN_PANELS) {
        WITH_CONSTANT_ROWS(b->rows, ROWS, SUM_PAIR)
    } else {
        WITH_CONSTANT_ROWS(b->rows, ROWS, SUM_PANEL)
    }
#undef SUM_PANEL
#undef SUM_PAIR
#undef SUM_BLOCK
    /* Only forward has an activation, and its targets lie side by side. */
    if (last && g->activation->kind != NATIVECNN_RELU)
        VARIANT(bias_activation)(g->activation, NULL, b->rows, n, g->target_channels, b->target[0] + column);
}

/* One block over all taps, for a range of panels. listed: the first runs. */
static void sum_taps(const gather *g, const cut *c, const run_list *listed, int64_t panel_begin, int64_t panel_end,
                     block *b) {
    run_list later;
    vfloat totals[ROWS * COLUMN_PANELS * VECTORS];
    b->pixel_step = b->inside ? 0 : ROWS;
    b->in_parts = c->in_parts;
    b->bias_is_part = false;
    int64_t done = 0;
    do {
        b->accumulate = done > 0;
        b->list = listed;
        if (done > 0) {
            list_runs(g, c, done, &later);
            b->list = &later;
        }
        done += b->list->count;
        if (!b->inside)
            place_border(g, c, b->list, b);
        for (int64_t panel = panel_begin; panel < panel_end; panel += COLUMN_PANELS) {
            int panels = panel_end - panel < COLUMN_PANELS ? (int)(panel_end - panel) : COLUMN_PANELS;
            int64_t n = g->columns - panel * PANEL;
            sum_panels(panels, g, b, totals, panel, n < panels * PANEL ? n : panels * PANEL, done == c->count);
        }
    } while (done < c->count);
}

/* The rows of this gather, counted over all images, that lie before target row r. */
INLINE int64_t rows_before(const gather *g, int64_t r) {
    return r / g->target_height * g->y.count + (r % g->target_height + g->y.step - 1 - g->y.first) / g->y.step;
}

static void gather_rows(const gather *g, nativecnn_range rows, nativecnn_range panels) {
    int64_t row_begin = rows_before(g, rows.begin), row_end = rows_before(g, rows.begin + rows.count);
    int64_t begin = row_begin * g->x.count, pixels = (row_end - row_begin) * g->x.count;
    if (pixels == 0)
        return;
    even_blocks blocks = cut_evenly(pixels, ROWS);
    int64_t together = FILTER_BYTES / (g->panel_size * (int64_t)sizeof(float)) / COLUMN_PANELS * COLUMN_PANELS;
    together = together < COLUMN_PANELS ? COLUMN_PANELS : together;
    int64_t panel_end = panels.begin + panels.count;
    if (by_narrow_lines(g)) {
        if (panels.count > 0)
            gather_narrow_lines(g, row_begin, row_end);
        return;
    }
    if (by_lines(g)) {
        for (int64_t panel = panels.begin; panel < panel_end; panel += together)
            gather_lines(g, row_begin, row_end, panel, panel_end - panel < together ? panel_end : panel + together);
        return;
    }
    cut inner = cut_runs(g, true), border = cut_runs(g, false);
    run_list inner_runs, border_runs;
    list_runs(g, &inner, 0, &inner_runs);
    list_runs(g, &border, 0, &border_runs);
    for (int64_t panel = panels.begin; panel < panel_end; panel += together) {
        pixel at = find_pixel(g, begin);
        for (int64_t i = 0; i < blocks.count; i++) {
            block b;
            at = place_block(g, at, (int)block_size(blocks, i), &b);
            sum_taps(g, b.inside ? &inner : &border, b.inside ? &inner_runs : &border_runs, panel,
                     panel_end - panel < together ? panel_end : panel + together, &b);
        }
    }
}

void VARIANT(direct_forward)(const nativecnn_convolution_geometry *geometry, const float *input, const float *packed,
                             const float *bias, const nativecnn_activation *activation, int32_t group,
                             nativecnn_range rows, nativecnn_range panels, float *output) {
    const nativecnn_convolution_geometry *c = geometry;
    int64_t filter = group * group_filters(c);
    const gather g = {
        .y = forward_axis(c->output_height, c->height, c->kernel_height, c->stride_y, c->dilation_y, c->pad_top),
        .x = forward_axis(c->output_width, c->width, c->kernel_width, c->stride_x, c->dilation_x, c->pad_left),
        .source = input + group * group_channels(c),
        .target = output + filter,
        .packed = packed,
        .bias = bias ? bias + filter : NULL,
        .source_channels = c->channels,
        .target_channels = c->filters,
        .channels = group_channels(c),
        .columns = group_filters(c),
        .source_height = c->height,
        .source_width = c->width,
        .target_height = c->output_height,
        .target_width = c->output_width,
        .kernel_width = c->kernel_width,
        .panel_size = packed_taps(c, false) * PANEL,
        .activation = activation,
    };
    gather_rows(&g, rows, panels);
}

void VARIANT(direct_backward_data)(const nativecnn_convolution_geometry *geometry, const float *output_gradient,
                                   const float *packed, int32_t group, nativecnn_range rows, nativecnn_range panels,
                                   float *input_gradient) {
    const nativecnn_convolution_geometry *c = geometry;
    const nativecnn_activation identity = {NATIVECNN_IDENTITY, 0, 0};
    gather g = {
        .source = output_gradient + group * group_filters(c),
        .target = input_gradient + group * group_channels(c),
        .packed = packed,
        .source_channels = c->filters,
        .target_channels = c->channels,
        .channels = group_filters(c),
        .columns = group_channels(c),
        .source_height = c->output_height,
        .source_width = c->output_width,
        .target_height = c->height,
        .target_width = c->width,
        .kernel_width = c->kernel_width,
        .panel_size = packed_taps(c, true) * PANEL,
        .activation = &identity,
    };
    for (int64_t y = 0; y < c->stride_y && y < c->height; y++)
        for (int64_t x = 0; x < c->stride_x && x < c->width; x++) {
            g.y =
                backward_axis(y, c->output_height, c->height, c->kernel_height, c->stride_y, c->dilation_y, c->pad_top);
            g.x = backward_axis(x, c->output_width, c->width, c->kernel_width, c->stride_x, c->dilation_x, c->pad_left);
            gather_rows(&g, rows, panels);
        }
}

#if defined(NATIVECNN_EXPORTS)

nativecnn_status nativecnn_direct_forward(const nativecnn_convolution_geometry *geometry, const float *input,
                                          const float *packed, const float *bias,
                                          const nativecnn_activation *activation, int32_t group, nativecnn_range rows,
                                          nativecnn_range panels, float *output) {
    REQUIRE(geometry && input && packed && activation && output, NATIVECNN_NULL_POINTER);
    CHECK(check_panels(geometry, group, 0, panels));
    CHECK(check_activation(activation));
    CHECK(check_range(rows, (int64_t)geometry->batch_size * geometry->output_height));
    kernels_in_use()->direct_forward(geometry, input, packed, bias, activation, group, rows, panels, output);
    return NATIVECNN_OK;
}

nativecnn_status nativecnn_direct_backward_data(const nativecnn_convolution_geometry *geometry,
                                                const float *output_gradient, const float *packed, int32_t group,
                                                nativecnn_range rows, nativecnn_range panels, float *input_gradient) {
    REQUIRE(geometry && output_gradient && packed && input_gradient, NATIVECNN_NULL_POINTER);
    CHECK(check_panels(geometry, group, 1, panels));
    CHECK(check_range(rows, (int64_t)geometry->batch_size * geometry->height));
    kernels_in_use()->direct_backward_data(geometry, output_gradient, packed, group, rows, panels, input_gradient);
    return NATIVECNN_OK;
}

#endif
