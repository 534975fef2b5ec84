/*
 * nativecnn.h - the one public header of the shim: the kernels that BLAS has no word for.
 *
 * Every kernel is a single-threaded function over a range: pointers, sizes and a range come in, a status goes out. The
 * shim starts no thread, owns no memory and keeps no state but the instruction set that was chosen at its first use.
 * Calls with disjoint ranges may run at once. Activations are batch x height x width x channels (NHWC), contiguous
 * float32; filters are output channels x kernel height x kernel width x input channels. Every function checks its
 * arguments before it touches memory, and returns NATIVECNN_OK or writes nothing.
 */
#ifndef NATIVECNN_H
#define NATIVECNN_H

#include "nativecnn_activation_kind.g.h"

#include <stdint.h>

#if defined(_WIN32)
#if defined(NATIVECNN_BUILD)
#define NATIVECNN_API __declspec(dllexport)
#else
#define NATIVECNN_API __declspec(dllimport)
#endif
#else
#define NATIVECNN_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Raised whenever a signature, a struct or the meaning of an argument changes. */
#define NATIVECNN_ABI_VERSION 8

/* What every function returns that can refuse its arguments. */
typedef enum nativecnn_status {
    NATIVECNN_OK = 0,
    /* A pointer that must not be null is null. */
    NATIVECNN_NULL_POINTER = 1,
    /* A geometry contradicts itself: a size below 1, an output size that the input does not give, an overflow. */
    NATIVECNN_BAD_GEOMETRY = 2,
    /* A range is negative or reaches past the end of what the geometry describes. */
    NATIVECNN_BAD_RANGE = 3,
    /* Another argument is outside what the function documents. */
    NATIVECNN_BAD_ARGUMENT = 4,
    /* This processor or build cannot do what was asked. */
    NATIVECNN_UNSUPPORTED = 5
} nativecnn_status;

/* The variants in which every kernel is built. */
typedef enum nativecnn_instruction_set {
    /* Plain C for the target's baseline (SSE2 on x86-64, NEON on arm64). */
    NATIVECNN_BASELINE = 0,
    /* AVX2 with FMA, 8 floats wide. */
    NATIVECNN_AVX2 = 1,
    /* AVX-512 F, DQ, BW and VL, 16 floats wide. */
    NATIVECNN_AVX512 = 2
} nativecnn_instruction_set;

/* The rules by which optimisers update a parameter w from its gradient g; the other names are the fields of
 * nativecnn_update, and v, m and s are kept from step to step, 0 before the first. */
typedef enum nativecnn_update_kind {
    /* v = momentum v + (g + weight_decay w); w = w - learning_rate v. The first moment is v. */
    NATIVECNN_UPDATE_SGD = 0,
    /* d = g + weight_decay w; v = momentum v + d; w = w - learning_rate (d + momentum v). The first moment is v. */
    NATIVECNN_UPDATE_NESTEROV = 1,
    /* d = g + weight_decay w; m = momentum m + (1 - momentum) d; s = beta2 s + (1 - beta2) d^2; w = w - learning_rate
     * (correction1 m) / (sqrt(correction2 s) + epsilon). The first moment is m, the second s. */
    NATIVECNN_UPDATE_ADAM = 2,
    /* m and s as for Adam with d = g; w = (1 - learning_rate weight_decay) w, then w less the same quotient. */
    NATIVECNN_UPDATE_ADAMW = 3,
    /* d = g + weight_decay w; s = beta2 s + (1 - beta2) d^2; v = momentum v + d / (sqrt(s) + epsilon); w = w -
     * learning_rate v. The first moment is v, the second s. */
    NATIVECNN_UPDATE_RMSPROP = 4,
    /* d = g + weight_decay w; s = s + d^2; w = w - learning_rate d / (sqrt(s) + epsilon). The second moment is s. */
    NATIVECNN_UPDATE_ADAGRAD = 5,
    /* d = g + weight_decay w; w = w - learning_rate d / (|s| + epsilon). The second moment is s, the weight's second
     * derivative, which the caller estimates and the step leaves as it is. */
    NATIVECNN_UPDATE_DIAGONAL = 6
} nativecnn_update_kind;

/* A part of what is counted from 0, such as rows, channels or units: begin, begin + 1, ..., begin + count - 1. */
typedef struct nativecnn_range {
    int64_t begin;
    int64_t count;
} nativecnn_range;

/* A convolution's sizes. Sizes are in elements, pads may be negative (a crop). */
typedef struct nativecnn_convolution_geometry {
    int32_t batch_size;
    int32_t height;
    int32_t width;
    /* Input channels, over all groups. */
    int32_t channels;
    /* Output channels, over all groups. */
    int32_t filters;
    int32_t kernel_height;
    int32_t kernel_width;
    int32_t stride_y;
    int32_t stride_x;
    int32_t dilation_y;
    int32_t dilation_x;
    int32_t pad_top;
    int32_t pad_left;
    int32_t pad_bottom;
    int32_t pad_right;
    int32_t groups;
    /* floor((height + pad_top + pad_bottom - dilation_y (kernel_height - 1) - 1) / stride_y) + 1 */
    int32_t output_height;
    int32_t output_width;
} nativecnn_convolution_geometry;

/* A pooling's sizes. Pads are 0 or more and smaller than the window. */
typedef struct nativecnn_pooling_geometry {
    int32_t batch_size;
    int32_t height;
    int32_t width;
    int32_t channels;
    int32_t window_height;
    int32_t window_width;
    int32_t stride_y;
    int32_t stride_x;
    int32_t pad_top;
    int32_t pad_left;
    int32_t pad_bottom;
    int32_t pad_right;
    /* floor((height + pad_top + pad_bottom + overhang_bottom - window_height) / stride_y) + 1 */
    int32_t output_height;
    int32_t output_width;
    /* Average pooling: 1 divides every window by its area on image and padding, 0 by the elements inside the image. */
    int32_t count_padding;
    /* By how much the last windows reach beyond the padding, which counts nowhere: 0, or more where sizes are rounded
     * up. Less than the window together with the padding there. */
    int32_t overhang_bottom;
    int32_t overhang_right;
} nativecnn_pooling_geometry;

