/* Error paths, NULL and garbage, ownership, callbacks and panics. Built against a library with the feature `testing`.
 * Prints the table of kinds and the versions for c_and_cpp.rs to compare. */
#include "bidden.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The test-only entry point, which is in no release and therefore not in bidden.h. */
int32_t bidden_testing_stage(const char *stage, bool panics, const char *text, bidden_string *copy, bidden_error **error);

static int checked;

#define CHECK(condition)                                                         \
    do {                                                                         \
        checked++;                                                               \
        if (!(condition)) {                                                      \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);      \
            exit(1);                                                             \
        }                                                                        \
    } while (0)

/* A pointer that no function may read or free: outputs are emptied without a look at what stood there. */
#define GARBAGE(type) ((type *)(uintptr_t)0x5a5a5a5a)

static void check_error(int32_t number, bidden_error *error, int32_t expected, const char *name) {
    CHECK(number == expected);
    CHECK(error != NULL && bidden_error_kind(error) == expected);
    CHECK(strcmp(bidden_error_slug(error), bidden_kind_slug(expected)) == 0);
    bidden_string message = bidden_error_message(error);
    CHECK(message.text != NULL && strlen(message.text) == message.length && message.length > 0);
    bidden_string_free(&message);
    if (name != NULL) {
        bidden_string found = bidden_error_field(error, 0);
        if (found.text == NULL || strcmp(found.text, name) != 0) {
            fprintf(stderr, "expected the field %s, found %s\n", name, found.text == NULL ? "none" : found.text);
            exit(1);
        }
        bidden_string_free(&found);
    }
    bidden_error_free(error);
}

static void versions_and_tables(void) {
    CHECK(strcmp(bidden_version(), BIDDEN_VERSION_STRING) == 0);
    CHECK(bidden_version_number() == BIDDEN_VERSION_NUMBER);
    CHECK(bidden_version_number() == BIDDEN_VERSION_MAJOR * 1000000u + BIDDEN_VERSION_MINOR * 1000u + BIDDEN_VERSION_PATCH);
    CHECK(bidden_abi_version() == BIDDEN_ABI_VERSION);
    printf("version %s %u %u\n", bidden_version(), (unsigned)bidden_version_number(), (unsigned)bidden_abi_version());
    for (size_t i = 0; i < bidden_kind_count(); i++) {
        int32_t number = bidden_kind_at(i);
        CHECK(bidden_kind_number(bidden_kind_slug(number)) == number);
        printf("kind %d %s\n", (int)number, bidden_kind_slug(number));
    }
    CHECK(bidden_kind_at(bidden_kind_count()) == -1 && bidden_kind_at(SIZE_MAX) == -1);
    CHECK(bidden_kind_slug(0) == NULL && bidden_kind_slug(12345) == NULL);
    CHECK(bidden_kind_number(NULL) == -1 && bidden_kind_number("no-such-kind") == -1 && bidden_kind_number("\xff") == -1);
    CHECK(bidden_platform_number("testinvite") == BIDDEN_PLATFORM_TESTINVITE && bidden_platform_slug(0) == NULL);
    CHECK(bidden_status_number("none") == BIDDEN_STATUS_NONE && bidden_status_slug(-1) == NULL);
    CHECK(bidden_event_number("reattempt") == BIDDEN_EVENT_REATTEMPT && bidden_event_slug(INT32_MIN) == NULL);
    CHECK(strcmp(bidden_effect_slug(BIDDEN_EFFECT_NEW_ATTEMPT), "new-attempt") == 0 && bidden_effect_slug(99) == NULL);
    CHECK(bidden_call_count() >= 5 && bidden_call_name_at(bidden_call_count()) == NULL && bidden_call_path_at(SIZE_MAX) == NULL);
    CHECK(bidden_call_platform_at(0) == BIDDEN_PLATFORM_IMOCHA && strcmp(bidden_call_method_at(0), "POST") == 0);
}

static void freeing_null_does_nothing(void) {
    bidden_string empty = {0};
    bidden_string_free(NULL);
    bidden_string_free(&empty);
    bidden_error_free(NULL);
    bidden_candidate_free(NULL);
    bidden_findings_free(NULL);
    bidden_call_free(NULL);
    bidden_request_free(NULL);
    bidden_reply_free(NULL);
    bidden_recipe_free(NULL);
    bidden_signature_free(NULL);
    bidden_client_free(NULL);
    bidden_cancel_free(NULL);
    bidden_cancel_cancel(NULL);
    bidden_ledger_free(NULL);
    bidden_outcome_free(NULL);
}

