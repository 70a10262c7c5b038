/* Eight threads on one client, and on shared calls, recipes and errors. Usage: stress TABLE URL ROUNDS */
#include "bidden.h"
#include "table.h"

#include <pthread.h>
#include <stdint.h>

#define THREADS 8

static const char *table_path;
static int rounds;
static bidden_client *client;
static bidden_recipe *recipe;
static bidden_call *shared_call;

static int fail(const char *what, bidden_error *error) {
    bidden_string message = bidden_error_message(error);
    fprintf(stderr, "%s: %s\n", what, message.text == NULL ? "?" : message.text);
    bidden_string_free(&message);
    bidden_error_free(error);
    return 0;
}

/* Every vector of a request, made by this thread; iMocha's go through the shared client. */
static int one(const Record *record) {
    bidden_error *error;
    bidden_call *call;
    bidden_request *request;
    bidden_signature *signature;
    bidden_options options = {0};
    options.size = sizeof options;
    options.base_url = field(record, "base-url");
    if (bidden_call_new(field(record, "call"), field(record, "arguments"), &call, &error) != BIDDEN_OK) {
        return fail("call", error);
    }
    if (bidden_call_request(call, &options, BIDDEN_TIME_ABSENT, &request, &error) != BIDDEN_OK) {
        bidden_call_free(call);
        return fail("request", error);
    }
    bidden_string body = bidden_request_body(request);
    int good = body.length == field_length(record, "body") && memcmp(body.text, field(record, "body"), body.length) == 0;
    bidden_string_free(&body);
    if (bidden_recipe_sign(recipe, "ak", bidden_bytes_of("secret"), request, 1700000000, &signature, &error) != BIDDEN_OK) {
        good = fail("sign", error);
    }
    bidden_signature_free(signature);
    bidden_request_free(request);
    if (bidden_call_platform(call) == BIDDEN_PLATFORM_IMOCHA) {
        bidden_reply *reply;
        int32_t number = bidden_client_call(client, call, NULL, &reply, &error);
        /* What the sandbox's rules say of such a request is not the question here; that an answer came is. */
        if (number != BIDDEN_OK && bidden_error_http_status(error) == 0) {
            good = fail("client", error);
        } else {
            bidden_error_free(error);
        }
        bidden_reply_free(reply);
    }
    bidden_call_free(call);
    return good;
}

static void *work(void *result) {
    int *good = result;
    for (int round = 0; round < rounds; round++) {
        FILE *table = fopen(table_path, "rb");
        if (table == NULL) {
            return NULL;
        }
        Record record;
        while (record_read(table, &record)) {
            if (strcmp(field(&record, "kind"), "request") == 0) {
                if (!one(&record)) {
                    fclose(table);
                    return NULL;
                }
                ++*good;
            }
            record_free(&record);
        }
        fclose(table);
        bidden_reply *reply;
        bidden_error *error;
        if (bidden_client_call(client, shared_call, NULL, &reply, &error) != BIDDEN_OK) {
            fail("shared call", error);
            return NULL;
        }
        if (bidden_imocha_invited_test_invitation_id(reply) <= 0) {
            return NULL;
        }
        bidden_reply_free(reply);
        ++*good;
    }
    return result;
}

int main(int count, char **arguments) {
    if (count != 4) {
        fprintf(stderr, "usage: stress TABLE URL ROUNDS\n");
        return 2;
    }
    table_path = arguments[1];
    rounds = atoi(arguments[3]);
    bidden_options options = {0};
    options.size = sizeof options;
    options.base_url = arguments[2];
    options.api_key = bidden_bytes_of("sandbox-key");
    options.callers = THREADS;
    options.timeout_milliseconds = 120000;
    bidden_error *error;
    if (bidden_client_new(BIDDEN_PLATFORM_IMOCHA, &options, &client, &error) != BIDDEN_OK ||
        bidden_recipe_new("body-bound", &recipe, &error) != BIDDEN_OK ||
        bidden_call_new("imocha.invite", "{\"test_id\":4711,\"email\":\"shared@example.com\",\"name\":\"Shared\"}", &shared_call, &error) != BIDDEN_OK) {
        fail("setup", error);
        return 1;
    }
    pthread_t threads[THREADS];
    int good[THREADS] = {0};
    int failed = 0, total = 0;
    for (int i = 0; i < THREADS; i++) {
        if (pthread_create(&threads[i], NULL, work, &good[i]) != 0) {
            return 2;
        }
    }
    for (int i = 0; i < THREADS; i++) {
        void *result;
        pthread_join(threads[i], &result);
        failed += result == NULL;
        total += good[i];
    }
    bidden_call_free(shared_call);
    bidden_recipe_free(recipe);
    bidden_client_free(client);
    printf("stress c: %d calls by %d threads, %d threads failed\n", total, THREADS, failed);
    return failed;
}