/* A dense layer's sizes, 0 or more: input is batch x inputs, weights are units x inputs, output is batch x units. */
typedef struct nativecnn_dense_geometry {
    int32_t batch_size;
    int32_t units;
    int32_t inputs;
} nativecnn_dense_geometry;

/* A non-linearity and its constants, which are finite where the formula has them. */
typedef struct nativecnn_activation {
    /* A nativecnn_activation_kind. */
    int32_t kind;
    float alpha;
    float beta;
} nativecnn_activation;

/* A dropout mask, recomputed from these numbers wherever it is needed. */
typedef struct nativecnn_dropout {
    /* The mask's key: element i is kept if the i-th random number of this key is at least probability. */
    uint64_t key;
    /* The probability of an element being dropped, 0 <= probability < 1. Kept elements are scaled by 1 / (1 -
     * probability).
     */
    float probability;
    int32_t reserved;
} nativecnn_dropout;

/* One step of an optimiser: a rule and its constants, which are finite where the rule has them. */
typedef struct nativecnn_update {
    /* A nativecnn_update_kind. */
    int32_t kind;
    float learning_rate;
    float weight_decay;
    /* The part of the first moment that a step keeps; Adam's beta1, and then 0 <= momentum < 1. */
    float momentum;
    /* Adam and RMSProp: the part of the second moment that a step keeps, 0 <= beta2 < 1. */
    float beta2;
    /* Adam, RMSProp and Adagrad: epsilon > 0. */
    float epsilon;
    /* Adam only: 1 / (1 - momentum^t) in step t = 1, 2, ..., above 0. */
    float correction1;
    /* Adam only: 1 / (1 - beta2^t), above 0. */
    float correction2;
} nativecnn_update;

/* Local response normalisation: y_c = x_c / (k + alpha / size * sum of x_j^2)^beta, j over a window of size channels
 * around c. */
typedef struct nativecnn_local_response_norm {
    /* Channels of the window, size >= 1: c - size / 2 to c + (size - 1) / 2, whole divisions; those that do not exist
     * count as 0. */
    int32_t size;
    /* alpha >= 0; it is divided by size. */
    float alpha;
    float beta;
    /* k > 0 */
    float k;
} nativecnn_local_response_norm;

/* ---- library ---- */

/* The value of NATIVECNN_ABI_VERSION that the library was built with. */
NATIVECNN_API int32_t nativecnn_abi_version(void);

/* A hash of the layout of one of this header's structs, by its place among them from 0 on, which the caller compares
 * with its own before it trusts the library; 0 past the last. It is FNV-1a over the letters of each field's name, its
 * offset and its size, and over the struct's size at the end, each one step. */
NATIVECNN_API uint64_t nativecnn_struct_layout(int32_t place);

/* The instruction set in use: the best that this processor has, unless the environment variable
 * NATIVECNN_INSTRUCTION_SET (baseline, avx2 or avx512) asked for a lower one at the library's first use; any other
 * value asks for nothing. */
NATIVECNN_API nativecnn_instruction_set nativecnn_instruction_set_in_use(void);

/* The best instruction set that this processor, its operating system and this build have. */
NATIVECNN_API nativecnn_instruction_set nativecnn_best_instruction_set(void);

/* Changes the instruction set in use; for tests. No kernel may be running. */
NATIVECNN_API nativecnn_status nativecnn_use_instruction_set(nativecnn_instruction_set instruction_set);

/* Makes this thread flush denormal numbers to zero; returns the state to give back to nativecnn_restore_denormals. */
NATIVECNN_API uint64_t nativecnn_flush_denormals(void);

/* Gives this thread the state that nativecnn_flush_denormals returned. */
NATIVECNN_API void nativecnn_restore_denormals(uint64_t state);

/* Runs rounds of independent fused multiply-adds in registers and writes the number of floating-point operations that
 * it did (an FMA counts two) to operations[0]; the caller times it. rounds >= 1. */
NATIVECNN_API nativecnn_status nativecnn_probe_fma(int64_t rounds, double *operations);

/* ---- convolution ---- */

/* Writes the patches of a range of output pixels as rows of a matrix.
 *
 * Row r is the output pixel (n, y, x) with r = (n output_height + y) output_width + x. Column k is the filter tap (i,
 * j, c) with k = (i kernel_width + j) (channels / groups) + c; its value is input[n, y stride_y + i dilation_y -
 * pad_top, x stride_x + j dilation_x - pad_left, group (channels / groups) + c], or 0 outside the image. pixels is a
 * range of rows, taps one of columns. columns: pixels.count x taps.count, contiguous. */
NATIVECNN_API nativecnn_status nativecnn_im2col(const nativecnn_convolution_geometry *geometry, const float *input,
                                                int32_t group, nativecnn_range pixels, nativecnn_range taps,
                                                float *columns);

/* The adjoint of nativecnn_im2col over whole images: adds the rows of a range of images into input_gradient (batch x
 * height x width x channels, of which only these images and this group's channels are touched). columns: (images.count
 * output_height output_width) x (kernel_height kernel_width channels / groups). */
NATIVECNN_API nativecnn_status nativecnn_col2im(const nativecnn_convolution_geometry *geometry, const float *columns,
                                                int32_t group, nativecnn_range images, float *input_gradient);

/* Writes one group's filters flipped in both directions with input and output channels exchanged, as backward-data uses
 * them: flipped[c, i, j, o] = filters[group (filters / groups) + o, kernel_height - 1 - i, kernel_width - 1 - j, c],
 * for a range of input channels c. flipped: (channels / groups) x kernel_height x kernel_width x (filters / groups), of
 * which only the range is written. */
