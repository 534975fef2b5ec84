/* pack_columns.c - columns of a matrix in blocks, each block's rows one after the other. */
#include "checks.h"
#include "kernels.h"

#include <string.h>

void VARIANT(pack_columns)(int64_t row_count, int32_t column_count, int32_t width, nativecnn_range blocks,
                           const float *source, float *packed) {
    for (int64_t b = blocks.begin; b < blocks.begin + blocks.count; b++) {
        int64_t first = b * width, rest = column_count - first;
        int64_t count = rest < width ? rest : width;
        float *to = packed + first * row_count;
        for (int64_t r = 0; r < row_count; r++, to += width) {
            memcpy(to, source + r * column_count + first, (size_t)count * sizeof *to);
            if (count < width)
                memset(to + count, 0, (size_t)(width - count) * sizeof *to);
        }
    }
}

#if defined(NATIVECNN_EXPORTS)

nativecnn_status nativecnn_pack_columns(int64_t row_count, int32_t column_count, int32_t width, nativecnn_range blocks,
                                        const float *source, float *packed) {
    REQUIRE(source && packed, NATIVECNN_NULL_POINTER);
    REQUIRE(width >= 1, NATIVECNN_BAD_RANGE);
    CHECK(check_matrix(row_count, column_count));
    int64_t block_count = ((int64_t)column_count + width - 1) / width;
    const int64_t whole[] = {row_count, block_count, width};
    REQUIRE(fits_memory(whole, 3), NATIVECNN_BAD_RANGE);
    CHECK(check_range(blocks, block_count));
    kernels_in_use()->pack_columns(row_count, column_count, width, blocks, source, packed);
    return NATIVECNN_OK;
}

#endif
