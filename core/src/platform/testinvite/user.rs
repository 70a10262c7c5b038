//! List, fetch and search users of the organization. Reference: section 5.2.

use serde::Serialize;
use serde_json::{Map, Value};

#[cfg(feature = "engine")]
use super::body::Members;
use super::paging::{Asked, Pagination, filter_faults};
use super::{Mode, id_fault, shape};
use crate::call::{Call, Repeat};
#[cfg(feature = "engine")]
use crate::engine::Dialect;
use crate::fields::{Fields, refuse_known};
#[cfg(feature = "engine")]
use crate::http::query_value;
use crate::http::{BaseUrl, Request, Response, bare_request, json_request, path};
use crate::{Error, FieldError, Platform, Time, wire};

words! {
    /// What a user is (section 5.2, published).
    UserType {
        /// Every role but test taker.
        Teammate = "teammate",
        /// A test taker.
        Regular = "regular",
    }
}

shapes! {
    /// A user of the organization (section 5.2, published). What the platform does not tell is `None`; everything from
    /// `organization_id` on is told in mode detailed only.
    User(
        /// The platform's id; what `id` of an internal candidate names.
        user_id = "userId"
    ) {
        /// When it was made.
        created_at: Time = "createdAt";
        /// The name with which the user logs in.
        username: String = "username";
        /// The full name.
        fullname: String = "fullname";
        /// The address.
        email: String = "email";
        /// The organization.
        organization_id: String = "organizationId";
        /// The folder that it lies in.
        folder: String = "folder";
        /// The tags.
        tags: Map<String, Value> = "tags";
        /// The labels.
        labels: Vec<String> = "labels";
        /// The group.
        group: String = "group";
        /// Whether it is marked as a favorite.
        favorite: bool = "favorite";
        /// Whether the user may log in.
        active: bool = "active";
        /// The roles, e.g. `MANAGER` or `USER`.
        roles: Vec<String> = "roles";
    }
}

pages! {
    /// The answer to [`ListUsers`].
    UserPage {
        /// The users of this page.
        users: User = "users", Pagination
    }
}

/// The answer to [`SearchUsers`]: a page as [`ListUsers`] gives it.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct FoundUsers(pub UserPage);

/// `GET /api/integration/rest/v1/users` (section 5.2, published).
#[derive(Clone, PartialEq, Eq, Default, Serialize)]
pub struct ListUsers {
    /// How much is told of each user; absent means basic.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<Mode>,
    /// How many users a page has, 1 to 100; absent means 10.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// Which page, counted from 1; absent means the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<i64>,
    /// Only users whose name contains this, in any letter case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
}

quiet_debug!(ListUsers);

impl ListUsers {
    fn asked(&self) -> Asked {
        Asked { mode: self.mode, limit: self.limit, page: self.page }
    }
}

impl Call for ListUsers {
    type Reply = UserPage;
    const NAME: &'static str = "testinvite.list_users";
    const PLATFORM: Platform = Platform::TestInvite;
    const METHOD: &'static str = "GET";
    const PATH: &'static str = "/api/integration/rest/v1/users";

    #[cfg(feature = "engine")]
    const DESCRIBED: crate::engine::Described = crate::engine::Described {
        basis: "section 5.2, published",
        query: r#"mode?: "basic"|"detailed", limit?: integer, page?: integer, username?: text"#,
        body: crate::engine::Shape::Nothing,
        statuses: &[200],
        answer: UserPage::SHAPE,
    };

    fn read(fields: &mut Fields) -> Self {
        let Asked { mode, limit, page } = Asked::read(fields);
        ListUsers { mode, limit, page, username: fields.text("username") }
    }

    fn faults(&self) -> Vec<FieldError> {
        self.asked().faults().into_iter().chain(filter_faults(&[("username", &self.username)])).collect()
    }

    fn repeat(&self) -> Repeat {
        Repeat::Freely
    }

    fn to_request(&self, base: &BaseUrl) -> Result<Request, Error> {
        crate::call::refuse(self.faults())?;
        bare_request(base, http::Method::GET, &self.asked().path(Self::PATH, &[("username", &self.username)]))
    }

