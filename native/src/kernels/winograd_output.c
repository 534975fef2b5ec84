/*
 * winograd_output.c - the products of tiles back to pixels: f(A' M A + bias) of the output, dx += B M B' of the input
 * gradient.
 */
#include "activate.h"
#include "checks.h"
#include "kernels.h"
#include "winograd_transforms.h"

/* Writes the pixels of a tile that lie inside the image, n channels of each. */
INLINE void finish_tile(int32_t activation_kind, const nativecnn_activation *f, vfloat bias, const vfloat *pixels,
                        int side, int64_t height, int64_t width, int64_t row_stride, int64_t pixel_stride, int64_t n,
                        float *output) {
    activation_constants constants = activation_constants_of(f);
    for (int i = 0; i < side && i < height; i++)
        for (int j = 0; j < side && j < width; j++)
            vf_store_n(output + i * row_stride + j * pixel_stride,
                       activate(activation_kind, constants, vf_add(pixels[i * side + j], bias)), n);
}

INLINE void transform_output(nativecnn_winograd_kind kind, const nativecnn_convolution_geometry *g,
                             const float *products, nativecnn_range tiles, nativecnn_range filters, const float *bias,
                             const nativecnn_activation *activation, float *output) {
    int64_t stride = point_stride(tiles.count);
    for (int64_t first = 0; first < filters.count; first += TILE_CHANNELS) {
        int64_t end = first + TILE_CHANNELS < filters.count ? first + TILE_CHANNELS : filters.count;
        for (int64_t t = 0; t < tiles.count; t++) {
            tile_place place = place_tile(kind, g, tiles.begin + t);
            float *corner = output +
                            ((place.image * g->output_height + place.y) * g->output_width + place.x) * g->filters +
                            filters.begin;
            for (int64_t c = first; c < end; c += LANES) {
                vfloat pixels[MAX_POINTS];
                transform_tile(output_points, kind, point_side(kind), tile_side(kind),
                               products + channel_offset(kind, tiles.count, c) + t * TILE_CHANNELS,
                               point_side(kind) * stride, stride, pixels);
                int64_t n = filters.count - c;
                vfloat added = bias ? vf_load_n(bias + filters.begin + c, n) : vf_set(0);
#define FINISH(activation_kind)                                                                                        \
    finish_tile(activation_kind, activation, added, pixels, tile_side(kind), g->output_height - place.y,               \
                g->output_width - place.x, (int64_t)g->output_width * g->filters, g->filters, n, corner + c)
                WITH_CONSTANT_ACTIVATION(activation->kind, FINISH)
#undef FINISH
            }
        }
    }
}

void VARIANT(winograd_output_transform)(nativecnn_winograd_kind kind, const nativecnn_convolution_geometry *geometry,
                                        const float *products, int32_t group, nativecnn_range tiles,
                                        nativecnn_range filters, const float *bias,
                                        const nativecnn_activation *activation, float *output) {
    filters.begin += group * (geometry->filters / geometry->groups);
#define TRANSFORM(kind) transform_output(kind, geometry, products, tiles, filters, bias, activation, output)
    WITH_CONSTANT_WINOGRAD(kind, TRANSFORM)
#undef TRANSFORM
}

/* Adds the pixels of a tile that lie inside the image, n channels of each. */
INLINE void add_tile(const vfloat *pixels, int side, int64_t y, int64_t x, const nativecnn_convolution_geometry *g,
                     int64_t n, float *gradient) {
    for (int i = 0; i < side; i++)
        for (int j = 0; j < side; j++)
            if (y + i >= 0 && y + i < g->height && x + j >= 0 && x + j < g->width) {
                float *to = gradient + ((int64_t)i * g->width + j) * g->channels;
                vf_store_n(to, vf_add(vf_load_n(to, n), pixels[i * side + j]), n);
            }
}

INLINE void transform_input_gradient(nativecnn_winograd_kind kind, const nativecnn_convolution_geometry *g,
                                     const float *products, nativecnn_range tiles, nativecnn_range channels,
                                     float *input_gradient) {
    int64_t stride = point_stride(tiles.count);
    int side = point_side(kind);
    for (int64_t c = 0; c < channels.count; c += LANES)
        for (int64_t t = 0; t < tiles.count; t++) {
            tile_place place = place_tile(kind, g, tiles.begin + t);
            int64_t y = place.y - g->pad_top, x = place.x - g->pad_left;
            vfloat pixels[MAX_POINTS];
            transform_tile(input_gradient_points, kind, side, side,
                           products + channel_offset(kind, tiles.count, c) + t * TILE_CHANNELS, side * stride, stride,
                           pixels);
            float *corner =
                input_gradient + ((place.image * g->height + y) * g->width + x) * g->channels + channels.begin + c;
            add_tile(pixels, side, y, x, g, channels.count - c, corner);
        }
}

void VARIANT(winograd_input_gradient_transform)(nativecnn_winograd_kind kind,
                                                const nativecnn_convolution_geometry *geometry, const float *products,
                                                int32_t group, nativecnn_range tiles, nativecnn_range channels,
                                                float *input_gradient) {
    channels.begin += group * (geometry->channels / geometry->groups);
#define TRANSFORM(kind) transform_input_gradient(kind, geometry, products, tiles, channels, input_gradient)
    WITH_CONSTANT_WINOGRAD(kind, TRANSFORM)
#undef TRANSFORM
}

#if defined(NATIVECNN_EXPORTS)

nativecnn_status nativecnn_winograd_output_transform(nativecnn_winograd_kind kind,
                                                     const nativecnn_convolution_geometry *geometry,
                                                     const float *products, int32_t group, nativecnn_range tiles,
                                                     nativecnn_range filters, const float *bias,
                                                     const nativecnn_activation *activation, float *output) {
    REQUIRE(geometry && products && activation && output, NATIVECNN_NULL_POINTER);
    CHECK(check_winograd(kind, geometry));
    CHECK(check_activation(activation));
    CHECK(check_winograd_range(kind, geometry, group, tiles, filters, geometry->filters));
    kernels_in_use()->winograd_output_transform(kind, geometry, products, group, tiles, filters, bias, activation,
                                                output);
    return NATIVECNN_OK;
}

nativecnn_status nativecnn_winograd_input_gradient_transform(nativecnn_winograd_kind kind,
                                                             const nativecnn_convolution_geometry *geometry,
                                                             const float *products, int32_t group,
                                                             nativecnn_range tiles, nativecnn_range channels,
                                                             float *input_gradient) {
    REQUIRE(geometry && products && input_gradient, NATIVECNN_NULL_POINTER);
    CHECK(check_winograd(kind, geometry));
    CHECK(check_winograd_range(kind, geometry, group, tiles, channels, geometry->channels));
    kernels_in_use()->winograd_input_gradient_transform(kind, geometry, products, group, tiles, channels,
                                                        input_gradient);
    return NATIVECNN_OK;
}

#endif
