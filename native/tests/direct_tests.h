/* direct_tests.h - packed filters for the tests of direct convolution. */
#ifndef NATIVECNN_DIRECT_TESTS_H
#define NATIVECNN_DIRECT_TESTS_H

#include "test.h"

static const nativecnn_activation identity = {NATIVECNN_IDENTITY, 0, 0};

static inline int panels_of(int columns) {
    return (columns + NATIVECNN_PANEL - 1) / NATIVECNN_PANEL;
}

/* One group's packed filters, each panel by a call of its own. */
static inline float *pack(const nativecnn_convolution_geometry *g, const float *filters, int group, int backward_data) {
    int64_t size = nativecnn_direct_filters_size(g, backward_data);
    int panels = panels_of((backward_data ? g->channels : g->filters) / g->groups);
    float *packed = test_filled(size, NAN);
    for (int panel = 0; panel < panels; panel++)
        EXPECT_OK(nativecnn_direct_pack_filters(g, filters, group, backward_data, range(panel, 1), packed));
    return packed;
}

#endif
