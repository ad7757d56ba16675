//! `goru demo`: a site that grows under load, heals, and shrinks, on an embedded default.
//!
//! A load balancer over two zones, a group of one, alarms at 70 and 30 % CPU that mail and scale; load comes, the group
//! grows to three, one instance is killed and replaced, load ends, the group shrinks to one. It is a client like any
//! other: it starts `goru up` as a child on a fresh data directory, speaks AWS's query protocol to it, and prints the
//! `aws` commands that make the same.

mod api;
mod group;
mod load;
mod picture;
mod server;
mod stack;
mod story;

use load::{Load, Tally};
use stack::Stack;
use std::{
    io::{IsTerminal, Write},
    process::ExitCode,
};
use story::{Screen, Story};
use tokio::signal::unix::{SignalKind, signal};

/// Options of the command.
#[derive(clap::Args)]
pub struct Options {
    /// End by itself; exit code 0 only if everything happened as told and no request failed
    #[arg(long)]
    once: bool,
}

/// Prints a line. That nobody reads it any more (`goru demo | head`) is no reason to leave everything behind.
fn tell(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// Runs the demonstration.
pub fn run(options: Options) -> anyhow::Result<ExitCode> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?.block_on(async {
        // Taken before anything is started: a signal that comes early waits until there is something to stop.
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let mut server = server::Server::start().await?;
        let shown = tokio::select! {
            shown = show(&server, &options) => shown,
            _ = interrupt.recv() => Ok(None),
            _ = terminate.recv() => Ok(None),
        };
        let stopped = server.stop().await;
        let tally = match shown {
            Ok(tally) => tally,
            Err(error) => {
                eprintln!("{}", server.log_tail());
                return Err(error);
            }
        };
        stopped?;
        Ok(match tally {
            None => ExitCode::SUCCESS,
            Some(tally) if tally.failed == 0 && tally.sent > 0 => ExitCode::SUCCESS,
            Some(_) => ExitCode::FAILURE,
        })
    })
}

/// Gives what came of the requests; nothing when the viewer ended it before the end of the story.
async fn show(server: &server::Server, options: &Options) -> anyhow::Result<Option<Tally>> {
    tell(&format!("Goru runs at {} (data in {}).\n", server.api, server.data_dir().display()));
    let stack = Stack::build(server, &|step| tell(&format!("… {step}"))).await?;
    tell(&format!("\nThe load balancer answers at {}\n", stack.url()));
    let data_dir = server.data_dir().display();
    tell(&format!("These commands made it (`eval \"$(goru env --data-dir {data_dir})\"` first, to try more):\n"));
    for command in &stack.commands {
        tell(&format!("  {command}"));
    }
    tell("");
    let load = Load::start(stack.front, &stack.dns_name);
    let terminal = std::io::stdout().is_terminal() && std::io::stdin().is_terminal() && !options.once;
    let screen = if terminal { Screen::picture(stack.url())? } else { Screen::Lines };
    let mut story = Story::new(server, &stack, &load, screen);
    let told = story.tell(options.once).await;
    let said = story.close();
    let tally = load.stop().await;
    for line in &said {
        tell(line);
    }
    if told? {
        tell(&format!("\n{} requests, {} failed", tally.sent, tally.failed));
        for failure in &tally.failures {
            tell(&format!("  {failure}"));
        }
        return Ok(Some(tally));
    }
    Ok(None)
}
