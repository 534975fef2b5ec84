/*
 * kernels.h - the kernels behind the exports.
 *
 * Every function of the header that returns a status is a kernel, from which the generator writes the declarations and
 * the table of one instruction set. The files in kernels/ are compiled once per instruction set, with NATIVECNN_VARIANT
 * (baseline, avx2 or avx512) and NATIVECNN_LEVEL (0, 1 or 2, as nativecnn_instruction_set). A kernel trusts its
 * arguments: the export at the end of its file, which is compiled with one of the variants (NATIVECNN_EXPORTS), has
 * checked them.
 */
#ifndef NATIVECNN_KERNELS_H
#define NATIVECNN_KERNELS_H

#include "compiler.h"
#include "nativecnn.h"

#if defined(NATIVECNN_VARIANT)
#define JOIN_EXPANDED(name, variant) name##_##variant
#define JOIN(name, variant) JOIN_EXPANDED(name, variant)

/* The name of a kernel, or of its table, in the instruction set that this file is being compiled for. */
#define VARIANT(name) JOIN(name, NATIVECNN_VARIANT)
#endif

#include "generated/tables.g.h"

extern const kernel_table kernel_table_baseline;
#if defined(NATIVECNN_HAVE_AVX2)
extern const kernel_table kernel_table_avx2;
#endif
#if defined(NATIVECNN_HAVE_AVX512)
extern const kernel_table kernel_table_avx512;
#endif

/* The table in use. */
const kernel_table *kernels_in_use(void);

#endif
