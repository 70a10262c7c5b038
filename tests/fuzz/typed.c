/* Typed calls: the structs of the base calls and of iMocha's reattempt, cancel and report, with arbitrary texts, flags and lists; sizes of
 * older and newer callers. Input: which, size, numbers, then texts. */
#include "input.h"

static int32_t flag(Input *input) { return (int32_t)byte(input) % 4; }

static void made(int32_t result, bidden_call *call, bidden_error *error) {
    if (worked(result, error, call)) {
        read_text(bidden_call_json(call));
        (void)bidden_call_asks_for_mail(call);
    }
    bidden_call_free(call);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length) {
    Input input = input_of(data, length);
    bidden_error *error;
    bidden_call *call;
    const uint8_t which = byte(&input) % 7;
    const size_t given_size = byte(&input) * sizeof(size_t);
    const int32_t a = flag(&input), b = flag(&input), c = flag(&input);
    const int64_t id = number(&input), start = number(&input), end = number(&input), zone = number(&input);
    if (which == 0) {
        bidden_imocha_invite given = {0};
        given.size = given_size == 0 || given_size > sizeof given ? sizeof given : given_size;
        given.test_id = id;
        given.start_seconds = start;
        given.end_seconds = end;
        given.time_zone_id = zone;
        given.disable_mandatory_fields = a;
        given.hide_instruction = b;
        given.send_email = c;
        given.email = text(&input);
        given.name = text(&input);
        given.callback_url = text(&input);
        given.redirect_url = text(&input);
        given.stakeholder_emails = text(&input);
        given.proctoring_mode = text(&input);
        given.more_json = text(&input);
        const int32_t result = bidden_imocha_invite_new(&given, &call, &error);
        made(result, call, error);
    } else if (which == 1) {
        bidden_imocha_reattempt given = {0};
        given.size = given_size == 0 || given_size > sizeof given ? sizeof given : given_size;
        given.test_invitation_id = id;
        given.start_seconds = start;
        given.end_seconds = end;
        given.time_zone_id = zone;
        given.hide_instruction = a;
        given.send_email = b;
        given.callback_url = text(&input);
        given.redirect_url = text(&input);
        given.more_json = text(&input);
        const int32_t result = bidden_imocha_reattempt_new(&given, &call, &error);
        made(result, call, error);
    } else if (which == 2) {
        int32_t result = bidden_imocha_cancel_new(id, &call, &error);
        made(result, call, error);
        result = bidden_imocha_report_new(id, (int32_t)start, &call, &error);
        made(result, call, error);
    } else if (which == 3) {
        bidden_think_exam_assign_test given = {0};
        given.size = sizeof given;
        given.is_mail_enable = a;
        given.is_password_skip = b;
        given.email = text(&input);
        given.test_id = text(&input);
        given.more_json = text(&input);
        const int32_t result = bidden_think_exam_assign_test_new(&given, &call, &error);
        made(result, call, error);
    } else if (which == 4) {
        bidden_think_exam_deassign_test given = {0};
        given.size = sizeof given;
        given.email = text(&input);
        given.test_id = text(&input);
        given.more_json = text(&input);
        const int32_t result = bidden_think_exam_deassign_test_new(&given, &call, &error);
        made(result, call, error);
    } else if (which == 5) {
        bidden_think_exam_registration *rows = block(&input, 3 * sizeof *rows);
        memset(rows, 0, 3 * sizeof *rows);
        const bidden_think_exam_registration **pointers = block(&input, 3 * sizeof *pointers);
        const size_t count = (size_t)(uint64_t)id % 4;
        for (size_t i = 0; i < count; i++) {
            pointers[i] = &rows[i];
            rows[i].size = sizeof rows[i];
            rows[i].name = text(&input);
            rows[i].email = text(&input);
            rows[i].enrollment_number = text(&input);
            rows[i].password = text(&input);
            rows[i].mobile = text(&input);
            rows[i].gender = text(&input);
            rows[i].dob = text(&input);
            rows[i].course_name = text(&input);
            rows[i].extra1 = text(&input);
            rows[i].profile_pic = text(&input);
        }
        bidden_think_exam_bulk_candidate_register given = {0};
        given.size = sizeof given;
        given.candidates = pointers;
        given.candidate_count = count;
        const int32_t result = bidden_think_exam_bulk_candidate_register_new(&given, &call, &error);
        made(result, call, error);
    } else {
        bidden_testinvite_create_candidate given = {0};
        given.size = given_size == 0 || given_size > sizeof given ? sizeof given : given_size;
        given.task_id = text(&input);
        given.id = text(&input);
        given.fullname = text(&input);
        given.email = text(&input);
        given.credential1 = text(&input);
        given.credential2 = text(&input);
        given.tracking_uniq_id = text(&input);
        given.tracking_scope = text(&input);
        given.group = text(&input);
        given.external_id = text(&input);
        given.lang = text(&input);
        given.after_seconds = start;
        given.before_seconds = end;
        given.date_to_send_seconds = zone;
        given.email_template_name = text(&input);
        given.callback_url = text(&input);
        given.callback_resource = text(&input);
        given.more_json = text(&input);
        const char **list = block(&input, 4 * sizeof *list);
        for (size_t i = 0; i < 4; i++) {
            list[i] = text(&input);
        }
        given.labels = list;
        given.label_count = (size_t)a;
        given.program_ids = list + 1;
        given.program_id_count = (size_t)b % 3;
        given.extra_emails = list + 2;
        given.extra_email_count = (size_t)c % 3;
        const int32_t result = bidden_testinvite_create_candidate_new(&given, &call, &error);
        made(result, call, error);
    }
    input_free(&input);
    return 0;
}