static void readers_of_null_give_their_empty_value(void) {
    CHECK(bidden_error_kind(NULL) == BIDDEN_OK && bidden_error_slug(NULL) == NULL && bidden_error_message(NULL).text == NULL);
    CHECK(!bidden_error_can_retry(NULL) && bidden_error_platform(NULL) == 0 && bidden_error_http_status(NULL) == 0);
    CHECK(bidden_error_retry_after_seconds(NULL) == -1 && bidden_error_field_count(NULL) == 0 && bidden_error_field(NULL, 0).text == NULL);
    CHECK(bidden_error_operation(NULL).text == NULL && bidden_error_platform_code(NULL).text == NULL && bidden_error_raw_reply(NULL).text == NULL);
    CHECK(bidden_error_platform_message(NULL).text == NULL && bidden_error_field_reason(NULL, 7).text == NULL);
    CHECK(bidden_findings_error_count(NULL) == 0 && bidden_findings_warning_count(NULL) == 0);
    CHECK(bidden_findings_error_field(NULL, 0).text == NULL && bidden_findings_warning_reason(NULL, 0).text == NULL);
    CHECK(bidden_call_name(NULL) == NULL && bidden_call_platform(NULL) == 0 && bidden_call_repeat(NULL) == 0);
    CHECK(!bidden_call_asks_for_mail(NULL) && bidden_call_json(NULL).text == NULL);
    CHECK(bidden_request_method(NULL).text == NULL && bidden_request_url(NULL).text == NULL && bidden_request_body(NULL).text == NULL);
    CHECK(bidden_request_header_count(NULL) == 0 && bidden_request_header_name(NULL, 0).text == NULL && bidden_request_header_value(NULL, 0).text == NULL);
    CHECK(bidden_reply_json(NULL).text == NULL && bidden_imocha_invited_test_invitation_id(NULL) == 0 && bidden_imocha_invited_status(NULL) == 0);
    CHECK(bidden_think_exam_registered_count(NULL) == 0 && !bidden_testinvite_created_logged_in(NULL));
    CHECK(bidden_recipe_name(NULL).text == NULL && bidden_signature_sgn(NULL).text == NULL);
    CHECK(bidden_ledger_location(NULL).text == NULL && bidden_outcome_disposition(NULL) == 0 && !bidden_outcome_is_good(NULL));
    CHECK(bidden_outcome_known_from(NULL) == BIDDEN_KNOWN_FROM_NOTHING && bidden_outcome_email(NULL) == BIDDEN_EMAIL_NONE);
    CHECK(bidden_outcome_status(NULL) == 0 && !bidden_outcome_asked_for_mail(NULL) && bidden_outcome_platform_status(NULL).text == NULL);
    CHECK(bidden_outcome_invitation_id(NULL).text == NULL && bidden_outcome_invitation_code(NULL).text == NULL && bidden_outcome_test_url(NULL).text == NULL);
    CHECK(bidden_bytes_of(NULL).bytes == NULL && bidden_bytes_of("abc").length == 3);
}

