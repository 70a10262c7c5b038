//! The shapes of answers, each written once: its Rust and neutral names beside the wire's, from which come its reading and, for
//! the sandbox, its writing.

#[cfg(feature = "engine")]
use serde::Serializer;
use serde_json::{Map, Number, Value};

use crate::Time;
#[cfg(feature = "engine")]
use crate::engine::Shape;
use crate::wire::take;

/// What may stand as a member of an answer. Read tolerantly: another type than the documented one is as good as absent.
pub(crate) trait Member: Sized {
    /// What it looks like on the wire.
    #[cfg(feature = "engine")]
    const SHAPE: Shape;

    fn read(value: Value) -> Option<Self>;

    #[cfg(feature = "engine")]
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;
}

/// Takes a member of an object.
pub(crate) fn member<T: Member>(body: &mut Map<String, Value>, name: &str) -> Option<T> {
    T::read(take(body, name)?)
}

/// A member as the wire has it.
#[cfg(feature = "engine")]
pub(crate) struct Wired<'a, T>(pub(crate) &'a T);

#[cfg(feature = "engine")]
impl<T: Member> serde::Serialize for Wired<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.write(serializer)
    }
}

/// Members that the wire has as they are.
macro_rules! plain_members {
    ($($name:ty, $shape:ident: $value:ident => $read:expr;)*) => {
        $(impl Member for $name {
            #[cfg(feature = "engine")]
            const SHAPE: Shape = Shape::$shape;

            fn read($value: Value) -> Option<Self> {
                $read
            }

            #[cfg(feature = "engine")]
            fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serde::Serialize::serialize(self, serializer)
            }
        })*
    };
}

plain_members! {
    bool, Boolean: value => value.as_bool();
    i64, Integer: value => value.as_i64();
    Number, Number: value => if let Value::Number(number) = value { Some(number) } else { None };
    Map<String, Value>, Record: value => if let Value::Object(record) = value { Some(record) } else { None };
    String, Text: value => match value {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
}

/// Seconds since 1970, with a fraction where there is one.
impl Member for Time {
    #[cfg(feature = "engine")]
    const SHAPE: Shape = Shape::Number;

    fn read(value: Value) -> Option<Self> {
        match value.as_i64() {
            Some(seconds) => Some(Time::from_seconds(seconds)),
            None => value.as_f64().map(|seconds| Time::from_milliseconds((seconds * 1000.0).round() as i64)),
        }
    }

    #[cfg(feature = "engine")]
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serde::Serialize::serialize(&super::candidate::Seconds(*self), serializer)
    }
}

impl<T: Member> Member for Vec<T> {
    #[cfg(feature = "engine")]
    const SHAPE: Shape = Shape::List(&T::SHAPE);

    fn read(value: Value) -> Option<Self> {
        let mut all = Vec::new();
        let mut keep = |entry| match T::read(entry) {
            Some(entry) => {
                all.push(entry);
                true
            }
            None => false,
        };
        crate::wire::each(value, &mut keep).then_some(all)
    }

    #[cfg(feature = "engine")]
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(Wired))
    }
}

