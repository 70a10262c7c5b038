//! Which candidates of a task may stand beside each other. Reference: section 3. Pure: the store is the caller's.
//!
//! Every tracked candidate *holds* claims; a new one is refused when anybody in the task holds one of the claims that
//! its scope *asks for*. So the check is a look-up per claim asked for (one, or one per label or program of the
//! request), however many candidates the task has. Several candidates may hold the same claim, since only the new
//! one's scope counts (R1): a store keeps its holders, and a claim is free when the last of them is deleted (R8).
//! A candidate whose group or labels are changed holds the claims of its current ones (R10).
//!
//! ```
//! use bidden::testinvite::uniqueness::Tracked;
//! use bidden::testinvite::{CreateCandidate, Scope, TemporaryCandidate, Tracking};
//! let tracking = Some(Tracking { uniq_id: "u1".into(), scope: Some(Scope::Group) });
//! let call = CreateCandidate::new("task-1", TemporaryCandidate { tracking, ..TemporaryCandidate::default() });
//! let tracked = Tracked::of_request(&call, None).unwrap();
//! assert_eq!(tracked.asks_for(), [tracked.holds()[1].clone()]);
//! ```

use super::candidate::{CreateCandidate, Person, Scope};

/// The group of a candidate that was given none (rule R3; choice C6: the vendor does not say which).
pub const DEFAULT_GROUP: &str = "default";

/// Where within a task a unique id is taken.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Area {
    /// The whole task.
    Task,
    /// A group.
    Group(String),
    /// The candidates with a label.
    Label(String),
    /// The candidates of a program.
    Program(String),
}

/// A unique id in an area of one task. Everything compares exactly (rule R2).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Claim {
    /// The caller's `uniqId`, or the user's name.
    pub uniq_id: String,
    /// Where it is taken.
    pub area: Area,
}

/// A unique id is often an address, so it is not shown.
impl std::fmt::Debug for Claim {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Claim").field("area", &self.area).finish_non_exhaustive()
    }
}

/// What counts of a candidate that has a unique id. One without takes no part (rule R7).
#[derive(Clone, Copy)]
pub struct Tracked<'a> {
    /// The caller's `uniqId`, or the user's name.
    pub uniq_id: &'a str,
    /// The scope of the request; of a candidate that exists it has no meaning (rule R1).
    pub scope: Scope,
    /// The group; absent means [`DEFAULT_GROUP`].
    pub group: Option<&'a str>,
    /// The labels, in any order, with or without repeats.
    pub labels: &'a [String],
    /// The programs, in any order, with or without repeats.
    pub program_ids: &'a [String],
}

impl<'a> Tracked<'a> {
    /// What counts of a request. `username` is the name of the user whom an internal request assigns (rule R9); a
    /// temporary request has none. `None` without a unique id.
    #[must_use]
    pub fn of_request(call: &'a CreateCandidate, username: Option<&'a str>) -> Option<Self> {
        let (uniq_id, scope) = match &call.person {
            Person::Temporary(temporary) => {
                let tracking = temporary.tracking.as_ref()?;
                (tracking.uniq_id.as_str(), tracking.scope.unwrap_or(Scope::Task))
            }
            Person::Internal(_) => (username?, Scope::Task),
        };
        Some(Tracked { uniq_id, scope, group: call.group.as_deref(), labels: &call.labels, program_ids: &call.program_ids })
    }

    /// The claims that the candidate holds as long as it exists, whatever its state (rule R8): task, group, then each
    /// label and program.
    #[must_use]
    pub fn holds(&self) -> Vec<Claim> {
        [Scope::Task, Scope::Group, Scope::Labels, Scope::Programs].into_iter().flat_map(|scope| self.claims(scope)).collect()
    }

    /// The claims any of which, held by anybody in the task, refuses the request. None under scope labels or programs
    /// with an empty list (rule R6).
    #[must_use]
    pub fn asks_for(&self) -> Vec<Claim> {
        self.claims(self.scope)
    }

