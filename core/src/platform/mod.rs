//! The three platforms. Each has the same files in the same roles; a quirk never leaves its folder.

pub mod imocha;
pub mod testinvite;
pub mod think_exam;

use std::fmt;

/// An online assessment platform.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Platform {
    /// iMocha Skills Assessment, API v3.
    Imocha,
    /// Think Exam, API under `/api/v1`.
    ThinkExam,
    /// TestInvite, REST integration API.
    TestInvite,
}

impl Platform {
    /// All three.
    pub const ALL: [Platform; 3] = [Platform::Imocha, Platform::ThinkExam, Platform::TestInvite];

    /// The name in every language: `imocha`, `think-exam`, `testinvite`.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Platform::Imocha => "imocha",
            Platform::ThinkExam => "think-exam",
            Platform::TestInvite => "testinvite",
        }
    }

    /// The name as the vendor writes it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Platform::Imocha => "iMocha",
            Platform::ThinkExam => "Think Exam",
            Platform::TestInvite => "TestInvite",
        }
    }

    /// The platform of a slug.
    #[must_use]
    pub fn from_slug(slug: &str) -> Option<Self> {
        Platform::ALL.into_iter().find(|platform| platform.slug() == slug)
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.slug())
    }
}
