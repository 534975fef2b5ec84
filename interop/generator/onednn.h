/*
 * onednn.h - the part of oneDNN's dnnl.h that NativeCnn uses, of versions 2.6 and 3.
 *
 * It stands here so that the generated declarations do not depend on which version is installed. What both versions
 * have is called the same way in both: a memory description is passed by its address in either, though version 2 lays
 * it out in the caller's memory and version 3 keeps it to itself. The generator compares it with the installed dnnl.h
 * where there is one, and fails if what both declare differs. Enums are int here, as they are on the wire.
 */
#ifndef NATIVECNN_ONEDNN_H
#define NATIVECNN_ONEDNN_H

#include <stddef.h>
#include <stdint.h>

/* What an argument, a query or a primitive is; the names and numbers are oneDNN's, the same in versions 2 and 3. */
typedef enum dnnl_constant {
    /* dnnl_status_t: all is well. */
    dnnl_success = 0,
    /* dnnl_status_t: there is not memory enough. */
    dnnl_out_of_memory = 1,
    /* dnnl_status_t: the arguments contradict each other. */
    dnnl_invalid_arguments = 2,
    /* dnnl_status_t: this build has no implementation. */
    dnnl_unimplemented = 3,
    /* dnnl_engine_kind_t: the processor. */
    dnnl_cpu = 1,
    /* dnnl_stream_flags_t: in the order of the calls. */
    dnnl_stream_in_order = 1,
    /* dnnl_data_type_t: float32. */
    dnnl_f32 = 3,
    /* dnnl_data_type_t: bytes without sign. */
    dnnl_u8 = 6,
    /* dnnl_format_tag_t: whatever layout is the best. */
    dnnl_format_tag_any = 1,
    /* dnnl_prop_kind_t: forward, with all that the backward pass needs. */
    dnnl_forward_training = 64,
    /* dnnl_prop_kind_t: forward, with nothing kept for the backward pass. */
    dnnl_forward_inference = 96,
    /* dnnl_alg_kind_t: the definition, blocked. */
    dnnl_convolution_direct = 1,
    /* dnnl_alg_kind_t: the derivative of tanh, from its output. */
    dnnl_eltwise_tanh_use_dst_for_bwd = 257,
    /* dnnl_alg_kind_t: the derivative of the logistic function, from its output. */
    dnnl_eltwise_logistic_use_dst_for_bwd = 260,
    /* dnnl_alg_kind_t: the maximum of a window. */
    dnnl_pooling_max = 511,
    /* dnnl_alg_kind_t: the sum of a window by its area. */
    dnnl_pooling_avg_include_padding = 767,
    /* dnnl_alg_kind_t: the sum of a window by its pixels inside the image. */
    dnnl_pooling_avg_exclude_padding = 1023,
    /* dnnl_alg_kind_t: over neighbouring channels of a pixel. */
    dnnl_lrn_across_channels = 2815,
    /* dnnl_alg_kind_t: the sum of two tensors. */
    dnnl_binary_add = 131056,
    /* dnnl_alg_kind_t: softmax, not its logarithm. */
    dnnl_softmax_accurate = 196608,
    /* dnnl_scratchpad_mode_t: the caller brings the scratch memory. */
    dnnl_scratchpad_mode_user = 1,
    /* dnnl_query_t: the name of the implementation, a char *. */
    dnnl_query_impl_info_str = 8,
    /* dnnl_query_t: the description of the weights. */
    dnnl_query_weights_md = 131,
    /* dnnl_query_t: the description of the weights' gradient. */
    dnnl_query_diff_weights_md = 132,
    /* dnnl_query_t: the description of what forward keeps for backward. */
    dnnl_query_workspace_md = 135,
    /* dnnl_query_t: the description of the scratch memory. */
    dnnl_query_scratchpad_md = 136
} dnnl_constant;

