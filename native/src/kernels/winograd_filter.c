/*
 * winograd_filter.c - G w G' of the filters, for forward and backward-data, and dw += G' dU G of their gradient.
 *
 * Blocks of 16 rows x 16 columns hold all points together: 36 KB of 36 points, which stay in the first cache while they
 * are written.
 */
#include "checks.h"
#include "kernels.h"
#include "winograd_transforms.h"

/* Transforms the taps of one row for LANES columns and writes them to the row's place in a block. */
INLINE void transform_row(nativecnn_winograd_kind kind, const float *taps, int64_t row_stride, int64_t tap_stride,
                          float *block) {
    vfloat transformed[MAX_POINTS];
    transform_tile(filter_points, kind, filter_side(kind), point_side(kind), taps, row_stride, tap_stride, transformed);
    for (int p = 0; p < point_count(kind); p++)
        vf_store(block + p * BLOCK_SIZE, transformed[p]);
}

/* Forward: rows are input channels, columns output channels; filters have the rows innermost, and are transposed. */
INLINE void transform_forward(nativecnn_winograd_kind kind, const float *filters, int64_t channels,
                              nativecnn_range columns, float *transformed) {
    int taps = filter_side(kind) * filter_side(kind);
    for (int64_t column = 0; column < columns.count; column += BLOCK)
        for (int64_t row = 0; row < channels; row += BLOCK, transformed += point_count(kind) * BLOCK_SIZE) {
            int64_t width = columns.count - column < BLOCK ? columns.count - column : BLOCK;
            int64_t rows = channels - row < BLOCK ? channels - row : BLOCK;
            /* [tap][row][column], zero past the last column. */
            float transposed[MAX_TAPS * BLOCK_SIZE];
            if (width < BLOCK)
                memset(transposed, 0, sizeof transposed);
            for (int64_t j = 0; j < width; j++)
                for (int tap = 0; tap < taps; tap++) {
                    const float *from = filters + ((columns.begin + column + j) * taps + tap) * channels + row;
                    float *to = transposed + tap * BLOCK_SIZE + j;
                    for (int64_t i = 0; i < rows; i++)
                        to[i * BLOCK] = from[i];
                }
            for (int64_t i = 0; i < rows; i++)
                for (int j = 0; j < BLOCK; j += LANES)
                    transform_row(kind, transposed + i * BLOCK + j, (int64_t)filter_side(kind) * BLOCK_SIZE, BLOCK_SIZE,
                                  transformed + i * BLOCK + j);
        }
}

/* Backward-data: rows are output channels, columns input channels; negative strides flip the filters where asked. */
INLINE void transform_backward(nativecnn_winograd_kind kind, bool flip, const float *filters, int64_t channels,
                               int64_t filter_count, nativecnn_range columns, float *transformed) {
    int side = filter_side(kind), taps = side * side;
    int64_t tap_stride = flip ? -channels : channels, first_tap = flip ? (taps - 1) * channels : 0;
    for (int64_t column = 0; column < columns.count; column += BLOCK)
        for (int64_t row = 0; row < filter_count; row += BLOCK, transformed += point_count(kind) * BLOCK_SIZE)
            for (int64_t i = 0; i < BLOCK && row + i < filter_count; i++)
                for (int j = 0; j < BLOCK; j += LANES) {
                    const float *first = filters + (row + i) * taps * channels + first_tap + columns.begin + column + j;
                    int64_t n = columns.count - column - j;
                    float *to = transformed + i * BLOCK + j;
                    if (n >= LANES) {
                        transform_row(kind, first, side * tap_stride, tap_stride, to);
                    } else {
                        float padded[MAX_TAPS * LANES];
                        for (int tap = 0; tap < taps; tap++)
                            vf_store(padded + tap * LANES, n > 0 ? vf_load_n(first + tap * tap_stride, n) : vf_set(0));
                        transform_row(kind, padded, (int64_t)side * LANES, LANES, to);
                    }
                }
}

