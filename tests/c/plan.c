/* A plan from C: written from rows, looked at, applied with row and progress callbacks, cancelled half-way from another thread, resumed;
 * refused when it is stale, cut, changed or another place's; what consents keep back. Usage: plan URL FOLDER COUNT */
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

/* Whether a call failed so, with these words; the error is freed. */
static int failed(int32_t number, int32_t kind, bidden_error *error, const char *words) {
    bidden_string message = bidden_error_message(error);
    const int is_so = number == kind && message.text != NULL && strstr(message.text, words) != NULL;
    if (!is_so) {
        fprintf(stderr, "%d: %s\n", (int)number, message.text == NULL ? "?" : message.text);
    }
    bidden_string_free(&message);
    bidden_error_free(error);
    return is_so;
}

/* The call comes first: what it has written is looked at only after it. */
#define CHECK_FAILS(call, kind, words)                \
    do {                                              \
        const int32_t result = (call);                \
        CHECK(failed(result, (kind), error, (words))); \
    } while (0)

/* Who is given: so many people, then one who stands there already, then one who is none. */
typedef struct {
    uint64_t most, given, progress;
    bool has_odd;
} People;

static int32_t give(void *context, bidden_candidate *candidate) {
    People *people = context;
    if (people->given == people->most + (people->has_odd ? 3 : 0)) {
        return 0;
    }
    char email[64];
    snprintf(email, sizeof email, "planned%llu@example.com", (unsigned long long)people->given);
    const uint64_t odd = people->given - people->most;
    const char *address = people->given < people->most ? email : odd == 0 ? "PLANNED0@example.com" : odd == 1 ? "nobody" : "odd@example.com";
    CHECK(bidden_candidate_set(candidate, "email", address, NULL) == BIDDEN_OK);
    CHECK(bidden_candidate_set(candidate, "name", "Ada Lovelace", NULL) == BIDDEN_OK);
    if (people->given >= people->most && odd == 2) {
        CHECK(bidden_candidate_set(candidate, "password", "correct horse", NULL) == BIDDEN_OK);
    }
    people->given++;
    return 1;
}

static void planned_so_far(void *context, uint64_t done, uint64_t total) {
    People *people = context;
    CHECK(done == people->progress + 1 && total == 0);
    people->progress = done;
}

/* Who was told of a run. */
typedef struct {
    uint64_t told, done, total, half, dispositions[32];
    int is_half;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    bidden_cancel *cancel;
} Run;

static void hear(void *context, const bidden_planned *planned, const bidden_outcome *outcome) {
    Run *run = context;
    CHECK(bidden_planned_number(planned) >= 1 && bidden_planned_action(planned) != NULL);
    run->told++;
    run->dispositions[bidden_outcome_disposition(outcome)]++;
}

