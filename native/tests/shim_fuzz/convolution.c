/*
 * convolution.c - convolution by im2col, directly, in blocks, depthwise and in small groups.
 */
#include "convolution.h"

/* Groups of 2 to 32 channels, mostly with what else the kernels for them want. */
static void pick_small_groups(nativecnn_convolution_geometry *g) {
    int32_t group = 2 << (int)between(0, 4), panel = group > NATIVECNN_PANEL ? group : NATIVECNN_PANEL;
    g->channels = g->filters = panel * (int32_t)between(1, 2);
    g->height = size32(4);
    g->width = size32(6);
    g->groups = g->channels / group;
    g->kernel_width = one_in(2) ? 5 : 3;
    g->kernel_height = g->kernel_width == 5 ? size32(4) : 3;
    g->stride_x = size32(2);
    g->dilation_x = 1;
    if (one_in(10))
        g->kernel_width = size32(6);
    if (one_in(10))
        g->stride_x = size32(4);
    if (one_in(10))
        g->dilation_x = size32(3);
    if (one_in(10))
        g->filters = g->groups * (int32_t)between(1, 20);
}

convolution pick_convolution(int side, groups groups) {
    convolution c = {0};
    nativecnn_convolution_geometry *g = &c.g;
    g->groups = one_in(3) ? (int32_t)between(1, 3) : 1;
    g->batch_size = size32(3);
    g->height = size32(9);
    g->width = size32(9);
    g->channels = g->groups * (int32_t)between(1, one_in(4) ? 70 : 5);
    g->filters = g->groups * (int32_t)between(1, one_in(4) ? 40 : 5);
    if (groups == DEPTHWISE)
        g->channels = g->filters = g->groups = (int32_t)between(1, 40);
    g->kernel_height = side ? side : size32(4);
    g->kernel_width = side ? side : size32(4);
    g->stride_y = side ? 1 : size32(3);
    g->stride_x = side ? 1 : size32(3);
    g->dilation_y = side || one_in(2) ? 1 : size32(3);
    g->dilation_x = side || one_in(2) ? 1 : size32(3);
    if (groups == SMALL_GROUPS)
        pick_small_groups(g);
    int32_t *pads[] = {&g->pad_top, &g->pad_left, &g->pad_bottom, &g->pad_right};
    for (int i = 0; i < 4; i++)
        *pads[i] = one_in(60) ? strange32() : (int32_t)between(-1, 4);
    int32_t *fields = (int32_t *)g;
    if (one_in(20))
        fields[next() % (sizeof *g / sizeof *fields)] = strange32();
    double reach_y = (double)g->dilation_y * ((double)g->kernel_height - 1) + 1;
    double reach_x = (double)g->dilation_x * ((double)g->kernel_width - 1) + 1;
    double height = places(g->height, g->pad_top, g->pad_bottom, reach_y, g->stride_y);
    double width = places(g->width, g->pad_left, g->pad_right, reach_x, g->stride_x);
    g->output_height = as_size(height);
    g->output_width = as_size(width);
    if (one_in(60))
        fields[next() % (sizeof *g / sizeof *fields)] = strange32();

    /* What the fields say now, whatever was changed. */
    reach_y = (double)g->dilation_y * ((double)g->kernel_height - 1) + 1;
    reach_x = (double)g->dilation_x * ((double)g->kernel_width - 1) + 1;
    require(g->batch_size >= 1 && g->height >= 1 && g->width >= 1 && g->channels >= 1 && g->filters >= 1 &&
            g->kernel_height >= 1 && g->kernel_width >= 1 && g->stride_y >= 1 && g->stride_x >= 1 &&
            g->dilation_y >= 1 && g->dilation_x >= 1 && g->groups >= 1);
    require(sound && g->channels % g->groups == 0 && g->filters % g->groups == 0);
    require(g->output_height >= 1 && g->output_width >= 1 &&
            g->output_height == places(g->height, g->pad_top, g->pad_bottom, reach_y, g->stride_y) &&
            g->output_width == places(g->width, g->pad_left, g->pad_right, reach_x, g->stride_x));
    if (side)
        require(g->kernel_height == side && g->kernel_width == side && g->stride_y == 1 && g->stride_x == 1 &&
                g->dilation_y == 1 && g->dilation_x == 1);
    if (groups == DEPTHWISE)
        require(g->channels == g->groups && g->filters == g->groups);
    if (sound) {
        c.group_channels = g->channels / g->groups;
        c.group_filters = g->filters / g->groups;
        c.taps = (double)g->kernel_height * g->kernel_width * c.group_channels;
        c.pixels = (double)g->batch_size * g->output_height * g->output_width;
        c.input = (double)g->batch_size * g->height * g->width * g->channels;
        c.output = c.pixels * g->filters;
        c.filters = c.taps * g->filters;
        c.products = c.pixels * c.filters;
        require_fits(c.input);
        require_fits(c.output);
        require_fits(c.filters);
        require_fits(c.pixels * c.taps);
        /* Backward passes look at every tap of every input pixel. */
        require_small(c.products + c.input * c.taps * c.group_filters, MOST_PRODUCTS);
    }
    return c;
}

