//! What a call looks like on the wire, as compact data: the sandbox's OpenAPI document is made from it.

/// What a call's own file says of its wire, beside its method and path.
#[derive(Clone, Copy, Debug)]
pub struct Described {
    /// Section and mark of the platform's reference, e.g. `section 7, documented`.
    pub basis: &'static str,
    /// The parameters of the query, as members in the notation of [`Shape::Written`].
    pub query: &'static str,
    /// The body of the request.
    pub body: Shape,
    /// The status of success, and the others that a switch may choose.
    pub statuses: &'static [u16],
    /// The body of the answer.
    pub answer: Shape,
}

/// The shape of a value in JSON.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// There is none: no body is sent.
    Nothing,
    /// A text.
    Text,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// True or false.
    Boolean,
    /// An object with members of any name.
    Record,
    /// A list of values of one shape.
    List(&'static Shape),
    /// A value, or `null` or `false` where there is none.
    OrNothing(&'static Shape),
    /// An object; each member has its name on the wire, and none has to be there.
    Members(&'static [(&'static str, Shape)]),
    /// An object of members that have to be there, beside those of another shape.
    With(&'static [(&'static str, Shape)], &'static Shape),
    /// A file of a media type instead of JSON.
    File(&'static str),
    /// Written by hand: `text`, `integer`, `number`, `boolean`, `null`, `record`, `any`, a literal `"yes"` or `0`, a list
    /// `[text]`, an object `{id: integer, name?: text|null}`, whose members may be absent where a `?` says so.
    Written(&'static str),
}
