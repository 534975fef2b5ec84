/*
 * average_pooling.c - forward: y = sum over the window / d; backward: dx = sum of dy / d over the windows that cover
 * the pixel.
 *
 * d is the number of the window's places on the image and its padding if padding counts, else on the image alone.
 * Backward gathers, as max_pooling.c does; what the windows over a pixel are is found once for all its channels.
 */
#include "checks.h"
#include "constant_rows.h"
#include "kernels.h"
#include "simd.h"
#include "window.h"

#include <stdbool.h>

/* The places of a row that are summed by themselves before they join the sum, where a window has more in all. */
enum { PART = 128 };

INLINE bool fits_part(span down, span across) {
    return (down.end - down.begin) * (across.end - across.begin) <= PART;
}

/* How many rows or columns of the window from start on d counts; inside: those inside the image. */
INLINE int64_t counted(const nativecnn_pooling_geometry *g, span inside, int64_t start, int64_t window, int64_t size,
                       int64_t pad_after) {
    if (!g->count_padding)
        return inside.end - inside.begin;
    int64_t padded = size + pad_after - start;
    return padded < window ? padded : window;
}

INLINE int64_t counted_rows(const nativecnn_pooling_geometry *g, span inside, int64_t top) {
    return counted(g, inside, top, g->window_height, g->height, g->pad_bottom);
}

INLINE int64_t counted_columns(const nativecnn_pooling_geometry *g, span inside, int64_t left) {
    return counted(g, inside, left, g->window_width, g->width, g->pad_right);
}

/* 1 / d of a window, full being that of a whole window: most are, and need no division. */
INLINE float reciprocal(const nativecnn_pooling_geometry *g, float full, int64_t rows, int64_t columns) {
    int64_t divisor = rows * columns;
    return divisor == (int64_t)g->window_height * g->window_width ? full : 1.0f / (float)divisor;
}

INLINE float full_reciprocal(const nativecnn_pooling_geometry *g) {
    return 1.0f / ((float)g->window_height * (float)g->window_width);
}

/* n channels of one window, 1 <= n <= LANES. pixel: the window's first pixel inside the image. */
INLINE void average(const nativecnn_pooling_geometry *g, const float *pixel, span down, span across, vfloat scale,
                    int64_t n, float *output) {
    int64_t row_stride = (int64_t)g->width * g->channels;
    vfloat sum = vf_set(0);
    if (fits_part(down, across))
        for (int64_t i = down.begin; i < down.end; i++, pixel += row_stride) {
            const float *value = pixel;
            for (int64_t j = across.begin; j < across.end; j++, value += g->channels)
                sum = vf_add(sum, vf_load_n(value, n));
        }
    else
        for (int64_t i = down.begin; i < down.end; i++, pixel += row_stride) {
            const float *value = pixel;
            for (int64_t begin = across.begin; begin < across.end; begin += PART) {
                int64_t end = begin + PART < across.end ? begin + PART : across.end;
                vfloat part = vf_set(0);
                for (int64_t j = begin; j < end; j++, value += g->channels)
                    part = vf_add(part, vf_load_n(value, n));
                sum = vf_add(sum, part);
            }
        }
    vf_store_n(output, vf_mul(sum, scale), n);
}

void VARIANT(average_pooling_forward)(const nativecnn_pooling_geometry *geometry, const float *input,
                                      nativecnn_range rows, float *output) {
    const nativecnn_pooling_geometry *g = geometry;
    float full = full_reciprocal(g);
    int64_t image_row = (int64_t)g->width * g->channels;
    int64_t output_row = (int64_t)g->output_width * g->channels;
    for (int64_t r = rows.begin; r < rows.begin + rows.count; r++) {
        int64_t n = r / g->output_height;
        int64_t top = (r - n * g->output_height) * g->stride_y - g->pad_top;
        span down = places_inside(top, g->window_height, g->height);
        int64_t divisor_rows = counted_rows(g, down, top);
        const float *image = input + (n * g->height + top + down.begin) * image_row;
        for (int64_t x = 0; x < g->output_width; x++) {
            int64_t left = x * g->stride_x - g->pad_left;
            span across = places_inside(left, g->window_width, g->width);
            vfloat scale = vf_set(reciprocal(g, full, divisor_rows, counted_columns(g, across, left)));
            const float *pixel = image + (left + across.begin) * g->channels;
            float *to = output + r * output_row + x * g->channels;
            prefetch_below(g, pixel, down);
            int64_t c = 0;
            for (; c + LANES <= g->channels; c += LANES)
                average(g, pixel + c, down, across, scale, LANES, to + c);
            if (c < g->channels)
                average(g, pixel + c, down, across, scale, g->channels - c, to + c);
        }
    }
}