nativecnn_convolution_geometry *pointer_to(convolution *c) {
    return needed(&c->g);
}

int32_t pick_group(const convolution *c) {
    int32_t group = sound && !one_in(40) ? (int32_t)between(0, c->g.groups - 1) : strange32();
    require(group >= 0 && group < c->g.groups);
    return group;
}

static void fuzz_im2col(void) {
    convolution c = pick_convolution(0, ANY_GROUPS);
    int32_t group = pick_group(&c);
    nativecnn_range pixels = part(c.pixels), taps = part(c.taps);
    const float *input = needed_floats(c.input);
    float *columns = needed_floats((double)pixels.count * (double)taps.count);
    CALL(nativecnn_im2col, pointer_to(&c), input, group, pixels, taps, columns);
}

static void fuzz_col2im(void) {
    convolution c = pick_convolution(0, ANY_GROUPS);
    int32_t group = pick_group(&c);
    nativecnn_range images = part(c.g.batch_size);
    const float *columns = needed_floats((double)images.count * c.g.output_height * (double)c.g.output_width * c.taps);
    float *gradient = needed_floats(c.input);
    CALL(nativecnn_col2im, pointer_to(&c), columns, group, images, gradient);
}

static void fuzz_flip_filters(void) {
    convolution c = pick_convolution(0, ANY_GROUPS);
    int32_t group = pick_group(&c);
    nativecnn_range channels = part(c.group_channels);
    const float *filters = needed_floats(c.filters);
    float *flipped = needed_floats(c.taps * c.group_filters);
    CALL(nativecnn_flip_filters, pointer_to(&c), filters, group, channels, flipped);
}

static double panels_of(double columns) {
    return ceil(columns / NATIVECNN_PANEL);
}

static double packed_size(const convolution *c, bool backward) {
    double window = (double)c->g.kernel_height * c->g.kernel_width;
    return backward ? panels_of(c->group_channels) * window * c->group_filters * NATIVECNN_PANEL
                    : panels_of(c->group_filters) * c->taps * NATIVECNN_PANEL;
}

static void fuzz_direct_filters_size(void) {
    convolution c = pick_convolution(0, ANY_GROUPS);
    int32_t backward = flag();
    if (!too_large) {
        int64_t size = nativecnn_direct_filters_size(&c.g, backward);
        EXPECT((double)size == (sound ? packed_size(&c, backward == 1) : 0), "a size of %g", (double)size);
    }
}

static void fuzz_direct_pack_filters(void) {
    convolution c = pick_convolution(0, ANY_GROUPS);
    int32_t group = pick_group(&c), backward = flag();
    nativecnn_range panels = part(panels_of(backward ? c.group_channels : c.group_filters));
    const float *filters = needed_floats(c.filters);
    float *packed = needed_floats(packed_size(&c, backward == 1));
    CALL(nativecnn_direct_pack_filters, pointer_to(&c), filters, group, backward, panels, packed);
}