NATIVECNN_API nativecnn_status nativecnn_flip_filters(const nativecnn_convolution_geometry *geometry,
                                                      const float *filters, int32_t group, nativecnn_range channels,
                                                      float *flipped);

/* Finishes a tile of a product: values[r, c] = f(values[r, c] + bias[c]) for row_count rows of column_count values that
 * lie stride >= column_count apart. bias may be null (no bias). */
NATIVECNN_API nativecnn_status nativecnn_bias_activation(const nativecnn_activation *activation, const float *bias,
                                                         int64_t row_count, int64_t column_count, int64_t stride,
                                                         float *values);

/* Adds the column sums of a contiguous row_count x column_count matrix to sums[column_count]: a bias gradient. */
NATIVECNN_API nativecnn_status nativecnn_column_sums(const float *values, int64_t row_count, int64_t column_count,
                                                     float *sums);

/* ---- direct convolution ----
 *
 * Convolution as sums in registers: a block of pixels times a panel of 16 filters, read where they lie. No matrix of
 * patches is written, and nothing but the filters is rearranged.
 *
 * Packed filters are panels of NATIVECNN_PANEL filters: packed[p, t, f] belongs to filter 16 p + f of the group and to
 * the tap t = (i kernel_width + j) (channels / groups) + c. Backward-data takes them flipped in both directions with
 * input and output channels exchanged: packed[p, t, f] = filters[o, kernel_height - 1 - i, kernel_width - 1 - j, 16 p +
 * f], where t = (i kernel_width + j) (filters / groups) + o. The last panel is filled up with zeros. One buffer holds
 * one group. */

/* The filters of one panel, for every instruction set. */
#define NATIVECNN_PANEL 16

/* The floats of one group's packed filters, of backward-data (1) or else of forward (0), which are also the floats of
 * one partial sum of nativecnn_direct_filter_gradient; 0 for a bad geometry or a backward_data that is neither. */
NATIVECNN_API int64_t nativecnn_direct_filters_size(const nativecnn_convolution_geometry *geometry,
                                                    int32_t backward_data);

/* Writes a range of panels of one group's packed filters. There are
 * ceil(filters / groups / NATIVECNN_PANEL) panels; with backward_data 1, ceil(channels / groups / NATIVECNN_PANEL). */
NATIVECNN_API nativecnn_status nativecnn_direct_pack_filters(const nativecnn_convolution_geometry *geometry,
                                                             const float *filters, int32_t group, int32_t backward_data,
                                                             nativecnn_range panels, float *packed);

/* output[n, y, x, o] = f(bias[o] + sum of filters times input) for a range of output rows (row r is n output_height +
 * y) and the filters of a range of panels of a group. A sum is added up in parts of at most 256 taps, the same for
 * every pixel whatever the range: t taps are off by at most (258 + t / 32) 2^-24 of the sum of |products|. packed: the
 * group's filters, packed with backward_data 0. bias: filters values, or null (no bias). */
NATIVECNN_API nativecnn_status nativecnn_direct_forward(const nativecnn_convolution_geometry *geometry,
                                                        const float *input, const float *packed, const float *bias,
                                                        const nativecnn_activation *activation, int32_t group,
                                                        nativecnn_range rows, nativecnn_range panels, float *output);

/* The input gradient for a range of input rows (row r is n height + y) and the input channels of a range of panels of a
 * group, for every stride and dilation. Overwrites the range. packed: the group's filters, packed with backward_data 1.
 */
NATIVECNN_API nativecnn_status nativecnn_direct_backward_data(const nativecnn_convolution_geometry *geometry,
                                                              const float *output_gradient, const float *packed,
                                                              int32_t group, nativecnn_range rows,
                                                              nativecnn_range panels, float *input_gradient);

/* The filter gradient of a range of output rows (row r is n output_height + y) for a range of panels of a group's
 * filters, in the layout of packed filters (backward_data 0). accumulate 1 adds it to gradient, 0 overwrites the
 * panels, also if the range has no rows. The filters that fill up the last panel get zeros. */
NATIVECNN_API nativecnn_status nativecnn_direct_filter_gradient(const nativecnn_convolution_geometry *geometry,
                                                                const float *input, const float *output_gradient,
                                                                int32_t group, nativecnn_range rows,
                                                                nativecnn_range panels, int32_t accumulate,
                                                                float *gradient);

/* Adds gradient_count >= 0 gradients of nativecnn_direct_filter_gradient, which lie one behind the other in gradients,
 * to the filters of a range of panels of a group: filter_gradient[o, i, j, c] += sum over gradients, first to last. */
NATIVECNN_API nativecnn_status nativecnn_direct_unpack_gradient(const nativecnn_convolution_geometry *geometry,
                                                                const float *gradients, int32_t gradient_count,
                                                                int32_t group, nativecnn_range panels,
                                                                float *filter_gradient);

/* ---- products in blocks ----
 *
 * What convolution multiplies over rows of patches: by filters that were packed once, and by output gradients. Matrices
 * are row-major; strides are the floats from one row to the next. */

/* result[r, c] = f((accumulate ? result[r, c] : bias[c]) + sum over k of left[r, k] panels[c / 16, k, c % 16]) for
 * row_count rows of inner_count values and column_count columns. panels: panels of NATIVECNN_PANEL columns such as
 * nativecnn_direct_pack_filters writes, or inner_count taps of them, panel_stride >= 16 inner_count floats from one to
 * the next, the last one filled up with zeros. A sum is added up in parts of at most 256 entries, the same for every
 * row whatever the others: n entries are off by at most (258 + n / 256) 2^-24 of the sum of |products|. bias:
 * column_count values, or null (no bias); not read with accumulate 1. inner_count and column_count >= 1. */