/* DNNL_ARG_SRC. */
#define ONEDNN_SOURCE 1
/* DNNL_ARG_SRC_1. */
#define ONEDNN_SECOND_SOURCE 2
/* DNNL_ARG_DST. */
#define ONEDNN_DESTINATION 17
/* DNNL_ARG_WEIGHTS. */
#define ONEDNN_WEIGHTS 33
/* DNNL_ARG_BIAS. */
#define ONEDNN_BIAS 41
/* DNNL_ARG_MEAN. */
#define ONEDNN_MEAN 49
/* DNNL_ARG_VARIANCE. */
#define ONEDNN_VARIANCE 50
/* DNNL_ARG_SCALE. */
#define ONEDNN_SCALE 51
/* DNNL_ARG_SHIFT. */
#define ONEDNN_SHIFT 52
/* DNNL_ARG_WORKSPACE. */
#define ONEDNN_WORKSPACE 64
/* DNNL_ARG_SCRATCHPAD. */
#define ONEDNN_SCRATCHPAD 80
/* DNNL_ARG_DIFF_SRC. */
#define ONEDNN_SOURCE_GRADIENT 129
/* DNNL_ARG_DIFF_DST. */
#define ONEDNN_DESTINATION_GRADIENT 145
/* DNNL_ARG_DIFF_WEIGHTS. */
#define ONEDNN_WEIGHTS_GRADIENT 161

/* DNNL_RUNTIME_SEQ: the build knows no threads. */
#define ONEDNN_SEQUENTIAL 1
/* DNNL_RUNTIME_OMP: the build runs on OpenMP. */
#define ONEDNN_OPENMP 2
/* DNNL_RUNTIME_TBB. */
#define ONEDNN_TBB 4
/* DNNL_RUNTIME_THREADPOOL. */
#define ONEDNN_THREADPOOL 8
/* DNNL_RUNTIME_SYCL. */
#define ONEDNN_SYCL 512

/* A version, and how the build runs. */
typedef struct dnnl_version_info {
    /* 2 of 2.6.3. */
    int32_t major;
    /* 6 of 2.6.3. */
    int32_t minor;
    /* 3 of 2.6.3. */
    int32_t patch;
    /* The commit, ASCII text ended by 0. */
    const char *hash;
    /* ONEDNN_SEQUENTIAL and the others. */
    uint32_t cpu_runtime;
    /* 0 if graphics processors are left out. */
    uint32_t gpu_runtime;
} dnnl_version_info;

/* An argument of a primitive. */
typedef struct dnnl_argument {
    /* ONEDNN_SOURCE and the others. */
    int32_t arg;
    /* The memory object. */
    void *memory;
} dnnl_argument;

/* The version of the library; static. */
const void *dnnl_version(void);

/* The instruction set in use, a dnnl_cpu_isa_t. */
int dnnl_get_effective_cpu_isa(void);

/* An engine: where primitives run. */
int dnnl_engine_create(struct dnnl_engine **engine, int kind, size_t index);

/* A stream: in which order. */
int dnnl_stream_create(struct dnnl_stream **stream, struct dnnl_engine *engine, uint32_t flags);

/* Frees a stream. */
int dnnl_stream_destroy(struct dnnl_stream *stream);

/* Whether two memory descriptions are the same: 1 or 0. */
int dnnl_memory_desc_equal(const struct dnnl_memory_desc *lhs, const struct dnnl_memory_desc *rhs);

/* The bytes that a description needs. */
size_t dnnl_memory_desc_get_size(const struct dnnl_memory_desc *memory_desc);

/* Version 2: describes memory with these distances in elements between neighbours along each axis. */
int dnnl_memory_desc_init_by_strides(struct dnnl_memory_desc *memory_desc, int ndims, const int64_t *dims,
                                     int data_type, const int64_t *strides);

/* Version 2: describes memory in a layout that has a name. */
int dnnl_memory_desc_init_by_tag(struct dnnl_memory_desc *memory_desc, int ndims, const int64_t *dims, int data_type,
                                 int tag);

/* Version 3: as dnnl_memory_desc_init_by_strides. */
int dnnl_memory_desc_create_with_strides(struct dnnl_memory_desc **memory_desc, int ndims, const int64_t *dims,
                                         int data_type, const int64_t *strides);

/* Version 3: as dnnl_memory_desc_init_by_tag. */
int dnnl_memory_desc_create_with_tag(struct dnnl_memory_desc **memory_desc, int ndims, const int64_t *dims,
                                     int data_type, int tag);

/* Version 3: frees a description. */
int dnnl_memory_desc_destroy(struct dnnl_memory_desc *memory_desc);

/* A memory object, which is no memory but a description and an address. */
int dnnl_memory_create(struct dnnl_memory **memory, const struct dnnl_memory_desc *memory_desc,
                       struct dnnl_engine *engine, void *handle);

/* Tells a memory object where its memory is. */
int dnnl_memory_set_data_handle(struct dnnl_memory *memory, void *handle);

/* Frees a memory object, not its memory. */
int dnnl_memory_destroy(struct dnnl_memory *memory);