static void null_and_garbage_arguments_are_invalid_input(void) {
    bidden_error *error = GARBAGE(bidden_error);
    bidden_call *call = GARBAGE(bidden_call);
    bidden_request *request = GARBAGE(bidden_request);
    bidden_reply *reply = GARBAGE(bidden_reply);
    bidden_recipe *recipe = GARBAGE(bidden_recipe);
    bidden_signature *signature = GARBAGE(bidden_signature);
    bidden_findings *findings = GARBAGE(bidden_findings);
    bidden_client *client = GARBAGE(bidden_client);
    bidden_string text = {GARBAGE(char), 77};
    int64_t seconds = 77;
    int32_t number;

    number = bidden_call_new(NULL, "{}", &call, &error);
    check_error(number, error, BIDDEN_ERROR_INVALID_INPUT, "name");
    CHECK(call == NULL);
    number = bidden_call_new("imocha.invite", NULL, &call, &error);
    check_error(number, error, BIDDEN_ERROR_INVALID_INPUT, "json");
    number = bidden_call_new("imocha.invite", "{\"name\":\"\xff\"}", &call, &error);
    check_error(number, error, BIDDEN_ERROR_INVALID_INPUT, "json");
    number = bidden_call_new("imocha.invite", "{}", NULL, &error);
    check_error(number, error, BIDDEN_ERROR_INVALID_INPUT, "call");
    number = bidden_call_new("no.such_call", "{}", &call, &error);
    check_error(number, error, BIDDEN_ERROR_INVALID_INPUT, NULL);
    CHECK(bidden_call_new("imocha.invite", "not JSON", &call, NULL) == BIDDEN_ERROR_INVALID_INPUT);
    number = bidden_call_without_mail(NULL, &call, &error);
    check_error(number, error, BIDDEN_ERROR_INVALID_INPUT, "call");
    number = bidden_call_request(NULL, NULL, 0, &request, &error);
    check_error(number, error, BIDDEN_ERROR_INVALID_INPUT, "call");
    CHECK(request == NULL);
    number = bidden_call_read_reply(NULL, 200, NULL, 0, NULL, 0, &reply, &error);
    check_error(number, error, BIDDEN_ERROR_INVALID_INPUT, "call");
    CHECK(reply == NULL);

    CHECK(bidden_call_new("imocha.invite", "{\"test_id\":1,\"email\":\"ada@example.com\",\"name\":\"Ada\"}", &call, &error) == BIDDEN_OK);
    CHECK(error == NULL);
    number = bidden_call_read_reply(call, 200, NULL, 0, NULL, 5, &reply, &error);
    check_error(number, error, BIDDEN_ERROR_INVALID_INPUT, "body");
    number = bidden_call_read_reply(call, 200, NULL, 1, NULL, 0, &reply, &error);
    check_error(number, error, BIDDEN_ERROR_INVALID_INPUT, "headers");
    number = bidden_call_read_reply(call, 200, NULL, 0, (const uint8_t *)"x", SIZE_MAX, &reply, &error);
    check_error(number, error, BIDDEN_ERROR_INVALID_INPUT, "body");
    number = bidden_call_read_reply(call, 20000, NULL, 0, NULL, 0, &reply, &error);
    check_error(number, error, BIDDEN_ERROR_INVALID_INPUT, "http_status");
    bidden_header header = {"bad name", "value"};
    number = bidden_call_read_reply(call, 200, &header, 1, NULL, 0, &reply, &error);
    check_error(number, error, BIDDEN_ERROR_INVALID_INPUT, "name");
    header.name = NULL;
    number = bidden_call_read_reply(call, 200, &header, 1, NULL, 0, &reply, &error);
    check_error(number, error, BIDDEN_ERROR_INVALID_INPUT, "headers.name");

    bidden_options options = {0};
    number = bidden_call_request(call, &options, 0, &request, &error);
    check_error(number, error, BIDDEN_ERROR_INVALID_INPUT, "options.size");
    options.size = sizeof options - 4; /* no struct is as large: it ends within a member */
    number = bidden_call_request(call, &options, 0, &request, &error);
    check_error(number, error, BIDDEN_ERROR_INVALID_INPUT, "options.size");
    options.size = sizeof options;
    options.api_key.length = 4;
    number = bidden_call_request(call, &options, 0, &request, &error);
    check_error(number, error, BIDDEN_ERROR_INVALID_INPUT, "options.api_key");
    options.api_key = bidden_bytes_of("\xff\xfe");
    number = bidden_call_request(call, &options, 0, &request, &error);
    check_error(number, error, BIDDEN_ERROR_INVALID_INPUT, "options.api_key");
    options.api_key = bidden_bytes_of("sandbox-key");
    number = bidden_call_request(call, &options, 0, &request, &error);
    check_error(number, error, BIDDEN_ERROR_CONFIGURATION, NULL); /* a key of the sandbox, a live host */
    options.api_key = bidden_bytes_of("a-real-key");
    number = bidden_call_request(call, &options, 0, &request, &error);
    check_error(number, error, BIDDEN_ERROR_INVALID_INPUT, "email"); /* an example address, a live host */
    options.base_url = "not a URL";
    number = bidden_call_request(call, &options, 0, &request, &error);
    check_error(number, error, BIDDEN_ERROR_CONFIGURATION, NULL);
    bidden_call_free(call);

    bidden_decision decision;
    decision.size = sizeof decision;
    number = bidden_decide(4, 0, BIDDEN_EVENT_INVITE, NULL, 0, &decision, &error);
    check_error(number, error, BIDDEN_ERROR_INVALID_INPUT, "platform");
    CHECK(decision.is_allowed == 0 && decision.next == 0 && decision.allowed_events == 0);
    number = bidden_decide(1, -1, BIDDEN_EVENT_INVITE, NULL, 0, &decision, &error);
    check_error(number, error, BIDDEN_ERROR_INVALID_INPUT, "status");
    number = bidden_decide(1, 0, 0, NULL, 0, &decision, &error);
    check_error(number, error, BIDDEN_ERROR_INVALID_INPUT, "event");
    number = bidden_decide(1, 0, 1, NULL, 0, NULL, &error);
    check_error(number, error, BIDDEN_ERROR_INVALID_INPUT, "decision");
    number = bidden_decide(1, 0, 1, NULL, INT64_MAX, &decision, &error);
    check_error(number, error, BIDDEN_ERROR_INVALID_INPUT, "now_seconds");
    bidden_window window = {5, 0};
    number = bidden_decide(1, 0, 1, &window, 0, &decision, &error);
    check_error(number, error, BIDDEN_ERROR_INVALID_INPUT, "window.start_seconds");
    decision.size = 3;
    number = bidden_decide(1, 0, 1, NULL, 0, &decision, &error);
    check_error(number, error, BIDDEN_ERROR_INVALID_INPUT, "decision.size");

    number = bidden_time_parse("2026-01-31T09:00:00", NULL, &seconds, &error);
    check_error(number, error, BIDDEN_ERROR_INVALID_INPUT, "time");
    CHECK(seconds == 0);
    number = bidden_candidate_set(NULL, "email", "x", &error);
    check_error(number, error, BIDDEN_ERROR_INVALID_INPUT, "candidate");
    number = bidden_candidate_validate(NULL, 0, 0, &findings, &error);
    check_error(number, error, BIDDEN_ERROR_INVALID_INPUT, "candidate");
    CHECK(findings == NULL);
    number = bidden_request_new("GET", "http://exa mple", NULL, 0, &request, &error);
    check_error(number, error, BIDDEN_ERROR_INVALID_INPUT, "url");
    number = bidden_request_new("G T", "/x", NULL, 0, &request, &error);
    check_error(number, error, BIDDEN_ERROR_INVALID_INPUT, "method");
    number = bidden_recipe_new("no-such-preset", &recipe, &error);
    check_error(number, error, BIDDEN_ERROR_CONFIGURATION, NULL);
    CHECK(recipe == NULL);
    number = bidden_recipe_sign(NULL, "ak", bidden_bytes_of("s"), NULL, 0, &signature, &error);
    check_error(number, error, BIDDEN_ERROR_INVALID_INPUT, "recipe");
    CHECK(signature == NULL);
    number = bidden_hmac(bidden_bytes_of("s"), "text", 7, &text, &error);
    check_error(number, error, BIDDEN_ERROR_INVALID_INPUT, "encoding");
    CHECK(text.text == NULL && text.length == 0);
    number = bidden_client_new(9, NULL, &client, &error);
    check_error(number, error, BIDDEN_ERROR_INVALID_INPUT, "platform");
    CHECK(client == NULL);
    for (int32_t platform = 1; platform <= 3; platform++) {
        number = bidden_client_new(platform, NULL, &client, &error);
        check_error(number, error, BIDDEN_ERROR_CONFIGURATION, NULL);
    }
    number = bidden_client_call(NULL, NULL, NULL, &reply, &error);
    check_error(number, error, BIDDEN_ERROR_INVALID_INPUT, "client");
    number = bidden_imocha_invite_new(NULL, &call, &error);
    check_error(number, error, BIDDEN_ERROR_INVALID_INPUT, "arguments");

    bidden_ledger *ledger = GARBAGE(bidden_ledger);
    bidden_outcome *outcome = GARBAGE(bidden_outcome);
    bidden_error *why = GARBAGE(bidden_error);
    text.text = GARBAGE(char);
    number = bidden_ledger_open("\xff", &ledger, &error);
    check_error(number, error, BIDDEN_ERROR_INVALID_INPUT, "location");
    CHECK(ledger == NULL);
    ledger = GARBAGE(bidden_ledger);
    number = bidden_ledger_account(NULL, "name", &ledger, &error);
    check_error(number, error, BIDDEN_ERROR_INVALID_INPUT, "ledger");
    CHECK(ledger == NULL);
    number = bidden_ledger_invite(NULL, NULL, NULL, &outcome, &error);
    check_error(number, error, BIDDEN_ERROR_INVALID_INPUT, "ledger");
    CHECK(outcome == NULL);
    number = bidden_ledger_history_json(NULL, "ada@example.com", &text, &error);
    check_error(number, error, BIDDEN_ERROR_INVALID_INPUT, "ledger");
    CHECK(text.text == NULL);
    number = bidden_outcome_error(NULL, &why, &error);
    check_error(number, error, BIDDEN_ERROR_INVALID_INPUT, "outcome");
    CHECK(why == NULL);
}

