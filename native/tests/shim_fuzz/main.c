/*
 * main.c - calls every export with random sizes, ranges and pointers, right and wrong ones.
 *
 * usage: shim_fuzz [SECONDS] [SEED] [CALLS], by default 10, 1 and no end. A right call must succeed and stay within
 * buffers that are exactly as large as documented (built with the sanitizers, the first byte outside ends the program);
 * a wrong one must be refused, and all its pointers lead to memory that nobody may touch.
 */
#include "fuzz.h"

#include <time.h>

static const fuzzed_family *const families[] = {&convolution_exports, &winograd_exports, &dense_exports,
                                                &pooling_exports,     &rows_exports,     &library_exports};
enum { FAMILY_COUNT = sizeof families / sizeof *families };

static int export_count(void) {
    int count = 0;
    for (int i = 0; i < FAMILY_COUNT; i++)
        count += families[i]->count;
    return count;
}

static const fuzzed_export *export_at(int index) {
    int family = 0;
    while (index >= families[family]->count)
        index -= families[family++]->count;
    return &families[family]->exports[index];
}

/* Those that take nothing that could be wrong. */
static const char *const harmless[] = {"nativecnn_abi_version", "nativecnn_instruction_set_in_use",
                                       "nativecnn_best_instruction_set", "nativecnn_flush_denormals",
                                       "nativecnn_restore_denormals"};

static bool is_covered(const char *name, size_t length) {
    for (int i = 0; i < export_count(); i++)
        if (strlen(export_at(i)->name) == length && strncmp(export_at(i)->name, name, length) == 0)
            return true;
    for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++)
        if (strlen(harmless[i]) == length && strncmp(harmless[i], name, length) == 0)
            return true;
    return false;
}

/* Every export of the header is in a table or in the list above. */
static void check_coverage(void) {
    FILE *file = fopen(NATIVECNN_HEADER, "rb");
    EXPECT(file, "%s cannot be opened", NATIVECNN_HEADER);
    if (!file)
        return;
    static char text[1 << 20];
    text[fread(text, 1, sizeof text - 1, file)] = 0;
    fclose(file);
    int found = 0;
    for (const char *at = text; (at = strstr(at, "\nNATIVECNN_API ")) != NULL;) {
        const char *name = strstr(at + strlen("\nNATIVECNN_API "), " nativecnn_");
        /* The type may be one of ours: the name is what a bracket follows. */
        while (name && name[1 + strcspn(name + 1, " (")] != '(')
            name = strstr(name + 1, " nativecnn_");
        if (!name)
            break;
        name++;
        size_t length = strcspn(name, "(");
        EXPECT(is_covered(name, length), "%.*s is not in a table of shim_fuzz", (int)length, name);
        found++;
        at = name;
    }
    EXPECT(found >= export_count(), "only %d exports were found in the header", found);
}

int main(int count, char **arguments) {
    double seconds = count > 1 ? atof(arguments[1]) : 10;
    uint64_t seed = count > 2 ? strtoull(arguments[2], NULL, 10) : 1;
    int64_t most = count > 3 ? strtoll(arguments[3], NULL, 10) : INT64_MAX;
    check_coverage();
    time_t end = time(NULL) + (time_t)seconds;
    int64_t calls = 0;
    for (; calls < most && test_result() == 0 && (calls % 1000 || time(NULL) <= end); calls++) {
        begin_call(seed, calls);
        export_at((int)(next() % (uint64_t)export_count()))->fuzz();
        if (test_result() != 0)
            printf("  in call %lld of seed %llu\n", (long long)calls, (unsigned long long)seed);
        end_call();
    }
    printf("%lld calls, %lld right ones, %lld refused, seed %llu\n", (long long)calls, (long long)sound_calls,
           (long long)refused_calls, (unsigned long long)seed);
    return test_result();
}
