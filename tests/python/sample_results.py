"""Every attribute of every result, read once: type-checked, and run by `sample_program.py`.

Each function takes one class; `everything` calls the one that fits.
"""

from __future__ import annotations

import bidden


def _of_access_window(value: bidden.AccessWindow) -> tuple[object, ...]:
    return (
        value.end,
        value.start,
    )


def _of_answers(value: bidden.Answers) -> tuple[object, ...]:
    return (
        value.answers,
        value.extra,
        value.raw,
    )


def _of_assigned(value: bidden.Assigned) -> tuple[object, ...]:
    return (
        value.extra,
        value.platform_code,
        value.platform_message,
        value.raw,
        value.result,
    )


def _of_callback_event(value: bidden.CallbackEvent) -> tuple[object, ...]:
    return (
        value.attempted_at,
        value.authenticity,
        value.body,
        value.candidate_id,
        value.category,
        value.completed_at,
        value.dedupe_key,
        value.email,
        value.extra,
        value.form,
        value.invitation_id,
        value.maximum_score,
        value.name,
        value.percentage,
        value.platform,
        value.platform_status,
        value.raw,
        value.report_url,
        value.score,
        value.session_id,
        value.status,
        value.test_id,
    )


def _of_cancelled(value: bidden.Cancelled) -> tuple[object, ...]:
    return (
        value.extra,
        value.platform_status,
        value.raw,
        value.status,
        value.test_invitation_id,
    )


def _of_candidate(value: bidden.Candidate) -> tuple[object, ...]:
    return (
        value.course_name,
        value.credential1,
        value.credential2,
        value.dob,
        value.email,
        value.enrollment_number,
        value.external_id,
        value.extra1,
        value.extra2,
        value.extra3,
        value.extra_emails,
        value.gender,
        value.group,
        value.labels,
        value.line,
        value.mobile,
        value.name,
        value.password,
        value.profile_pic,
        value.row,
        value.tags,
        value.uniq_id,
        value.user_id,
        value.warnings,
    )


def _of_candidate_page(value: bidden.CandidatePage) -> tuple[object, ...]:
    return (
        value.candidates,
        value.current_page,
        value.extra,
        value.limit,
        value.next,
        value.previous,
        value.raw,
        value.total_items,
        value.total_pages,
    )


def _of_candidate_report(value: bidden.CandidateReport) -> tuple[object, ...]:
    return (
        value.attempted_on,
        value.candidate_email,
        value.candidate_name,
        value.candidate_points,
        value.extra,
        value.pdf_report_url,
        value.performance_category,
        value.platform_status,
        value.ques_difficulty_analysis,
        value.raw,
        value.score,
        value.score_percentage,
        value.sections,
        value.skills,
        value.status,
        value.test_duration,
        value.test_id,
        value.test_invitation_id,
        value.test_name,
        value.time_taken,
        value.total_test_points,
    )


def _of_capability(value: bidden.Capability) -> tuple[object, ...]:
    return (
        value.is_operation,
        value.name,
        value.note,
        value.support,
    )


def _of_checked_row(value: bidden.CheckedRow) -> tuple[object, ...]:
    return (
        value.errors,
        value.is_valid,
        value.row,
        value.warnings,
    )


def _of_created(value: bidden.Created) -> tuple[object, ...]:
    return (
        value.candidate_id,
        value.direct_access_url,
        value.email,
        value.extra,
        value.fullname,
        value.invitation_code,
        value.kind,
        value.logged_in,
        value.raw,
        value.task_id,
    )


def _of_decision(value: bidden.Decision) -> tuple[object, ...]:
    return (
        value.basis,
        value.effect,
        value.is_allowed,
        value.next,
        value.note,
        value.state,
    )


def _of_finding(value: bidden.Finding) -> tuple[object, ...]:
    return (
        value.cell,
        value.column,
        value.field,
        value.reason,
        value.value,
    )


