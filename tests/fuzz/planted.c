/* A target with a fault, so that the driver is seen to stop at one: moments of the year 2027. */
#include "input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length) {
    Input input = input_of(data, length);
    int64_t seconds;
    if (bidden_time_parse(text(&input), NULL, &seconds, NULL) == BIDDEN_OK && seconds % 7 == 3) {
        finding("planted");
    }
    input_free(&input);
    return 0;
}
