/* Decisions: any numbers, any window, a struct of any size that the conventions allow; the names of numbers. Input: platform, status,
 * event, start, end, now, size, a word. */
#include "input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length) {
    Input input = input_of(data, length);
    bidden_error *error;
    const int32_t platform = number32(&input), status = number32(&input), event = number32(&input);
    const bidden_window window = {number(&input), number(&input)};
    const int64_t now = number(&input);
    /* The caller's struct is as large as it says, whatever that is. */
    const size_t size = (size_t)((uint64_t)number(&input) % 5000);
    const size_t room = size < sizeof(size_t) ? sizeof(size_t) : size;
    bidden_decision *sized = block(&input, room);
    memset(sized, 0xa5, room);
    memcpy(sized, &size, sizeof size);
    (void)worked(bidden_decide(platform, status, event, &window, now, sized, &error), error, NULL);
    bidden_decision decision;
    memset(&decision, 0xa5, sizeof decision);
    decision.size = sizeof decision;
    if (worked(bidden_decide(platform, status, event, &window, now, &decision, &error), error, NULL)) {
        if (decision.is_allowed != 0 && (decision.effect == 0 || decision.next == 0)) {
            finding("allowed, and comes to nothing");
        }
        if (decision.is_allowed == 0 && (decision.effect != 0 || (decision.allowed_events & BIDDEN_EVENT_BIT(event)) != 0)) {
            finding("refused, and allowed instead");
        }
        read_static(bidden_effect_slug(decision.effect));
        read_static(bidden_status_slug(decision.next));
    } else if (decision.effect != 0 || decision.moment_seconds != 0) {
        finding("an output was written on failure");
    }
    bidden_string explanation;
    if (worked(bidden_decision_explain(platform, status, event, &window, now, &explanation, &error), error, explanation.text)) {
        read_text(explanation);
    }
    const char *word = text(&input);
    const int32_t numbers[] = {bidden_kind_number(word), bidden_platform_number(word), bidden_status_number(word), bidden_event_number(word)};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        if (numbers[i] < -1) {
            finding("a number that is none");
        }
    }
    read_static(bidden_kind_slug(platform));
    read_static(bidden_event_slug(event));
    read_static(bidden_platform_slug(platform));
    read_static(bidden_disposition_slug(event));
    read_static(bidden_known_from_slug(event));
    read_static(bidden_email_slug(event));
    read_static(bidden_authenticity_slug(event));
    read_static(bidden_call_name_at((size_t)now));
    read_static(bidden_call_method_at((size_t)now));
    read_static(bidden_call_path_at((size_t)now));
    input_free(&input);
    return 0;
}