/* Attributes of a primitive. */
int dnnl_primitive_attr_create(struct dnnl_primitive_attr **attr);

/* dnnl_scratchpad_mode_user, or 0 for memory of the library's own. */
int dnnl_primitive_attr_set_scratchpad_mode(struct dnnl_primitive_attr *attr, int mode);

/* Frees attributes. */
int dnnl_primitive_attr_destroy(struct dnnl_primitive_attr *attr);

/* Version 2: what a primitive is to be, out of what it is to compute. */
int dnnl_primitive_desc_create(struct dnnl_primitive_desc **primitive_desc, const void *op_desc,
                               const struct dnnl_primitive_attr *attr, struct dnnl_engine *engine,
                               const struct dnnl_primitive_desc *hint_forward_primitive_desc);

/* Asks what a primitive is to be; result is of the query's type. */
int dnnl_primitive_desc_query(const struct dnnl_primitive_desc *primitive_desc, int what, int index, void *result);

/* A description that belongs to a primitive's, or null. */
const void *dnnl_primitive_desc_query_md(const struct dnnl_primitive_desc *primitive_desc, int what, int index);

/* Frees it. */
int dnnl_primitive_desc_destroy(struct dnnl_primitive_desc *primitive_desc);

/* Makes a primitive: compiles its code, or finds it in the library's cache. */
int dnnl_primitive_create(struct dnnl_primitive **primitive, const struct dnnl_primitive_desc *primitive_desc);

/* Computes. Any number of threads may run one primitive at a time, each with its own stream, memory objects and scratch
 * memory. */
int dnnl_primitive_execute(const struct dnnl_primitive *primitive, struct dnnl_stream *stream, int nargs,
                           const void *args);

/* Frees a primitive. */
int dnnl_primitive_destroy(struct dnnl_primitive *primitive);

/* A reorder: from one layout into another. */
int dnnl_reorder_primitive_desc_create(struct dnnl_primitive_desc **reorder_primitive_desc,
                                       const struct dnnl_memory_desc *src_desc, struct dnnl_engine *src_engine,
                                       const struct dnnl_memory_desc *dst_desc, struct dnnl_engine *dst_engine,
                                       const struct dnnl_primitive_attr *attr);

/* Version 2: a product of two matrices. */
int dnnl_matmul_desc_init(void *matmul_desc, const struct dnnl_memory_desc *src_desc,
                          const struct dnnl_memory_desc *weights_desc, const struct dnnl_memory_desc *bias_desc,
                          const struct dnnl_memory_desc *dst_desc);

/* Version 3: a product of two matrices. */
int dnnl_matmul_primitive_desc_create(struct dnnl_primitive_desc **primitive_desc, struct dnnl_engine *engine,
                                      const struct dnnl_memory_desc *src_desc,
                                      const struct dnnl_memory_desc *weights_desc,
                                      const struct dnnl_memory_desc *bias_desc, const struct dnnl_memory_desc *dst_desc,
                                      const struct dnnl_primitive_attr *attr);

/* Version 2: a convolution forward. Of dilates, 0 are neighbours. */
int dnnl_dilated_convolution_forward_desc_init(void *conv_desc, int prop_kind, int alg_kind,
                                               const struct dnnl_memory_desc *src_desc,
                                               const struct dnnl_memory_desc *weights_desc,
                                               const struct dnnl_memory_desc *bias_desc,
                                               const struct dnnl_memory_desc *dst_desc, const int64_t *strides,
                                               const int64_t *dilates, const int64_t *padding_l,
                                               const int64_t *padding_r);

/* Version 2: the gradient of its input. */
int dnnl_dilated_convolution_backward_data_desc_init(void *conv_desc, int alg_kind,
                                                     const struct dnnl_memory_desc *diff_src_desc,
                                                     const struct dnnl_memory_desc *weights_desc,
                                                     const struct dnnl_memory_desc *diff_dst_desc,
                                                     const int64_t *strides, const int64_t *dilates,
                                                     const int64_t *padding_l, const int64_t *padding_r);

/* Version 2: the gradient of its weights. */
int dnnl_dilated_convolution_backward_weights_desc_init(void *conv_desc, int alg_kind,
                                                        const struct dnnl_memory_desc *src_desc,
                                                        const struct dnnl_memory_desc *diff_weights_desc,
                                                        const struct dnnl_memory_desc *diff_bias_desc,
                                                        const struct dnnl_memory_desc *diff_dst_desc,
                                                        const int64_t *strides, const int64_t *dilates,
                                                        const int64_t *padding_l, const int64_t *padding_r);