    /// Whether a candidate that exists keeps this new one out, by the algorithm of section 3.2, where a switch changes it: an empty
    /// list may overlap with everything (choice C7), and the scope of the existing one may be tested as well (choice C9).
    #[must_use]
    pub fn is_kept_out_by(&self, existing: &Tracked<'_>, empty_overlaps: bool, existing_scope_counts: bool) -> bool {
        let overlap = |own: &[String], other: &[String]| {
            own.iter().any(|one| other.contains(one)) || empty_overlaps && (own.is_empty() || other.is_empty())
        };
        let clash = |scope| match scope {
            Scope::Task => true,
            Scope::Group => self.group.unwrap_or(DEFAULT_GROUP) == existing.group.unwrap_or(DEFAULT_GROUP),
            Scope::Labels => overlap(self.labels, existing.labels),
            Scope::Programs => overlap(self.program_ids, existing.program_ids),
        };
        self.uniq_id == existing.uniq_id && (clash(self.scope) || existing_scope_counts && clash(existing.scope))
    }

    fn claims(&self, scope: Scope) -> Vec<Claim> {
        let mut areas: Vec<Area> = match scope {
            Scope::Task => vec![Area::Task],
            Scope::Group => vec![Area::Group(self.group.unwrap_or(DEFAULT_GROUP).to_owned())],
            Scope::Labels => self.labels.iter().cloned().map(Area::Label).collect(),
            Scope::Programs => self.program_ids.iter().cloned().map(Area::Program).collect(),
        };
        areas.sort_unstable();
        areas.dedup();
        areas.into_iter().map(|area| Claim { uniq_id: self.uniq_id.to_owned(), area }).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;
    use proptest::sample::{select, subsequence};

    use super::*;
    use crate::testinvite::{InternalCandidate, TemporaryCandidate, Tracking};

    fn texts(words: &str) -> Vec<String> {
        words.split_whitespace().map(str::to_owned).collect()
    }

    /// A task: for each claim and holder one entry, as a table of a database would keep it.
    #[derive(Default)]
    struct Task {
        held: HashSet<Claim>,
        candidates: Vec<Option<(CreateCandidate, Option<String>)>>,
    }

    impl Task {
        fn create(&mut self, call: &CreateCandidate, username: Option<&str>) -> bool {
            let tracked = Tracked::of_request(call, username);
            if tracked.is_some_and(|tracked| tracked.asks_for().iter().any(|claim| self.held.contains(claim))) {
                return false;
            }
            self.held.extend(tracked.iter().flat_map(Tracked::holds));
            self.candidates.push(Some((call.clone(), username.map(str::to_owned))));
            true
        }

        fn recount(&mut self) {
            let candidates = self.candidates.iter().flatten();
            self.held = candidates
                .filter_map(|(call, username)| Tracked::of_request(call, username.as_deref()).map(|tracked| tracked.holds()))
                .flatten()
                .collect();
        }

        fn delete(&mut self, index: usize) {
            self.candidates[index] = None;
            self.recount();
        }

        fn patch(&mut self, index: usize, group: Option<String>, labels: Vec<String>) {
            if let Some((call, _)) = &mut self.candidates[index] {
                call.group = group;
                call.labels = labels;
            }
            self.recount();
        }
    }

    /// One side of a row: `id/scope`, then `g:`, `l:`, `p:` for group, labels, programs. `-` is no tracking, `@name`
    /// an internal candidate.
    fn candidate(text: &str) -> (CreateCandidate, Option<&str>) {
        let mut parts = text.split_whitespace();
        let (id, scope) = parts.next().map(|first| first.split_once('/').unwrap_or((first, ""))).unwrap();
        let username = id.strip_prefix('@');
        let mut call = match (username, id) {
            (Some(name), _) => CreateCandidate::new("task-1", InternalCandidate { id: format!("id of {name}") }),
            (None, "-") => CreateCandidate::new("task-1", TemporaryCandidate::default()),
            (None, _) => {
                let scope = Scope::WORDS.iter().find(|(word, _)| *word == scope).map(|(_, scope)| *scope);
                let tracking = Some(Tracking { uniq_id: id.to_owned(), scope });
                CreateCandidate::new("task-1", TemporaryCandidate { tracking, ..TemporaryCandidate::default() })
            }
        };
        for part in parts {
            match part.split_once(':').unwrap() {
                ("g", group) => call.group = Some(group.to_owned()),
                ("l", labels) => call.labels = texts(&labels.replace(',', " ")),
                ("p", programs) => call.program_ids = texts(&programs.replace(',', " ")),
                _ => panic!("{part}"),
            }
        }
        (call, username)
    }

    /// Section 3.3, rows 1 to 20 and 22 to 24; row 3 in each of the scopes that E may have.
    const ROWS: [(&str, &str, &str, bool); 28] = [
        ("1", "u1/task", "-", true),
        ("2", "-", "u1/task", true),
        ("3", "u1", "u1", false),
        ("3", "u1/task", "u1", false),
        ("3", "u1/group g:A", "u1", false),
        ("3", "u1/labels l:a", "u1", false),
        ("3", "u1/programs p:p", "u1", false),
        ("4", "u1/task g:A", "u1/task g:B", false),
        ("5", "u1/group g:A", "u1/group g:A", false),
        ("6", "u1/group g:A", "u1/group g:B", true),
        ("7", "u1/group", "u1/group", false),
        ("7", "u1/group", "u1/group g:default", false),
        ("8", "u1/group", "u1/group g:A", true),
        ("9", "u1/labels l:a,b", "u1/labels l:b,c", false),
        ("10", "u1/labels l:a", "u1/labels l:b", true),
        ("11", "u1/labels l:a,b", "u1/labels l:b,a", false),
        ("12", "u1/labels", "u1/labels", true),
        ("13", "u1/labels l:a", "u1/labels", true),
        ("14", "u1/programs p:p,q", "u1/programs p:q", false),
        ("15", "u1/programs p:p", "u1/programs p:q", true),
        ("16", "u1/programs", "u1/programs", true),
        ("17", "u1/task g:A", "u1/group g:B", true),
        ("18", "u1/group g:A", "u1/task g:B", false),
        ("19", "u1/labels l:a g:A", "u1/labels l:a g:B", false),
        ("20", "U1/task", "u1/task", true),
        ("22", "@u1", "u1/task", false),
        ("23", "u1/task", "@u1", false),
        ("24", "@x", "@x g:B", false),
    ];

    #[test]
    fn the_table_of_uniqueness_holds_row_by_row() {
        for (row, existing, new, expected) in ROWS {
            let mut task = Task::default();
            let (call, username) = candidate(existing);
            assert!(task.create(&call, username), "row {row}: {existing}");
            let (call, username) = candidate(new);
            assert_eq!(task.create(&call, username), expected, "row {row}: {existing} then {new}");
        }
    }

    #[test]
    fn row_21_another_task_is_another_space() {
        let (mut first, mut second) = (Task::default(), Task::default());
        let (call, _) = candidate("u1/task");
        assert!(first.create(&call, None));
        assert!(second.create(&call, None));
        assert!(!second.create(&call, None));
    }

    #[test]
    fn row_25_a_deleted_candidate_frees_its_id() {
        let mut task = Task::default();
        let (call, _) = candidate("u1/task");
        assert!(task.create(&call, None));
        assert!(!task.create(&call, None));
        task.delete(0);
        assert!(task.create(&call, None));
    }

    #[test]
    fn row_26_the_current_group_counts() {
        let mut task = Task::default();
        let (call, _) = candidate("u1/group g:A");
        assert!(task.create(&call, None));
        task.patch(0, Some("B".into()), Vec::new());
        assert!(task.create(&call, None));
        let (call, _) = candidate("u1/group g:B");
        assert!(!task.create(&call, None));
    }

    #[test]
    fn a_claim_with_two_holders_outlives_one_of_them() {
        let mut task = Task::default();
        for text in ["u1/group g:A", "u1/group g:B"] {
            assert!(task.create(&candidate(text).0, None), "{text}");
        }
        task.delete(0);
        assert!(!task.create(&candidate("u1/task").0, None));
        assert!(task.create(&candidate("u1/group g:A").0, None));
    }

    #[test]
    fn the_look_ups_of_a_request_do_not_grow_with_the_task() {
        let (call, _) = candidate("u1/labels l:a,b,a,b");
        assert_eq!(Tracked::of_request(&call, None).unwrap().asks_for().len(), 2);
        let (call, _) = candidate("u1/task l:a,b,a,b");
        assert_eq!(Tracked::of_request(&call, None).unwrap().asks_for().len(), 1);
    }

    /// Section 3.2 as it is printed, over a list.
    #[derive(Clone, Debug)]
    struct Listed {
        id: Option<&'static str>,
        scope: Option<Scope>,
        internal: bool,
        group: Option<&'static str>,
        labels: Vec<&'static str>,
        programs: Vec<&'static str>,
    }

    fn is_refused(n: &Listed, existing: &[Option<Listed>]) -> bool {
        let group_of = |candidate: &Listed| candidate.group.unwrap_or("default");
        existing.iter().flatten().any(|e| {
            n.id.is_some()
                && e.id.is_some()
                && e.id == n.id
                && match if n.internal { "task" } else { n.scope.map_or("task", Scope::word) } {
                    "task" => true,
                    "group" => group_of(e) == group_of(n),
                    "labels" => e.labels.iter().any(|label| n.labels.contains(label)),
                    "programs" => e.programs.iter().any(|program| n.programs.contains(program)),
                    other => panic!("{other}"),
                }
        })
    }

    #[derive(Clone, Debug)]
    enum Step {
        Create(Listed),
        Delete(prop::sample::Index),
        Patch(prop::sample::Index, Option<&'static str>, Vec<&'static str>),
    }

    fn group() -> impl Strategy<Value = Option<&'static str>> {
        select(vec![None, Some("A"), Some("a"), Some("default")])
    }

