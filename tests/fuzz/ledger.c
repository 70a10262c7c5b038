/* The ledger: every text of an operation, judged and looked back at; nothing is sent, because nobody listens at the address. Input:
 * test, address, name, external id, numbers, the other texts of an operation. */
#include "input.h"

#include <unistd.h>

static bidden_ledger *ledger;
static bidden_client *clients[3];

/* Opened once: a ledger is a file with a thread. */
static void open_once(void) {
    if (ledger != NULL) {
        return;
    }
    const char *folder = getenv("TMPDIR");
    char path[4096];
    snprintf(path, sizeof path, "%s/bidden-fuzz-%ld.db", folder == NULL ? "/tmp" : folder, (long)getpid());
    bidden_options options = {0};
    options.size = sizeof options;
    options.base_url = "http://127.0.0.1:1";
    options.tries = 1;
    options.api_key = options.token = options.secret = bidden_bytes_of("sandbox-key");
    for (int32_t platform = BIDDEN_PLATFORM_IMOCHA; platform <= BIDDEN_PLATFORM_TESTINVITE; platform++) {
        if (bidden_client_new(platform, &options, &clients[platform - 1], NULL) != BIDDEN_OK) {
            finding("no client");
        }
    }
    if (bidden_ledger_open(path, &ledger, NULL) != BIDDEN_OK) {
        finding("no ledger");
    }
    /* It lives as long as it is open. */
    (void)unlink(path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length) {
    open_once();
    Input input = input_of(data, length);
    bidden_error *error;
    bidden_candidate *candidate;
    bidden_review *review;
    bidden_ledger *other;
    bidden_string json;
    bidden_operation operation = {0};
    operation.size = sizeof operation;
    const bidden_client *client = clients[byte(&input) % 3];
    operation.send_email = byte(&input) % 4;
    operation.hide_instruction = byte(&input) % 4;
    operation.skip_password = byte(&input) % 4;
    operation.no_tracking = byte(&input) % 4;
    operation.reopen = byte(&input) % 4;
    operation.test = text(&input);
    if (bidden_candidate_new(&candidate, NULL) != BIDDEN_OK) {
        finding("no candidate");
    }
    const char *email = text(&input);
    (void)worked(bidden_candidate_set(candidate, "email", email, &error), error, NULL);
    (void)worked(bidden_candidate_set(candidate, "name", text(&input), &error), error, NULL);
    (void)worked(bidden_candidate_set(candidate, "external_id", text(&input), &error), error, NULL);
    operation.candidate = candidate;
    operation.start_seconds = number(&input);
    operation.end_seconds = number(&input);
    operation.time_zone_id = number(&input);
    operation.send_at_seconds = number(&input);
    operation.email_template = text(&input);
    operation.stakeholder_emails = text(&input);
    operation.callback_url = text(&input);
    operation.callback_resource = text(&input);
    operation.redirect_url = text(&input);
    operation.proctoring = text(&input);
    operation.language = text(&input);
    operation.unique_within = text(&input);
    operation.price_amount = text(&input);
    operation.price_currency = text(&input);
    const char **programs = block(&input, 2 * sizeof *programs);
    programs[0] = text(&input);
    programs[1] = text(&input);
    operation.program_ids = programs;
    operation.program_id_count = programs[1] == NULL ? 0 : 2;
    if (worked(bidden_ledger_review(ledger, client, &operation, &review, &error), error, review)) {
        if (bidden_review_action(review) == NULL || (bidden_review_asks_for_mail(review) && !bidden_review_sends(review))) {
            finding("a mail with nothing sent");
        }
        read_text(bidden_review_why(review));
    }
    bidden_review_free(review);
    if (worked(bidden_ledger_history_json(ledger, email, &json, &error), error, json.text)) {
        read_text(json);
    }
    if (worked(bidden_ledger_account(ledger, text(&input), &other, &error), error, other)) {
        read_text(bidden_ledger_location(other));
    }
    bidden_ledger_free(other);
    bidden_candidate_free(candidate);
    input_free(&input);
    return 0;
}
