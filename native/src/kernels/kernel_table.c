/* kernel_table.c - the table of one instruction set. */
#include "kernels.h"

const kernel_table VARIANT(kernel_table) = {NATIVECNN_LEVEL,
#define ENTRY(name, parameters) VARIANT(name),
                                            KERNELS(ENTRY)
#undef ENTRY
};
