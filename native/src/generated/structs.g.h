/* Written from native/include/nativecnn.h by interop/generator. Change the header, then run ./build.sh generate. */

static const struct_field nativecnn_range_fields[] = {
    FIELD(nativecnn_range, begin),
    FIELD(nativecnn_range, count),
};

static const struct_field nativecnn_convolution_geometry_fields[] = {
    FIELD(nativecnn_convolution_geometry, batch),
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
    FIELD(nativecnn_pooling_geometry, batch),
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
};

static const struct_field nativecnn_dense_geometry_fields[] = {
    FIELD(nativecnn_dense_geometry, batch),
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
