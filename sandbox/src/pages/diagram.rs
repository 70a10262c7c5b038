//! The rules of each platform as a picture and as a table, both drawn from [`Rules`].

use std::collections::BTreeMap;
use std::fmt::Write;

use bidden::http::Response;
use bidden::lifecycle::{Basis, Effect, Rule, Rules};
use bidden::{Event, Platform, Status};
use maud::{Markup, html};

use super::{Asked, View, badge, page};

/// The states of the tables, none first.
const STATES: [Option<Status>; 8] = [
    None,
    Some(Status::Pending),
    Some(Status::InProgress),
    Some(Status::Complete),
    Some(Status::TestLeft),
    Some(Status::Terminated),
    Some(Status::Cancelled),
    Some(Status::Expired),
];

/// Half the size of a state's box.
const HALF_WIDTH: i32 = 62;
const HALF_HEIGHT: i32 = 24;

/// Half of how far two arrows between the same states lie apart.
const APART: i32 = 11;

/// Where new attempts are led back above the picture, and at its right side.
const TOP: i32 = 26;
const RIGHT: i32 = 862;

pub(super) fn answer(asked: &Asked, view: &View) -> Response {
    let chosen = asked.parameter("platform").and_then(Platform::from_slug).unwrap_or(Platform::Imocha);
    let rules = Rules::of(chosen);
    let content = html! {
        nav.tabs aria-label="Platforms" {
            ul {
                @for tab in Platform::ALL {
                    li { a href={ (view.link("rules")) "?platform=" (tab.slug()) } aria-current=[(tab == chosen).then_some("page")] { (tab.title()) } }
                }
            }
        }
        p { "What may happen to an invitation on " (chosen.title()) ": what the sandbox answers by, and what clients are guarded by." }
        figure {
            div.scroll tabindex="0" role="region" aria-label="Status diagram" { (drawing(rules)) }
            figcaption {
                "An arrow for every event that moves an invitation; what leaves it where it is stands in its box. "
                span.documented { "Solid: documented" } ", " span.published { "dashed: published on another page" } ", "
                span.our-choice { "dotted: our choice" } ". The table below says the same."
            }
        }
        section {
            h2 { "Every state and event" }
            div.scroll tabindex="0" role="region" aria-label="Every state and event" { (table(rules)) }
        }
    };
    page(200, view, "Rules", None, &content)
}

fn name(state: Option<Status>) -> &'static str {
    state.map_or("None", Status::word)
}

fn class(basis: Basis) -> &'static str {
    match basis {
        Basis::Documented => "documented",
        Basis::Published => "published",
        Basis::OurChoice => "our-choice",
    }
}

fn centre(state: Option<Status>) -> (i32, i32) {
    match state {
        None => (70, 180),
        Some(Status::Pending) => (280, 180),
        Some(Status::InProgress) => (530, 180),
        Some(Status::Complete) => (780, 90),
        Some(Status::TestLeft) => (780, 180),
        Some(Status::Terminated) => (780, 270),
        Some(Status::Cancelled) => (440, 350),
        Some(Status::Expired | Status::Unknown) => (120, 350),
    }
}

/// The events that lead from one state to another, and how well that is known: the least of them.
type Moves = BTreeMap<(usize, usize), (Vec<Event>, Basis, bool)>;

fn moves(rules: &Rules) -> Moves {
    let place = |state: Option<Status>| STATES.iter().position(|known| *known == state);
    let mut moves = Moves::new();
    for (from, state) in STATES.into_iter().enumerate() {
        for event in Event::ALL {
            let Some(Rule::Allowed(effect, next, basis, _)) = rules.rule(state, event) else { continue };
            if is_another(state, *effect) {
                continue;
            }
            let Some(to) = place(Some(*next)).filter(|to| *to != from) else { continue };
            let (events, known, is_new) = moves.entry((from, to)).or_insert((Vec::new(), *basis, false));
            events.push(event);
            *is_new |= *effect == Effect::NewAttempt;
            let rank = |basis: Basis| [Basis::Documented, Basis::Published, Basis::OurChoice].iter().position(|known| *known == basis);
            if rank(*basis) > rank(*known) {
                *known = *basis;
            }
        }
    }
    moves
}

/// Whether what comes of an event is another invitation beside the one that is there.
fn is_another(state: Option<Status>, effect: Effect) -> bool {
    state.is_some() && effect == Effect::Created
}

/// The events that leave an invitation where it is.
fn stays(rules: &Rules, state: Option<Status>) -> String {
    let stays = |event: &Event| matches!(rules.rule(state, *event), Some(Rule::Allowed(effect, next, ..)) if Some(*next) == state || is_another(state, *effect));
    Event::ALL.into_iter().filter(stays).map(Event::slug).collect::<Vec<_>>().join(", ")
}

