/* Candidates: fields by their names, their validation for a platform, the findings. Input: platform, now, then field and text in turn. */
#include "input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length) {
    Input input = input_of(data, length);
    bidden_error *error;
    bidden_candidate *candidate;
    bidden_findings *findings;
    const int32_t platform = number32(&input);
    const int64_t now = number(&input);
    if (!worked(bidden_candidate_new(&candidate, &error), error, NULL)) {
        finding("no candidate");
    }
    while (input.left > 0 && input.count < MOST_BLOCKS - 10) {
        const char *field = text(&input);
        (void)worked(bidden_candidate_set(candidate, field, text(&input), &error), error, NULL);
    }
    if (worked(bidden_candidate_validate(candidate, platform, now, &findings, &error), error, findings)) {
        const size_t errors = bidden_findings_error_count(findings), warnings = bidden_findings_warning_count(findings);
        for (size_t i = 0; i <= errors; i++) {
            read_text(bidden_findings_error_field(findings, i));
            read_text(bidden_findings_error_reason(findings, i));
        }
        for (size_t i = 0; i <= warnings; i++) {
            read_text(bidden_findings_warning_field(findings, i));
            read_text(bidden_findings_warning_reason(findings, i));
        }
    }
    bidden_findings_free(findings);
    bidden_candidate_free(candidate);
    input_free(&input);
    return 0;
}
