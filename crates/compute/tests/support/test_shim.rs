//! Stands in for the product's binary in the tests of this crate: `shim DIRECTORY`, `init [FILE]` and `site`.

use std::{
    env,
    process::{ExitCode, exit},
};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["shim", directory] => compute::shim::run(compute::shim::ShimOptions { directory: directory.into() }),
        ["init"] => compute::init::run(),
        ["init", file] => compute::init::run_cloud_config(file.as_ref()),
        ["site"] => {
            let variable = |name| env::var(name).unwrap_or_else(|_| exit(2));
            let (Ok(host), Ok(port)) = (variable("HOST").parse(), variable("PORT").parse()) else { exit(2) };
            match compute::site::run(host, port) {
                Ok(()) => ExitCode::SUCCESS,
                Err(error) => {
                    eprintln!("{error}");
                    ExitCode::FAILURE
                }
            }
        }
        _ => ExitCode::from(2),
    }
}
