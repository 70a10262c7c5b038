//! Tasks and their steps: section 5.1, and which steps are open to a candidate.

use serde_json::Map;

use super::super::{Outcome, Turn, World};
use super::kept::Kept;
use super::{ORGANIZATION_ID, fixtures, paged, text};
use crate::http::Response;
use crate::testinvite::{
    CreateCandidate, EmailTemplate, FetchTask, ListTasks, Mode, Named, Refusal, Step, StepTest, Task, TaskPage, UpdateCandidate,
};
use crate::{AnyReply, Time};

/// When the tasks and users of the sandbox were made, unless they say: 2025-01-01.
pub(super) fn created_at() -> Time {
    Time::from_seconds(1_735_689_600)
}

/// A task that nobody declared: it takes every program and template, and has two steps (choice C30).
fn undeclared(id: &str) -> fixtures::Task {
    fixtures::Task {
        task_id: id.to_owned(),
        active: true,
        steps: vec![fixtures::Step::new("step-1"), fixtures::Step::new("step-2")],
        ..fixtures::Task::default()
    }
}

/// Whether somebody declared tasks: then there are no others, and what they do not name does not exist (choice C30).
fn is_declared(world: &World) -> bool {
    !world.fixtures.testinvite.tasks.is_empty()
}

/// The task of an id, or 404.
pub(super) fn find(world: &World, id: &str) -> Result<fixtures::Task, Response> {
    if !is_declared(world) {
        return Ok(undeclared(id));
    }
    let found = world.fixtures.testinvite.tasks.iter().find(|task| task.task_id == id);
    let mut task = found.cloned().ok_or_else(|| Refusal::NotFound.to_response("there is no task with this id"))?;
    if task.steps.is_empty() {
        task.steps = undeclared(id).steps;
    }
    Ok(task)
}

/// The refusal of a body that names what does not exist (choice C30).
pub(super) fn unknown(world: &World, message: &str) -> Response {
    let status = world.dialect.testinvite.unknown_reference_status.parse().unwrap_or(400);
    Refusal::UnknownReference.with_status(status, message)
}

/// The first program, step or template of a new candidate that a declared task does not have.
pub(super) fn unknown_reference(world: &World, task: &fixtures::Task, call: &CreateCandidate) -> Option<Response> {
    if !is_declared(world) {
        return None;
    }
    let program = call.program_ids.iter().find(|id| !task.programs.iter().any(|program| program.uuid == **id));
    let template = call.invite_by_email.as_ref().map(|mail| &mail.email_template_name);
    let template = template.filter(|name| !task.email_templates.iter().any(|template| template.name == **name));
    let step = call.customized_steps.iter().map(|step| &step.step_id).find(|id| !has_step(task, id));
    program
        .map(|id| format!("the task has no program {id}"))
        .or_else(|| step.map(|id| format!("the task has no step {id}")))
        .or_else(|| template.map(|name| format!("the task has no e-mail template {name}")))
        .map(|message| unknown(world, &message))
}

/// The same of a changed one.
pub(super) fn unknown_step(world: &World, task: &fixtures::Task, call: &UpdateCandidate) -> Option<Response> {
    let id = call.steps.keys().find(|id| is_declared(world) && !has_step(task, id))?;
    Some(unknown(world, &format!("the task has no step {id}")))
}

fn has_step(task: &fixtures::Task, id: &str) -> bool {
    task.steps.iter().any(|step| step.id == id)
}

/// The steps that are accessible to a candidate, as they are for this one: those that are active, and tied to one of the
/// candidate's programs or to none (section 8; a step tied to no program is open to all, our choice).
pub(super) fn accessible(world: &World, task: &fixtures::Task, kept: &Kept) -> Vec<fixtures::Step> {
    let own = kept.own_steps();
    let mut steps = task.steps.clone();
    if !is_declared(world) {
        // Choice C30: it has every step that anybody names.
        steps.extend(own.keys().filter(|id| !has_step(task, id)).map(fixtures::Step::new));
    }
    for step in &mut steps {
        if let Some(own) = own.get(&step.id) {
            own.apply(step);
        }
    }
    steps.retain(|step| step.active && (step.programs.is_empty() || step.programs.iter().any(|id| kept.program_ids.contains(id))));
    steps
}