NATIVECNN_API nativecnn_status nativecnn_blocked_product(int64_t row_count, int64_t inner_count, int32_t column_count,
                                                         const float *left, int64_t left_stride, const float *panels,
                                                         int64_t panel_stride, const float *bias,
                                                         const nativecnn_activation *activation, int32_t accumulate,
                                                         float *result, int64_t result_stride);

/* gradient[f, t] = (accumulate 1: +=) sum over pixels p of output_gradient[p, f] columns[p, t], added up in parts of at
 * most 192 pixels whose bounds follow from pixel_count, one after the other. filter_count and tap_count >= 1. */
NATIVECNN_API nativecnn_status nativecnn_blocked_gradient(int64_t pixel_count, int32_t filter_count, int64_t tap_count,
                                                          const float *output_gradient, int64_t output_stride,
                                                          const float *columns, int64_t column_stride,
                                                          int32_t accumulate, float *gradient, int64_t gradient_stride);

/* ---- depthwise convolution ----
 *
 * Direct convolution with one channel and one filter per group: filters, channels and groups are equal, which every
 * function here requires (else NATIVECNN_BAD_GEOMETRY). Packed filters are taps times channels: packed[i, j, c] =
 * filters[c, i, j]; as many floats as there are filters, the same for forward and backward-data. */

NATIVECNN_API nativecnn_status nativecnn_depthwise_pack_filters(const nativecnn_convolution_geometry *geometry,
                                                                const float *filters, float *packed);

/* output[n, y, x, c] = f(bias[c] + sum of packed[., ., c] times input[n, ., ., c]) for a range of output rows (row r is
 * n output_height + y). bias: channels values, or null (no bias). */
NATIVECNN_API nativecnn_status nativecnn_depthwise_forward(const nativecnn_convolution_geometry *geometry,
                                                           const float *input, const float *packed, const float *bias,
                                                           const nativecnn_activation *activation, nativecnn_range rows,
                                                           float *output);

/* The input gradient for a range of input rows (row r is n height + y). Overwrites the range. */
NATIVECNN_API nativecnn_status nativecnn_depthwise_backward_data(const nativecnn_convolution_geometry *geometry,
                                                                 const float *output_gradient, const float *packed,
                                                                 nativecnn_range rows, float *input_gradient);

/* The filter gradient of a range of output rows (row r is n output_height + y), in the layout of packed filters.
 * accumulate 1 adds it to gradient, 0 overwrites. */
NATIVECNN_API nativecnn_status nativecnn_depthwise_filter_gradient(const nativecnn_convolution_geometry *geometry,
                                                                   const float *input, const float *output_gradient,
                                                                   nativecnn_range rows, int32_t accumulate,
                                                                   float *gradient);

/* Adds gradient_count >= 0 gradients of nativecnn_depthwise_filter_gradient, which lie one behind the other in
 * gradients: filter_gradient[c, i, j] += sum over gradients, first to last. */
NATIVECNN_API nativecnn_status nativecnn_depthwise_unpack_gradient(const nativecnn_convolution_geometry *geometry,
                                                                   const float *gradients, int32_t gradient_count,
                                                                   float *filter_gradient);

/* ---- convolution in small groups ----
 *
 * Direct convolution in groups of 2, 4, 8, 16 or 32 channels and as many filters, several groups beside each other in a
 * vector. Channels are a multiple of NATIVECNN_PANEL, kernels 3 x 3 or 5 wide, stride_x is 1 or 2 and dilation_x 1;
 * what differs is NATIVECNN_BAD_GEOMETRY.
 *
 * Panel p is the channels 16 p to 16 p + 15 of inputs and outputs. With G channels in a group, packed[p, i, j, r, l]
 * belongs to the channel c = 16 p + l and to c ^ r, for r = 0 ... G - 1: of forward it is filters[c, i, j, (c ^ r) %
 * G], of backward-data filters[c ^ r, i, j, c % G]. */

/* The floats of packed filters, which are as many as there are filters, and of one partial sum of
 * nativecnn_grouped_filter_gradient; 0 for a geometry that the functions here refuse. */
NATIVECNN_API int64_t nativecnn_grouped_filters_size(const nativecnn_convolution_geometry *geometry);

/* Writes a range of panels of the packed filters of backward-data (1) or else of forward (0). */
NATIVECNN_API nativecnn_status nativecnn_grouped_pack_filters(const nativecnn_convolution_geometry *geometry,
                                                              const float *filters, int32_t backward_data,
                                                              nativecnn_range panels, float *packed);

/* output[n, y, x, o] = f(bias[o] + sum of filters times input) for a range of output rows (row r is n output_height +
 * y) and the filters of a range of panels. Kernel rows are summed by themselves where all taps are more than 256. bias:
 * filters values, or null (no bias). */
NATIVECNN_API nativecnn_status nativecnn_grouped_forward(const nativecnn_convolution_geometry *geometry,
                                                         const float *input, const float *packed, const float *bias,
                                                         const nativecnn_activation *activation, nativecnn_range rows,
                                                         nativecnn_range panels, float *output);

/* The input gradient for a range of input rows (row r is n height + y) and the channels of a range of panels.
 * Overwrites the range. packed: packed with backward_data 1. */
NATIVECNN_API nativecnn_status nativecnn_grouped_backward_data(const nativecnn_convolution_geometry *geometry,
                                                               const float *output_gradient, const float *packed,
                                                               nativecnn_range rows, nativecnn_range panels,
                                                               float *input_gradient);

/* The filter gradient of a range of output rows (row r is n output_height + y) for a range of panels, in the layout of
 * packed filters (backward_data 0). accumulate 1 adds it to gradient, 0 overwrites the panels. */
NATIVECNN_API nativecnn_status nativecnn_grouped_filter_gradient(const nativecnn_convolution_geometry *geometry,
                                                                 const float *input, const float *output_gradient,
                                                                 nativecnn_range rows, nativecnn_range panels,
                                                                 int32_t accumulate, float *gradient);

