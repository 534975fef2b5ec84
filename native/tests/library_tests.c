/* library_tests.c - version, struct layouts, choice of the instruction set, denormals, the FMA probe. */
#include "test.h"

static void identity(void) {
    EXPECT(nativecnn_abi_version() == NATIVECNN_ABI_VERSION, "ABI version");
    int structs = 0;
    while (nativecnn_struct_layout(structs) != 0)
        structs++;
    for (int i = 0; i < structs; i++)
        for (int j = 0; j < i; j++)
            EXPECT(nativecnn_struct_layout(i) != nativecnn_struct_layout(j), "structs %d and %d are the same", i, j);
    EXPECT(structs >= 8 && nativecnn_struct_layout(-1) == 0 && nativecnn_struct_layout(INT32_MAX) == 0,
           "places that no struct has");
}

static void instruction_sets(void) {
    nativecnn_instruction_set before = nativecnn_instruction_set_in_use();
    nativecnn_instruction_set best = nativecnn_best_instruction_set();
    EXPECT(best >= NATIVECNN_BASELINE && best <= NATIVECNN_AVX512, "best is %d", (int)best);
    EXPECT_STATUS(NATIVECNN_BAD_ARGUMENT, nativecnn_use_instruction_set(-1));
    EXPECT_STATUS(NATIVECNN_BAD_ARGUMENT, nativecnn_use_instruction_set(NATIVECNN_AVX512 + 1));
    for (nativecnn_instruction_set set = best + 1; set <= NATIVECNN_AVX512; set++)
        EXPECT_STATUS(NATIVECNN_UNSUPPORTED, nativecnn_use_instruction_set(set));
    EXPECT(nativecnn_instruction_set_in_use() == before, "a refusal changed the instruction set");
    for (nativecnn_instruction_set set = 0; set <= best; set++) {
        EXPECT_OK(nativecnn_use_instruction_set(set));
        EXPECT(nativecnn_instruction_set_in_use() == set, "asked for %d", (int)set);
    }
    EXPECT_OK(nativecnn_use_instruction_set(before));
}

/* Volatile, so that the product is computed when it is read. */
static float half_of_smallest_normal(void) {
    volatile float smallest = 1.17549435e-38f;
    volatile float half = 0.5f;
    volatile float product = smallest * half;
    return product;
}

static void denormals(void) {
    EXPECT(half_of_smallest_normal() > 0, "denormals are flushed before they were asked to be");
    uint64_t state = nativecnn_flush_denormals();
#if defined(__x86_64__) || defined(_M_X64) || defined(__aarch64__) || defined(_M_ARM64)
    EXPECT(half_of_smallest_normal() == 0, "denormals are not flushed");
#endif
    uint64_t nested = nativecnn_flush_denormals();
    nativecnn_restore_denormals(nested);
#if defined(__x86_64__) || defined(_M_X64) || defined(__aarch64__) || defined(_M_ARM64)
    EXPECT(half_of_smallest_normal() == 0, "the inner restore ended the outer flush");
#endif
    nativecnn_restore_denormals(state);
    EXPECT(half_of_smallest_normal() > 0, "denormals are not restored");
}

static void probe(void) {
    double one = -1, many = -1;
    EXPECT_OK(nativecnn_probe_fma(1, &one));
    EXPECT_OK(nativecnn_probe_fma(1000, &many));
    EXPECT(one > 0 && many == 1000 * one, "%g operations in a round, %g in 1000", one, many);
    many = -1;
    EXPECT_STATUS(NATIVECNN_BAD_ARGUMENT, nativecnn_probe_fma(0, &many));
    EXPECT_STATUS(NATIVECNN_BAD_ARGUMENT, nativecnn_probe_fma(INT64_MIN, &many));
    EXPECT_STATUS(NATIVECNN_NULL_POINTER, nativecnn_probe_fma(1, NULL));
    EXPECT(many == -1, "a refused call wrote");
}

/* With the name that NATIVECNN_INSTRUCTION_SET has: what must be in use then. */
static int check_environment(const char *name) {
    nativecnn_instruction_set best = nativecnn_best_instruction_set();
    nativecnn_instruction_set asked = strcmp(name, "baseline") == 0 ? NATIVECNN_BASELINE
                                      : strcmp(name, "avx2") == 0   ? NATIVECNN_AVX2
                                                                    : best;
    nativecnn_instruction_set wanted = asked < best ? asked : best;
    EXPECT(nativecnn_instruction_set_in_use() == wanted, "%s asked for, best is %d", name, (int)best);
    return test_result();
}

int main(int count, char **arguments) {
    if (count > 1)
        return check_environment(arguments[1]);
    test_run("identity", identity);
    test_run("instruction sets", instruction_sets);
    test_run("denormals", denormals);
    test_run("probe", probe);
    return test_result();
}