/// Shapes: `field: type = "wireName"`, and `or value` for what stands on the wire in place of nothing; without it the member is
/// left out. A shape with an id in front, `Name(id = "wireName")`, has to have it, and keeps members that bidden does not know.
/// No `Debug` shows what a shape holds: it may name a person.
macro_rules! shapes {
    () => {};
    ($(#[$about:meta])* $name:ident { $($(#[$what:meta])* $field:ident: $kind:ty = $wire:literal $(or $nothing:expr)?;)* } $($rest:tt)*) => {
        $(#[$about])*
        #[derive(Clone, PartialEq, Default, serde::Serialize)]
        pub struct $name {
            $($(#[$what])* pub $field: Option<$kind>,)*
        }

        impl $crate::platform::testinvite::shape::Member for $name {
            #[cfg(feature = "engine")]
            const SHAPE: $crate::engine::Shape = $crate::engine::Shape::Members(&[
                $(($wire, shapes!(@shape $kind $(, $nothing)?))),*
            ]);

            fn read(value: serde_json::Value) -> Option<Self> {
                let serde_json::Value::Object(mut body) = value else { return None };
                // One after the other into what there is: a literal would be taken down in another way behind each member.
                let mut read = $name::default();
                $(read.$field = $crate::platform::testinvite::shape::member(&mut body, $wire);)*
                Some(read)
            }

            #[cfg(feature = "engine")]
            fn write<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use serde::ser::SerializeMap;
                let mut members = serializer.serialize_map(None)?;
                $(shapes!(@write self members $field $wire $($nothing)?);)*
                members.end()
            }
        }

        quiet_debug!($name);

        shapes! { $($rest)* }
    };
    ($(#[$about:meta])* $name:ident($(#[$what_id:meta])* $id:ident = $wire_id:literal) {
        $($(#[$what:meta])* $field:ident: $kind:ty = $wire:literal $(or $nothing:expr)?;)*
    } $($rest:tt)*) => {
        $(#[$about])*
        #[derive(Clone, PartialEq, Default, serde::Serialize)]
        pub struct $name {
            $(#[$what_id])*
            pub $id: String,
            $($(#[$what])* pub $field: Option<$kind>,)*
            /// Members that bidden does not know.
            pub extra: serde_json::Map<String, serde_json::Value>,
        }

        impl $crate::platform::testinvite::shape::Member for $name {
            #[cfg(feature = "engine")]
            const SHAPE: $crate::engine::Shape = $crate::engine::Shape::Members(&[
                ($wire_id, $crate::engine::Shape::Text),
                $(($wire, shapes!(@shape $kind $(, $nothing)?))),*
            ]);

            fn read(value: serde_json::Value) -> Option<Self> {
                let serde_json::Value::Object(mut body) = value else { return None };
                let mut read = $name { $id: $crate::platform::testinvite::shape::member(&mut body, $wire_id)?, ..$name::default() };
                $(read.$field = $crate::platform::testinvite::shape::member(&mut body, $wire);)*
                read.extra = body;
                Some(read)
            }

            #[cfg(feature = "engine")]
            fn write<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use serde::ser::SerializeMap;
                let mut members = serializer.serialize_map(None)?;
                members.serialize_entry($wire_id, &self.$id)?;
                $(shapes!(@write self members $field $wire $($nothing)?);)*
                for (name, value) in &self.extra {
                    members.serialize_entry(name, value)?;
                }
                members.end()
            }
        }

        quiet_debug!($name);

        shapes! { $($rest)* }
    };
    (@shape $kind:ty) => { <$kind as $crate::platform::testinvite::shape::Member>::SHAPE };
    (@shape $kind:ty, $nothing:expr) => {
        $crate::engine::Shape::OrNothing(&<$kind as $crate::platform::testinvite::shape::Member>::SHAPE)
    };
    (@write $self:ident $members:ident $field:ident $wire:literal) => {
        if let Some(value) = &$self.$field {
            $members.serialize_entry($wire, &$crate::platform::testinvite::shape::Wired(value))?;
        }
    };
    (@write $self:ident $members:ident $field:ident $wire:literal $nothing:expr) => {
        match &$self.$field {
            Some(value) => $members.serialize_entry($wire, &$crate::platform::testinvite::shape::Wired(value))?,
            None => $members.serialize_entry($wire, &$nothing)?,
        }
    };
}

/// Pages of a list: the entries under their name, where the page stands, and what bidden does not know.
macro_rules! pages {
    ($($(#[$about:meta])* $name:ident { $(#[$what:meta])* $entries:ident: $kind:ty = $wire:literal, $pagination:ty })*) => {
        $(
            $(#[$about])*
            #[derive(Clone, PartialEq, Default, serde::Serialize)]
            pub struct $name {
                $(#[$what])*
                pub $entries: Vec<$kind>,
                /// Where this page stands among the others, when the platform tells it.
                pub pagination: Option<$pagination>,
                /// Members that bidden does not know.
                pub extra: serde_json::Map<String, serde_json::Value>,
            }

            impl $name {
                #[cfg(feature = "engine")]
                const SHAPE: $crate::engine::Shape = $crate::engine::Shape::Members(&[
                    ($wire, $crate::engine::Shape::List(&<$kind as $crate::platform::testinvite::shape::Member>::SHAPE)),
                    ("pagination", <$pagination as $crate::platform::testinvite::shape::Member>::SHAPE),
                ]);

                fn read(response: &$crate::http::Response) -> Result<Self, $crate::Error> {
                    use $crate::platform::testinvite::{reply, shape};
                    let mut body = reply::success(response)?;
                    let Some($entries) = shape::member(&mut body, $wire) else { return Err(reply::lacks(response, $wire)) };
                    Ok($name { $entries, pagination: shape::member(&mut body, "pagination"), extra: body })
                }

                #[cfg(feature = "engine")]
                fn write(&self) -> $crate::http::Response {
                    use $crate::platform::testinvite::shape::Wired;
                    struct Body<'a>(&'a $name);
                    impl serde::Serialize for Body<'_> {
                        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                            use serde::ser::SerializeMap;
                            let mut members = serializer.serialize_map(None)?;
                            members.serialize_entry($wire, &Wired(&self.0.$entries))?;
                            if let Some(pagination) = &self.0.pagination {
                                members.serialize_entry("pagination", &Wired(pagination))?;
                            }
                            for (name, value) in &self.0.extra {
                                members.serialize_entry(name, value)?;
                            }
                            members.end()
                        }
                    }
                    $crate::http::json_response(200, &Body(self))
                }
            }

            quiet_debug!($name);
        )*
    };
}

/// Reads a bare object that has to have `id`.
pub(super) fn bare<T: Member>(response: &crate::http::Response, id: &str) -> Result<T, crate::Error> {
    let body = super::reply::success(response)?;
    T::read(Value::Object(body)).ok_or_else(|| super::reply::lacks(response, id))
}
