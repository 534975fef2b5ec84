/* pictures_tests.c - pictures that the libraries themselves wrote, whole, cut short, altered and lied about. */
#include "nativecnn_pictures.h"
#include "test.h"

#include <png.h>
#include <turbojpeg.h>

#define WIDTH 37
#define HEIGHT 22
#define MOST (1 << 20)

typedef struct file {
    uint8_t *bytes;
    int64_t count;
} file;

/* Smooth, so that JPEG keeps it, and another at every corner. */
static unsigned colour_at(int x, int y, int c) {
    return (unsigned)(c == 0 ? 40 + 5 * x : c == 1 ? 230 - 8 * y : 60 + 2 * x + 3 * y);
}

static uint8_t *draw(int channels) {
    uint8_t *pixels = malloc(WIDTH * HEIGHT * 4);
    for (int i = 0; i < WIDTH * HEIGHT; i++)
        for (int c = 0; c < channels; c++)
            pixels[i * channels + c] = (uint8_t)(c < 3 ? colour_at(i % WIDTH, i / WIDTH, c) : 255);
    return pixels;
}

static file write_jpeg(int channels, int format, int subsampling, int flags) {
    uint8_t *pixels = draw(channels);
    unsigned char *bytes = NULL;
    unsigned long count = 0;
    tjhandle encoder = tjInitCompress();
    EXPECT(tjCompress2(encoder, pixels, WIDTH, 0, HEIGHT, format, &bytes, &count, subsampling, 95, flags) == 0, "%s",
           tjGetErrorStr2(encoder));
    tjDestroy(encoder);
    free(pixels);
    file result = {malloc(count), (int64_t)count};
    memcpy(result.bytes, bytes, count);
    tjFree(bytes);
    return result;
}

static file write_png(png_uint_32 format, int channels, int bytes_per_value) {
    uint8_t *pixels = draw(channels);
    uint16_t *wide = malloc(sizeof *wide * WIDTH * HEIGHT * 4);
    for (int i = 0; i < WIDTH * HEIGHT * channels; i++)
        wide[i] = (uint16_t)(pixels[i] * 257);
    png_image image = {.version = PNG_IMAGE_VERSION, .width = WIDTH, .height = HEIGHT, .format = format};
    const void *from = bytes_per_value == 2 ? (const void *)wide : pixels;
    png_alloc_size_t count = 0;
    EXPECT(png_image_write_to_memory(&image, NULL, &count, 0, from, 0, NULL), "%s", image.message);
    file result = {malloc(count), (int64_t)count};
    EXPECT(png_image_write_to_memory(&image, result.bytes, &count, 0, from, 0, NULL), "%s", image.message);
    free(pixels);
    free(wide);
    return result;
}

static nativecnn_pictures_status decode(file f, int denominator, int channels, uint8_t *pixels, int64_t room) {
    char problem[NATIVECNN_PICTURES_PROBLEM_BYTES];
    nativecnn_pictures_status result = nativecnn_pictures_decode(f.bytes, f.count, MOST, denominator, channels, pixels,
                                                                 room, problem, (int32_t)sizeof problem);
    EXPECT(result < NATIVECNN_PICTURES_UNKNOWN_FORMAT || problem[0] != 0, "nothing is said of status %d", (int)result);
    return result;
}

/* Decodes a whole file and compares every pixel with the drawing. */
static void expect_drawing(file f, int channels, int tolerated) {
    uint8_t *pixels = test_allocate(WIDTH * HEIGHT * channels, 1);
    EXPECT_OK(decode(f, 1, channels, pixels, WIDTH * HEIGHT * channels));
    for (int i = 0; i < WIDTH * HEIGHT * channels; i++) {
        int x = i / channels % WIDTH, y = i / channels / WIDTH;
        int expected = (int)colour_at(x, y, i % channels);
        if (channels == 1)
            expected =
                (int)lround(0.299 * colour_at(x, y, 0) + 0.587 * colour_at(x, y, 1) + 0.114 * colour_at(x, y, 2));
        EXPECT(abs(pixels[i] - expected) <= tolerated, "(%d, %d, %d) is %d, not %d", x, y, i % channels, pixels[i],
               expected);
    }
    test_free(pixels);
}

