/* The shared vectors through the one door of C. Usage: vectors TABLE */
#include "bidden.h"
#include "table.h"

static int passed, failed;

static void differs(const Record *record, const char *what, const char *expected, const char *found) {
    fprintf(stderr, "%s/%s: %s\n  expected %s\n  found    %s\n", field(record, "platform"), field(record, "id"), what, expected,
            found == NULL ? "(absent)" : found);
    failed++;
}

/* Compares an owned text with a field and frees it. */
static int same(const Record *record, const char *name, bidden_string found) {
    const char *expected = field(record, name);
    int equal = expected != NULL && found.text != NULL && found.length == field_length(record, name) &&
                memcmp(found.text, expected, found.length) == 0;
    if (!equal) {
        differs(record, name, expected == NULL ? "(absent)" : expected, found.text);
    }
    bidden_string_free(&found);
    return equal;
}

static int same_text(const Record *record, const char *name, const char *found) {
    const char *expected = field(record, name);
    int equal = expected != NULL && found != NULL && strcmp(expected, found) == 0;
    if (!equal) {
        differs(record, name, expected == NULL ? "(absent)" : expected, found);
    }
    return equal;
}

static int unexpected(const Record *record, bidden_error *error) {
    bidden_string message = bidden_error_message(error);
    differs(record, "outcome", "success", message.text);
    bidden_string_free(&message);
    bidden_error_free(error);
    return 0;
}

static int64_t moment(const Record *record, const char *name) {
    const char *text = field(record, name);
    int64_t seconds = BIDDEN_TIME_ABSENT;
    if (text != NULL && bidden_time_parse(text, NULL, &seconds, NULL) != BIDDEN_OK) {
        differs(record, name, "a time", text);
    }
    return seconds;
}

static bidden_bytes bytes(const Record *record, const char *name) {
    bidden_bytes found = {(const uint8_t *)field(record, name), field_length(record, name)};
    return found;
}

/* Members of an error that a vector names; an empty field says null. */
static int same_error(const Record *record, int32_t number, const bidden_error *error) {
    int equal = 1;
    if (field(record, "error-kind") != NULL) {
        equal &= same_text(record, "error-kind", bidden_error_slug(error));
        if (number != bidden_error_kind(error)) {
            differs(record, "returned number", "the number of the kind", "another");
            equal = 0;
        }
    }
    if (field(record, "error-code") != NULL) {
        bidden_string code = bidden_error_platform_code(error);
        equal &= same_text(record, "error-code", code.text == NULL ? "" : code.text);
        bidden_string_free(&code);
    }
    if (field(record, "error-status") != NULL) {
        char status[16];
        snprintf(status, sizeof status, "%d", (int)bidden_error_http_status(error));
        equal &= same_text(record, "error-status", status);
    }
    if (field(record, "error-field") != NULL) {
        bidden_string name = bidden_error_field(error, 0);
        equal &= same_text(record, "error-field", name.text == NULL ? "" : name.text);
        bidden_string_free(&name);
    }
    return equal;
}

static int run_request(const Record *record, const bidden_call *call) {
    bidden_options options = {0};
    options.size = sizeof options;
    options.base_url = field(record, "base-url");
    bidden_request *request;
    bidden_error *error;
    if (bidden_call_request(call, &options, BIDDEN_TIME_ABSENT, &request, &error) != BIDDEN_OK) {
        return unexpected(record, error);
    }
    int equal = same(record, "method", bidden_request_method(request));
    equal &= same(record, "url", bidden_request_url(request));
    equal &= same(record, "body", bidden_request_body(request));
    bidden_request_free(request);
    return equal;
}

static size_t read_headers(const Record *record, bidden_header *headers) {
    size_t count = 0;
    for (size_t i = 0; i + 1 < record->count; i++) {
        if (strcmp(record->names[i], "header-name") == 0) {
            headers[count].name = record->texts[i];
            headers[count].value = record->texts[i + 1];
            count++;
        }
    }
    return count;
}

