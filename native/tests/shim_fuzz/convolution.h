/*
 * convolution.h - a random convolution and the sizes of its arrays.
 */
#ifndef NATIVECNN_TESTS_FUZZ_CONVOLUTION_H
#define NATIVECNN_TESTS_FUZZ_CONVOLUTION_H

#include "fuzz.h"

typedef struct convolution {
    nativecnn_convolution_geometry g;
    nativecnn_convolution_geometry *pointer;
    double input, output, filters, group_channels, group_filters, taps, pixels, products;
} convolution;

/* A convolution with square kernels of this side (0: any kernel, stride and dilation), or a depthwise one. */
convolution pick_convolution(int side, bool is_depthwise);
nativecnn_convolution_geometry *pointer_to(convolution *c);
int32_t pick_group(const convolution *c);

#endif
