/* convolution_sums.h - a convolution as the header defines it, for tests that sum it naively in double. */
#ifndef NATIVECNN_CONVOLUTION_SUMS_H
#define NATIVECNN_CONVOLUTION_SUMS_H

#include "test.h"

static inline int64_t input_count(const nativecnn_convolution_geometry *g) {
    return (int64_t)g->batch_size * g->height * g->width * g->channels;
}

static inline int64_t output_count(const nativecnn_convolution_geometry *g) {
    return (int64_t)g->batch_size * g->output_height * g->output_width * g->filters;
}

static inline int64_t filter_count(const nativecnn_convolution_geometry *g) {
    return (int64_t)g->filters * g->kernel_height * g->kernel_width * (g->channels / g->groups);
}

/* The points of a Winograd tile: a block of filters has 256 floats for each. */
static inline int64_t points_of(nativecnn_winograd_kind kind) {
    return nativecnn_winograd_filters_size(kind, 1, 1) / 256;
}

/* What input pixel coordinate output place o reads by tap i. */
static inline int place(int o, int stride, int i, int dilation, int pad) {
    return o * stride + i * dilation - pad;
}

/* Visits every product of a convolution once: of input[input_at] and filters[filter_at], towards output[output_at]. */
#define FOR_PRODUCTS(g, VISIT)                                                                                         \
    for (int n = 0; n < (g)->batch_size; n++)                                                                          \
        for (int y = 0; y < (g)->output_height; y++)                                                                   \
            for (int x = 0; x < (g)->output_width; x++)                                                                \
                for (int o = 0; o < (g)->filters; o++)                                                                 \
                    for (int i = 0; i < (g)->kernel_height; i++)                                                       \
                        for (int j = 0; j < (g)->kernel_width; j++) {                                                  \
                            int v = place(y, (g)->stride_y, i, (g)->dilation_y, (g)->pad_top);                         \
                            int u = place(x, (g)->stride_x, j, (g)->dilation_x, (g)->pad_left);                        \
                            int inner = (g)->channels / (g)->groups, group = o / ((g)->filters / (g)->groups);         \
                            if (v < 0 || v >= (g)->height || u < 0 || u >= (g)->width)                                 \
                                continue;                                                                              \
                            for (int c = 0; c < inner; c++) {                                                          \
                                int64_t output_at =                                                                    \
                                    (((int64_t)n * (g)->output_height + y) * (g)->output_width + x) * (g)->filters +   \
                                    o;                                                                                 \
                                int64_t input_at = (((int64_t)n * (g)->height + v) * (g)->width + u) * (g)->channels + \
                                                   group * inner + c;                                                  \
                                int64_t filter_at =                                                                    \
                                    (((int64_t)o * (g)->kernel_height + i) * (g)->kernel_width + j) * inner + c;       \
                                VISIT;                                                                                 \
                            }                                                                                          \
                        }

#endif
