//! goru
fn main() {}
