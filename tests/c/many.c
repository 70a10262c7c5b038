/* Many candidates through a ledger from C: cancelled half-way from another thread, resumed, reviewed. Usage: many URL FOLDER COUNT */
#include "bidden.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int checked;

#define CHECK(condition)                                                    \
    do {                                                                    \
        checked++;                                                          \
        if (!(condition)) {                                                 \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
            exit(1);                                                        \
        }                                                                   \
    } while (0)

static void good(int32_t number, bidden_error *error) {
    if (number != BIDDEN_OK) {
        bidden_string message = bidden_error_message(error);
        fprintf(stderr, "%s\n", message.text == NULL ? "?" : message.text);
        exit(1);
    }
}

/* One run: who is given, who was told, who waits for the half. */
typedef struct {
    uint64_t most;
    uint64_t given;
    uint64_t told;
    unsigned char *heard;
    uint64_t half;
    int is_half;
    int bad_from;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    bidden_cancel *cancel;
} Run;

static int32_t give(void *context, bidden_candidate *candidate) {
    Run *run = context;
    if (run->given == run->most) {
        return 0;
    }
    char email[64];
    const char *form = run->bad_from > 0 && run->given >= (uint64_t)run->bad_from ? "person%llu" : "person%llu@example.com";
    snprintf(email, sizeof email, form, (unsigned long long)run->given);
    CHECK(bidden_candidate_set(candidate, "email", email, NULL) == BIDDEN_OK);
    CHECK(bidden_candidate_set(candidate, "name", "Ada Lovelace", NULL) == BIDDEN_OK);
    run->given++;
    return 1;
}

static void hear(void *context, uint64_t number, const bidden_outcome *outcome) {
    Run *run = context;
    CHECK(number < run->most && run->heard[number] == 0);
    run->heard[number] = (unsigned char)bidden_outcome_disposition(outcome);
    CHECK(run->heard[number] != 0);
    pthread_mutex_lock(&run->mutex);
    run->told++;
    if (run->told == run->half) {
        run->is_half = 1;
        pthread_cond_signal(&run->changed);
    }
    pthread_mutex_unlock(&run->mutex);
}

static void *cancel_half_way(void *context) {
    Run *run = context;
    pthread_mutex_lock(&run->mutex);
    while (!run->is_half) {
        pthread_cond_wait(&run->changed, &run->mutex);
    }
    pthread_mutex_unlock(&run->mutex);
    bidden_cancel_cancel(run->cancel);
    return NULL;
}

static Run run_of(uint64_t most) {
    Run run = {0};
    run.most = most;
    run.heard = calloc(most == 0 ? 1 : most, 1);
    CHECK(run.heard != NULL && pthread_mutex_init(&run.mutex, NULL) == 0 && pthread_cond_init(&run.changed, NULL) == 0);
    return run;
}

static void end(Run *run) {
    bidden_cancel_free(run->cancel);
    free(run->heard);
    pthread_cond_destroy(&run->changed);
    pthread_mutex_destroy(&run->mutex);
}

static bidden_operation invitation(const Run *run) {
    bidden_operation operation = {0};
    operation.size = sizeof operation;
    operation.test = "292930";
    operation.send_email = BIDDEN_FLAG_YES;
    operation.cancel = run->cancel;
    return operation;
}

static bidden_many many_of(Run *run) {
    bidden_many many = {0};
    many.size = sizeof many;
    many.next = give;
    many.row = hear;
    many.next_context = many.row_context = run;
    many.concurrency = 8;
    return many;
}

static bidden_summary *invite(const bidden_ledger *ledger, const bidden_client *client, Run *run) {
    bidden_operation operation = invitation(run);
    bidden_many many = many_of(run);
    bidden_summary *summary;
    bidden_error *error;
    good(bidden_ledger_invite_many(ledger, client, &operation, &many, &summary, &error), error);
    return summary;
}

/* What would be done for a person, and whether a mail would be asked for. */
static void check_review(const bidden_ledger *ledger, const bidden_client *client, const char *email, const char *action, bool mail) {
    bidden_candidate *candidate;
    bidden_error *error;
    bidden_review *review;
    good(bidden_candidate_new(&candidate, &error), error);
    good(bidden_candidate_set(candidate, "email", email, &error), error);
    good(bidden_candidate_set(candidate, "name", "Ada Lovelace", &error), error);
    Run none = {0};
    bidden_operation operation = invitation(&none);
    operation.candidate = candidate;
    good(bidden_ledger_review(ledger, client, &operation, &review, &error), error);
    CHECK(strcmp(bidden_review_action(review), action) == 0);
    CHECK(bidden_review_asks_for_mail(review) == mail && bidden_review_sends(review) == mail);
    bidden_string why = bidden_review_why(review);
    bidden_string_free(&why);
    bidden_review_free(review);
    bidden_candidate_free(candidate);
}

