/* One person through the ledger, against a sandbox. Usage: ledger URL FOLDER */
#include "bidden.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define THREADS 8

static int checked;

#define CHECK(condition)                                                    \
    do {                                                                    \
        checked++;                                                          \
        if (!(condition)) {                                                 \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
            exit(1);                                                        \
        }                                                                   \
    } while (0)

typedef int32_t Operation(const bidden_ledger *, const bidden_client *, const bidden_operation *, bidden_outcome **, bidden_error **);

static const char *url;

static void good(int32_t number, bidden_error *error) {
    if (number != BIDDEN_OK) {
        bidden_string message = bidden_error_message(error);
        fprintf(stderr, "%s\n", message.text == NULL ? "?" : message.text);
        exit(1);
    }
}

static bidden_client *client_of(int32_t platform) {
    bidden_options options = {0};
    options.size = sizeof options;
    options.base_url = url;
    options.api_key = bidden_bytes_of(platform == BIDDEN_PLATFORM_THINK_EXAM ? "sandbox-ak" : "sandbox-key");
    options.secret = bidden_bytes_of("sandbox-secret");
    options.token = bidden_bytes_of("sandbox-token");
    options.timeout_milliseconds = 120000;
    bidden_client *client;
    bidden_error *error;
    good(bidden_client_new(platform, &options, &client, &error), error);
    return client;
}

static bidden_candidate *candidate_of(const char *email) {
    bidden_candidate *candidate;
    bidden_error *error;
    good(bidden_candidate_new(&candidate, &error), error);
    good(bidden_candidate_set(candidate, "email", email, &error), error);
    good(bidden_candidate_set(candidate, "name", "Ada Lovelace", &error), error);
    return candidate;
}

static bidden_operation operation_of(const bidden_candidate *candidate) {
    bidden_operation operation = {0};
    operation.size = sizeof operation;
    operation.test = "292930";
    operation.candidate = candidate;
    return operation;
}

static bidden_outcome *done(Operation *function, const bidden_ledger *ledger, const bidden_client *client, const bidden_operation *operation) {
    bidden_outcome *outcome;
    bidden_error *error;
    good(function(ledger, client, operation, &outcome, &error), error);
    CHECK(outcome != NULL && error == NULL);
    return outcome;
}

static void check_disposition(bidden_outcome *outcome, int32_t expected) {
    int32_t found = bidden_outcome_disposition(outcome);
    if (found != expected) {
        fprintf(stderr, "expected %s, found %s\n", bidden_disposition_slug(expected), bidden_disposition_slug(found));
        exit(1);
    }
    bidden_outcome_free(outcome);
    checked++;
}

static void check_refused(int32_t number, bidden_outcome *outcome, bidden_error *error, const char *name) {
    CHECK(number == BIDDEN_ERROR_INVALID_INPUT && outcome == NULL);
    bidden_string field = bidden_error_field(error, 0);
    CHECK(field.text != NULL && strcmp(field.text, name) == 0);
    bidden_string_free(&field);
    bidden_error_free(error);
}

