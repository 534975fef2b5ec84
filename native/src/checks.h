/*
 * checks.h - what every export checks before it touches memory.
 */
#ifndef NATIVECNN_CHECKS_H
#define NATIVECNN_CHECKS_H

#include "nativecnn.h"

#include <stdbool.h>
#include <stddef.h>

/* Returns from the calling export with a status unless a condition holds. */
#define REQUIRE(condition, status)                                                                                     \
    do {                                                                                                               \
        if (!(condition))                                                                                              \
            return (status);                                                                                           \
    } while (0)

/* Returns from the calling export with the status of a check that failed. */
#define CHECK(check)                                                                                                   \
    do {                                                                                                               \
        nativecnn_status checked = (check);                                                                            \
        if (checked != NATIVECNN_OK)                                                                                   \
            return checked;                                                                                            \
    } while (0)

/* Whether the product of counts, each 0 or more, is a number of floats that memory can hold. */
bool fits_memory(const int64_t *counts, int number);

/* NATIVECNN_OK, NATIVECNN_NULL_POINTER or NATIVECNN_BAD_GEOMETRY. */
nativecnn_status check_convolution(const nativecnn_convolution_geometry *geometry);
/* The same for a convolution with one channel and one filter per group. */
nativecnn_status check_depthwise(const nativecnn_convolution_geometry *geometry);
nativecnn_status check_pooling(const nativecnn_pooling_geometry *geometry);

/* NATIVECNN_OK, NATIVECNN_NULL_POINTER or NATIVECNN_BAD_ARGUMENT: an unknown kind, or constants that it cannot have. */
nativecnn_status check_activation(const nativecnn_activation *activation);

/* NATIVECNN_OK or NATIVECNN_BAD_RANGE: a range that begins at 0 or later and ends within limit. */
nativecnn_status check_range(nativecnn_range range, int64_t limit);

/* NATIVECNN_OK or NATIVECNN_BAD_RANGE: a group that a good geometry has. */
nativecnn_status check_group(const nativecnn_convolution_geometry *geometry, int32_t group);

/* NATIVECNN_OK or NATIVECNN_BAD_RANGE: rows x columns floats, each 0 or more, that memory can hold. */
nativecnn_status check_matrix(int64_t rows, int64_t columns);

/* The same for rows that are not empty. */
nativecnn_status check_rows(int64_t rows, int64_t columns);

/* The same for the input, the output and the weights of a dense layer. */
nativecnn_status check_dense(const nativecnn_dense_geometry *geometry);

/* NATIVECNN_OK, NATIVECNN_BAD_ARGUMENT or, where the rule needs a moment that is null, NATIVECNN_NULL_POINTER. */
nativecnn_status check_update(const nativecnn_update *update, const float *first_moment, const float *second_moment);

#endif