fn drawing(rules: &Rules) -> Markup {
    let moves = moves(rules);
    let reachable = |index: usize| index == 0 || moves.keys().any(|(_, to)| *to == index);
    html! {
        svg.diagram viewBox="0 0 880 400" role="img" aria-labelledby="diagram-title" {
            title #diagram-title { "The states of an invitation on " (rules.platform.title()) }
            defs {
                marker #arrow viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto-start-reverse" {
                    path.head d="M0 0L10 5L0 10z" {}
                }
            }
            @for ((from, to), (events, basis, is_new)) in &moves {
                @let (path, label) = route(*from, *to, *is_new, moves.contains_key(&(*to, *from)));
                @let words = events.iter().map(|event| event.slug()).collect::<Vec<_>>().join(", ");
                path class={ "move " (class(*basis)) } d=(path) marker-end="url(#arrow)" {}
                @if !(*is_new && STATES[*from] != Some(Status::Complete)) {
                    text.label x=(label.0) y=(label.1) text-anchor=(label.2) { (words) @if *is_new { ": a new invitation" } }
                }
            }
            @for (index, state) in STATES.into_iter().enumerate() {
                @if reachable(index) {
                    @let (x, y) = centre(state);
                    @let stays = stays(rules, state);
                    g class={ "state " (state.map_or("none", Status::slug)) } {
                        rect x=(x - HALF_WIDTH) y=(y - HALF_HEIGHT) width=(2 * HALF_WIDTH) height=(2 * HALF_HEIGHT) rx="6" {}
                        text.name x=(x) y=(if stays.is_empty() { y + 5 } else { y - 2 }) text-anchor="middle" { (name(state)) }
                        @if !stays.is_empty() { text.stays x=(x) y=(y + 14) text-anchor="middle" { "↻ " (stays) } }
                    }
                }
            }
        }
    }
}

/// The way of an arrow and where its label stands.
fn route(from: usize, to: usize, is_new: bool, has_reverse: bool) -> (String, (i32, i32, &'static str)) {
    let ((x1, y1), (x2, y2)) = (centre(STATES[from]), centre(STATES[to]));
    let mut path = String::new();
    if is_new {
        // New attempts gather at the right, and come back above everything.
        let _ = write!(path, "M{} {y1}H{RIGHT}V{TOP}H{x2}V{}", x1 + HALF_WIDTH, y2 - HALF_HEIGHT);
        return (path, ((x2 + RIGHT) / 2, TOP - 7, "middle"));
    }
    if y1 == y2 {
        let side = if x2 > x1 { HALF_WIDTH } else { -HALF_WIDTH };
        let _ = write!(path, "M{} {y1}H{}", x1 + side, x2 - side);
        return (path, ((x1 + x2) / 2, y1 - 8, "middle"));
    }
    if (y1 - y2).abs() <= 90 && x2 > x1 {
        let (start, end) = (x1 + HALF_WIDTH, x2 - HALF_WIDTH);
        let middle = (start + end) / 2;
        let _ = write!(path, "M{start} {y1}C{middle} {y1} {middle} {y2} {end} {y2}");
        let beside = if y2 > y1 { 24 } else { -16 };
        return (path, (middle - 8, (y1 + y2) / 2 + beside, "end"));
    }
    // Up and down between two rows: a straight line from edge to edge, beside the one that leads back. The labels stand near
    // the lower ends, where the lines are far from each other.
    let is_down = y2 > y1;
    let shift = if !has_reverse {
        0
    } else if is_down {
        -APART
    } else {
        APART
    };
    let edge = if is_down { HALF_HEIGHT } else { -HALF_HEIGHT };
    // Where a straight line between the centres leaves and meets the boxes.
    let lean = (x2 - x1) * HALF_HEIGHT / (y2 - y1).abs();
    let (start, end) = (x1 + lean + shift, x2 - lean + shift);
    let _ = write!(path, "M{start} {}L{end} {}", y1 + edge, y2 - edge);
    let lower = if is_down { (end * 3 + start) / 4 } else { (start * 3 + end) / 4 };
    let height = y1.max(y2) - HALF_HEIGHT - 26;
    (path, if is_down { (lower - 10, height, "end") } else { (lower + 10, height, "start") })
}

fn table(rules: &Rules) -> Markup {
    html! {
        table.matrix {
            thead { tr {
                th scope="col" { "State" }
                @for event in Event::ALL { th scope="col" { (event.slug()) } }
            } }
            tbody {
                @for state in STATES {
                    tr {
                        th scope="row" { @match state { Some(status) => (badge(status)), None => { span.none { "None" } } } }
                        @for event in Event::ALL {
                            @match rules.rule(state, event) {
                                Some(Rule::Allowed(effect, next, basis, note)) => {
                                    td.allowed {
                                        strong { (effect.slug()) }
                                        @if Some(*next) != state { " → " (next.word()) }
                                        @if !note.is_empty() { br; (note) }
                                        br; span class={ "basis " (class(*basis)) } { (basis.word()) }
                                    }
                                }
                                Some(Rule::Refused(basis, reason)) => {
                                    td.refused { "refused: " (reason) br; span class={ "basis " (class(*basis)) } { (basis.word()) } }
                                }
                                None => td {}
                            }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_move_of_the_rules_is_an_arrow_and_every_cell_is_in_the_table() {
        for platform in Platform::ALL {
            let rules = Rules::of(platform);
            let drawn = drawing(rules).into_string();
            let told = table(rules).into_string();
            assert_eq!(drawn.matches("marker-end").count(), moves(rules).len(), "{platform}");
            assert_eq!(told.matches("<td").count(), 64, "{platform}");
            assert!(!drawn.contains("style="), "{platform}");
            for state in STATES {
                for event in Event::ALL {
                    if let Some(Rule::Allowed(effect, next, ..)) = rules.rule(state, event)
                        && Some(*next) != state
                        && !is_another(state, *effect)
                    {
                        assert!(moves(rules).iter().any(|((from, to), (events, ..))| STATES[*from] == state
                            && STATES[*to] == Some(*next)
                            && events.contains(&event)));
                    }
                }
            }
        }
    }
}
