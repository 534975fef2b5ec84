/* checks.c - see checks.h. */
#include "checks.h"
#include "generated/activations.g.h"

#include <math.h>

bool fits_memory(const int64_t *counts, int number) {
    int64_t product = 1;
    for (int i = 0; i < number; i++)
        if (counts[i] == 0)
            return true;
    for (int i = 0; i < number; i++) {
        if (product > (int64_t)(PTRDIFF_MAX / sizeof(float)) / counts[i])
            return false;
        product *= counts[i];
    }
    return true;
}

/* The number of places of a window of size reach that fit into size pixels with pads, stride apart; 0 if none does. */
static int64_t output_size(int64_t size, int64_t before, int64_t after, int64_t reach, int64_t stride) {
    int64_t free = size + before + after - reach;
    return free < 0 ? 0 : free / stride + 1;
}

nativecnn_status check_convolution(const nativecnn_convolution_geometry *geometry) {
    REQUIRE(geometry, NATIVECNN_NULL_POINTER);
    const nativecnn_convolution_geometry *g = geometry;
    REQUIRE(g->batch_size >= 1 && g->height >= 1 && g->width >= 1 && g->channels >= 1 && g->filters >= 1 &&
                g->kernel_height >= 1 && g->kernel_width >= 1 && g->stride_y >= 1 && g->stride_x >= 1 &&
                g->dilation_y >= 1 && g->dilation_x >= 1 && g->groups >= 1,
            NATIVECNN_BAD_GEOMETRY);
    REQUIRE(g->channels % g->groups == 0 && g->filters % g->groups == 0, NATIVECNN_BAD_GEOMETRY);
    int64_t reach_y = (int64_t)g->dilation_y * (g->kernel_height - 1) + 1;
    int64_t reach_x = (int64_t)g->dilation_x * (g->kernel_width - 1) + 1;
    REQUIRE(g->output_height >= 1 && g->output_width >= 1 &&
                g->output_height == output_size(g->height, g->pad_top, g->pad_bottom, reach_y, g->stride_y) &&
                g->output_width == output_size(g->width, g->pad_left, g->pad_right, reach_x, g->stride_x),
            NATIVECNN_BAD_GEOMETRY);
    int64_t group_channels = g->channels / g->groups;
    REQUIRE(fits_memory((int64_t[]){g->batch_size, g->height, g->width, g->channels}, 4) &&
                fits_memory((int64_t[]){g->batch_size, g->output_height, g->output_width, g->filters}, 4) &&
                fits_memory((int64_t[]){g->filters, g->kernel_height, g->kernel_width, group_channels}, 4) &&
                fits_memory((int64_t[]){g->batch_size, g->output_height, g->output_width, g->kernel_height,
                                        g->kernel_width, group_channels},
                            6),
            NATIVECNN_BAD_GEOMETRY);
    return NATIVECNN_OK;
}

nativecnn_status check_depthwise(const nativecnn_convolution_geometry *geometry) {
    CHECK(check_convolution(geometry));
    REQUIRE(geometry->channels == geometry->groups && geometry->filters == geometry->groups, NATIVECNN_BAD_GEOMETRY);
    return NATIVECNN_OK;
}

nativecnn_status check_pooling(const nativecnn_pooling_geometry *geometry) {
    REQUIRE(geometry, NATIVECNN_NULL_POINTER);
    const nativecnn_pooling_geometry *g = geometry;
    REQUIRE(g->batch_size >= 1 && g->height >= 1 && g->width >= 1 && g->channels >= 1 && g->window_height >= 1 &&
                g->window_width >= 1 && g->stride_y >= 1 && g->stride_x >= 1,
            NATIVECNN_BAD_GEOMETRY);
    REQUIRE(g->pad_top >= 0 && g->pad_left >= 0 && g->pad_bottom >= 0 && g->pad_right >= 0 &&
                g->pad_top < g->window_height && g->pad_bottom < g->window_height && g->pad_left < g->window_width &&
                g->pad_right < g->window_width,
            NATIVECNN_BAD_GEOMETRY);
    int64_t below = (int64_t)g->pad_bottom + g->overhang_bottom, beside = (int64_t)g->pad_right + g->overhang_right;
    REQUIRE(g->overhang_bottom >= 0 && g->overhang_right >= 0 && below < g->window_height && beside < g->window_width,
            NATIVECNN_BAD_GEOMETRY);
    REQUIRE(g->count_padding == 0 || g->count_padding == 1, NATIVECNN_BAD_GEOMETRY);
    REQUIRE(g->output_height >= 1 && g->output_width >= 1 &&
                g->output_height == output_size(g->height, g->pad_top, below, g->window_height, g->stride_y) &&
                g->output_width == output_size(g->width, g->pad_left, beside, g->window_width, g->stride_x),
            NATIVECNN_BAD_GEOMETRY);
    REQUIRE(fits_memory((int64_t[]){g->batch_size, g->height, g->width, g->channels}, 4) &&
                fits_memory((int64_t[]){g->batch_size, g->output_height, g->output_width, g->channels}, 4),
            NATIVECNN_BAD_GEOMETRY);
    return NATIVECNN_OK;
}

