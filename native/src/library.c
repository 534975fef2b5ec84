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
    case NATIVECNN_STRUCT_UPDATE:
        return (int32_t)sizeof(nativecnn_update);
    case NATIVECNN_STRUCT_LOCAL_RESPONSE_NORM:
        return (int32_t)sizeof(nativecnn_local_response_norm);
    case NATIVECNN_STRUCT_RANGE:
        return (int32_t)sizeof(nativecnn_range);
    case NATIVECNN_STRUCT_DENSE_GEOMETRY:
        return (int32_t)sizeof(nativecnn_dense_geometry);
    default:
        return 0;
    }
}