static void a_candidate_shows_errors_and_warnings_apart(void) {
    bidden_candidate *candidate;
    bidden_findings *findings;
    bidden_error *error;
    CHECK(bidden_candidate_new(&candidate, &error) == BIDDEN_OK && candidate != NULL && error == NULL);
    CHECK(bidden_candidate_set(candidate, "email", "ada.example.com", NULL) == BIDDEN_OK);
    CHECK(bidden_candidate_set(candidate, "name", "Ada", NULL) == BIDDEN_OK);
    CHECK(bidden_candidate_set(candidate, "password", "secret", NULL) == BIDDEN_OK);
    CHECK(bidden_candidate_set(candidate, "password", NULL, NULL) == BIDDEN_OK);
    CHECK(bidden_candidate_set(candidate, "mobile", "9.19877E+11", NULL) == BIDDEN_OK);
    int32_t number = bidden_candidate_set(candidate, "shoe_size", "43", &error);
    check_error(number, error, BIDDEN_ERROR_INVALID_INPUT, "field");
    number = bidden_candidate_set(candidate, "name", "\xc3", &error);
    check_error(number, error, BIDDEN_ERROR_INVALID_INPUT, "text");
    number = bidden_candidate_validate(candidate, 17, 0, &findings, &error);
    check_error(number, error, BIDDEN_ERROR_INVALID_INPUT, "platform");
    CHECK(bidden_candidate_validate(candidate, BIDDEN_PLATFORM_IMOCHA, 1700000000, &findings, &error) == BIDDEN_OK);
    CHECK(bidden_findings_error_count(findings) == 1 && bidden_findings_warning_count(findings) == 1);
    bidden_string name = bidden_findings_error_field(findings, 0), reason = bidden_findings_error_reason(findings, 0);
    CHECK(strcmp(name.text, "email") == 0 && strstr(reason.text, "no @") != NULL && strstr(reason.text, "ada") == NULL);
    bidden_string_free(&name);
    bidden_string_free(&reason);
    name = bidden_findings_warning_field(findings, 0);
    reason = bidden_findings_warning_reason(findings, 0);
    CHECK(strcmp(name.text, "mobile") == 0 && reason.length > 0);
    bidden_string_free(&name);
    bidden_string_free(&reason);
    CHECK(bidden_findings_error_field(findings, 1).text == NULL && bidden_findings_warning_reason(findings, 1).text == NULL);
    bidden_findings_free(findings);
    bidden_candidate_free(candidate);
}

static void an_access_window_is_checked(void) {
    bidden_error *error;
    bidden_window window = {1700000000, 1700003600};
    CHECK(bidden_window_check(&window, 1700000000, &error) == BIDDEN_OK && error == NULL);
    CHECK(bidden_window_check(NULL, 0, NULL) == BIDDEN_OK);
    int32_t number = bidden_window_check(&window, 1700003600, &error);
    check_error(number, error, BIDDEN_ERROR_INVALID_INPUT, "end");
    window.end_seconds = window.start_seconds;
    number = bidden_window_check(&window, 1600000000, &error);
    check_error(number, error, BIDDEN_ERROR_INVALID_INPUT, "end");
    bidden_string text;
    window.end_seconds = 1700003600;
    CHECK(bidden_decision_explain(1, BIDDEN_STATUS_PENDING, BIDDEN_EVENT_START, &window, 1800000000, &text, NULL) == BIDDEN_OK);
    CHECK(strstr(text.text, "refused") != NULL);
    bidden_string_free(&text);
    CHECK(bidden_decision_explain(1, BIDDEN_STATUS_CANCELLED, BIDDEN_EVENT_INVITE, NULL, 0, &text, NULL) == BIDDEN_OK);
    CHECK(strstr(text.text, "reopened") != NULL);
    bidden_string_free(&text);
    bidden_string moment = bidden_time_text(1700000000);
    CHECK(strcmp(moment.text, "2023-11-14T22:13:20Z") == 0);
    bidden_string_free(&moment);
    int64_t seconds;
    CHECK(bidden_time_parse("2026-01-31T09:00", "Asia/Kolkata", &seconds, NULL) == BIDDEN_OK && seconds == 1769830200);
}

static bidden_string request_body(const bidden_call *call, const char *base_url) {
    bidden_options options = {0};
    options.size = sizeof options;
    options.base_url = base_url;
    bidden_request *request;
    CHECK(bidden_call_request(call, &options, 0, &request, NULL) == BIDDEN_OK);
    bidden_string body = bidden_request_body(request);
    bidden_request_free(request);
    return body;
}

static void typed_arguments_make_the_same_call_as_the_one_door(const char *name, bidden_call *typed, const char *json) {
    bidden_call *door;
    CHECK(bidden_call_new(name, json, &door, NULL) == BIDDEN_OK);
    CHECK(strcmp(bidden_call_name(typed), name) == 0 && bidden_call_platform(typed) == bidden_call_platform(door));
    bidden_string a = bidden_call_json(typed), b = bidden_call_json(door);
    if (strcmp(a.text, b.text) != 0) {
        fprintf(stderr, "typed %s\ndoor  %s\n", a.text, b.text);
        exit(1);
    }
    bidden_string_free(&a);
    bidden_string_free(&b);
    a = request_body(typed, "http://127.0.0.1:1");
    b = request_body(door, "http://127.0.0.1:1");
    CHECK(a.length == b.length && strcmp(a.text, b.text) == 0);
    bidden_string_free(&a);
    bidden_string_free(&b);
    bidden_call_free(door);
    bidden_call_free(typed);
}

