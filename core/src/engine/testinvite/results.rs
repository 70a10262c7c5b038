//! What came of a test session: its answers, and the points made of them. Everything follows from the session's id, so the same
//! session tells the same whenever somebody looks.

use serde_json::Number;
use sha2::{Digest, Sha256};

use super::super::Session;
use super::{ORGANIZATION_ID, text};
use crate::Time;
use crate::testinvite::{
    Answer, Choice, DimensionPart, DimensionResult, EffectPart, EffectResult, GivenAnswer, Matched, Question, QuestionReference,
    Scoreboard, SectionResult, SessionResult, SessionStatus,
};

/// One question of the sandbox's test.
struct Asked {
    kind: &'static str,
    text: &'static str,
    section: i64,
    page: i64,
    points: i64,
}

/// One of each kind (section 5.4): two in the first section, one in the second.
const QUESTIONS: [Asked; 3] = [
    Asked { kind: "multiplechoice", text: "Which of these is a prime number?", section: 1, page: 1, points: 3 },
    Asked { kind: "match", text: "Match the sign with its meaning.", section: 1, page: 1, points: 2 },
    Asked { kind: "input", text: "What is the sum of 17 and 25?", section: 2, page: 2, points: 5 },
];

/// Whether the candidate was right, question by question.
fn rights(session: &Session) -> [bool; QUESTIONS.len()] {
    let digest = Sha256::digest(&session.id);
    // Three of four answers are right.
    std::array::from_fn(|index| digest[index] % 4 != 0)
}

/// What came of it, once it is over.
pub(super) fn result(session: &Session, is_detailed: bool) -> Option<SessionResult> {
    if session.status != SessionStatus::Complete {
        return None;
    }
    let rights = rights(session);
    let board = |section: Option<i64>| {
        let counted = QUESTIONS.iter().zip(rights).filter(|(question, _)| section.is_none_or(|section| section == question.section));
        let (mut achieved, mut most, mut questions) = (0, 0, 0);
        for (question, is_right) in counted {
            achieved += if is_right { question.points } else { 0 };
            most += question.points;
            questions += 1;
        }
        Scoreboard {
            points_achieved: Some(achieved.into()),
            max_achievable_points: Some(most.into()),
            achievement_ratio: Number::from_f64(achieved as f64 / most as f64),
            no_of_questions: is_detailed.then_some(questions),
        }
    };
    let ratio = Number::from_f64(rights.iter().filter(|is_right| **is_right).count() as f64);
    let part = |name: &str, section| DimensionPart { name: text(name), scoreboard: Some(board(Some(section))) };
    Some(SessionResult {
        // Whole seconds, as the sample of section 5.3 has them.
        completed_at: session.completed.map(|time| Time::from_seconds(time.seconds())),
        scoreboard: Some(board(None)),
        sections: is_detailed.then(|| {
            [1, 2].map(|section| SectionResult { uuid: Some(format!("section-{section}")), scoreboard: Some(board(Some(section))) }).into()
        }),
        dimensions: is_detailed.then(|| {
            let parts = vec![part("Recognition", 1), part("Recall", 2)];
            vec![DimensionResult { name: text("Knowledge"), scoreboard: Some(board(None)), sub_dimensions: Some(parts) }]
        }),
        effects: is_detailed.then(|| {
            let parts = vec![EffectPart { name: text("Accuracy"), score: ratio.clone() }];
            vec![EffectResult { name: text("Diligence"), score: ratio, sub_effects: Some(parts) }]
        }),
    })
}

/// The answers, question by question; none is given as long as the session runs.
pub(super) fn answers(session: &Session, is_detailed: bool) -> Vec<Answer> {
    let is_over = session.status == SessionStatus::Complete;
    let rights = rights(session);
    let answer = |index: usize| {
        let (question, is_right) = (&QUESTIONS[index], rights[index]);
        let before = &QUESTIONS[..index];
        let in_section = 1 + before.iter().filter(|other| other.section == question.section).count() as i64;
        let in_page = 1 + before.iter().filter(|other| other.page == question.page).count() as i64;
        let given = GivenAnswer {
            valid: Some(is_right),
            score: Some(i64::from(is_right).into()),
            points_achieved: Some(if is_right { question.points } else { 0 }.into()),
            choices: (question.kind == "multiplechoice").then(|| vec![Choice { text: text(if is_right { "7" } else { "9" }) }]),
            matches: (question.kind == "match").then(|| {
                let options = if is_right { ["plus", "minus"] } else { ["minus", "plus"] };
                let matched = |item: &str, option: &str| Matched { item: text(item), option: text(option) };
                vec![matched("+", options[0]), matched("-", options[1])]
            }),
            value: (question.kind == "input").then(|| if is_right { "42" } else { "43" }.to_owned()),
        };
        Answer {
            section_index: Some(question.section - 1),
            section_no: Some(question.section),
            page_no: Some(question.page),
            page_no_in_section: Some(1),
            question_no: Some(index as i64 + 1),
            question_no_in_section: Some(in_section),
            question_no_in_page: Some(in_page),
            required: Some(true),
            effective: Some(true),
            question_reference: Some(if question.kind == "input" {
                QuestionReference { kind: text("questionbox"), question_box_uuid: text("box-1"), ..QuestionReference::default() }
            } else {
                QuestionReference {
                    kind: text("questionbank"),
                    organization_id: text(ORGANIZATION_ID),
                    question_id: Some(format!("question-{}", index + 1)),
                    question_box_uuid: None,
                }
            }),
            question: Some(Question {
                kind: text(question.kind),
                input_type: (question.kind == "input").then(|| "numeric".to_owned()),
                text: text(question.text),
                answer: is_over.then_some(given),
            }),
            section_uuid: is_detailed.then(|| format!("section-{}", question.section)),
            page_uuid: is_detailed.then(|| format!("page-{}", question.page)),
        }
    };
    (0..QUESTIONS.len()).map(answer).collect()
}