#if defined(BIDDEN_CLIENT)
static int run_callback(const Record *record) {
    bidden_header headers[TABLE_MOST_FIELDS];
    size_t count = read_headers(record, headers);
    bidden_bytes body = bytes(record, "body");
    int32_t platform = bidden_platform_number(field(record, "platform"));
    bidden_callback *callback;
    bidden_error *error;
    int32_t number =
        bidden_callback_read(platform, headers, count, body.bytes, body.length, field(record, "key"), &callback, &error);
    int equal;
    if (field(record, "event") != NULL) {
        if (number != BIDDEN_OK) {
            return unexpected(record, error);
        }
        equal = same(record, "event", bidden_callback_json(callback));
        if (bidden_callback_platform(callback) != platform || bidden_authenticity_slug(bidden_callback_authenticity(callback)) == NULL ||
            bidden_callback_moves(callback, bidden_callback_status(callback))) {
            differs(record, "accessors", "those of the event", NULL);
            equal = 0;
        }
    } else if (number == BIDDEN_OK) {
        differs(record, "outcome", "an error", "a callback");
        equal = 0;
    } else {
        equal = same_error(record, number, error);
    }
    bidden_callback_free(callback);
    bidden_error_free(error);
    return equal;
}
#endif

static int run_reply(const Record *record, const bidden_call *call) {
    bidden_header headers[TABLE_MOST_FIELDS];
    size_t count = read_headers(record, headers);
    bidden_reply *reply;
    bidden_error *error;
    bidden_bytes body = bytes(record, "response-body");
    int32_t number = bidden_call_read_reply(call, (int32_t)atoi(field(record, "status")), headers, count, body.bytes, body.length, &reply, &error);
    int equal;
    if (field(record, "reply") != NULL) {
        if (number != BIDDEN_OK) {
            return unexpected(record, error);
        }
        equal = same(record, "reply", bidden_reply_json(reply));
    } else if (number == BIDDEN_OK) {
        differs(record, "outcome", "an error", "a reply");
        equal = 0;
    } else {
        equal = same_error(record, number, error);
    }
    bidden_reply_free(reply);
    bidden_error_free(error);
    return equal;
}

static int run_call(const Record *record, const char *kind) {
    bidden_call *call;
    bidden_error *error;
    if (bidden_call_new(field(record, "call"), field(record, "arguments"), &call, &error) != BIDDEN_OK) {
        return unexpected(record, error);
    }
    int equal = strcmp(kind, "request") == 0 ? run_request(record, call) : run_reply(record, call);
    bidden_call_free(call);
    return equal;
}

static int order(const void *a, const void *b) {
    return strcmp(((const bidden_string *)a)->text, ((const bidden_string *)b)->text);
}

static int run_invalid(const Record *record) {
    bidden_call *call;
    bidden_error *error;
    int32_t number = bidden_call_new(field(record, "call"), field(record, "arguments"), &call, &error);
    if (number != BIDDEN_ERROR_INVALID_INPUT || call != NULL) {
        differs(record, "outcome", "invalid-input", number == BIDDEN_OK ? "a call" : "another error");
        bidden_call_free(call);
        bidden_error_free(error);
        return 0;
    }
    bidden_string names[64];
    size_t count = bidden_error_field_count(error);
    if (count > 64) {
        count = 64;
    }
    char joined[4096] = "";
    for (size_t i = 0; i < count; i++) {
        names[i] = bidden_error_field(error, i);
    }
    qsort(names, count, sizeof names[0], order);
    for (size_t i = 0; i < count; i++) {
        if (i > 0) {
            strncat(joined, " ", sizeof joined - strlen(joined) - 1);
        }
        strncat(joined, names[i].text, sizeof joined - strlen(joined) - 1);
        bidden_string_free(&names[i]);
    }
    bidden_error_free(error);
    return same_text(record, "fields", joined);
}

