//! Which status each failure becomes.