static void a_person_invited_twice_is_mailed_once(const bidden_ledger *ledger, const bidden_client *client) {
    bidden_candidate *ada = candidate_of("ada@example.com");
    bidden_operation invite = operation_of(ada);
    invite.send_email = BIDDEN_FLAG_YES;
    bidden_outcome *first = done(bidden_ledger_invite, ledger, client, &invite);
    CHECK(bidden_outcome_is_good(first) && bidden_outcome_known_from(first) == BIDDEN_KNOWN_FROM_REPLY);
    CHECK(bidden_outcome_asked_for_mail(first) && bidden_outcome_email(first) == BIDDEN_EMAIL_ASKED && bidden_outcome_status(first) == BIDDEN_STATUS_PENDING);
    bidden_string id = bidden_outcome_invitation_id(first), link = bidden_outcome_test_url(first), word = bidden_outcome_platform_status(first);
    CHECK(id.length > 0 && strstr(link.text, "/IMInstructions?") != NULL && strcmp(word.text, "Pending") == 0);
    CHECK(bidden_outcome_invitation_code(first).text == NULL);
    bidden_error *why, *error;
    CHECK(bidden_outcome_error(first, &why, &error) == BIDDEN_OK && why == NULL && error == NULL);
    check_disposition(first, BIDDEN_DISPOSITION_INVITED);

    bidden_outcome *second = done(bidden_ledger_invite, ledger, client, &invite);
    CHECK(!bidden_outcome_asked_for_mail(second) && bidden_outcome_email(second) == BIDDEN_EMAIL_ASKED && bidden_outcome_known_from(second) == BIDDEN_KNOWN_FROM_LEDGER);
    bidden_string same = bidden_outcome_invitation_id(second);
    CHECK(strcmp(same.text, id.text) == 0);
    bidden_string_free(&same);
    bidden_string_free(&word);
    bidden_string_free(&link);
    bidden_string_free(&id);
    check_disposition(second, BIDDEN_DISPOSITION_UNCHANGED);

    /* Another account is another invitation; the law holds for each. */
    bidden_ledger *other;
    good(bidden_ledger_account(ledger, "other", &other, &error), error);
    invite.send_email = BIDDEN_FLAG_NO;
    check_disposition(done(bidden_ledger_invite, other, client, &invite), BIDDEN_DISPOSITION_INVITED);
    bidden_ledger_free(other);

    bidden_string json;
    good(bidden_ledger_history_json(ledger, "Ada@Example.com", &json, &error), error);
    CHECK(strstr(json.text, "\"account\":\"other\"") != NULL && strstr(json.text, "\"asks_for_mail\":true") != NULL);
    CHECK(strstr(json.text, "sandbox-key") == NULL);
    bidden_string_free(&json);
    bidden_candidate_free(ada);
}

static void what_is_cancelled_is_held_until_it_may_be_reopened(const bidden_ledger *ledger, const bidden_client *client) {
    bidden_candidate *ada = candidate_of("ada@example.com");
    bidden_operation operation = operation_of(ada);
    check_disposition(done(bidden_ledger_cancel, ledger, client, &operation), BIDDEN_DISPOSITION_CANCELLED);
    bidden_outcome *held = done(bidden_ledger_invite, ledger, client, &operation);
    bidden_error *why, *error;
    good(bidden_outcome_error(held, &why, &error), error);
    bidden_string message = bidden_error_message(why);
    CHECK(!bidden_outcome_is_good(held) && bidden_error_kind(why) == BIDDEN_ERROR_REFUSED && strstr(message.text, "cancelled") != NULL);
    bidden_string_free(&message);
    bidden_error_free(why);
    check_disposition(held, BIDDEN_DISPOSITION_HELD);
    operation.reopen = BIDDEN_FLAG_YES;
    operation.send_email = BIDDEN_FLAG_YES;
    bidden_outcome *reopened = done(bidden_ledger_invite, ledger, client, &operation);
    CHECK(bidden_outcome_email(reopened) == BIDDEN_EMAIL_ASKED); /* the one before; this one asked for none */
    check_disposition(reopened, BIDDEN_DISPOSITION_REOPENED);
    operation.invitation_id = "4711";
    operation.candidate = NULL;
    bidden_outcome *unknown = done(bidden_ledger_cancel, ledger, client, &operation);
    CHECK(!bidden_outcome_is_good(unknown));
    bidden_outcome_free(unknown);
    bidden_candidate_free(ada);
}