    fn labels() -> impl Strategy<Value = Vec<&'static str>> {
        subsequence(vec!["a", "b", "c", "a"], 0..=3)
    }

    fn step() -> impl Strategy<Value = Step> {
        let scope = select(vec![None, Some(Scope::Task), Some(Scope::Group), Some(Scope::Labels), Some(Scope::Programs)]);
        let listed = (select(vec![None, Some("u1"), Some("U1"), Some("u1 ")]), scope, any::<bool>(), group(), labels(), labels()).prop_map(
            |(id, scope, internal, group, labels, programs)| Listed {
                internal: internal && id.is_some(),
                id,
                scope,
                group,
                labels,
                programs,
            },
        );
        prop_oneof![
            6 => listed.prop_map(Step::Create),
            1 => any::<prop::sample::Index>().prop_map(Step::Delete),
            1 => (any::<prop::sample::Index>(), group(), labels()).prop_map(|(index, group, labels)| Step::Patch(index, group, labels)),
        ]
    }

    fn owned(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    proptest! {
        #[test]
        fn claims_decide_as_the_printed_algorithm_does(steps in prop::collection::vec(step(), 1..30)) {
            let mut task = Task::default();
            let mut listed: Vec<Option<Listed>> = Vec::new();
            for step in steps {
                match step {
                    Step::Create(new) => {
                        let person: Person = match new.id {
                            Some(id) if new.internal => InternalCandidate { id: id.to_owned() }.into(),
                            id => TemporaryCandidate {
                                tracking: id.map(|id| Tracking { uniq_id: id.to_owned(), scope: new.scope }),
                                ..TemporaryCandidate::default()
                            }
                            .into(),
                        };
                        let call = CreateCandidate {
                            group: new.group.map(str::to_owned),
                            labels: owned(&new.labels),
                            program_ids: owned(&new.programs),
                            ..CreateCandidate::new("task-1", person)
                        };
                        let username = new.id.filter(|_| new.internal);
                        let expected = !is_refused(&new, &listed);
                        prop_assert_eq!(task.create(&call, username), expected, "{:?} beside {:?}", new, listed);
                        if expected {
                            listed.push(Some(new));
                        }
                    }
                    Step::Delete(index) if !listed.is_empty() => {
                        let index = index.index(listed.len());
                        listed[index] = None;
                        task.delete(index);
                    }
                    Step::Patch(index, group, labels) if !listed.is_empty() => {
                        let index = index.index(listed.len());
                        task.patch(index, group.map(str::to_owned), owned(&labels));
                        if let Some(patched) = &mut listed[index] {
                            (patched.group, patched.labels) = (group, labels);
                        }
                    }
                    Step::Delete(_) | Step::Patch(..) => {}
                }
            }
        }
    }
}
