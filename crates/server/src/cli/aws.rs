//! `goru aws ARGS…`: the installed `aws`, pointed at the running server.

use super::env;
use crate::{config::Place, local::Local};
use anyhow::Context;
use std::{ffi::OsString, os::unix::process::CommandExt, process::Command, process::ExitCode};

/// Options of the command. Whatever is not Goru's is for `aws`, `--region` and `--version` too.
#[derive(clap::Args)]
#[command(disable_version_flag = true)]
pub struct Options {
    #[command(flatten)]
    place: Place,
    /// Arguments of `aws`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGS")]
    arguments: Vec<OsString>,
}

/// Becomes `aws`. The endpoint is given as an argument too, because older versions do not read the variable.
pub fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let variables = env::variables(&Local::new(&options.place)?)?;
    let endpoint = variables.iter().find(|(name, _)| *name == "AWS_ENDPOINT_URL").map(|(_, value)| value.clone());
    let mut command = Command::new("aws");
    command.envs(variables).env_remove("AWS_SESSION_TOKEN").env_remove("AWS_PROFILE");
    if let Some(endpoint) = endpoint {
        command.arg("--endpoint-url").arg(endpoint);
    }
    let error = command.args(&options.arguments).exec();
    Err(error)
        .context("cannot run `aws`: install the AWS CLI (for example `pip install awscli`) so that it is on the PATH")
}
