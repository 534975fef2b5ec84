/*
 * direct_pack.c - filters to the panels of direct convolution, and gradients in panels back to filters.
 */
#include "direct.h"
#include "kernels.h"
#include "simd.h"

/* Taps that are transposed at once: one cache line of each filter. */
enum { TAPS = 16 };

/* packed[t, f] = filters[f, t] for count <= PANEL filters, taps values each; zeros for the others. */
INLINE void pack_panel(const float *RESTRICT filters, int64_t taps, int64_t count, float *RESTRICT packed) {
    for (int64_t first = 0; first < taps; first += TAPS) {
        int64_t n = taps - first < TAPS ? taps - first : TAPS;
        float tile[PANEL][TAPS] = {{0}};
        for (int64_t f = 0; f < count; f++)
            memcpy(tile[f], filters + f * taps + first, (size_t)n * sizeof(float));
        for (int64_t t = 0; t < n; t++)
            for (int f = 0; f < PANEL; f++)
                packed[(first + t) * PANEL + f] = tile[f][t];
    }
}

/* packed[i, j, o, f] = filters[o, kernel_height - 1 - i, kernel_width - 1 - j, f] for count <= PANEL channels f of filters
 * with the given numbers of places and channels. */
INLINE void pack_turned_panel(const float *filters, int64_t filter_count, int64_t places, int64_t channels, int64_t count,
                              float *packed) {
    for (int64_t place = places - 1; place >= 0; place--)
        for (int64_t o = 0; o < filter_count; o++, packed += PANEL) {
            const float *from = filters + (o * places + place) * channels;
            for (int64_t f = 0; f < PANEL; f++)
                packed[f] = f < count ? from[f] : 0;
        }
}

void VARIANT(direct_pack_filters)(const nativecnn_convolution_geometry *geometry, const float *filters, int32_t group,
                                  int32_t backward_data, int32_t panel_begin, int32_t panel_count, float *packed) {
    int64_t filter_count = group_filters(geometry), channels = group_channels(geometry);
    int64_t places = (int64_t)geometry->kernel_height * geometry->kernel_width;
    int64_t columns = packed_columns(geometry, backward_data), taps = packed_taps(geometry, backward_data);
    const float *from = filters + group * filter_count * places * channels;
    for (int64_t first = (int64_t)panel_begin * PANEL; first < ((int64_t)panel_begin + panel_count) * PANEL;
         first += PANEL) {
        int64_t count = columns - first < PANEL ? columns - first : PANEL;
        if (!backward_data)
            pack_panel(from + first * taps, taps, count, packed + first * taps);
        else if (count == PANEL)
            pack_turned_panel(from + first, filter_count, places, channels, PANEL, packed + first * taps);
        else
            pack_turned_panel(from + first, filter_count, places, channels, count, packed + first * taps);
    }
}

void VARIANT(direct_unpack_gradient)(const nativecnn_convolution_geometry *geometry, const float *gradients,
                                     int32_t gradient_count, int32_t group, int32_t panel_begin, int32_t panel_count,
                                     float *filter_gradient) {
    int64_t columns = packed_columns(geometry, false), taps = packed_taps(geometry, false);
    int64_t size = panels_of(columns) * taps * PANEL;
    float *to = filter_gradient + group * columns * taps;
    for (int64_t first = (int64_t)panel_begin * PANEL; first < ((int64_t)panel_begin + panel_count) * PANEL;
         first += PANEL) {
        int64_t count = columns - first < PANEL ? columns - first : PANEL;
        for (int64_t tap = 0; tap < taps; tap += TAPS) {
            int64_t n = taps - tap < TAPS ? taps - tap : TAPS;
            float tile[TAPS][PANEL] = {{0}};
            for (int32_t i = 0; i < gradient_count; i++)
                for (int64_t t = 0; t < n; t++)
                    for (int f = 0; f < PANEL; f++)
                        tile[t][f] += gradients[i * size + first * taps + (tap + t) * PANEL + f];
            for (int64_t f = 0; f < count; f++)
                for (int64_t t = 0; t < n; t++)
                    to[(first + f) * taps + tap + t] += tile[t][f];
        }
    }
}