nativecnn_status check_activation(const nativecnn_activation *activation) {
    REQUIRE(activation, NATIVECNN_NULL_POINTER);
    return activation_is_valid(activation) ? NATIVECNN_OK : NATIVECNN_BAD_ARGUMENT;
}

nativecnn_status check_range(nativecnn_range range, int64_t limit) {
    return range.begin >= 0 && range.count >= 0 && range.begin <= limit && range.count <= limit - range.begin
               ? NATIVECNN_OK
               : NATIVECNN_BAD_RANGE;
}

nativecnn_status check_matrix(int64_t rows, int64_t columns) {
    return rows >= 0 && columns >= 0 && fits_memory((int64_t[]){rows, columns}, 2) ? NATIVECNN_OK : NATIVECNN_BAD_RANGE;
}

nativecnn_status check_group(const nativecnn_convolution_geometry *geometry, int32_t group) {
    return group >= 0 && group < geometry->groups ? NATIVECNN_OK : NATIVECNN_BAD_RANGE;
}

nativecnn_status check_rows(int64_t row_count, int64_t column_count) {
    REQUIRE(column_count >= 1, NATIVECNN_BAD_RANGE);
    return check_matrix(row_count, column_count);
}

nativecnn_status check_dense(const nativecnn_dense_geometry *geometry) {
    CHECK(check_matrix(geometry->batch_size, geometry->inputs));
    CHECK(check_matrix(geometry->batch_size, geometry->units));
    return check_matrix(geometry->units, geometry->inputs);
}

nativecnn_status check_update(const nativecnn_update *u, const float *first, const float *second) {
    REQUIRE(isfinite(u->learning_rate) && isfinite(u->weight_decay) && isfinite(u->momentum), NATIVECNN_BAD_ARGUMENT);
    switch (u->kind) {
    case NATIVECNN_UPDATE_SGD:
    case NATIVECNN_UPDATE_NESTEROV:
        return first || u->momentum == 0 ? NATIVECNN_OK : NATIVECNN_NULL_POINTER;
    case NATIVECNN_UPDATE_ADAM:
    case NATIVECNN_UPDATE_ADAMW:
        REQUIRE(u->momentum >= 0 && u->momentum < 1 && u->beta2 >= 0 && u->beta2 < 1, NATIVECNN_BAD_ARGUMENT);
        REQUIRE(isfinite(u->epsilon) && u->epsilon > 0, NATIVECNN_BAD_ARGUMENT);
        REQUIRE(isfinite(u->correction1) && u->correction1 > 0 && isfinite(u->correction2) && u->correction2 > 0,
                NATIVECNN_BAD_ARGUMENT);
        return first && second ? NATIVECNN_OK : NATIVECNN_NULL_POINTER;
    case NATIVECNN_UPDATE_RMSPROP:
        REQUIRE(u->beta2 >= 0 && u->beta2 < 1 && isfinite(u->epsilon) && u->epsilon > 0, NATIVECNN_BAD_ARGUMENT);
        return (first || u->momentum == 0) && second ? NATIVECNN_OK : NATIVECNN_NULL_POINTER;
    case NATIVECNN_UPDATE_ADAGRAD:
    case NATIVECNN_UPDATE_DIAGONAL:
        REQUIRE(isfinite(u->epsilon) && u->epsilon > 0, NATIVECNN_BAD_ARGUMENT);
        return second ? NATIVECNN_OK : NATIVECNN_NULL_POINTER;
    default:
        return NATIVECNN_BAD_ARGUMENT;
    }
}
