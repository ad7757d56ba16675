//! `goru status`: what runs, in one screen.

use super::Output;
use crate::{config::Flags, local::Local};
use comfy_table::{Table, presets::NOTHING};
use serde_json::Value;
use std::process::ExitCode;

/// Options of the command.
#[derive(clap::Args)]
pub struct Options {
    #[command(flatten)]
    flags: Flags,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    output: Output,
}

/// Prints the state of the running server; fails when none runs.
pub fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let status = Local::new(&options.flags)?.get("/_goru/status")?;
    match options.output {
        Output::Json => println!("{}", serde_json::to_string_pretty(&status)?),
        Output::Text => print(&status),
    }
    Ok(ExitCode::SUCCESS)
}

fn print(status: &Value) {
    println!(
        "server          {} (pid {}), account {}, region {}",
        text(&status["api"]),
        status["pid"],
        text(&status["account"]),
        text(&status["region"])
    );
    let node = &status["node"];
    match node["connected"].as_bool() {
        Some(true) => println!(
            "node            pid {}, version {}, snapshot {}",
            node["pid"],
            text(&node["version"]),
            node["applied"]
        ),
        Some(false) | None => println!("node            not connected"),
    }
    println!("driver          {}", text(&status["driver"]));
    for warning in list(&status["warnings"]) {
        println!("warning         {}", text(warning));
    }
    section(
        "Load balancers",
        &["name", "state", "dns name", "reached at", "target groups"],
        list(&status["load_balancers"]),
        |lb| {
            let groups: Vec<&str> = list(&lb["target_groups"]).iter().map(text).collect();
            let urls: Vec<&str> = list(&lb["urls"]).iter().map(text).collect();
            vec![
                text(&lb["name"]).into(),
                text(&lb["state"]).into(),
                text(&lb["dns_name"]).into(),
                urls.join("\n"),
                groups.join("\n"),
            ]
        },
    );
    section("Targets", &["target group", "target", "zone", "state", "why"], list(&status["targets"]), |target| {
        ["target_group", "target", "zone", "state", "description"]
            .iter()
            .map(|key| text(&target[key]).to_owned())
            .collect()
    });
    section(
        "Instances",
        &["id", "name", "state", "zone", "private", "reached at", "pid"],
        list(&status["instances"]),
        |instance| {
            let pid = instance["pid"].as_u64().map_or_else(String::new, |pid| pid.to_string());
            let mut row: Vec<String> = ["id", "name", "state", "zone", "private_address", "address"]
                .iter()
                .map(|key| text(&instance[key]).to_owned())
                .collect();
            row.push(pid);
            row
        },
    );
}

fn section(title: &str, header: &[&str], rows: &[Value], row: impl Fn(&Value) -> Vec<String>) {
    if rows.is_empty() {
        return;
    }
    let mut table = Table::new();
    table.load_style(NOTHING).set_header(header);
    table.add_rows(rows.iter().map(row));
    println!("\n{title}\n{table}");
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("")
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
