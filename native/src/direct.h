/*
 * direct.h - the panels of direct convolution.
 */
#ifndef NATIVECNN_DIRECT_H
#define NATIVECNN_DIRECT_H

#include "compiler.h"
#include "nativecnn.h"

#include <stdbool.h>
#include <stdint.h>

enum { PANEL = NATIVECNN_PANEL };

/* Input channels of one group. */
INLINE int64_t group_channels(const nativecnn_convolution_geometry *g) {
    return g->channels / g->groups;
}

/* Output channels of one group. */
INLINE int64_t group_filters(const nativecnn_convolution_geometry *g) {
    return g->filters / g->groups;
}

/* The columns that packed filters have beside each other, and the taps of each. */
INLINE int64_t packed_columns(const nativecnn_convolution_geometry *g, bool backward_data) {
    return backward_data ? group_channels(g) : group_filters(g);
}

INLINE int64_t packed_taps(const nativecnn_convolution_geometry *g, bool backward_data) {
    return (int64_t)g->kernel_height * g->kernel_width * (backward_data ? group_filters(g) : group_channels(g));
}

INLINE int64_t panels_of(int64_t columns) {
    return (columns + PANEL - 1) / PANEL;
}

/* For a good geometry whose packed filters exist, a group of it, and a range of that group's panels. */
nativecnn_status check_panels(const nativecnn_convolution_geometry *geometry, int32_t group, int32_t backward_data,
                              nativecnn_range panels);

#endif
