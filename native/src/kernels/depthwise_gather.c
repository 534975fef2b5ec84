/*
 * depthwise_gather.c - depthwise convolution forward, and backward-data of any stride: channels are the lanes.
 */
#define EXCHANGES false
#include "channel_gather.h"
#include "checks.h"

enum {
    /* The targets beside each other that any taps sum at once. */
    ANY_PIXELS = 8,
    /* The floats of a source, and of a target, that the caches may have lost: then the next rows are asked for. */
    LARGE_SOURCE = 1 << 21,
    LARGE_TARGET = 1 << 20
};

/* n channels (LANES or less) of pixels beside each other, whose first reads the taps across inside: for any taps. */
INLINE void sum_channels(int pixels, int64_t n, const gather *g, const block *b, taps across, int64_t c, float floor) {
    vfloat sums[ANY_PIXELS], totals[ANY_PIXELS];
    vfloat begin = g->bias ? vf_load_n(g->bias + c, n) : vf_set(0);
    int64_t row_step = g->y.offset_step * g->x.source_size * g->channels, tap_step = g->x.offset_step * g->channels;
    int64_t pixel_step = g->x.source_step * g->channels, target_step = g->x.step * g->channels;
    UNROLL for (int p = 0; p < pixels; p++) sums[p] = begin, totals[p] = vf_set(0);
    taps down = b->down[0];
    int64_t width = across.end - across.first, first = down.first;
    for (int64_t i = down.first; i < down.end; i++) {
        if ((i - first) * width >= PART) {
            for (int p = 0; p < pixels; p++) {
                totals[p] = vf_add(totals[p], sums[p]);
                sums[p] = vf_set(0);
            }
            first = i;
        }
        for (int64_t j = across.first; j < across.end; j++) {
            int64_t place = (g->y.tap + i * g->y.tap_step) * g->kernel_width + g->x.tap + j * g->x.tap_step;
            vfloat filter = vf_load_n(g->packed + place * g->channels + c, n);
            const float *from = g->source + (b->source + i * row_step + j * tap_step + c);
            UNROLL for (int p = 0; p < pixels; p++) sums[p] =
                vf_fma(vf_load_n(from + p * pixel_step, n), filter, sums[p]);
        }
    }
    if (first > down.first)
        for (int p = 0; p < pixels; p++)
            sums[p] = vf_add(totals[p], sums[p]);
    float *target = b->target[0] + c;
    UNROLL for (int p = 0; p < pixels; p++) vf_store_n(target + p * target_step, vf_max(vf_set(floor), sums[p]), n);
}

INLINE void sum_pixels(int pixels, const gather *g, const block *b, taps across, float floor) {
    int64_t c = 0;
    for (; c + LANES <= g->channels; c += LANES)
        sum_channels(pixels, LANES, g, b, across, c, floor);
    if (c < g->channels)
        sum_channels(pixels, g->channels - c, g, b, across, c, floor);
}

/* A row of targets with any taps: those that read outside one by one. */
static void sum_any(const gather *g, block *b, int64_t source_row, float *target, float floor) {
    for (int64_t x = 0; x < g->x.count; x += b->pixels) {
        int64_t place = x * g->x.source_step;
        b->source = (source_row * g->x.source_size + place + g->x.offset) * g->channels;
        b->target[0] = target + x * g->x.step * g->channels;
        b->pixels = 1;
        if (!reads_inside(&g->x, place, place)) {
            sum_pixels(1, g, b, taps_inside(&g->x, place), floor);
            continue;
        }
        while (b->pixels < ANY_PIXELS && x + b->pixels < g->x.count &&
               reads_inside(&g->x, place, place + b->pixels * g->x.source_step))
            b->pixels++;
#define SUM(number) sum_pixels(number, g, b, (taps){0, g->x.taps}, floor)
        WITH_CONSTANT_ROWS(b->pixels, ANY_PIXELS, SUM)
#undef SUM
    }
}

/* A row of targets with any taps, of row y of an image. */
static void gather_any(const gather *g, int64_t image, int64_t y) {
    float floor = g->activation->kind == NATIVECNN_RELU ? 0 : -INFINITY;
    int64_t source_row = image * g->y.source_size + y * g->y.source_step + g->y.offset;
    int64_t target_row = image * g->target_height + g->y.first + y * g->y.step;
    block b = {.rows = 1, .down = {taps_inside(&g->y, y * g->y.source_step)}};
    sum_any(g, &b, source_row, g->target + (target_row * g->target_width + g->x.first) * g->channels, floor);
}

INLINE bool is_large(int64_t height, int64_t width, const nativecnn_convolution_geometry *c, int64_t floats) {
    return c->batch_size * height * width * c->channels >= floats;
}