/* Version 3: a convolution forward. */
int dnnl_convolution_forward_primitive_desc_create(
    struct dnnl_primitive_desc **primitive_desc, struct dnnl_engine *engine, int prop_kind, int alg_kind,
    const struct dnnl_memory_desc *src_desc, const struct dnnl_memory_desc *weights_desc,
    const struct dnnl_memory_desc *bias_desc, const struct dnnl_memory_desc *dst_desc, const int64_t *strides,
    const int64_t *dilates, const int64_t *padding_l, const int64_t *padding_r, const struct dnnl_primitive_attr *attr);

/* Version 3: the gradient of its input. */
int dnnl_convolution_backward_data_primitive_desc_create(
    struct dnnl_primitive_desc **primitive_desc, struct dnnl_engine *engine, int alg_kind,
    const struct dnnl_memory_desc *diff_src_desc, const struct dnnl_memory_desc *weights_desc,
    const struct dnnl_memory_desc *diff_dst_desc, const int64_t *strides, const int64_t *dilates,
    const int64_t *padding_l, const int64_t *padding_r, const struct dnnl_primitive_desc *hint_fwd_pd,
    const struct dnnl_primitive_attr *attr);

/* Version 3: the gradient of its weights. */
int dnnl_convolution_backward_weights_primitive_desc_create(
    struct dnnl_primitive_desc **primitive_desc, struct dnnl_engine *engine, int alg_kind,
    const struct dnnl_memory_desc *src_desc, const struct dnnl_memory_desc *diff_weights_desc,
    const struct dnnl_memory_desc *diff_bias_desc, const struct dnnl_memory_desc *diff_dst_desc, const int64_t *strides,
    const int64_t *dilates, const int64_t *padding_l, const int64_t *padding_r,
    const struct dnnl_primitive_desc *hint_fwd_pd, const struct dnnl_primitive_attr *attr);

/* Version 2: a function of every element. */
int dnnl_eltwise_forward_desc_init(void *eltwise_desc, int prop_kind, int alg_kind,
                                   const struct dnnl_memory_desc *data_desc, float alpha, float beta);

/* Version 2: its derivative. */
int dnnl_eltwise_backward_desc_init(void *eltwise_desc, int alg_kind, const struct dnnl_memory_desc *diff_data_desc,
                                    const struct dnnl_memory_desc *data_desc, float alpha, float beta);

/* Version 2: a softmax along an axis. */
int dnnl_softmax_forward_desc_init(void *softmax_desc, int prop_kind, const struct dnnl_memory_desc *data_desc,
                                   int softmax_axis);

/* Version 2: its derivative, from its output. */
int dnnl_softmax_backward_desc_init(void *softmax_desc, const struct dnnl_memory_desc *diff_data_desc,
                                    const struct dnnl_memory_desc *data_desc, int softmax_axis);

/* Version 2: pooling. */
int dnnl_pooling_forward_desc_init(void *pool_desc, int prop_kind, int alg_kind,
                                   const struct dnnl_memory_desc *src_desc, const struct dnnl_memory_desc *dst_desc,
                                   const int64_t *strides, const int64_t *kernel, const int64_t *padding_l,
                                   const int64_t *padding_r);

/* Version 2: the gradient of its input. */
int dnnl_pooling_backward_desc_init(void *pool_desc, int alg_kind, const struct dnnl_memory_desc *diff_src_desc,
                                    const struct dnnl_memory_desc *diff_dst_desc, const int64_t *strides,
                                    const int64_t *kernel, const int64_t *padding_l, const int64_t *padding_r);

/* Version 2: local response normalisation. */
int dnnl_lrn_forward_desc_init(void *lrn_desc, int prop_kind, int alg_kind, const struct dnnl_memory_desc *data_desc,
                               int64_t local_size, float alpha, float beta, float k);

/* Version 2: batch normalisation. */
int dnnl_batch_normalization_forward_desc_init(void *bnrm_desc, int prop_kind, const struct dnnl_memory_desc *data_desc,
                                               float epsilon, unsigned flags);

/* Version 2: two tensors, element by element. */
int dnnl_binary_desc_init(void *binary_desc, int alg_kind, const struct dnnl_memory_desc *src0_desc,
                          const struct dnnl_memory_desc *src1_desc, const struct dnnl_memory_desc *dst_desc);

