/* processor.h - what this processor and its operating system can do. */
#ifndef NATIVECNN_PROCESSOR_H
#define NATIVECNN_PROCESSOR_H

#include "nativecnn.h"

/* The best instruction set that the processor has and whose registers the operating system
 * saves, whether or not this build has kernels for it. */
nativecnn_instruction_set processor_instruction_set(void);

#endif
