/* A library without features: it links no network; a zone is refused, because the tables of zones are not in it; and a domain of other
 * letters than ASCII's is taken as it is written, because their tables are not in it either. */
#include "bidden.h"

#include <stdio.h>
#include <string.h>

/* How many errors an address has. */
static size_t errors_of(const char *email) {
    bidden_candidate *candidate = NULL;
    bidden_findings *findings = NULL;
    size_t count = 99;
    if (bidden_candidate_new(&candidate, NULL) == BIDDEN_OK && bidden_candidate_set(candidate, "email", email, NULL) == BIDDEN_OK &&
        bidden_candidate_validate(candidate, 0, BIDDEN_TIME_ABSENT, &findings, NULL) == BIDDEN_OK) {
        count = bidden_findings_error_count(findings);
    }
    bidden_findings_free(findings);
    bidden_candidate_free(candidate);
    return count;
}

int main(void) {
    if (errors_of("jos\xc3\xa9@b\xc3\xbc" "cher.example") != 0 || errors_of("ada@xn--bcher-kva.example") != 0) {
        fputs("an internationalised address is refused\n", stderr);
        return 1;
    }
    if (errors_of("ada@b\xc3\xbc" "cher") != 1 || errors_of("ada@b\xc3\xbc" "cher..example") != 1) {
        fputs("an internationalised domain is not judged at all\n", stderr);
        return 1;
    }
    int64_t seconds = 1;
    bidden_error *error = NULL;
    if (bidden_time_parse("2026-01-31T09:00:00+05:30", NULL, &seconds, &error) != BIDDEN_OK || seconds != 1769830200) {
        fputs("a time with its offset is not read\n", stderr);
        return 1;
    }
    if (bidden_time_parse("2026-01-31T09:00", "Asia/Kolkata", &seconds, &error) != BIDDEN_ERROR_INVALID_INPUT || seconds != 0) {
        fputs("a zone is not refused\n", stderr);
        return 1;
    }
    bidden_string message = bidden_error_message(error);
    bidden_error_free(error);
    int explains = strstr(message.text, "zone: this libbidden was built without time zones") != NULL;
    if (!explains) {
        fprintf(stderr, "%s\n", message.text);
    }
    bidden_string_free(&message);
    return explains ? 0 : 1;
}
