/*
 * fuzz.h - random arguments, the memory they need, and what is known of the call under way.
 *
 * Whether a call is right is decided from the header's words, with sums in double that cannot overflow. Numbers are
 * drawn first, then memory: a right call gets buffers exactly as large as documented, a wrong one memory that nobody
 * may touch.
 */
#ifndef NATIVECNN_TESTS_FUZZ_H
#define NATIVECNN_TESTS_FUZZ_H

#include "../test.h"

/* Calls that need more floats, or more products, than this are left out. */
#define MOST_FLOATS (1 << 20)
#define MOST_PRODUCTS (1 << 22)

/* What is known of the call under way. */
extern bool sound;
extern bool too_large;
extern const char *called;
extern int64_t sound_calls, refused_calls;

/* Makes ready for the call of this number, and frees what it took. */
void begin_call(uint64_t seed, int64_t number);
void end_call(void);

uint64_t next(void);
int64_t between(int64_t least, int64_t most);
bool one_in(int number);

/* Numbers at which arithmetic breaks. */
int64_t strange(void);
int32_t strange32(void);
float strange_float(float good);

/* What a right call needs, and what is too large to be tried. */
void require(bool condition);
void require_small(double floats, double most);
void require_fits(double floats);

/* Now and then a strange one. */
int32_t size32(int32_t most);
int64_t size64(int64_t least, int64_t most);
nativecnn_range part(double limit);
int32_t flag(void);

/* Memory; needed ones are now and then NULL, which makes the call wrong, optional ones may be. */
void *bytes(double count, double size);
float *floats(double count);
void *needed(void *memory);
float *needed_floats(double count);
float *optional_floats(double count);

/* The places of a window that fits, or 0. */
double places(double size, double before, double after, double reach, double stride);
int32_t as_size(double value);

nativecnn_activation pick_activation(void);
nativecnn_update pick_update(bool *needs_first, bool *needs_second);

void judge(nativecnn_status status);

#define CALL(function, ...)                                                                                            \
    do {                                                                                                               \
        called = #function;                                                                                            \
        if (!too_large)                                                                                                \
            judge(function(__VA_ARGS__));                                                                              \
    } while (0)

/* An export's name, and what calls it at random. */
typedef struct fuzzed_export {
    const char *name;
    void (*fuzz)(void);
} fuzzed_export;

typedef struct fuzzed_family {
    const fuzzed_export *exports;
    int count;
} fuzzed_family;

#define EXPORT(name)                                                                                                   \
    { "nativecnn_" #name, fuzz_##name }
#define FAMILY(exports)                                                                                                \
    { exports, sizeof exports / sizeof *exports }

extern const fuzzed_family convolution_exports, winograd_exports, dense_exports, pooling_exports, rows_exports,
    library_exports;

#endif
