/* grouped.c - the size of the packed filters of small groups, and what all their exports check. */
#include "grouped.h"
#include "checks.h"
#include "direct.h"

enum {
    /* The channels of a group. More are better summed as rows of a product. */
    LEAST_CHANNELS = 2,
    MOST_CHANNELS = 32
};

int64_t nativecnn_grouped_filters_size(const nativecnn_convolution_geometry *geometry) {
    const nativecnn_convolution_geometry *g = geometry;
    if (check_convolution(g) != NATIVECNN_OK)
        return 0;
    int64_t group = group_channels(g);
    bool lanes = g->channels == g->filters && g->channels % PANEL == 0 && group >= LEAST_CHANNELS &&
                 group <= MOST_CHANNELS && (group & (group - 1)) == 0;
    bool taps = ((g->kernel_width == 3 && g->kernel_height == 3) || g->kernel_width == 5) && g->stride_x <= 2 &&
                g->dilation_x == 1;
    return lanes && taps ? g->channels * packed_taps(g, false) : 0;
}

nativecnn_status check_grouped(const nativecnn_convolution_geometry *g, nativecnn_range panels) {
    REQUIRE(nativecnn_grouped_filters_size(g) > 0, NATIVECNN_BAD_GEOMETRY);
    return check_range(panels, g->channels / PANEL);
}
