/* Callbacks: any headers and bytes, for any platform. Input: platform, key, two headers as name and value, then the body. */
#include "input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length) {
    Input input = input_of(data, length);
    bidden_error *error;
    bidden_callback *callback;
    const int32_t platform = number32(&input);
    const char *key = text(&input);
    bidden_header *headers = block(&input, 2 * sizeof *headers);
    for (size_t i = 0; i < 2; i++) {
        headers[i].name = text(&input);
        headers[i].value = text(&input);
    }
    const bidden_bytes body = rest(&input);
    for (size_t count = 0; count <= 2; count += 2) {
        const int32_t result = bidden_callback_read(platform, headers, count, body.bytes, body.length, key, &callback, &error);
        if (worked(result, error, callback)) {
            double score = 0;
            if (bidden_callback_platform(callback) != platform || bidden_status_slug(bidden_callback_status(callback)) == NULL ||
                bidden_authenticity_slug(bidden_callback_authenticity(callback)) == NULL) {
                finding("an event of numbers that are none");
            }
            if (bidden_callback_moves(callback, bidden_callback_status(callback))) {
                finding("an event moves to where it is");
            }
            (void)bidden_callback_score(callback, &score);
            read_text(bidden_callback_dedupe_key(callback));
            read_text(bidden_callback_invitation_id(callback));
            read_text(bidden_callback_email(callback));
            read_text(bidden_callback_json(callback));
        }
        bidden_callback_free(callback);
    }
    input_free(&input);
    return 0;
}
