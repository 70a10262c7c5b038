/* A decision allocates nothing, a thousand of them on any thread likewise; that the counter counts is shown by what does allocate. */
#include "bidden.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

/* The C library's own functions, under the names that glibc keeps for whoever puts others in front of them. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

static unsigned long allocations;

void *malloc(size_t size) {
    allocations++;
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
    allocations++;
    return __libc_calloc(count, size);
}

void *realloc(void *block, size_t size) {
    allocations++;
    return __libc_realloc(block, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    allocations++;
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **block, size_t alignment, size_t size) {
    allocations++;
    *block = __libc_memalign(alignment, size);
    return *block == NULL;
}

/* Every pair of state and event of every platform, at once and at a given moment; gives how many allocations that took. */
static unsigned long decide_all(void) {
    const bidden_window window = {1600000000, 1800000000};
    const unsigned long before = allocations;
    for (int32_t platform = BIDDEN_PLATFORM_IMOCHA; platform <= BIDDEN_PLATFORM_TESTINVITE; platform++) {
        for (int32_t status = BIDDEN_STATUS_NONE; status <= BIDDEN_STATUS_UNKNOWN; status++) {
            for (int32_t event = BIDDEN_EVENT_INVITE; event <= BIDDEN_EVENT_EXPIRE; event++) {
                bidden_decision decision = {0};
                decision.size = sizeof decision;
                bidden_error *error;
                if (bidden_decide(platform, status, event, &window, 1700000000, &decision, &error) != BIDDEN_OK ||
                    bidden_decide(platform, status, event, NULL, BIDDEN_TIME_ABSENT, &decision, NULL) != BIDDEN_OK) {
                    return 1000000;
                }
            }
        }
    }
    return allocations - before;
}

static void *on_a_thread(void *result) {
    /* The first call of a thread too. */
    *(unsigned long *)result = decide_all();
    return NULL;
}

int main(void) {
    const unsigned long first = decide_all(), again = decide_all();
    unsigned long threads = 1;
    pthread_t thread;
    if (pthread_create(&thread, NULL, on_a_thread, &threads) != 0 || pthread_join(thread, NULL) != 0) {
        return 2;
    }
    const unsigned long before = allocations;
    bidden_call *call = NULL;
    if (bidden_call_new("imocha.cancel", "{\"test_invitation_id\":7}", &call, NULL) != BIDDEN_OK) {
        return 2;
    }
    bidden_call_free(call);
    const unsigned long seen = allocations - before;
    printf("allocations: %lu in the first decisions, %lu in more, %lu on a thread; %lu in a call\n", first, again, threads, seen);
    return first == 0 && again == 0 && threads == 0 && seen > 0 ? 0 : 1;
}
