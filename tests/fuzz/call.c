/* The one door: a call from its name and JSON, its request with arbitrary options, a signer of the program's that gives arbitrary values.
 * Input: name, JSON, base URL, key, token, secret, recipe, now, what the signer returns, ak, sgn, ts. */
#include "input.h"

/* What the program's signer answers. */
typedef struct {
    int32_t result;
    const char *ak, *sgn, *ts;
} Answer;

static int32_t sign(void *context, const bidden_request *request, int64_t now, bidden_signature *signature) {
    const Answer *answer = context;
    bidden_error *error;
    (void)now;
    read_text(bidden_request_url(request));
    (void)worked(bidden_signature_set(signature, answer->ak, answer->sgn, answer->ts, &error), error, NULL);
    return answer->result;
}

/* Whether a JSON text holds a number that is no whole one of 64 bits. Under `extra` such a number is read as a double, and the nearest of
 * them is not promised: it may come back with another last digit. */
static int has_real(const char *json) {
    int is_text = 0;
    for (const char *at = json; *at != '\0'; at++) {
        if (is_text && *at == '\\' && at[1] != '\0') {
            at++;
        } else if (*at == '"') {
            is_text = !is_text;
        } else if (!is_text && at > json && strchr(".eE", *at) != NULL && strchr("0123456789", at[-1]) != NULL) {
            return 1;
        }
    }
    return 0;
}

static void read_request(bidden_request *request) {
    read_text(bidden_request_method(request));
    read_text(bidden_request_url(request));
    read_text(bidden_request_body(request));
    const size_t headers = bidden_request_header_count(request);
    for (size_t i = 0; i <= headers; i++) {
        read_text(bidden_request_header_name(request, i));
        read_text(bidden_request_header_value(request, i));
    }
    bidden_request_free(request);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length) {
    Input input = input_of(data, length);
    bidden_error *error;
    bidden_call *call, *other;
    bidden_request *request;
    const char *name = text(&input);
    if (worked(bidden_call_new(name, text(&input), &call, &error), error, call)) {
        read_static(bidden_call_name(call));
        (void)bidden_call_platform(call);
        (void)bidden_call_repeat(call);
        bidden_string json = bidden_call_json(call);
        /* What the library writes it can read, and it writes the same again. */
        if (!worked(bidden_call_new(bidden_call_name(call), json.text, &other, &error), error, other)) {
            finding("a call does not come back from its own JSON");
        }
        bidden_string again = bidden_call_json(other);
        if (!has_real(json.text) && (json.length != again.length || memcmp(json.text, again.text, json.length) != 0)) {
            finding("a call comes back as another");
        }
        read_text(json);
        read_text(again);
        bidden_call_free(other);
        if (worked(bidden_call_without_mail(call, &other, &error), error, other) && bidden_call_asks_for_mail(other)) {
            finding("a call without mail asks for one");
        }
        bidden_call_free(other);
        bidden_options options = {0};
        options.size = sizeof options;
        options.base_url = text(&input);
        options.api_key = text_bytes(&input);
        options.token = text_bytes(&input);
        options.secret = text_bytes(&input);
        options.recipe = text(&input);
        const int64_t now = number(&input);
        if (worked(bidden_call_request(call, &options, now, &request, &error), error, request)) {
            read_request(request);
        }
        Answer answer = {number32(&input), text(&input), text(&input), text(&input)};
        options.signer = sign;
        options.signer_context = &answer;
        if (worked(bidden_call_request(call, &options, now, &request, &error), error, request)) {
            read_request(request);
        }
        if (worked(bidden_call_request(call, NULL, now, &request, &error), error, request)) {
            read_request(request);
        }
    }
    bidden_call_free(call);
    input_free(&input);
    return 0;
}
