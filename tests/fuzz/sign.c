/* Signatures: any recipe over any request; what is signed verifies, and is explained. Input: recipe, ak, secret, method, URL, header
 * name, header value, sgn, ts, now, window, then the body. */
#include "input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length) {
    Input input = input_of(data, length);
    bidden_error *error;
    bidden_recipe *recipe;
    bidden_request *request;
    bidden_signature *signature;
    bidden_string found;
    const char *recipe_text = text(&input), *ak = text(&input);
    const bidden_bytes secret = text_bytes(&input);
    const char *method = text(&input), *url = text(&input), *name = text(&input), *value = text(&input), *sgn = text(&input),
               *ts = text(&input);
    const int64_t now = number(&input);
    const uint32_t window = (uint32_t)number(&input);
    const bidden_bytes body = rest(&input);
    if (worked(bidden_hmac(secret, ak, BIDDEN_ENCODING_HEX, &found, &error), error, found.text)) {
        read_text(found);
    }
    if (worked(bidden_hmac(secret, ak, BIDDEN_ENCODING_BASE64, &found, &error), error, found.text)) {
        read_text(found);
    }
    const int has_recipe = worked(bidden_recipe_new(recipe_text, &recipe, &error), error, recipe);
    const int has_request =
        worked(bidden_request_new(method, url, body.bytes, body.length, &request, &error), error, request);
    if (has_request) {
        (void)worked(bidden_request_set_header(request, name, value, &error), error, NULL);
        if (worked(bidden_signature_new(ak, sgn, ts, &signature, &error), error, signature)) {
            (void)worked(bidden_request_authorize(request, signature, &error), error, NULL);
            read_text(bidden_signature_ak(signature));
            read_text(bidden_signature_sgn(signature));
            read_text(bidden_signature_ts(signature));
        }
        bidden_signature_free(signature);
    }
    if (has_recipe && has_request) {
        read_text(bidden_recipe_name(recipe));
        (void)worked(bidden_recipe_verify(recipe, ak, secret, request, now, window, &error), error, NULL);
        if (worked(bidden_recipe_message(recipe, ak, ts, request, &found, &error), error, found.text)) {
            read_text(found);
        }
        if (worked(bidden_recipe_explain(recipe, ak, secret, request, now, window, &found, &error), error, found.text)) {
            read_text(found);
        }
        if (worked(bidden_recipe_sign(recipe, ak, secret, request, now, &signature, &error), error, signature) &&
            worked(bidden_request_authorize(request, signature, &error), error, NULL) && now > 0 && ak[0] != '\0') {
            /* An empty `ak` is signed, and found missing where it is verified: the same thing on the wire. */
            const int32_t verified = bidden_recipe_verify(recipe, ak, secret, request, now, 900, &error);
            if (!worked(verified, error, NULL)) {
                finding("what was signed does not verify");
            }
        }
        bidden_signature_free(signature);
    }
    bidden_request_free(request);
    bidden_recipe_free(recipe);
    input_free(&input);
    return 0;
}