void VARIANT(winograd_filter_transform)(nativecnn_winograd_kind kind, const nativecnn_convolution_geometry *geometry,
                                        const float *filters, int32_t group, nativecnn_winograd_filters form,
                                        nativecnn_range columns, float *transformed) {
    int64_t channels = geometry->channels / geometry->groups, filter_count = geometry->filters / geometry->groups;
    const float *own = filters + group * filter_count * geometry->kernel_height * geometry->kernel_width * channels;
#define FORWARD(kind) transform_forward(kind, own, channels, columns, transformed)
    bool flip = form == NATIVECNN_WINOGRAD_FILTERS_FLIPPED;
#define BACKWARD(kind) transform_backward(kind, flip, own, channels, filter_count, columns, transformed)
    if (form == NATIVECNN_WINOGRAD_FILTERS_FORWARD) {
        WITH_CONSTANT_WINOGRAD(kind, FORWARD)
    } else {
        WITH_CONSTANT_WINOGRAD(kind, BACKWARD)
    }
#undef FORWARD
#undef BACKWARD
}

INLINE void transform_gradient(nativecnn_winograd_kind kind, const float *products, int64_t all_channels,
                               nativecnn_range channels, nativecnn_range filters, float *filter_gradient) {
    int side = filter_side(kind), taps = side * side;
    for (int64_t column = 0; column < channels.count; column += BLOCK)
        for (int64_t row = 0; row < filters.count; row += BLOCK, products += point_count(kind) * BLOCK_SIZE)
            for (int64_t i = 0; i < BLOCK && row + i < filters.count; i++)
                for (int64_t j = 0; j < BLOCK && column + j < channels.count; j += LANES) {
                    vfloat gradient[MAX_POINTS];
                    transform_tile(filter_gradient_points, kind, point_side(kind), side, products + i * BLOCK + j,
                                   (int64_t)point_side(kind) * BLOCK_SIZE, BLOCK_SIZE, gradient);
                    float *to =
                        filter_gradient + (filters.begin + row + i) * taps * all_channels + channels.begin + column + j;
                    int64_t n = channels.count - column - j;
                    for (int tap = 0; tap < taps; tap++, to += all_channels)
                        vf_store_n(to, vf_add(vf_load_n(to, n), gradient[tap]), n);
                }
}

void VARIANT(winograd_filter_gradient_transform)(nativecnn_winograd_kind kind,
                                                 const nativecnn_convolution_geometry *geometry, const float *products,
                                                 int32_t group, nativecnn_range channels, nativecnn_range filters,
                                                 float *filter_gradient) {
    int64_t all_channels = geometry->channels / geometry->groups;
    filters.begin += group * (geometry->filters / geometry->groups);
#define TRANSFORM(kind) transform_gradient(kind, products, all_channels, channels, filters, filter_gradient)
    WITH_CONSTANT_WINOGRAD(kind, TRANSFORM)
#undef TRANSFORM
}

#if defined(NATIVECNN_EXPORTS)

static const nativecnn_range nothing = {0, 0};

nativecnn_status nativecnn_winograd_filter_transform(nativecnn_winograd_kind kind,
                                                     const nativecnn_convolution_geometry *geometry,
                                                     const float *filters, int32_t group,
                                                     nativecnn_winograd_filters form, nativecnn_range columns,
                                                     float *transformed) {
    REQUIRE(geometry && filters && transformed, NATIVECNN_NULL_POINTER);
    CHECK(check_winograd(kind, geometry));
    REQUIRE((uint32_t)form <= NATIVECNN_WINOGRAD_FILTERS_ADJOINT, NATIVECNN_BAD_ARGUMENT);
    CHECK(check_winograd_range(kind, geometry, group, nothing, columns,
                               form == NATIVECNN_WINOGRAD_FILTERS_FORWARD ? geometry->filters : geometry->channels));
    kernels_in_use()->winograd_filter_transform(kind, geometry, filters, group, form, columns, transformed);
    return NATIVECNN_OK;
}

nativecnn_status nativecnn_winograd_filter_gradient_transform(nativecnn_winograd_kind kind,
                                                              const nativecnn_convolution_geometry *geometry,
                                                              const float *products, int32_t group,
                                                              nativecnn_range channels, nativecnn_range filters,
                                                              float *filter_gradient) {
    REQUIRE(geometry && products && filter_gradient, NATIVECNN_NULL_POINTER);
    CHECK(check_winograd(kind, geometry));
    CHECK(check_winograd_range(kind, geometry, group, nothing, channels, geometry->channels));
    CHECK(check_range(filters, geometry->filters / geometry->groups));
    kernels_in_use()->winograd_filter_gradient_transform(kind, geometry, products, group, channels, filters,
                                                         filter_gradient);
    return NATIVECNN_OK;
}

#endif
