/*
 * depthwise_pack.c - the filters of depthwise convolution in the order in which its kernels read them, and back.
 */
#include "checks.h"
#include "kernels.h"

enum {
    /* The channels whose filters are rearranged at once, so that they stay in the first cache. */
    TOGETHER = 64
};

INLINE int64_t smaller(int64_t a, int64_t b) {
    return a < b ? a : b;
}

void VARIANT(depthwise_pack_filters)(const nativecnn_convolution_geometry *geometry, const float *filters,
                                     float *packed) {
    int64_t places = (int64_t)geometry->kernel_height * geometry->kernel_width, channels = geometry->channels;
    for (int64_t first = 0; first < channels; first += TOGETHER)
        for (int64_t place = 0; place < places; place++)
            for (int64_t c = first, end = smaller(first + TOGETHER, channels); c < end; c++)
                packed[place * channels + c] = filters[c * places + place];
}

void VARIANT(depthwise_unpack_gradient)(const nativecnn_convolution_geometry *geometry, const float *gradients,
                                        int32_t gradient_count, float *filter_gradient) {
    int64_t places = (int64_t)geometry->kernel_height * geometry->kernel_width, channels = geometry->channels;
    int64_t size = places * channels;
    for (int64_t first = 0; first < channels; first += TOGETHER)
        for (int64_t place = 0; place < places; place++) {
            int64_t count = smaller(TOGETHER, channels - first);
            const float *from = gradients + place * channels + first;
            float sums[TOGETHER] = {0}, *to = filter_gradient + first * places + place;
            for (int32_t i = 0; i < gradient_count; i++)
                for (int64_t c = 0; c < count; c++)
                    sums[c] += from[i * size + c];
            for (int64_t c = 0; c < count; c++)
                to[c * places] += sums[c];
        }
}

#if defined(NATIVECNN_EXPORTS)

nativecnn_status nativecnn_depthwise_pack_filters(const nativecnn_convolution_geometry *geometry, const float *filters,
                                                  float *packed) {
    REQUIRE(geometry && filters && packed, NATIVECNN_NULL_POINTER);
    CHECK(check_depthwise(geometry));
    kernels_in_use()->depthwise_pack_filters(geometry, filters, packed);
    return NATIVECNN_OK;
}

nativecnn_status nativecnn_depthwise_unpack_gradient(const nativecnn_convolution_geometry *geometry,
                                                     const float *gradients, int32_t gradient_count,
                                                     float *filter_gradient) {
    REQUIRE(geometry && gradients && filter_gradient, NATIVECNN_NULL_POINTER);
    CHECK(check_depthwise(geometry));
    const nativecnn_convolution_geometry *g = geometry;
    REQUIRE(gradient_count >= 0 &&
                fits_memory((int64_t[]){gradient_count, g->channels, g->kernel_height, g->kernel_width}, 4),
            NATIVECNN_BAD_RANGE);
    kernels_in_use()->depthwise_unpack_gradient(g, gradients, gradient_count, filter_gradient);
    return NATIVECNN_OK;
}

#endif
