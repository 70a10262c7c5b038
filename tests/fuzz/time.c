/* Moments: any text in any zone, and back; windows. Input: text, zone, start, end, now. */
#include "input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length) {
    Input input = input_of(data, length);
    bidden_error *error;
    int64_t seconds, again;
    const char *moment = text(&input), *zone = text(&input);
    const char *zones[] = {NULL, zone};
    for (size_t i = 0; i < 2; i++) {
        const int32_t result = bidden_time_parse(moment, zones[i], &seconds, &error);
        if (worked(result, error, NULL)) {
            bidden_string written = bidden_time_text(seconds);
            const int is_read = worked(bidden_time_parse(written.text, NULL, &again, &error), error, NULL);
            /* What is beyond the years 0 to 9999 is held between them. */
            if (!is_read || (again != seconds && seconds > -62167219200 && seconds < 253402300800)) {
                finding("a moment does not come back from its text");
            }
            bidden_string_free(&written);
        } else if (seconds != 0) {
            finding("a moment beside a failure");
        }
    }
    const bidden_window window = {number(&input), number(&input)};
    const int64_t now = number(&input);
    (void)worked(bidden_window_check(&window, now, &error), error, NULL);
    read_text(bidden_time_text(window.start_seconds));
    read_text(bidden_time_text(window.end_seconds));
    input_free(&input);
    return 0;
}
