/*
 * shim_fuzz.c - calls every export with random sizes, ranges and pointers, right and wrong ones.
 *
 * usage: shim_fuzz [SECONDS] [SEED] [CALLS], by default 10, 1 and no end. Whether a call is right is decided here from
 * the header's words, with sums in double that cannot overflow. A right call must succeed and stay within buffers that
 * are exactly as large as documented (built with the sanitizers, the first byte outside ends the program); a wrong one
 * must be refused, and all its pointers lead to memory that nobody may touch.
 */
/* MAP_ANON is not C. */
#define _DEFAULT_SOURCE
#include "test.h"

#include <time.h>
#if defined(__unix__) || defined(__APPLE__)
#include <sys/mman.h>
#endif

/* Calls that need more floats, or more products, than this are left out. */
#define MOST_FLOATS (1 << 20)
#define MOST_PRODUCTS (1 << 22)

static uint64_t state;
static char *untouchable;
static void *allocated[16];
static int allocated_count;

/* What is known of the call under way. */
static bool sound;
static bool too_large;
static const char *called;
static int64_t sound_calls, refused_calls;

/* ---- random arguments ---- */

static uint64_t next(void) {
    uint64_t z = state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

static int64_t between(int64_t least, int64_t most) {
    return least + (int64_t)(next() % (uint64_t)(most - least + 1));
}

static bool one_in(int number) {
    return next() % (uint64_t)number == 0;
}

static int64_t strange(void) {
    static const int64_t numbers[] = {0,         -1,        1,         2,         3,          16,         17,
                                      255,       256,       46341,     65535,     65536,      1 << 24,    1 << 30,
                                      INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN, UINT32_MAX, -INT32_MAX, 1000000007};
    return numbers[next() % (sizeof numbers / sizeof *numbers)];
}

static int32_t strange32(void) {
    return (int32_t)(uint32_t)(uint64_t)strange();
}

static void require(bool condition) {
    sound = sound && condition;
}

static void require_small(double floats, double most) {
    too_large = too_large || floats > most;
}

/* Whether so many floats fit an address space at all; what is nearly too much is left out. */
static void require_fits(double floats) {
    double most = (double)(PTRDIFF_MAX / sizeof(float));
    require(floats <= most * 1.001);
    require_small(floats, MOST_FLOATS);
}

static int32_t size32(int32_t most) {
    return one_in(40) ? strange32() : (int32_t)between(1, most);
}

static int64_t size64(int64_t least, int64_t most) {
    return one_in(40) ? strange() : between(least, most);
}

/* A part of limit things. */
static nativecnn_range part(double limit) {
    nativecnn_range r = {0, 0};
    if (limit >= 1 && limit < 1e9) {
        r.begin = between(0, (int64_t)limit);
        r.count = between(0, (int64_t)limit - r.begin);
    }
    if (one_in(40))
        r.begin = strange();
    if (one_in(40))
        r.count = strange();
    require(r.begin >= 0 && r.count >= 0 && (double)r.begin + (double)r.count <= limit);
    return r;
}

static int32_t flag(void) {
    int32_t value = one_in(40) ? strange32() : (int32_t)between(0, 1);
    require(value == 0 || value == 1);
    return value;
}

static float strange_float(float good) {
    static const float numbers[] = {NAN, INFINITY, -INFINITY, 0, -1, 1, 2, 1e38f, 1e-45f};
    return one_in(40) ? numbers[next() % (sizeof numbers / sizeof *numbers)] : good;
}

/* ---- memory ---- */

/* Memory for a right call, exactly so large; nothing that may be touched for a wrong one. Comes after all numbers. */
static void *bytes(double count, double size) {
    if (!sound || too_large)
        return untouchable;
    if (count * size > MOST_FLOATS * 8.0) {
        too_large = true;
        return untouchable;
    }
    void *memory = malloc((size_t)(count * size));
    if (!memory)
        abort();
    allocated[allocated_count++] = memory;
    return memory;
}

static float *floats(double count) {
    float *memory = bytes(count, sizeof(float));
    if ((void *)memory != (void *)untouchable)
        for (int64_t i = 0; i < (int64_t)count; i++)
            memory[i] = (float)(int64_t)(next() % 2001) / 1000 - 1;
    return memory;
}

/* Now and then nothing where something is needed. */
static void *needed(void *memory) {
    if (!one_in(60))
        return memory;
    sound = false;
    return NULL;
}

static float *needed_floats(double count) {
    return needed(floats(count));
}

static float *optional_floats(double count) {
    return one_in(4) ? NULL : floats(count);
}

static void judge(nativecnn_status status) {
    bool is_right = sound ? status == NATIVECNN_OK : status != NATIVECNN_OK;
    EXPECT(is_right, "%s: a call that is %s gave status %d", called, sound ? "right" : "wrong", (int)status);
    if (sound)
        sound_calls++;
    else
        refused_calls++;
}

#define CALL(function, ...)                                                                                            \
    do {                                                                                                               \
        called = #function;                                                                                            \
        if (!too_large)                                                                                                \
            judge(function(__VA_ARGS__));                                                                              \
    } while (0)

/* ---- structures ---- */

/* The places of a window that fits, or 0; the output's size follows from nothing else. */
static double places(double size, double before, double after, double reach, double stride) {
    double free = size + before + after - reach;
    return free < 0 || stride < 1 ? 0 : floor(free / stride) + 1;
}

static int32_t as_size(double value) {
    return value >= 1 && value <= INT32_MAX ? (int32_t)value : (int32_t)between(0, 3);
}

typedef struct convolution {
    nativecnn_convolution_geometry g;
    nativecnn_convolution_geometry *pointer;
    double input, output, filters, group_channels, group_filters, taps, pixels, products;
} convolution;

static convolution pick_convolution(int side, bool is_depthwise) {
    convolution c = {0};
    nativecnn_convolution_geometry *g = &c.g;
    g->groups = one_in(3) ? (int32_t)between(1, 3) : 1;
    g->batch_size = size32(3);
    g->height = size32(9);
    g->width = size32(9);
    g->channels = g->groups * (int32_t)between(1, one_in(4) ? 70 : 5);
    g->filters = g->groups * (int32_t)between(1, one_in(4) ? 40 : 5);
    if (is_depthwise)
        g->channels = g->filters = g->groups = (int32_t)between(1, 40);
    g->kernel_height = side ? side : size32(4);
    g->kernel_width = side ? side : size32(4);
    g->stride_y = side ? 1 : size32(3);
    g->stride_x = side ? 1 : size32(3);
    g->dilation_y = side || one_in(2) ? 1 : size32(3);
    g->dilation_x = side || one_in(2) ? 1 : size32(3);
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
    if (is_depthwise)
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

static nativecnn_convolution_geometry *pointer_to(convolution *c) {
    return needed(&c->g);
}

static int32_t pick_group(const convolution *c) {
    int32_t group = sound && !one_in(40) ? (int32_t)between(0, c->g.groups - 1) : strange32();
    require(group >= 0 && group < c->g.groups);
    return group;
}

static nativecnn_activation pick_activation(void) {
    nativecnn_activation a = {(int32_t)between(0, NATIVECNN_ACTIVATION_KINDS - 1), 1.5f, 0.5f};
    if (one_in(40)) {
        a.kind = strange32();
        require(a.kind >= 0 && a.kind < NATIVECNN_ACTIVATION_KINDS);
    }
    return a;
}

static nativecnn_update pick_update(bool *needs_first, bool *needs_second) {
    nativecnn_update u = {
        (int32_t)between(0, 5), 0.1f, 0.01f, one_in(3) ? 0 : 0.9f, 0.99f, 1e-8f, 1.1f, 1.2f,
    };
    u.learning_rate = strange_float(u.learning_rate);
    u.epsilon = strange_float(u.epsilon);
    bool is_adam = u.kind == NATIVECNN_UPDATE_ADAM || u.kind == NATIVECNN_UPDATE_ADAMW;
    bool has_second = u.kind >= NATIVECNN_UPDATE_ADAM;
    require(isfinite(u.learning_rate));
    require(!has_second || (isfinite(u.epsilon) && u.epsilon > 0));
    if (one_in(40)) {
        u.kind = strange32();
        require(u.kind == NATIVECNN_UPDATE_SGD || u.kind == NATIVECNN_UPDATE_NESTEROV);
        is_adam = has_second = false;
    }
    *needs_first = is_adam || (u.momentum != 0 && u.kind != NATIVECNN_UPDATE_ADAGRAD);
    *needs_second = has_second;
    return u;
}

/* ---- convolution ---- */

static void fuzz_im2col(void) {
    convolution c = pick_convolution(0, false);
    int32_t group = pick_group(&c);
    nativecnn_range pixels = part(c.pixels), taps = part(c.taps);
    const float *input = needed_floats(c.input);
    float *columns = needed_floats((double)pixels.count * (double)taps.count);
    CALL(nativecnn_im2col, pointer_to(&c), input, group, pixels, taps, columns);
}

static void fuzz_col2im(void) {
    convolution c = pick_convolution(0, false);
    int32_t group = pick_group(&c);
    nativecnn_range images = part(c.g.batch_size);
    const float *columns = needed_floats((double)images.count * c.g.output_height * (double)c.g.output_width * c.taps);
    float *gradient = needed_floats(c.input);
    CALL(nativecnn_col2im, pointer_to(&c), columns, group, images, gradient);
}

static void fuzz_flip_filters(void) {
    convolution c = pick_convolution(0, false);
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
    convolution c = pick_convolution(0, false);
    int32_t backward = flag();
    if (!too_large) {
        int64_t size = nativecnn_direct_filters_size(&c.g, backward);
        EXPECT((double)size == (sound ? packed_size(&c, backward == 1) : 0), "a size of %g", (double)size);
    }
}

static void fuzz_direct_pack_filters(void) {
    convolution c = pick_convolution(0, false);
    int32_t group = pick_group(&c), backward = flag();
    nativecnn_range panels = part(panels_of(backward ? c.group_channels : c.group_filters));
    const float *filters = needed_floats(c.filters);
    float *packed = needed_floats(packed_size(&c, backward == 1));
    CALL(nativecnn_direct_pack_filters, pointer_to(&c), filters, group, backward, panels, packed);
}

static void fuzz_direct_forward(void) {
    convolution c = pick_convolution(0, false);
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
    convolution c = pick_convolution(0, false);
    int32_t group = pick_group(&c);
    nativecnn_range rows = part((double)c.g.batch_size * c.g.height), panels = part(panels_of(c.group_channels));
    const float *gradient = needed_floats(c.output), *packed = needed_floats(packed_size(&c, true));
    float *input_gradient = needed_floats(c.input);
    CALL(nativecnn_direct_backward_data, pointer_to(&c), gradient, packed, group, rows, panels, input_gradient);
}

static void fuzz_direct_filter_gradient(void) {
    convolution c = pick_convolution(0, false);
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
    convolution c = pick_convolution(0, false);
    int32_t group = pick_group(&c), count = pick_gradient_count();
    nativecnn_range panels = part(panels_of(c.group_filters));
    require_fits(packed_size(&c, false) * count);
    const float *gradients = needed_floats(packed_size(&c, false) * count);
    float *filter_gradient = needed_floats(c.filters);
    CALL(nativecnn_direct_unpack_gradient, pointer_to(&c), gradients, count, group, panels, filter_gradient);
}

static void fuzz_depthwise_pack_filters(void) {
    convolution c = pick_convolution(0, true);
    const float *filters = needed_floats(c.filters);
    float *packed = needed_floats(c.filters);
    CALL(nativecnn_depthwise_pack_filters, pointer_to(&c), filters, packed);
}

static void fuzz_depthwise_forward(void) {
    convolution c = pick_convolution(0, true);
    nativecnn_activation activation = pick_activation();
    nativecnn_range rows = part((double)c.g.batch_size * c.g.output_height);
    const float *input = needed_floats(c.input), *packed = needed_floats(c.filters);
    const float *bias = optional_floats(c.g.channels);
    float *output = needed_floats(c.output);
    CALL(nativecnn_depthwise_forward, pointer_to(&c), input, packed, bias, needed(&activation), rows, output);
}

static void fuzz_depthwise_backward_data(void) {
    convolution c = pick_convolution(0, true);
    nativecnn_range rows = part((double)c.g.batch_size * c.g.height);
    const float *gradient = needed_floats(c.output), *packed = needed_floats(c.filters);
    float *input_gradient = needed_floats(c.input);
    CALL(nativecnn_depthwise_backward_data, pointer_to(&c), gradient, packed, rows, input_gradient);
}

static void fuzz_depthwise_filter_gradient(void) {
    convolution c = pick_convolution(0, true);
    int32_t accumulate = flag();
    nativecnn_range rows = part((double)c.g.batch_size * c.g.output_height);
    const float *input = needed_floats(c.input), *output_gradient = needed_floats(c.output);
    float *gradient = needed_floats(c.filters);
    CALL(nativecnn_depthwise_filter_gradient, pointer_to(&c), input, output_gradient, rows, accumulate, gradient);
}

static void fuzz_depthwise_unpack_gradient(void) {
    convolution c = pick_convolution(0, true);
    int32_t count = pick_gradient_count();
    require_fits(c.filters * count);
    const float *gradients = needed_floats(c.filters * count);
    float *filter_gradient = needed_floats(c.filters);
    CALL(nativecnn_depthwise_unpack_gradient, pointer_to(&c), gradients, count, filter_gradient);
}

/* ---- Winograd ---- */

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
    int32_t accumulate = flag();
    const float *tiles = needed_floats(tiles_size(p.kind, (double)p.tiles, p.channels));
    const float *gradient_tiles = needed_floats(tiles_size(p.kind, (double)p.tiles, p.filters));
    float *products = needed_floats(filters_size(p.kind, p.filters, p.channels));
    CALL(nativecnn_winograd_gradient_product, p.kind, p.tiles, p.channels, p.filters, tiles, gradient_tiles, accumulate,
         products);
}

/* ---- dense layers ---- */

typedef struct dense {
    nativecnn_dense_geometry g;
    double input, output, weights;
} dense;

static dense pick_dense(void) {
    dense d = {.g = {size32(20), size32(40), size32(100)}};
    require(d.g.batch_size >= 0 && d.g.units >= 0 && d.g.inputs >= 0);
    d.input = (double)d.g.batch_size * d.g.inputs;
    d.output = (double)d.g.batch_size * d.g.units;
    d.weights = (double)d.g.units * d.g.inputs;
    if (sound) {
        require_fits(d.input);
        require_fits(d.output);
        require_fits(d.weights);
        require_small((double)d.g.batch_size * d.weights, MOST_PRODUCTS);
    }
    return d;
}

static void fuzz_dense_forward(void) {
    dense d = pick_dense();
    nativecnn_range units = part(d.g.units);
    const float *input = needed_floats(d.input), *weights = needed_floats(d.weights);
    float *output = needed_floats(d.output);
    CALL(nativecnn_dense_forward, needed(&d.g), input, weights, units, output);
}

static void fuzz_dense_backward_data(void) {
    dense d = pick_dense();
    nativecnn_range inputs = part(d.g.inputs);
    const float *gradient = needed_floats(d.output), *weights = needed_floats(d.weights);
    float *input_gradient = needed_floats(d.input);
    CALL(nativecnn_dense_backward_data, needed(&d.g), gradient, weights, inputs, input_gradient);
}

static void fuzz_dense_update(void) {
    dense d = pick_dense();
    bool needs_first, needs_second;
    nativecnn_update update = pick_update(&needs_first, &needs_second);
    nativecnn_range units = part(d.g.units);
    const float *input = needed_floats(d.input), *gradient = needed_floats(d.output);
    float *first = needs_first ? needed_floats(d.weights) : NULL;
    float *second = needs_second ? needed_floats(d.weights) : NULL;
    float *weights = needed_floats(d.weights);
    CALL(nativecnn_dense_update, needed(&update), needed(&d.g), input, gradient, units, first, second, weights);
}

/* ---- pooling ---- */

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

/* ---- rows and elements ---- */

typedef struct matrix {
    int64_t rows, columns;
    double count;
} matrix;

static matrix pick_matrix(int64_t least_columns, bool is_int) {
    matrix m = {size64(0, 30), is_int ? size32(70) : size64(least_columns, 70), 0};
    m.count = (double)m.rows * (double)m.columns;
    require(m.rows >= 0 && m.columns >= least_columns);
    if (sound) {
        require_fits(m.count);
        require_small((double)m.columns, MOST_FLOATS);
        require_small((double)m.rows, MOST_FLOATS);
    }
    return m;
}

static int64_t pick_count(void) {
    int64_t count = size64(0, 200);
    require(count >= 0);
    if (sound)
        require_fits((double)count);
    return count;
}

static void fuzz_bias_activation(void) {
    matrix m = pick_matrix(0, false);
    nativecnn_activation activation = pick_activation();
    int64_t stride = one_in(20) ? strange() : m.columns < 1000 ? m.columns + between(0, 3) : m.columns;
    require(stride >= m.columns);
    if (sound)
        require_fits((double)m.rows * (double)stride);
    const float *bias = optional_floats((double)m.columns);
    float *values = needed_floats(m.rows == 0 ? 0 : ((double)m.rows - 1) * (double)stride + (double)m.columns);
    CALL(nativecnn_bias_activation, needed(&activation), bias, m.rows, m.columns, stride, values);
}

static void fuzz_column_sums(void) {
    matrix m = pick_matrix(0, false);
    const float *values = needed_floats(m.count);
    float *sums = needed_floats((double)m.columns);
    CALL(nativecnn_column_sums, values, m.rows, m.columns, sums);
}

static nativecnn_local_response_norm pick_norm(void) {
    nativecnn_local_response_norm norm = {size32(9), strange_float(0.5f), strange_float(0.75f), strange_float(1)};
    require(norm.size >= 1 && isfinite(norm.alpha) && norm.alpha >= 0 && isfinite(norm.beta) && isfinite(norm.k) &&
            norm.k > 0);
    return norm;
}

static void fuzz_local_response_norm_forward(void) {
    matrix m = pick_matrix(1, true);
    nativecnn_local_response_norm norm = pick_norm();
    const float *input = needed_floats(m.count);
    float *output = needed_floats(m.count), *scale = optional_floats(m.count);
    float *workspace = needed_floats(3 * (double)m.columns);
    CALL(nativecnn_local_response_norm_forward, needed(&norm), input, m.rows, (int32_t)m.columns, output, scale,
         workspace);
}

static void fuzz_local_response_norm_backward(void) {
    matrix m = pick_matrix(1, true);
    nativecnn_local_response_norm norm = pick_norm();
    const float *input = needed_floats(m.count), *scale = needed_floats(m.count), *gradient = needed_floats(m.count);
    float *input_gradient = needed_floats(m.count), *workspace = needed_floats(3 * (double)m.columns);
    CALL(nativecnn_local_response_norm_backward, needed(&norm), input, scale, gradient, m.rows, (int32_t)m.columns,
         input_gradient, workspace);
}

static void fuzz_channel_moments(void) {
    matrix m = pick_matrix(1, true);
    const float *values = needed_floats(m.count);
    float *means = needed_floats((double)m.columns), *rests = needed_floats((double)m.columns);
    float *squares = needed_floats((double)m.columns);
    CALL(nativecnn_channel_moments, values, m.rows, (int32_t)m.columns, means, rests, squares);
}

static void fuzz_channel_normalize(void) {
    matrix m = pick_matrix(1, true);
    const float *input = needed_floats(m.count), *means = needed_floats((double)m.columns);
    const float *scales = needed_floats((double)m.columns), *shifts = needed_floats((double)m.columns);
    float *output = needed_floats(m.count);
    CALL(nativecnn_channel_normalize, input, m.rows, (int32_t)m.columns, means, scales, shifts, output);
}

static void fuzz_channel_gradient_sums(void) {
    matrix m = pick_matrix(1, true);
    const float *input = needed_floats(m.count), *gradient = needed_floats(m.count);
    const float *means = needed_floats((double)m.columns);
    float *sums = needed_floats((double)m.columns), *products = needed_floats((double)m.columns);
    CALL(nativecnn_channel_gradient_sums, input, gradient, m.rows, (int32_t)m.columns, means, sums, products);
}

static void fuzz_channel_gradient(void) {
    matrix m = pick_matrix(1, true);
    const float *input = needed_floats(m.count), *gradient = needed_floats(m.count);
    const float *means = needed_floats((double)m.columns), *scales = needed_floats((double)m.columns);
    const float *shifts = needed_floats((double)m.columns), *slopes = needed_floats((double)m.columns);
    float *input_gradient = needed_floats(m.count);
    CALL(nativecnn_channel_gradient, input, gradient, m.rows, (int32_t)m.columns, means, scales, shifts, slopes,
         input_gradient);
}

static void fuzz_pixel_products(void) {
    matrix m = pick_matrix(1, true);
    const float *first = needed_floats(m.count), *second = optional_floats(m.count);
    float *sums = needed_floats((double)m.rows);
    CALL(nativecnn_pixel_products, first, second, m.rows, (int32_t)m.columns, sums);
}

static void fuzz_pixel_combine(void) {
    matrix m = pick_matrix(1, true);
    const float *first = needed_floats(m.count), *first_factors = optional_floats((double)m.rows);
    const float *second = optional_floats(m.count), *second_factors = optional_floats((double)m.rows);
    require(!second || second_factors);
    float *output = needed_floats(m.count);
    CALL(nativecnn_pixel_combine, first, first_factors, second, second_factors, m.rows, (int32_t)m.columns, output);
}

static void fuzz_activation_forward(void) {
    nativecnn_activation activation = pick_activation();
    int64_t count = pick_count();
    const float *input = needed_floats((double)count);
    float *output = needed_floats((double)count);
    CALL(nativecnn_activation_forward, needed(&activation), input, count, output);
}

static void fuzz_activation_backward(void) {
    nativecnn_activation activation = pick_activation();
    int64_t count = pick_count();
    const float *source = needed_floats((double)count), *gradient = needed_floats((double)count);
    float *input_gradient = needed_floats((double)count);
    CALL(nativecnn_activation_backward, needed(&activation), source, gradient, count, input_gradient);
}

static void fuzz_dropout_apply(void) {
    nativecnn_dropout dropout = {next(), strange_float(0.5f), 0};
    require(dropout.probability >= 0 && dropout.probability < 1);
    nativecnn_range elements = {one_in(4) ? strange() : between(0, 1000), size64(0, 200)};
    require(elements.begin >= 0 && elements.count >= 0 && elements.count <= INT64_MAX - elements.begin);
    if (sound)
        require_fits((double)elements.count);
    const float *input = needed_floats((double)elements.count);
    float *output = needed_floats((double)elements.count);
    CALL(nativecnn_dropout_apply, needed(&dropout), input, elements, output);
}

static void fuzz_accumulate(void) {
    int64_t count = pick_count();
    const float *values = needed_floats((double)count);
    float *sums = needed_floats((double)count);
    CALL(nativecnn_accumulate, values, count, sums);
}

static void fuzz_softmax_forward(void) {
    matrix m = pick_matrix(1, true);
    const float *logits = needed_floats(m.count);
    float *probabilities = needed_floats(m.count);
    CALL(nativecnn_softmax_forward, logits, m.rows, (int32_t)m.columns, probabilities);
}

static void fuzz_softmax_backward(void) {
    matrix m = pick_matrix(1, true);
    const float *probabilities = needed_floats(m.count), *gradient = needed_floats(m.count);
    float *input_gradient = needed_floats(m.count);
    CALL(nativecnn_softmax_backward, probabilities, gradient, m.rows, (int32_t)m.columns, input_gradient);
}

static void fuzz_softmax_cross_entropy(void) {
    matrix m = pick_matrix(1, true);
    float scale = strange_float(0.5f);
    require(isfinite(scale));
    const float *logits = needed_floats(m.count);
    int32_t *labels = bytes((double)m.rows, sizeof(int32_t));
    bool is_bad = false;
    if (sound && !too_large)
        for (int64_t r = 0; r < m.rows; r++) {
            labels[r] = one_in(2000) ? strange32() : (int32_t)between(0, m.columns - 1);
            is_bad = is_bad || labels[r] < 0 || labels[r] >= m.columns;
        }
    float *losses = needed_floats((double)m.rows), *gradient = optional_floats(m.count);
    require(!is_bad);
    CALL(nativecnn_softmax_cross_entropy, logits, needed(labels), m.rows, (int32_t)m.columns, scale, losses, gradient);
}

static void fuzz_squared_error(void) {
    matrix m = pick_matrix(1, false);
    float factor = strange_float(one_in(2) ? 0.5f : 1), scale = strange_float(2);
    require((factor == 0.5f || factor == 1) && isfinite(scale));
    const float *output = needed_floats(m.count), *targets = needed_floats(m.count);
    float *losses = needed_floats((double)m.rows), *gradient = optional_floats(m.count);
    CALL(nativecnn_squared_error, output, targets, m.rows, m.columns, factor, scale, losses, gradient);
}

static void fuzz_parameter_update(void) {
    bool needs_first, needs_second;
    nativecnn_update update = pick_update(&needs_first, &needs_second);
    int64_t count = pick_count();
    const float *gradient = needed_floats((double)count);
    float *first = needs_first ? needed_floats((double)count) : NULL;
    float *second = needs_second ? needed_floats((double)count) : NULL;
    float *values = needed_floats((double)count);
    CALL(nativecnn_parameter_update, needed(&update), gradient, count, first, second, values);
}

/* ---- the library ---- */

static void fuzz_probe_fma(void) {
    int64_t rounds = one_in(4) ? -between(0, INT64_MAX - 1) : between(1, 20);
    double operations = 0;
    require(rounds >= 1);
    CALL(nativecnn_probe_fma, rounds, needed(&operations));
}

static void fuzz_use_instruction_set(void) {
    int32_t set = one_in(4) ? strange32() : (int32_t)between(0, 2);
    require(set >= 0 && set <= (int32_t)nativecnn_best_instruction_set());
    CALL(nativecnn_use_instruction_set, (nativecnn_instruction_set)set);
}

static void fuzz_struct_layout(void) {
    (void)nativecnn_struct_layout(one_in(2) ? strange32() : (int32_t)between(-1, 200));
}

#define EXPORT(name)                                                                                                   \
    { "nativecnn_" #name, fuzz_##name }
static const struct {
    const char *name;
    void (*fuzz)(void);
} exports[] = {
    EXPORT(im2col),
    EXPORT(col2im),
    EXPORT(flip_filters),
    EXPORT(direct_filters_size),
    EXPORT(direct_pack_filters),
    EXPORT(direct_forward),
    EXPORT(direct_backward_data),
    EXPORT(direct_filter_gradient),
    EXPORT(direct_unpack_gradient),
    EXPORT(depthwise_pack_filters),
    EXPORT(depthwise_forward),
    EXPORT(depthwise_backward_data),
    EXPORT(depthwise_filter_gradient),
    EXPORT(depthwise_unpack_gradient),
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
    EXPORT(dense_forward),
    EXPORT(dense_backward_data),
    EXPORT(dense_update),
    EXPORT(max_pooling_index_size),
    EXPORT(max_pooling_forward),
    EXPORT(max_pooling_backward),
    EXPORT(average_pooling_forward),
    EXPORT(average_pooling_backward),
    EXPORT(bias_activation),
    EXPORT(column_sums),
    EXPORT(local_response_norm_forward),
    EXPORT(local_response_norm_backward),
    EXPORT(channel_moments),
    EXPORT(channel_normalize),
    EXPORT(channel_gradient_sums),
    EXPORT(channel_gradient),
    EXPORT(pixel_products),
    EXPORT(pixel_combine),
    EXPORT(activation_forward),
    EXPORT(activation_backward),
    EXPORT(dropout_apply),
    EXPORT(accumulate),
    EXPORT(softmax_forward),
    EXPORT(softmax_backward),
    EXPORT(softmax_cross_entropy),
    EXPORT(squared_error),
    EXPORT(parameter_update),
    EXPORT(probe_fma),
    EXPORT(use_instruction_set),
    EXPORT(struct_layout),
};
enum { EXPORT_COUNT = sizeof exports / sizeof *exports };

/* Those that take nothing that could be wrong. */
static const char *const harmless[] = {"nativecnn_abi_version", "nativecnn_instruction_set_in_use",
                                       "nativecnn_best_instruction_set", "nativecnn_flush_denormals",
                                       "nativecnn_restore_denormals"};

static bool is_covered(const char *name, size_t length) {
    for (int i = 0; i < EXPORT_COUNT; i++)
        if (strlen(exports[i].name) == length && strncmp(exports[i].name, name, length) == 0)
            return true;
    for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++)
        if (strlen(harmless[i]) == length && strncmp(harmless[i], name, length) == 0)
            return true;
    return false;
}

/* Every export of the header is in one of the two lists. */
static void check_coverage(void) {
    FILE *file = fopen(NATIVECNN_HEADER, "rb");
    EXPECT(file, "%s cannot be opened", NATIVECNN_HEADER);
    if (!file)
        return;
    static char text[1 << 20];
    text[fread(text, 1, sizeof text - 1, file)] = 0;
    fclose(file);
    int found = 0;
    for (const char *at = text; (at = strstr(at, "\nNATIVECNN_API ")) != NULL;) {
        const char *name = strstr(at + strlen("\nNATIVECNN_API "), " nativecnn_");
        /* The type may be one of ours: the name is what a bracket follows. */
        while (name && name[1 + strcspn(name + 1, " (")] != '(')
            name = strstr(name + 1, " nativecnn_");
        if (!name)
            break;
        name++;
        size_t length = strcspn(name, "(");
        EXPECT(is_covered(name, length), "%.*s is not in the table of shim_fuzz.c", (int)length, name);
        found++;
        at = name;
    }
    EXPECT(found >= EXPORT_COUNT, "only %d exports were found in the header", found);
}

int main(int count, char **arguments) {
    double seconds = count > 1 ? atof(arguments[1]) : 10;
    uint64_t seed = count > 2 ? strtoull(arguments[2], NULL, 10) : 1;
    int64_t most = count > 3 ? strtoll(arguments[3], NULL, 10) : INT64_MAX;
#if defined(__unix__) || defined(__APPLE__)
    untouchable = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANON, -1, 0);
#else
    untouchable = (char *)64;
#endif
    check_coverage();
    time_t end = time(NULL) + (time_t)seconds;
    int64_t calls = 0;
    for (; calls < most && test_result() == 0 && (calls % 1000 || time(NULL) <= end); calls++) {
        /* Each call follows from the seed and its number alone. */
        state = seed * UINT64_C(0x9E3779B97F4A7C15) + (uint64_t)calls * UINT64_C(0xD1B54A32D192ED03);
        sound = true;
        too_large = false;
        exports[next() % EXPORT_COUNT].fuzz();
        if (test_result() != 0)
            printf("  in call %lld of seed %llu\n", (long long)calls, (unsigned long long)seed);
        while (allocated_count > 0)
            free(allocated[--allocated_count]);
    }
    printf("%lld calls, %lld right ones, %lld refused, seed %llu\n", (long long)calls, (long long)sound_calls,
           (long long)refused_calls, (unsigned long long)seed);
    return test_result();
}
