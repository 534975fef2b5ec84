/*
 * sum_block.h - the blocks in which products are summed: a few rows times one or two panels of 16 columns, as many sums
 * as the registers hold beside the operands.
 */
#ifndef NATIVECNN_SUM_BLOCK_H
#define NATIVECNN_SUM_BLOCK_H

#include "direct.h"
#include "simd.h"

enum {
/* The rows, and the panels beside each other. */
#if LANES == 16
    ROWS = 14,
    COLUMN_PANELS = 2,
#elif LANES == 8 || defined(__aarch64__) || defined(_M_ARM64)
    ROWS = 6,
    COLUMN_PANELS = 1,
#else
    ROWS = 2,
    COLUMN_PANELS = 1,
#endif
    /* The rows of one panel alone, where two are usual. */
    SINGLE_ROWS = COLUMN_PANELS == 2 ? 16 : ROWS,
    /* The vectors of a panel's row. */
    VECTORS = PANEL / LANES
};

#endif