/* Adds gradient_count >= 0 gradients of nativecnn_grouped_filter_gradient, which lie one behind the other in gradients,
 * to the filters of a range of panels: filter_gradient += sum over gradients, first to last. */
NATIVECNN_API nativecnn_status nativecnn_grouped_unpack_gradient(const nativecnn_convolution_geometry *geometry,
                                                                 const float *gradients, int32_t gradient_count,
                                                                 nativecnn_range panels, float *filter_gradient);

/* ---- convolution by Winograd's algorithm ----
 *
 * A convolution with stride 1 and dilation 1 as products per tile (A. Lavin, S. Gray, Fast Algorithms for Convolutional
 * Neural Networks, 2016). The output is cut into tiles of m x m pixels; tile t of the image n is (n rows + row) columns
 * + column, with rows = ceil(output_height / m) and columns = ceil(output_width / m). A tile depends on an input tile
 * of (m + r - 1) x (m + r - 1) pixels; kind says m and r, and P = (m + r - 1)^2 is the number of points:
 *
 *   forward          Y = A' [(G w G') . (B' x B)] A, summed over channels:
 *                    filter_transform, input_transform, product, output_transform
 *   backward-data    as a forward convolution of the output gradient with flipped filters, whose geometry has
 *                    filters and channels, and input and output sizes, exchanged, and the pads r - 1 - pad;
 *                    filter_transform takes the forward convolution's geometry and filters, and flips them
 *                    or as the adjoint of forward: dx = sum over tiles of B [(A dy A') . (G w G')] B', summed over
 *                    filters: filter_transform (adjoint), output_gradient_transform, product, input_gradient_transform;
 *                    it has fewer tiles where pads are small, and they overlap in dx
 *   backward-filter  dw = G' [sum over tiles of (B' x B) . (A dy A')] G:
 *                    input_transform, output_gradient_transform, gradient_product, filter_gradient_transform
 *
 * The points of the kinds with P = 36 are 0, +-5/8, +-3/2 and infinity, which give less than half the rounding error of
 * 0, +-1, +-2 and infinity (B. Barabasz et al., Error Analysis and Improving the Accuracy of Winograd Convolution,
 * 2020); for P = 16 they are 0, +-1 and infinity, for P = 64 0, +-1/2, +-1, +-2 and infinity.
 *
 * The error, for every finite input that neither overflows nor underflows on the way, is at most
 *
 *   A (34 + min(n, 256) + ceil(n / 256)) 2^-24 S
 *
 *   n                forward: the input channels of a group; adjoint: its filters, and 9 for tiles that overlap;
 *                    backward-filter: the tiles of one call of gradient_product, and 1 for every further call
 *   S                forward: the sum over the input channels of the largest |x| in the result's input tile times the
 *                    largest |w| of its filter; adjoint: the same of |dy| and |w|, over the filters and over the tiles
 *                    that reach the pixel; backward-filter: of |x| and |dy|, over the tiles
 *   A                max over a tile's results of the sum over points of |A'| |G| |B'|, rows of G and B' added up:
 *
 *                    kind     forward, flipped   adjoint   backward-filter
 *                    4X4_3X3               564       430               803
 *                    2X2_3X3                64        49                36
 *                    2X2_5X5              1132       333               363
 *                    4X4_5X5              7531      6688              5964
 *
 * 34 are the roundings of a term in the three transforms (16 per axis at most, with or without fused multiply-adds), in
 * its product and where the result is added; the product's sum is made in parts of 256. It is a bound for the worst
 * case, in which all roundings add up: of values of one sign, equal values, random signs and outliers of 10^4 the worst
 * found came to 1/50 of it. No multiple of a result's own sum of |products| is a bound, since a tile mixes pixels and
 * taps that never meet in the definition; measured in 2^-24 of the largest such sum of a pass, those inputs were off by
 * up to 302 (4X4_5X5), 79 (4X4_3X3), 71 (2X2_5X5) and 46 (2X2_3X3), random numbers by less than 96, 24, 24 and 6.
 *
 * A value that is not finite does not stay where it is: a NaN in a tile makes the whole tile NaN, in all channels or
 * filters that it is summed into, and an infinity does too, since the transforms subtract it from itself. The other
 * algorithms of this library have both where the definition has them, and a NaN where an infinite weight meets padding.
 *
 * Buffers, all float32, whose sizes nativecnn_winograd_tiles_size and nativecnn_winograd_filters_size give:
 *   tiles     [ceil(channels / 64)] [P] [tile_count x 64 channels, then 16 unused floats]: transformed tiles and their
 *             products; the unused floats keep the points out of each other's cache sets
 *   filters   [ceil(columns / 16)] [ceil(rows / 16)] [P] [16 rows] [16 columns]: transformed filters, the rows being
 *             the input channels and the columns the output channels of the convolution that is computed
 *   filter gradients have the same form with output channels as rows and input channels as columns.
 * Every buffer holds only the range that a call names, starting at its first float. A geometry that kind cannot do is
 * NATIVECNN_BAD_GEOMETRY, an unknown kind NATIVECNN_BAD_ARGUMENT. Channels and filters are counted within the group. */

typedef enum nativecnn_winograd_kind {
    /* Tiles of 4 x 4 for 3 x 3 filters: P = 36, 4 times fewer products than the direct convolution. */
    NATIVECNN_WINOGRAD_4X4_3X3 = 0,
    /* Tiles of 2 x 2 for 3 x 3 filters: P = 16, 2.25 times fewer products. */
    NATIVECNN_WINOGRAD_2X2_3X3 = 1,
    /* Tiles of 2 x 2 for 5 x 5 filters: P = 36, 2.8 times fewer products. */
    NATIVECNN_WINOGRAD_2X2_5X5 = 2,
    /* Tiles of 4 x 4 for 5 x 5 filters: P = 64, 6.25 times fewer products. */
    NATIVECNN_WINOGRAD_4X4_5X5 = 3
} nativecnn_winograd_kind;