static int run_decision(const Record *record) {
    bidden_window window = {moment(record, "start"), moment(record, "end")};
    bidden_decision decision;
    decision.size = sizeof decision;
    bidden_error *error;
    int32_t platform = bidden_platform_number(field(record, "platform"));
    int32_t status = bidden_status_number(field(record, "state"));
    int32_t event = bidden_event_number(field(record, "event"));
    if (bidden_decide(platform, status, event, &window, moment(record, "now"), &decision, &error) != BIDDEN_OK) {
        return unexpected(record, error);
    }
    char found[256];
    if (decision.is_allowed) {
        snprintf(found, sizeof found, "%s %s", bidden_effect_slug(decision.effect), bidden_status_slug(decision.next));
    } else {
        snprintf(found, sizeof found, "refused");
        for (int32_t other = BIDDEN_EVENT_INVITE; other <= BIDDEN_EVENT_EXPIRE; other++) {
            if (decision.allowed_events & BIDDEN_EVENT_BIT(other)) {
                strncat(found, " ", sizeof found - strlen(found) - 1);
                strncat(found, bidden_event_slug(other), sizeof found - strlen(found) - 1);
            }
        }
    }
    return same_text(record, "decision", found);
}

static int run_signature(const Record *record) {
    bidden_recipe *recipe = NULL;
    bidden_request *request = NULL;
    bidden_signature *signature = NULL;
    bidden_string message = {0}, ts = {0};
    bidden_error *error = NULL;
    bidden_bytes body = bytes(record, "body"), secret = bytes(record, "secret");
    const char *ak = field(record, "ak");
    int64_t now = moment(record, "now");
    int equal = 0;
    if (bidden_recipe_new(field(record, "recipe"), &recipe, &error) != BIDDEN_OK ||
        bidden_request_new(field(record, "method"), field(record, "url"), body.bytes, body.length, &request, &error) != BIDDEN_OK ||
        bidden_recipe_sign(recipe, ak, secret, request, now, &signature, &error) != BIDDEN_OK) {
        unexpected(record, error);
    } else {
        equal = same(record, "sgn", bidden_signature_sgn(signature));
        equal &= same(record, "ts", bidden_signature_ts(signature));
        ts = bidden_signature_ts(signature);
        if (bidden_recipe_message(recipe, ak, ts.text, request, &message, &error) != BIDDEN_OK) {
            equal = unexpected(record, error);
        } else {
            equal &= same(record, "message", message);
        }
        if (bidden_request_authorize(request, signature, &error) != BIDDEN_OK ||
            bidden_recipe_verify(recipe, ak, secret, request, now, 900, &error) != BIDDEN_OK) {
            equal = unexpected(record, error);
        }
    }
    bidden_string_free(&ts);
    bidden_signature_free(signature);
    bidden_request_free(request);
    bidden_recipe_free(recipe);
    return equal;
}

static int run_hmac(const Record *record) {
    bidden_string sgn;
    bidden_error *error;
    int32_t encoding = strcmp(field(record, "encoding"), "hex") == 0 ? BIDDEN_ENCODING_HEX : BIDDEN_ENCODING_BASE64;
    if (bidden_hmac(bytes(record, "secret"), field(record, "message"), encoding, &sgn, &error) != BIDDEN_OK) {
        return unexpected(record, error);
    }
    return same(record, "sgn", sgn);
}

int main(int count, char **arguments) {
    FILE *table = count == 2 ? fopen(arguments[1], "rb") : NULL;
    if (table == NULL) {
        fprintf(stderr, "usage: vectors TABLE\n");
        return 2;
    }
    static Record record;
    while (record_read(table, &record)) {
        const char *kind = field(&record, "kind");
        int good;
        if (strcmp(kind, "request") == 0 || strcmp(kind, "reply") == 0) {
            good = run_call(&record, kind);
        } else if (strcmp(kind, "invalid") == 0) {
            good = run_invalid(&record);
        } else if (strcmp(kind, "decision") == 0) {
            good = run_decision(&record);
        } else if (strcmp(kind, "signature") == 0) {
            good = run_signature(&record);
        } else if (strcmp(kind, "hmac") == 0) {
            good = run_hmac(&record);
        } else if (strcmp(kind, "callback") == 0) {
#if defined(BIDDEN_CLIENT)
            good = run_callback(&record);
#else
            /* A library without its client reads none. */
            record_free(&record);
            continue;
#endif
        } else {
            good = 0;
            differs(&record, "kind", "a known kind", kind);
        }
        passed += good;
        printf("vector %s/%s %s\n", field(&record, "platform"), field(&record, "id"), good ? "passed" : "FAILED");
        record_free(&record);
    }
    fclose(table);
    printf("vectors c: %d passed, %d failed\n", passed, failed);
    return failed > 0 || passed == 0;
}
