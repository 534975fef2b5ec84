/*
 * openblas.h - the part of OpenBLAS's cblas.h that NativeCnn uses, with integers of fixed width.
 *
 * It stands here so that the generated declarations do not depend on which version of OpenBLAS is installed. The
 * generator compares it with the installed cblas.h where there is one, and fails if a type or a value differs.
 */
#ifndef NATIVECNN_OPENBLAS_H
#define NATIVECNN_OPENBLAS_H

#include <stdint.h>

/* openblas_get_parallel: this build knows no threads. */
#define OPENBLAS_SEQUENTIAL 0
/* openblas_get_parallel: this build starts threads of its own. */
#define OPENBLAS_THREAD 1
/* openblas_get_parallel: this build runs on OpenMP. */
#define OPENBLAS_OPENMP 2

/* How a matrix lies in memory. */
typedef enum CBLAS_ORDER {
    /* The elements of a row are neighbours. */
    CblasRowMajor = 101,
    /* The elements of a column are neighbours. */
    CblasColMajor = 102
} CBLAS_ORDER;

/* Whether a matrix enters a product as it lies or transposed. */
typedef enum CBLAS_TRANSPOSE {
    /* As it lies. */
    CblasNoTrans = 111,
    /* Transposed. */
    CblasTrans = 112,
    /* Transposed and conjugated. */
    CblasConjTrans = 113,
    /* Conjugated. */
    CblasConjNoTrans = 114
} CBLAS_TRANSPOSE;

/* C[m x n] = alpha op(A)[m x k] op(B)[k x n] + beta C[m x n], in float32.
 *
 * op(X) is X, or its transpose where trans_x says so. lda, ldb and ldc are the distances in elements between the starts
 * of neighbouring rows (row-major) of A, B and C as they lie in memory: lda >= k, or >= m if A is transposed; ldb >= n,
 * or >= k if B is transposed; ldc >= n. With beta = 0, C is written without being read. */
void cblas_sgemm(CBLAS_ORDER order, CBLAS_TRANSPOSE trans_a, CBLAS_TRANSPOSE trans_b, int32_t m, int32_t n, int32_t k,
                 float alpha, const float *a, int32_t lda, const float *b, int32_t ldb, float beta, float *c,
                 int32_t ldc);

/* Sets the number of threads on which OpenBLAS itself computes. */
void openblas_set_num_threads(int32_t num_threads);

/* The number of threads on which OpenBLAS itself computes. */
int32_t openblas_get_num_threads(void);

/* The name of the processor core whose kernels are in use, such as Haswell or SkylakeX. Static ASCII text, ended by 0.
 */
char *openblas_get_corename(void);

/* The version and the options of the build, such as "OpenBLAS 0.3.21 DYNAMIC_ARCH MAX_THREADS=64"; USE64BITINT among
 * them means that integers have 64 bits. Static ASCII text, ended by 0. */
char *openblas_get_config(void);

/* OPENBLAS_SEQUENTIAL, OPENBLAS_THREAD or OPENBLAS_OPENMP. */
int32_t openblas_get_parallel(void);

#endif