/* Every shorter file is refused, and no byte is written beyond the place. */
static void expect_no_part_of(file f) {
    uint8_t *pixels = test_allocate(WIDTH * HEIGHT * 3, 1);
    for (int64_t count = 0; count < f.count; count++) {
        /* A copy of its own, so that the sanitizer sees who reads too far. */
        file part = {malloc((size_t)(count > 0 ? count : 1)), count};
        memcpy(part.bytes, f.bytes, (size_t)count);
        nativecnn_pictures_status result = decode(part, 1, 3, pixels, WIDTH * HEIGHT * 3);
        EXPECT(result == NATIVECNN_PICTURES_DAMAGED || result == NATIVECNN_PICTURES_UNKNOWN_FORMAT,
               "%d of %d bytes gave %d", (int)count, (int)f.count, (int)result);
        free(part.bytes);
    }
    test_free(pixels);
}

static void test_jpeg(void) {
    static const int denominators[] = {1, 2, 4, 8};
    file colour = write_jpeg(3, TJPF_RGB, TJSAMP_444, 0),
         progressive = write_jpeg(3, TJPF_RGB, TJSAMP_420, TJFLAG_PROGRESSIVE);
    expect_drawing(colour, 3, 6);
    expect_drawing(colour, 1, 4);
    expect_drawing(progressive, 3, 24);
    nativecnn_pictures_info info;
    EXPECT_OK(nativecnn_pictures_read_info(colour.bytes, colour.count, MOST, &info, NULL, 0));
    EXPECT(info.format == NATIVECNN_PICTURES_JPEG && info.width == WIDTH && info.height == HEIGHT &&
               info.components == 3 && info.bits == 8 && info.orientation == 1,
           "the header is not read");
    for (int k = 0; k < 4; k++) {
        int d = denominators[k], width = (WIDTH + d - 1) / d, height = (HEIGHT + d - 1) / d;
        uint8_t *pixels = test_allocate(width * height * 3, 1);
        EXPECT_OK(decode(colour, d, 3, pixels, width * height * 3));
        EXPECT(abs(pixels[0] - (int)colour_at(0, 0, 0)) < 5 * d && abs(pixels[1] - (int)colour_at(0, 0, 1)) < 8 * d,
               "1/%d begins with %d, %d", d, pixels[0], pixels[1]);
        EXPECT_STATUS(NATIVECNN_PICTURES_BAD_ARGUMENT, decode(colour, d, 3, pixels, width * height * 3 - 1));
        test_free(pixels);
    }
    expect_no_part_of(colour);
    expect_no_part_of(progressive);
    free(colour.bytes);
    free(progressive.bytes);
}

static void test_grey_and_cmyk(void) {
    file grey = write_jpeg(1, TJPF_GRAY, TJSAMP_GRAY, 0), cmyk = write_jpeg(4, TJPF_CMYK, TJSAMP_444, 0);
    uint8_t *pixels = test_allocate(WIDTH * HEIGHT * 3, 1);
    EXPECT_OK(decode(grey, 1, 3, pixels, WIDTH * HEIGHT * 3));
    for (int i = 0; i < WIDTH * HEIGHT; i++)
        EXPECT(pixels[3 * i] == pixels[3 * i + 1] && pixels[3 * i] == pixels[3 * i + 2] &&
                   abs(pixels[3 * i] - (int)colour_at(i % WIDTH, i / WIDTH, 0)) <= 4,
               "grey pixel %d is %d", i, pixels[3 * i]);
    test_free(pixels);
    /* Without black, inks as Adobe writes them are the colours themselves. */
    expect_drawing(cmyk, 3, 6);
    expect_drawing(cmyk, 1, 6);
    expect_no_part_of(cmyk);
    nativecnn_pictures_info info;
    EXPECT_OK(nativecnn_pictures_read_info(cmyk.bytes, cmyk.count, MOST, &info, NULL, 0));
    EXPECT(info.components == 4, "CMYK has %d components", info.components);
    free(grey.bytes);
    free(cmyk.bytes);
}

