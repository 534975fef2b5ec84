/* Written from native/include/nativecnn.h by interop/generator. Change the header, then run ./build.sh generate. */

#if defined(NATIVECNN_STRUCT_TABLE)

static const struct_field nativecnn_range_fields[] = {
    FIELD(nativecnn_range, begin),
    FIELD(nativecnn_range, count),
};

static const struct_field nativecnn_convolution_geometry_fields[] = {
    FIELD(nativecnn_convolution_geometry, batch_size),
    FIELD(nativecnn_convolution_geometry, height),
    FIELD(nativecnn_convolution_geometry, width),
    FIELD(nativecnn_convolution_geometry, channels),
    FIELD(nativecnn_convolution_geometry, filters),
    FIELD(nativecnn_convolution_geometry, kernel_height),
    FIELD(nativecnn_convolution_geometry, kernel_width),
    FIELD(nativecnn_convolution_geometry, stride_y),
    FIELD(nativecnn_convolution_geometry, stride_x),
    FIELD(nativecnn_convolution_geometry, dilation_y),
    FIELD(nativecnn_convolution_geometry, dilation_x),
    FIELD(nativecnn_convolution_geometry, pad_top),
    FIELD(nativecnn_convolution_geometry, pad_left),
    FIELD(nativecnn_convolution_geometry, pad_bottom),
    FIELD(nativecnn_convolution_geometry, pad_right),
    FIELD(nativecnn_convolution_geometry, groups),
    FIELD(nativecnn_convolution_geometry, output_height),
    FIELD(nativecnn_convolution_geometry, output_width),
};

static const struct_field nativecnn_pooling_geometry_fields[] = {
    FIELD(nativecnn_pooling_geometry, batch_size),
    FIELD(nativecnn_pooling_geometry, height),
    FIELD(nativecnn_pooling_geometry, width),
    FIELD(nativecnn_pooling_geometry, channels),
    FIELD(nativecnn_pooling_geometry, window_height),
    FIELD(nativecnn_pooling_geometry, window_width),
    FIELD(nativecnn_pooling_geometry, stride_y),
    FIELD(nativecnn_pooling_geometry, stride_x),
    FIELD(nativecnn_pooling_geometry, pad_top),
    FIELD(nativecnn_pooling_geometry, pad_left),
    FIELD(nativecnn_pooling_geometry, pad_bottom),
    FIELD(nativecnn_pooling_geometry, pad_right),
    FIELD(nativecnn_pooling_geometry, output_height),
    FIELD(nativecnn_pooling_geometry, output_width),
    FIELD(nativecnn_pooling_geometry, count_padding),
    FIELD(nativecnn_pooling_geometry, overhang_bottom),
    FIELD(nativecnn_pooling_geometry, overhang_right),
};

static const struct_field nativecnn_dense_geometry_fields[] = {
    FIELD(nativecnn_dense_geometry, batch_size),
    FIELD(nativecnn_dense_geometry, units),
    FIELD(nativecnn_dense_geometry, inputs),
};

static const struct_field nativecnn_activation_fields[] = {
    FIELD(nativecnn_activation, kind),
    FIELD(nativecnn_activation, alpha),
    FIELD(nativecnn_activation, beta),
};

static const struct_field nativecnn_dropout_fields[] = {
    FIELD(nativecnn_dropout, key),
    FIELD(nativecnn_dropout, probability),
    FIELD(nativecnn_dropout, reserved),
};

static const struct_field nativecnn_update_fields[] = {
    FIELD(nativecnn_update, kind),
    FIELD(nativecnn_update, learning_rate),
    FIELD(nativecnn_update, weight_decay),
    FIELD(nativecnn_update, momentum),
    FIELD(nativecnn_update, beta2),
    FIELD(nativecnn_update, epsilon),
    FIELD(nativecnn_update, correction1),
    FIELD(nativecnn_update, correction2),
};

