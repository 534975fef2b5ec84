/* squared_error.c - losses[r] = factor sum (y - t)^2; output_gradient = scale 2 factor (y - t). */
#include "checks.h"
#include "kernels.h"
#include "simd.h"

#include <math.h>

/* Elements summed in float32 before they join a sum in float64. */
enum { BLOCK = 1024 };

void VARIANT(squared_error)(const float *output, const float *targets, int64_t row_count, int64_t column_count,
                            float factor, float scale, float *losses, float *output_gradient) {
    vfloat slope = vf_set(scale * 2 * factor);
    for (int64_t r = 0; r < row_count; r++) {
        double sum = 0;
        for (int64_t begin = 0; begin < column_count; begin += BLOCK) {
            int64_t end = column_count - begin < BLOCK ? column_count : begin + BLOCK;
            vfloat squares = vf_set(0);
            for (int64_t i = begin; i < end; i += LANES) {
                int64_t at = r * column_count + i;
                vfloat difference = vf_sub(vf_load_n(output + at, end - i), vf_load_n(targets + at, end - i));
                squares = vf_fma(difference, difference, squares);
                if (output_gradient)
                    vf_store_n(output_gradient + at, vf_mul(slope, difference), end - i);
            }
            sum += (double)vf_sum(squares);
        }
        losses[r] = (float)((double)factor * sum);
    }
}

#if defined(NATIVECNN_EXPORTS)

nativecnn_status nativecnn_squared_error(const float *output, const float *targets, int64_t row_count,
                                         int64_t column_count, float factor, float scale, float *losses,
                                         float *output_gradient) {
    REQUIRE(output && targets && losses, NATIVECNN_NULL_POINTER);
    CHECK(check_rows(row_count, column_count));
    REQUIRE((factor == 0.5f || factor == 1.0f) && isfinite(scale), NATIVECNN_BAD_ARGUMENT);
    kernels_in_use()->squared_error(output, targets, row_count, column_count, factor, scale, losses, output_gradient);
    return NATIVECNN_OK;
}

#endif
