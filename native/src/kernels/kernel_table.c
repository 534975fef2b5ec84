/* kernel_table.c - the table of one instruction set. */
#include "kernels.h"

#define KERNEL(name) .name = VARIANT(name),
const kernel_table VARIANT(kernel_table) = {.instruction_set = NATIVECNN_LEVEL, KERNELS(KERNEL)};