static void test_png(void) {
    file colour = write_png(PNG_FORMAT_RGB, 3, 1), transparent = write_png(PNG_FORMAT_RGBA, 4, 1);
    expect_drawing(colour, 3, 0);
    expect_drawing(colour, 1, 1);
    expect_drawing(transparent, 3, 0);
    expect_no_part_of(colour);
    uint8_t *pixels = test_allocate(WIDTH * HEIGHT * 3, 1);
    EXPECT_STATUS(NATIVECNN_PICTURES_BAD_ARGUMENT, decode(colour, 2, 3, pixels, WIDTH * HEIGHT * 3));
    EXPECT_STATUS(NATIVECNN_PICTURES_BAD_ARGUMENT, decode(colour, 1, 3, pixels, WIDTH * HEIGHT * 3 - 1));
    /* 16 bits: linear light, so that only order and ends are compared. */
    file wide = write_png(PNG_FORMAT_LINEAR_Y, 1, 2);
    nativecnn_pictures_info info;
    EXPECT_OK(nativecnn_pictures_read_info(wide.bytes, wide.count, MOST, &info, NULL, 0));
    EXPECT(info.bits == 16 && info.components == 1, "16 bits are %d", info.bits);
    EXPECT_OK(decode(wide, 1, 1, pixels, WIDTH * HEIGHT));
    for (int x = 1; x < WIDTH; x++)
        EXPECT(pixels[x] > pixels[x - 1], "16 bits: %d follows %d", pixels[x], pixels[x - 1]);
    expect_no_part_of(wide);
    test_free(pixels);
    free(colour.bytes);
    free(transparent.bytes);
    free(wide.bytes);
}

/* A JPEG with a segment behind its first marker. */
static file with_segment(file f, const uint8_t *segment, int64_t count) {
    file result = {malloc((size_t)(f.count + count)), f.count + count};
    memcpy(result.bytes, f.bytes, 2);
    memcpy(result.bytes + 2, segment, (size_t)count);
    memcpy(result.bytes + 2 + count, f.bytes + 2, (size_t)f.count - 2);
    return result;
}

static void test_orientation(void) {
    uint8_t big[] = {0xFF, 0xE1, 0, 34, 'E', 'x', 'i', 'f', 0, 0, 'M', 'M', 0, 42, 0, 0, 0, 8,
                     0,    1,    1, 18, 0,   3,   0,   0,   0, 1, 0,   6,   0, 0,  0, 0, 0, 0};
    uint8_t little[] = {0xFF, 0xE1, 0,  34, 'E', 'x', 'i', 'f', 0, 0, 'I', 'I', 42, 0, 8, 0, 0, 0,
                        1,    0,    18, 1,  3,   0,   1,   0,   0, 0, 8,   0,   0,  0, 0, 0, 0, 0};
    file plain = write_jpeg(3, TJPF_RGB, TJSAMP_444, 0);
    nativecnn_pictures_info info;
    file turned = with_segment(plain, big, sizeof big);
    EXPECT_OK(nativecnn_pictures_read_info(turned.bytes, turned.count, MOST, &info, NULL, 0));
    EXPECT(info.orientation == 6, "orientation 6 is read as %d", info.orientation);
    expect_drawing(turned, 3, 6);
    free(turned.bytes);
    turned = with_segment(plain, little, sizeof little);
    EXPECT_OK(nativecnn_pictures_read_info(turned.bytes, turned.count, MOST, &info, NULL, 0));
    EXPECT(info.orientation == 8, "orientation 8 is read as %d", info.orientation);
    free(turned.bytes);
    /* Any byte altered, it is 1 to 8 and nobody reads elsewhere. */
    for (size_t at = 4; at < sizeof big; at++)
        for (int value = 0; value < 256; value += 5) {
            uint8_t kept = big[at];
            big[at] = (uint8_t)value;
            file altered = with_segment(plain, big, sizeof big);
            EXPECT_OK(nativecnn_pictures_read_info(altered.bytes, altered.count, MOST, &info, NULL, 0));
            EXPECT(info.orientation >= 1 && info.orientation <= 8, "orientation %d", info.orientation);
            free(altered.bytes);
            big[at] = kept;
        }
    free(plain.bytes);
}

