/*
 * winograd_input.c - transformed tiles: B' x B of the input and A dy A' of the output gradient.
 */
#include "checks.h"
#include "kernels.h"
#include "winograd_transforms.h"

/* The image of which tiles are read, and where its tile 0 begins. */
typedef struct tiled_image {
    const float *pixels;
    int64_t height;
    int64_t width;
    int64_t channels;
    int64_t pad_top;
    int64_t pad_left;
} tiled_image;

/* Copies up to n channels of side x side pixels from (y, x), which lies at corner, with zeros outside the image and for
 * the lanes past n. */
INLINE void copy_patch(const tiled_image *image, int64_t corner, int64_t y, int64_t x, int side, int64_t n,
                       float *patch) {
    for (int i = 0; i < side; i++)
        for (int j = 0; j < side; j++) {
            bool inside = n > 0 && y + i >= 0 && y + i < image->height && x + j >= 0 && x + j < image->width;
            int64_t pixel = corner + (i * image->width + j) * image->channels;
            vf_store(patch + (i * side + j) * LANES, inside ? vf_load_n(image->pixels + pixel, n) : vf_set(0));
        }
}

/* Tiles of side x side pixels become point_side x point_side points. Groups of TILE_CHANNELS are outermost, since then
 * every point is written as one stream. */
INLINE void transform_tiles(points_function *points, nativecnn_winograd_kind kind, int side,
                            const nativecnn_convolution_geometry *g, const tiled_image *image, nativecnn_range tiles,
                            nativecnn_range channels, float *transformed) {
    for (int64_t first = 0; first < channels.count; first += TILE_CHANNELS) {
        int64_t end = first + TILE_CHANNELS < channels.count ? first + TILE_CHANNELS : channels.count;
        for (int64_t t = 0; t < tiles.count; t++) {
            tile_place place = place_tile(kind, g, tiles.begin + t);
            int64_t y = place.y - image->pad_top, x = place.x - image->pad_left;
            bool inside = y >= 0 && x >= 0 && y + side <= image->height && x + side <= image->width;
            int64_t corner = ((place.image * image->height + y) * image->width + x) * image->channels + channels.begin;
            /* Whole blocks: the lanes past the last channel become zeros. */
            for (int64_t c = first; c < blocks_of(end, BLOCK) * BLOCK; c += LANES) {
                float *point = transformed + channel_offset(kind, tiles.count, c) + t * TILE_CHANNELS;
                int64_t stride = point_stride(tiles.count);
                if (inside && c + LANES <= channels.count) {
                    transform_tile_to(points, kind, side, point_side(kind), image->pixels + corner + c,
                                      image->width * image->channels, image->channels, point, stride);
                } else {
                    float patch[MAX_POINTS * LANES];
                    copy_patch(image, corner + c, y, x, side, channels.count - c, patch);
                    transform_tile_to(points, kind, side, point_side(kind), patch, (int64_t)side * LANES, LANES, point,
                                      stride);
                }
            }
        }
    }
}

void VARIANT(winograd_input_transform)(nativecnn_winograd_kind kind, const nativecnn_convolution_geometry *geometry,
                                       const float *input, int32_t group, nativecnn_range tiles,
                                       nativecnn_range channels, float *transformed) {
    const nativecnn_convolution_geometry *g = geometry;
    const tiled_image image = {input, g->height, g->width, g->channels, g->pad_top, g->pad_left};
    channels.begin += group * (g->channels / g->groups);
#define TRANSFORM(kind) transform_tiles(input_points, kind, point_side(kind), g, &image, tiles, channels, transformed)
    WITH_CONSTANT_WINOGRAD(kind, TRANSFORM)
#undef TRANSFORM
}

void VARIANT(winograd_output_gradient_transform)(nativecnn_winograd_kind kind,
                                                 const nativecnn_convolution_geometry *geometry,
                                                 const float *output_gradient, int32_t group, nativecnn_range tiles,
                                                 nativecnn_range filters, float *transformed) {
    const nativecnn_convolution_geometry *g = geometry;
    const tiled_image image = {output_gradient, g->output_height, g->output_width, g->filters, 0, 0};
    filters.begin += group * (g->filters / g->groups);
#define TRANSFORM(kind) transform_tiles(gradient_points, kind, tile_side(kind), g, &image, tiles, filters, transformed)
    WITH_CONSTANT_WINOGRAD(kind, TRANSFORM)
#undef TRANSFORM
}

#if defined(NATIVECNN_EXPORTS)

nativecnn_status nativecnn_winograd_input_transform(nativecnn_winograd_kind kind,
                                                    const nativecnn_convolution_geometry *geometry, const float *input,
                                                    int32_t group, nativecnn_range tiles, nativecnn_range channels,
                                                    float *transformed) {
    REQUIRE(geometry && input && transformed, NATIVECNN_NULL_POINTER);
    CHECK(check_winograd(kind, geometry));
    CHECK(check_winograd_range(kind, geometry, group, tiles, channels, geometry->channels));
    kernels_in_use()->winograd_input_transform(kind, geometry, input, group, tiles, channels, transformed);
    return NATIVECNN_OK;
}

nativecnn_status nativecnn_winograd_output_gradient_transform(nativecnn_winograd_kind kind,
                                                              const nativecnn_convolution_geometry *geometry,
                                                              const float *output_gradient, int32_t group,
                                                              nativecnn_range tiles, nativecnn_range filters,
                                                              float *transformed) {
    REQUIRE(geometry && output_gradient && transformed, NATIVECNN_NULL_POINTER);
    CHECK(check_winograd(kind, geometry));
    CHECK(check_winograd_range(kind, geometry, group, tiles, filters, geometry->filters));
    kernels_in_use()->winograd_output_gradient_transform(kind, geometry, output_gradient, group, tiles, filters,
                                                         transformed);
    return NATIVECNN_OK;
}

#endif
