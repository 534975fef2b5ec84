/* pictures.c - the checks before anything is decoded: of arguments, and of what a header announces. */
#include "pictures.h"

#include <string.h>

/* Sides beyond these are refused whatever the caller takes, so that no product below overflows. */
#define LARGEST_SIDE 1000000

int32_t nativecnn_pictures_abi_version(void) {
    return NATIVECNN_PICTURES_ABI_VERSION;
}

status complain(complaint to, status what, const char *text) {
    if (to.text == NULL || to.size < 1)
        return what;
    size_t length = strlen(text);
    if (length > (size_t)to.size - 1)
        length = (size_t)to.size - 1;
    memcpy(to.text, text, length);
    to.text[length] = 0;
    return what;
}

static status check_place(complaint problem) {
    if (problem.size < 0)
        return NATIVECNN_PICTURES_BAD_ARGUMENT;
    if (problem.text == NULL)
        return problem.size == 0 ? NATIVECNN_PICTURES_OK : NATIVECNN_PICTURES_NULL_POINTER;
    complain(problem, NATIVECNN_PICTURES_OK, "");
    return NATIVECNN_PICTURES_OK;
}

static bool begins_with(contents file, const char *letters, size_t count) {
    return file.count >= count && memcmp(file.bytes, letters, count) == 0;
}

static status read_info(contents file, int64_t most_pixels, nativecnn_pictures_info *info, bool *is_inverted,
                        complaint problem) {
    nativecnn_pictures_info found = {0};
    *is_inverted = false;
    status result;
    if (begins_with(file, "\xFF\xD8\xFF", 3))
        result = jpeg_read_info(file, &found, is_inverted, problem);
    else if (begins_with(file, "\x89PNG\r\n\x1A\n", 8))
        result = png_read_header(file, &found, problem);
    else
        return complain(problem, NATIVECNN_PICTURES_UNKNOWN_FORMAT, "it is neither JPEG nor PNG");
    if (result != NATIVECNN_PICTURES_OK)
        return result;
    if (found.width < 1 || found.height < 1)
        return complain(problem, NATIVECNN_PICTURES_DAMAGED, "its header announces no pixels");
    *info = found;
    if (found.width > LARGEST_SIDE || found.height > LARGEST_SIDE || (int64_t)found.width * found.height > most_pixels)
        return complain(problem, NATIVECNN_PICTURES_TOO_LARGE, "its header announces too many pixels");
    return NATIVECNN_PICTURES_OK;
}

nativecnn_pictures_status nativecnn_pictures_read_info(const uint8_t *bytes, int64_t byte_count, int64_t most_pixels,
                                                       nativecnn_pictures_info *info, char *problem,
                                                       int32_t problem_bytes) {
    complaint place = {problem, problem_bytes};
    status result = check_place(place);
    if (result != NATIVECNN_PICTURES_OK)
        return result;
    if (bytes == NULL || info == NULL)
        return NATIVECNN_PICTURES_NULL_POINTER;
    if (byte_count < 0 || (uint64_t)byte_count > SIZE_MAX / 2 || most_pixels < 1)
        return NATIVECNN_PICTURES_BAD_ARGUMENT;
    bool is_inverted;
    memset(info, 0, sizeof *info);
    return read_info((contents){bytes, (size_t)byte_count}, most_pixels, info, &is_inverted, place);
}

nativecnn_pictures_status nativecnn_pictures_decode(const uint8_t *bytes, int64_t byte_count, int64_t most_pixels,
                                                    int32_t denominator, int32_t channels, uint8_t *pixels,
                                                    int64_t pixel_bytes, char *problem, int32_t problem_bytes) {
    complaint place = {problem, problem_bytes};
    status result = check_place(place);
    if (result != NATIVECNN_PICTURES_OK)
        return result;
    if (bytes == NULL || pixels == NULL)
        return NATIVECNN_PICTURES_NULL_POINTER;
    if (byte_count < 0 || (uint64_t)byte_count > SIZE_MAX / 2 || most_pixels < 1 || pixel_bytes < 0 ||
        (channels != 1 && channels != 3) ||
        (denominator != 1 && denominator != 2 && denominator != 4 && denominator != 8))
        return NATIVECNN_PICTURES_BAD_ARGUMENT;
    contents file = {bytes, (size_t)byte_count};
    nativecnn_pictures_info info;
    bool is_inverted;
    result = read_info(file, most_pixels, &info, &is_inverted, place);
    if (result != NATIVECNN_PICTURES_OK)
        return result;
    bool is_jpeg = info.format == NATIVECNN_PICTURES_JPEG;
    if (!is_jpeg && denominator != 1)
        return NATIVECNN_PICTURES_BAD_ARGUMENT;
    int64_t width = (info.width + denominator - 1) / denominator;
    int64_t height = (info.height + denominator - 1) / denominator;
    if (width * height * channels > pixel_bytes)
        return NATIVECNN_PICTURES_BAD_ARGUMENT;
    return is_jpeg ? jpeg_decode(file, &info, is_inverted, denominator, channels, pixels, place)
                   : png_decode(file, &info, channels, pixels, place);
}
