/*
 * even_blocks.h - a count of things in blocks of nearly equal size, the larger ones first.
 */
#ifndef NATIVECNN_EVEN_BLOCKS_H
#define NATIVECNN_EVEN_BLOCKS_H

#include "compiler.h"

#include <stdint.h>

typedef struct even_blocks {
    int64_t count;
    /* Of the smaller blocks, and how many have one more. */
    int64_t size;
    int64_t larger;
} even_blocks;

/* As few blocks as have at most so many each; all is 1 or more. */
INLINE even_blocks cut_evenly(int64_t all, int64_t most) {
    int64_t count = (all + most - 1) / most;
    return (even_blocks){count, all / count, all % count};
}

INLINE int64_t block_size(even_blocks blocks, int64_t b) {
    return blocks.size + (b < blocks.larger);
}

/* What lies before block b. */
INLINE int64_t block_begin(even_blocks blocks, int64_t b) {
    return b * blocks.size + (b < blocks.larger ? b : blocks.larger);
}

#endif
