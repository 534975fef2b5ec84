/*
 * grouped.h - which convolutions in small groups have kernels of their own.
 */
#ifndef NATIVECNN_GROUPED_H
#define NATIVECNN_GROUPED_H

#include "nativecnn.h"

/* For a good geometry whose packed filters exist, and a range of its panels. */
nativecnn_status check_grouped(const nativecnn_convolution_geometry *geometry, nativecnn_range panels);

#endif