static void fuzz_direct_forward(void) {
    convolution c = pick_convolution(0, ANY_GROUPS);
    int32_t group = pick_group(&c);
    nativecnn_activation activation = pick_activation();
    nativecnn_range rows = part((double)c.g.batch_size * c.g.output_height), panels = part(panels_of(c.group_filters));
    const float *input = needed_floats(c.input), *packed = needed_floats(packed_size(&c, false));
    const float *bias = optional_floats(c.g.filters);
    float *output = needed_floats(c.output);
    CALL(nativecnn_direct_forward, pointer_to(&c), input, packed, bias, needed(&activation), group, rows, panels,
         output);
}

static void fuzz_direct_backward_data(void) {
    convolution c = pick_convolution(0, ANY_GROUPS);
    int32_t group = pick_group(&c);
    nativecnn_range rows = part((double)c.g.batch_size * c.g.height), panels = part(panels_of(c.group_channels));
    const float *gradient = needed_floats(c.output), *packed = needed_floats(packed_size(&c, true));
    float *input_gradient = needed_floats(c.input);
    CALL(nativecnn_direct_backward_data, pointer_to(&c), gradient, packed, group, rows, panels, input_gradient);
}

static void fuzz_direct_filter_gradient(void) {
    convolution c = pick_convolution(0, ANY_GROUPS);
    int32_t group = pick_group(&c), accumulate = flag();
    nativecnn_range rows = part((double)c.g.batch_size * c.g.output_height), panels = part(panels_of(c.group_filters));
    const float *input = needed_floats(c.input), *gradient = needed_floats(c.output);
    float *filter_gradient = needed_floats(packed_size(&c, false));
    CALL(nativecnn_direct_filter_gradient, pointer_to(&c), input, gradient, group, rows, panels, accumulate,
         filter_gradient);
}

static int32_t pick_gradient_count(void) {
    int32_t count = one_in(40) ? strange32() : (int32_t)between(0, 3);
    require(count >= 0);
    return count;
}

static void fuzz_direct_unpack_gradient(void) {
    convolution c = pick_convolution(0, ANY_GROUPS);
    int32_t group = pick_group(&c), count = pick_gradient_count();
    nativecnn_range panels = part(panels_of(c.group_filters));
    require_fits(packed_size(&c, false) * count);
    const float *gradients = needed_floats(packed_size(&c, false) * count);
    float *filter_gradient = needed_floats(c.filters);
    CALL(nativecnn_direct_unpack_gradient, pointer_to(&c), gradients, count, group, panels, filter_gradient);
}

/* The floats of rows that lie a stride apart. */
static double spread(double rows, double stride, double length) {
    return rows == 0 ? 0 : (rows - 1) * stride + length;
}

static void fuzz_blocked_product(void) {
    int64_t rows = size64(0, 40), inner = size64(1, one_in(4) ? 600 : 40);
    int32_t columns = size32(70), accumulate = flag();
    bool is_strange = one_in(20);
    int64_t left_stride = is_strange ? strange() : inner < 10000 ? inner + between(0, 3) : inner;
    int64_t panel_stride = is_strange ? strange() : inner < 10000 ? inner * NATIVECNN_PANEL + between(0, 3) : INT64_MAX;
    int64_t result_stride = is_strange ? strange() : (int64_t)columns + between(0, 3);
    nativecnn_activation activation = pick_activation();
    double panels = ceil((double)columns / NATIVECNN_PANEL);
    require(rows >= 0 && inner >= 1 && columns >= 1);
    require(left_stride >= inner && result_stride >= columns);
    require((double)panel_stride >= (double)inner * NATIVECNN_PANEL);
    if (sound) {
        require_fits((double)rows * (double)left_stride);
        require_fits((double)rows * (double)result_stride);
        require_fits(panels * (double)panel_stride);
        require_small((double)rows * (double)inner * (double)columns, MOST_PRODUCTS);
    }
    const float *left = needed_floats(spread((double)rows, (double)left_stride, (double)inner));
    const float *packed = needed_floats(spread(panels, (double)panel_stride, (double)inner * NATIVECNN_PANEL));
    const float *bias = optional_floats(columns);
    float *result = needed_floats(spread((double)rows, (double)result_stride, columns));
    CALL(nativecnn_blocked_product, rows, inner, columns, left, left_stride, packed, panel_stride, bias,
         needed(&activation), accumulate, result, result_stride);
}

