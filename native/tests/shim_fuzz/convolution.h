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

typedef enum groups { ANY_GROUPS, DEPTHWISE, SMALL_GROUPS } groups;

/* A convolution with square kernels of this side (0: any kernel, stride and dilation), or one with such groups. */
convolution pick_convolution(int side, groups groups);
nativecnn_convolution_geometry *pointer_to(convolution *c);
int32_t pick_group(const convolution *c);

#endif
