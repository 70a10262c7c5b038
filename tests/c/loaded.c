/* The library loaded at run time: loaded, called, unloaded, loaded again, while a thread of the library lives. It is never unmapped, so
 * nothing that it left behind (a thread-local destructor, the ledger's thread) points into nothing. Usage: loaded LIBRARY FOLDER */
#include "bidden.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A function by its name: an object pointer is made a function pointer as POSIX says. */
static void find(void *library, const char *name, void *function) {
    void *symbol = dlsym(library, name);
    if (symbol == NULL) {
        fprintf(stderr, "%s is missing\n", name);
        exit(1);
    }
    memcpy(function, &symbol, sizeof symbol);
}

static void check(int condition, const char *what) {
    if (!condition) {
        fprintf(stderr, "%s\n", what);
        exit(1);
    }
}

static int32_t (*call_new)(const char *, const char *, bidden_call **, bidden_error **);
static void (*call_free)(bidden_call *);
static void (*error_free)(bidden_error *);

static void *work(void *library) {
    bidden_call *call = NULL;
    bidden_error *error = NULL;
    check(call_new("imocha.invite", "{}", &call, &error) == BIDDEN_ERROR_INVALID_INPUT && call == NULL, "an empty call is made");
    error_free(error);
    check(call_new("imocha.cancel", "{\"test_invitation_id\":7}", &call, &error) == BIDDEN_OK, "a call is not made");
    call_free(call);
    return library;
}

static void use(void *library, const char *folder) {
    const char *(*version)(void);
    int32_t (*ledger_open)(const char *, bidden_ledger **, bidden_error **);
    void (*ledger_free)(bidden_ledger *);
    find(library, "bidden_version", &version);
    find(library, "bidden_call_new", &call_new);
    find(library, "bidden_call_free", &call_free);
    find(library, "bidden_error_free", &error_free);
    find(library, "bidden_ledger_open", &ledger_open);
    find(library, "bidden_ledger_free", &ledger_free);
    check(strcmp(version(), BIDDEN_VERSION_STRING) == 0, "another version");
    work(library);
    char path[4096];
    snprintf(path, sizeof path, "%s/loaded.db", folder);
    bidden_ledger *ledger = NULL;
    check(ledger_open(path, &ledger, NULL) == BIDDEN_OK, "the ledger is not opened");
    ledger_free(ledger);
}

int main(int count, char **arguments) {
    check(count == 3, "usage: loaded LIBRARY FOLDER");
    const char *before = NULL;
    for (int round = 0; round < 3; round++) {
        void *library = dlopen(arguments[1], RTLD_NOW | RTLD_LOCAL);
        if (library == NULL) {
            fprintf(stderr, "%s\n", dlerror());
            return 1;
        }
        use(library, arguments[2]);
        /* A thread that has used the library ends only after it was closed. */
        pthread_t thread;
        check(pthread_create(&thread, NULL, work, library) == 0, "no thread");
        const char *(*version)(void);
        find(library, "bidden_version", &version);
        check(before == NULL || before == version(), "the library was unmapped and mapped elsewhere");
        before = version();
        check(dlclose(library) == 0, "not closed");
        check(pthread_join(thread, NULL) == 0, "not joined");
        /* Still there: its text can be read. */
        check(strcmp(before, BIDDEN_VERSION_STRING) == 0, "unmapped");
    }
    puts("loaded 3 times");
    return 0;
}
