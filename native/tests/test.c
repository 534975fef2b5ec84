/* test.c - see test.h. */
#include "test.h"

#include <stdarg.h>

static int failures;
static const char *running = "";

void test_fail(const char *file, int line, const char *format, ...) {
    /* A broken kernel fails everywhere; the first places are enough to read. */
    if (++failures > 50)
        exit(test_result());
    va_list arguments;
    va_start(arguments, format);
    printf("%s:%d: %s (instruction set %d): ", file, line, running, (int)nativecnn_instruction_set_in_use());
    vprintf(format, arguments);
    printf("\n");
    va_end(arguments);
}

bool test_close(double actual, double expected, tolerance t) {
    if (isnan(expected))
        return isnan(actual);
    if (isinf(expected))
        return actual == expected;
    return fabs(actual - expected) <= t.absolute + t.relative * fabs(expected);
}

void test_run(const char *name, void (*test)(void)) {
    running = name;
    for (nativecnn_instruction_set set = NATIVECNN_BASELINE; set <= nativecnn_best_instruction_set(); set++)
        if (nativecnn_use_instruction_set(set) == NATIVECNN_OK)
            test();
}

int test_result(void) {
    if (failures)
        printf("%d expectations failed\n", failures);
    return failures ? 1 : 0;
}

enum { GUARD = 256, PATTERN = 0xCB };

/* Lies at the beginning of the guard in front of a buffer. */
typedef struct header {
    size_t size;
} header;

void *test_allocate(int64_t count, size_t size) {
    size_t bytes = (size_t)count * size;
    unsigned char *whole = malloc(bytes + 2 * GUARD);
    if (!whole)
        abort();
    memset(whole, PATTERN, bytes + 2 * GUARD);
    header h = {bytes};
    memcpy(whole, &h, sizeof h);
    return whole + GUARD;
}

void test_free(void *buffer) {
    unsigned char *whole = (unsigned char *)buffer - GUARD;
    header h;
    memcpy(&h, whole, sizeof h);
    bool intact = true;
    for (size_t i = sizeof h; i < GUARD; i++)
        intact = intact && whole[i] == PATTERN && whole[GUARD + h.size + i] == PATTERN;
    for (size_t i = 0; i < sizeof h; i++)
        intact = intact && whole[GUARD + h.size + i] == PATTERN;
    EXPECT(intact, "wrote outside a buffer of %lu bytes", (unsigned long)h.size);
    free(whole);
}

float *test_random(int64_t count, uint32_t seed) {
    float *values = test_allocate(count, sizeof(float));
    uint32_t state = seed * 2654435761u + 12345u;
    for (int64_t i = 0; i < count; i++) {
        state = state * 1664525u + 1013904223u;
        values[i] = (float)(state >> 8) * (2.0f / 16777216.0f) - 1.0f + 1e-4f;
    }
    return values;
}

float *test_filled(int64_t count, float value) {
    float *values = test_allocate(count, sizeof(float));
    for (int64_t i = 0; i < count; i++)
        values[i] = value;
    return values;
}

bool test_same(const float *a, const float *b, int64_t count) {
    return memcmp(a, b, (size_t)count * sizeof(float)) == 0;
}

void test_set_output(nativecnn_convolution_geometry *g) {
    int down = g->height + g->pad_top + g->pad_bottom - g->dilation_y * (g->kernel_height - 1) - 1;
    int across = g->width + g->pad_left + g->pad_right - g->dilation_x * (g->kernel_width - 1) - 1;
    if (down < 0 || across < 0)
        abort();
    g->output_height = down / g->stride_y + 1;
    g->output_width = across / g->stride_x + 1;
}

nativecnn_convolution_geometry test_convolution(int batch, int height, int width, int channels, int filters,
                                                int kernel_height, int kernel_width, int stride, int dilation, int pad,
                                                int groups) {
    nativecnn_convolution_geometry g = {
        .batch_size = batch,
        .height = height,
        .width = width,
        .channels = channels,
        .filters = filters,
        .kernel_height = kernel_height,
        .kernel_width = kernel_width,
        .stride_y = stride,
        .stride_x = stride,
        .dilation_y = dilation,
        .dilation_x = dilation,
        .pad_top = pad,
        .pad_left = pad,
        .pad_bottom = pad,
        .pad_right = pad,
        .groups = groups,
    };
    test_set_output(&g);
    return g;
}

