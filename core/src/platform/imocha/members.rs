//! Members of an answer that may be missing: how each type is read from the wire, and written to it by the sandbox.

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use crate::{Time, wire};

/// A type that a member may have.
pub(super) trait Member: Serialize + Sized {
    /// What it looks like on the wire.
    #[cfg(feature = "engine")]
    const SHAPE: crate::engine::Shape;

    /// Reads a value; `None` when it is of another type.
    fn read(value: &Value) -> Option<Self>;

    /// Writes it under the names of the wire.
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.serialize(serializer)
    }
}

/// Takes a member. One that is not what the reference says stays among the others, and so comes under `extra`.
pub(super) fn take<T: Member>(members: &mut Map<String, Value>, name: &str) -> Option<T> {
    let value = wire::take(members, name)?;
    let read = T::read(&value);
    if read.is_none() && !value.is_null() {
        members.insert(name.to_owned(), value);
    }
    read
}

/// A value that serializes under the names of the wire.
pub(super) struct Wire<'a, T>(pub(super) &'a T);

impl<T: Member> Serialize for Wire<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.write(serializer)
    }
}

impl Member for String {
    #[cfg(feature = "engine")]
    const SHAPE: crate::engine::Shape = crate::engine::Shape::Text;

    /// A number counts as its decimal text.
    fn read(value: &Value) -> Option<Self> {
        match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }
}

impl Member for i64 {
    #[cfg(feature = "engine")]
    const SHAPE: crate::engine::Shape = crate::engine::Shape::Integer;

    fn read(value: &Value) -> Option<Self> {
        value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
    }
}

impl Member for bool {
    #[cfg(feature = "engine")]
    const SHAPE: crate::engine::Shape = crate::engine::Shape::Boolean;

    fn read(value: &Value) -> Option<Self> {
        value.as_bool()
    }
}

impl Member for f64 {
    #[cfg(feature = "engine")]
    const SHAPE: crate::engine::Shape = crate::engine::Shape::Number;

    fn read(value: &Value) -> Option<Self> {
        // A number as text is read as JSON is: the standard library's own reader would be 14 KiB of libbidden.
        value.as_f64().or_else(|| value.as_str()?.trim().parse::<serde_json::Number>().ok()?.as_f64())
    }
}

impl Member for Time {
    #[cfg(feature = "engine")]
    const SHAPE: crate::engine::Shape = crate::engine::Shape::Text;

    /// UTC, with or without `Z` (sections 11 and 15).
    fn read(value: &Value) -> Option<Self> {
        let text = value.as_str()?.trim();
        Time::read(text).or_else(|_| Time::read(&format!("{text}Z"))).ok()
    }

    /// UTC in whole seconds (section 3, documented).
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_rfc3339_seconds())
    }
}

impl<T: Member> Member for Vec<T> {
    #[cfg(feature = "engine")]
    const SHAPE: crate::engine::Shape = crate::engine::Shape::List(&T::SHAPE);

    fn read(value: &Value) -> Option<Self> {
        let entries = value.as_array()?;
        let mut all = Vec::with_capacity(entries.len());
        for entry in entries {
            all.push(T::read(entry)?);
        }
        Some(all)
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(Wire))
    }
}

/// An object whose members are all optional: each with its name, its type and its name on the wire. What is absent is not
/// written.
macro_rules! object {
    ($(#[$meta:meta])* $name:ident { $($(#[$member_meta:meta])* $member:ident: $type:ty = $wire:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Default, Serialize)]
        pub struct $name {
            $($(#[$member_meta])* pub $member: Option<$type>,)*
            /// Members that bidden does not know.
            #[serde(skip_serializing_if = "Map::is_empty")]
            pub extra: Map<String, Value>,
        }

        /// Shows nothing of what it holds.
        impl std::fmt::Debug for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }

        impl Member for $name {
            #[cfg(feature = "engine")]
            const SHAPE: crate::engine::Shape = crate::engine::Shape::Members(&[$(($wire, <$type as Member>::SHAPE)),*]);

            fn read(value: &Value) -> Option<Self> {
                // One after the other into what there is: a literal would be taken down in another way behind each member.
                let mut read = $name { extra: value.as_object()?.clone(), ..$name::default() };
                $(read.$member = take(&mut read.extra, $wire);)*
                Some(read)
            }

            fn write<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use serde::ser::SerializeMap;
                let mut map = serializer.serialize_map(None)?;
                $(
                    if let Some(member) = &self.$member {
                        map.serialize_entry($wire, &Wire(member))?;
                    }
                )*
                for (name, value) in &self.extra {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
        }
    };
}
pub(super) use object;
