/* What the fuzz targets share: a target is one function over arbitrary bytes, as libFuzzer calls it. Its input is cut into texts at NUL;
 * a first text that is short is read as a number where a target wants one. `tests/fuzz/driver.c` runs the same targets without libFuzzer.
 *
 * Every text and every array is a block of its own, exactly as large as it says, so that AddressSanitizer sees who reads beyond it. */
#ifndef BIDDEN_TESTS_FUZZ_INPUT_H
#define BIDDEN_TESTS_FUZZ_INPUT_H

#include "bidden.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length);

#define MOST_BLOCKS 256

/* The bytes that are left, and the blocks that were made of those before. */
typedef struct {
    const uint8_t *rest;
    size_t left;
    void *blocks[MOST_BLOCKS];
    size_t count;
} Input;

/* A finding: libFuzzer keeps the input, the driver prints it. */
static inline void finding(const char *what) {
    fprintf(stderr, "finding: %s\n", what);
    abort();
}

static inline Input input_of(const uint8_t *data, size_t length) {
    Input input = {data, length, {NULL}, 0};
    return input;
}

static inline void *block(Input *input, size_t length) {
    void *made = input->count == MOST_BLOCKS ? NULL : malloc(length == 0 ? 1 : length);
    if (made == NULL) {
        abort();
    }
    input->blocks[input->count++] = made;
    return made;
}

static inline void input_free(Input *input) {
    while (input->count > 0) {
        free(input->blocks[--input->count]);
    }
}

/* The next byte; 0 behind the last. */
static inline uint8_t byte(Input *input) {
    if (input->left == 0) {
        return 0;
    }
    input->left--;
    return *input->rest++;
}

/* The next text; NULL behind the last, and for the text that says nothing but one byte 1: functions are given NULL too. */
static inline const char *text(Input *input) {
    if (input->left == 0 || input->count + 8 >= MOST_BLOCKS) {
        return NULL;
    }
    const uint8_t *end = memchr(input->rest, 0, input->left);
    const size_t length = end == NULL ? input->left : (size_t)(end - input->rest);
    char *made = block(input, length + 1);
    memcpy(made, input->rest, length);
    made[length] = '\0';
    const size_t used = length + (end == NULL ? 0 : 1);
    input->rest += used;
    input->left -= used;
    return length == 1 && made[0] == 1 ? NULL : made;
}

/* Everything that is left, as bytes. */
static inline bidden_bytes rest(Input *input) {
    uint8_t *made = block(input, input->left);
    if (input->left > 0) {
        memcpy(made, input->rest, input->left);
    }
    bidden_bytes bytes = {input->left == 0 ? NULL : made, input->left};
    input->rest += input->left;
    input->left = 0;
    return bytes;
}

/* The next text as bytes, which need not be UTF-8. */
static inline bidden_bytes text_bytes(Input *input) { return bidden_bytes_of(text(input)); }

/* The next text as a number; another text is what its digits say, 0 without any. */
static inline int64_t number(Input *input) {
    const char *digits = text(input);
    return digits == NULL ? 0 : (int64_t)strtoll(digits, NULL, 10);
}

/* The same in 32 bits. */
static inline int32_t number32(Input *input) { return (int32_t)(uint32_t)(uint64_t)number(input); }

/* Reads an owned text to its end and its NUL, and frees it twice. */
static inline void read_text(bidden_string string) {
    volatile unsigned char last = 0;
    if (string.text == NULL && string.length != 0) {
        finding("an absent text has a length");
    }
    for (size_t i = 0; i < string.length; i++) {
        last = (unsigned char)string.text[i];
    }
    (void)last;
    if (string.text != NULL && string.text[string.length] != '\0') {
        finding("a text without its NUL");
    }
    bidden_string_free(&string);
    if (string.text != NULL || string.length != 0) {
        finding("a freed text is not empty");
    }
    bidden_string_free(&string);
}

static inline void read_static(const char *found) {
    volatile size_t length = found == NULL ? 0 : strlen(found);
    (void)length;
}

/* Reads every member of an error, past its last field too. */
static inline void read_error(const bidden_error *error) {
    read_static(bidden_error_slug(error));
    read_text(bidden_error_message(error));
    read_text(bidden_error_operation(error));
    read_text(bidden_error_platform_code(error));
    read_text(bidden_error_platform_message(error));
    read_text(bidden_error_raw_reply(error));
    (void)bidden_error_can_retry(error);
    (void)bidden_error_platform(error);
    (void)bidden_error_http_status(error);
    if (bidden_error_retry_after_seconds(error) < -1) {
        finding("a wait before now");
    }
    const size_t fields = bidden_error_field_count(error);
    for (size_t i = 0; i <= fields; i++) {
        read_text(bidden_error_field(error, i));
        read_text(bidden_error_field_reason(error, i));
    }
    read_text(bidden_error_field(error, SIZE_MAX));
}

/* What every function that can fail has to keep: a number of the table, an error beside it, no output on failure, no fault of ours. */
static inline int kept(int32_t result, bidden_error *error, const void *output) {
    if (result == BIDDEN_OK) {
        if (error != NULL) {
            finding("an error beside a success");
        }
        return 1;
    }
    if (result == BIDDEN_ERROR_INTERNAL) {
        finding("internal");
    }
    if (bidden_kind_slug(result) == NULL || error == NULL || bidden_error_kind(error) != result || output != NULL) {
        finding("a failure against the conventions");
    }
    read_error(error);
    bidden_error_free(error);
    return 0;
}

static inline int32_t *last_result(void) {
    static int32_t result;
    return &result;
}

/* Whether a call worked. The call comes first: what it has written is looked at only after it. */
#define worked(call, error, output) (*last_result() = (call), kept(*last_result(), (error), (output)))

#endif