nativecnn_pooling_geometry test_pooling(int batch, int height, int width, int channels, int window_height,
                                        int window_width, int stride_y, int stride_x, int pad, int count_padding) {
    return (nativecnn_pooling_geometry){
        .batch_size = batch,
        .height = height,
        .width = width,
        .channels = channels,
        .window_height = window_height,
        .window_width = window_width,
        .stride_y = stride_y,
        .stride_x = stride_x,
        .pad_top = pad,
        .pad_left = pad,
        .pad_bottom = pad,
        .pad_right = pad,
        .output_height = (height + 2 * pad - window_height) / stride_y + 1,
        .output_width = (width + 2 * pad - window_width) / stride_x + 1,
        .count_padding = count_padding,
    };
}

bool test_spoil_convolution(nativecnn_convolution_geometry *g, int fault) {
    int32_t *sizes[] = {&g->batch_size,    &g->height,       &g->width,         &g->channels,    &g->filters,
                        &g->kernel_height, &g->kernel_width, &g->stride_y,      &g->stride_x,    &g->dilation_y,
                        &g->dilation_x,    &g->groups,       &g->output_height, &g->output_width};
    const int count = (int)(sizeof sizes / sizeof sizes[0]);
    if (fault < count) {
        *sizes[fault] = 0;
        return true;
    }
    if (fault < 2 * count) {
        *sizes[fault - count] = INT32_MIN;
        return true;
    }
    switch (fault - 2 * count) {
    case 0:
        g->output_height++;
        return true;
    case 1:
        g->output_width--;
        return true;
    case 2:
        g->groups = g->channels + 1;
        return true;
    case 3:
        g->pad_top = INT32_MIN;
        return true;
    case 4:
        g->pad_left = g->pad_right = INT32_MAX;
        return true;
    case 5:
        g->kernel_height = g->dilation_y = INT32_MAX;
        return true;
    case 6: /* The output size is right, but 2^31 images of 2^31 pixels of 2^31 channels are too many. */
        *g = (nativecnn_convolution_geometry){INT32_MAX, 1, INT32_MAX, INT32_MAX, 1, 1, 1, 1, 1,
                                              1,         1, 0,         0,         0, 0, 1, 1, INT32_MAX};
        return true;
    case 7: /* Input, output and filters fit; the matrix of patches does not. */
        *g = (nativecnn_convolution_geometry){1, 1 << 20, 1 << 20, 1, 1, 1 << 19,       1 << 19,      1, 1, 1, 1,
                                              0, 0,       0,       0, 1, (1 << 19) + 1, (1 << 19) + 1};
        return true;
    default:
        return false;
    }
}

bool test_spoil_pooling(nativecnn_pooling_geometry *g, int fault) {
    int32_t *sizes[] = {&g->batch_size,   &g->height,   &g->width,    &g->channels,      &g->window_height,
                        &g->window_width, &g->stride_y, &g->stride_x, &g->output_height, &g->output_width};
    int32_t *pads[] = {&g->pad_top, &g->pad_left, &g->pad_bottom, &g->pad_right};
    const int count = (int)(sizeof sizes / sizeof sizes[0]);
    if (fault < count) {
        *sizes[fault] = 0;
        return true;
    }
    if (fault < 2 * count) {
        *sizes[fault - count] = INT32_MIN;
        return true;
    }
    fault -= 2 * count;
    if (fault < 4) {
        *pads[fault] = -1;
        return true;
    }
    if (fault < 8) {
        *pads[fault - 4] = g->window_height > g->window_width ? g->window_height : g->window_width;
        return true;
    }
    switch (fault - 8) {
    case 0:
        g->output_height++;
        return true;
    case 1:
        g->output_width--;
        return true;
    case 2:
        g->count_padding = 2;
        return true;
    case 3:
        g->overhang_bottom = -1;
        return true;
    case 4:
        g->overhang_right = g->window_width - g->pad_right;
        return true;
    case 5:
        g->overhang_bottom = INT32_MAX;
        return true;
    case 6:
        *g = (nativecnn_pooling_geometry){INT32_MAX, 1, INT32_MAX, INT32_MAX, 1,         1, 1, 1, 0,
                                          0,         0, 0,         1,         INT32_MAX, 0, 0, 0};
        return true;
    default:
        return false;
    }
}