static void the_five_base_calls_are_typed(void) {
    bidden_call *call;
    bidden_error *error;
    bidden_imocha_invite invite = {0};
    invite.size = sizeof invite;
    int32_t number = bidden_imocha_invite_new(&invite, &call, &error);
    CHECK(bidden_error_field_count(error) >= 3);
    check_error(number, error, BIDDEN_ERROR_INVALID_INPUT, NULL);
    invite.test_id = 292930;
    invite.email = "ada@example.com";
    invite.name = "Ada \"A\" Lovelace";
    invite.callback_url = "https://example.com/a";
    invite.redirect_url = "https://example.com/b";
    invite.hide_instruction = BIDDEN_FLAG_YES;
    invite.disable_mandatory_fields = BIDDEN_FLAG_NO;
    invite.send_email = BIDDEN_FLAG_YES;
    invite.stakeholder_emails = "x@example.com,y@example.com";
    invite.start_seconds = 1700000000;
    invite.end_seconds = 1700003600;
    invite.time_zone_id = 1720;
    invite.proctoring_mode = "image";
    invite.more_json = "{\"extra\":{\"campaign\":\"x\"}}";
    CHECK(bidden_imocha_invite_new(&invite, &call, NULL) == BIDDEN_OK);
    CHECK(bidden_call_asks_for_mail(call) && bidden_call_repeat(call) == BIDDEN_REPEAT_WITHOUT_MAIL);
    bidden_call *quiet;
    CHECK(bidden_call_without_mail(call, &quiet, NULL) == BIDDEN_OK && !bidden_call_asks_for_mail(quiet));
    bidden_call_free(quiet);
    typed_arguments_make_the_same_call_as_the_one_door(
        "imocha.invite", call,
        "{\"test_id\":292930,\"email\":\"ada@example.com\",\"name\":\"Ada \\\"A\\\" Lovelace\",\"callback_url\":\"https://example.com/a\","
        "\"redirect_url\":\"https://example.com/b\",\"hide_instruction\":true,\"disable_mandatory_fields\":false,\"send_email\":true,"
        "\"stakeholder_emails\":[\"x@example.com\",\"y@example.com\"],\"start_date_time\":\"2023-11-14T22:13:20Z\","
        "\"end_date_time\":1700003600,\"time_zone_id\":1720,\"proctoring_mode\":\"image\",\"extra\":{\"campaign\":\"x\"}}");
    invite.send_email = 7;
    number = bidden_imocha_invite_new(&invite, &call, &error);
    check_error(number, error, BIDDEN_ERROR_INVALID_INPUT, "send_email");
    invite.send_email = 0;
    invite.reserved = 1;
    number = bidden_imocha_invite_new(&invite, &call, &error);
    check_error(number, error, BIDDEN_ERROR_INVALID_INPUT, "reserved");
    invite.reserved = 0;
    invite.more_json = "{\"email\":\"other@example.com\"}";
    number = bidden_imocha_invite_new(&invite, &call, &error);
    check_error(number, error, BIDDEN_ERROR_INVALID_INPUT, "more_json");

    bidden_think_exam_assign_test assign = {0};
    assign.size = sizeof assign;
    assign.email = "ada@example.com";
    assign.test_id = "41";
    assign.is_mail_enable = BIDDEN_FLAG_YES;
    CHECK(bidden_think_exam_assign_test_new(&assign, &call, NULL) == BIDDEN_OK);
    typed_arguments_make_the_same_call_as_the_one_door("think_exam.assign_test", call,
                                                       "{\"email\":\"ada@example.com\",\"test_id\":\"41\",\"is_mail_enable\":true}");

    bidden_imocha_reattempt reattempt = {0};
    reattempt.size = sizeof reattempt;
    reattempt.test_invitation_id = 3314697;
    reattempt.start_seconds = 4000000000;
    reattempt.end_seconds = 4000003600;
    reattempt.time_zone_id = 1720;
    reattempt.send_email = BIDDEN_FLAG_YES;
    CHECK(bidden_imocha_reattempt_new(&reattempt, &call, NULL) == BIDDEN_OK);
    typed_arguments_make_the_same_call_as_the_one_door(
        "imocha.reattempt", call,
        "{\"test_invitation_id\":3314697,\"start_date_time\":4000000000,\"end_date_time\":4000003600,\"time_zone_id\":1720,"
        "\"send_email\":true}");
    CHECK(bidden_imocha_cancel_new(3314697, &call, NULL) == BIDDEN_OK);
    typed_arguments_make_the_same_call_as_the_one_door("imocha.cancel", call, "{\"test_invitation_id\":3314697}");
    CHECK(bidden_imocha_report_new(3314697, 2, &call, NULL) == BIDDEN_OK);
    typed_arguments_make_the_same_call_as_the_one_door("imocha.report", call, "{\"test_invitation_id\":3314697,\"report_type\":2}");
    CHECK(bidden_imocha_report_new(3314697, 9, &call, NULL) == BIDDEN_ERROR_INVALID_INPUT && call == NULL);
    CHECK(bidden_imocha_cancel_new(-1, &call, NULL) == BIDDEN_ERROR_INVALID_INPUT && call == NULL);
    double percentage = 0;
    CHECK(!bidden_imocha_report_score_percentage(NULL, &percentage));

    bidden_think_exam_deassign_test deassign = {0};
    deassign.size = sizeof deassign;
    deassign.email = "ada@example.com";
    deassign.test_id = "41";
    CHECK(bidden_think_exam_deassign_test_new(&deassign, &call, NULL) == BIDDEN_OK);
    typed_arguments_make_the_same_call_as_the_one_door("think_exam.deassign_test", call,
                                                       "{\"email\":\"ada@example.com\",\"test_id\":\"41\"}");

    bidden_think_exam_registration ada = {0}, alan = {0};
    ada.size = alan.size = sizeof ada;
    ada.name = "Ada";
    ada.email = "ada@example.com";
    ada.password = "secret";
    alan.name = "Alan";
    alan.email = "alan@example.com";
    alan.enrollment_number = "GW1";
    const bidden_think_exam_registration *both[] = {&ada, &alan};
    bidden_think_exam_bulk_candidate_register batch = {0};
    batch.size = sizeof batch;
    batch.candidates = both;
    batch.candidate_count = 2;
    CHECK(bidden_think_exam_bulk_candidate_register_new(&batch, &call, NULL) == BIDDEN_OK);
    typed_arguments_make_the_same_call_as_the_one_door(
        "think_exam.bulk_candidate_register", call,
        "{\"candidates\":[{\"name\":\"Ada\",\"email\":\"ada@example.com\",\"password\":\"secret\"},"
        "{\"name\":\"Alan\",\"email\":\"alan@example.com\",\"enrollment_number\":\"GW1\"}]}");
    both[1] = NULL;
    number = bidden_think_exam_bulk_candidate_register_new(&batch, &call, &error);
    check_error(number, error, BIDDEN_ERROR_INVALID_INPUT, "candidates");

    const char *labels[] = {"red", "blue"};
    bidden_testinvite_create_candidate create = {0};
    create.size = sizeof create;
    create.task_id = "task-1";
    create.fullname = "Ada";
    create.email = "ada@example.com";
    create.tracking_uniq_id = "ada@example.com";
    create.labels = labels;
    create.label_count = 2;
    create.after_seconds = 1700000000;
    create.before_seconds = 1700003600;
    create.email_template_name = "welcome";
    create.callback_url = "https://example.com/done";
    create.callback_resource = "basic";
    create.more_json = "{\"tags\":{\"team\":\"a\"},\"price\":{\"amount\":\"12.50\",\"currency\":\"USD\"}}";
    if (bidden_testinvite_create_candidate_new(&create, &call, &error) != BIDDEN_OK) {
        bidden_string message = bidden_error_message(error);
        fprintf(stderr, "%s\n", message.text);
        exit(1);
    }
    typed_arguments_make_the_same_call_as_the_one_door(
        "testinvite.create_candidate", call,
        "{\"task_id\":\"task-1\",\"fullname\":\"Ada\",\"email\":\"ada@example.com\",\"tracking\":{\"uniq_id\":\"ada@example.com\"},"
        "\"labels\":[\"red\",\"blue\"],\"dates\":{\"before\":1700003600,\"after\":1700000000},\"invite_by_email\":{\"email_template_name\":"
        "\"welcome\"},\"callback\":{\"url\":\"https://example.com/done\",\"resource\":\"basic\"},\"tags\":{\"team\":\"a\"},\"price\":{\"amount\":\"12.50\",\"currency\":\"USD\"}}");
    labels[1] = NULL;
    number = bidden_testinvite_create_candidate_new(&create, &call, &error);
    check_error(number, error, BIDDEN_ERROR_INVALID_INPUT, "labels");
}

