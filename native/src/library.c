/* library.c - who the library is. */
#include "nativecnn.h"

#include <stddef.h>

typedef struct struct_field {
    const char *name;
    size_t offset;
    size_t size;
} struct_field;

typedef struct struct_layout {
    size_t size;
    const struct_field *fields;
    size_t field_count;
} struct_layout;

#define FIELD(type, name)                                                                                              \
    { #name, offsetof(type, name), sizeof(((type *)0)->name) }
#define STRUCT(type)                                                                                                   \
    { sizeof(type), type##_fields, sizeof type##_fields / sizeof type##_fields[0] }
#define NATIVECNN_STRUCT_TABLE
#include "generated/tables.g.h"

int32_t nativecnn_abi_version(void) {
    return NATIVECNN_ABI_VERSION;
}

/* One step of FNV-1a. */
static uint64_t step(uint64_t hash, uint64_t value) {
    return (hash ^ value) * UINT64_C(0x100000001B3);
}

uint64_t nativecnn_struct_layout(int32_t place) {
    if (place < 0 || (size_t)place >= sizeof struct_layouts / sizeof struct_layouts[0])
        return 0;
    const struct_layout *layout = &struct_layouts[place];
    uint64_t hash = UINT64_C(0xCBF29CE484222325);
    for (size_t i = 0; i < layout->field_count; i++) {
        for (const char *letter = layout->fields[i].name; *letter; letter++)
            hash = step(hash, (unsigned char)*letter);
        hash = step(step(hash, layout->fields[i].offset), layout->fields[i].size);
    }
    return step(hash, layout->size);
}