/* 50,000 x 50,000 in the header of a small file. */
static void test_large_headers(void) {
    file jpeg = write_jpeg(3, TJPF_RGB, TJSAMP_444, 0), png = write_png(PNG_FORMAT_RGB, 3, 1);
    int64_t frame = 0;
    while (jpeg.bytes[frame] != 0xFF || jpeg.bytes[frame + 1] != 0xC0)
        frame++;
    memcpy(jpeg.bytes + frame + 5, "\xC3\x50\xC3\x50", 4);
    memcpy(png.bytes + 16, "\0\0\xC3\x50\0\0\xC3\x50", 8);
    uint8_t pixel[3];
    nativecnn_pictures_info info;
    EXPECT_STATUS(NATIVECNN_PICTURES_TOO_LARGE,
                  nativecnn_pictures_read_info(jpeg.bytes, jpeg.count, 1 << 28, &info, NULL, 0));
    EXPECT(info.width == 50000 && info.height == 50000, "the size is not told");
    EXPECT_STATUS(NATIVECNN_PICTURES_TOO_LARGE, decode(jpeg, 8, 3, pixel, sizeof pixel));
    EXPECT_STATUS(NATIVECNN_PICTURES_TOO_LARGE, decode(png, 1, 3, pixel, sizeof pixel));
    /* Taken by the caller, it still does not fit the place. */
    EXPECT_STATUS(NATIVECNN_PICTURES_BAD_ARGUMENT,
                  nativecnn_pictures_decode(png.bytes, png.count, INT64_MAX, 1, 3, pixel, sizeof pixel, NULL, 0));
    free(jpeg.bytes);
    free(png.bytes);
}

/* Altered files are refused or give some picture; nobody reads or writes elsewhere. */
static void test_altered_files(void) {
    file files[] = {write_jpeg(3, TJPF_RGB, TJSAMP_420, 0), write_jpeg(3, TJPF_RGB, TJSAMP_444, TJFLAG_PROGRESSIVE),
                    write_jpeg(4, TJPF_CMYK, TJSAMP_444, 0), write_png(PNG_FORMAT_RGBA, 4, 1),
                    write_png(PNG_FORMAT_GRAY, 1, 1)};
    uint8_t *pixels = test_allocate(4 * WIDTH * HEIGHT * 3, 1);
    uint32_t random = 1;
    for (int round = 0; round < 6000; round++) {
        file whole = files[round % 5], altered = {malloc((size_t)whole.count), whole.count};
        memcpy(altered.bytes, whole.bytes, (size_t)whole.count);
        for (int change = 0; change <= round % 4; change++) {
            random = random * 1664525u + 1013904223u;
            int64_t at = (random >> 8) % (uint32_t)whole.count;
            random = random * 1664525u + 1013904223u;
            altered.bytes[at] = (uint8_t)(random >> 24);
        }
        decode(altered, 1, 3, pixels, 4 * WIDTH * HEIGHT * 3);
        free(altered.bytes);
    }
    test_free(pixels);
    for (int i = 0; i < 5; i++)
        free(files[i].bytes);
}