int main(int count, char **arguments) {
    CHECK(count == 4);
    uint64_t most = strtoull(arguments[3], NULL, 10);
    char path[4096];
    snprintf(path, sizeof path, "%s/ledger.db", arguments[2]);
    bidden_options options = {0};
    options.size = sizeof options;
    options.base_url = arguments[1];
    options.api_key = bidden_bytes_of("sandbox-key");
    options.timeout_milliseconds = 120000;
    bidden_client *client;
    bidden_ledger *ledger;
    bidden_error *error;
    good(bidden_client_new(BIDDEN_PLATFORM_IMOCHA, &options, &client, &error), error);
    good(bidden_ledger_open(path, &ledger, &error), error);
    check_review(ledger, client, "person0@example.com", "invite", true);

    /* Half-way another thread cancels: whoever is under way is finished and told, nobody else is asked for. */
    Run first = run_of(most);
    first.half = most / 2;
    good(bidden_cancel_new(&first.cancel, &error), error);
    pthread_t canceller;
    CHECK(pthread_create(&canceller, NULL, cancel_half_way, &first) == 0);
    bidden_summary *summary = invite(ledger, client, &first);
    CHECK(pthread_join(canceller, NULL) == 0);
    uint64_t before = bidden_summary_rows(summary);
    CHECK(before == first.told && before == first.given && before >= most / 2 && before < most);
    bidden_string stopped = bidden_summary_stopped(summary);
    CHECK(stopped.text != NULL && strcmp(stopped.text, "interrupted") == 0);
    bidden_string_free(&stopped);
    uint64_t mails = bidden_summary_mails(summary);
    bidden_summary_free(summary);
    end(&first);

    /* The same again goes on: everybody is told, nobody is mailed twice. */
    Run second = run_of(most);
    summary = invite(ledger, client, &second);
    CHECK(bidden_summary_rows(summary) == most && bidden_summary_good(summary) == most && bidden_summary_not_sent(summary) == 0);
    CHECK(mails + bidden_summary_mails(summary) == most && second.told == most);
    CHECK(second.heard[0] == BIDDEN_DISPOSITION_UNCHANGED && second.heard[most - 1] == BIDDEN_DISPOSITION_INVITED);
    stopped = bidden_summary_stopped(summary);
    CHECK(stopped.text == NULL);
    bidden_summary_free(summary);
    end(&second);
    check_review(ledger, client, "person0@example.com", "unchanged", false);

    /* A row that cannot be one is told as it is, and ends nothing. */
    Run bad = run_of(6);
    bad.bad_from = 4;
    summary = invite(ledger, client, &bad);
    CHECK(bidden_summary_rows(summary) == 6 && bidden_summary_good(summary) == 4 && bad.heard[5] == BIDDEN_DISPOSITION_INVALID);
    bidden_summary_free(summary);
    end(&bad);

    /* Nobody, and what is not allowed. */
    Run nobody = run_of(0);
    summary = invite(ledger, client, &nobody);
    CHECK(bidden_summary_rows(summary) == 0);
    bidden_summary_free(summary);
    bidden_operation operation = invitation(&nobody);
    bidden_many many = many_of(&nobody);
    many.next = NULL;
    CHECK(bidden_ledger_invite_many(ledger, client, &operation, &many, &summary, &error) == BIDDEN_ERROR_INVALID_INPUT && summary == NULL);
    bidden_error_free(error);
    CHECK(bidden_ledger_invite_many(ledger, client, &operation, NULL, &summary, NULL) == BIDDEN_ERROR_INVALID_INPUT);
    CHECK(bidden_ledger_invite_many(NULL, client, &operation, &many, &summary, NULL) == BIDDEN_ERROR_INVALID_INPUT);
    CHECK(bidden_summary_rows(NULL) == 0 && bidden_review_action(NULL) == NULL && !bidden_review_sends(NULL));
    bidden_summary_free(NULL);
    bidden_review_free(NULL);
    end(&nobody);

    bidden_ledger_free(ledger);
    bidden_client_free(client);
    printf("many c: %d checks passed\n", checked);
    return 0;
}