/* Adds a pixel's shares of the windows across, begin to end - 1, of one row to sum. */
INLINE vfloat add_shares(const nativecnn_pooling_geometry *g, const float *output_gradient, float full,
                         int64_t divisor_rows, int64_t v, int64_t begin, int64_t end, int64_t n, vfloat sum) {
    for (int64_t u = begin; u < end; u++) {
        int64_t left = u * g->stride_x - g->pad_left;
        int64_t columns = counted_columns(g, places_inside(left, g->window_width, g->width), left);
        vfloat dy = vf_load_n(output_gradient + (v * g->output_width + u) * g->channels, n);
        sum = vf_fma(dy, vf_set(reciprocal(g, full, divisor_rows, columns)), sum);
    }
    return sum;
}

/* n channels of one input pixel, 1 <= n <= LANES: the sum of its shares of the windows rows x columns. output_gradient
 * begins at the image and the channel. */
INLINE void gather(const nativecnn_pooling_geometry *g, const float *output_gradient, float full, span down,
                   span across, int64_t n, float *input_gradient) {
    bool is_small = fits_part(down, across);
    vfloat sum = vf_set(0);
    for (int64_t v = down.begin; v < down.end; v++) {
        int64_t top = v * g->stride_y - g->pad_top;
        int64_t divisor_rows = counted_rows(g, places_inside(top, g->window_height, g->height), top);
        if (is_small) {
            sum = add_shares(g, output_gradient, full, divisor_rows, v, across.begin, across.end, n, sum);
            continue;
        }
        for (int64_t begin = across.begin; begin < across.end; begin += PART) {
            int64_t end = begin + PART < across.end ? begin + PART : across.end;
            sum = vf_add(sum, add_shares(g, output_gradient, full, divisor_rows, v, begin, end, n, vf_set(0)));
        }
    }
    vf_store_n(input_gradient, sum, n);
}

/* The windows over a pixel that are listed once for all its channels: those of 3 x 3 with a stride of 1. Rows and
 * columns of whole windows that need no list. */
enum { MOST_LISTED = 9, MOST_WHOLE = 2 };

/* A window's part in a pixel's gradient: where its output gradient begins, and its 1 / d. */
typedef struct share {
    int64_t offset;
    float scale;
} share;

/* Lists the shares of the windows down x across, at most MOST_LISTED, in the order in which they are added. */
INLINE void list_shares(const nativecnn_pooling_geometry *g, float full, span down, span across, share *shares) {
    for (int64_t v = down.begin; v < down.end; v++) {
        int64_t top = v * g->stride_y - g->pad_top;
        int64_t divisor_rows = counted_rows(g, places_inside(top, g->window_height, g->height), top);
        for (int64_t u = across.begin; u < across.end; u++) {
            int64_t left = u * g->stride_x - g->pad_left;
            int64_t columns = counted_columns(g, places_inside(left, g->window_width, g->width), left);
            shares->offset = (v * g->output_width + u) * g->channels;
            shares->scale = reciprocal(g, full, divisor_rows, columns);
            shares++;
        }
    }
}

/* Where the vector of channels from c on begins: the last one early, so that it is whole. A masked store costs more
 * than to write some channels twice. */
INLINE int64_t whole_vector(int64_t c, int64_t channels) {
    return c + LANES <= channels ? c : channels - LANES;
}

INLINE void add_listed_vector(int count, const share *shares, const float *output_gradient, int64_t n,
                              float *input_gradient) {
    vfloat sum = vf_set(0);
    UNROLL for (int i = 0; i < count; i++) sum =
        vf_fma(vf_load_n(output_gradient + shares[i].offset, n), vf_set(shares[i].scale), sum);
    vf_store_n(input_gradient, sum, n);
}

/* All channels of one input pixel. */
INLINE void add_listed_shares(int count, const share *shares, const float *output_gradient, int64_t channels,
                              float *input_gradient) {
    if (channels < LANES) {
        add_listed_vector(count, shares, output_gradient, channels, input_gradient);
        return;
    }
    for (int64_t c = 0; c < channels; c += LANES) {
        int64_t begin = whole_vector(c, channels);
        add_listed_vector(count, shares, output_gradient + begin, LANES, input_gradient + begin);
    }
}

INLINE void add_whole_vector(int rows, int columns, const float *output_gradient, int64_t row_stride, int64_t channels,
                             vfloat scale, int64_t n, float *input_gradient) {
    vfloat sum = vf_set(0);
    UNROLL for (int v = 0; v < rows; v++) UNROLL for (int u = 0; u < columns; u++) sum =
        vf_fma(vf_load_n(output_gradient + v * row_stride + u * channels, n), scale, sum);
    vf_store_n(input_gradient, sum, n);
}

/* All channels of one input pixel under rows x columns whole windows, of which the first's gradient is given. */
INLINE void add_whole_shares(int rows, int columns, const float *output_gradient, int64_t row_stride, int64_t channels,
                             float full, float *input_gradient) {
    vfloat scale = vf_set(full);
    if (channels < LANES) {
        add_whole_vector(rows, columns, output_gradient, row_stride, channels, scale, channels, input_gradient);
        return;
    }
    for (int64_t c = 0; c < channels; c += LANES) {
        int64_t begin = whole_vector(c, channels);
        add_whole_vector(rows, columns, output_gradient + begin, row_stride, channels, scale, LANES,
                         input_gradient + begin);
    }
}