static const struct_field nativecnn_local_response_norm_fields[] = {
    FIELD(nativecnn_local_response_norm, size),
    FIELD(nativecnn_local_response_norm, alpha),
    FIELD(nativecnn_local_response_norm, beta),
    FIELD(nativecnn_local_response_norm, k),
};

static const struct_layout struct_layouts[] = {
    STRUCT(nativecnn_range),
    STRUCT(nativecnn_convolution_geometry),
    STRUCT(nativecnn_pooling_geometry),
    STRUCT(nativecnn_dense_geometry),
    STRUCT(nativecnn_activation),
    STRUCT(nativecnn_dropout),
    STRUCT(nativecnn_update),
    STRUCT(nativecnn_local_response_norm),
};

#else

/* One instruction set's kernels. */
typedef struct kernel_table {
    nativecnn_instruction_set instruction_set;
    void (*probe_fma)(int64_t rounds, double *operations);
    void (*im2col)(const nativecnn_convolution_geometry *geometry, const float *input, int32_t group,
        nativecnn_range pixels, nativecnn_range taps, float *columns);
    void (*col2im)(const nativecnn_convolution_geometry *geometry, const float *columns, int32_t group,
        nativecnn_range images, float *input_gradient);
    void (*flip_filters)(const nativecnn_convolution_geometry *geometry, const float *filters, int32_t group,
        nativecnn_range channels, float *flipped);
    void (*bias_activation)(const nativecnn_activation *activation, const float *bias, int64_t row_count,
        int64_t column_count, int64_t stride, float *values);
    void (*column_sums)(const float *values, int64_t row_count, int64_t column_count, float *sums);
    void (*direct_pack_filters)(const nativecnn_convolution_geometry *geometry, const float *filters, int32_t group,
        int32_t backward_data, nativecnn_range panels, float *packed);
    void (*direct_forward)(const nativecnn_convolution_geometry *geometry, const float *input, const float *packed,
        const float *bias, const nativecnn_activation *activation, int32_t group, nativecnn_range rows,
        nativecnn_range panels, float *output);
    void (*direct_backward_data)(const nativecnn_convolution_geometry *geometry, const float *output_gradient,
        const float *packed, int32_t group, nativecnn_range rows, nativecnn_range panels, float *input_gradient);
    void (*direct_filter_gradient)(const nativecnn_convolution_geometry *geometry, const float *input,
        const float *output_gradient, int32_t group, nativecnn_range rows, nativecnn_range panels, int32_t accumulate,
        float *gradient);
    void (*direct_unpack_gradient)(const nativecnn_convolution_geometry *geometry, const float *gradients,
        int32_t gradient_count, int32_t group, nativecnn_range panels, float *filter_gradient);
    void (*blocked_product)(int64_t row_count, int64_t inner_count, int32_t column_count, const float *left,
        int64_t left_stride, const float *panels, int64_t panel_stride, const float *bias,
        const nativecnn_activation *activation, int32_t accumulate, float *result, int64_t result_stride);
    void (*blocked_gradient)(int64_t pixel_count, int32_t filter_count, int64_t tap_count, const float *output_gradient,
        int64_t output_stride, const float *columns, int64_t column_stride, int32_t accumulate, float *gradient,
        int64_t gradient_stride);
    void (*depthwise_pack_filters)(const nativecnn_convolution_geometry *geometry, const float *filters, float *packed);
    void (*depthwise_forward)(const nativecnn_convolution_geometry *geometry, const float *input, const float *packed,
        const float *bias, const nativecnn_activation *activation, nativecnn_range rows, float *output);
    void (*depthwise_backward_data)(const nativecnn_convolution_geometry *geometry, const float *output_gradient,
        const float *packed, nativecnn_range rows, float *input_gradient);
    void (*depthwise_filter_gradient)(const nativecnn_convolution_geometry *geometry, const float *input,
        const float *output_gradient, nativecnn_range rows, int32_t accumulate, float *gradient);
    void (*depthwise_unpack_gradient)(const nativecnn_convolution_geometry *geometry, const float *gradients,
        int32_t gradient_count, float *filter_gradient);
    void (*grouped_pack_filters)(const nativecnn_convolution_geometry *geometry, const float *filters,
        int32_t backward_data, nativecnn_range panels, float *packed);
    void (*grouped_forward)(const nativecnn_convolution_geometry *geometry, const float *input, const float *packed,
        const float *bias, const nativecnn_activation *activation, nativecnn_range rows, nativecnn_range panels,
        float *output);
    void (*grouped_backward_data)(const nativecnn_convolution_geometry *geometry, const float *output_gradient,
        const float *packed, nativecnn_range rows, nativecnn_range panels, float *input_gradient);
    void (*grouped_filter_gradient)(const nativecnn_convolution_geometry *geometry, const float *input,
        const float *output_gradient, nativecnn_range rows, nativecnn_range panels, int32_t accumulate,
        float *gradient);
    void (*grouped_unpack_gradient)(const nativecnn_convolution_geometry *geometry, const float *gradients,
        int32_t gradient_count, nativecnn_range panels, float *filter_gradient);
    void (*winograd_filter_transform)(nativecnn_winograd_kind kind, const nativecnn_convolution_geometry *geometry,
        const float *filters, int32_t group, nativecnn_winograd_filters form, nativecnn_range columns,
        float *transformed);
    void (*winograd_input_transform)(nativecnn_winograd_kind kind, const nativecnn_convolution_geometry *geometry,
        const float *input, int32_t group, nativecnn_range tiles, nativecnn_range channels, float *transformed);
    void (*winograd_product)(nativecnn_winograd_kind kind, int64_t tile_count, int32_t channel_count,
        int32_t filter_count, const float *tiles, const float *filters, float *products);
    void (*winograd_output_transform)(nativecnn_winograd_kind kind, const nativecnn_convolution_geometry *geometry,
        const float *products, int32_t group, nativecnn_range tiles, nativecnn_range filters, const float *bias,
        const nativecnn_activation *activation, float *output);
    void (*winograd_output_gradient_transform)(nativecnn_winograd_kind kind,
        const nativecnn_convolution_geometry *geometry, const float *output_gradient, int32_t group,
        nativecnn_range tiles, nativecnn_range filters, float *transformed);
    void (*winograd_input_gradient_transform)(nativecnn_winograd_kind kind,
        const nativecnn_convolution_geometry *geometry, const float *products, int32_t group, nativecnn_range tiles,
        nativecnn_range channels, float *input_gradient);
    void (*winograd_gradient_product)(nativecnn_winograd_kind kind, int64_t tile_count, int32_t channel_count,
        int32_t filter_count, const float *tiles, const float *gradient_tiles, nativecnn_range points,
        int32_t accumulate, float *products);
    void (*winograd_filter_gradient_transform)(nativecnn_winograd_kind kind,
        const nativecnn_convolution_geometry *geometry, const float *products, int32_t group, nativecnn_range channels,
        nativecnn_range filters, float *filter_gradient);
    void (*dense_forward)(const nativecnn_dense_geometry *geometry, const float *input, const float *weights,
        nativecnn_range units, float *output);
    void (*dense_backward_data)(const nativecnn_dense_geometry *geometry, const float *output_gradient,
        const float *weights, nativecnn_range inputs, float *input_gradient);
    void (*max_pooling_forward)(const nativecnn_pooling_geometry *geometry, const float *input, nativecnn_range rows,
        float *output, void *argmax);
    void (*max_pooling_backward)(const nativecnn_pooling_geometry *geometry, const float *output_gradient,
        const void *argmax, nativecnn_range rows, float *input_gradient);
    void (*average_pooling_forward)(const nativecnn_pooling_geometry *geometry, const float *input,
        nativecnn_range rows, float *output);
    void (*average_pooling_backward)(const nativecnn_pooling_geometry *geometry, const float *output_gradient,
        nativecnn_range rows, float *input_gradient);
    void (*local_response_norm_forward)(const nativecnn_local_response_norm *norm, const float *input,
        int64_t pixel_count, int32_t channels, float *output, float *scale, float *workspace);
    void (*local_response_norm_backward)(const nativecnn_local_response_norm *norm, const float *input,
        const float *scale, const float *output_gradient, int64_t pixel_count, int32_t channels, float *input_gradient,
        float *workspace);
    void (*channel_moments)(const float *values, int64_t row_count, int32_t channels, float *means, float *rests,
        float *squares);
    void (*channel_normalize)(const float *input, int64_t row_count, int32_t channels, const float *means,
        const float *scales, const float *shifts, float *output, int32_t past_caches);
    void (*channel_normalize_activation)(const nativecnn_activation *activation, const float *input, int64_t row_count,
        int32_t channels, const float *means, const float *scales, const float *shifts, float *output,
        int32_t past_caches);
    void (*channel_gradient_sums)(const float *input, const float *output_gradient, int64_t row_count, int32_t channels,
        const float *means, float *sums, float *products);
    void (*channel_gradient)(const float *input, const float *output_gradient, int64_t row_count, int32_t channels,
        const float *means, const float *scales, const float *shifts, const float *slopes, float *input_gradient,
        int32_t past_caches);
    void (*pixel_products)(const float *first, const float *second, int64_t pixel_count, int32_t channels, float *sums);
    void (*pixel_combine)(const float *first, const float *first_factors, const float *second,
        const float *second_factors, int64_t pixel_count, int32_t channels, float *output);
    void (*activation_forward)(const nativecnn_activation *activation, const float *input, int64_t count,
        float *output);
    void (*activation_backward)(const nativecnn_activation *activation, const float *source,
        const float *output_gradient, int64_t count, float *input_gradient);
    void (*dropout_apply)(const nativecnn_dropout *dropout, const float *input, nativecnn_range elements,
        float *output);
    void (*accumulate)(const float *values, int64_t count, float *accumulator);
    void (*softmax_forward)(const float *logits, int64_t row_count, int32_t class_count, float *probabilities);
    void (*softmax_backward)(const float *probabilities, const float *output_gradient, int64_t row_count,
        int32_t class_count, float *input_gradient);
    void (*softmax_cross_entropy)(const float *logits, const int32_t *labels, int64_t row_count, int32_t class_count,
        float scale, float *losses, float *logit_gradient);
    void (*squared_error)(const float *output, const float *targets, int64_t row_count, int64_t column_count,
        float factor, float scale, float *losses, float *output_gradient);
    void (*parameter_update)(const nativecnn_update *update, const float *gradient, int64_t count, float *first_moment,
        float *second_moment, float *values);
    void (*pack_columns)(int64_t row_count, int32_t column_count, int32_t width, nativecnn_range blocks,
        const float *source, float *packed);
    void (*dense_update)(const nativecnn_update *update, const nativecnn_dense_geometry *geometry, int32_t packed,
        const float *input, const float *output_gradient, nativecnn_range units, float *first_moment,
        float *second_moment, float *weights);
} kernel_table;

