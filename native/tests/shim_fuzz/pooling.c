/*
 * pooling.c - max and average pooling.
 */
#include "fuzz.h"

typedef struct pooling {
    nativecnn_pooling_geometry g;
    double input, output, window;
} pooling;

static pooling pick_pooling(void) {
    pooling p = {0};
    nativecnn_pooling_geometry *g = &p.g;
    g->batch_size = size32(3);
    g->height = size32(9);
    g->width = size32(9);
    g->channels = size32(one_in(4) ? 70 : 5);
    g->window_height = one_in(20) ? 17 : size32(4);
    g->window_width = one_in(20) ? 17 : size32(4);
    g->stride_y = size32(3);
    g->stride_x = size32(3);
    g->pad_top = (int32_t)between(0, 3);
    g->pad_left = (int32_t)between(0, 3);
    g->pad_bottom = (int32_t)between(0, 3);
    g->pad_right = (int32_t)between(0, 3);
    g->count_padding = (int32_t)between(0, 1);
    g->overhang_bottom = one_in(4) ? (int32_t)between(0, 2) : 0;
    g->overhang_right = one_in(4) ? (int32_t)between(0, 2) : 0;
    int32_t *fields = (int32_t *)g;
    if (one_in(20))
        fields[next() % (sizeof *g / sizeof *fields)] = strange32();
    double below = (double)g->pad_bottom + g->overhang_bottom, beside = (double)g->pad_right + g->overhang_right;
    g->output_height = as_size(places(g->height, g->pad_top, below, g->window_height, g->stride_y));
    g->output_width = as_size(places(g->width, g->pad_left, beside, g->window_width, g->stride_x));
    if (one_in(60))
        fields[next() % (sizeof *g / sizeof *fields)] = strange32();
    require(g->batch_size >= 1 && g->height >= 1 && g->width >= 1 && g->channels >= 1 && g->window_height >= 1 &&
            g->window_width >= 1 && g->stride_y >= 1 && g->stride_x >= 1);
    require(g->pad_top >= 0 && g->pad_left >= 0 && g->pad_bottom >= 0 && g->pad_right >= 0 &&
            g->pad_top < g->window_height && g->pad_bottom < g->window_height && g->pad_left < g->window_width &&
            g->pad_right < g->window_width);
    /* What the fields say now, whatever was changed. */
    below = (double)g->pad_bottom + g->overhang_bottom;
    beside = (double)g->pad_right + g->overhang_right;
    require(g->overhang_bottom >= 0 && g->overhang_right >= 0 && below < g->window_height && beside < g->window_width);
    require(g->count_padding == 0 || g->count_padding == 1);
    require(g->output_height >= 1 && g->output_width >= 1 &&
            g->output_height == places(g->height, g->pad_top, below, g->window_height, g->stride_y) &&
            g->output_width == places(g->width, g->pad_left, beside, g->window_width, g->stride_x));
    p.window = (double)g->window_height * g->window_width;
    p.input = (double)g->batch_size * g->height * g->width * g->channels;
    p.output = (double)g->batch_size * g->output_height * g->output_width * g->channels;
    if (sound) {
        require_fits(p.input);
        require_fits(p.output);
        require_small((p.output + p.input) * p.window, MOST_PRODUCTS);
    }
    return p;
}

static double index_size(const pooling *p) {
    return p->window <= 256 ? 1 : p->window <= 65536 ? 2 : 0;
}

static void fuzz_max_pooling_index_size(void) {
    pooling p = pick_pooling();
    if (!too_large)
        EXPECT(nativecnn_max_pooling_index_size(&p.g) == (sound ? index_size(&p) : 0), "another size");
}

static void fuzz_max_pooling_forward(void) {
    pooling p = pick_pooling();
    require(index_size(&p) > 0);
    nativecnn_range rows = part((double)p.g.batch_size * p.g.output_height);
    const float *input = needed_floats(p.input);
    float *output = needed_floats(p.output);
    void *argmax = one_in(4) ? NULL : bytes(p.output, index_size(&p));
    CALL(nativecnn_max_pooling_forward, needed(&p.g), input, rows, output, argmax);
}

static void fuzz_max_pooling_backward(void) {
    pooling p = pick_pooling();
    require(index_size(&p) > 0);
    nativecnn_range rows = part((double)p.g.batch_size * p.g.height);
    const float *input = floats(p.input);
    float *output = floats(p.output);
    void *argmax = bytes(p.output, index_size(&p));
    if (sound && !too_large)
        EXPECT_OK(nativecnn_max_pooling_forward(&p.g, input, range(0, (int64_t)p.g.batch_size * p.g.output_height),
                                                output, argmax));
    float *input_gradient = needed_floats(p.input);
    CALL(nativecnn_max_pooling_backward, needed(&p.g), output, needed(argmax), rows, input_gradient);
}

static void fuzz_average_pooling_forward(void) {
    pooling p = pick_pooling();
    nativecnn_range rows = part((double)p.g.batch_size * p.g.output_height);
    const float *input = needed_floats(p.input);
    float *output = needed_floats(p.output);
    CALL(nativecnn_average_pooling_forward, needed(&p.g), input, rows, output);
}

static void fuzz_average_pooling_backward(void) {
    pooling p = pick_pooling();
    nativecnn_range rows = part((double)p.g.batch_size * p.g.height);
    const float *gradient = needed_floats(p.output);
    float *input_gradient = needed_floats(p.input);
    CALL(nativecnn_average_pooling_backward, needed(&p.g), gradient, rows, input_gradient);
}

static const fuzzed_export exports[] = {
    EXPORT(max_pooling_index_size),  EXPORT(max_pooling_forward),      EXPORT(max_pooling_backward),
    EXPORT(average_pooling_forward), EXPORT(average_pooling_backward),
};
const fuzzed_family pooling_exports = FAMILY(exports);
