/*
 * winograd.c - Winograd's transforms and products.
 */
#include "convolution.h"

typedef struct winograd {
    convolution c;
    nativecnn_winograd_kind kind;
    double tiles;
} winograd;

static nativecnn_winograd_kind pick_kind(void) {
    int32_t kind = one_in(40) ? strange32() : (int32_t)between(0, 3);
    require(kind >= 0 && kind <= NATIVECNN_WINOGRAD_4X4_5X5);
    return (nativecnn_winograd_kind)kind;
}

static winograd pick_winograd(void) {
    winograd w = {.kind = pick_kind()};
    bool is_large = w.kind == NATIVECNN_WINOGRAD_2X2_5X5 || w.kind == NATIVECNN_WINOGRAD_4X4_5X5;
    w.c = pick_convolution(is_large ? 5 : 3, false);
    double side = w.kind == NATIVECNN_WINOGRAD_2X2_3X3 || w.kind == NATIVECNN_WINOGRAD_2X2_5X5 ? 2 : 4;
    w.tiles = sound ? w.c.g.batch_size * ceil(w.c.g.output_height / side) * ceil(w.c.g.output_width / side) : 0;
    return w;
}

static double tiles_size(nativecnn_winograd_kind kind, double tiles, double channels) {
    double side = (kind == 0 || kind == 3 ? 4 : 2) + (kind >= 2 ? 5 : 3) - 1;
    return tiles < 1 || channels < 1 ? 0 : ceil(channels / 64) * side * side * (tiles * 64 + 16);
}

static double filters_size(nativecnn_winograd_kind kind, double rows, double columns) {
    double side = (kind == 0 || kind == 3 ? 4 : 2) + (kind >= 2 ? 5 : 3) - 1;
    return rows < 1 || columns < 1 ? 0 : ceil(rows / 16) * ceil(columns / 16) * side * side * 256;
}

static void fuzz_winograd_tile_count(void) {
    winograd w = pick_winograd();
    if (!too_large)
        EXPECT((double)nativecnn_winograd_tile_count(w.kind, &w.c.g) == (sound ? w.tiles : 0), "another count");
}

static void fuzz_winograd_tiles_size(void) {
    nativecnn_winograd_kind kind = pick_kind();
    int64_t tiles = size64(1, 100), channels = size32(200);
    require(tiles >= 1 && channels >= 1);
    double size = sound ? tiles_size(kind, (double)tiles, (double)channels) : 0;
    require_fits(size);
    if (!too_large)
        EXPECT((double)nativecnn_winograd_tiles_size(kind, tiles, (int32_t)channels) == (sound ? size : 0),
               "another size");
}

static void fuzz_winograd_filters_size(void) {
    nativecnn_winograd_kind kind = pick_kind();
    int32_t rows = size32(100), columns = size32(100);
    require(rows >= 1 && columns >= 1);
    double size = sound ? filters_size(kind, rows, columns) : 0;
    require_fits(size);
    if (!too_large)
        EXPECT((double)nativecnn_winograd_filters_size(kind, rows, columns) == (sound ? size : 0), "another size");
}

static void fuzz_winograd_filter_transform(void) {
    winograd w = pick_winograd();
    int32_t group = pick_group(&w.c);
    int32_t form = one_in(40) ? strange32() : (int32_t)between(0, 2);
    require(form >= 0 && form <= NATIVECNN_WINOGRAD_FILTERS_ADJOINT);
    bool is_forward = form == NATIVECNN_WINOGRAD_FILTERS_FORWARD;
    nativecnn_range columns = part(is_forward ? w.c.group_filters : w.c.group_channels);
    double rows = is_forward ? w.c.group_channels : w.c.group_filters;
    const float *filters = needed_floats(w.c.filters);
    float *transformed = needed_floats(filters_size(w.kind, rows, (double)columns.count));
    CALL(nativecnn_winograd_filter_transform, w.kind, pointer_to(&w.c), filters, group,
         (nativecnn_winograd_filters)form, columns, transformed);
}

static void fuzz_winograd_input_transform(void) {
    winograd w = pick_winograd();
    int32_t group = pick_group(&w.c);
    nativecnn_range tiles = part(w.tiles), channels = part(w.c.group_channels);
    const float *input = needed_floats(w.c.input);
    float *transformed = needed_floats(tiles_size(w.kind, (double)tiles.count, (double)channels.count));
    CALL(nativecnn_winograd_input_transform, w.kind, pointer_to(&w.c), input, group, tiles, channels, transformed);
}

