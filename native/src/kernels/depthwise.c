/*
 * depthwise.c - convolution with one channel and one filter per group: channels are the lanes.
 */
#include "checks.h"
#include "direct_axis.h"
#include "kernels.h"
#include "simd.h"

#include <math.h>

enum {
    /* Pixels that are summed at once, so that a filter is loaded once for all. */
    PIXELS = 8,
    /* Vectors of channels that are summed at once, to hide the latency of the sums. */
    VECTORS = 4,
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
    int64_t target_height;
    int64_t target_width;
    int64_t kernel_width;
    const nativecnn_activation *activation;
} gather;

/* The taps first to end - 1 of an axis. */
typedef struct taps {
    int64_t first;
    int64_t end;
} taps;

/* The taps that read inside for the target at a source place. */
INLINE taps taps_inside(const axis *a, int64_t place) {
    taps t = {0, a->taps};
    while (t.first < t.end && place + a->offset + t.first * a->offset_step < 0)
        t.first++;
    while (t.first < t.end && place + a->offset + (t.end - 1) * a->offset_step >= a->source_size)
        t.end--;
    return t;
}

/* n channels (LANES or less) of pixels beside each other, the first of which reads tap 0 at source, which may lie
 * outside.
 */
INLINE void sum_channels(int pixels, int64_t n, const gather *g, taps down, taps across, int64_t source, int64_t c,
                         float floor, float *target) {
    vfloat sums[PIXELS];
    vfloat begin = g->bias ? vf_load_n(g->bias + c, n) : vf_set(0);
    int64_t row_step = g->y.offset_step * g->x.source_size * g->channels, tap_step = g->x.offset_step * g->channels;
    int64_t pixel_step = g->x.source_step * g->channels, target_step = g->x.step * g->channels;
    vfloat totals[PIXELS];
    UNROLL for (int p = 0; p < pixels; p++) sums[p] = begin, totals[p] = vf_set(0);
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
            const float *from = g->source + (source + i * row_step + j * tap_step + c);
            UNROLL for (int p = 0; p < pixels; p++) sums[p] =
                vf_fma(vf_load_n(from + p * pixel_step, n), filter, sums[p]);
        }
    }
    if (first > down.first)
        for (int p = 0; p < pixels; p++)
            sums[p] = vf_add(totals[p], sums[p]);
    UNROLL for (int p = 0; p < pixels; p++) vf_store_n(target + p * target_step + c, vf_max(vf_set(floor), sums[p]), n);
}

INLINE void sum_pixels(int pixels, const gather *g, taps down, taps across, int64_t source, float *target) {
    float floor = g->activation->kind == NATIVECNN_RELU ? 0 : -INFINITY;
    int64_t c = 0;
    for (; c + LANES <= g->channels; c += LANES)
        sum_channels(pixels, LANES, g, down, across, source, c, floor, target);
    if (c < g->channels)
        sum_channels(pixels, g->channels - c, g, down, across, source, c, floor, target);
    /* Only forward has an activation, and its targets lie side by side. */
    if (g->activation->kind != NATIVECNN_RELU && g->activation->kind != NATIVECNN_IDENTITY)
        VARIANT(activation_forward)(g->activation, target, pixels * g->channels, target);
}

/* The targets of row y of an image. */
static void gather_row(const gather *g, int64_t image, int64_t y) {
    taps down = taps_inside(&g->y, y * g->y.source_step);
    int64_t source_row = image * g->y.source_size + y * g->y.source_step + g->y.offset;
    int64_t target_row = image * g->target_height + g->y.first + y * g->y.step;
    for (int64_t x = 0; x < g->x.count;) {
        int64_t place = x * g->x.source_step;
        float *target = g->target + (target_row * g->target_width + g->x.first + x * g->x.step) * g->channels;
        taps across = taps_inside(&g->x, place);
        int64_t source = (source_row * g->x.source_size + place + g->x.offset) * g->channels;
        if (x + PIXELS <= g->x.count && reads_inside(&g->x, place, place + (PIXELS - 1) * g->x.source_step)) {
            sum_pixels(PIXELS, g, down, across, source, target);
            x += PIXELS;
        } else {
            sum_pixels(1, g, down, across, source, target);
            x++;
        }
    }
}

