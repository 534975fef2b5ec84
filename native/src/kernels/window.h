/*
 * window.h - which pixels a pooling window covers, which windows cover a pixel row, and what comes next.
 */
#ifndef NATIVECNN_WINDOW_H
#define NATIVECNN_WINDOW_H

#include "compiler.h"
#include "nativecnn.h"

#include <stdint.h>

/* Indices from begin up to but not including end. */
typedef struct span {
    int64_t begin;
    int64_t end;
} span;

/* The places i of window number w for which its pixel start + i, start = w stride - pad, lies inside an image of size
 * pixels. Never empty: pads are smaller than the window. */
INLINE span places_inside(int64_t start, int64_t window, int64_t size) {
    return (span){start < 0 ? -start : 0, size - start < window ? size - start : window};
}

/* The windows that cover pixel p: those w with w stride <= p + pad < w stride + window. */
INLINE span windows_over(int64_t p, int64_t window, int64_t stride, int64_t pad, int64_t window_count) {
    int64_t place = p + pad;
    int64_t begin = place < window ? 0 : (place - window) / stride + 1;
    int64_t end = place / stride + 1;
    return (span){begin, end < window_count ? end : window_count};
}

/* windows_over of pixel p from that of pixel p - 1, without dividing. */
INLINE span windows_over_next(span over, int64_t p, int64_t window, int64_t stride, int64_t pad, int64_t window_count) {
    over.begin += over.begin * stride + window <= p + pad;
    over.end += over.end < window_count && over.end * stride <= p + pad;
    return over;
}

/* Asks for what the window below reads and this one does not. Only where windows overlap: rows that are read again keep
 * the prefetchers from the new ones, which disjoint windows get soonest without being asked. pixel: this window's first
 * inside the image; down: its rows there. */
INLINE void prefetch_below(const nativecnn_pooling_geometry *g, const float *pixel, span down) {
    if (g->stride_y >= g->window_height)
        return;
    int64_t row_stride = (int64_t)g->width * g->channels;
    const float *below = pixel + (down.end - down.begin) * row_stride;
    for (int64_t i = 0; i < g->stride_y; i++, below += row_stride)
        for (int64_t c = 0; c < (int64_t)g->stride_x * g->channels; c += 16)
            PREFETCH_LATER(below + c);
}

#endif