static void fuzz_winograd_output_transform(void) {
    winograd w = pick_winograd();
    int32_t group = pick_group(&w.c);
    nativecnn_activation activation = pick_activation();
    nativecnn_range tiles = part(w.tiles), filters = part(w.c.group_filters);
    const float *products = needed_floats(tiles_size(w.kind, (double)tiles.count, (double)filters.count));
    const float *bias = optional_floats(w.c.g.filters);
    float *output = needed_floats(w.c.output);
    CALL(nativecnn_winograd_output_transform, w.kind, pointer_to(&w.c), products, group, tiles, filters, bias,
         needed(&activation), output);
}

static void fuzz_winograd_output_gradient_transform(void) {
    winograd w = pick_winograd();
    int32_t group = pick_group(&w.c);
    nativecnn_range tiles = part(w.tiles), filters = part(w.c.group_filters);
    const float *gradient = needed_floats(w.c.output);
    float *transformed = needed_floats(tiles_size(w.kind, (double)tiles.count, (double)filters.count));
    CALL(nativecnn_winograd_output_gradient_transform, w.kind, pointer_to(&w.c), gradient, group, tiles, filters,
         transformed);
}

static void fuzz_winograd_input_gradient_transform(void) {
    winograd w = pick_winograd();
    int32_t group = pick_group(&w.c);
    nativecnn_range tiles = part(w.tiles), channels = part(w.c.group_channels);
    const float *products = needed_floats(tiles_size(w.kind, (double)tiles.count, (double)channels.count));
    float *gradient = needed_floats(w.c.input);
    CALL(nativecnn_winograd_input_gradient_transform, w.kind, pointer_to(&w.c), products, group, tiles, channels,
         gradient);
}

static void fuzz_winograd_filter_gradient_transform(void) {
    winograd w = pick_winograd();
    int32_t group = pick_group(&w.c);
    nativecnn_range channels = part(w.c.group_channels), filters = part(w.c.group_filters);
    const float *products = needed_floats(filters_size(w.kind, (double)filters.count, (double)channels.count));
    float *gradient = needed_floats(w.c.filters);
    CALL(nativecnn_winograd_filter_gradient_transform, w.kind, pointer_to(&w.c), products, group, channels, filters,
         gradient);
}

typedef struct product {
    nativecnn_winograd_kind kind;
    int64_t tiles;
    int32_t channels, filters;
} product;

static product pick_product(void) {
    product p = {pick_kind(), size64(1, 40), size32(70), size32(70)};
    require(p.tiles >= 1 && p.channels >= 1 && p.filters >= 1);
    if (sound) {
        require_fits(tiles_size(p.kind, (double)p.tiles, p.channels));
        require_fits(tiles_size(p.kind, (double)p.tiles, p.filters));
        require_fits(filters_size(p.kind, p.channels, p.filters));
        require_small((double)p.tiles * p.channels * p.filters * 64, 4.0 * MOST_PRODUCTS);
    }
    return p;
}

static void fuzz_winograd_product(void) {
    product p = pick_product();
    const float *tiles = needed_floats(tiles_size(p.kind, (double)p.tiles, p.channels));
    const float *filters = needed_floats(filters_size(p.kind, p.channels, p.filters));
    float *products = needed_floats(tiles_size(p.kind, (double)p.tiles, p.filters));
    CALL(nativecnn_winograd_product, p.kind, p.tiles, p.channels, p.filters, tiles, filters, products);
}

static void fuzz_winograd_gradient_product(void) {
    product p = pick_product();
    nativecnn_range points = part(filters_size(p.kind, 1, 1) / 256);
    int32_t accumulate = flag();
    const float *tiles = needed_floats(tiles_size(p.kind, (double)p.tiles, p.channels));
    const float *gradient_tiles = needed_floats(tiles_size(p.kind, (double)p.tiles, p.filters));
    float *products = needed_floats(filters_size(p.kind, p.filters, p.channels));
    CALL(nativecnn_winograd_gradient_product, p.kind, p.tiles, p.channels, p.filters, tiles, gradient_tiles, points,
         accumulate, products);
}

static const fuzzed_export exports[] = {
    EXPORT(winograd_tile_count),
    EXPORT(winograd_tiles_size),
    EXPORT(winograd_filters_size),
    EXPORT(winograd_filter_transform),
    EXPORT(winograd_input_transform),
    EXPORT(winograd_product),
    EXPORT(winograd_output_transform),
    EXPORT(winograd_output_gradient_transform),
    EXPORT(winograd_input_gradient_transform),
    EXPORT(winograd_gradient_product),
    EXPORT(winograd_filter_gradient_transform),
};
const fuzzed_family winograd_exports = FAMILY(exports);