/// Section 5.1: tasks whose title contains a text, in any letter case. Those that nobody declared are not listed: there is no end
/// of them.
pub(in super::super) fn list(call: &ListTasks, turn: &Turn<'_>) -> Outcome {
    let wanted = call.title.as_ref().map(|title| title.to_lowercase());
    let found = turn.world.fixtures.testinvite.tasks.iter().filter_map(|declared| {
        let task = find(turn.world, &declared.task_id).ok()?;
        wanted.as_ref().is_none_or(|wanted| title(&task).to_lowercase().contains(wanted)).then(|| told(&task, call.mode))
    });
    let (tasks, pagination) = paged(found, call.mode, call.limit, call.page, &[("title", call.title.clone())]);
    Ok(AnyReply::from(TaskPage { tasks, pagination: Some(pagination), extra: Map::new() }))
}

pub(in super::super) fn fetch(call: &FetchTask, turn: &Turn<'_>) -> Outcome {
    find(turn.world, &call.id).map(|task| told(&task, call.mode).into())
}

fn title(task: &fixtures::Task) -> String {
    task.title.clone().unwrap_or_else(|| format!("Task {}", task.task_id))
}

fn told(task: &fixtures::Task, mode: Option<Mode>) -> Task {
    let basic = Task {
        task_id: task.task_id.clone(),
        title: Some(title(task)),
        created_at: Some(task.created_at.unwrap_or_else(created_at)),
        ..Task::default()
    };
    if mode != Some(Mode::Detailed) {
        return basic;
    }
    let named = |all: &[fixtures::Named]| {
        let named = |one: &fixtures::Named| Named { uuid: Some(one.uuid.clone()), name: Some(one.name.clone()) };
        Some(all.iter().map(named).collect())
    };
    let template = |one: &fixtures::EmailTemplate| EmailTemplate { name: Some(one.name.clone()), subject: Some(one.subject.clone()) };
    Task {
        organization_id: text(ORGANIZATION_ID),
        favorite: Some(task.favorite),
        folder: task.folder.clone().or_else(|| text("default")),
        labels: Some(task.labels.clone()),
        tags: Some(task.tags.iter().map(|(key, value)| (key.clone(), value.as_str().into())).collect()),
        lang: task.lang.clone().or_else(|| text("default")),
        access_method: text(task.access_method.word()),
        active: Some(task.active),
        active_after: task.active_after,
        active_before: task.active_before,
        programs: named(&task.programs),
        stages: named(&task.stages),
        email_templates: Some(task.email_templates.iter().map(template).collect()),
        private_chat_enabled: Some(task.private_chat_enabled),
        steps: Some(task.steps.iter().enumerate().map(|(index, step)| told_step(index + 1, step)).collect()),
        ..basic
    }
}

/// The test of a step, the `number`th of its task.
pub(super) fn test_of(number: usize, step: &fixtures::Step) -> (String, String) {
    let test_id = step.test_id.clone().unwrap_or_else(|| format!("test-{number}"));
    (test_id, step.test_source.clone().unwrap_or_else(|| "own-test".to_owned()))
}

fn told_step(number: usize, step: &fixtures::Step) -> Step {
    let none = |word: &Option<String>| word.clone().or_else(|| text("NONE"));
    let (test_id, source) = test_of(number, step);
    Step {
        id: Some(step.id.clone()),
        title: step.title.clone().or_else(|| Some(format!("Step {number}"))),
        active: Some(step.active),
        active_before: step.active_before,
        active_after: step.active_after,
        attempt_limit: Some(step.attempt_limit),
        test: Some(StepTest { test_id: Some(test_id), organization_id: text(ORGANIZATION_ID), source: Some(source) }),
        webcam_recording: none(&step.webcam_recording),
        screen_recording: none(&step.screen_recording),
        fullscreen: Some(step.fullscreen),
        post_ai_proctoring: Some(step.post_ai_proctoring),
        practice_mode: Some(step.practice_mode),
    }
}
