/* A library without features: it links no network, and a zone is refused, because the tables of zones are not in it. */
#include "bidden.h"

#include <stdio.h>
#include <string.h>

int main(void) {
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
