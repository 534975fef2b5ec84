/*
 * direct_axis.h - which source places the targets of a convolution read, along one axis.
 *
 * The targets first + u step (u = 0, 1, ...) read for tap m the source at u source_step + offset + m offset_step.
 * Forward's taps are the kernel's, and its step is 1. Backward-data goes through the stride's phases first = 0 ...
 * stride - 1, each of which has its own taps, a source_step of 1, and a step of the stride.
 */
#ifndef NATIVECNN_DIRECT_AXIS_H
#define NATIVECNN_DIRECT_AXIS_H

#include "compiler.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct axis {
    int64_t first;
    int64_t step;
    /* Targets, over all u. */
    int64_t count;
    int64_t source_step;
    int64_t source_size;
    /* Taps m, and the place of tap 0 in the packed filters and from one to the next. */
    int64_t taps;
    int64_t tap;
    int64_t tap_step;
    int64_t offset;
    int64_t offset_step;
} axis;

/* Whether every tap of the targets at source places first to last is inside. */
INLINE bool reads_inside(const axis *a, int64_t first, int64_t last) {
    return first + a->offset >= 0 && last + a->offset + (a->taps - 1) * a->offset_step < a->source_size;
}

INLINE axis forward_axis(int64_t output, int64_t size, int64_t kernel, int64_t stride, int64_t dilation, int64_t pad) {
    return (axis){.step = 1,
                  .count = output,
                  .source_step = stride,
                  .source_size = size,
                  .taps = kernel,
                  .tap_step = 1,
                  .offset = -pad,
                  .offset_step = dilation};
}

INLINE int64_t greatest_common_divisor(int64_t a, int64_t b) {
    while (b != 0) {
        int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* The inputs of one phase. Input place t gets from output place o by tap i where o stride - pad + i dilation = t. The
 * packed filters are flipped, so that tap i is place kernel - 1 - i in them, and places go up as o does. */
INLINE axis backward_axis(int64_t phase, int64_t output, int64_t size, int64_t kernel, int64_t stride, int64_t dilation,
                          int64_t pad) {
    int64_t common = greatest_common_divisor(stride, dilation), period = stride / common;
    axis a = {.first = phase,
              .step = stride,
              .count = (size - phase + stride - 1) / stride,
              .source_step = 1,
              .source_size = output,
              .tap_step = period,
              .offset_step = dilation / common};
    for (int64_t i = kernel - 1; i >= 0 && i >= kernel - period; i--)
        if ((phase + pad - i * dilation) % stride == 0) {
            a.taps = i / period + 1;
            a.tap = kernel - 1 - i;
            a.offset = (phase + pad - i * dilation) / stride;
        }
    return a;
}

#endif
