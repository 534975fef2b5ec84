/*
 * direct_pack.c - filters to the panels of direct convolution, and gradients in panels back to filters.
 */
#include "checks.h"
#include "direct.h"
#include "kernels.h"
#include "simd.h"
#include "transpose.h"

enum {
    /* Taps that are transposed at once: one cache line of each filter. */
    TAPS = 16,
    /* Channels of flipped filters that are read at once; the lines that they are written to may all want one place of a
     * cache.
     */
    TOGETHER = 4 * PANEL
};

/* packed[t, f] = filters[f, t] for TAPS taps of PANEL filters, whose taps lie taps apart. */
INLINE void pack_square(const float *filters, int64_t taps, float *packed) {
    for (int64_t t = 0; t < TAPS; t += LANES)
        for (int64_t f = 0; f < PANEL; f += LANES)
            transpose(filters + f * taps + t, taps, packed + t * PANEL + f, PANEL);
}

/* packed[t, f] = filters[f, t] for count <= PANEL filters, taps values each; zeros for the others. */
INLINE void pack_panel(const float *RESTRICT filters, int64_t taps, int64_t count, float *RESTRICT packed) {
    int64_t first = 0;
    for (; count == PANEL && first + TAPS <= taps; first += TAPS)
        pack_square(filters + first, taps, packed + first * PANEL);
    for (; first < taps; first += TAPS) {
        int64_t n = taps - first < TAPS ? taps - first : TAPS;
        float tile[PANEL][TAPS] = {{0}};
        for (int64_t f = 0; f < count; f++)
            memcpy(tile[f], filters + f * taps + first, (size_t)n * sizeof(float));
        for (int64_t t = 0; t < n; t++)
            for (int f = 0; f < PANEL; f++)
                packed[(first + t) * PANEL + f] = tile[f][t];
    }
}

/* packed[p, i, j, o, f] = filters[o, kernel_height - 1 - i, kernel_width - 1 - j, 16 p + f] for the panels of the
 * channels begin to end - 1. Filters are read in their order; each line of a panel is written whole. */
INLINE void pack_flipped(const float *filters, int64_t filter_count, int64_t places, int64_t channels, int64_t begin,
                         int64_t end, float *packed) {
    int64_t panel_size = places * filter_count * PANEL;
    for (int64_t o = 0; o < filter_count; o++)
        for (int64_t place = 0; place < places; place++) {
            const float *from = filters + (o * places + places - 1 - place) * channels;
            float *to = packed + begin / PANEL * panel_size + (place * filter_count + o) * PANEL;
            for (int64_t c = begin; c < end; c += PANEL, to += panel_size)
                for (int64_t f = 0; f < PANEL; f += LANES) {
                    int64_t left = channels - c - f;
                    vf_store(to + f, left > 0 ? vf_load_n(from + c + f, left) : vf_set(0));
                }
        }
}

void VARIANT(direct_pack_filters)(const nativecnn_convolution_geometry *geometry, const float *filters, int32_t group,
                                  int32_t backward_data, nativecnn_range panels, float *packed) {
    int64_t filter_count = group_filters(geometry), channels = group_channels(geometry);
    int64_t places = (int64_t)geometry->kernel_height * geometry->kernel_width, taps = places * channels;
    int64_t begin = panels.begin * PANEL, end = begin + panels.count * PANEL;
    const float *from = filters + group * filter_count * taps;
    if (backward_data) {
        for (int64_t first = begin; first < end; first += TOGETHER)
            pack_flipped(from, filter_count, places, channels, first, first + TOGETHER < end ? first + TOGETHER : end,
                         packed);
        return;
    }
    for (int64_t first = begin; first < end; first += PANEL) {
        int64_t count = filter_count - first < PANEL ? filter_count - first : PANEL;
        pack_panel(from + first * taps, taps, count, packed + first * taps);
    }
}

/* to[t] += from[t] for n <= TAPS taps. */
INLINE void add_taps(const float *from, int64_t n, float *to) {
    for (int64_t t = 0; t < n; t += LANES)
        vf_store_n(to + t, vf_add(vf_load_n(to + t, n - t), vf_load_n(from + t, n - t)), n - t);
}

void VARIANT(direct_unpack_gradient)(const nativecnn_convolution_geometry *geometry, const float *gradients,
                                     int32_t gradient_count, int32_t group, nativecnn_range panels,
                                     float *filter_gradient) {
    int64_t columns = packed_columns(geometry, false), taps = packed_taps(geometry, false);
    int64_t size = panels_of(columns) * taps * PANEL;
    float *to = filter_gradient + group * columns * taps;
    for (int64_t first = panels.begin * PANEL; first < (panels.begin + panels.count) * PANEL; first += PANEL) {
        int64_t count = columns - first < PANEL ? columns - first : PANEL;
        for (int64_t tap = 0; tap < taps; tap += TAPS) {
            int64_t n = taps - tap < TAPS ? taps - tap : TAPS;
            float tile[TAPS][PANEL] = {{0}};
            for (int32_t i = 0; i < gradient_count; i++)
                for (int64_t t = 0; t < n; t++)
                    for (int f = 0; f < PANEL; f++)
                        tile[t][f] += gradients[i * size + first * taps + (tap + t) * PANEL + f];
            float turned[PANEL][TAPS];
            for (int t = 0; t < TAPS; t += LANES)
                for (int f = 0; f < PANEL; f += LANES)
                    transpose(&tile[t][f], PANEL, &turned[f][t], TAPS);
            for (int64_t f = 0; f < count; f++)
                add_taps(turned[f], n, to + (first + f) * taps + tap);
        }
    }
}

#if defined(NATIVECNN_EXPORTS)

nativecnn_status nativecnn_direct_pack_filters(const nativecnn_convolution_geometry *geometry, const float *filters,
                                               int32_t group, int32_t backward_data, nativecnn_range panels,
                                               float *packed) {
    REQUIRE(geometry && filters && packed, NATIVECNN_NULL_POINTER);
    CHECK(check_panels(geometry, group, backward_data, panels));
    kernels_in_use()->direct_pack_filters(geometry, filters, group, backward_data, panels, packed);
    return NATIVECNN_OK;
}

nativecnn_status nativecnn_direct_unpack_gradient(const nativecnn_convolution_geometry *geometry,
                                                  const float *gradients, int32_t gradient_count, int32_t group,
                                                  nativecnn_range panels, float *filter_gradient) {
    REQUIRE(geometry && gradients && filter_gradient, NATIVECNN_NULL_POINTER);
    CHECK(check_panels(geometry, group, 0, panels));
    REQUIRE(gradient_count >= 0 &&
                fits_memory((int64_t[]){gradient_count, nativecnn_direct_filters_size(geometry, 0)}, 2),
            NATIVECNN_BAD_RANGE);
    kernels_in_use()->direct_unpack_gradient(geometry, gradients, gradient_count, group, panels, filter_gradient);
    return NATIVECNN_OK;
}

#endif
