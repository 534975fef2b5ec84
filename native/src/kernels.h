/*
 * kernels.h - the kernels behind the exports: one list, from which come the declarations and the table of one
 * instruction set.
 *
 * The files in kernels/ are compiled once per instruction set, with NATIVECNN_VARIANT (baseline, avx2 or avx512) and
 * NATIVECNN_LEVEL (0, 1 or 2, as nativecnn_instruction_set). A kernel trusts its arguments: the export of the same name
 * has checked them.
 */
#ifndef NATIVECNN_KERNELS_H
#define NATIVECNN_KERNELS_H

#include "compiler.h"
#include "nativecnn.h"

/* clang-format off */
#define KERNELS(KERNEL)                                                                                                      \
    KERNEL(probe_fma, (int64_t rounds, double *operations))                                                                  \
    KERNEL(im2col, (const nativecnn_convolution_geometry *geometry, const float *input, int32_t group, int64_t row_begin,    \
                    int64_t row_count, int64_t column_begin, int64_t column_count, float *columns))                          \
    KERNEL(col2im, (const nativecnn_convolution_geometry *geometry, const float *columns, int32_t group,                     \
                    int32_t image_begin, int32_t image_count, float *input_gradient))                                        \
    KERNEL(flip_filters, (const nativecnn_convolution_geometry *geometry, const float *filters, int32_t group,               \
                          int32_t channel_begin, int32_t channel_count, float *flipped))                                     \
    KERNEL(direct_pack_filters, (const nativecnn_convolution_geometry *geometry, const float *filters, int32_t group,        \
                                 int32_t backward_data, int32_t panel_begin, int32_t panel_count, float *packed))            \
    KERNEL(direct_forward, (const nativecnn_convolution_geometry *geometry, const float *input, const float *packed,         \
                            const float *bias, const nativecnn_activation *activation, int32_t group, int64_t row_begin,     \
                            int64_t row_count, int32_t panel_begin, int32_t panel_count, float *output))                     \
    KERNEL(direct_backward_data, (const nativecnn_convolution_geometry *geometry, const float *output_gradient,              \
                                  const float *packed, int32_t group, int64_t row_begin, int64_t row_count,                  \
                                  int32_t panel_begin, int32_t panel_count, float *input_gradient))                          \
    KERNEL(direct_filter_gradient, (const nativecnn_convolution_geometry *geometry, const float *input,                      \
                                    const float *output_gradient, int32_t group, int64_t row_begin, int64_t row_count,       \
                                    int32_t panel_begin, int32_t panel_count, int32_t accumulate, float *gradient))          \
    KERNEL(direct_unpack_gradient, (const nativecnn_convolution_geometry *geometry, const float *gradients,                  \
                                    int32_t gradient_count, int32_t group, int32_t panel_begin, int32_t panel_count,         \
                                    float *filter_gradient))                                                                 \
    KERNEL(depthwise_pack_filters, (const nativecnn_convolution_geometry *geometry, const float *filters, float *packed))    \
    KERNEL(depthwise_forward, (const nativecnn_convolution_geometry *geometry, const float *input, const float *packed,      \
                               const float *bias, const nativecnn_activation *activation, int64_t row_begin,                 \
                               int64_t row_count, float *output))                                                            \
    KERNEL(depthwise_backward_data, (const nativecnn_convolution_geometry *geometry, const float *output_gradient,           \
                                     const float *packed, int64_t row_begin, int64_t row_count, float *input_gradient))      \
    KERNEL(depthwise_filter_gradient, (const nativecnn_convolution_geometry *geometry, const float *input,                   \
                                       const float *output_gradient, int64_t row_begin, int64_t row_count,                   \
                                       int32_t accumulate, float *gradient))                                                 \
    KERNEL(depthwise_unpack_gradient, (const nativecnn_convolution_geometry *geometry, const float *gradients,               \
                                       int32_t gradient_count, float *filter_gradient))                                      \
    KERNEL(winograd_filter_transform, (nativecnn_winograd_kind kind, const nativecnn_convolution_geometry *geometry, const float *filters,   \
                                       int32_t group, nativecnn_winograd_filters form, int32_t begin, int32_t count,                            \
                                       float *transformed))                                                                  \
    KERNEL(winograd_input_transform, (nativecnn_winograd_kind kind, const nativecnn_convolution_geometry *geometry, const float *input,      \
                                      int32_t group, int64_t tile_begin, int64_t tile_count, int32_t channel_begin,          \
                                      int32_t channel_count, float *tiles))                                                  \
    KERNEL(winograd_product, (nativecnn_winograd_kind kind, int64_t tile_count, int32_t channel_count, int32_t filter_count,                 \
                              const float *tiles, const float *filters, float *products))                                    \
    KERNEL(winograd_output_transform, (nativecnn_winograd_kind kind, const nativecnn_convolution_geometry *geometry, const float *products,  \
                                       int32_t group, int64_t tile_begin, int64_t tile_count, int32_t filter_begin,          \
                                       int32_t filter_count, const float *bias, const nativecnn_activation *activation,      \
                                       float *output))                                                                       \
    KERNEL(winograd_output_gradient_transform, (nativecnn_winograd_kind kind, const nativecnn_convolution_geometry *geometry,                \
                                                const float *output_gradient, int32_t group, int64_t tile_begin,             \
                                                int64_t tile_count, int32_t filter_begin, int32_t filter_count,              \
                                                float *tiles))                                                               \
    KERNEL(winograd_input_gradient_transform, (nativecnn_winograd_kind kind, const nativecnn_convolution_geometry *geometry, \
                                               const float *products, int32_t group, int64_t tile_begin,              \
                                               int64_t tile_count, int32_t channel_begin, int32_t channel_count,              \
                                               float *input_gradient))                                                              \
    KERNEL(winograd_gradient_product, (nativecnn_winograd_kind kind, int64_t tile_count, int32_t channel_count, int32_t filter_count,        \
                                       const float *tiles, const float *gradient_tiles, int32_t accumulate,                  \
                                       float *products))                                                                     \
    KERNEL(winograd_filter_gradient_transform, (nativecnn_winograd_kind kind, const nativecnn_convolution_geometry *geometry,                \
                                                const float *products, int32_t group, int32_t channel_begin,                 \
                                                int32_t channel_count, int32_t filter_begin, int32_t filter_count,           \
                                                float *filter_gradient))                                                     \
    KERNEL(bias_activation, (const nativecnn_activation *activation, const float *bias, int64_t row_count,                   \
                             int64_t column_count, int64_t stride, float *values))                                           \
    KERNEL(column_sums, (const float *values, int64_t row_count, int64_t column_count, float *sums))                         \
    KERNEL(max_pooling_forward, (const nativecnn_pooling_geometry *geometry, const float *input, int64_t row_begin,          \
                                 int64_t row_count, float *output, void *argmax))                                            \
    KERNEL(max_pooling_backward, (const nativecnn_pooling_geometry *geometry, const float *output_gradient,                  \
                                  const void *argmax, int64_t row_begin, int64_t row_count, float *input_gradient))          \
    KERNEL(average_pooling_forward, (const nativecnn_pooling_geometry *geometry, const float *input, int64_t row_begin,      \
                                     int64_t row_count, float *output))                                                      \
    KERNEL(average_pooling_backward, (const nativecnn_pooling_geometry *geometry, const float *output_gradient,              \
                                      int64_t row_begin, int64_t row_count, float *input_gradient))                          \
    KERNEL(local_response_norm_forward, (const nativecnn_local_response_norm *norm, const float *input,                      \
                                         int64_t pixel_count, int32_t channels, float *output, float *scale,                 \
                                         float *workspace))                                                                  \
    KERNEL(local_response_norm_backward, (const nativecnn_local_response_norm *norm, const float *input,                     \
                                          const float *scale, const float *output_gradient, int64_t pixel_count,             \
                                          int32_t channels, float *input_gradient, float *workspace))                        \
    KERNEL(activation_forward, (const nativecnn_activation *activation, const float *input, int64_t count, float *output))   \
    KERNEL(activation_backward, (const nativecnn_activation *activation, const float *output,                                \
                                 const float *output_gradient, int64_t count, float *input_gradient))                        \
    KERNEL(dropout_apply, (const nativecnn_dropout *dropout, const float *input, int64_t first, int64_t count,               \
                           float *output))                                                                                   \
    KERNEL(accumulate, (const float *values, int64_t count, float *accumulator))                                             \
    KERNEL(softmax_forward, (const float *logits, int64_t row_count, int32_t class_count, float *probabilities))             \
    KERNEL(softmax_backward, (const float *probabilities, const float *output_gradient, int64_t row_count,                   \
                              int32_t class_count, float *input_gradient))                                                   \
    KERNEL(softmax_cross_entropy, (const float *logits, const int32_t *labels, int64_t row_count, int32_t class_count,       \
                                   float scale, float *losses, float *logit_gradient))                                       \
    KERNEL(squared_error, (const float *output, const float *targets, int64_t row_count, int64_t column_count,               \
                           float factor, float scale, float *losses, float *output_gradient))                                \
    KERNEL(parameter_update, (const nativecnn_update *update, const float *gradient, int64_t count, float *first_moment, \
                              float *second_moment, float *values)) \
    KERNEL(dense_forward, (int64_t batch, int64_t units, int64_t inputs, const float *input, const float *weights, \
                           int64_t unit_begin, int64_t unit_count, float *output)) \
    KERNEL(dense_backward_data, (int64_t batch, int64_t units, int64_t inputs, const float *output_gradient, \
                                 const float *weights, int64_t input_begin, int64_t input_count, float *input_gradient)) \
    KERNEL(dense_update, (const nativecnn_update *update, const nativecnn_dense_geometry *geometry, const float *input, \
                          const float *output_gradient, nativecnn_range units, float *first_moment, float *second_moment, \
                          float *weights))
/* clang-format on */

typedef struct kernel_table {
    nativecnn_instruction_set instruction_set;
#define MEMBER(name, parameters) void(*name) parameters;
    KERNELS(MEMBER)
#undef MEMBER
} kernel_table;

extern const kernel_table kernel_table_baseline;
#if defined(NATIVECNN_HAVE_AVX2)
extern const kernel_table kernel_table_avx2;
#endif
#if defined(NATIVECNN_HAVE_AVX512)
extern const kernel_table kernel_table_avx512;
#endif

/* The table in use. */
const kernel_table *kernels_in_use(void);

#if defined(NATIVECNN_VARIANT)
#define JOIN_EXPANDED(name, variant) name##_##variant
#define JOIN(name, variant) JOIN_EXPANDED(name, variant)

/* The name of a kernel, or of its table, in the instruction set that this file is being compiled for. */
#define VARIANT(name) JOIN(name, NATIVECNN_VARIANT)

#define DECLARE(name, parameters) void VARIANT(name) parameters;
KERNELS(DECLARE)
#undef DECLARE
#endif

#endif