#if defined(NATIVECNN_VARIANT)

void VARIANT(probe_fma)(int64_t rounds, double *operations);
void VARIANT(im2col)(const nativecnn_convolution_geometry *geometry, const float *input, int32_t group,
    nativecnn_range pixels, nativecnn_range taps, float *columns);
void VARIANT(col2im)(const nativecnn_convolution_geometry *geometry, const float *columns, int32_t group,
    nativecnn_range images, float *input_gradient);
void VARIANT(flip_filters)(const nativecnn_convolution_geometry *geometry, const float *filters, int32_t group,
    nativecnn_range channels, float *flipped);
void VARIANT(bias_activation)(const nativecnn_activation *activation, const float *bias, int64_t row_count,
    int64_t column_count, int64_t stride, float *values);
void VARIANT(column_sums)(const float *values, int64_t row_count, int64_t column_count, float *sums);
void VARIANT(direct_pack_filters)(const nativecnn_convolution_geometry *geometry, const float *filters, int32_t group,
    int32_t backward_data, nativecnn_range panels, float *packed);
void VARIANT(direct_forward)(const nativecnn_convolution_geometry *geometry, const float *input, const float *packed,
    const float *bias, const nativecnn_activation *activation, int32_t group, nativecnn_range rows,
    nativecnn_range panels, float *output);