static void progress(void *context, uint64_t done, uint64_t total) {
    Run *run = context;
    CHECK(done == run->done + 1 && done <= total && done == run->told);
    run->done = done;
    run->total = total;
    pthread_mutex_lock(&run->mutex);
    if (done == run->half) {
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

static Run run_of(void) {
    Run run = {0};
    CHECK(pthread_mutex_init(&run.mutex, NULL) == 0 && pthread_cond_init(&run.changed, NULL) == 0);
    return run;
}

static bidden_apply apply_of(Run *run) {
    bidden_apply apply = {0};
    apply.size = sizeof apply;
    apply.cancel = run->cancel;
    apply.row = hear;
    apply.progress = progress;
    apply.row_context = apply.progress_context = run;
    apply.concurrency = 8;
    return apply;
}

static bidden_operation invitation(void) {
    bidden_operation operation = {0};
    operation.size = sizeof operation;
    operation.test = "292930";
    operation.send_email = BIDDEN_FLAG_YES;
    return operation;
}

static bidden_many many_of(People *people) {
    bidden_many many = {0};
    many.size = sizeof many;
    many.next = give;
    many.next_context = many.progress_context = people;
    many.progress = planned_so_far;
    return many;
}

static bidden_client *client_at(const char *url) {
    bidden_options options = {0};
    options.size = sizeof options;
    options.base_url = url;
    options.api_key = bidden_bytes_of(strncmp(url, "http://127", 10) == 0 ? "sandbox-key" : "live-key");
    options.timeout_milliseconds = 120000;
    bidden_client *client;
    bidden_error *error;
    good(bidden_client_new(BIDDEN_PLATFORM_IMOCHA, &options, &client, &error), error);
    return client;
}

static void check_text(bidden_string found, const char *expected) {
    CHECK(expected == NULL ? found.text == NULL : found.text != NULL && strcmp(found.text, expected) == 0);
    bidden_string_free(&found);
}

/* The rows as they stand in the file. */
static void check_rows(const bidden_plan *plan, uint64_t most) {
    bidden_error *error;
    bidden_plan_rows *rows;
    bidden_planned *planned;
    uint64_t number = 0;
    good(bidden_plan_rows_new(plan, &rows, &error), error);
    for (;;) {
        good(bidden_plan_rows_next(rows, &planned, &error), error);
        if (planned == NULL) {
            break;
        }
        CHECK(bidden_planned_number(planned) == ++number);
        const char *action = number <= most || number == most + 3 ? "invite" : number == most + 1 ? "duplicate-row" : "invalid";
        CHECK(strcmp(bidden_planned_action(planned), action) == 0);
        CHECK(bidden_planned_asks_for_mail(planned) == (strcmp(action, "invite") == 0));
        if (number == 1) {
            check_text(bidden_planned_field(planned, "email"), "planned0@example.com");
            check_text(bidden_planned_why(planned), NULL);
        }
        if (number == most + 1) {
            check_text(bidden_planned_why(planned), "the same candidate as row 1");
        }
        check_text(bidden_planned_field(planned, "password"), NULL);
        check_text(bidden_planned_field(planned, NULL), NULL);
        bidden_planned_free(planned);
    }
    CHECK(number == most + 3);
    good(bidden_plan_rows_next(rows, &planned, &error), error);
    CHECK(planned == NULL);
    bidden_plan_rows_free(rows);
}

static void copy(const char *from, const char *to, long cut, int change) {
    FILE *source = fopen(from, "rb"), *target = fopen(to, "wb");
    CHECK(source != NULL && target != NULL);
    CHECK(fseek(source, 0, SEEK_END) == 0);
    const long length = ftell(source) - cut;
    rewind(source);
    for (long i = 0; i < length; i++) {
        const int letter = fgetc(source);
        fputc(i == length / 2 ? letter ^ change : letter, target);
    }
    CHECK(fclose(source) == 0 && fclose(target) == 0);
}

int main(int count, char **arguments) {
    CHECK(count == 4);
    const uint64_t most = strtoull(arguments[3], NULL, 10);
    char path[4096], ledger_path[4096], other_path[4096];
    snprintf(path, sizeof path, "%s/plan.jsonl", arguments[2]);
    snprintf(other_path, sizeof other_path, "%s/other.jsonl", arguments[2]);
    snprintf(ledger_path, sizeof ledger_path, "%s/ledger.db", arguments[2]);
    bidden_client *client = client_at(arguments[1]);
    bidden_ledger *ledger, *other_account;
    bidden_error *error;
    bidden_plan *plan;
    bidden_summary *summary;
    good(bidden_ledger_open(ledger_path, &ledger, &error), error);

    /* Written from rows: what would be done, row by row; nothing is sent. */
    People people = {most, 0, 0, true};
    bidden_operation operation = invitation();
    bidden_many many = many_of(&people);
    good(bidden_ledger_plan(ledger, client, &operation, &many, path, &plan, &error), error);
    CHECK(people.given == most + 3 && people.progress == most + 3);
    CHECK(bidden_plan_platform(plan) == BIDDEN_PLATFORM_IMOCHA && bidden_plan_row_count(plan) == most + 3);
    CHECK(bidden_plan_sends(plan) == most + 1 && bidden_plan_mails(plan) == most + 1 && bidden_plan_count(plan, "duplicate-row") == 1);
    CHECK(bidden_plan_count(plan, "invalid") == 1 && bidden_plan_count(plan, "no such word") == 0 && bidden_plan_count(plan, NULL) == 0);
    check_text(bidden_plan_test(plan), "292930");
    check_text(bidden_plan_account(plan), "default");
    bidden_string base_url = bidden_plan_base_url(plan), made_at = bidden_plan_made_at(plan);
    CHECK(strncmp(base_url.text, arguments[1], strlen(arguments[1])) == 0 && made_at.length >= strlen("2026-01-31T08:00:00Z"));
    bidden_string_free(&base_url);
    bidden_string_free(&made_at);
    check_rows(plan, most);
    bidden_plan_free(plan);

    /* A plan that was cut, changed, or is none is refused. */
    copy(path, other_path, 9, 0);
    CHECK_FAILS(bidden_plan_open(other_path, &plan, &error), BIDDEN_ERROR_INVALID_INPUT, "cut");
    CHECK(plan == NULL);
    copy(path, other_path, 0, 1);
    CHECK_FAILS(bidden_plan_open(other_path, &plan, &error), BIDDEN_ERROR_INVALID_INPUT, "changed");
    CHECK_FAILS(bidden_plan_open("/no/such/plan", &plan, &error), BIDDEN_ERROR_INVALID_INPUT, "cannot be opened");
    CHECK(bidden_plan_open(NULL, &plan, NULL) == BIDDEN_ERROR_INVALID_INPUT && bidden_plan_row_count(NULL) == 0);

    /* The bound is kept before anything is sent; another account is another place. */
    good(bidden_plan_open(path, &plan, &error), error);
    Run none = run_of();
    bidden_apply apply = apply_of(&none);
    apply.max_emails = most - 1;
    CHECK_FAILS(bidden_ledger_apply(ledger, client, plan, &apply, &summary, &error), BIDDEN_ERROR_INVALID_INPUT, "nothing was sent");
    good(bidden_ledger_account(ledger, "another", &other_account, &error), error);
    CHECK_FAILS(bidden_ledger_apply(other_account, client, plan, NULL, &summary, &error), BIDDEN_ERROR_INVALID_INPUT, "account");
    bidden_ledger_free(other_account);
    CHECK(none.told == 0 && summary == NULL);

    /* Half-way another thread cancels. */
    Run first = run_of();
    first.half = most / 2;
    good(bidden_cancel_new(&first.cancel, &error), error);
    pthread_t canceller;
    CHECK(pthread_create(&canceller, NULL, cancel_half_way, &first) == 0);
    apply = apply_of(&first);
    good(bidden_ledger_apply(ledger, client, plan, &apply, &summary, &error), error);
    CHECK(pthread_join(canceller, NULL) == 0);
    check_text(bidden_summary_stopped(summary), "interrupted");
    const uint64_t mails = bidden_summary_mails(summary);
    CHECK(first.told >= most / 2 && first.told < most && first.total == most + 3 && bidden_summary_rows(summary) == first.told);
    bidden_summary_free(summary);
    bidden_cancel_free(first.cancel);

    /* The same plan goes on, by a program that opens everything anew; nobody is mailed twice. */
    bidden_plan_free(plan);
    bidden_ledger_free(ledger);
    good(bidden_ledger_open(ledger_path, &ledger, &error), error);
    good(bidden_plan_open(path, &plan, &error), error);
    Run second = run_of();
    apply = apply_of(&second);
    good(bidden_ledger_apply(ledger, client, plan, &apply, &summary, &error), error);
    CHECK(second.told == most + 3 && second.done == second.total && bidden_summary_rows(summary) == most + 3);
    CHECK(mails + bidden_summary_mails(summary) == most && bidden_summary_not_sent(summary) == 0);
    CHECK(second.dispositions[BIDDEN_DISPOSITION_DUPLICATE_ROW] == 1 && second.dispositions[BIDDEN_DISPOSITION_INVALID] == 1);
    /* The password is not in the plan, so the row is held; everybody else is invited. */
    CHECK(second.dispositions[BIDDEN_DISPOSITION_HELD] == 1 && bidden_summary_good(summary) == most + 1);
    bidden_summary_free(summary);
    good(bidden_ledger_apply(ledger, client, plan, NULL, &summary, &error), error);
    CHECK(bidden_summary_mails(summary) == 0 && bidden_summary_good(summary) == most + 1);
    bidden_summary_free(summary);
    bidden_plan_free(plan);

    /* Stale: somebody is invited otherwise between the plan and its use. */
    People later = {most, 0, 0, false};
    bidden_operation without = invitation();
    without.test = "292931";
    many = many_of(&later);
    good(bidden_ledger_plan(ledger, client, &without, &many, path, &plan, &error), error);
    bidden_candidate *candidate;
    bidden_outcome *outcome;
    good(bidden_candidate_new(&candidate, &error), error);
    good(bidden_candidate_set(candidate, "email", "planned1@example.com", &error), error);
    good(bidden_candidate_set(candidate, "name", "Ada Lovelace", &error), error);
    without.candidate = candidate;
    good(bidden_ledger_invite(ledger, client, &without, &outcome, &error), error);
    CHECK_FAILS(bidden_ledger_apply(ledger, client, plan, NULL, &summary, &error), BIDDEN_ERROR_INVALID_INPUT, "stale");
    CHECK(summary == NULL);
    bidden_outcome_free(outcome);
    bidden_candidate_free(candidate);
    bidden_plan_free(plan);

    /* Cancelled while it is written: there is no plan. */
    People nobody = {most, 0, 0, false};
    bidden_cancel *cancel;
    good(bidden_cancel_new(&cancel, &error), error);
    bidden_cancel_cancel(cancel);
    operation.cancel = cancel;
    many = many_of(&nobody);
    CHECK_FAILS(bidden_ledger_plan(ledger, client, &operation, &many, path, &plan, &error), BIDDEN_ERROR_TIMED_OUT, "nothing was sent");
    CHECK(bidden_plan_open(path, &plan, NULL) == BIDDEN_ERROR_INVALID_INPUT);
    bidden_cancel_free(cancel);
    operation.cancel = NULL;

    /* A host that is not this machine: nothing is asked for and nothing is sent without consent, with mails not without a bound. */
    bidden_client *live = client_at("https://imocha.invalid");
    People reached = {most, 0, 0, false};
    many = many_of(&reached);
    CHECK_FAILS(bidden_ledger_invite_many(ledger, live, &operation, &many, &summary, &error), BIDDEN_ERROR_INVALID_INPUT, "confirm");
    many.confirm = BIDDEN_FLAG_YES;
    CHECK_FAILS(bidden_ledger_invite_many(ledger, live, &operation, &many, &summary, &error), BIDDEN_ERROR_INVALID_INPUT, "max_emails");
    many.confirm = 7;
    CHECK_FAILS(bidden_ledger_invite_many(ledger, live, &operation, &many, &summary, &error), BIDDEN_ERROR_INVALID_INPUT, "confirm");
    CHECK(reached.given == 0 && summary == NULL);
    bidden_client_free(live);

    /* The bound: the run ends before one mail more, whoever is under way, and the next run goes on. */
    People bounded = {most, 0, 0, false};
    operation.test = "292932";
    many = many_of(&bounded);
    many.max_emails = most / 2;
    good(bidden_ledger_invite_many(ledger, client, &operation, &many, &summary, &error), error);
    CHECK(bidden_summary_mails(summary) == most / 2 && bidden_summary_not_sent(summary) == most - most / 2);
    bidden_string stopped = bidden_summary_stopped(summary);
    CHECK(stopped.text != NULL && strstr(stopped.text, "max_emails") != NULL);
    bidden_string_free(&stopped);
    bidden_summary_free(summary);
    People rest = {most, 0, 0, false};
    many = many_of(&rest);
    many.max_emails = most;
    good(bidden_ledger_invite_many(ledger, client, &operation, &many, &summary, &error), error);
    CHECK(bidden_summary_good(summary) == most && bidden_summary_mails(summary) == most - most / 2);
    bidden_summary_free(summary);

    /* NULL, and what is none. */
    many.next = NULL;
    CHECK(bidden_ledger_plan(ledger, client, &operation, &many, path, &plan, NULL) == BIDDEN_ERROR_INVALID_INPUT);
    many.next = give;
    many.reserved = 1;
    CHECK(bidden_ledger_plan(ledger, client, &operation, &many, path, &plan, NULL) == BIDDEN_ERROR_INVALID_INPUT);
    CHECK(bidden_ledger_plan(ledger, client, &operation, NULL, path, &plan, NULL) == BIDDEN_ERROR_INVALID_INPUT);
    CHECK(bidden_ledger_apply(ledger, client, NULL, NULL, &summary, NULL) == BIDDEN_ERROR_INVALID_INPUT);
    bidden_plan_rows *rows;
    bidden_planned *planned;
    CHECK(bidden_plan_rows_new(NULL, &rows, NULL) == BIDDEN_ERROR_INVALID_INPUT && rows == NULL);
    CHECK(bidden_plan_rows_next(NULL, &planned, NULL) == BIDDEN_ERROR_INVALID_INPUT && planned == NULL);
    CHECK(bidden_plan_platform(NULL) == 0 && bidden_plan_mails(NULL) == 0 && bidden_plan_sends(NULL) == 0);
    CHECK(bidden_planned_number(NULL) == 0 && bidden_planned_action(NULL) == NULL && !bidden_planned_asks_for_mail(NULL));
    check_text(bidden_plan_test(NULL), NULL);
    check_text(bidden_planned_why(NULL), NULL);
    bidden_plan_free(NULL);
    bidden_plan_rows_free(NULL);
    bidden_planned_free(NULL);

    /* Left behind for the command: a plan that it applies. */
    People last = {most, 0, 0, false};
    operation = invitation();
    operation.test = "292933";
    many = many_of(&last);
    good(bidden_ledger_plan(ledger, client, &operation, &many, path, &plan, &error), error);
    bidden_plan_free(plan);
    bidden_ledger_free(ledger);
    bidden_client_free(client);
    printf("plan c: %d checks passed\n", checked);
    return 0;
}
