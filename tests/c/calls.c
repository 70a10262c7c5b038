/* How many calls a second go through the client from C: threads that send the same call over and over, as `tests/rust/bench_c.rs` does from
 * Rust. Usage: calls URL THREADS SECONDS. Prints the number of calls a second. */
#include "bidden.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { MOST_THREADS = 256 };

static bidden_client *client;
static bidden_call *call;
static double seconds;

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void *work(void *context) {
    unsigned long *count = context;
    const double end = now() + seconds;
    while (now() < end) {
        bidden_reply *reply;
        if (bidden_client_call(client, call, NULL, &reply, NULL) != BIDDEN_OK) {
            *count = 0;
            return NULL;
        }
        bidden_reply_free(reply);
        ++*count;
    }
    return context;
}

int main(int count, char **arguments) {
    const int threads = count == 4 ? atoi(arguments[2]) : 0;
    if (threads < 1 || threads > MOST_THREADS) {
        fprintf(stderr, "usage: calls URL THREADS SECONDS\n");
        return 2;
    }
    seconds = strtod(arguments[3], NULL);
    bidden_options options = {0};
    options.size = sizeof options;
    options.base_url = arguments[1];
    options.api_key = bidden_bytes_of("sandbox-key");
    options.callers = (uint32_t)threads;
    const char *json = "{\"test_id\":292930,\"email\":\"ada@example.com\",\"name\":\"Ada Lovelace\"}";
    if (bidden_client_new(BIDDEN_PLATFORM_IMOCHA, &options, &client, NULL) != BIDDEN_OK ||
        bidden_call_new("imocha.invite", json, &call, NULL) != BIDDEN_OK) {
        return 2;
    }
    static pthread_t workers[MOST_THREADS];
    static unsigned long counts[MOST_THREADS];
    const double began = now();
    for (int i = 0; i < threads; i++) {
        if (pthread_create(&workers[i], NULL, work, &counts[i]) != 0) {
            return 2;
        }
    }
    unsigned long all = 0;
    int failed = 0;
    for (int i = 0; i < threads; i++) {
        void *result;
        pthread_join(workers[i], &result);
        failed += result == NULL;
        all += counts[i];
    }
    const double took = now() - began;
    bidden_call_free(call);
    bidden_client_free(client);
    if (failed > 0) {
        fprintf(stderr, "%d threads were refused\n", failed);
        return 1;
    }
    printf("%.0f\n", (double)all / took);
    return 0;
}