static void test_refusals(void) {
    const uint8_t gif[] = "GIF89a\x01\0\x01\0\0\0\0;";
    uint8_t pixel[3];
    nativecnn_pictures_info info;
    char text[8];
    EXPECT_STATUS(NATIVECNN_PICTURES_UNKNOWN_FORMAT,
                  nativecnn_pictures_read_info(gif, sizeof gif, MOST, &info, text, sizeof text));
    EXPECT(strlen(text) == sizeof text - 1, "a text is not cut to its place");
    EXPECT_STATUS(NATIVECNN_PICTURES_UNKNOWN_FORMAT, nativecnn_pictures_read_info(gif, 0, MOST, &info, NULL, 0));
    EXPECT_STATUS(NATIVECNN_PICTURES_NULL_POINTER, nativecnn_pictures_read_info(NULL, 0, MOST, &info, NULL, 0));
    EXPECT_STATUS(NATIVECNN_PICTURES_NULL_POINTER, nativecnn_pictures_read_info(gif, 1, MOST, NULL, NULL, 0));
    EXPECT_STATUS(NATIVECNN_PICTURES_NULL_POINTER, nativecnn_pictures_read_info(gif, 1, MOST, &info, NULL, 9));
    EXPECT_STATUS(NATIVECNN_PICTURES_BAD_ARGUMENT, nativecnn_pictures_read_info(gif, -1, MOST, &info, NULL, 0));
    EXPECT_STATUS(NATIVECNN_PICTURES_BAD_ARGUMENT, nativecnn_pictures_read_info(gif, 1, 0, &info, NULL, 0));
    EXPECT_STATUS(NATIVECNN_PICTURES_BAD_ARGUMENT, nativecnn_pictures_read_info(gif, 1, MOST, &info, text, -1));
    EXPECT_STATUS(NATIVECNN_PICTURES_NULL_POINTER, nativecnn_pictures_decode(gif, 1, MOST, 1, 3, NULL, 3, NULL, 0));
    EXPECT_STATUS(NATIVECNN_PICTURES_BAD_ARGUMENT, nativecnn_pictures_decode(gif, 1, MOST, 3, 3, pixel, 3, NULL, 0));
    EXPECT_STATUS(NATIVECNN_PICTURES_BAD_ARGUMENT, nativecnn_pictures_decode(gif, 1, MOST, 1, 2, pixel, 3, NULL, 0));
    EXPECT_STATUS(NATIVECNN_PICTURES_BAD_ARGUMENT, nativecnn_pictures_decode(gif, 1, MOST, 1, 3, pixel, -1, NULL, 0));
    EXPECT_STATUS(NATIVECNN_PICTURES_NULL_POINTER, nativecnn_pictures_reduce(NULL, 1, 1, 3, 1));
    EXPECT_STATUS(NATIVECNN_PICTURES_BAD_ARGUMENT, nativecnn_pictures_reduce(pixel, 1, 1, 3, 2));
    EXPECT_STATUS(NATIVECNN_PICTURES_BAD_ARGUMENT, nativecnn_pictures_reduce(pixel, 1, 1, 2, 1));
    EXPECT_STATUS(NATIVECNN_PICTURES_BAD_ARGUMENT, nativecnn_pictures_reduce(pixel, 1, 1, 3, 0));
    float value[3];
    double matrix[6] = {1, 0, 0, 0, 1, 0};
    EXPECT_STATUS(NATIVECNN_PICTURES_NULL_POINTER, nativecnn_pictures_sample(NULL, 1, 1, 3, matrix, 1, 1, 1, 0, value));
    EXPECT_STATUS(NATIVECNN_PICTURES_NULL_POINTER, nativecnn_pictures_sample(pixel, 1, 1, 3, NULL, 1, 1, 1, 0, value));
    EXPECT_STATUS(NATIVECNN_PICTURES_NULL_POINTER, nativecnn_pictures_sample(pixel, 1, 1, 3, matrix, 1, 1, 1, 0, NULL));
    EXPECT_STATUS(NATIVECNN_PICTURES_BAD_ARGUMENT,
                  nativecnn_pictures_sample(pixel, 0, 1, 3, matrix, 1, 1, 1, 0, value));
    EXPECT_STATUS(NATIVECNN_PICTURES_BAD_ARGUMENT,
                  nativecnn_pictures_sample(pixel, 1, 1, 3, matrix, 1, 0, 1, 0, value));
    EXPECT_STATUS(NATIVECNN_PICTURES_BAD_ARGUMENT,
                  nativecnn_pictures_sample(pixel, 1, 1, 3, matrix, 1, 1, NAN, 0, value));
    matrix[5] = INFINITY;
    EXPECT_STATUS(NATIVECNN_PICTURES_BAD_ARGUMENT,
                  nativecnn_pictures_sample(pixel, 1, 1, 3, matrix, 1, 1, 1, 0, value));
}

