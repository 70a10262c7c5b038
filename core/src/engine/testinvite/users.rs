//! Users of the organization: section 5.2.

use std::borrow::Cow;

use serde_json::Map;

use super::super::{Outcome, Turn, World};
use super::fixtures::User;
use super::tasks::created_at;
use super::{ORGANIZATION_ID, paged, text};
use crate::AnyReply;
use crate::testinvite::{FetchUser, FoundUsers, ListUsers, Mode, Refusal, SearchUsers, UserPage, UserType};

/// The users: those that are declared, else two.
pub(super) fn all(world: &World) -> Cow<'_, [User]> {
    let declared = &world.fixtures.testinvite.users;
    if !declared.is_empty() {
        return Cow::Borrowed(declared);
    }
    let user = |id: &str, username: &str, fullname: &str| User {
        user_id: id.to_owned(),
        username: username.to_owned(),
        created_at: None,
        fullname: text(fullname),
        email: Some(format!("{username}@example.com")),
        folder: None,
        tags: [("dept", "R&D")].into_iter().filter(|_| username == "ada").map(|(key, value)| (key.into(), value.into())).collect(),
        labels: Vec::new(),
        group: None,
        favorite: false,
        active: true,
        roles: Vec::new(),
    };
    Cow::Owned(vec![user("u-1001", "ada", "Ada Lovelace"), user("u-1002", "alan", "Alan Turing")])
}

pub(in super::super) fn list(call: &ListUsers, turn: &Turn<'_>) -> Outcome {
    let users = all(turn.world);
    let found = users.iter().filter(|user| contains(user, call.username.as_ref())).map(|user| told(user, call.mode, turn.world));
    let (users, pagination) = paged(found, call.mode, call.limit, call.page, &[("username", call.username.clone())]);
    Ok(AnyReply::from(UserPage { users, pagination: Some(pagination), extra: Map::new() }))
}

pub(in super::super) fn fetch(call: &FetchUser, turn: &Turn<'_>) -> Outcome {
    match all(turn.world).iter().find(|user| user.user_id == call.id) {
        Some(user) => Ok(told(user, call.mode, turn.world).into()),
        None => Err(Refusal::NotFound.to_response("there is no user with this id")),
    }
}

/// All filters must hold; of a list that names several values one is enough (our choice).
pub(in super::super) fn search(call: &SearchUsers, turn: &Turn<'_>) -> Outcome {
    let users = all(turn.world);
    let default_group = turn.world.dialect.testinvite.default_group.as_str();
    let found = users.iter().filter(|user| {
        let is_one_of = |wanted: &Option<Vec<String>>, own: &str| wanted.as_ref().is_none_or(|all| all.iter().any(|one| one == own));
        is_one_of(&call.folder, folder(user))
            && is_one_of(&call.group, user.group.as_deref().unwrap_or(default_group))
            && call.labels.as_ref().is_none_or(|wanted| wanted.iter().any(|label| user.labels.contains(label)))
            && call.favorite.is_none_or(|favorite| favorite == user.favorite)
            && call.user_type.is_none_or(|wanted| (wanted == UserType::Regular) == is_test_taker(user))
            && contains(user, call.username.as_ref())
            && call.active.is_none_or(|active| active == user.active)
    });
    let told = found.map(|user| told(user, call.mode, turn.world));
    let (users, pagination) = paged(told, call.mode, call.limit, call.page, &[]);
    Ok(AnyReply::from(FoundUsers(UserPage { users, pagination: Some(pagination), extra: Map::new() })))
}

/// Code `USER` is taken to be Test Taker, every other a teammate (section 5.2, our choice).
fn is_test_taker(user: &User) -> bool {
    user.roles.iter().all(|role| role == "USER")
}

fn contains(user: &User, wanted: Option<&String>) -> bool {
    wanted.is_none_or(|wanted| user.username.to_lowercase().contains(&wanted.to_lowercase()))
}

fn folder(user: &User) -> &str {
    user.folder.as_deref().unwrap_or("default")
}

fn told(user: &User, mode: Option<Mode>, world: &World) -> crate::testinvite::User {
    let basic = crate::testinvite::User {
        user_id: user.user_id.clone(),
        created_at: Some(user.created_at.unwrap_or_else(created_at)),
        username: Some(user.username.clone()),
        fullname: user.fullname.clone(),
        email: user.email.clone(),
        ..crate::testinvite::User::default()
    };
    if mode != Some(Mode::Detailed) {
        return basic;
    }
    crate::testinvite::User {
        organization_id: text(ORGANIZATION_ID),
        folder: text(folder(user)),
        tags: Some(user.tags.iter().map(|(key, value)| (key.clone(), value.as_str().into())).collect()),
        labels: Some(user.labels.clone()),
        group: user.group.clone().or_else(|| Some(world.dialect.testinvite.default_group.clone())),
        favorite: Some(user.favorite),
        active: Some(user.active),
        roles: Some(if user.roles.is_empty() { vec!["USER".to_owned()] } else { user.roles.clone() }),
        ..basic
    }
}
