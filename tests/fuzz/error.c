/* Errors: every function that takes a text gets the same arbitrary ones at once, each error is read whole and beyond its end. Input:
 * texts. */
#include "input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length) {
    Input input = input_of(data, length);
    bidden_error *error;
    const char *a = text(&input), *b = text(&input), *c = text(&input);
    const int64_t index = number(&input);
    const bidden_bytes bytes = rest(&input);
    bidden_call *call;
    bidden_reply *reply;
    bidden_request *request;
    bidden_recipe *recipe;
    bidden_candidate *candidate = NULL;
    (void)worked(bidden_call_new(a, b, &call, &error), error, call);
    bidden_call_free(call);
    (void)worked(bidden_candidate_set(candidate, a, b, &error), error, NULL);
    (void)worked(bidden_recipe_new(a, &recipe, &error), error, recipe);
    bidden_recipe_free(recipe);
    (void)worked(bidden_request_new(a, b, bytes.bytes, bytes.length, &request, &error), error, request);
    if (request != NULL) {
        (void)worked(bidden_request_set_header(request, b, c, &error), error, NULL);
    }
    bidden_request_free(request);
    /* An error that holds what a platform sent: raw text, code, message, the seconds to wait. */
    if (bidden_call_new("imocha.cancel", "{\"test_invitation_id\":7}", &call, NULL) == BIDDEN_OK) {
        const bidden_header headers[] = {{"retry-after", a == NULL ? "" : a}, {b == NULL ? "date" : b, c == NULL ? "" : c}};
        const int32_t result = bidden_call_read_reply(call, (int32_t)index, headers, 2, bytes.bytes, bytes.length, &reply, &error);
        if (result != BIDDEN_OK && error != NULL) {
            read_text(bidden_error_field(error, (size_t)index));
            read_text(bidden_error_field_reason(error, (size_t)index));
        }
        (void)worked(result, error, reply);
        bidden_reply_free(reply);
    }
    bidden_call_free(call);
    read_error(NULL);
    bidden_error_free(NULL);
    input_free(&input);
    return 0;
}
