/*
 * constant_rows.h - a number of rows as a constant, so that a block of sums can be registers.
 */
#ifndef NATIVECNN_CONSTANT_ROWS_H
#define NATIVECNN_CONSTANT_ROWS_H

/* Calls BODY(rows) with rows, 1 to most, as a constant; most is a constant up to 16. Rows beyond it give no code. */
#define WITH_CONSTANT_ROWS(rows, most, BODY)                                                                           \
    switch (rows) {                                                                                                    \
        CASE(1, most, BODY)                                                                                            \
        CASE(2, most, BODY)                                                                                            \
        CASE(3, most, BODY)                                                                                            \
        CASE(4, most, BODY)                                                                                            \
        CASE(5, most, BODY)                                                                                            \
        CASE(6, most, BODY)                                                                                            \
        CASE(7, most, BODY)                                                                                            \
        CASE(8, most, BODY)                                                                                            \
        CASE(9, most, BODY)                                                                                            \
        CASE(10, most, BODY)                                                                                           \
        CASE(11, most, BODY)                                                                                           \
        CASE(12, most, BODY)                                                                                           \
        CASE(13, most, BODY)                                                                                           \
        CASE(14, most, BODY)                                                                                           \
        CASE(15, most, BODY)                                                                                           \
        CASE(16, most, BODY)                                                                                           \
    default:                                                                                                           \
        break;                                                                                                         \
    }
#define CASE(number, most, BODY)                                                                                       \
    case number:                                                                                                       \
        if (number <= (most))                                                                                          \
            BODY((number <= (most) ? number : 1));                                                                     \
        break;

#endif