/* The windows of an axis that lie wholly on what their divisor counts. */
INLINE span whole_windows(const nativecnn_pooling_geometry *g, int64_t size, int64_t window, int64_t stride,
                          int64_t pad, int64_t pad_after) {
    int64_t counted_after = size + (g->count_padding ? pad_after : 0) + pad - window;
    return (span){g->count_padding ? 0 : (pad + stride - 1) / stride,
                  counted_after < 0 ? 0 : counted_after / stride + 1};
}

INLINE bool lies_in(span inner, span outer) {
    return inner.begin >= outer.begin && inner.end <= outer.end;
}

void VARIANT(average_pooling_backward)(const nativecnn_pooling_geometry *geometry, const float *output_gradient,
                                       nativecnn_range rows, float *input_gradient) {
    const nativecnn_pooling_geometry *g = geometry;
    float full = full_reciprocal(g);
    int64_t channels = g->channels;
    int64_t output_row = (int64_t)g->output_width * channels;
    int64_t output_image = g->output_height * output_row;
    span whole_down = whole_windows(g, g->height, g->window_height, g->stride_y, g->pad_top, g->pad_bottom);
    span whole_across = whole_windows(g, g->width, g->window_width, g->stride_x, g->pad_left, g->pad_right);
    for (int64_t r = rows.begin; r < rows.begin + rows.count; r++) {
        int64_t n = r / g->height;
        int64_t y = r - n * g->height;
        span down = windows_over(y, g->window_height, g->stride_y, g->pad_top, g->output_height);
        const float *dy = output_gradient + n * output_image;
        float *dx = input_gradient + r * g->width * channels;
        int64_t row_count = down.end - down.begin;
        bool is_whole_down = row_count > 0 && row_count <= MOST_WHOLE && lies_in(down, whole_down);
        span across = windows_over(0, g->window_width, g->stride_x, g->pad_left, g->output_width);
        for (int64_t x = 0; x < g->width; x++, dx += channels) {
            if (x > 0)
                across = windows_over_next(across, x, g->window_width, g->stride_x, g->pad_left, g->output_width);
            int64_t column_count = across.end - across.begin;
            if (is_whole_down && column_count > 0 && column_count <= MOST_WHOLE && lies_in(across, whole_across)) {
                const float *first = dy + (down.begin * g->output_width + across.begin) * channels;
                if (row_count == 1 && column_count == 1)
                    add_whole_shares(1, 1, first, output_row, channels, full, dx);
                else if (row_count == 1)
                    add_whole_shares(1, 2, first, output_row, channels, full, dx);
                else if (column_count == 1)
                    add_whole_shares(2, 1, first, output_row, channels, full, dx);
                else
                    add_whole_shares(2, 2, first, output_row, channels, full, dx);
                continue;
            }
            int64_t count = row_count * column_count;
            if (count > 0 && count <= MOST_LISTED) {
                share shares[MOST_LISTED];
                list_shares(g, full, down, across, shares);
#define SHARES(count) add_listed_shares(count, shares, dy, channels, dx)
                WITH_CONSTANT_ROWS(count, MOST_LISTED, SHARES)
#undef SHARES
                continue;
            }
            int64_t c = 0;
            for (; c + LANES <= channels; c += LANES)
                gather(g, dy + c, full, down, across, LANES, dx + c);
            if (c < channels)
                gather(g, dy + c, full, down, across, channels - c, dx + c);
        }
    }
}

#if defined(NATIVECNN_EXPORTS)

nativecnn_status nativecnn_average_pooling_forward(const nativecnn_pooling_geometry *geometry, const float *input,
                                                   nativecnn_range rows, float *output) {
    REQUIRE(geometry && input && output, NATIVECNN_NULL_POINTER);
    CHECK(check_pooling(geometry));
    CHECK(check_range(rows, (int64_t)geometry->batch_size * geometry->output_height));
    kernels_in_use()->average_pooling_forward(geometry, input, rows, output);
    return NATIVECNN_OK;
}

nativecnn_status nativecnn_average_pooling_backward(const nativecnn_pooling_geometry *geometry,
                                                    const float *output_gradient, nativecnn_range rows,
                                                    float *input_gradient) {
    REQUIRE(geometry && output_gradient && input_gradient, NATIVECNN_NULL_POINTER);
    CHECK(check_pooling(geometry));
    CHECK(check_range(rows, (int64_t)geometry->batch_size * geometry->height));
    kernels_in_use()->average_pooling_backward(geometry, output_gradient, rows, input_gradient);
    return NATIVECNN_OK;
}

#endif
