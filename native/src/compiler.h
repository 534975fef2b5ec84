/*
 * compiler.h - what the compilers spell differently, in one place.
 */
#ifndef NATIVECNN_COMPILER_H
#define NATIVECNN_COMPILER_H

#if defined(_MSC_VER) && !defined(__clang__)
#define RESTRICT __restrict
#define INLINE static __forceinline
#else
#define RESTRICT restrict
/* Kernels are specialised by calling an inlined body with constants: inlining is not the compiler's to decide. */
#define INLINE static inline __attribute__((always_inline, unused))
#endif

/* In front of a loop with a constant number of rounds, at most 16, whose arrays are to become registers; or that is to
 * stay one, since all rounds together have more values than registers. */
#if defined(__clang__)
#define UNROLL _Pragma("clang loop unroll(full)")
#define KEEP_ROLLED _Pragma("clang loop unroll(disable)")
#elif defined(__GNUC__)
#define UNROLL _Pragma("GCC unroll 16")
#define KEEP_ROLLED _Pragma("GCC unroll 1")
#else
#define UNROLL
#define KEEP_ROLLED
#endif

/* Asks for the cache line at an address, which need not exist. */
#if defined(__GNUC__)
#define PREFETCH(address) __builtin_prefetch((const void *)(address))
#else
#define PREFETCH(address) ((void)(address))
#endif

/* The same for what is needed later: the line goes to the second cache. */
#if defined(__GNUC__)
#define PREFETCH_LATER(address) __builtin_prefetch((const void *)(address), 0, 2)
#else
#define PREFETCH_LATER(address) ((void)(address))
#endif

/* The same for what is written later. */
#if defined(__GNUC__)
#define PREFETCH_WRITE_LATER(address) __builtin_prefetch((const void *)(address), 1, 2)
#else
#define PREFETCH_WRITE_LATER(address) ((void)(address))
#endif

/* A pointer that many threads read and few write, always with a valid value. What it points to is constant data, so
 * that no ordering is needed. */
#if defined(__GNUC__)
#define LOAD_POINTER(place) __atomic_load_n(&(place), __ATOMIC_RELAXED)
#define STORE_POINTER(place, value) __atomic_store_n(&(place), (value), __ATOMIC_RELAXED)
#else
#define LOAD_POINTER(place) (*(const void *const volatile *)&(place))
#define STORE_POINTER(place, value) (*(const void *volatile *)&(place) = (value))
#endif

#endif