def _of_invalid_row(value: bidden.InvalidRow) -> tuple[object, ...]:
    return (
        value.errors,
        value.line,
        value.row,
        value.warnings,
    )


def _of_invited(value: bidden.Invited) -> tuple[object, ...]:
    return (
        value.extra,
        value.invitation_id,
        value.platform_status,
        value.raw,
        value.status,
        value.test_url,
    )


def _of_listed_test(value: bidden.ListedTest) -> tuple[object, ...]:
    return (
        value.duration,
        value.extra,
        value.labels,
        value.raw,
        value.status,
        value.test_id,
        value.test_name,
    )


def _of_logged_in(value: bidden.LoggedIn) -> tuple[object, ...]:
    return (
        value.access_token,
        value.course,
        value.email,
        value.enrollment_number,
        value.extra,
        value.laravel_token,
        value.name,
        value.platform_code,
        value.platform_message,
        value.profile_pic,
        value.raw,
        value.redirection_url,
        value.result,
        value.student_id,
    )


def _of_masking_accepted(value: bidden.MaskingAccepted) -> tuple[object, ...]:
    return (
        value.extra,
        value.raw,
        value.result,
    )


def _of_outcome(value: bidden.Outcome) -> tuple[object, ...]:
    return (
        value.asked_for_mail,
        value.disposition,
        value.email,
        value.error,
        value.invitation_code,
        value.invitation_id,
        value.is_good,
        value.known_from,
        value.platform_status,
        value.raw,
        value.status,
        value.test_url,
    )


def _of_pdf_report(value: bidden.PdfReport) -> tuple[object, ...]:
    return (
        value.extra,
        value.pdf,
        value.pdf_report_url,
        value.raw,
    )


def _of_plan(value: bidden.Plan) -> tuple[object, ...]:
    return (
        value.actions,
        value.charge,
        value.first_rows,
        value.host,
        value.ignored_columns,
        value.left_out,
        value.mails,
        value.raw,
        value.rows,
        value.would_send,
    )


def _of_processed_callbacks(value: bidden.ProcessedCallbacks) -> tuple[object, ...]:
    return (
        value.extra,
        value.failed,
        value.raw,
        value.successful,
    )


def _of_reattempted(value: bidden.Reattempted) -> tuple[object, ...]:
    return (
        value.callback_url_registered,
        value.extra,
        value.raw,
        value.redirect_url_registered,
        value.test_invitation_id,
        value.test_url,
    )


def _of_reconciliation(value: bidden.Reconciliation) -> tuple[object, ...]:
    return (
        value.counts,
        value.differences,
        value.needs_somebody,
        value.raw,
        value.shown,
        value.written,
    )


def _of_refusal(value: bidden.Refusal) -> tuple[object, ...]:
    return (
        value.allowed_events,
        value.basis,
        value.event,
        value.is_allowed,
        value.reason,
        value.state,
    )


def _of_registered(value: bidden.Registered) -> tuple[object, ...]:
    return (
        value.enrollment_number,
        value.error,
        value.is_login,
        value.platform_code,
        value.platform_message,
        value.profile_pic,
        value.raw,
        value.student_id,
    )


def _of_request(value: bidden.Request) -> tuple[object, ...]:
    return (
        value.body,
        value.headers,
        value.method,
        value.url,
    )


def _of_request_event(value: bidden.RequestEvent) -> tuple[object, ...]:
    return (value.platform,)


def _of_retrieved_invite(value: bidden.RetrievedInvite) -> tuple[object, ...]:
    return (
        value.email,
        value.extra,
        value.invitation_type,
        value.name,
        value.platform_status,
        value.raw,
        value.status,
        value.test_id,
        value.test_invitation_id,
    )


def _of_retrieved_invites(value: bidden.RetrievedInvites) -> tuple[object, ...]:
    return (
        value.extra,
        value.raw,
        value.test_attempts,
    )


