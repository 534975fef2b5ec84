/*
 * grouped_filters.c - the filters of small groups in the order in which their kernels read them, their gradient, and it
 * back in the order of the filters.
 */
#define EXCHANGES true
#include "channel_gradient.h"
#include "checks.h"
#include "grouped.h"

/* Where the packed filters of a panel have filter o, place p and the input channel in ^ (o % group) of its group. */
INLINE int64_t filter_place(const nativecnn_convolution_geometry *g, int64_t o, int64_t place, int64_t in) {
    int64_t group = group_channels(g), places = (int64_t)g->kernel_height * g->kernel_width;
    return (o * places + place) * group + in;
}

void VARIANT(grouped_pack_filters)(const nativecnn_convolution_geometry *geometry, const float *filters,
                                   int32_t backward_data, nativecnn_range panels, float *packed) {
    const nativecnn_convolution_geometry *g = geometry;
    int64_t group = group_channels(g), places = (int64_t)g->kernel_height * g->kernel_width;
    for (int64_t first = panels.begin * PANEL; first < (panels.begin + panels.count) * PANEL; first += PANEL) {
        float *to = packed + first * places * group;
        for (int64_t place = 0; place < places; place++)
            for (int64_t r = 0; r < group; r++, to += PANEL)
                for (int64_t c = first; c < first + PANEL; c++)
                    to[c - first] = filters[backward_data ? filter_place(g, c ^ r, place, c % group)
                                                          : filter_place(g, c, place, (c ^ r) % group)];
    }
}

void VARIANT(grouped_unpack_gradient)(const nativecnn_convolution_geometry *geometry, const float *gradients,
                                      int32_t gradient_count, nativecnn_range panels, float *filter_gradient) {
    const nativecnn_convolution_geometry *g = geometry;
    int64_t group = group_channels(g), places = (int64_t)g->kernel_height * g->kernel_width;
    int64_t size = g->channels * places * group;
    for (int64_t first = panels.begin * PANEL; first < (panels.begin + panels.count) * PANEL; first += PANEL) {
        const float *from = gradients + first * places * group;
        for (int64_t place = 0; place < places; place++)
            for (int64_t r = 0; r < group; r++, from += PANEL) {
                float sums[PANEL] = {0};
                for (int32_t n = 0; n < gradient_count; n++)
                    for (int c = 0; c < PANEL; c++)
                        sums[c] += from[n * size + c];
                for (int64_t c = first; c < first + PANEL; c++)
                    filter_gradient[filter_place(g, c, place, (c ^ r) % group)] += sums[c - first];
            }
    }
}

void VARIANT(grouped_filter_gradient)(const nativecnn_convolution_geometry *geometry, const float *input,
                                      const float *output_gradient, nativecnn_range rows, nativecnn_range panels,
                                      int32_t accumulate, float *gradient) {
    const nativecnn_convolution_geometry *g = geometry;
    int64_t panel_size = packed_taps(g, false) * PANEL;
    method m = find_method(g);
    if (!accumulate)
        memset(gradient + panels.begin * panel_size, 0, (size_t)(panels.count * panel_size) * sizeof(float));
    for (int64_t panel = panels.begin; panel < panels.begin + panels.count; panel++)
        add_all_rows(g, &m, input, output_gradient, rows, true, panel * PANEL, (panel + 1) * PANEL, gradient);
}

#if defined(NATIVECNN_EXPORTS)

nativecnn_status nativecnn_grouped_pack_filters(const nativecnn_convolution_geometry *geometry, const float *filters,
                                                int32_t backward_data, nativecnn_range panels, float *packed) {
    REQUIRE(geometry && filters && packed, NATIVECNN_NULL_POINTER);
    REQUIRE(backward_data == 0 || backward_data == 1, NATIVECNN_BAD_ARGUMENT);
    CHECK(check_grouped(geometry, panels));
    kernels_in_use()->grouped_pack_filters(geometry, filters, backward_data, panels, packed);
    return NATIVECNN_OK;
}

nativecnn_status nativecnn_grouped_filter_gradient(const nativecnn_convolution_geometry *geometry, const float *input,
                                                   const float *output_gradient, nativecnn_range rows,
                                                   nativecnn_range panels, int32_t accumulate, float *gradient) {
    REQUIRE(geometry && input && output_gradient && gradient, NATIVECNN_NULL_POINTER);
    CHECK(check_grouped(geometry, panels));
    CHECK(check_range(rows, (int64_t)geometry->batch_size * geometry->output_height));
    REQUIRE(accumulate == 0 || accumulate == 1, NATIVECNN_BAD_ARGUMENT);
    kernels_in_use()->grouped_filter_gradient(geometry, input, output_gradient, rows, panels, accumulate, gradient);
    return NATIVECNN_OK;
}

nativecnn_status nativecnn_grouped_unpack_gradient(const nativecnn_convolution_geometry *geometry,
                                                   const float *gradients, int32_t gradient_count,
                                                   nativecnn_range panels, float *filter_gradient) {
    REQUIRE(geometry && gradients && filter_gradient, NATIVECNN_NULL_POINTER);
    CHECK(check_grouped(geometry, panels));
    REQUIRE(gradient_count >= 0 &&
                fits_memory((int64_t[]){gradient_count, nativecnn_grouped_filters_size(geometry)}, 2),
            NATIVECNN_BAD_RANGE);
    kernels_in_use()->grouped_unpack_gradient(geometry, gradients, gradient_count, panels, filter_gradient);
    return NATIVECNN_OK;
}

#endif