void VARIANT(direct_backward_data)(const nativecnn_convolution_geometry *geometry, const float *output_gradient,
    const float *packed, int32_t group, nativecnn_range rows, nativecnn_range panels, float *input_gradient);
void VARIANT(direct_filter_gradient)(const nativecnn_convolution_geometry *geometry, const float *input,
    const float *output_gradient, int32_t group, nativecnn_range rows, nativecnn_range panels, int32_t accumulate,
    float *gradient);
void VARIANT(direct_unpack_gradient)(const nativecnn_convolution_geometry *geometry, const float *gradients,
    int32_t gradient_count, int32_t group, nativecnn_range panels, float *filter_gradient);
void VARIANT(blocked_product)(int64_t row_count, int64_t inner_count, int32_t column_count, const float *left,
    int64_t left_stride, const float *panels, int64_t panel_stride, const float *bias,
    const nativecnn_activation *activation, int32_t accumulate, float *result, int64_t result_stride);
void VARIANT(blocked_gradient)(int64_t pixel_count, int32_t filter_count, int64_t tap_count,
    const float *output_gradient, int64_t output_stride, const float *columns, int64_t column_stride,
    int32_t accumulate, float *gradient, int64_t gradient_stride);
void VARIANT(depthwise_pack_filters)(const nativecnn_convolution_geometry *geometry, const float *filters,
    float *packed);