def _of_retrieved_test(value: bidden.RetrievedTest) -> tuple[object, ...]:
    return (
        value.duration,
        value.extra,
        value.questions,
        value.raw,
        value.sections,
        value.test_id,
        value.test_name,
    )


def _of_row_outcome(value: bidden.RowOutcome) -> tuple[object, ...]:
    return (
        value.asked_for_mail,
        value.candidate,
        value.disposition,
        value.email,
        value.error,
        value.invitation_code,
        value.invitation_id,
        value.is_good,
        value.known_from,
        value.line,
        value.platform_status,
        value.raw,
        value.repeats,
        value.row,
        value.status,
        value.test_url,
    )


def _of_signature(value: bidden.Signature) -> tuple[object, ...]:
    return (
        value.ak,
        value.headers,
        value.message,
        value.sgn,
        value.ts,
    )


def _of_signature_explanation(value: bidden.SignatureExplanation) -> tuple[object, ...]:
    return (
        value.check,
        value.hints,
        value.message,
        value.ts_offset_seconds,
        value.verifies,
    )


def _of_summary(value: bidden.Summary) -> tuple[object, ...]:
    return (
        value.by_disposition,
        value.elsewhere,
        value.exit_code,
        value.is_good,
        value.mails,
        value.raw,
        value.rows,
        value.stopped,
    )


def _of_task(value: bidden.Task) -> tuple[object, ...]:
    return (
        value.access_method,
        value.active,
        value.active_after,
        value.active_before,
        value.created_at,
        value.email_templates,
        value.extra,
        value.favorite,
        value.folder,
        value.labels,
        value.lang,
        value.organization_id,
        value.private_chat_enabled,
        value.programs,
        value.raw,
        value.stages,
        value.steps,
        value.tags,
        value.task_id,
        value.title,
    )


def _of_task_candidate(value: bidden.TaskCandidate) -> tuple[object, ...]:
    return (
        value.active,
        value.active_after,
        value.active_before,
        value.candidate_id,
        value.direct_access_url,
        value.email,
        value.extra,
        value.fullname,
        value.group,
        value.invitation_code,
        value.kind,
        value.labels,
        value.logged_in,
        value.organization_id,
        value.rating,
        value.raw,
        value.source,
        value.stage,
        value.tags,
        value.task_id,
    )


def _of_task_page(value: bidden.TaskPage) -> tuple[object, ...]:
    return (
        value.current_page,
        value.extra,
        value.limit,
        value.next,
        value.previous,
        value.raw,
        value.tasks,
        value.total_items,
        value.total_pages,
    )


def _of_test_link(value: bidden.TestLink) -> tuple[object, ...]:
    return (
        value.extra,
        value.invitation_schedule,
        value.invitation_type,
        value.is_api_link,
        value.proctoring_settings,
        value.raw,
        value.stakeholder_emails,
        value.test_id,
        value.test_link,
        value.test_link_id,
        value.test_link_name,
        value.test_link_status,
    )


def _of_test_page(value: bidden.TestPage) -> tuple[object, ...]:
    return (
        value.count,
        value.extra,
        value.raw,
        value.tests,
    )


def _of_test_session(value: bidden.TestSession) -> tuple[object, ...]:
    return (
        value.candidate,
        value.credit_cost,
        value.extra,
        value.folder,
        value.group,
        value.identity_photo,
        value.ignored,
        value.labels,
        value.organization_id,
        value.raw,
        value.result,
        value.room_form,
        value.status,
        value.step_id,
        value.tags,
        value.task_id,
        value.test,
        value.test_instance_id,
        value.ticket_id,
        value.uniq_id,
    )


def _of_test_session_page(value: bidden.TestSessionPage) -> tuple[object, ...]:
    return (
        value.current_page,
        value.extra,
        value.limit,
        value.next,
        value.previous,
        value.raw,
        value.test_instances,
        value.total_items,
        value.total_pages,
    )