void VARIANT(depthwise_forward)(const nativecnn_convolution_geometry *geometry, const float *input, const float *packed,
                                const float *bias, const nativecnn_activation *activation, nativecnn_range rows,
                                float *output) {
    const nativecnn_convolution_geometry *c = geometry;
    gather g = {
        .y = forward_axis(c->output_height, c->height, c->kernel_height, c->stride_y, c->dilation_y, c->pad_top),
        .x = forward_axis(c->output_width, c->width, c->kernel_width, c->stride_x, c->dilation_x, c->pad_left),
        .source = input,
        .target = output,
        .packed = packed,
        .bias = bias,
        .channels = c->channels,
        .channel_end = c->channels,
        .target_height = c->output_height,
        .target_width = c->output_width,
        .kernel_width = c->kernel_width,
        .asks_source = is_large(c->height, c->width, c, LARGE_SOURCE),
        .asks_target = is_large(c->output_height, c->output_width, c, LARGE_TARGET),
        .activation = activation,
    };
    sum_function *sum = find_sum(&g);
    g.spread = g.x.offset_step;
    g.shift = pair_shift(&g, sum);
    for (int64_t r = rows.begin, end = rows.begin + rows.count; r < end;) {
        int64_t image = r / c->output_height, y = r % c->output_height;
        int together = g.shift > 0 && r + 1 < end && y + 1 < c->output_height ? 2 : 1;
        if (sum)
            sum_phases(1, (const gather *const[]){&g}, &sum, image, y, together);
        else
            gather_any(&g, image, y);
        if (activation->kind != NATIVECNN_RELU && activation->kind != NATIVECNN_IDENTITY) {
            float *row = output + r * c->output_width * c->channels;
            VARIANT(activation_forward)(activation, row, together * (int64_t)c->output_width * c->channels, row);
        }
        r += together;
    }
}

/* Row y of an image, or the next one too: the number that was computed. */
static int gather_across(const nativecnn_convolution_geometry *c, gather g, int64_t image, int64_t y, bool has_next) {
    gather phase[2];
    const gather *const phases[] = {&phase[0], &phase[1]};
    sum_function *sums[2];
    bool all = true;
    int64_t count = c->stride_x < c->width ? c->stride_x : c->width;
    for (int64_t x = 0; x < count; x++) {
        g.x = unflipped(
            backward_axis(x, c->output_width, c->width, c->kernel_width, c->stride_x, c->dilation_x, c->pad_left),
            c->kernel_width);
        g.spread = g.x.offset_step;
        /* All phases of x read the same. */
        g.asks_source = x == 0 && is_large(c->output_height, c->output_width, c, LARGE_SOURCE);
        sum_function *sum = find_sum(&g);
        g.shift = pair_shift(&g, sum);
        if (count <= 2) {
            phase[x] = g;
            sums[x] = sum;
        }
        all &= sum != NULL;
        if (count > 2)
            gather_any(&g, image, y / c->stride_y);
    }
    if (count > 2)
        return 1;
    if (all) {
        int rows = count == 1 && phase[0].shift > 0 && has_next ? 2 : 1;
        sum_phases((int)count, phases, sums, image, y / c->stride_y, rows);
        return rows;
    }
    for (int64_t x = 0; x < count; x++)
        gather_any(&phase[x], image, y / c->stride_y);
    return 1;
}

void VARIANT(depthwise_backward_data)(const nativecnn_convolution_geometry *geometry, const float *output_gradient,
                                      const float *packed, nativecnn_range rows, float *input_gradient) {
    const nativecnn_convolution_geometry *c = geometry;
    const nativecnn_activation identity = {NATIVECNN_IDENTITY, 0, 0};
    gather g = {
        .source = output_gradient,
        .target = input_gradient,
        .packed = packed,
        .channels = c->channels,
        .channel_end = c->channels,
        .target_height = c->height,
        .target_width = c->width,
        .kernel_width = c->kernel_width,
        .asks_target = is_large(c->height, c->width, c, LARGE_TARGET),
        .activation = &identity,
    };
    for (int64_t r = rows.begin, end = rows.begin + rows.count; r < end;) {
        int64_t image = r / c->height, y = r % c->height;
        g.y = unflipped(backward_axis(y % c->stride_y, c->output_height, c->height, c->kernel_height, c->stride_y,
                                      c->dilation_y, c->pad_top),
                        c->kernel_height);
        r += gather_across(c, g, image, y, r + 1 < end && y + 1 < c->height);
    }
}

#if defined(NATIVECNN_EXPORTS)

nativecnn_status nativecnn_depthwise_forward(const nativecnn_convolution_geometry *geometry, const float *input,
                                             const float *packed, const float *bias,
                                             const nativecnn_activation *activation, nativecnn_range rows,
                                             float *output) {
    REQUIRE(geometry && input && packed && activation && output, NATIVECNN_NULL_POINTER);
    CHECK(check_depthwise(geometry));
    CHECK(check_activation(activation));
    CHECK(check_range(rows, (int64_t)geometry->batch_size * geometry->output_height));
    kernels_in_use()->depthwise_forward(geometry, input, packed, bias, activation, rows, output);
    return NATIVECNN_OK;
}

nativecnn_status nativecnn_depthwise_backward_data(const nativecnn_convolution_geometry *geometry,
                                                   const float *output_gradient, const float *packed,
                                                   nativecnn_range rows, float *input_gradient) {
    REQUIRE(geometry && output_gradient && packed && input_gradient, NATIVECNN_NULL_POINTER);
    CHECK(check_depthwise(geometry));
    CHECK(check_range(rows, (int64_t)geometry->batch_size * geometry->height));
    kernels_in_use()->depthwise_backward_data(geometry, output_gradient, packed, rows, input_gradient);
    return NATIVECNN_OK;
}

#endif
