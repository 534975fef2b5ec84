/* sampling.c - pictures of any size made those of a network's: means of blocks, and bilinear samples. */
#include "pictures.h"

#include <math.h>
#include <stdlib.h>

/* No output of a network's has so many. */
#define LARGEST_OUTPUT_SIDE 32768

nativecnn_pictures_status nativecnn_pictures_reduce(uint8_t *pixels, int32_t width, int32_t height, int32_t channels,
                                                    int32_t factor) {
    if (pixels == NULL)
        return NATIVECNN_PICTURES_NULL_POINTER;
    if ((channels != 1 && channels != 3) || factor < 1 || factor > 4096 || width < factor || height < factor)
        return NATIVECNN_PICTURES_BAD_ARGUMENT;
    int32_t columns = width / factor, rows = height / factor;
    uint32_t area = (uint32_t)factor * (uint32_t)factor;
    /* Results lie before what is still to be read. */
    uint8_t *to = pixels;
    for (int32_t y = 0; y < rows; y++)
        for (int32_t x = 0; x < columns; x++) {
            const uint8_t *block = pixels + ((int64_t)y * factor * width + (int64_t)x * factor) * channels;
            uint64_t sums[3] = {0, 0, 0};
            for (int32_t i = 0; i < factor; i++)
                for (int32_t j = 0; j < factor; j++)
                    for (int32_t c = 0; c < channels; c++)
                        sums[c] += block[((int64_t)i * width + j) * channels + c];
            for (int32_t c = 0; c < channels; c++)
                *to++ = (uint8_t)((sums[c] + area / 2) / area);
        }
    return NATIVECNN_PICTURES_OK;
}

/* The two neighbours of a place on an axis, and how much the second counts. */
typedef struct neighbours {
    int32_t first;
    int32_t second;
    float share;
} neighbours;

static neighbours neighbours_of(double place, int32_t count) {
    double last = count - 1;
    double at = place - 0.5;
    /* Also where it is not a number. */
    if (!(at > 0))
        return (neighbours){0, 0, 0};
    if (at >= last)
        return (neighbours){count - 1, count - 1, 0};
    int32_t first = (int32_t)at;
    return (neighbours){first, first + 1, (float)(at - first)};
}

/* One row of output from one row of values that are scaled already. */
static void sample_columns_of_3(const float *row, const neighbours *columns, int32_t count, float *output) {
    for (int32_t x = 0; x < count; x++) {
        const float *a = row + 3 * columns[x].first, *b = row + 3 * columns[x].second;
        float share = columns[x].share;
        output[3 * x] = a[0] + share * (b[0] - a[0]);
        output[3 * x + 1] = a[1] + share * (b[1] - a[1]);
        output[3 * x + 2] = a[2] + share * (b[2] - a[2]);
    }
}

static void sample_columns_of_1(const float *row, const neighbours *columns, int32_t count, float *output) {
    for (int32_t x = 0; x < count; x++)
        output[x] = row[columns[x].first] + columns[x].share * (row[columns[x].second] - row[columns[x].first]);
}

/* A row between two rows, as values. */
static void sample_rows(const uint8_t *restrict a, const uint8_t *restrict b, int64_t count, float share, float factor,
                        float offset, float *restrict row) {
    for (int64_t i = 0; i < count; i++) {
        float first = a[i], second = b[i];
        row[i] = (first + share * (second - first)) * factor + offset;
    }
}

/* Where rows stay rows: each is made once, and then its columns are picked. */
static status sample_upright(const uint8_t *pixels, int32_t width, int32_t height, int32_t channels,
                             const double *matrix, int32_t output_height, int32_t output_width, float factor,
                             float offset, float *output) {
    neighbours *columns = malloc(sizeof *columns * (size_t)output_width);
    float *row = malloc(sizeof *row * (size_t)width * (size_t)channels);
    status result = NATIVECNN_PICTURES_NO_MEMORY;
    if (columns != NULL && row != NULL) {
        int32_t begin = width - 1, end = 0;
        for (int32_t x = 0; x < output_width; x++) {
            columns[x] = neighbours_of(matrix[0] * (x + 0.5) + matrix[2], width);
            begin = columns[x].first < begin ? columns[x].first : begin;
            end = columns[x].second > end ? columns[x].second : end;
        }
        int64_t stride = (int64_t)width * channels, skipped = (int64_t)begin * channels;
        int64_t count = (int64_t)(end - begin + 1) * channels;
        for (int32_t y = 0; y < output_height; y++) {
            neighbours rows = neighbours_of(matrix[4] * (y + 0.5) + matrix[5], height);
            sample_rows(pixels + rows.first * stride + skipped, pixels + rows.second * stride + skipped, count,
                        rows.share, factor, offset, row + skipped);
            if (channels == 3)
                sample_columns_of_3(row, columns, output_width, output);
            else
                sample_columns_of_1(row, columns, output_width, output);
            output += (int64_t)output_width * channels;
        }
        result = NATIVECNN_PICTURES_OK;
    }
    free(columns);
    free(row);
    return result;
}

static void sample_turned(const uint8_t *pixels, int32_t width, int32_t height, int32_t channels, const double *matrix,
                          int32_t output_height, int32_t output_width, float factor, float offset, float *output) {
    int64_t stride = (int64_t)width * channels;
    for (int32_t y = 0; y < output_height; y++)
        for (int32_t x = 0; x < output_width; x++) {
            double right = x + 0.5, down = y + 0.5;
            neighbours column = neighbours_of(matrix[0] * right + matrix[1] * down + matrix[2], width);
            neighbours row = neighbours_of(matrix[3] * right + matrix[4] * down + matrix[5], height);
            const uint8_t *above = pixels + row.first * stride, *below = pixels + row.second * stride;
            for (int32_t c = 0; c < channels; c++) {
                int64_t left = (int64_t)column.first * channels + c, next = (int64_t)column.second * channels + c;
                float first = above[left], second = above[next];
                float third = below[left], fourth = below[next];
                first += row.share * (third - first);
                second += row.share * (fourth - second);
                *output++ = (first + column.share * (second - first)) * factor + offset;
            }
        }
}

nativecnn_pictures_status nativecnn_pictures_sample(const uint8_t *pixels, int32_t width, int32_t height,
                                                    int32_t channels, const double *matrix, int32_t output_height,
                                                    int32_t output_width, float factor, float offset, float *output) {
    if (pixels == NULL || matrix == NULL || output == NULL)
        return NATIVECNN_PICTURES_NULL_POINTER;
    if ((channels != 1 && channels != 3) || width < 1 || height < 1 || output_width < 1 || output_height < 1 ||
        output_width > LARGEST_OUTPUT_SIDE || output_height > LARGEST_OUTPUT_SIDE || !isfinite(factor) ||
        !isfinite(offset))
        return NATIVECNN_PICTURES_BAD_ARGUMENT;
    for (int i = 0; i < 6; i++)
        if (!isfinite(matrix[i]))
            return NATIVECNN_PICTURES_BAD_ARGUMENT;
    if (matrix[1] == 0 && matrix[3] == 0)
        return sample_upright(pixels, width, height, channels, matrix, output_height, output_width, factor, offset,
                              output);
    sample_turned(pixels, width, height, channels, matrix, output_height, output_width, factor, offset, output);
    return NATIVECNN_PICTURES_OK;
}
