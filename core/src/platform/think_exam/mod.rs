//! Think Exam, API under `/api/v1`. Reference: `docs/platforms/think-exam.md`.

pub mod lifecycle;