static void gather_rows(const gather *g, nativecnn_range rows) {
    for (int64_t r = rows.begin; r < rows.begin + rows.count; r++) {
        int64_t y = r % g->target_height - g->y.first;
        if (y >= 0 && y % g->y.step == 0)
            gather_row(g, r / g->target_height, y / g->y.step);
    }
}

void VARIANT(depthwise_forward)(const nativecnn_convolution_geometry *geometry, const float *input, const float *packed,
                                const float *bias, const nativecnn_activation *activation, nativecnn_range rows,
                                float *output) {
    const nativecnn_convolution_geometry *c = geometry;
    const gather g = {
        .y = forward_axis(c->output_height, c->height, c->kernel_height, c->stride_y, c->dilation_y, c->pad_top),
        .x = forward_axis(c->output_width, c->width, c->kernel_width, c->stride_x, c->dilation_x, c->pad_left),
        .source = input,
        .target = output,
        .packed = packed,
        .bias = bias,
        .channels = c->channels,
        .target_height = c->output_height,
        .target_width = c->output_width,
        .kernel_width = c->kernel_width,
        .activation = activation,
    };
    gather_rows(&g, rows);
}

/* A phase of backward-data whose filters are not flipped. */
INLINE axis unflipped(axis a, int64_t kernel) {
    a.tap = kernel - 1 - a.tap;
    a.tap_step = -a.tap_step;
    return a;
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
        .target_height = c->height,
        .target_width = c->width,
        .kernel_width = c->kernel_width,
        .activation = &identity,
    };
    for (int64_t y = 0; y < c->stride_y && y < c->height; y++)
        for (int64_t x = 0; x < c->stride_x && x < c->width; x++) {
            g.y = unflipped(
                backward_axis(y, c->output_height, c->height, c->kernel_height, c->stride_y, c->dilation_y, c->pad_top),
                c->kernel_height);
            g.x = unflipped(
                backward_axis(x, c->output_width, c->width, c->kernel_width, c->stride_x, c->dilation_x, c->pad_left),
                c->kernel_width);
            gather_rows(&g, rows);
        }
}

/* Adds count pixels' products to n channels, up to VECTORS vectors of them. */
INLINE void add_products(int vectors, int64_t n, int64_t count, const float *input, int64_t input_step,
                         const float *output_gradient, int64_t gradient_step, float *gradient) {
    vfloat sums[VECTORS];
    UNROLL for (int v = 0; v < vectors; v++) sums[v] = vf_set(0);
    for (int64_t x = 0; x < count; x++, input += input_step, output_gradient += gradient_step)
        UNROLL for (int v = 0; v < vectors; v++) sums[v] =
            vf_fma(vf_load_n(input + v * LANES, n), vf_load_n(output_gradient + v * LANES, n), sums[v]);
    UNROLL for (int v = 0; v < vectors; v++)
        vf_store_n(gradient + v * LANES, vf_add(vf_load_n(gradient + v * LANES, n), sums[v]), n);
}

/* One kernel row's gradient from an output row. */
static void add_row(const nativecnn_convolution_geometry *g, const float *input, const float *output_gradient,
                    float *gradient) {
    int64_t channels = g->channels, step = (int64_t)g->stride_x * channels;
    for (int64_t j = 0; j < g->kernel_width; j++, gradient += channels) {
        /* The outputs whose tap j reads inside. */
        int64_t offset = j * g->dilation_x - g->pad_left;
        int64_t begin = offset < 0 ? (-offset + g->stride_x - 1) / g->stride_x : 0;
        int64_t end = offset < g->width ? (g->width - 1 - offset) / g->stride_x + 1 : 0;
        end = end < g->output_width ? end : g->output_width;
        if (begin >= end)
            continue;
        const float *from = input + (begin * g->stride_x + offset) * channels, *to = output_gradient + begin * channels;
        int64_t c = 0;
        for (; c + VECTORS * LANES <= channels; c += VECTORS * LANES)
            add_products(VECTORS, LANES, end - begin, from + c, step, to + c, channels, gradient + c);
        for (; c + LANES <= channels; c += LANES)
            add_products(1, LANES, end - begin, from + c, step, to + c, channels, gradient + c);
        if (c < channels)
            add_products(1, channels - c, end - begin, from + c, step, to + c, channels, gradient + c);
    }
}