static void test_reduction(void) {
    for (int channels = 1; channels <= 3; channels += 2) {
        uint8_t *expected = draw(channels), *pixels = test_allocate(WIDTH * HEIGHT * channels, 1);
        memcpy(pixels, expected, WIDTH * HEIGHT * (size_t)channels);
        EXPECT_OK(nativecnn_pictures_reduce(pixels, WIDTH, HEIGHT, channels, 3));
        for (int y = 0; y < HEIGHT / 3; y++)
            for (int x = 0; x < WIDTH / 3; x++)
                for (int c = 0; c < channels; c++) {
                    double sum = 0;
                    for (int i = 0; i < 9; i++)
                        sum += expected[((y * 3 + i / 3) * WIDTH + x * 3 + i % 3) * channels + c];
                    int got = pixels[(y * (WIDTH / 3) + x) * channels + c];
                    EXPECT(fabs(got - sum / 9) <= 0.5, "the mean at (%d, %d) is %d, not %f", x, y, got, sum / 9);
                }
        test_free(pixels);
        free(expected);
    }
}

/* The picture at a place, by its definition. */
static double value_at(const uint8_t *pixels, int channels, double x, double y, int c) {
    double column = fmin(fmax(x - 0.5, 0), WIDTH - 1), row = fmin(fmax(y - 0.5, 0), HEIGHT - 1);
    int left = (int)column, top = (int)row;
    int right = left + 1 < WIDTH ? left + 1 : left, bottom = top + 1 < HEIGHT ? top + 1 : top;
    double s = column - left, t = row - top;
    return (1 - t) * ((1 - s) * pixels[(top * WIDTH + left) * channels + c] +
                      s * pixels[(top * WIDTH + right) * channels + c]) +
           t * ((1 - s) * pixels[(bottom * WIDTH + left) * channels + c] +
                s * pixels[(bottom * WIDTH + right) * channels + c]);
}

static void test_sampling(void) {
    static const double matrices[][6] = {
        {1, 0, 0, 0, 1, 0},          {-1, 0, WIDTH, 0, 1, 0}, {1.7, 0, -3, 0, 0.4, 11.2},   {0.3, 0, 5, 0, -1.2, 20},
        {0.8, 0.6, 2, -0.6, 0.8, 9}, {0, 1, 0, 1, 0, 0},      {1e300, 0, 0, 0, -1e300, 50}, {40, 3, -400, 9, 70, -600},
    };
    enum { rows = 13, columns = 17 };
    for (int channels = 1; channels <= 3; channels += 2) {
        uint8_t *pixels = draw(channels);
        float *output = test_allocate(rows * columns * channels, sizeof(float));
        for (size_t k = 0; k < sizeof matrices / sizeof matrices[0]; k++) {
            const double *m = matrices[k];
            EXPECT_OK(nativecnn_pictures_sample(pixels, WIDTH, HEIGHT, channels, m, rows, columns, 0.5f, -3, output));
            for (int i = 0; i < rows * columns * channels; i++) {
                double x = i / channels % columns + 0.5, y = i / channels / columns + 0.5;
                double expected =
                    value_at(pixels, channels, m[0] * x + m[1] * y + m[2], m[3] * x + m[4] * y + m[5], i % channels);
                EXPECT_CLOSE(output[i], 0.5 * expected - 3, ((tolerance){1e-4, 1e-5}), "matrix %d, value %d", (int)k,
                             i);
            }
        }
        test_free(output);
        free(pixels);
    }
}

int main(void) {
    EXPECT(nativecnn_pictures_abi_version() == NATIVECNN_PICTURES_ABI_VERSION, "another library was loaded");
    test_jpeg();
    test_grey_and_cmyk();
    test_png();
    test_orientation();
    test_large_headers();
    test_altered_files();
    test_refusals();
    test_reduction();
    test_sampling();
    return test_result();
}
