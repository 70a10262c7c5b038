/* Invites a candidate to an iMocha test with bidden's own client, through a ledger: run it twice, and the second run sends nothing.
 *
 *   cc invite.c $(pkg-config --cflags --libs bidden) -o invite
 *   bidden sandbox --ready sandbox.json &
 *   BIDDEN_IMOCHA_API_KEY=sandbox-key BIDDEN_IMOCHA_BASE_URL=http://127.0.0.1:8787 ./invite
 *
 * The key comes from the environment of a server: never ship a platform's key in a program that runs on a candidate's machine. */
#include <bidden.h>

#include <stdio.h>
#include <stdlib.h>

/* Prints an error with its fields, frees it, and is the program's exit status. */
static int report(bidden_error *error) {
    bidden_string message = bidden_error_message(error);
    fprintf(stderr, "%s\n", message.text == NULL ? "unknown error" : message.text);
    bidden_string_free(&message);
    bidden_error_free(error);
    return 1;
}

/* Whether a candidate who was invited and cancelled may be invited again: no network, no allocation. */
static int explain_rules(void) {
    bidden_decision decision = {0};
    decision.size = sizeof decision;
    bidden_error *error = NULL;
    if (bidden_decide(BIDDEN_PLATFORM_IMOCHA, BIDDEN_STATUS_CANCELLED, BIDDEN_EVENT_INVITE, NULL, BIDDEN_TIME_ABSENT, &decision, &error) !=
        BIDDEN_OK) {
        return report(error);
    }
    printf("inviting after a cancellation: %s, then %s\n", bidden_effect_slug(decision.effect), bidden_status_slug(decision.next));
    return 0;
}

int main(void) {
    bidden_error *error = NULL;
    bidden_client *client = NULL;
    bidden_ledger *ledger = NULL;
    bidden_candidate *ada = NULL;
    bidden_outcome *outcome = NULL;
    int exit_status = explain_rules();

    bidden_options options = {0};
    options.size = sizeof options;
    options.base_url = getenv("BIDDEN_IMOCHA_BASE_URL"); /* NULL is the live service */
    options.api_key = bidden_bytes_of(getenv("BIDDEN_IMOCHA_API_KEY"));
    const char *file = getenv("BIDDEN_LEDGER");

    bidden_operation invite = {0};
    invite.size = sizeof invite;
    invite.test = "292930";
    invite.send_email = BIDDEN_FLAG_NO; /* mails nobody; with a mail the ledger sees to it that it is one */

    if (exit_status == 0 && (bidden_client_new(BIDDEN_PLATFORM_IMOCHA, &options, &client, &error) != BIDDEN_OK ||
                             bidden_ledger_open(file == NULL ? "bidden.db" : file, &ledger, &error) != BIDDEN_OK ||
                             bidden_candidate_new(&ada, &error) != BIDDEN_OK ||
                             bidden_candidate_set(ada, "email", "ada@example.com", &error) != BIDDEN_OK ||
                             bidden_candidate_set(ada, "name", "Ada Lovelace", &error) != BIDDEN_OK)) {
        exit_status = report(error);
    }
    invite.candidate = ada;
    if (exit_status == 0 && bidden_ledger_invite(ledger, client, &invite, &outcome, &error) != BIDDEN_OK) {
        exit_status = report(error);
    }
    if (outcome != NULL) {
        bidden_string url = bidden_outcome_test_url(outcome);
        printf("%s: %s\n", bidden_disposition_slug(bidden_outcome_disposition(outcome)), url.text == NULL ? "(no link)" : url.text);
        bidden_string_free(&url);
        exit_status = bidden_outcome_is_good(outcome) ? 0 : 1;
    }
    bidden_outcome_free(outcome);
    bidden_candidate_free(ada);
    bidden_ledger_free(ledger);
    bidden_client_free(client);
    return exit_status;
}
