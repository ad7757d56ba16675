//! `goru status`: what runs, in one screen.

use super::Output;
use crate::{config::Place, local::Local};
use comfy_table::{Table, presets::NOTHING};
use serde_json::Value;
use std::process::ExitCode;

/// What stands where a load balancer is reached, when nobody outside reaches it.
const UNREACHED: &str = "(not from outside, see the warnings)";

/// Options of the command.
#[derive(clap::Args)]
pub struct Options {
    #[command(flatten)]
    place: Place,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    output: Output,
}

/// Prints the state of the running server; fails when none runs.
pub fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let status = Local::new(&options.place)?.get("/_goru/status")?;
    match options.output {
        Output::Json => super::print(&format!("{status:#}\n"))?,
        Output::Text => super::print(&text_of(&status))?,
    }
    Ok(ExitCode::SUCCESS)
}

fn text_of(status: &Value) -> String {
    let mut out = format!(
        "server          {} (pid {}), account {}, region {}\n",
        text(&status["api"]),
        status["pid"],
        text(&status["account"]),
        text(&status["region"])
    );
    let node = &status["node"];
    match node["connected"].as_bool() {
        Some(true) => {
            out += &format!(
                "node            pid {}, version {}, snapshot {}\n",
                node["pid"],
                text(&node["version"]),
                node["applied"]
            )
        }
        Some(false) | None => out += "node            not connected\n",
    }
    out += &format!("driver          {}\n", text(&status["driver"]));
    if status["clock"]["virtual"] == true {
        out += &format!("virtual time    {}\n", text(&status["clock"]["now"]));
    }
    for warning in list(&status["warnings"]) {
        out += &format!("warning         {}\n", text(warning));
    }
    out += &section(
        "Load balancers",
        &["name", "state", "dns name", "reached at", "target groups", "why"],
        list(&status["load_balancers"]),
        |lb| {
            let groups: Vec<&str> = list(&lb["target_groups"]).iter().map(text).collect();
            let mut urls: Vec<&str> = list(&lb["urls"]).iter().map(text).collect();
            if lb["unreached"] == true {
                urls.push(UNREACHED);
            }
            vec![
                text(&lb["name"]).into(),
                text(&lb["state"]).into(),
                text(&lb["dns_name"]).into(),
                urls.join("\n"),
                groups.join("\n"),
                text(&lb["reason"]).into(),
            ]
        },
    );
    out +=
        &section("Targets", &["target group", "target", "zone", "state", "why"], list(&status["targets"]), |target| {
            ["target_group", "target", "zone", "state", "description"]
                .iter()
                .map(|key| text(&target[key]).to_owned())
                .collect()
        });
    out += &section(
        "Instances",
        &["id", "name", "state", "zone", "private", "reached at", "pid", "check"],
        list(&status["instances"]),
        |instance| {
            let pid = instance["pid"].as_u64().map_or_else(String::new, |pid| pid.to_string());
            let mut row: Vec<String> = ["id", "name", "state", "zone", "private_address", "address"]
                .iter()
                .map(|key| text(&instance[key]).to_owned())
                .collect();
            row.push(pid);
            row.push(if instance["reachable"] == false { "impaired" } else { "" }.to_owned());
            row
        },
    );
    out
}

/// A table with a title; nothing when it would be empty. A last column that has nothing to say is left out.
fn section(title: &str, header: &[&str], rows: &[Value], row: impl Fn(&Value) -> Vec<String>) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let rows: Vec<Vec<String>> = rows.iter().map(row).collect();
    let silent = rows.iter().all(|row| row.last().is_none_or(String::is_empty));
    let columns = header.len() - usize::from(silent);
    let mut table = Table::new();
    table.load_style(NOTHING).set_header(&header[..columns]);
    table.add_rows(rows.iter().map(|row| row.iter().take(columns)));
    format!("\n{title}\n{table}\n")
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("")
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
