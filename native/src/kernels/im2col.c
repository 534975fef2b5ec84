/*
 * im2col.c - patches to matrix rows (im2col), and the adjoint (col2im).
 *
 * A row of the matrix is cut into segments: values that lie side by side in the image too. Without groups and with
 * dilation_x = 1 the taps of one kernel row are one segment of kernel_width x channels values; else each tap is a
 * segment of channels / groups values. A segment is zeros, then values of the image, then zeros.
 */
#include "checks.h"
#include "kernels.h"
#include "simd.h"

/* How one convolution's rows are cut. */
typedef struct patches {
    const nativecnn_convolution_geometry *geometry;
    /* Values of one segment. */
    int64_t length;
    /* Taps of one segment: kernel_width or 1. */
    int64_t taps;
    /* Segments of one kernel row. */
    int64_t per_kernel_row;
    /* Values from the left edge of a pixel to the group's first channel. */
    int64_t channel;
    int64_t image_row;
    int64_t image;
} patches;

/* An output pixel as its patch's top left corner in the input. */
typedef struct corner {
    /* Where the image begins, in values. */
    int64_t image;
    int64_t y;
    int64_t x;
} corner;

INLINE patches cut(const nativecnn_convolution_geometry *g, int32_t group) {
    int64_t group_channels = g->channels / g->groups;
    int whole_rows = g->groups == 1 && g->dilation_x == 1;
    return (patches){
        .geometry = g,
        .length = whole_rows ? (int64_t)g->kernel_width * g->channels : group_channels,
        .taps = whole_rows ? g->kernel_width : 1,
        .per_kernel_row = whole_rows ? 1 : g->kernel_width,
        .channel = group * group_channels,
        .image_row = (int64_t)g->width * g->channels,
        .image = (int64_t)g->height * g->width * g->channels,
    };
}

/* The values [*begin, *end) of segment s that lie inside the image; if there are any, returns the place in the input of
 * the segment's value 0, which may itself lie outside. */
INLINE int64_t place_segment(const patches *p, corner at, int64_t s, int64_t *begin, int64_t *end) {
    const nativecnn_convolution_geometry *g = p->geometry;
    int64_t i = s / p->per_kernel_row;
    int64_t j = s - i * p->per_kernel_row;
    int64_t y = at.y + i * g->dilation_y;
    int64_t x = at.x + j * g->dilation_x;
    int64_t first = x < 0 ? -x : 0;
    int64_t past = g->width - x < p->taps ? g->width - x : p->taps;
    if (y < 0 || y >= g->height || first >= past) {
        *begin = *end = 0;
        return 0;
    }
    int64_t tap = p->length / p->taps;
    *begin = first * tap;
    *end = past * tap;
    return at.image + y * p->image_row + x * g->channels + p->channel;
}

/* Copies n floats. Short runs are two overlapping moves: a call to memcpy would cost more than the copy. */
INLINE void copy(float *RESTRICT to, const float *RESTRICT from, int64_t n) {
    if (n >= LANES) {
        int64_t i = 0;
        for (; i + LANES <= n; i += LANES)
            vf_store(to + i, vf_load(from + i));
        if (i < n)
            vf_store(to + n - LANES, vf_load(from + n - LANES));
    } else if (n >= 8) {
        memcpy(to, from, 8 * sizeof(float));
        memcpy(to + n - 8, from + n - 8, 8 * sizeof(float));
    } else if (n >= 4) {
        memcpy(to, from, 4 * sizeof(float));
        memcpy(to + n - 4, from + n - 4, 4 * sizeof(float));
    } else {
        for (int64_t i = 0; i < n; i++)
            to[i] = from[i];
    }
}

INLINE void zero(float *to, int64_t n) {
    int64_t i = 0;
    for (; i + LANES <= n; i += LANES)
        vf_store(to + i, vf_set(0));
    for (; i < n; i++)
        to[i] = 0;
}

INLINE void add(float *RESTRICT to, const float *RESTRICT from, int64_t n) {
    for (int64_t i = 0; i < n; i += LANES)
        vf_store_n(to + i, vf_add(vf_load_n(to + i, n - i), vf_load_n(from + i, n - i)), n - i);
}

/* One row of the matrix, the columns from lo of segment first to hi of segment last. */
INLINE void write_row(const patches *p, const float *input, corner at, int64_t first, int64_t lo, int64_t last,
                      int64_t hi, float *to) {
    for (int64_t s = first; s <= last; s++) {
        int64_t begin, end;
        int64_t from = place_segment(p, at, s, &begin, &end);
        int64_t cut_begin = s == first ? lo : 0;
        int64_t cut_end = s == last ? hi : p->length;
        begin = begin < cut_begin ? cut_begin : begin > cut_end ? cut_end : begin;
        end = end < begin ? begin : end > cut_end ? cut_end : end;
        zero(to, begin - cut_begin);
        if (begin < end)
            copy(to + (begin - cut_begin), input + (from + begin), end - begin);
        zero(to + (end - cut_begin), cut_end - end);
        to += cut_end - cut_begin;
    }
}

/* A whole row whose patch lies inside the image: kernel_height copies of length values. */
INLINE void write_inner_row(const patches *p, const float *from, int64_t length, float *to) {
    int64_t step = p->geometry->dilation_y * p->image_row;
    for (int64_t i = 0; i < p->geometry->kernel_height; i++)
        copy(to + i * length, from + i * step, length);
}

