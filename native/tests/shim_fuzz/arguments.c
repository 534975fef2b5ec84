/*
 * arguments.c - random arguments and their memory, right and wrong.
 */
/* MAP_ANON is not C. */
#define _DEFAULT_SOURCE
#include "fuzz.h"

#if defined(__unix__) || defined(__APPLE__)
#include <sys/mman.h>
#endif

bool sound;
bool too_large;
const char *called;
int64_t sound_calls, refused_calls;

static uint64_t state;
static char *untouchable;
static void *allocated[16];
static int allocated_count;

void begin_call(uint64_t seed, int64_t number) {
    if (!untouchable) {
#if defined(__unix__) || defined(__APPLE__)
        untouchable = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANON, -1, 0);
#else
        untouchable = (char *)64;
#endif
    }
    /* Each call follows from the seed and its number alone. */
    state = seed * UINT64_C(0x9E3779B97F4A7C15) + (uint64_t)number * UINT64_C(0xD1B54A32D192ED03);
    sound = true;
    too_large = false;
}

void end_call(void) {
    while (allocated_count > 0)
        free(allocated[--allocated_count]);
}

uint64_t next(void) {
    uint64_t z = state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

int64_t between(int64_t least, int64_t most) {
    return least + (int64_t)(next() % (uint64_t)(most - least + 1));
}

bool one_in(int number) {
    return next() % (uint64_t)number == 0;
}

int64_t strange(void) {
    static const int64_t numbers[] = {0,         -1,        1,         2,         3,          16,         17,
                                      255,       256,       46341,     65535,     65536,      1 << 24,    1 << 30,
                                      INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN, UINT32_MAX, -INT32_MAX, 1000000007};
    return numbers[next() % (sizeof numbers / sizeof *numbers)];
}

int32_t strange32(void) {
    return (int32_t)(uint32_t)(uint64_t)strange();
}

void require(bool condition) {
    sound = sound && condition;
}

void require_small(double floats, double most) {
    too_large = too_large || floats > most;
}

/* Whether so many floats fit an address space at all; what is nearly too much is left out. */
void require_fits(double floats) {
    double most = (double)(PTRDIFF_MAX / sizeof(float));
    require(floats <= most * 1.001);
    require_small(floats, MOST_FLOATS);
}

int32_t size32(int32_t most) {
    return one_in(40) ? strange32() : (int32_t)between(1, most);
}

int64_t size64(int64_t least, int64_t most) {
    return one_in(40) ? strange() : between(least, most);
}

/* A part of limit things. */
nativecnn_range part(double limit) {
    nativecnn_range r = {0, 0};
    if (limit >= 1 && limit < 1e9) {
        r.begin = between(0, (int64_t)limit);
        r.count = between(0, (int64_t)limit - r.begin);
    }
    if (one_in(40))
        r.begin = strange();
    if (one_in(40))
        r.count = strange();
    require(r.begin >= 0 && r.count >= 0 && (double)r.begin + (double)r.count <= limit);
    return r;
}

int32_t flag(void) {
    int32_t value = one_in(40) ? strange32() : (int32_t)between(0, 1);
    require(value == 0 || value == 1);
    return value;
}

float strange_float(float good) {
    static const float numbers[] = {NAN, INFINITY, -INFINITY, 0, -1, 1, 2, 1e38f, 1e-45f};
    return one_in(40) ? numbers[next() % (sizeof numbers / sizeof *numbers)] : good;
}

/* Memory for a right call, exactly so large; nothing that may be touched for a wrong one. Comes after all numbers. */
void *bytes(double count, double size) {
    if (!sound || too_large)
        return untouchable;
    if (count * size > MOST_FLOATS * 8.0) {
        too_large = true;
        return untouchable;
    }
    void *memory = malloc((size_t)(count * size));
    if (!memory)
        abort();
    allocated[allocated_count++] = memory;
    return memory;
}

float *floats(double count) {
    float *memory = bytes(count, sizeof(float));
    if ((void *)memory != (void *)untouchable)
        for (int64_t i = 0; i < (int64_t)count; i++)
            memory[i] = (float)(int64_t)(next() % 2001) / 1000 - 1;
    return memory;
}

/* Now and then nothing where something is needed. */
void *needed(void *memory) {
    if (!one_in(60))
        return memory;
    sound = false;
    return NULL;
}

float *needed_floats(double count) {
    return needed(floats(count));
}

float *optional_floats(double count) {
    return one_in(4) ? NULL : floats(count);
}

void judge(nativecnn_status status) {
    bool is_right = sound ? status == NATIVECNN_OK : status != NATIVECNN_OK;
    EXPECT(is_right, "%s: a call that is %s gave status %d", called, sound ? "right" : "wrong", (int)status);
    if (sound)
        sound_calls++;
    else
        refused_calls++;
}

/* The places of a window that fits, or 0; the output's size follows from nothing else. */
double places(double size, double before, double after, double reach, double stride) {
    double free = size + before + after - reach;
    return free < 0 || stride < 1 ? 0 : floor(free / stride) + 1;
}

int32_t as_size(double value) {
    return value >= 1 && value <= INT32_MAX ? (int32_t)value : (int32_t)between(0, 3);
}

nativecnn_activation pick_activation(void) {
    nativecnn_activation a = {(int32_t)between(0, NATIVECNN_ACTIVATION_KINDS - 1), 1.5f, 0.5f};
    if (one_in(40)) {
        a.kind = strange32();
        require(a.kind >= 0 && a.kind < NATIVECNN_ACTIVATION_KINDS);
    }
    return a;
}

nativecnn_update pick_update(bool *needs_first, bool *needs_second) {
    nativecnn_update u = {
        (int32_t)between(0, 6), 0.1f, 0.01f, one_in(3) ? 0 : 0.9f, 0.99f, 1e-8f, 1.1f, 1.2f,
    };
    u.learning_rate = strange_float(u.learning_rate);
    u.epsilon = strange_float(u.epsilon);
    if (one_in(40)) {
        u.kind = strange32();
        require(u.kind >= NATIVECNN_UPDATE_SGD && u.kind <= NATIVECNN_UPDATE_DIAGONAL);
    }
    bool is_adam = u.kind == NATIVECNN_UPDATE_ADAM || u.kind == NATIVECNN_UPDATE_ADAMW;
    bool has_second = u.kind >= NATIVECNN_UPDATE_ADAM;
    require(isfinite(u.learning_rate));
    require(!has_second || (isfinite(u.epsilon) && u.epsilon > 0));
    *needs_first = is_adam || (u.momentum != 0 && u.kind < NATIVECNN_UPDATE_ADAGRAD);
    *needs_second = has_second;
    return u;
}
