//! What can be read: retrieve invites (section 12), reports (section 15), tests (section 16).

use super::{SECTION, Score, Test, find, no_test, number, pdf_url};
use crate::engine::{Invitation, Outcome, Store, Turn, World};
use crate::imocha::{
    CandidateReport, InviteState, ListTests, ListedTest, NO_INVITATION, PdfReport, Report, ReportPdf, ReportSection, ReportSkill,
    ReportType, RetrieveInvites, RetrieveTest, RetrievedInvite, RetrievedInvites, RetrievedTest, TestPage, TestSection, refusal,
};
use crate::{AnyReply, Platform, Status};

/// Section 12; the window counts the time at which the listed state was reached (choice 24).
pub(in crate::engine) fn retrieve_invites<S: Store>(store: &S, call: &RetrieveInvites, turn: &Turn<'_>) -> Result<Outcome, S::Error> {
    let mut test_attempts = Vec::new();
    let (Some(state), Some(start), Some(end)) = (call.state, call.start_date_time, call.end_date_time) else {
        return Ok(Ok(AnyReply::from(RetrievedInvites { test_attempts, extra: serde_json::Map::new() })));
    };
    let test_id = call.test_id.map(|id| id.to_string());
    let is_page = turn.world.dialect.imocha.testattempts_spelling == "page";
    store.imocha_at_rest(start, end, &mut |invitation| {
        let status = invitation.state_at(turn.now);
        if state.covers(status) && test_id.as_ref().is_none_or(|id| *id == invitation.test_id) {
            // The page's word for one of them, the state table's for the others (choices 3 and 5).
            let word = if status == Status::Complete && is_page { "Completed" } else { status.word() };
            test_attempts.push(RetrievedInvite {
                test_invitation_id: number(&invitation),
                test_id: invitation.test_id.parse().ok(),
                name: invitation.name,
                email: invitation.email,
                invitation_type: Some("api".to_owned()),
                status,
                platform_status: Some(word.to_owned()),
                extra: serde_json::Map::new(),
            });
        }
    })?;
    Ok(Ok(AnyReply::from(RetrievedInvites { test_attempts, extra: serde_json::Map::new() })))
}

/// Section 15.
pub(in crate::engine) fn report<S: Store>(store: &S, call: &Report, turn: &Turn<'_>) -> Result<Outcome, S::Error> {
    let Some(invitation) = find(store, call.test_invitation_id)? else {
        return Ok(Err(refusal(404, &[NO_INVITATION])));
    };
    let switches = &turn.world.dialect.imocha;
    let status = invitation.state_at(turn.now);
    let is_over = InviteState::Completed.covers(status);
    // Choice 20: null as long as no attempt is over; expired is a word of the report too (section 21).
    let word = match switches.unfinished_report {
        _ if is_over || status == Status::Expired => {
            let is_joined = switches.report_status_spelling == "joined";
            Some(if is_joined { status.word().replace(' ', "") } else { status.word().to_owned() })
        }
        "not-found" => return Ok(Err(refusal(404, &["The report is not ready. (sandbox)"]))),
        "none-text" => Some("None".to_owned()),
        _ => None,
    };
    let test = Test::of_invitation(turn.world, &invitation);
    let score = if is_over { Score::of(&invitation, turn.world) } else { Score { correct: 0, questions: 0 } };
    let time_taken = match (invitation.started, invitation.ended) {
        (Some(started), Some(ended)) if is_over => i64::try_from(ended.since(started).as_secs()).unwrap_or(i64::MAX),
        _ => 0,
    };
    let (points, total) = (score.points() as f64, score.total() as f64);
    let section = ReportSection {
        candidate_score: Some(points),
        section_score: Some(total),
        no_of_que: Some(test.questions()),
        section_id: Some(1),
        section_name: Some(SECTION.to_owned()),
        section_time: Some(test.minutes()),
        section_time_taken: Some(time_taken),
        negative_mark: Some(0.0),
        correct_questions: Some(score.correct),
        wrong_questions: Some(score.questions - score.correct),
        skipped_questions: Some(0),
        not_answered_questions: Some(0),
        extra: serde_json::Map::new(),
    };
    let skill = ReportSkill {
        candidate_qb_score: Some(points),
        qb_score: Some(total),
        no_of_que: Some(test.questions()),
        qb_id: Some(1),
        qb_name: Some("Skill 1".to_owned()),
        section_id: Some(1),
        section_name: Some(SECTION.to_owned()),
        extra: serde_json::Map::new(),
    };
    let report_type = call.report_type.unwrap_or(ReportType::Sections);
    Ok(Ok(AnyReply::from(CandidateReport {
        test_invitation_id: call.test_invitation_id,
        attempted_on: invitation.started,
        status: word.as_deref().map_or(Status::Unknown, Status::read),
        platform_status: word,
        score: Some(points),
        candidate_points: Some(points),
        total_test_points: Some(total),
        score_percentage: Some(score.percentage() as f64),
        time_taken: Some(time_taken),
        test_duration: Some(test.minutes()),
        performance_category: is_over.then(|| score.category().to_owned()),
        test_name: Some(test.name()),
        pdf_report_url: is_over.then(|| pdf_url(&invitation, turn.origin)),
        ques_difficulty_analysis: Some(Vec::new()),
        sections: (report_type != ReportType::Skills).then(|| if is_over { vec![section] } else { Vec::new() }),
        skills: (report_type != ReportType::Sections).then(|| if is_over { vec![skill] } else { Vec::new() }),
        candidate_email: invitation.email,
        candidate_name: invitation.name,
        test_id: Some(invitation.test_id),
        extra: serde_json::Map::new(),
    })))
}