/* Version 3: a function of every element. */
int dnnl_eltwise_forward_primitive_desc_create(struct dnnl_primitive_desc **primitive_desc, struct dnnl_engine *engine,
                                               int prop_kind, int alg_kind, const struct dnnl_memory_desc *src_desc,
                                               const struct dnnl_memory_desc *dst_desc, float alpha, float beta,
                                               const struct dnnl_primitive_attr *attr);

/* Version 3: its derivative. */
int dnnl_eltwise_backward_primitive_desc_create(struct dnnl_primitive_desc **primitive_desc, struct dnnl_engine *engine,
                                                int alg_kind, const struct dnnl_memory_desc *diff_src_desc,
                                                const struct dnnl_memory_desc *diff_dst_desc,
                                                const struct dnnl_memory_desc *data_desc, float alpha, float beta,
                                                const struct dnnl_primitive_desc *hint_fwd_pd,
                                                const struct dnnl_primitive_attr *attr);

/* Version 3: a softmax along an axis. */
int dnnl_softmax_forward_primitive_desc_create(struct dnnl_primitive_desc **primitive_desc, struct dnnl_engine *engine,
                                               int prop_kind, int alg_kind, const struct dnnl_memory_desc *src_desc,
                                               const struct dnnl_memory_desc *dst_desc, int softmax_axis,
                                               const struct dnnl_primitive_attr *attr);

/* Version 3: its derivative, from its output. */
int dnnl_softmax_backward_primitive_desc_create(struct dnnl_primitive_desc **primitive_desc, struct dnnl_engine *engine,
                                                int alg_kind, const struct dnnl_memory_desc *diff_src_desc,
                                                const struct dnnl_memory_desc *diff_dst_desc,
                                                const struct dnnl_memory_desc *dst_desc, int softmax_axis,
                                                const struct dnnl_primitive_desc *hint_fwd_pd,
                                                const struct dnnl_primitive_attr *attr);

/* Version 3: pooling. Of dilation, 0 are neighbours. */
int dnnl_pooling_forward_primitive_desc_create(struct dnnl_primitive_desc **primitive_desc, struct dnnl_engine *engine,
                                               int prop_kind, int alg_kind, const struct dnnl_memory_desc *src_desc,
                                               const struct dnnl_memory_desc *dst_desc, const int64_t *strides,
                                               const int64_t *kernel, const int64_t *dilation, const int64_t *padding_l,
                                               const int64_t *padding_r, const struct dnnl_primitive_attr *attr);

/* Version 3: the gradient of its input. */
int dnnl_pooling_backward_primitive_desc_create(struct dnnl_primitive_desc **primitive_desc, struct dnnl_engine *engine,
                                                int alg_kind, const struct dnnl_memory_desc *diff_src_desc,
                                                const struct dnnl_memory_desc *diff_dst_desc, const int64_t *strides,
                                                const int64_t *kernel, const int64_t *dilation,
                                                const int64_t *padding_l, const int64_t *padding_r,
                                                const struct dnnl_primitive_desc *hint_fwd_pd,
                                                const struct dnnl_primitive_attr *attr);

/* Version 3: local response normalisation. */
int dnnl_lrn_forward_primitive_desc_create(struct dnnl_primitive_desc **primitive_desc, struct dnnl_engine *engine,
                                           int prop_kind, int alg_kind, const struct dnnl_memory_desc *src_desc,
                                           const struct dnnl_memory_desc *dst_desc, int64_t local_size, float alpha,
                                           float beta, float k, const struct dnnl_primitive_attr *attr);

/* Version 3: batch normalisation. */
int dnnl_batch_normalization_forward_primitive_desc_create(struct dnnl_primitive_desc **primitive_desc,
                                                           struct dnnl_engine *engine, int prop_kind,
                                                           const struct dnnl_memory_desc *src_desc,
                                                           const struct dnnl_memory_desc *dst_desc, float epsilon,
                                                           unsigned flags, const struct dnnl_primitive_attr *attr);

/* Version 3: two tensors, element by element. */
int dnnl_binary_primitive_desc_create(struct dnnl_primitive_desc **primitive_desc, struct dnnl_engine *engine,
                                      int alg_kind, const struct dnnl_memory_desc *src0_desc,
                                      const struct dnnl_memory_desc *src1_desc, const struct dnnl_memory_desc *dst_desc,
                                      const struct dnnl_primitive_attr *attr);

#endif