static void a_text_with_nul_keeps_its_length(void) {
    static const char body[] = "<html>\0 down </html>";
    bidden_call *call;
    bidden_reply *reply;
    bidden_error *error;
    CHECK(bidden_call_new("think_exam.deassign_test", "{\"email\":\"ada@example.com\",\"test_id\":\"41\"}", &call, NULL) == BIDDEN_OK);
    int32_t number = bidden_call_read_reply(call, 200, NULL, 0, (const uint8_t *)body, sizeof body - 1, &reply, &error);
    CHECK(number == BIDDEN_ERROR_MALFORMED_REPLY && reply == NULL);
    bidden_string raw = bidden_error_raw_reply(error);
    CHECK(raw.length == sizeof body - 1 && memcmp(raw.text, body, sizeof body) == 0);
    bidden_string_free(&raw);
    CHECK(raw.text == NULL && raw.length == 0);
    bidden_string_free(&raw);
    bidden_string operation = bidden_error_operation(error);
    CHECK(strcmp(operation.text, "think_exam.deassign_test") == 0 && bidden_error_platform(error) == BIDDEN_PLATFORM_THINK_EXAM);
    CHECK(bidden_error_http_status(error) == 200);
    bidden_string_free(&operation);
    bidden_error_free(error);
    static const bidden_header wait = {"Retry-After", "7"};
    number = bidden_call_read_reply(call, 429, &wait, 1, NULL, 0, &reply, &error);
    CHECK(number == BIDDEN_ERROR_RATE_LIMITED && bidden_error_retry_after_seconds(error) == 7 && bidden_error_can_retry(error));
    bidden_error_free(error);
    bidden_call_free(call);
}