static void fuzz_blocked_gradient(void) {
    int64_t pixels = size64(0, 200), taps = size64(1, one_in(4) ? 100 : 20);
    int32_t filters = size32(40), accumulate = flag();
    bool is_strange = one_in(20);
    int64_t output_stride = is_strange ? strange() : (int64_t)filters + between(0, 3);
    int64_t column_stride = is_strange ? strange() : taps < 10000 ? taps + between(0, 3) : taps;
    int64_t gradient_stride = is_strange ? strange() : taps < 10000 ? taps + between(0, 3) : taps;
    require(pixels >= 0 && filters >= 1 && taps >= 1);
    require(output_stride >= filters && column_stride >= taps && gradient_stride >= taps);
    if (sound) {
        require_fits((double)pixels * (double)output_stride);
        require_fits((double)pixels * (double)column_stride);
        require_fits((double)filters * (double)gradient_stride);
        require_small((double)pixels * (double)filters * (double)taps, MOST_PRODUCTS);
    }
    const float *output_gradient = needed_floats(spread((double)pixels, (double)output_stride, filters));
    const float *columns = needed_floats(spread((double)pixels, (double)column_stride, (double)taps));
    float *gradient = needed_floats(spread(filters, (double)gradient_stride, (double)taps));
    CALL(nativecnn_blocked_gradient, pixels, filters, taps, output_gradient, output_stride, columns, column_stride,
         accumulate, gradient, gradient_stride);
}

static void fuzz_depthwise_pack_filters(void) {
    convolution c = pick_convolution(0, DEPTHWISE);
    const float *filters = needed_floats(c.filters);
    float *packed = needed_floats(c.filters);
    CALL(nativecnn_depthwise_pack_filters, pointer_to(&c), filters, packed);
}

static void fuzz_depthwise_forward(void) {
    convolution c = pick_convolution(0, DEPTHWISE);
    nativecnn_activation activation = pick_activation();
    nativecnn_range rows = part((double)c.g.batch_size * c.g.output_height);
    const float *input = needed_floats(c.input), *packed = needed_floats(c.filters);
    const float *bias = optional_floats(c.g.channels);
    float *output = needed_floats(c.output);
    CALL(nativecnn_depthwise_forward, pointer_to(&c), input, packed, bias, needed(&activation), rows, output);
}

static void fuzz_depthwise_backward_data(void) {
    convolution c = pick_convolution(0, DEPTHWISE);
    nativecnn_range rows = part((double)c.g.batch_size * c.g.height);
    const float *gradient = needed_floats(c.output), *packed = needed_floats(c.filters);
    float *input_gradient = needed_floats(c.input);
    CALL(nativecnn_depthwise_backward_data, pointer_to(&c), gradient, packed, rows, input_gradient);
}

static void fuzz_depthwise_filter_gradient(void) {
    convolution c = pick_convolution(0, DEPTHWISE);
    int32_t accumulate = flag();
    nativecnn_range rows = part((double)c.g.batch_size * c.g.output_height);
    const float *input = needed_floats(c.input), *output_gradient = needed_floats(c.output);
    float *gradient = needed_floats(c.filters);
    CALL(nativecnn_depthwise_filter_gradient, pointer_to(&c), input, output_gradient, rows, accumulate, gradient);
}

static void fuzz_depthwise_unpack_gradient(void) {
    convolution c = pick_convolution(0, DEPTHWISE);
    int32_t count = pick_gradient_count();
    require_fits(c.filters * count);
    const float *gradients = needed_floats(c.filters * count);
    float *filter_gradient = needed_floats(c.filters);
    CALL(nativecnn_depthwise_unpack_gradient, pointer_to(&c), gradients, count, filter_gradient);
}

/* A convolution in small groups; what the kernels for them refuse is required. */
static convolution pick_grouped(void) {
    convolution c = pick_convolution(0, SMALL_GROUPS);
    nativecnn_convolution_geometry *g = &c.g;
    bool power = false;
    for (int group = 2; group <= 32; group *= 2)
        power |= c.group_channels == group;
    require(sound && power && g->channels == g->filters && g->channels % NATIVECNN_PANEL == 0 && g->stride_x <= 2 &&
            g->dilation_x == 1 && ((g->kernel_width == 3 && g->kernel_height == 3) || g->kernel_width == 5));
    return c;
}

