/*
 * grouped_gather.c - convolution in small groups forward, and backward-data: channels are the lanes, of several groups
 * beside each other.
 */
#define EXCHANGES true
#include "channel_gather.h"
#include "checks.h"
#include "grouped.h"

/* The bytes of filters that are used again for row after row, and so should stay in the first cache. */
enum { FILTER_BYTES = 1 << 14 };

/* The channels of as many panels as are summed together, from c on. */
static void next_channels(gather *g, int64_t c, int64_t end) {
    int64_t together = FILTER_BYTES / (g->panel_size * (int64_t)sizeof(float)) * PANEL;
    g->channel_begin = c;
    g->channel_end = c + together < end ? c + (together > PANEL ? together : PANEL) : end;
}

void VARIANT(grouped_forward)(const nativecnn_convolution_geometry *geometry, const float *input, const float *packed,
                              const float *bias, const nativecnn_activation *activation, nativecnn_range rows,
                              nativecnn_range panels, float *output) {
    const nativecnn_convolution_geometry *c = geometry;
    gather g = {
        .y = forward_axis(c->output_height, c->height, c->kernel_height, c->stride_y, c->dilation_y, c->pad_top),
        .x = forward_axis(c->output_width, c->width, c->kernel_width, c->stride_x, c->dilation_x, c->pad_left),
        .source = input,
        .target = output,
        .packed = packed,
        .bias = bias,
        .channels = c->channels,
        .group = group_channels(c),
        .in_parts = packed_taps(c, false) > PART,
        .target_height = c->output_height,
        .target_width = c->output_width,
        .kernel_width = c->kernel_width,
        .panel_size = packed_taps(c, false) * PANEL,
        .spread = c->dilation_x,
        .asks_source = true,
        .asks_target = true,
        .activation = activation,
    };
    sum_function *sum = find_sum(&g);
    g.shift = pair_shift(&g, sum);
    int64_t end = rows.begin + rows.count, channel_end = (panels.begin + panels.count) * PANEL;
    for (int64_t channel = panels.begin * PANEL; channel < channel_end; channel = g.channel_end) {
        next_channels(&g, channel, channel_end);
        for (int64_t r = rows.begin; r < end;) {
            int64_t y = r % c->output_height;
            int together = g.shift > 0 && r + 1 < end && y + 1 < c->output_height ? 2 : 1;
            sum_phases(1, (const gather *const[]){&g}, &sum, r / c->output_height, y, together);
            if (activation->kind != NATIVECNN_RELU && activation->kind != NATIVECNN_IDENTITY) {
                int64_t pixels = together * (int64_t)c->output_width, count = g.channel_end - channel;
                float *values = output + r * c->output_width * c->channels + channel;
                VARIANT(bias_activation)(activation, NULL, pixels, count, c->channels, values);
            }
            r += together;
        }
    }
}

/* Input row r of all images, or the next one too: the number that was computed. */
static int gather_across(const nativecnn_convolution_geometry *c, gather g, int64_t r, int64_t end) {
    gather phase[2];
    const gather *const phases[] = {&phase[0], &phase[1]};
    sum_function *sums[2];
    int64_t y = r % c->height, count = c->stride_x < c->width ? c->stride_x : c->width;
    g.y = unflipped(backward_axis(y % c->stride_y, c->output_height, c->height, c->kernel_height, c->stride_y,
                                  c->dilation_y, c->pad_top),
                    c->kernel_height);
    for (int64_t x = 0; x < count; x++) {
        g.x = unflipped(
            backward_axis(x, c->output_width, c->width, c->kernel_width, c->stride_x, c->dilation_x, c->pad_left),
            c->kernel_width);
        g.spread = g.x.offset_step;
        /* All phases of x read the same. */
        g.asks_source = x == 0;
        sums[x] = find_sum(&g);
        g.shift = pair_shift(&g, sums[x]);
        phase[x] = g;
    }
    int rows = count == 1 && phase[0].shift > 0 && r + 1 < end && y + 1 < c->height ? 2 : 1;
    sum_phases((int)count, phases, sums, r / c->height, y / c->stride_y, rows);
    return rows;
}

void VARIANT(grouped_backward_data)(const nativecnn_convolution_geometry *geometry, const float *output_gradient,
                                    const float *packed, nativecnn_range rows, nativecnn_range panels,
                                    float *input_gradient) {
    const nativecnn_convolution_geometry *c = geometry;
    const nativecnn_activation identity = {NATIVECNN_IDENTITY, 0, 0};
    gather g = {
        .source = output_gradient,
        .target = input_gradient,
        .packed = packed,
        .channels = c->channels,
        .group = group_channels(c),
        .in_parts = packed_taps(c, true) > PART,
        .target_height = c->height,
        .target_width = c->width,
        .kernel_width = c->kernel_width,
        .panel_size = packed_taps(c, true) * PANEL,
        .asks_target = true,
        .activation = &identity,
    };
    int64_t end = rows.begin + rows.count, channel_end = (panels.begin + panels.count) * PANEL;
    for (int64_t channel = panels.begin * PANEL; channel < channel_end; channel = g.channel_end) {
        next_channels(&g, channel, channel_end);
        for (int64_t r = rows.begin; r < end;)
            r += gather_across(c, g, r, end);
    }
}

#if defined(NATIVECNN_EXPORTS)

nativecnn_status nativecnn_grouped_forward(const nativecnn_convolution_geometry *geometry, const float *input,
                                           const float *packed, const float *bias,
                                           const nativecnn_activation *activation, nativecnn_range rows,
                                           nativecnn_range panels, float *output) {
    REQUIRE(geometry && input && packed && activation && output, NATIVECNN_NULL_POINTER);
    CHECK(check_grouped(geometry, panels));
    CHECK(check_activation(activation));
    CHECK(check_range(rows, (int64_t)geometry->batch_size * geometry->output_height));
    kernels_in_use()->grouped_forward(geometry, input, packed, bias, activation, rows, panels, output);
    return NATIVECNN_OK;
}

nativecnn_status nativecnn_grouped_backward_data(const nativecnn_convolution_geometry *geometry,
                                                 const float *output_gradient, const float *packed,
                                                 nativecnn_range rows, nativecnn_range panels, float *input_gradient) {
    REQUIRE(geometry && output_gradient && packed && input_gradient, NATIVECNN_NULL_POINTER);
    CHECK(check_grouped(geometry, panels));
    CHECK(check_range(rows, (int64_t)geometry->batch_size * geometry->height));
    kernels_in_use()->grouped_backward_data(geometry, output_gradient, packed, rows, panels, input_gradient);
    return NATIVECNN_OK;
}

#endif