    fn read_reply(&self, response: &Response) -> Result<UserPage, Error> {
        UserPage::read(response)
    }

    #[cfg(feature = "engine")]
    fn from_request(request: &Request, dialect: &Dialect) -> Result<Self, Response> {
        let Asked { mode, limit, page } = super::paging::served::asked(request, dialect)?;
        Ok(ListUsers { mode, limit, page, username: query_value(request, "username") })
    }

    #[cfg(feature = "engine")]
    fn write_reply(reply: &UserPage, _dialect: &Dialect) -> Response {
        reply.write()
    }
}

/// `GET /api/integration/rest/v1/users/{id}` (section 5.2, published; path by choice C18).
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct FetchUser {
    /// The user.
    pub id: String,
    /// How much is told; absent means basic.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<Mode>,
}

impl Call for FetchUser {
    type Reply = User;
    const NAME: &'static str = "testinvite.fetch_user";
    const PLATFORM: Platform = Platform::TestInvite;
    const METHOD: &'static str = "GET";
    const PATH: &'static str = "/api/integration/rest/v1/users/{id}";

    #[cfg(feature = "engine")]
    const DESCRIBED: crate::engine::Described = crate::engine::Described {
        basis: "section 5.2, published",
        query: r#"mode?: "basic"|"detailed""#,
        body: crate::engine::Shape::Nothing,
        statuses: &[200],
        answer: <User as shape::Member>::SHAPE,
    };

    fn read(fields: &mut Fields) -> Self {
        FetchUser { id: fields.id_text("id").unwrap_or_default(), mode: fields.word("mode", Mode::WORDS) }
    }

    fn faults(&self) -> Vec<FieldError> {
        id_fault(&self.id).map(|reason| FieldError::new("id", reason)).into_iter().collect()
    }

    fn repeat(&self) -> Repeat {
        Repeat::Freely
    }

    fn to_request(&self, base: &BaseUrl) -> Result<Request, Error> {
        crate::call::refuse(self.faults())?;
        let path = path(Self::PATH, &[&self.id]);
        bare_request(base, http::Method::GET, &super::with_mode(&path, self.mode))
    }

    fn read_reply(&self, response: &Response) -> Result<User, Error> {
        shape::bare(response, "userId")
    }

    #[cfg(feature = "engine")]
    fn from_request(request: &Request, _dialect: &Dialect) -> Result<Self, Response> {
        let [id] = super::reply::path_ids::<1>(Self::PATH, request)?;
        Ok(FetchUser { id, mode: super::reply::query_mode(request)? })
    }

    #[cfg(feature = "engine")]
    fn write_reply(reply: &User, _dialect: &Dialect) -> Response {
        crate::http::json_response(200, &shape::Wired(reply))
    }
}

/// `POST /api/integration/rest/users/filter` (section 5.2, published; printed without `/v1`, choice C17). All filters must hold.
#[derive(Clone, PartialEq, Default, Serialize)]
pub struct SearchUsers {
    /// How much is told of each user; absent means basic.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<Mode>,
    /// How many users a page has, 1 to 100; absent means 10.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// Which page, counted from 1; absent means the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<i64>,
    /// Only users in one of these folders.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub folder: Option<Vec<String>>,
    /// Only users of one of these groups.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<Vec<String>>,
    /// Only users with one of these labels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels: Option<Vec<String>>,
    /// Only users who are, or are not, marked as a favorite.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub favorite: Option<bool>,
    /// Only test takers, or only the others.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub user_type: Option<UserType>,
    /// Only users whose name contains this, in any letter case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// Only users who may, or may not, log in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// Fields that bidden does not know, sent as they are.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub extra: Map<String, Value>,
}

quiet_debug!(SearchUsers);

impl SearchUsers {
    /// The path with a version in it, which some server may expect (choice C17).
    #[cfg(feature = "engine")]
    const VERSIONED_PATH: &'static str = "/api/integration/rest/v1/users/filter";

    fn asked(&self) -> Asked {
        Asked { mode: self.mode, limit: self.limit, page: self.page }
    }
}