/* A server's header may hold letters of any encoding: the answer, which may be that of a mail, is not lost for it. */
static void an_answer_is_read_whatever_its_other_headers_hold(void) {
    static const char body[] = "{\"testInvitationId\":7,\"testUrl\":\"https://test.example/7\",\"status\":\"Pending\"}";
    bidden_header headers[] = {{"server", "Zo\xc3\xab"}, {"x-latin-1", "Zo\xeb"}, {"x-tab", "a\tb"}, {"x-empty", ""}};
    bidden_call *call;
    bidden_reply *reply;
    bidden_error *error;
    CHECK(bidden_call_new("imocha.invite", "{\"test_id\":1,\"email\":\"ada@example.com\",\"name\":\"Ada\"}", &call, NULL) == BIDDEN_OK);
    CHECK(bidden_call_read_reply(call, 200, headers, 4, (const uint8_t *)body, sizeof body - 1, &reply, &error) == BIDDEN_OK);
    CHECK(bidden_imocha_invited_test_invitation_id(reply) == 7);
    bidden_reply_free(reply);
    headers[0].value = "a\r\nb: c";
    int32_t number = bidden_call_read_reply(call, 200, headers, 1, (const uint8_t *)body, sizeof body - 1, &reply, &error);
    check_error(number, error, BIDDEN_ERROR_INVALID_INPUT, "headers.value");
    bidden_call_free(call);
}

static int signer_calls;

static int32_t sign(void *context, const bidden_request *request, int64_t now_seconds, bidden_signature *signature) {
    bidden_string url = bidden_request_url(request), body = bidden_request_body(request);
    int good = strstr(url.text, "assignTest") != NULL && body.length > 0 && now_seconds == 1700000000;
    bidden_string_free(&url);
    bidden_string_free(&body);
    signer_calls++;
    if (!good || strcmp(context, "context") != 0) {
        return BIDDEN_ERROR_INTERNAL;
    }
    return signer_calls == 1 ? bidden_signature_set(signature, "my-ak", "my-sgn", "my-ts", NULL)
           : signer_calls == 2 ? BIDDEN_ERROR_UNAUTHORIZED
           : signer_calls == 3 ? 4711
                               : BIDDEN_OK;
}

static void a_signer_of_the_program_is_asked(void) {
    bidden_call *call;
    bidden_request *request;
    bidden_error *error;
    char context[] = "context";
    bidden_options options = {0};
    options.size = sizeof options;
    options.base_url = "https://tenant.example.org";
    options.signer = sign;
    options.signer_context = context;
    CHECK(bidden_call_new("think_exam.assign_test", "{\"email\":\"ada@somewhere.de\",\"test_id\":\"41\"}", &call, NULL) == BIDDEN_OK);
    CHECK(bidden_call_request(call, &options, 1700000000, &request, NULL) == BIDDEN_OK);
    int found = 0;
    for (size_t i = 0; i < bidden_request_header_count(request); i++) {
        bidden_string name = bidden_request_header_name(request, i), value = bidden_request_header_value(request, i);
        found += strcmp(name.text, "sgn") == 0 && strcmp(value.text, "my-sgn") == 0;
        bidden_string_free(&name);
        bidden_string_free(&value);
    }
    CHECK(found == 1);
    bidden_request_free(request);
    int32_t number = bidden_call_request(call, &options, 1700000000, &request, &error);
    check_error(number, error, BIDDEN_ERROR_UNAUTHORIZED, NULL);
    number = bidden_call_request(call, &options, 1700000000, &request, &error);
    check_error(number, error, BIDDEN_ERROR_CONFIGURATION, NULL); /* a number that is no kind */
    number = bidden_call_request(call, &options, 1700000000, &request, &error);
    check_error(number, error, BIDDEN_ERROR_CONFIGURATION, NULL); /* success, but nothing set */
    options.signer = NULL;
    options.api_key = bidden_bytes_of("ak");
    number = bidden_call_request(call, &options, 0, &request, &error);
    check_error(number, error, BIDDEN_ERROR_CONFIGURATION, NULL); /* a key without its secret */
    options.secret = bidden_bytes_of("secret");
    number = bidden_call_request(call, &options, 0, &request, &error);
    check_error(number, error, BIDDEN_ERROR_CONFIGURATION, NULL); /* no recipe is known for a live host */
    options.recipe = "body-bound";
    CHECK(bidden_call_request(call, &options, 0, &request, NULL) == BIDDEN_OK);
    bidden_recipe *recipe;
    bidden_string explanation;
    CHECK(bidden_recipe_new("{\"parts\":[\"ts\"]}", &recipe, NULL) == BIDDEN_OK);
    number = bidden_recipe_verify(recipe, "ak", options.secret, request, 0, 900, &error);
    check_error(number, error, BIDDEN_ERROR_UNAUTHORIZED, NULL);
    CHECK(bidden_recipe_explain(recipe, "ak", options.secret, request, 0, 900, &explanation, NULL) == BIDDEN_OK);
    CHECK(strstr(explanation.text, "\"check\":\"sgn differs\"") != NULL && strstr(explanation.text, "secret\"}") == NULL);
    bidden_string_free(&explanation);
    bidden_signature *signature;
    CHECK(bidden_signature_new(NULL, NULL, NULL, &signature, NULL) == BIDDEN_OK && bidden_signature_ak(signature).text == NULL);
    number = bidden_request_authorize(request, signature, &error);
    check_error(number, error, BIDDEN_ERROR_CONFIGURATION, NULL);
    bidden_signature_free(signature);
    CHECK(bidden_signature_new("a", "b", "c\nd", &signature, NULL) == BIDDEN_OK);
    number = bidden_request_authorize(request, signature, &error);
    check_error(number, error, BIDDEN_ERROR_CONFIGURATION, NULL);
    bidden_signature_free(signature);
    bidden_recipe_free(recipe);
    bidden_request_free(request);
    bidden_call_free(call);
}

static char last_line[512];
static int lines;

static void keep(void *context, int32_t level, const char *message) {
    lines++;
    snprintf(last_line, sizeof last_line, "%d %s", (int)level, message);
    bidden_error *error;
    int32_t number = bidden_log_set(context, keep, BIDDEN_LOG_TRACE, &error);
    check_error(number, error, BIDDEN_ERROR_INVALID_INPUT, "log");
}