static void what_cannot_be_tried_is_an_error(const bidden_ledger *ledger, const bidden_client *client) {
    bidden_outcome *outcome;
    bidden_error *error;
    bidden_candidate *nobody = candidate_of("ada.example.com");
    bidden_operation operation = operation_of(nobody);
    int32_t number = bidden_ledger_invite(ledger, client, &operation, &outcome, &error);
    check_refused(number, outcome, error, "email");
    operation.candidate = NULL;
    number = bidden_ledger_invite(ledger, client, &operation, &outcome, &error);
    check_refused(number, outcome, error, "candidate");
    number = bidden_ledger_cancel(ledger, client, &operation, &outcome, &error);
    check_refused(number, outcome, error, "email");
    bidden_candidate_free(nobody);
    bidden_candidate *ada = candidate_of("ada@example.com");
    operation = operation_of(ada);
    operation.skip_password = BIDDEN_FLAG_YES;
    number = bidden_ledger_invite(ledger, client, &operation, &outcome, &error);
    check_refused(number, outcome, error, "skip_password");
    operation = operation_of(ada);
    operation.test = NULL;
    number = bidden_ledger_invite(ledger, client, &operation, &outcome, &error);
    check_refused(number, outcome, error, "test");
    operation = operation_of(ada);
    operation.reopen = 7;
    number = bidden_ledger_invite(ledger, client, &operation, &outcome, &error);
    check_refused(number, outcome, error, "reopen");
    operation = operation_of(ada);
    number = bidden_ledger_reattempt(ledger, client, &operation, &outcome, &error);
    check_refused(number, outcome, error, "start_date_time");
    operation.size = 3;
    number = bidden_ledger_invite(ledger, client, &operation, &outcome, &error);
    check_refused(number, outcome, error, "operation.size");
    number = bidden_ledger_invite(ledger, client, NULL, &outcome, &error);
    check_refused(number, outcome, error, "operation");
    operation = operation_of(ada);
    number = bidden_ledger_invite(NULL, client, &operation, &outcome, &error);
    check_refused(number, outcome, error, "ledger");
    number = bidden_ledger_register(ledger, NULL, &operation, &outcome, &error);
    check_refused(number, outcome, error, "client");
    number = bidden_ledger_invite(ledger, client, &operation, NULL, &error);
    check_refused(number, NULL, error, "outcome");
    bidden_candidate_free(ada);
}

static void a_cancelled_operation_is_not_sent(const bidden_ledger *ledger, const bidden_client *client) {
    bidden_candidate *grace = candidate_of("grace@example.com");
    bidden_cancel *cancel;
    bidden_error *error;
    good(bidden_cancel_new(&cancel, &error), error);
    bidden_operation operation = operation_of(grace);
    operation.cancel = cancel;
    bidden_cancel_cancel(cancel);
    check_disposition(done(bidden_ledger_invite, ledger, client, &operation), BIDDEN_DISPOSITION_NOT_SENT);
    bidden_cancel_free(cancel);
    bidden_candidate_free(grace);
}

static void the_other_platforms_are_invited_and_registered(const bidden_ledger *ledger) {
    bidden_candidate *ada = candidate_of("ada@example.com");
    bidden_operation operation = operation_of(ada);
    bidden_client *think_exam = client_of(BIDDEN_PLATFORM_THINK_EXAM), *testinvite = client_of(BIDDEN_PLATFORM_TESTINVITE);
    check_disposition(done(bidden_ledger_register, ledger, think_exam, &operation), BIDDEN_DISPOSITION_REGISTERED);
    check_disposition(done(bidden_ledger_register, ledger, think_exam, &operation), BIDDEN_DISPOSITION_UNCHANGED);
    check_disposition(done(bidden_ledger_invite, ledger, think_exam, &operation), BIDDEN_DISPOSITION_INVITED);
    check_disposition(done(bidden_ledger_invite, ledger, think_exam, &operation), BIDDEN_DISPOSITION_UNCHANGED);
    const char *programs[] = {"program-1"};
    operation.program_ids = programs;
    operation.program_id_count = 1;
    operation.price_amount = "19.90";
    operation.price_currency = "EUR";
    bidden_outcome *created = done(bidden_ledger_invite, ledger, testinvite, &operation);
    bidden_string code = bidden_outcome_invitation_code(created);
    CHECK(code.length > 0);
    bidden_string_free(&code);
    check_disposition(created, BIDDEN_DISPOSITION_CREATED);
    check_disposition(done(bidden_ledger_cancel, ledger, testinvite, &operation), BIDDEN_DISPOSITION_CANCELLED);
    bidden_client_free(testinvite);
    bidden_client_free(think_exam);
    bidden_candidate_free(ada);
}