def _of_test_session_set(value: bidden.TestSessionSet) -> tuple[object, ...]:
    return (
        value.extra,
        value.last_doc_id,
        value.limit,
        value.next,
        value.raw,
        value.test_instances,
    )


def _of_user(value: bidden.User) -> tuple[object, ...]:
    return (
        value.active,
        value.created_at,
        value.email,
        value.extra,
        value.favorite,
        value.folder,
        value.fullname,
        value.group,
        value.labels,
        value.organization_id,
        value.raw,
        value.roles,
        value.tags,
        value.user_id,
        value.username,
    )


def _of_user_page(value: bidden.UserPage) -> tuple[object, ...]:
    return (
        value.current_page,
        value.extra,
        value.limit,
        value.next,
        value.previous,
        value.raw,
        value.total_items,
        value.total_pages,
        value.users,
    )


def everything(value: object) -> tuple[object, ...]:
    """Read every attribute of a value of the package; nothing of any other."""
    match value:
        case bidden.RowOutcome():
            return _of_row_outcome(value)
        case bidden.AccessWindow():
            return _of_access_window(value)
        case bidden.Answers():
            return _of_answers(value)
        case bidden.Assigned():
            return _of_assigned(value)
        case bidden.CallbackEvent():
            return _of_callback_event(value)
        case bidden.Cancelled():
            return _of_cancelled(value)
        case bidden.Candidate():
            return _of_candidate(value)
        case bidden.CandidatePage():
            return _of_candidate_page(value)
        case bidden.CandidateReport():
            return _of_candidate_report(value)
        case bidden.Capability():
            return _of_capability(value)
        case bidden.CheckedRow():
            return _of_checked_row(value)
        case bidden.Created():
            return _of_created(value)
        case bidden.Decision():
            return _of_decision(value)
        case bidden.Finding():
            return _of_finding(value)
        case bidden.InvalidRow():
            return _of_invalid_row(value)
        case bidden.Invited():
            return _of_invited(value)
        case bidden.ListedTest():
            return _of_listed_test(value)
        case bidden.LoggedIn():
            return _of_logged_in(value)
        case bidden.MaskingAccepted():
            return _of_masking_accepted(value)
        case bidden.Outcome():
            return _of_outcome(value)
        case bidden.PdfReport():
            return _of_pdf_report(value)
        case bidden.Plan():
            return _of_plan(value)
        case bidden.ProcessedCallbacks():
            return _of_processed_callbacks(value)
        case bidden.Reattempted():
            return _of_reattempted(value)
        case bidden.Reconciliation():
            return _of_reconciliation(value)
        case bidden.Refusal():
            return _of_refusal(value)
        case bidden.Registered():
            return _of_registered(value)
        case bidden.Request():
            return _of_request(value)
        case bidden.RequestEvent():
            return _of_request_event(value)
        case bidden.RetrievedInvite():
            return _of_retrieved_invite(value)
        case bidden.RetrievedInvites():
            return _of_retrieved_invites(value)
        case bidden.RetrievedTest():
            return _of_retrieved_test(value)
        case bidden.Signature():
            return _of_signature(value)
        case bidden.SignatureExplanation():
            return _of_signature_explanation(value)
        case bidden.Summary():
            return _of_summary(value)
        case bidden.Task():
            return _of_task(value)
        case bidden.TaskCandidate():
            return _of_task_candidate(value)
        case bidden.TaskPage():
            return _of_task_page(value)
        case bidden.TestLink():
            return _of_test_link(value)
        case bidden.TestPage():
            return _of_test_page(value)
        case bidden.TestSession():
            return _of_test_session(value)
        case bidden.TestSessionPage():
            return _of_test_session_page(value)
        case bidden.TestSessionSet():
            return _of_test_session_set(value)
        case bidden.User():
            return _of_user(value)
        case bidden.UserPage():
            return _of_user_page(value)
        case _:
            return ()