/* The rows of whole patches, length being a constant where this is inlined. */
INLINE void write_whole_rows(const patches *p, const float *input, nativecnn_range pixels, int64_t length,
                             float *columns) {
    const nativecnn_convolution_geometry *g = p->geometry;
    int64_t segments = (int64_t)g->kernel_height * p->per_kernel_row;
    int64_t reach = (int64_t)g->dilation_y * (g->kernel_height - 1) + 1;
    int64_t x = pixels.begin % g->output_width;
    int64_t y = pixels.begin / g->output_width % g->output_height;
    int64_t n = pixels.begin / g->output_width / g->output_height;
    for (int64_t r = 0; r < pixels.count; r++) {
        corner at = {n * p->image, y * g->stride_y - g->pad_top, x * g->stride_x - g->pad_left};
        if (p->per_kernel_row == 1 && at.y >= 0 && at.y + reach <= g->height && at.x >= 0 && at.x + p->taps <= g->width)
            write_inner_row(p, input + at.image + at.y * p->image_row + at.x * g->channels + p->channel, length,
                            columns);
        else
            write_row(p, input, at, 0, 0, segments - 1, length, columns);
        columns += segments * length;
        if (++x == g->output_width) {
            x = 0;
            if (++y == g->output_height) {
                y = 0;
                n++;
            }
        }
    }
}

void VARIANT(im2col)(const nativecnn_convolution_geometry *geometry, const float *input, int32_t group,
                     nativecnn_range pixels, nativecnn_range taps, float *columns) {
    const nativecnn_convolution_geometry *g = geometry;
    if (pixels.count == 0 || taps.count == 0)
        return;
    patches p = cut(g, group);
    if (taps.count == (int64_t)g->kernel_height * p.per_kernel_row * p.length) {
        /* The first layers of networks have 1 or 3 channels, and so runs short enough to be unrolled. */
        switch (p.length) {
        case 5:
            write_whole_rows(&p, input, pixels, 5, columns);
            break;
        case 9:
            write_whole_rows(&p, input, pixels, 9, columns);
            break;
        case 15:
            write_whole_rows(&p, input, pixels, 15, columns);
            break;
        case 21:
            write_whole_rows(&p, input, pixels, 21, columns);
            break;
        case 33:
            write_whole_rows(&p, input, pixels, 33, columns);
            break;
        default:
            write_whole_rows(&p, input, pixels, p.length, columns);
            break;
        }
        return;
    }
    int64_t first = taps.begin / p.length;
    int64_t last = (taps.begin + taps.count - 1) / p.length;
    int64_t lo = taps.begin - first * p.length;
    int64_t hi = taps.begin + taps.count - last * p.length;
    for (int64_t r = pixels.begin; r < pixels.begin + pixels.count; r++) {
        int64_t x = r % g->output_width;
        int64_t y = r / g->output_width % g->output_height;
        int64_t n = r / g->output_width / g->output_height;
        corner at = {n * p.image, y * g->stride_y - g->pad_top, x * g->stride_x - g->pad_left};
        write_row(&p, input, at, first, lo, last, hi, columns);
        columns += taps.count;
    }
}

void VARIANT(col2im)(const nativecnn_convolution_geometry *geometry, const float *columns, int32_t group,
                     nativecnn_range images, float *input_gradient) {
    const nativecnn_convolution_geometry *g = geometry;
    patches p = cut(g, group);
    int64_t segments = (int64_t)g->kernel_height * p.per_kernel_row;
    for (int64_t n = images.begin; n < images.begin + images.count; n++)
        for (int64_t y = 0; y < g->output_height; y++)
            for (int64_t x = 0; x < g->output_width; x++) {
                corner at = {n * p.image, y * g->stride_y - g->pad_top, x * g->stride_x - g->pad_left};
                for (int64_t s = 0; s < segments; s++) {
                    int64_t begin, end;
                    int64_t to = place_segment(&p, at, s, &begin, &end);
                    if (begin < end)
                        add(input_gradient + (to + begin), columns + begin, end - begin);
                    columns += p.length;
                }
            }
}

#if defined(NATIVECNN_EXPORTS)

nativecnn_status nativecnn_im2col(const nativecnn_convolution_geometry *geometry, const float *input, int32_t group,
                                  nativecnn_range pixels, nativecnn_range taps, float *columns) {
    REQUIRE(geometry && input && columns, NATIVECNN_NULL_POINTER);
    CHECK(check_convolution(geometry));
    const nativecnn_convolution_geometry *g = geometry;
    CHECK(check_group(g, group));
    CHECK(check_range(pixels, (int64_t)g->batch_size * g->output_height * g->output_width));
    CHECK(check_range(taps, (int64_t)g->kernel_height * g->kernel_width * (g->channels / g->groups)));
    kernels_in_use()->im2col(g, input, group, pixels, taps, columns);
    return NATIVECNN_OK;
}

nativecnn_status nativecnn_col2im(const nativecnn_convolution_geometry *geometry, const float *columns, int32_t group,
                                  nativecnn_range images, float *input_gradient) {
    REQUIRE(geometry && columns && input_gradient, NATIVECNN_NULL_POINTER);
    CHECK(check_convolution(geometry));
    CHECK(check_group(geometry, group));
    CHECK(check_range(images, geometry->batch_size));
    kernels_in_use()->col2im(geometry, columns, group, images, input_gradient);
    return NATIVECNN_OK;
}

#endif
