/* What each platform can do, by arbitrary names; options of a client of every platform, which sends nothing. Input: platform, name, base
 * URL, key, token, secret, recipe, numbers. */
#include "input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length) {
    Input input = input_of(data, length);
    bidden_error *error;
    bidden_client *client;
    const int32_t platform = number32(&input);
    const char *name = text(&input);
    const int32_t support = bidden_capability_support(platform, name);
    const char *note = bidden_capability_note(platform, name);
    if ((support == 0) != (note == NULL) || support < 0 || support > BIDDEN_SUPPORT_NOT_POSSIBLE) {
        finding("a support without its note");
    }
    read_static(note);
    read_static(bidden_capability_name_at((size_t)number(&input)));
    bidden_options options = {0};
    options.size = sizeof options;
    options.base_url = text(&input);
    options.api_key = text_bytes(&input);
    options.token = text_bytes(&input);
    options.secret = text_bytes(&input);
    options.recipe = text(&input);
    options.timeout_milliseconds = (uint32_t)number(&input);
    options.tries = (uint32_t)number(&input);
    options.callers = (uint32_t)number(&input);
    options.calls_per_second = (uint32_t)number(&input);
    (void)worked(bidden_client_new(platform, &options, &client, &error), error, client);
    bidden_client_free(client);
    input_free(&input);
    return 0;
}
