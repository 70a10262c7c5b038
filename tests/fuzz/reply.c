/* Answers: any status, headers and bytes, read as the answer to any call. Input: name of the call, its JSON, status, two headers as name
 * and value, then the body. */
#include "input.h"

static void read_reply(const bidden_reply *reply) {
    double percentage = 0;
    read_text(bidden_reply_json(reply));
    (void)bidden_imocha_invited_test_invitation_id(reply);
    read_text(bidden_imocha_invited_test_url(reply));
    read_static(bidden_status_slug(bidden_imocha_invited_status(reply)));
    read_text(bidden_imocha_invited_platform_status(reply));
    (void)bidden_imocha_report_score_percentage(reply, &percentage);
    read_text(bidden_imocha_report_pdf_report_url(reply));
    read_text(bidden_think_exam_assigned_msg(reply));
    const size_t count = bidden_think_exam_registered_count(reply);
    for (size_t i = 0; i <= count && i < 100; i++) {
        (void)bidden_think_exam_registered_is_success(reply, i);
        read_text(bidden_think_exam_registered_code(reply, i));
        read_text(bidden_think_exam_registered_msg(reply, i));
        (void)bidden_think_exam_registered_student_id(reply, i);
        read_text(bidden_think_exam_registered_enrollment_no(reply, i));
    }
    read_text(bidden_testinvite_created_candidate_id(reply));
    read_text(bidden_testinvite_created_invitation_code(reply));
    read_text(bidden_testinvite_created_direct_access_url(reply));
    (void)bidden_testinvite_created_logged_in(reply);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length) {
    Input input = input_of(data, length);
    bidden_error *error;
    bidden_call *call;
    bidden_reply *reply;
    const char *name = text(&input);
    if (worked(bidden_call_new(name, text(&input), &call, &error), error, call)) {
        const int32_t status = number32(&input);
        bidden_header *headers = block(&input, 2 * sizeof *headers);
        for (size_t i = 0; i < 2; i++) {
            headers[i].name = text(&input);
            headers[i].value = text(&input);
        }
        const bidden_bytes body = rest(&input);
        if (worked(bidden_call_read_reply(call, status, headers, 2, body.bytes, body.length, &reply, &error), error, reply)) {
            read_reply(reply);
        }
        bidden_reply_free(reply);
        if (worked(bidden_call_read_reply(call, status, NULL, 0, body.bytes, body.length, &reply, &error), error, reply)) {
            read_reply(reply);
        }
        bidden_reply_free(reply);
    }
    bidden_call_free(call);
    read_reply(NULL);
    input_free(&input);
    return 0;
}
