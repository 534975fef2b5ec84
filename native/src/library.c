/* library.c - who the library is. */
#include "nativecnn.h"

int32_t nativecnn_abi_version(void) {
    return NATIVECNN_ABI_VERSION;
}

int32_t nativecnn_struct_size(int32_t which) {
    switch (which) {
    case NATIVECNN_STRUCT_CONVOLUTION_GEOMETRY:
        return (int32_t)sizeof(nativecnn_convolution_geometry);
    case NATIVECNN_STRUCT_POOLING_GEOMETRY:
        return (int32_t)sizeof(nativecnn_pooling_geometry);
    case NATIVECNN_STRUCT_ACTIVATION:
        return (int32_t)sizeof(nativecnn_activation);
    case NATIVECNN_STRUCT_DROPOUT:
        return (int32_t)sizeof(nativecnn_dropout);
    case NATIVECNN_STRUCT_SGD:
        return (int32_t)sizeof(nativecnn_sgd);
    case NATIVECNN_STRUCT_LOCAL_RESPONSE_NORM:
        return (int32_t)sizeof(nativecnn_local_response_norm);
    default:
        return 0;
    }
}
