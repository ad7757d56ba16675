//! `goru events [-f]`: what happened, oldest first.

use super::Output;
use crate::{config::Place, local::Local};
use std::{io::Write, process::ExitCode};

const DEFAULT_LINES: usize = 100;

/// Options of the command.
#[derive(clap::Args)]
pub struct Options {
    #[command(flatten)]
    place: Place,
    /// Go on as things happen
    #[arg(short, long)]
    follow: bool,
    /// How many of the past to show
    #[arg(short = 'n', long, default_value_t = DEFAULT_LINES)]
    lines: usize,
    /// `text`, or `json`: one object a line
    #[arg(long, value_enum, default_value_t)]
    output: Output,
}

/// Prints events until there are no more (or for ever, when following).
pub fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let local = Local::new(&options.place)?;
    let mut page = local.get(&format!("/_goru/events?last={}", options.lines))?;
    loop {
        let mut out = std::io::stdout().lock();
        for event in page["events"].as_array().into_iter().flatten() {
            if print(&mut out, event, options.output).is_err() {
                return Ok(ExitCode::SUCCESS); // the reader of a pipe went away
            }
        }
        drop(out);
        if !options.follow {
            return Ok(ExitCode::SUCCESS);
        }
        page = local.get(&format!("/_goru/events?after={}", page["next"]))?;
    }
}

fn print(out: &mut impl Write, event: &serde_json::Value, output: Output) -> std::io::Result<()> {
    let text = |key: &str| event[key].as_str().unwrap_or("").to_owned();
    match output {
        Output::Json => writeln!(out, "{event}"),
        Output::Text => {
            writeln!(out, "{}  {:<26} {}  {}", text("time"), text("what"), text("subject"), text("message"))
        }
    }
}
