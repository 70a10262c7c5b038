/* Eight threads on one client and one ledger: each invites people of its own and the same few as all others, looks at them, and asks for
 * their history. Usage: shared URL FOLDER */
#include "bidden.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { THREADS = 8, OWN = 12, COMMON = 4 };

static bidden_client *client;
static bidden_ledger *ledger;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int mails;

static int fail(const char *what, bidden_error *error) {
    bidden_string message = bidden_error_message(error);
    fprintf(stderr, "%s: %s\n", what, message.text == NULL ? "?" : message.text);
    bidden_string_free(&message);
    bidden_error_free(error);
    return 0;
}

static int invite(const char *email) {
    bidden_error *error = NULL;
    bidden_candidate *candidate = NULL;
    bidden_outcome *outcome = NULL;
    bidden_review *review = NULL;
    bidden_string history = {0};
    bidden_operation operation = {0};
    operation.size = sizeof operation;
    operation.test = "292930";
    operation.send_email = BIDDEN_FLAG_YES;
    int good = 1;
    if (bidden_candidate_new(&candidate, &error) != BIDDEN_OK || bidden_candidate_set(candidate, "email", email, &error) != BIDDEN_OK ||
        bidden_candidate_set(candidate, "name", "Ada Lovelace", &error) != BIDDEN_OK) {
        return fail("candidate", error);
    }
    operation.candidate = candidate;
    if (bidden_ledger_invite(ledger, client, &operation, &outcome, &error) != BIDDEN_OK) {
        good = fail("invite", error);
    } else if (!bidden_outcome_is_good(outcome) && bidden_outcome_disposition(outcome) != BIDDEN_DISPOSITION_HELD) {
        /* Held: another thread is sending this very person at this moment. */
        fprintf(stderr, "%s: %s\n", email, bidden_disposition_slug(bidden_outcome_disposition(outcome)));
        good = 0;
    }
    pthread_mutex_lock(&mutex);
    mails += bidden_outcome_asked_for_mail(outcome);
    pthread_mutex_unlock(&mutex);
    if (bidden_ledger_review(ledger, client, &operation, &review, &error) != BIDDEN_OK ||
        bidden_ledger_history_json(ledger, email, &history, &error) != BIDDEN_OK || strstr(history.text, "\"invite\"") == NULL) {
        good = fail("look", error);
    }
    bidden_string_free(&history);
    bidden_review_free(review);
    bidden_outcome_free(outcome);
    bidden_candidate_free(candidate);
    return good;
}

static void *work(void *context) {
    const int *number = context;
    char email[64];
    for (int i = 0; i < OWN; i++) {
        snprintf(email, sizeof email, "own%d-%d@example.com", *number, i);
        if (!invite(email)) {
            return NULL;
        }
        snprintf(email, sizeof email, "common%d@example.com", (i + *number) % COMMON);
        if (!invite(email)) {
            return NULL;
        }
    }
    return context;
}

int main(int count, char **arguments) {
    if (count != 3) {
        fprintf(stderr, "usage: shared URL FOLDER\n");
        return 2;
    }
    char path[4096];
    snprintf(path, sizeof path, "%s/ledger.db", arguments[2]);
    bidden_options options = {0};
    options.size = sizeof options;
    options.base_url = arguments[1];
    options.api_key = bidden_bytes_of("sandbox-key");
    options.callers = THREADS;
    options.timeout_milliseconds = 120000;
    bidden_error *error;
    if (bidden_client_new(BIDDEN_PLATFORM_IMOCHA, &options, &client, &error) != BIDDEN_OK ||
        bidden_ledger_open(path, &ledger, &error) != BIDDEN_OK) {
        fail("setup", error);
        return 1;
    }
    pthread_t threads[THREADS];
    int numbers[THREADS];
    int failed = 0;
    for (int i = 0; i < THREADS; i++) {
        numbers[i] = i;
        if (pthread_create(&threads[i], NULL, work, &numbers[i]) != 0) {
            return 2;
        }
    }
    for (int i = 0; i < THREADS; i++) {
        void *result;
        pthread_join(threads[i], &result);
        failed += result == NULL;
    }
    bidden_ledger_free(ledger);
    bidden_client_free(client);
    printf("shared c: %d mails by %d threads, %d threads failed; checks passed\n", mails, THREADS, failed);
    return failed == 0 && mails == THREADS * OWN + COMMON ? 0 : 1;
}