impl Call for SearchUsers {
    type Reply = FoundUsers;
    const NAME: &'static str = "testinvite.search_users";
    const PLATFORM: Platform = Platform::TestInvite;
    const METHOD: &'static str = "POST";
    const PATH: &'static str = "/api/integration/rest/users/filter";

    #[cfg(feature = "engine")]
    const DESCRIBED: crate::engine::Described = crate::engine::Described {
        basis: "section 5.2, published",
        query: r#"mode?: "basic"|"detailed", limit?: integer, page?: integer"#,
        body: crate::engine::Shape::Written(
            "{folder?: [text], group?: [text], labels?: [text], favorite?: boolean, type?: text,
            username?: text, active?: boolean}",
        ),
        statuses: &[200],
        answer: UserPage::SHAPE,
    };

    fn read(fields: &mut Fields) -> Self {
        let Asked { mode, limit, page } = Asked::read(fields);
        SearchUsers {
            mode,
            limit,
            page,
            folder: fields.texts("folder"),
            group: fields.texts("group"),
            labels: fields.texts("labels"),
            favorite: fields.boolean("favorite"),
            user_type: fields.word("type", UserType::WORDS),
            username: fields.text("username"),
            active: fields.boolean("active"),
            extra: fields.object("extra").unwrap_or_default(),
        }
    }

    fn faults(&self) -> Vec<FieldError> {
        const KNOWN: [&str; 7] = ["folder", "group", "labels", "favorite", "type", "username", "active"];
        let filters = filter_faults(&[("username", &self.username)]);
        self.asked().faults().into_iter().chain(filters).chain(refuse_known(&self.extra, &KNOWN)).collect()
    }

    fn repeat(&self) -> Repeat {
        Repeat::Freely
    }

    fn is_change(&self) -> bool {
        false
    }

    fn to_request(&self, base: &BaseUrl) -> Result<Request, Error> {
        crate::call::refuse(self.faults())?;
        #[derive(Serialize)]
        struct Body<'a> {
            #[serde(skip_serializing_if = "Option::is_none")]
            folder: Option<&'a [String]>,
            #[serde(skip_serializing_if = "Option::is_none")]
            group: Option<&'a [String]>,
            #[serde(skip_serializing_if = "Option::is_none")]
            labels: Option<&'a [String]>,
            #[serde(skip_serializing_if = "Option::is_none")]
            favorite: Option<bool>,
            #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
            user_type: Option<UserType>,
            #[serde(skip_serializing_if = "Option::is_none")]
            username: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            active: Option<bool>,
        }
        let body = Body {
            folder: self.folder.as_deref(),
            group: self.group.as_deref(),
            labels: self.labels.as_deref(),
            favorite: self.favorite,
            user_type: self.user_type,
            username: self.username.as_deref(),
            active: self.active,
        };
        let path = self.asked().path(Self::PATH, &[]);
        json_request(base, http::Method::POST, &path, wire::body(&body, &self.extra))
    }

    fn read_reply(&self, response: &Response) -> Result<FoundUsers, Error> {
        UserPage::read(response).map(FoundUsers)
    }

    #[cfg(feature = "engine")]
    fn is_at(path: &str, dialect: &Dialect) -> bool {
        path == Self::VERSIONED_PATH || path == Self::PATH && dialect.testinvite.unversioned_paths == "printed"
    }

    #[cfg(feature = "engine")]
    fn from_request(request: &Request, dialect: &Dialect) -> Result<Self, Response> {
        let Asked { mode, limit, page } = super::paging::served::asked(request, dialect)?;
        let mut body = Members::of_request(request, dialect)?;
        let list = |body: &mut Members, name: &str| body.members.contains_key(name).then(|| body.texts(name));
        let call = SearchUsers {
            mode,
            limit,
            page,
            folder: list(&mut body, "folder"),
            group: list(&mut body, "group"),
            labels: list(&mut body, "labels"),
            favorite: body.boolean("favorite"),
            user_type: body.word("type", UserType::WORDS),
            username: body.text("username"),
            active: body.boolean("active"),
            extra: body.rest(),
        };
        body.finish(call)
    }

    #[cfg(feature = "engine")]
    fn write_reply(reply: &FoundUsers, _dialect: &Dialect) -> Response {
        reply.0.write()
    }
}