/* The program goes on after a panic at any stage, and hears nothing but a number, an error and a log line. */
static void a_panic_comes_back_as_internal(void) {
    static const char *const stages[] = {"converting", "inside", "returning"};
    bidden_error *error;
    CHECK(bidden_log_set(NULL, keep, BIDDEN_LOG_ERROR, NULL) == BIDDEN_OK);
    for (size_t i = 0; i < 3; i++) {
        for (int panics = 0; panics < 2; panics++) {
            bidden_string copy = {GARBAGE(char), 3};
            lines = 0;
            int32_t number = bidden_testing_stage(stages[i], panics, "text", &copy, &error);
            CHECK(copy.text == NULL && copy.length == 0);
            bidden_string message = bidden_error_message(error);
            CHECK(strstr(message.text, "private") == NULL);
            CHECK((strstr(message.text, "testing.rs:") != NULL) == panics);
            CHECK(lines == panics && (!panics || strncmp(last_line, "1 bidden panicked", 17) == 0));
            bidden_string_free(&message);
            check_error(number, error, panics ? BIDDEN_ERROR_INTERNAL : BIDDEN_ERROR_REFUSED, NULL);
            CHECK(bidden_testing_stage(stages[i], panics, "text", &copy, NULL) == (panics ? BIDDEN_ERROR_INTERNAL : BIDDEN_ERROR_REFUSED));
        }
    }
    bidden_string copy;
    CHECK(bidden_testing_stage("none", true, "text", &copy, &error) == BIDDEN_OK && strcmp(copy.text, "text") == 0);
    bidden_string_free(&copy);
    CHECK(bidden_log_set(NULL, NULL, 0, NULL) == BIDDEN_OK);
    int32_t number = bidden_log_set(NULL, keep, 6, &error);
    check_error(number, error, BIDDEN_ERROR_INVALID_INPUT, "level");
}

static void *cancel_soon(void *cancel) {
    struct timespec wait = {0, 100 * 1000 * 1000};
    nanosleep(&wait, NULL);
    bidden_cancel_cancel(cancel);
    return NULL;
}

/* Nobody listens on port 1: the client would try five times over many seconds. */
static void another_thread_cancels_a_call(void) {
    bidden_options options = {0};
    options.size = sizeof options;
    options.base_url = "http://127.0.0.1:1";
    options.api_key = bidden_bytes_of("sandbox-key");
    options.tries = 50;
    bidden_client *client;
    bidden_call *call;
    bidden_cancel *cancel;
    bidden_reply *reply;
    bidden_error *error;
    pthread_t thread;
    CHECK(bidden_client_new(BIDDEN_PLATFORM_IMOCHA, &options, &client, NULL) == BIDDEN_OK);
    CHECK(bidden_call_new("imocha.invite", "{\"test_id\":1,\"email\":\"ada@example.com\",\"name\":\"Ada\"}", &call, NULL) == BIDDEN_OK);
    CHECK(bidden_cancel_new(&cancel, NULL) == BIDDEN_OK);
    CHECK(bidden_log_set(NULL, keep, BIDDEN_LOG_DEBUG, NULL) == BIDDEN_OK);
    lines = 0;
    CHECK(pthread_create(&thread, NULL, cancel_soon, cancel) == 0);
    time_t began = time(NULL);
    int32_t number = bidden_client_call(client, call, cancel, &reply, &error);
    CHECK(time(NULL) - began < 60);
    CHECK(reply == NULL);
    check_error(number, error, BIDDEN_ERROR_UNAVAILABLE, NULL);
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(lines > 0 && strstr(last_line, "imocha.invite") != NULL && strstr(last_line, "ada@") == NULL);
    number = bidden_client_call(client, call, cancel, &reply, &error);
    check_error(number, error, BIDDEN_ERROR_TIMED_OUT, NULL); /* it stays cancelled: nothing is sent */
    CHECK(bidden_log_set(NULL, NULL, 0, NULL) == BIDDEN_OK);
    bidden_cancel_free(cancel);
    bidden_call_free(call);
    bidden_client_free(client);
}

static void every_platform_says_what_it_can_do(void) {
    const size_t count = bidden_capability_count();
    CHECK(count > 20 && bidden_capability_name_at(count) == NULL && bidden_capability_name_at(SIZE_MAX) == NULL);
    for (size_t i = 0; i < count; i++) {
        const char *name = bidden_capability_name_at(i);
        for (int32_t platform = BIDDEN_PLATFORM_IMOCHA; platform <= BIDDEN_PLATFORM_TESTINVITE; platform++) {
            const int32_t support = bidden_capability_support(platform, name);
            const char *note = bidden_capability_note(platform, name);
            CHECK(support >= BIDDEN_SUPPORT_HONOURED && support <= BIDDEN_SUPPORT_NOT_POSSIBLE && note != NULL);
            CHECK((support == BIDDEN_SUPPORT_HONOURED) == (note[0] == '\0'));
        }
    }
    CHECK(bidden_capability_support(0, "invite") == 0 && bidden_capability_support(BIDDEN_PLATFORM_IMOCHA, NULL) == 0);
    CHECK(bidden_capability_support(BIDDEN_PLATFORM_IMOCHA, "\xff") == 0 && bidden_capability_note(99, "invite") == NULL);
}

int main(void) {
    versions_and_tables();
    every_platform_says_what_it_can_do();
    freeing_null_does_nothing();
    readers_of_null_give_their_empty_value();
    null_and_garbage_arguments_are_invalid_input();
    a_candidate_shows_errors_and_warnings_apart();
    an_access_window_is_checked();
    the_five_base_calls_are_typed();
    a_text_with_nul_keeps_its_length();
    an_answer_is_read_whatever_its_other_headers_hold();
    a_signer_of_the_program_is_asked();
    a_panic_comes_back_as_internal();
    another_thread_cancels_a_call();
    printf("errors c: %d checks passed\n", checked);
    return 0;
}
