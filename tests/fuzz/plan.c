/* Plan files: any bytes as one; opened, read row by row, applied through a ledger at an address where nobody listens. Input: the file. */
#include "input.h"

#include <unistd.h>

static bidden_ledger *ledger;
static bidden_client *client;
static char path[4096];

static void open_once(void) {
    if (ledger != NULL) {
        return;
    }
    const char *folder = getenv("TMPDIR");
    snprintf(path, sizeof path, "%s/bidden-fuzz-plan-%ld.db", folder == NULL ? "/tmp" : folder, (long)getpid());
    bidden_options options = {0};
    options.size = sizeof options;
    options.base_url = "http://127.0.0.1:1";
    options.tries = 1;
    options.api_key = bidden_bytes_of("sandbox-key");
    if (bidden_client_new(BIDDEN_PLATFORM_IMOCHA, &options, &client, NULL) != BIDDEN_OK ||
        bidden_ledger_open(path, &ledger, NULL) != BIDDEN_OK) {
        finding("no ledger");
    }
    (void)unlink(path);
    memcpy(path + strlen(path) - 2, "jl", 2);
}

static void read_row(const bidden_planned *planned) {
    static const char *const fields[] = {"email", "name", "external_id", "password", "labels", "no such field"};
    if (bidden_planned_action(planned) == NULL) {
        finding("a row without an action");
    }
    (void)bidden_planned_number(planned);
    (void)bidden_planned_asks_for_mail(planned);
    read_text(bidden_planned_why(planned));
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        read_text(bidden_planned_field(planned, fields[i]));
    }
}

static void hear(void *context, const bidden_planned *planned, const bidden_outcome *outcome) {
    bidden_error *why;
    ++*(uint64_t *)context;
    read_row(planned);
    if (bidden_disposition_slug(bidden_outcome_disposition(outcome)) == NULL) {
        finding("an outcome of a number that is none");
    }
    if (bidden_outcome_error(outcome, &why, NULL) == BIDDEN_OK && why != NULL) {
        if (bidden_error_kind(why) == BIDDEN_ERROR_INTERNAL) {
            finding("internal");
        }
        read_error(why);
    }
    bidden_error_free(why);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length) {
    open_once();
    bidden_error *error;
    bidden_plan *plan;
    bidden_plan_rows *rows;
    bidden_planned *planned;
    bidden_summary *summary;
    FILE *file = fopen(path, "wb");
    if (file == NULL || (length > 0 && fwrite(data, 1, length, file) != length) || fclose(file) != 0) {
        finding("the plan cannot be written");
    }
    if (worked(bidden_plan_open(path, &plan, &error), error, plan)) {
        (void)bidden_plan_platform(plan);
        read_text(bidden_plan_test(plan));
        read_text(bidden_plan_account(plan));
        read_text(bidden_plan_base_url(plan));
        read_text(bidden_plan_made_at(plan));
        if (bidden_plan_count(plan, "invite") > bidden_plan_sends(plan)) {
            finding("counts that do not add up");
        }
        if (worked(bidden_plan_rows_new(plan, &rows, &error), error, rows)) {
            uint64_t count = 0;
            while (worked(bidden_plan_rows_next(rows, &planned, &error), error, planned) && planned != NULL) {
                count++;
                read_row(planned);
                bidden_planned_free(planned);
            }
            if (planned == NULL && count > bidden_plan_row_count(plan)) {
                finding("more rows than were counted");
            }
        }
        bidden_plan_rows_free(rows);
        uint64_t heard = 0;
        bidden_apply apply = {0};
        apply.size = sizeof apply;
        apply.row = hear;
        apply.row_context = &heard;
        apply.concurrency = 1;
        if (worked(bidden_ledger_apply(ledger, client, plan, &apply, &summary, &error), error, summary)) {
            if (bidden_summary_rows(summary) != heard || bidden_summary_mails(summary) != 0) {
                finding("rows that nobody heard of, or a mail with nobody there");
            }
            read_text(bidden_summary_stopped(summary));
        }
        bidden_summary_free(summary);
    }
    bidden_plan_free(plan);
    return 0;
}
