/* What a host keeps for itself: its threads, signal handlers, environment, locale and standard streams. Usage: quiet URL
 * Prints nothing but its last line, which the library could not have written. */
#include "bidden.h"

#include <dirent.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern char **environ;

static int checked;

#define CHECK(condition)                                                    \
    do {                                                                    \
        checked++;                                                          \
        if (!(condition)) {                                                 \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
            exit(1);                                                        \
        }                                                                   \
    } while (0)

static int threads(void) {
    int count = 0;
    DIR *folder = opendir("/proc/self/task");
    CHECK(folder != NULL);
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        count += entry->d_name[0] != '.';
    }
    closedir(folder);
    return count;
}

/* What the host had before the first call of the library. */
static struct sigaction handlers[65];
static sigset_t blocked;
static char locale[256];
static char environment[65536];

static void environment_text(char *text, size_t size) {
    size_t used = 0;
    for (char **entry = environ; *entry != NULL; entry++) {
        used += (size_t)snprintf(text + used, size - used, "%s\n", *entry);
        CHECK(used < size);
    }
}

static void remember(void) {
    for (int number = 1; number < 65; number++) {
        sigaction(number, NULL, &handlers[number]);
    }
    sigprocmask(SIG_SETMASK, NULL, &blocked);
    snprintf(locale, sizeof locale, "%s", setlocale(LC_ALL, NULL));
    environment_text(environment, sizeof environment);
}

static void nothing_was_touched(void) {
    static char now[sizeof environment];
    for (int number = 1; number < 65; number++) {
        struct sigaction found;
        if (sigaction(number, NULL, &found) == 0) {
            CHECK(found.sa_handler == handlers[number].sa_handler && found.sa_flags == handlers[number].sa_flags);
        }
    }
    sigset_t found;
    sigprocmask(SIG_SETMASK, NULL, &found);
    for (int number = 1; number < 65; number++) {
        CHECK(sigismember(&found, number) == sigismember(&blocked, number));
    }
    CHECK(strcmp(setlocale(LC_ALL, NULL), locale) == 0);
    environment_text(now, sizeof now);
    CHECK(strcmp(now, environment) == 0);
}

/* Everything that needs no thread. */
static void values(void) {
    bidden_decision decision = {0};
    decision.size = sizeof decision;
    CHECK(bidden_decide(BIDDEN_PLATFORM_IMOCHA, BIDDEN_STATUS_PENDING, BIDDEN_EVENT_CANCEL, NULL, 0, &decision, NULL) == BIDDEN_OK);
    bidden_candidate *candidate;
    bidden_findings *findings;
    bidden_error *error;
    CHECK(bidden_candidate_new(&candidate, NULL) == BIDDEN_OK);
    CHECK(bidden_candidate_validate(candidate, BIDDEN_PLATFORM_TESTINVITE, 0, &findings, NULL) == BIDDEN_OK);
    bidden_findings_free(findings);
    bidden_candidate_free(candidate);
    bidden_recipe *recipe;
    bidden_request *request;
    bidden_signature *signature;
    CHECK(bidden_recipe_new("default", &recipe, NULL) == BIDDEN_OK);
    CHECK(bidden_request_new("POST", "/api", NULL, 0, &request, NULL) == BIDDEN_OK);
    CHECK(bidden_recipe_sign(recipe, "ak", bidden_bytes_of("secret"), request, 0, &signature, NULL) == BIDDEN_OK);
    bidden_signature_free(signature);
    bidden_request_free(request);
    bidden_recipe_free(recipe);
    int64_t seconds;
    CHECK(bidden_time_parse("2026-01-31T09:00", "Europe/Berlin", &seconds, NULL) == BIDDEN_OK);
    CHECK(bidden_call_new("imocha.invite", "]", (bidden_call *[1]){0}, &error) == BIDDEN_ERROR_INVALID_INPUT);
    bidden_error_free(error);
}

int main(int count, char **arguments) {
    CHECK(count == 2);
    remember();
    values();
    CHECK(threads() == 1);
    nothing_was_touched();

    bidden_options options = {0};
    options.size = sizeof options;
    options.base_url = arguments[1];
    options.api_key = bidden_bytes_of("sandbox-key");
    options.tries = 1;
    bidden_client *client;
    bidden_call *call;
    bidden_reply *reply;
    CHECK(bidden_client_new(BIDDEN_PLATFORM_IMOCHA, &options, &client, NULL) == BIDDEN_OK);
    CHECK(bidden_call_new("imocha.invite", "{\"test_id\":1,\"email\":\"ada@example.com\",\"name\":\"Ada\"}", &call, NULL) == BIDDEN_OK);
    CHECK(threads() == 1);
    CHECK(bidden_client_call(client, call, NULL, &reply, NULL) == BIDDEN_OK);
    bidden_reply_free(reply);
    nothing_was_touched();
    bidden_client_free(client);

    /* Nobody listens on port 1. */
    options.base_url = "http://127.0.0.1:1";
    CHECK(bidden_client_new(BIDDEN_PLATFORM_IMOCHA, &options, &client, NULL) == BIDDEN_OK);
    CHECK(bidden_client_call(client, call, NULL, &reply, NULL) == BIDDEN_ERROR_UNAVAILABLE);
    bidden_client_free(client);
    bidden_call_free(call);
    CHECK(threads() == 1);
    nothing_was_touched();
    printf("quiet c: %d checks passed\n", checked);
    return 0;
}
