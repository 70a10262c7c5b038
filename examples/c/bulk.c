/* Invites everybody whose address stands on standard input, one per line, through a ledger, with a progress line. Ctrl-C finishes what
 * is under way; the same command goes on where it stopped, and nobody is mailed twice. On a host that is not this machine it needs `--yes`.
 *
 *   cc bulk.c $(pkg-config --cflags --libs bidden) -o bulk
 *   bidden sandbox --ready sandbox.json &
 *   BIDDEN_IMOCHA_API_KEY=sandbox-key BIDDEN_IMOCHA_BASE_URL=http://127.0.0.1:8787 ./bulk < addresses.txt
 *
 * Exit code: 0 everybody is invited, 1 somebody is not, 2 a mistake, 3 stopped before the end. The key comes from the environment of a
 * server: never ship a platform's key in a program that runs on a candidate's machine. */
#include <bidden.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static volatile sig_atomic_t is_interrupted;

static void interrupt(int number) {
    (void)number;
    is_interrupted = 1;
}

struct run {
    bidden_cancel *cancel;
    uint64_t told;
    uint64_t good;
};

/* The next line of standard input is the next candidate. */
static int32_t next(void *context, bidden_candidate *candidate) {
    struct run *run = context;
    char line[512];
    if (is_interrupted) {
        bidden_cancel_cancel(run->cancel);
    }
    do {
        if (fgets(line, sizeof line, stdin) == NULL) {
            return 0;
        }
        line[strcspn(line, "\r\n")] = '\0';
    } while (line[0] == '\0');
    char name[512];
    snprintf(name, sizeof name, "%.*s", (int)strcspn(line, "@"), line);
    bidden_candidate_set(candidate, "email", line, NULL);
    bidden_candidate_set(candidate, "name", name, NULL);
    return 1;
}

/* What came of each, when it is durable. */
static void row(void *context, uint64_t number, const bidden_outcome *outcome) {
    struct run *run = context;
    run->told++;
    run->good += bidden_outcome_is_good(outcome);
    if (!bidden_outcome_is_good(outcome)) {
        bidden_error *why = NULL;
        bidden_outcome_error(outcome, &why, NULL);
        bidden_string message = bidden_error_message(why);
        fprintf(stderr, "\rline %llu: %s: %s\n", (unsigned long long)number + 1, bidden_disposition_slug(bidden_outcome_disposition(outcome)),
                message.text == NULL ? "" : message.text);
        bidden_string_free(&message);
        bidden_error_free(why);
    }
    if (run->told % 100 == 0) {
        fprintf(stderr, "\r%llu done, %llu well", (unsigned long long)run->told, (unsigned long long)run->good);
    }
}

static int report(bidden_error *error) {
    bidden_string message = bidden_error_message(error);
    fprintf(stderr, "%s\n", message.text == NULL ? "unknown error" : message.text);
    bidden_string_free(&message);
    bidden_error_free(error);
    return 2;
}

int main(int count, char **arguments) {
    bidden_error *error = NULL;
    bidden_client *client = NULL;
    bidden_ledger *ledger = NULL;
    bidden_summary *summary = NULL;
    struct run run = {0};
    int exit_status = 0;

    bidden_options options = {0};
    options.size = sizeof options;
    options.base_url = getenv("BIDDEN_IMOCHA_BASE_URL"); /* NULL is the live service */
    options.api_key = bidden_bytes_of(getenv("BIDDEN_IMOCHA_API_KEY"));
    const char *file = getenv("BIDDEN_LEDGER");

    signal(SIGINT, interrupt);
    if (bidden_client_new(BIDDEN_PLATFORM_IMOCHA, &options, &client, &error) != BIDDEN_OK ||
        bidden_ledger_open(file == NULL ? "bidden.db" : file, &ledger, &error) != BIDDEN_OK ||
        bidden_cancel_new(&run.cancel, &error) != BIDDEN_OK) {
        exit_status = report(error);
    } else {
        bidden_operation invite = {0};
        invite.size = sizeof invite;
        invite.test = "292930";
        invite.send_email = BIDDEN_FLAG_NO; /* mails nobody; with a mail the ledger sees to it that it is one */
        invite.cancel = run.cancel;
        bidden_many many = {0};
        many.size = sizeof many;
        many.next = next;
        many.row = row;
        many.next_context = many.row_context = &run;
        many.concurrency = 8;
        /* A live host is reached only when somebody said so; with mails `many.max_emails` says to how many. */
        many.confirm = count > 1 && strcmp(arguments[1], "--yes") == 0 ? BIDDEN_FLAG_YES : BIDDEN_FLAG_NO;
        if (bidden_ledger_invite_many(ledger, client, &invite, &many, &summary, &error) != BIDDEN_OK) {
            exit_status = report(error);
        } else {
            bidden_string stopped = bidden_summary_stopped(summary);
            printf("\r%llu of %llu invited, %llu mails asked for%s%s\n", (unsigned long long)bidden_summary_good(summary),
                   (unsigned long long)bidden_summary_rows(summary), (unsigned long long)bidden_summary_mails(summary),
                   stopped.text == NULL ? "" : "; stopped: ", stopped.text == NULL ? "" : stopped.text);
            exit_status = stopped.text != NULL ? 3 : bidden_summary_good(summary) < bidden_summary_rows(summary);
            bidden_string_free(&stopped);
        }
    }
    bidden_summary_free(summary);
    bidden_cancel_free(run.cancel);
    bidden_ledger_free(ledger);
    bidden_client_free(client);
    return exit_status;
}
