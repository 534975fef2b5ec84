/* direct.c - the size of direct convolution's packed filters, and what all its exports check. */
#include "direct.h"
#include "checks.h"

int64_t nativecnn_direct_filters_size(const nativecnn_convolution_geometry *geometry, int32_t backward_data) {
    if ((backward_data != 0 && backward_data != 1) || check_convolution(geometry) != NATIVECNN_OK)
        return 0;
    int64_t panels = panels_of(packed_columns(geometry, backward_data)), taps = packed_taps(geometry, backward_data);
    return fits_memory((int64_t[]){panels, taps, PANEL}, 3) ? panels * taps * PANEL : 0;
}

nativecnn_status check_panels(const nativecnn_convolution_geometry *g, int32_t group, int32_t backward_data,
                              nativecnn_range panels) {
    REQUIRE(backward_data == 0 || backward_data == 1, NATIVECNN_BAD_ARGUMENT);
    REQUIRE(nativecnn_direct_filters_size(g, backward_data) > 0, NATIVECNN_BAD_GEOMETRY);
    CHECK(check_group(g, group));
    return check_range(panels, panels_of(packed_columns(g, backward_data)));
}