static nativecnn_range pick_panels(const convolution *c) {
    return part(floor((double)c->g.channels / NATIVECNN_PANEL));
}

static void fuzz_grouped_filters_size(void) {
    convolution c = pick_grouped();
    if (!too_large) {
        int64_t size = nativecnn_grouped_filters_size(&c.g);
        EXPECT((double)size == (sound ? c.filters : 0), "a size of %g", (double)size);
    }
}

static void fuzz_grouped_pack_filters(void) {
    convolution c = pick_grouped();
    int32_t backward = flag();
    nativecnn_range panels = pick_panels(&c);
    const float *filters = needed_floats(c.filters);
    float *packed = needed_floats(c.filters);
    CALL(nativecnn_grouped_pack_filters, pointer_to(&c), filters, backward, panels, packed);
}

static void fuzz_grouped_forward(void) {
    convolution c = pick_grouped();
    nativecnn_activation activation = pick_activation();
    nativecnn_range rows = part((double)c.g.batch_size * c.g.output_height), panels = pick_panels(&c);
    const float *input = needed_floats(c.input), *packed = needed_floats(c.filters);
    const float *bias = optional_floats(c.g.filters);
    float *output = needed_floats(c.output);
    CALL(nativecnn_grouped_forward, pointer_to(&c), input, packed, bias, needed(&activation), rows, panels, output);
}

static void fuzz_grouped_backward_data(void) {
    convolution c = pick_grouped();
    nativecnn_range rows = part((double)c.g.batch_size * c.g.height), panels = pick_panels(&c);
    const float *gradient = needed_floats(c.output), *packed = needed_floats(c.filters);
    float *input_gradient = needed_floats(c.input);
    CALL(nativecnn_grouped_backward_data, pointer_to(&c), gradient, packed, rows, panels, input_gradient);
}

static void fuzz_grouped_filter_gradient(void) {
    convolution c = pick_grouped();
    int32_t accumulate = flag();
    nativecnn_range rows = part((double)c.g.batch_size * c.g.output_height), panels = pick_panels(&c);
    const float *input = needed_floats(c.input), *output_gradient = needed_floats(c.output);
    float *gradient = needed_floats(c.filters);
    CALL(nativecnn_grouped_filter_gradient, pointer_to(&c), input, output_gradient, rows, panels, accumulate, gradient);
}

static void fuzz_grouped_unpack_gradient(void) {
    convolution c = pick_grouped();
    int32_t count = pick_gradient_count();
    nativecnn_range panels = pick_panels(&c);
    require_fits(c.filters * count);
    const float *gradients = needed_floats(c.filters * count);
    float *filter_gradient = needed_floats(c.filters);
    CALL(nativecnn_grouped_unpack_gradient, pointer_to(&c), gradients, count, panels, filter_gradient);
}

static const fuzzed_export exports[] = {
    EXPORT(im2col),
    EXPORT(col2im),
    EXPORT(flip_filters),
    EXPORT(direct_filters_size),
    EXPORT(direct_pack_filters),
    EXPORT(direct_forward),
    EXPORT(direct_backward_data),
    EXPORT(direct_filter_gradient),
    EXPORT(direct_unpack_gradient),
    EXPORT(blocked_product),
    EXPORT(blocked_gradient),
    EXPORT(depthwise_pack_filters),
    EXPORT(depthwise_forward),
    EXPORT(depthwise_backward_data),
    EXPORT(depthwise_filter_gradient),
    EXPORT(depthwise_unpack_gradient),
    EXPORT(grouped_filters_size),
    EXPORT(grouped_pack_filters),
    EXPORT(grouped_forward),
    EXPORT(grouped_backward_data),
    EXPORT(grouped_filter_gradient),
    EXPORT(grouped_unpack_gradient),
};
const fuzzed_family convolution_exports = FAMILY(exports);
