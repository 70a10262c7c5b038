/* A C program with an HTTP stack of its own (libcurl here) invites a candidate: bidden makes the request, carries the guards and
 * reads the answer; libcurl carries the bytes.
 *
 *   cc own_http.c $(pkg-config --cflags --libs bidden libcurl) -o own_http
 *   bidden sandbox --ready sandbox.json &
 *   BIDDEN_IMOCHA_API_KEY=sandbox-key BIDDEN_IMOCHA_BASE_URL=http://127.0.0.1:8787 ./own_http
 *
 * The key comes from the environment of a server: never ship a platform's key in a program that runs on a candidate's machine. */
#include <bidden.h>
#include <curl/curl.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The answer's body as it arrives. */
struct answer {
    char *bytes;
    size_t length;
};

static size_t keep(char *bytes, size_t size, size_t count, void *context) {
    struct answer *answer = context;
    char *longer = realloc(answer->bytes, answer->length + size * count + 1);
    if (longer == NULL) {
        return 0;
    }
    memcpy(longer + answer->length, bytes, size * count);
    answer->bytes = longer;
    answer->length += size * count;
    return size * count;
}

/* Prints an error, frees it, and is the program's exit status. */
static int report(bidden_error *error) {
    bidden_string message = bidden_error_message(error);
    fprintf(stderr, "%s\n", message.text == NULL ? "unknown error" : message.text);
    bidden_string_free(&message);
    bidden_error_free(error);
    return 1;
}

/* Sends a request of bidden with libcurl; the HTTP status, or 0 when there was no answer. */
static long send_with_curl(const bidden_request *request, struct answer *answer) {
    CURL *curl = curl_easy_init();
    struct curl_slist *headers = NULL;
    long status = 0;
    if (curl == NULL) {
        return 0;
    }
    bidden_string url = bidden_request_url(request);
    bidden_string method = bidden_request_method(request);
    bidden_string body = bidden_request_body(request);
    for (size_t i = 0; i < bidden_request_header_count(request); i++) {
        bidden_string name = bidden_request_header_name(request, i);
        bidden_string value = bidden_request_header_value(request, i);
        size_t size = name.length + value.length + sizeof ": ";
        char *line = malloc(size);
        if (line != NULL) {
            snprintf(line, size, "%s: %s", name.text, value.text);
            struct curl_slist *longer = curl_slist_append(headers, line);
            headers = longer == NULL ? headers : longer;
            memset(line, 0, size); /* one of them is the key */
            free(line);
        }
        bidden_string_free(&name);
        bidden_string_free(&value);
    }
    curl_easy_setopt(curl, CURLOPT_URL, url.text);
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method.text);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.text);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)body.length);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 30L);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, keep);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer);
    if (curl_easy_perform(curl) == CURLE_OK) {
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    }
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    bidden_string_free(&url);
    bidden_string_free(&method);
    bidden_string_free(&body);
    return status;
}

int main(void) {
    bidden_error *error = NULL;
    bidden_call *call = NULL;
    bidden_request *request = NULL;
    bidden_reply *reply = NULL;
    struct answer answer = {NULL, 0};
    int exit_status = 0;

    bidden_imocha_invite invite = {0};
    invite.size = sizeof invite;
    invite.test_id = 292930;
    invite.email = "ada@example.com";
    invite.name = "Ada Lovelace";
    invite.send_email = BIDDEN_FLAG_NO; /* mails nobody */

    bidden_options options = {0};
    options.size = sizeof options;
    options.base_url = getenv("BIDDEN_IMOCHA_BASE_URL");
    options.api_key = bidden_bytes_of(getenv("BIDDEN_IMOCHA_API_KEY"));

    curl_global_init(CURL_GLOBAL_DEFAULT);
    if (bidden_imocha_invite_new(&invite, &call, &error) != BIDDEN_OK ||
        bidden_call_request(call, &options, BIDDEN_TIME_ABSENT, &request, &error) != BIDDEN_OK) {
        exit_status = report(error);
    } else {
        long status = send_with_curl(request, &answer);
        if (status == 0) {
            /* Nobody knows what came of it. bidden_call_repeat(call) says in which form it may go again. */
            fprintf(stderr, "no answer\n");
            exit_status = 1;
        } else if (bidden_call_read_reply(call, (int32_t)status, NULL, 0, (const uint8_t *)answer.bytes, answer.length, &reply, &error) !=
                   BIDDEN_OK) {
            exit_status = report(error);
        } else {
            bidden_string url = bidden_imocha_invited_test_url(reply);
            printf("invitation %lld: %s\n", (long long)bidden_imocha_invited_test_invitation_id(reply),
                   url.text == NULL ? "(no link)" : url.text);
            bidden_string_free(&url);
        }
    }
    free(answer.bytes);
    bidden_reply_free(reply);
    bidden_request_free(request);
    bidden_call_free(call);
    curl_global_cleanup();
    return exit_status;
}