void VARIANT(depthwise_forward)(const nativecnn_convolution_geometry *geometry, const float *input, const float *packed,
    const float *bias, const nativecnn_activation *activation, nativecnn_range rows, float *output);
void VARIANT(depthwise_backward_data)(const nativecnn_convolution_geometry *geometry, const float *output_gradient,
    const float *packed, nativecnn_range rows, float *input_gradient);
void VARIANT(depthwise_filter_gradient)(const nativecnn_convolution_geometry *geometry, const float *input,
    const float *output_gradient, nativecnn_range rows, int32_t accumulate, float *gradient);
void VARIANT(depthwise_unpack_gradient)(const nativecnn_convolution_geometry *geometry, const float *gradients,
    int32_t gradient_count, float *filter_gradient);
void VARIANT(grouped_pack_filters)(const nativecnn_convolution_geometry *geometry, const float *filters,
    int32_t backward_data, nativecnn_range panels, float *packed);
void VARIANT(grouped_forward)(const nativecnn_convolution_geometry *geometry, const float *input, const float *packed,
    const float *bias, const nativecnn_activation *activation, nativecnn_range rows, nativecnn_range panels,
    float *output);
void VARIANT(grouped_backward_data)(const nativecnn_convolution_geometry *geometry, const float *output_gradient,
    const float *packed, nativecnn_range rows, nativecnn_range panels, float *input_gradient);
void VARIANT(grouped_filter_gradient)(const nativecnn_convolution_geometry *geometry, const float *input,
    const float *output_gradient, nativecnn_range rows, nativecnn_range panels, int32_t accumulate, float *gradient);
void VARIANT(grouped_unpack_gradient)(const nativecnn_convolution_geometry *geometry, const float *gradients,
    int32_t gradient_count, nativecnn_range panels, float *filter_gradient);
void VARIANT(winograd_filter_transform)(nativecnn_winograd_kind kind, const nativecnn_convolution_geometry *geometry,
    const float *filters, int32_t group, nativecnn_winograd_filters form, nativecnn_range columns, float *transformed);
void VARIANT(winograd_input_transform)(nativecnn_winograd_kind kind, const nativecnn_convolution_geometry *geometry,
    const float *input, int32_t group, nativecnn_range tiles, nativecnn_range channels, float *transformed);
void VARIANT(winograd_product)(nativecnn_winograd_kind kind, int64_t tile_count, int32_t channel_count,
    int32_t filter_count, const float *tiles, const float *filters, float *products);
