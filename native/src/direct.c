/* direct.c - the sizes of direct convolution's buffers, and the checks of its exports. */
#include "direct.h"
#include "checks.h"
#include "kernels.h"

int64_t nativecnn_direct_filters_size(const nativecnn_convolution_geometry *geometry, int32_t backward_data) {
    if ((backward_data != 0 && backward_data != 1) || check_convolution(geometry) != NATIVECNN_OK)
        return 0;
    int64_t panels = panels_of(packed_columns(geometry, backward_data)), taps = packed_taps(geometry, backward_data);
    return fits_memory((int64_t[]){panels, taps, PANEL}, 3) ? panels * taps * PANEL : 0;
}

/* A good geometry whose packed filters exist, a group of it, and a range of that group's panels. */
static nativecnn_status check_panels(const nativecnn_convolution_geometry *g, int32_t group, int32_t backward_data,
                                     int32_t panel_begin, int32_t panel_count) {
    REQUIRE(backward_data == 0 || backward_data == 1, NATIVECNN_BAD_ARGUMENT);
    REQUIRE(nativecnn_direct_filters_size(g, backward_data) > 0, NATIVECNN_BAD_GEOMETRY);
    REQUIRE(group >= 0 && group < g->groups, NATIVECNN_BAD_RANGE);
    return check_range(panel_begin, panel_count, panels_of(packed_columns(g, backward_data)));
}

nativecnn_status nativecnn_direct_pack_filters(const nativecnn_convolution_geometry *geometry, const float *filters,
                                               int32_t group, int32_t backward_data, int32_t panel_begin,
                                               int32_t panel_count, float *packed) {
    REQUIRE(geometry && filters && packed, NATIVECNN_NULL_POINTER);
    CHECK(check_panels(geometry, group, backward_data, panel_begin, panel_count));
    kernels_in_use()->direct_pack_filters(geometry, filters, group, backward_data, panel_begin, panel_count, packed);
    return NATIVECNN_OK;
}

nativecnn_status nativecnn_direct_forward(const nativecnn_convolution_geometry *geometry, const float *input,
                                          const float *packed, const float *bias, const nativecnn_activation *activation,
                                          int32_t group, int64_t row_begin, int64_t row_count, int32_t panel_begin,
                                          int32_t panel_count, float *output) {
    REQUIRE(geometry && input && packed && activation && output, NATIVECNN_NULL_POINTER);
    CHECK(check_panels(geometry, group, 0, panel_begin, panel_count));
    CHECK(check_activation(activation));
    CHECK(check_range(row_begin, row_count, (int64_t)geometry->batch * geometry->output_height));
    kernels_in_use()->direct_forward(geometry, input, packed, bias, activation, group, row_begin, row_count, panel_begin,
                                     panel_count, output);
    return NATIVECNN_OK;
}

nativecnn_status nativecnn_direct_backward_data(const nativecnn_convolution_geometry *geometry, const float *output_gradient,
                                                const float *packed, int32_t group, int64_t row_begin, int64_t row_count,
                                                int32_t panel_begin, int32_t panel_count, float *input_gradient) {
    REQUIRE(geometry && output_gradient && packed && input_gradient, NATIVECNN_NULL_POINTER);
    CHECK(check_panels(geometry, group, 1, panel_begin, panel_count));
    CHECK(check_range(row_begin, row_count, (int64_t)geometry->batch * geometry->height));
    kernels_in_use()->direct_backward_data(geometry, output_gradient, packed, group, row_begin, row_count, panel_begin,
                                           panel_count, input_gradient);
    return NATIVECNN_OK;
}

nativecnn_status nativecnn_direct_filter_gradient(const nativecnn_convolution_geometry *geometry, const float *input,
                                                  const float *output_gradient, int32_t group, int64_t row_begin,
                                                  int64_t row_count, int32_t panel_begin, int32_t panel_count,
                                                  int32_t accumulate, float *gradient) {
    REQUIRE(geometry && input && output_gradient && gradient, NATIVECNN_NULL_POINTER);
    CHECK(check_panels(geometry, group, 0, panel_begin, panel_count));
    CHECK(check_range(row_begin, row_count, (int64_t)geometry->batch * geometry->output_height));
    REQUIRE(accumulate == 0 || accumulate == 1, NATIVECNN_BAD_ARGUMENT);
    kernels_in_use()->direct_filter_gradient(geometry, input, output_gradient, group, row_begin, row_count, panel_begin,
                                             panel_count, accumulate, gradient);
    return NATIVECNN_OK;
}

nativecnn_status nativecnn_direct_unpack_gradient(const nativecnn_convolution_geometry *geometry, const float *gradients,
                                                  int32_t gradient_count, int32_t group, int32_t panel_begin,
                                                  int32_t panel_count, float *filter_gradient) {
    REQUIRE(geometry && gradients && filter_gradient, NATIVECNN_NULL_POINTER);
    CHECK(check_panels(geometry, group, 0, panel_begin, panel_count));
    REQUIRE(gradient_count >= 0 && fits_memory((int64_t[]){gradient_count, nativecnn_direct_filters_size(geometry, 0)}, 2),
            NATIVECNN_BAD_RANGE);
    kernels_in_use()->direct_unpack_gradient(geometry, gradients, gradient_count, group, panel_begin, panel_count,
                                             filter_gradient);
    return NATIVECNN_OK;
}