void VARIANT(depthwise_filter_gradient)(const nativecnn_convolution_geometry *geometry, const float *input,
                                        const float *output_gradient, nativecnn_range rows, int32_t accumulate,
                                        float *gradient) {
    const nativecnn_convolution_geometry *g = geometry;
    int64_t row = (int64_t)g->kernel_width * g->channels;
    if (!accumulate)
        memset(gradient, 0, (size_t)(g->kernel_height * row) * sizeof(float));
    for (int64_t r = rows.begin; r < rows.begin + rows.count; r++)
        for (int64_t i = 0; i < g->kernel_height; i++) {
            int64_t y = r % g->output_height * g->stride_y + i * g->dilation_y - g->pad_top;
            if (y >= 0 && y < g->height)
                add_row(g, input + (r / g->output_height * g->height + y) * g->width * g->channels,
                        output_gradient + r * g->output_width * g->channels, gradient + i * row);
        }
}

void VARIANT(depthwise_pack_filters)(const nativecnn_convolution_geometry *geometry, const float *filters,
                                     float *packed) {
    int64_t places = (int64_t)geometry->kernel_height * geometry->kernel_width;
    for (int64_t place = 0; place < places; place++)
        for (int64_t c = 0; c < geometry->channels; c++)
            packed[place * geometry->channels + c] = filters[c * places + place];
}

void VARIANT(depthwise_unpack_gradient)(const nativecnn_convolution_geometry *geometry, const float *gradients,
                                        int32_t gradient_count, float *filter_gradient) {
    int64_t places = (int64_t)geometry->kernel_height * geometry->kernel_width, size = places * geometry->channels;
    for (int64_t c = 0; c < geometry->channels; c++)
        for (int64_t place = 0; place < places; place++) {
            float sum = 0;
            for (int32_t i = 0; i < gradient_count; i++)
                sum += gradients[i * size + place * geometry->channels + c];
            filter_gradient[c * places + place] += sum;
        }
}

#if defined(NATIVECNN_EXPORTS)

static nativecnn_status check_depthwise(const nativecnn_convolution_geometry *geometry) {
    CHECK(check_convolution(geometry));
    REQUIRE(geometry->channels == geometry->groups && geometry->filters == geometry->groups, NATIVECNN_BAD_GEOMETRY);
    return NATIVECNN_OK;
}

nativecnn_status nativecnn_depthwise_pack_filters(const nativecnn_convolution_geometry *geometry, const float *filters,
                                                  float *packed) {
    REQUIRE(geometry && filters && packed, NATIVECNN_NULL_POINTER);
    CHECK(check_depthwise(geometry));
    kernels_in_use()->depthwise_pack_filters(geometry, filters, packed);
    return NATIVECNN_OK;
}

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

nativecnn_status nativecnn_depthwise_filter_gradient(const nativecnn_convolution_geometry *geometry, const float *input,
                                                     const float *output_gradient, nativecnn_range rows,
                                                     int32_t accumulate, float *gradient) {
    REQUIRE(geometry && input && output_gradient && gradient, NATIVECNN_NULL_POINTER);
    CHECK(check_depthwise(geometry));
    CHECK(check_range(rows, (int64_t)geometry->batch_size * geometry->output_height));
    REQUIRE(accumulate == 0 || accumulate == 1, NATIVECNN_BAD_ARGUMENT);
    kernels_in_use()->depthwise_filter_gradient(geometry, input, output_gradient, rows, accumulate, gradient);
    return NATIVECNN_OK;
}

nativecnn_status nativecnn_depthwise_unpack_gradient(const nativecnn_convolution_geometry *geometry,
                                                     const float *gradients, int32_t gradient_count,
                                                     float *filter_gradient) {
    REQUIRE(geometry && gradients && filter_gradient, NATIVECNN_NULL_POINTER);
    CHECK(check_depthwise(geometry));
    const nativecnn_convolution_geometry *g = geometry;
    REQUIRE(gradient_count >= 0 &&
                fits_memory((int64_t[]){gradient_count, g->channels, g->kernel_height, g->kernel_width}, 4),
            NATIVECNN_BAD_RANGE);
    kernels_in_use()->depthwise_unpack_gradient(g, gradients, gradient_count, filter_gradient);
    return NATIVECNN_OK;
}

#endif