void VARIANT(winograd_output_transform)(nativecnn_winograd_kind kind, const nativecnn_convolution_geometry *geometry,
    const float *products, int32_t group, nativecnn_range tiles, nativecnn_range filters, const float *bias,
    const nativecnn_activation *activation, float *output);
void VARIANT(winograd_output_gradient_transform)(nativecnn_winograd_kind kind,
    const nativecnn_convolution_geometry *geometry, const float *output_gradient, int32_t group, nativecnn_range tiles,
    nativecnn_range filters, float *transformed);
void VARIANT(winograd_input_gradient_transform)(nativecnn_winograd_kind kind,
    const nativecnn_convolution_geometry *geometry, const float *products, int32_t group, nativecnn_range tiles,
    nativecnn_range channels, float *input_gradient);
void VARIANT(winograd_gradient_product)(nativecnn_winograd_kind kind, int64_t tile_count, int32_t channel_count,
    int32_t filter_count, const float *tiles, const float *gradient_tiles, nativecnn_range points, int32_t accumulate,
    float *products);
void VARIANT(winograd_filter_gradient_transform)(nativecnn_winograd_kind kind,
    const nativecnn_convolution_geometry *geometry, const float *products, int32_t group, nativecnn_range channels,
    nativecnn_range filters, float *filter_gradient);
void VARIANT(dense_forward)(const nativecnn_dense_geometry *geometry, const float *input, const float *weights,
    nativecnn_range units, float *output);
void VARIANT(dense_backward_data)(const nativecnn_dense_geometry *geometry, const float *output_gradient,
    const float *weights, nativecnn_range inputs, float *input_gradient);
void VARIANT(max_pooling_forward)(const nativecnn_pooling_geometry *geometry, const float *input, nativecnn_range rows,
    float *output, void *argmax);
void VARIANT(max_pooling_backward)(const nativecnn_pooling_geometry *geometry, const float *output_gradient,
    const void *argmax, nativecnn_range rows, float *input_gradient);
void VARIANT(average_pooling_forward)(const nativecnn_pooling_geometry *geometry, const float *input,
    nativecnn_range rows, float *output);
void VARIANT(average_pooling_backward)(const nativecnn_pooling_geometry *geometry, const float *output_gradient,
    nativecnn_range rows, float *input_gradient);
void VARIANT(local_response_norm_forward)(const nativecnn_local_response_norm *norm, const float *input,
    int64_t pixel_count, int32_t channels, float *output, float *scale, float *workspace);
void VARIANT(local_response_norm_backward)(const nativecnn_local_response_norm *norm, const float *input,
    const float *scale, const float *output_gradient, int64_t pixel_count, int32_t channels, float *input_gradient,
    float *workspace);
void VARIANT(channel_moments)(const float *values, int64_t row_count, int32_t channels, float *means, float *rests,
    float *squares);
void VARIANT(channel_normalize)(const float *input, int64_t row_count, int32_t channels, const float *means,
    const float *scales, const float *shifts, float *output, int32_t past_caches);
void VARIANT(channel_normalize_activation)(const nativecnn_activation *activation, const float *input,
    int64_t row_count, int32_t channels, const float *means, const float *scales, const float *shifts, float *output,
    int32_t past_caches);
void VARIANT(channel_gradient_sums)(const float *input, const float *output_gradient, int64_t row_count,
    int32_t channels, const float *means, float *sums, float *products);
void VARIANT(channel_gradient)(const float *input, const float *output_gradient, int64_t row_count, int32_t channels,
    const float *means, const float *scales, const float *shifts, const float *slopes, float *input_gradient,
    int32_t past_caches);
void VARIANT(pixel_products)(const float *first, const float *second, int64_t pixel_count, int32_t channels,
    float *sums);
void VARIANT(pixel_combine)(const float *first, const float *first_factors, const float *second,
    const float *second_factors, int64_t pixel_count, int32_t channels, float *output);
void VARIANT(activation_forward)(const nativecnn_activation *activation, const float *input, int64_t count,
    float *output);