/// Section 15, `/pdf`; there is no file before the attempt is over (our choice).
pub(in crate::engine) fn report_pdf<S: Store>(store: &S, call: &ReportPdf, turn: &Turn<'_>) -> Result<Outcome, S::Error> {
    let Some(invitation) = find(store, call.test_invitation_id)? else {
        return Ok(Err(refusal(404, &[NO_INVITATION])));
    };
    let Some(file) = pdf_file(&invitation) else {
        return Ok(Err(refusal(404, &["The report is not ready. (sandbox)"])));
    };
    // Choice 21.
    let is_file = turn.world.dialect.imocha.report_pdf_answer == "file";
    Ok(Ok(AnyReply::from(PdfReport {
        pdf: is_file.then_some(file),
        pdf_report_url: (!is_file).then(|| pdf_url(&invitation, turn.origin)),
        extra: serde_json::Map::new(),
    })))
}

/// The report of an iMocha attempt as a file; `None` before the attempt is over.
#[must_use]
pub fn pdf_file(invitation: &Invitation) -> Option<Vec<u8>> {
    let is_over = invitation.platform == Platform::Imocha && InviteState::Completed.covers(invitation.status);
    is_over.then(|| pdf(&format!("Report {}", invitation.id)))
}

/// Section 16. A test that no fixture declares looks like any other.
pub(in crate::engine) fn retrieve_test(call: &RetrieveTest, world: &World) -> Outcome {
    let Some(test) = Test::of(world, call.test_id) else { return Err(no_test()) };
    let section = TestSection {
        section_name: Some(SECTION.to_owned()),
        section_type: Some("MCQ".to_owned()),
        questions: Some(test.questions()),
        duration: Some(test.minutes()),
        extra: serde_json::Map::new(),
    };
    Ok(AnyReply::from(RetrievedTest {
        test_id: call.test_id,
        test_name: Some(test.name()),
        duration: Some(test.minutes()),
        questions: Some(test.questions()),
        sections: Some(vec![section]),
        extra: serde_json::Map::new(),
    }))
}

/// Section 16: the declared tests, in their order; those that exist without being declared cannot be listed.
pub(in crate::engine) fn list_tests(call: &ListTests, world: &World) -> Outcome {
    let has_label = |labels: &[String]| call.labels_filter.as_ref().is_none_or(|label| labels.contains(label));
    let found: Vec<_> = world.fixtures.imocha.tests.iter().filter(|test| has_label(&test.labels)).collect();
    let size = usize::try_from(call.page_size).unwrap_or(usize::MAX);
    let skipped = usize::try_from(call.page_no.saturating_sub(1)).unwrap_or(usize::MAX).saturating_mul(size);
    let tests = found.iter().skip(skipped).take(size).map(|test| {
        let shown = Test { id: test.test_id, declared: Some(test) };
        ListedTest {
            test_id: Some(test.test_id),
            test_name: Some(shown.name()),
            status: Some(test.status.clone().unwrap_or_else(|| "Active".to_owned())),
            duration: Some(shown.minutes()),
            labels: Some(test.labels.clone()),
            extra: serde_json::Map::new(),
        }
    });
    let count = i64::try_from(found.len()).unwrap_or(i64::MAX);
    Ok(AnyReply::from(TestPage { tests: tests.collect(), count: Some(count), extra: serde_json::Map::new() }))
}

/// A file of one page with one line of ASCII text without parentheses.
fn pdf(line: &str) -> Vec<u8> {
    let content = format!("BT /F1 18 Tf 72 720 Td ({line}) Tj ET");
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>".to_owned(),
        format!("<</Length {}>>\nstream\n{content}\nendstream", content.len()),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_owned(),
    ];
    let mut file = "%PDF-1.4\n".to_owned();
    let mut table = "0000000000 65535 f \n".to_owned();
    for (index, object) in objects.iter().enumerate() {
        table.push_str(&format!("{:010} 00000 n \n", file.len()));
        file.push_str(&format!("{} 0 obj\n{object}\nendobj\n", index + 1));
    }
    let (start, size) = (file.len(), objects.len() + 1);
    file.push_str(&format!("xref\n0 {size}\n{table}trailer\n<</Size {size}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n"));
    file.into_bytes()
}
