/* vector_math_tests.c - what is made of exp, log(1 + x) and tanh over all floats, by steps: the error in units in the
 * last place of the result, in float64 before it, overflow, and what is no number. */
#include "activation_formulas.h"

#include <float.h>

/* The unit in the last place of a result; below the normal numbers that of the smallest of them. */
static double unit_of(double wanted) {
    int exponent;
    frexp(wanted, &exponent);
    return ldexp(1, (exponent < FLT_MIN_EXP ? FLT_MIN_EXP : exponent) - FLT_MANT_DIG);
}

typedef struct worst {
    double units;
    float at;
} worst;

/* A prime, so that signs, exponents and fractions of every kind come by: about a million floats. */
enum { STEP = 4099, BLOCK = 1024 };

/* The worst error over the floats of both signs whose magnitude has bits from least to most, and exactly at infinity.
 * lowest: the magnitude below which a result counts as 0. */
static worst worst_of(nativecnn_activation a, float least, float most, double lowest) {
    uint32_t from, to;
    memcpy(&from, &least, sizeof from);
    memcpy(&to, &most, sizeof to);
    float x[BLOCK], y[BLOCK];
    worst result = {0, 0};
    for (uint32_t sign = 0; sign <= 0x80000000u; sign += 0x80000000u) {
        for (uint64_t bits = from; bits <= to;) {
            int count = 0;
            for (; count < BLOCK && bits <= to; count++, bits += STEP) {
                uint32_t value = (uint32_t)bits | sign;
                memcpy(x + count, &value, sizeof value);
            }
            EXPECT_OK(nativecnn_activation_forward(&a, x, count, y));
            for (int i = 0; i < count; i++) {
                double wanted = activation_of(&a, (double)x[i]);
                double error = fabs((double)y[i] - wanted);
                if (fabs(wanted) < lowest && fabs((double)y[i]) <= lowest)
                    continue;
                if (fabs(wanted) > (double)FLT_MAX && (double)y[i] == copysign(INFINITY, wanted))
                    continue;
                /* NaN is the worst there is. */
                if (!(error / unit_of(wanted) <= result.units))
                    result = (worst){error / unit_of(wanted), x[i]};
            }
        }
        if (sign != 0)
            break;
    }
    return result;
}

static void every_magnitude(void) {
    const struct {
        const char *name;
        nativecnn_activation activation;
        double lowest;
        double units;
    } functions[] = {
        {"tanh", {NATIVECNN_TANH, 0, 0}, 0, 2},
        {"scaled tanh", {NATIVECNN_SCALED_TANH, 1.7159f, 2.0f / 3}, 0, 3},
        {"logistic", {NATIVECNN_LOGISTIC, 0, 1}, FLT_MIN, 2.5},
        {"softplus", {NATIVECNN_SOFTPLUS, 0, 1}, FLT_MIN, 3},
        {"softplus of -1", {NATIVECNN_SOFTPLUS, 0, -1}, FLT_MIN, 3},
        {"elu", {NATIVECNN_ELU, 1, 0}, 0, 2},
        {"smooth |x|", {NATIVECNN_SMOOTH_ABSOLUTE, 0, 1}, FLT_MIN, 4},
    };
    for (size_t f = 0; f < sizeof functions / sizeof functions[0]; f++) {
        worst found = worst_of(functions[f].activation, 0, FLT_MAX, functions[f].lowest);
        if (getenv("NATIVECNN_PRINT_ERRORS"))
            printf("%s: %.2f units, at %.9g\n", functions[f].name, found.units, (double)found.at);
        EXPECT(found.units <= functions[f].units, "%s is off by %g units at %.9g", functions[f].name, found.units,
               (double)found.at);
    }
}

/* exp by itself is softmax's: two logits 0 and x have the odds e^x. */
static void exponential_limits(void) {
    const float x[] = {-INFINITY, -FLT_MAX, -104, -90, -0.0f, 1e-40f};
    for (size_t i = 0; i < sizeof x / sizeof x[0]; i++) {
        float logits[2] = {0, x[i]}, shares[2];
        EXPECT_OK(nativecnn_softmax_forward(logits, 1, 2, shares));
        double wanted = exp((double)x[i]) / (1 + exp((double)x[i]));
        EXPECT(fabs((double)shares[1] - wanted) <= fmax(3 * unit_of(wanted), FLT_MIN), "exp %g", (double)x[i]);
        EXPECT(fabs((double)shares[0] + (double)shares[1] - 1) <= 2 * ROUNDING, "shares of %g", (double)x[i]);
    }
}

/* The ends of the range, signed zeros and NaN. */
static void special_values(void) {
    const float x[] = {INFINITY, -INFINITY, NAN, 0, FLT_MAX, -FLT_MAX};
    enum { COUNT = sizeof x / sizeof x[0] };
    const struct {
        nativecnn_activation activation;
        float wanted[COUNT];
    } rows[] = {
        {{NATIVECNN_TANH, 0, 0}, {1, -1, NAN, 0, 1, -1}},
        {{NATIVECNN_SCALED_TANH, 2, 0.5f}, {2, -2, NAN, 0, 2, -2}},
        {{NATIVECNN_LOGISTIC, 0, 1}, {1, 0, NAN, 0.5f, 1, 0}},
        {{NATIVECNN_SOFTPLUS, 0, 1}, {INFINITY, 0, NAN, 0.693147181f, FLT_MAX, 0}},
        {{NATIVECNN_ELU, 1, 0}, {INFINITY, -1, NAN, 0, FLT_MAX, -1}},
        {{NATIVECNN_SMOOTH_ABSOLUTE, 0, 1}, {INFINITY, INFINITY, NAN, 0, FLT_MAX, FLT_MAX}},
    };
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        float y[COUNT];
        EXPECT_OK(nativecnn_activation_forward(&rows[r].activation, x, COUNT, y));
        for (int i = 0; i < COUNT; i++)
            EXPECT_CLOSE(y[i], rows[r].wanted[i], ((tolerance){0, 2 * ROUNDING}), "kind %d of %g",
                         rows[r].activation.kind, (double)x[i]);
    }
}

int main(void) {
    test_run("every magnitude", every_magnitude);
    test_run("exponential limits", exponential_limits);
    test_run("special values", special_values);
    return test_result();
}