/* The number of tiles of a convolution over its whole batch; 0 if kind cannot do it. */
NATIVECNN_API int64_t nativecnn_winograd_tile_count(nativecnn_winograd_kind kind,
                                                    const nativecnn_convolution_geometry *geometry);

/* The floats of a tiles buffer; 0 for an unknown kind, a count below 1 or more than memory can hold. */
NATIVECNN_API int64_t nativecnn_winograd_tiles_size(nativecnn_winograd_kind kind, int64_t tile_count, int32_t channels);

/* The floats of a filters buffer; 0 for an unknown kind, a count below 1 or more than memory can hold. */
NATIVECNN_API int64_t nativecnn_winograd_filters_size(nativecnn_winograd_kind kind, int32_t rows, int32_t columns);

/* How the filters enter the products. */
typedef enum nativecnn_winograd_filters {
    /* Forward: the columns are output channels. */
    NATIVECNN_WINOGRAD_FILTERS_FORWARD = 0,
    /* Backward-data as a forward convolution: the columns are input channels, the filters flipped both ways. */
    NATIVECNN_WINOGRAD_FILTERS_FLIPPED = 1,
    /* Backward-data as the adjoint: the columns are input channels, the filters as they are. */
    NATIVECNN_WINOGRAD_FILTERS_ADJOINT = 2
} nativecnn_winograd_filters;

/* Writes G w G' for one group and a range of columns. geometry is the forward convolution's, whatever the form; an
 * unknown one is NATIVECNN_BAD_ARGUMENT. transformed: a filters buffer of columns.count columns. */
NATIVECNN_API nativecnn_status nativecnn_winograd_filter_transform(nativecnn_winograd_kind kind,
                                                                   const nativecnn_convolution_geometry *geometry,
                                                                   const float *filters, int32_t group,
                                                                   nativecnn_winograd_filters form,
                                                                   nativecnn_range columns, float *transformed);

/* Writes B' x B for a range of tiles and of input channels. Pixels outside the image are 0.
 * transformed: a tiles buffer of tiles.count tiles and channels.count channels. */
NATIVECNN_API nativecnn_status nativecnn_winograd_input_transform(nativecnn_winograd_kind kind,
                                                                  const nativecnn_convolution_geometry *geometry,
                                                                  const float *input, int32_t group,
                                                                  nativecnn_range tiles, nativecnn_range channels,
                                                                  float *transformed);

/* products[p] = tiles[p] filters[p] for each point: V[tile_count x channel_count] . U[channel_count x filter_count] ->
 * M[tile_count x filter_count]. tiles and products: tiles buffers of channel_count and of filter_count channels;
 * filters: a filters buffer. products overlaps neither. */
NATIVECNN_API nativecnn_status nativecnn_winograd_product(nativecnn_winograd_kind kind, int64_t tile_count,
                                                          int32_t channel_count, int32_t filter_count,
                                                          const float *tiles, const float *filters, float *products);

/* Writes output = f(A' M A + bias) for a range of tiles and of filters. products: a tiles buffer of filters.count
 * channels; bias: one value per filter of the whole convolution, or null. */
NATIVECNN_API nativecnn_status nativecnn_winograd_output_transform(
    nativecnn_winograd_kind kind, const nativecnn_convolution_geometry *geometry, const float *products, int32_t group,
    nativecnn_range tiles, nativecnn_range filters, const float *bias, const nativecnn_activation *activation,
    float *output);

/* Writes A dy A' for a range of tiles and of filters. Pixels outside the image are 0. transformed: a tiles buffer of
 * tiles.count tiles and filters.count channels. */
NATIVECNN_API nativecnn_status nativecnn_winograd_output_gradient_transform(
    nativecnn_winograd_kind kind, const nativecnn_convolution_geometry *geometry, const float *output_gradient,
    int32_t group, nativecnn_range tiles, nativecnn_range filters, float *transformed);

/* Adds B M B' for a range of tiles and of input channels to the input gradient; what lies outside the image is dropped.
 * Tiles of one image overlap: not to be called for the same image and channels from two threads at once. products: a
 * tiles buffer of channels.count channels. */
NATIVECNN_API nativecnn_status nativecnn_winograd_input_gradient_transform(
    nativecnn_winograd_kind kind, const nativecnn_convolution_geometry *geometry, const float *products, int32_t group,
    nativecnn_range tiles, nativecnn_range channels, float *input_gradient);

/* products[p] = gradient_tiles[p]' tiles[p] for a range of the P points, added to products if accumulate is 1:
 * D'[filter_count x tile_count] . V[tile_count x channel_count] -> dU[filter_count x channel_count]. products: a
 * filters buffer of filter_count rows and channel_count columns, which overlaps neither operand; the values of other
 * points stay as they are. */
NATIVECNN_API nativecnn_status nativecnn_winograd_gradient_product(nativecnn_winograd_kind kind, int64_t tile_count,
                                                                   int32_t channel_count, int32_t filter_count,
                                                                   const float *tiles, const float *gradient_tiles,
                                                                   nativecnn_range points, int32_t accumulate,
                                                                   float *products);

/* Adds G' dU G to the filter gradient for a range of input channels and of filters. products: a filters buffer of
 * filters.count rows and channels.count columns. */
NATIVECNN_API nativecnn_status nativecnn_winograd_filter_gradient_transform(
    nativecnn_winograd_kind kind, const nativecnn_convolution_geometry *geometry, const float *products, int32_t group,
    nativecnn_range channels, nativecnn_range filters, float *filter_gradient);

/* ---- dense layers ----
 *
 * Products of weights (units x inputs) with a batch: input is batch x inputs, output batch x units; all counts are at
 * least 0. */

