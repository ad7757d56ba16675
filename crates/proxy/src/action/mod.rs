//! What becomes of a request (rule actions).
