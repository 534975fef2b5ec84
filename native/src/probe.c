/* probe.c - the check of the FMA probe. */
#include "checks.h"
#include "kernels.h"

nativecnn_status nativecnn_probe_fma(int64_t rounds, double *operations) {
    REQUIRE(operations, NATIVECNN_NULL_POINTER);
    REQUIRE(rounds >= 1, NATIVECNN_BAD_ARGUMENT);
    kernels_in_use()->probe_fma(rounds, operations);
    return NATIVECNN_OK;
}