/* output[n, o] = sum over k of input[n, k] weights[o, k] for a range of units o. Each sum is added in the same order
 * whatever the range. */
NATIVECNN_API nativecnn_status nativecnn_dense_forward(const nativecnn_dense_geometry *geometry, const float *input,
                                                       const float *weights, nativecnn_range units, float *output);

/* input_gradient[n, k] = sum over o of output_gradient[n, o] weights[o, k] for a range of inputs k. Each sum is added
 * in the same order whatever the range. */
NATIVECNN_API nativecnn_status nativecnn_dense_backward_data(const nativecnn_dense_geometry *geometry,
                                                             const float *output_gradient, const float *weights,
                                                             nativecnn_range inputs, float *input_gradient);

/* ---- pooling ---- */

/* The bytes of one argmax index for a geometry: 1 if the window has at most 256 pixels, else 2; 0 for a bad geometry or
 * more than 65,536 pixels. */
NATIVECNN_API int32_t nativecnn_max_pooling_index_size(const nativecnn_pooling_geometry *geometry);

/* Max pooling of a range of output rows (row r is n output_height + y). Padding never wins. The first maximum in scan
 * order wins; a NaN counts as larger than every number. argmax (batch x output_height x output_width x channels indices
 * of nativecnn_max_pooling_index_size bytes) receives the maximum's index i window_width + j in its window; it may be
 * null. */
NATIVECNN_API nativecnn_status nativecnn_max_pooling_forward(const nativecnn_pooling_geometry *geometry,
                                                             const float *input, nativecnn_range rows, float *output,
                                                             void *argmax);

/* The input gradient of max pooling for a range of input rows (row r is n height + y): each output gradient goes to the
 * pixel that argmax names, alone. Overwrites the range. */
NATIVECNN_API nativecnn_status nativecnn_max_pooling_backward(const nativecnn_pooling_geometry *geometry,
                                                              const float *output_gradient, const void *argmax,
                                                              nativecnn_range rows, float *input_gradient);

/* Average pooling of a range of output rows (row r is n output_height + y). */
NATIVECNN_API nativecnn_status nativecnn_average_pooling_forward(const nativecnn_pooling_geometry *geometry,
                                                                 const float *input, nativecnn_range rows,
                                                                 float *output);

/* The input gradient of average pooling for a range of input rows (row r is n height + y). Overwrites the range. */
NATIVECNN_API nativecnn_status nativecnn_average_pooling_backward(const nativecnn_pooling_geometry *geometry,
                                                                  const float *output_gradient, nativecnn_range rows,
                                                                  float *input_gradient);

/* ---- normalisation ---- */

/* Local response normalisation of pixel_count pixels of channels values. scale (as many values as input) receives the
 * base of the power, s_c = k + alpha / size * sum of x_j^2, for the backward pass; it may be null. workspace: 3
 * channels floats. output may be input. */
NATIVECNN_API nativecnn_status nativecnn_local_response_norm_forward(const nativecnn_local_response_norm *norm,
                                                                     const float *input, int64_t pixel_count,
                                                                     int32_t channels, float *output, float *scale,
                                                                     float *workspace);

/* The input gradient of local response normalisation: dx_c = dy_c s_c^-beta - 2 alpha beta / size * x_c * sum of
 * dy_j x_j s_j^(-beta - 1), j over the channels whose window has c. input and scale are those of the forward pass;
 * workspace: 3 channels floats. input_gradient may be output_gradient. */
NATIVECNN_API nativecnn_status nativecnn_local_response_norm_backward(const nativecnn_local_response_norm *norm,
                                                                      const float *input, const float *scale,
                                                                      const float *output_gradient, int64_t pixel_count,
                                                                      int32_t channels, float *input_gradient,
                                                                      float *workspace);

/* The moments of each channel over row_count rows of channels values: the mean, means[c] + rests[c] of which means[c]
 * is the nearest float, and squares[c] = sum of (x - mean)^2. All are overwritten, and left as they are where there are
 * no rows. */
NATIVECNN_API nativecnn_status nativecnn_channel_moments(const float *values, int64_t row_count, int32_t channels,
                                                         float *means, float *rests, float *squares);

/* output[r, c] = (input[r, c] - means[c]) scales[c] + shifts[c]. output may be input. past_caches 1: output is
 * written to memory without being read first, where the processor can, which is faster for what is larger than the
 * caches and slower for all else, input itself above all; the values are those of past_caches 0. */
NATIVECNN_API nativecnn_status nativecnn_channel_normalize(const float *input, int64_t row_count, int32_t channels,
                                                           const float *means, const float *scales, const float *shifts,
                                                           float *output, int32_t past_caches);

/* output[r, c] = f of what nativecnn_channel_normalize computes. */
NATIVECNN_API nativecnn_status nativecnn_channel_normalize_activation(const nativecnn_activation *activation,
                                                                      const float *input, int64_t row_count,
                                                                      int32_t channels, const float *means,
                                                                      const float *scales, const float *shifts,
                                                                      float *output, int32_t past_caches);

/* Adds to sums[c] the sum over the rows of output_gradient[r, c], and to products[c] that of output_gradient[r, c]
 * (input[r, c] - means[c]). */
NATIVECNN_API nativecnn_status nativecnn_channel_gradient_sums(const float *input, const float *output_gradient,
                                                               int64_t row_count, int32_t channels, const float *means,
                                                               float *sums, float *products);

/* input_gradient[r, c] = output_gradient[r, c] scales[c] + shifts[c] + (input[r, c] - means[c]) slopes[c].
 * input_gradient may be output_gradient. past_caches: as nativecnn_channel_normalize. */
NATIVECNN_API nativecnn_status nativecnn_channel_gradient(const float *input, const float *output_gradient,
                                                          int64_t row_count, int32_t channels, const float *means,
                                                          const float *scales, const float *shifts, const float *slopes,
                                                          float *input_gradient, int32_t past_caches);

