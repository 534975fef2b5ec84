/*
 * dispatch.c - which instruction set's kernels the exports call.
 *
 * The choice is made at the first use. Threads that come at once choose the same and store the same pointer.
 */
#include "kernels.h"
#include "processor.h"

#include <stdlib.h>
#include <string.h>

static const void *table_in_use;

/* The table of an instruction set, or of the next lower one that this build has. */
static const kernel_table *table_of(nativecnn_instruction_set instruction_set) {
#if defined(NATIVECNN_HAVE_AVX512)
    if (instruction_set >= NATIVECNN_AVX512)
        return &kernel_table_avx512;
#endif
#if defined(NATIVECNN_HAVE_AVX2)
    if (instruction_set >= NATIVECNN_AVX2)
        return &kernel_table_avx2;
#endif
    (void)instruction_set;
    return &kernel_table_baseline;
}

/* What NATIVECNN_INSTRUCTION_SET asks for; the highest if it is unset or names none. */
static nativecnn_instruction_set requested_instruction_set(void) {
    const char *name = getenv("NATIVECNN_INSTRUCTION_SET");
    if (name && strcmp(name, "baseline") == 0)
        return NATIVECNN_BASELINE;
    if (name && strcmp(name, "avx2") == 0)
        return NATIVECNN_AVX2;
    return NATIVECNN_AVX512;
}

nativecnn_instruction_set nativecnn_best_instruction_set(void) {
    return table_of(processor_instruction_set())->instruction_set;
}

const kernel_table *kernels_in_use(void) {
    const kernel_table *table = LOAD_POINTER(table_in_use);
    if (!table) {
        nativecnn_instruction_set best = processor_instruction_set();
        nativecnn_instruction_set requested = requested_instruction_set();
        table = table_of(requested < best ? requested : best);
        STORE_POINTER(table_in_use, table);
    }
    return table;
}

nativecnn_instruction_set nativecnn_instruction_set_in_use(void) {
    return kernels_in_use()->instruction_set;
}

nativecnn_status nativecnn_use_instruction_set(nativecnn_instruction_set instruction_set) {
    if ((uint32_t)instruction_set > NATIVECNN_AVX512)
        return NATIVECNN_BAD_ARGUMENT;
    if (instruction_set > nativecnn_best_instruction_set())
        return NATIVECNN_UNSUPPORTED;
    STORE_POINTER(table_in_use, table_of(instruction_set));
    return NATIVECNN_OK;
}
