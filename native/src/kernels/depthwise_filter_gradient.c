/*
 * depthwise_filter_gradient.c - the filter gradient of depthwise convolution: channels are the lanes.
 */
#define EXCHANGES false
#include "channel_gradient.h"
#include "checks.h"

enum {
    /* Vectors of channels that any taps sum at once, to hide the latency of the sums. */
    VECTORS = 4,
    /* The floats of an input that the caches may have lost: then the next rows are asked for. */
    LARGE_INPUT = 1 << 21
};

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

/* One kernel row's gradient from an output row, of the channels from first on. */
static void add_row(const nativecnn_convolution_geometry *g, int64_t first, const float *input,
                    const float *output_gradient, float *gradient) {
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
        int64_t c = first;
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
    int64_t row = (int64_t)g->kernel_width * g->channels, image = (int64_t)g->height * g->width * g->channels;
    method m = find_method(g);
    int64_t done = m.add ? g->channels / LANES * LANES : 0;
    if (!accumulate)
        memset(gradient, 0, (size_t)(g->kernel_height * row) * sizeof(float));
    if (done > 0)
        add_all_rows(g, &m, input, output_gradient, rows, g->batch_size * image >= LARGE_INPUT, 0, done, gradient);
    for (int64_t r = rows.begin; done < g->channels && r < rows.begin + rows.count; r++)
        for (int64_t i = 0; i < g->kernel_height; i++) {
            int64_t y = r % g->output_height * g->stride_y + i * g->dilation_y - g->pad_top;
            if (y >= 0 && y < g->height)
                add_row(g, done, input + r / g->output_height * image + y * g->width * g->channels,
                        output_gradient + r * g->output_width * g->channels, gradient + i * row);
        }
}

#if defined(NATIVECNN_EXPORTS)

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

#endif
