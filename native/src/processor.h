/* processor.h - what this processor and its operating system can do. */
#ifndef NATIVECNN_PROCESSOR_H
#define NATIVECNN_PROCESSOR_H

#include <stdint.h>

/* The best instruction set (a nativecnn_instruction_set) that the processor has and whose registers the operating system
 * saves, whether or not this build has kernels for it. */
int32_t processor_instruction_set(void);

#endif