void VARIANT(activation_backward)(const nativecnn_activation *activation, const float *source,
    const float *output_gradient, int64_t count, float *input_gradient);
void VARIANT(dropout_apply)(const nativecnn_dropout *dropout, const float *input, nativecnn_range elements,
    float *output);
void VARIANT(accumulate)(const float *values, int64_t count, float *accumulator);
void VARIANT(softmax_forward)(const float *logits, int64_t row_count, int32_t class_count, float *probabilities);
void VARIANT(softmax_backward)(const float *probabilities, const float *output_gradient, int64_t row_count,
    int32_t class_count, float *input_gradient);
void VARIANT(softmax_cross_entropy)(const float *logits, const int32_t *labels, int64_t row_count, int32_t class_count,
    float scale, float *losses, float *logit_gradient);
void VARIANT(squared_error)(const float *output, const float *targets, int64_t row_count, int64_t column_count,
    float factor, float scale, float *losses, float *output_gradient);
void VARIANT(parameter_update)(const nativecnn_update *update, const float *gradient, int64_t count,
    float *first_moment, float *second_moment, float *values);
void VARIANT(pack_columns)(int64_t row_count, int32_t column_count, int32_t width, nativecnn_range blocks,
    const float *source, float *packed);
void VARIANT(dense_update)(const nativecnn_update *update, const nativecnn_dense_geometry *geometry, int32_t packed,
    const float *input, const float *output_gradient, nativecnn_range units, float *first_moment, float *second_moment,
    float *weights);

#define KERNELS(KERNEL) \
    KERNEL(probe_fma) \
    KERNEL(im2col) \
    KERNEL(col2im) \
    KERNEL(flip_filters) \
    KERNEL(bias_activation) \
    KERNEL(column_sums) \
    KERNEL(direct_pack_filters) \
    KERNEL(direct_forward) \
    KERNEL(direct_backward_data) \
    KERNEL(direct_filter_gradient) \
    KERNEL(direct_unpack_gradient) \
    KERNEL(blocked_product) \
    KERNEL(blocked_gradient) \
    KERNEL(depthwise_pack_filters) \
    KERNEL(depthwise_forward) \
    KERNEL(depthwise_backward_data) \
    KERNEL(depthwise_filter_gradient) \
    KERNEL(depthwise_unpack_gradient) \
    KERNEL(grouped_pack_filters) \
    KERNEL(grouped_forward) \
    KERNEL(grouped_backward_data) \
    KERNEL(grouped_filter_gradient) \
    KERNEL(grouped_unpack_gradient) \
    KERNEL(winograd_filter_transform) \
    KERNEL(winograd_input_transform) \
    KERNEL(winograd_product) \
    KERNEL(winograd_output_transform) \
    KERNEL(winograd_output_gradient_transform) \
    KERNEL(winograd_input_gradient_transform) \
    KERNEL(winograd_gradient_product) \
    KERNEL(winograd_filter_gradient_transform) \
    KERNEL(dense_forward) \
    KERNEL(dense_backward_data) \
    KERNEL(max_pooling_forward) \
    KERNEL(max_pooling_backward) \
    KERNEL(average_pooling_forward) \
    KERNEL(average_pooling_backward) \
    KERNEL(local_response_norm_forward) \
    KERNEL(local_response_norm_backward) \
    KERNEL(channel_moments) \
    KERNEL(channel_normalize) \
    KERNEL(channel_normalize_activation) \
    KERNEL(channel_gradient_sums) \
    KERNEL(channel_gradient) \
    KERNEL(pixel_products) \
    KERNEL(pixel_combine) \
    KERNEL(activation_forward) \
    KERNEL(activation_backward) \
    KERNEL(dropout_apply) \
    KERNEL(accumulate) \
    KERNEL(softmax_forward) \
    KERNEL(softmax_backward) \
    KERNEL(softmax_cross_entropy) \
    KERNEL(squared_error) \
    KERNEL(parameter_update) \
    KERNEL(pack_columns) \
    KERNEL(dense_update)

#endif

#endif