static const bidden_ledger *shared_ledger;
static const bidden_client *shared_client;
static int invited[THREADS];

static void *work(void *number) {
    int *count = number;
    for (int person = 0; person < 5; person++) {
        char email[64];
        snprintf(email, sizeof email, "person-%d@example.com", person);
        bidden_candidate *candidate = candidate_of(email);
        bidden_operation operation = operation_of(candidate);
        operation.test = "41";
        operation.send_email = BIDDEN_FLAG_YES;
        bidden_outcome *outcome = done(bidden_ledger_invite, shared_ledger, shared_client, &operation);
        int32_t disposition = bidden_outcome_disposition(outcome);
        /* Whoever comes second finds it done, or being done. */
        CHECK(disposition == BIDDEN_DISPOSITION_INVITED || disposition == BIDDEN_DISPOSITION_UNCHANGED || disposition == BIDDEN_DISPOSITION_HELD);
        *count += disposition == BIDDEN_DISPOSITION_INVITED;
        bidden_outcome_free(outcome);
        bidden_candidate_free(candidate);
    }
    return NULL;
}

static void eight_threads_on_one_ledger_mail_each_person_once(const bidden_ledger *ledger, const bidden_client *client) {
    shared_ledger = ledger;
    shared_client = client;
    pthread_t threads[THREADS];
    int total = 0;
    for (int i = 0; i < THREADS; i++) {
        CHECK(pthread_create(&threads[i], NULL, work, &invited[i]) == 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        total += invited[i];
    }
    CHECK(total == 5);
}

static void a_ledger_that_cannot_be_used_is_storage(const char *file, const char *folder) {
    bidden_ledger *ledger;
    bidden_error *error;
    /* A second opening of the same file is as good as another process. */
    CHECK(bidden_ledger_open(file, &ledger, &error) == BIDDEN_ERROR_STORAGE && ledger == NULL);
    bidden_error_free(error);
    CHECK(bidden_ledger_open(folder, &ledger, NULL) == BIDDEN_ERROR_STORAGE);
    CHECK(bidden_ledger_open("postgres://db.example.com/bidden", &ledger, NULL) == BIDDEN_ERROR_CONFIGURATION);
    CHECK(bidden_ledger_open(NULL, &ledger, NULL) == BIDDEN_ERROR_INVALID_INPUT);
    CHECK(bidden_ledger_open(file, NULL, NULL) == BIDDEN_ERROR_INVALID_INPUT);
}

int main(int count, char **arguments) {
    if (count != 3) {
        fprintf(stderr, "usage: ledger URL FOLDER\n");
        return 2;
    }
    url = arguments[1];
    char file[4096];
    snprintf(file, sizeof file, "%s/ledger.db", arguments[2]);
    bidden_ledger *ledger;
    bidden_error *error;
    good(bidden_ledger_open(file, &ledger, &error), error);
    bidden_string location = bidden_ledger_location(ledger);
    CHECK(strcmp(location.text, file) == 0);
    bidden_string_free(&location);
    bidden_client *imocha = client_of(BIDDEN_PLATFORM_IMOCHA);
    a_person_invited_twice_is_mailed_once(ledger, imocha);
    what_is_cancelled_is_held_until_it_may_be_reopened(ledger, imocha);
    what_cannot_be_tried_is_an_error(ledger, imocha);
    a_cancelled_operation_is_not_sent(ledger, imocha);
    the_other_platforms_are_invited_and_registered(ledger);
    eight_threads_on_one_ledger_mail_each_person_once(ledger, imocha);
    a_ledger_that_cannot_be_used_is_storage(file, arguments[2]);
    bidden_client_free(imocha);
    bidden_ledger_free(ledger);
    printf("ledger c: %d checks passed\n", checked);
    return 0;
}
