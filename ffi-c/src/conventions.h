/*
 * bidden: invite candidates to tests on Think Exam, iMocha and TestInvite.
 *
 * This header is generated from ffi-c/src by `make header`. Do not edit it.
 *
 * NEVER SHIP A PLATFORM'S KEY IN A PROGRAM THAT RUNS ON A CANDIDATE'S MACHINE. Whoever holds the key can invite, cancel and
 * read results in the name of the account. Such a program asks a server of yours, and the server holds the key.
 *
 * CONVENTIONS. Every function keeps them; the comment of a function says only what is special about it.
 *
 * Names      bidden_<noun>_<verb>. `_new` makes, `_free` ends. A `const` handle is only read.
 * Order      Self, inputs, outputs, error.
 * Results    A function that can fail returns an int32_t: BIDDEN_OK (0), or the number of a kind of error, BIDDEN_ERROR_…. Its
 *            last parameter receives an error object and may be NULL. There is no errno and no last error of a thread.
 * Outputs    On entry every output, the error too, is set to NULL or zero, whatever stood there; a value is written on success
 *            only. So a variable need not be initialised, and may be read or freed after any outcome; an old value must be
 *            freed before the variable is used again. An output other than the error must not be NULL.
 * Owning     What a function writes into an output or returns as a bidden_string belongs to the caller and is freed with the
 *            function its comment names. `const char *` is returned for static text only and is never freed.
 * Freeing    `_free` accepts NULL and only frees: it sends nothing, waits for nobody else and cannot fail.
 * NULL       A NULL argument is `invalid-input` unless the comment allows it. Functions that cannot fail give their empty value
 *            (NULL, 0, false, an absent text) for a NULL handle.
 * Texts in   NUL-terminated UTF-8; anything else is `invalid-input`, never repaired. They are copied where they are kept.
 * Bytes in   Secrets and bodies are pointer and length; NULL with 0 is empty, NULL with more is `invalid-input`.
 * Texts out  A bidden_string is NUL-terminated and has its length without the NUL; the length is the truth, because a platform's
 *            text may hold NUL. {NULL, 0} means absent.
 * Structs    A struct whose first member is `size` may grow. Zero it, set `size` to its sizeof, then what is needed. What is zero
 *            is absent.
 * Numbers    Platforms, statuses and events are integers, checked on the way in: an unknown one is `invalid-input` naming the
 *            argument. New numbers may come out of a newer library; old ones never change their meaning.
 * Times      Whole seconds since 1970 UTC; BIDDEN_TIME_ABSENT (0) is none, and for `now_seconds` says: read the clock.
 * Threads    Every handle says what it bears. *Shared*: it does not change, any number of threads may use it at once. *One thread
 *            at a time*: it may move between threads. No handle is bound to the thread that made it, and none may be used while
 *            or after it is freed. Functions without a handle may be called from any thread.
 * Callbacks  Take their context pointer first, say on which thread they run, and must not throw or jump out.
 * Panics     A fault inside the library is caught: the function returns BIDDEN_ERROR_INTERNAL or its empty value, and the program
 *            goes on. Only memory that runs out or a stack that overflows ends the process.
 * Quiet      The library makes no thread before a call needs one, writes nothing to standard output or error, and touches no
 *            signal handler, locale or environment variable. It is never unmapped.
 * Kinds      The boundary adds none: a NULL, bad UTF-8, a number out of range or a wrong size is `invalid-input` with the argument's
 *            name as its field.
 * Features   The library is built with or without its ledger, and without its client too. Define BIDDEN_NO_LEDGER or
 *            BIDDEN_NO_CLIENT to compile against one without it.
 * Versions   BIDDEN_VERSION_… and BIDDEN_ABI_VERSION are those of this header; bidden_version(), bidden_version_number() and
 *            bidden_abi_version() those of the running library. The soname carries the ABI version, which only an incompatible
 *            change of this header raises.
 */
