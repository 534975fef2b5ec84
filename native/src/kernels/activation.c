/* activation.c - the point-wise non-linearities over an array; formulas in activate.h. */
#include "activate.h"
#include "checks.h"
#include "kernels.h"

INLINE void forward(int32_t kind, const nativecnn_activation *f, const float *input, int64_t count, float *output) {
    activation_constants c = activation_constants_of(f);
    int64_t i = 0;
    for (; i + LANES <= count; i += LANES)
        vf_store(output + i, activate(kind, c, vf_load(input + i)));
    if (i < count)
        vf_store_first(output + i, activate(kind, c, vf_load_first(input + i, count - i)), count - i);
}

void VARIANT(activation_forward)(const nativecnn_activation *activation, const float *input, int64_t count,
                                 float *output){
#define FORWARD(kind) forward(kind, activation, input, count, output)
    WITH_CONSTANT_ACTIVATION(activation->kind, FORWARD)
#undef FORWARD
}

INLINE void backward(int32_t kind, const nativecnn_activation *f, const float *source, const float *output_gradient,
                     int64_t count, float *input_gradient) {
    activation_constants c = activation_constants_of(f);
    for (int64_t i = 0; i < count; i += LANES) {
        int64_t n = count - i;
        vfloat g = vf_load_n(output_gradient + i, n);
        vf_store_n(input_gradient + i, differentiate(kind, c, vf_load_n(source + i, n), g), n);
    }
}

void VARIANT(activation_backward)(const nativecnn_activation *activation, const float *source,
                                  const float *output_gradient, int64_t count, float *input_gradient){
#define BACKWARD(kind) backward(kind, activation, source, output_gradient, count, input_gradient)
    WITH_CONSTANT_ACTIVATION(activation->kind, BACKWARD)
#undef BACKWARD
}

#if defined(NATIVECNN_EXPORTS)

nativecnn_status nativecnn_activation_forward(const nativecnn_activation *activation, const float *input, int64_t count,
                                              float *output) {
    REQUIRE(activation && input && output, NATIVECNN_NULL_POINTER);
    CHECK(check_activation(activation));
    CHECK(check_matrix(1, count));
    kernels_in_use()->activation_forward(activation, input, count, output);
    return NATIVECNN_OK;
}

nativecnn_status nativecnn_activation_backward(const nativecnn_activation *activation, const float *source,
                                               const float *output_gradient, int64_t count, float *input_gradient) {
    REQUIRE(activation && source && output_gradient && input_gradient, NATIVECNN_NULL_POINTER);
    CHECK(check_activation(activation));
    CHECK(check_matrix(1, count));
    kernels_in_use()->activation_backward(activation, source, output_gradient, count, input_gradient);
    return NATIVECNN_OK;
}

#endif