/* sums[p] = sum over c of first[p, c] second[p, c] for pixel_count pixels of channels values; without second that of
 * first[p, c]. second may be null, or first. */
NATIVECNN_API nativecnn_status nativecnn_pixel_products(const float *first, const float *second, int64_t pixel_count,
                                                        int32_t channels, float *sums);

/* output[p, c] = first[p, c] first_factors[p] + second[p, c] second_factors[p]. Without first_factors they are 1;
 * second may be null and is then 1, and so may be second and second_factors together, which are then 0. output may be
 * first or second. */
NATIVECNN_API nativecnn_status nativecnn_pixel_combine(const float *first, const float *first_factors,
                                                       const float *second, const float *second_factors,
                                                       int64_t pixel_count, int32_t channels, float *output);

/* ---- point-wise ---- */

/* output[i] = f(input[i]) for count elements. output may be input. */
NATIVECNN_API nativecnn_status nativecnn_activation_forward(const nativecnn_activation *activation, const float *input,
                                                            int64_t count, float *output);

/* input_gradient[i] = output_gradient[i] f'(x_i), computed from source: the output y_i = f(x_i) where
 * nativecnn_activation_kind has f' in terms of y, else the input. input_gradient may be output_gradient. */
NATIVECNN_API nativecnn_status nativecnn_activation_backward(const nativecnn_activation *activation,
                                                             const float *source, const float *output_gradient,
                                                             int64_t count, float *input_gradient);

/* output[i] = 0 if element elements.begin + i is dropped, whatever it was, an infinity and a NaN too; else input[i] /
 * (1 - probability). For elements.count elements. The same call is the backward pass. output may be input.
 *
 * The mask is the same on every machine: element e belongs to the pair p = e / 2; h = splitmix64(key + p
 * 0x9E3779B97F4A7C15), where splitmix64(z) is z ^= z >> 30, z *= 0xBF58476D1CE4E5B9, z ^= z >> 27, z *=
 * 0x94D049BB133111EB, z ^= z >> 31; an even e takes the low, an odd e the high 32 bits u of h; e is dropped if u <
 * floor(probability 2^32). */
NATIVECNN_API nativecnn_status nativecnn_dropout_apply(const nativecnn_dropout *dropout, const float *input,
                                                       nativecnn_range elements, float *output);

/* accumulator[i] += values[i] for count elements. */
NATIVECNN_API nativecnn_status nativecnn_accumulate(const float *values, int64_t count, float *accumulator);

/* ---- losses ---- */

/* Softmax of row_count rows of class_count logits: p_c = exp(z_c - max z) / sum. probabilities may be logits. */
NATIVECNN_API nativecnn_status nativecnn_softmax_forward(const float *logits, int64_t row_count, int32_t class_count,
                                                         float *probabilities);

/* The input gradient of softmax from its output p: p_c (g_c - sum_d p_d g_d). */
NATIVECNN_API nativecnn_status nativecnn_softmax_backward(const float *probabilities, const float *output_gradient,
                                                          int64_t row_count, int32_t class_count,
                                                          float *input_gradient);

/* Softmax cross-entropy of row_count rows with class indices labels: losses[r] = log(sum exp(z)) - z_label, and, unless
 * null, logit_gradient = scale (p - onehot(label)). A label outside 0 to class_count - 1 is NATIVECNN_BAD_ARGUMENT. */
NATIVECNN_API nativecnn_status nativecnn_softmax_cross_entropy(const float *logits, const int32_t *labels,
                                                               int64_t row_count, int32_t class_count, float scale,
                                                               float *losses, float *logit_gradient);

/* Squared error of row_count rows: losses[r] = factor sum (y - t)^2 and, unless null,
 * output_gradient = scale 2 factor (y - t). factor is 1/2 or 1. */
NATIVECNN_API nativecnn_status nativecnn_squared_error(const float *output, const float *targets, int64_t row_count,
                                                       int64_t column_count, float factor, float scale, float *losses,
                                                       float *output_gradient);

/* ---- optimisers ---- */

/* One step over count parameters: updates values and moments from gradient. first_moment may be null if momentum is 0
 * and the rule is not Adam, second_moment if the rule has none; a moment that the rule does not have is not touched. */
NATIVECNN_API nativecnn_status nativecnn_parameter_update(const nativecnn_update *update, const float *gradient,
                                                          int64_t count, float *first_moment, float *second_moment,
                                                          float *values);

/* How many inputs and units nativecnn_dense_update reads at a time. */
#define NATIVECNN_INPUT_BLOCK 64
#define NATIVECNN_UNIT_BLOCK 4

/* Columns of a matrix in blocks of width, each block's rows one after the other: packed[b, r, j] =
 * source[r, b width + j], and 0 past the last column, for a range of the ceil(columns / width) blocks b. Rows that lie
 * a large power of two apart drive each other out of the caches; packed they do not. */
NATIVECNN_API nativecnn_status nativecnn_pack_columns(int64_t row_count, int32_t column_count, int32_t width,
                                                      nativecnn_range blocks, const float *source, float *packed);

/* The weight gradient of a dense layer, dw[o, k] = sum over n of output_gradient[n, o] input[n, k], used for a step
 * where it is computed, for a range of units o. The moments have the weights' form; of both the range is updated, and
 * they are null as in nativecnn_parameter_update. If packed is 1, input and output_gradient are as
 * nativecnn_pack_columns writes them, with the widths above; 0 if they are not. The results are the same bits. */
NATIVECNN_API nativecnn_status nativecnn_dense_update(const nativecnn_update *update,
                                                      const nativecnn_dense_geometry *geometry, int32_t packed,
                                                      const float *input, const float *output_gradient,
                                                      nativecnn_range units, float *first_moment, float *second_moment,
                                                      float *weights);

#ifdef __cplusplus
}
#endif

#endif
