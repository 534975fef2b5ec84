/*
 * library.c - what asks or sets up the library.
 */
#include "fuzz.h"

static void fuzz_probe_fma(void) {
    int64_t rounds = one_in(4) ? -between(0, INT64_MAX - 1) : between(1, 20);
    double operations = 0;
    require(rounds >= 1);
    CALL(nativecnn_probe_fma, rounds, needed(&operations));
}

static void fuzz_use_instruction_set(void) {
    int32_t set = one_in(4) ? strange32() : (int32_t)between(0, 2);
    require(set >= 0 && set <= (int32_t)nativecnn_best_instruction_set());
    CALL(nativecnn_use_instruction_set, (nativecnn_instruction_set)set);
}

static void fuzz_struct_layout(void) {
    (void)nativecnn_struct_layout(one_in(2) ? strange32() : (int32_t)between(-1, 200));
}

static const fuzzed_export exports[] = {
    EXPORT(probe_fma),
    EXPORT(use_instruction_set),
    EXPORT(struct_layout),
};
const fuzzed_family library_exports = FAMILY(exports);
