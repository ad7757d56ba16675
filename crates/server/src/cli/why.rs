//! `goru why GROUP`: why an Auto Scaling group did and did not scale, in plain words. `goru why TRACE-ID`: what became of a
//! request, and what to change. `goru why` of an instance, a target or a load balancer: who reaches it, and what stands in the way.

mod network;

use super::Output;
use crate::{config::Place, local::Local};
use serde_json::Value;
use std::{fmt::Write, process::ExitCode};

/// Options of the command.
#[derive(clap::Args)]
pub struct Options {
    #[command(flatten)]
    place: Place,
    /// An instance (`i-…`); a load balancer or a target group, by name or ARN; a target of one, `TARGET-GROUP/TARGET-ID[:PORT]`;
    /// an Auto Scaling group by its name, which comes before others of that name; or a request: its X-Amzn-Trace-Id (or `1-…`
    /// of it), or `TID_…` of an access log
    #[arg(value_name = "INSTANCE|TARGET|LOAD-BALANCER|GROUP|TRACE-ID")]
    what: String,
    /// Take it for a request, whatever it looks like: clients may send trace ids of their own making
    #[arg(long)]
    request: bool,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    output: Output,
}

/// Prints what the running server says; fails when nothing there is called so, or it does not remember the request.
pub fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let what = super::percent_encoded(&options.what);
    let request = options.request || is_request(&options.what);
    let kind = if request { "request" } else { "what" };
    let why = Local::new(&options.place)?.get(&format!("/_goru/why?{kind}={what}"))?;
    match options.output {
        Output::Json => super::print(&format!("{why:#}\n"))?,
        Output::Text if request => super::print(&text_of_requests(&why))?,
        Output::Text if why["kind"].is_string() => super::print(&network::text_of(&why))?,
        Output::Text => super::print(&text_of(&why))?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Whether somebody means a request: the forms that ids have in headers and logs. A group could be called so, but is not.
fn is_request(what: &str) -> bool {
    let what = what.trim();
    let begins = |with: &str| what.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with));
    let mut parts = what.splitn(3, '-');
    let is_hex = |part: Option<&str>, length| {
        part.is_some_and(|part| part.len() == length && part.bytes().all(|byte| byte.is_ascii_hexdigit()))
    };
    let is_id = parts.next() == Some("1") && is_hex(parts.next(), 8) && parts.next().is_some();
    is_id || ["TID_", "Root=", "Self="].into_iter().any(begins)
}

/// Of several requests those that failed are told in full, others in one line each.
fn text_of_requests(why: &Value) -> String {
    let requests: Vec<&Value> = list(&why["requests"]).collect();
    let told: Vec<String> = requests.iter().map(|one| request_text(one, requests.len() == 1)).collect();
    told.join("\n")
}

fn request_text(request: &Value, in_full: bool) -> String {
    let mut out = format!("{}\n", text(&request["summary"]));
    if !in_full && request["failed"] != true {
        return out;
    }
    for (heading, sentences) in [("What happened", &request["happened"]), ("What to change", &request["change"])] {
        let sentences: String = list(sentences).map(|sentence| format!("  {}\n", text(sentence))).collect();
        if !sentences.is_empty() {
            out += &format!("\n{heading}\n{sentences}");
        }
    }
    out
}

fn text_of(why: &Value) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = write_all(&mut out, why);
    out
}

fn write_all(out: &mut String, why: &Value) -> std::fmt::Result {
    writeln!(
        out,
        "{}: {} to {}, desired {}, in {}",
        text(&why["group"]),
        why["minimum"],
        why["maximum"],
        why["desired"],
        text(&why["region"])
    )?;
    for member in list(&why["members"]) {
        let health = if member["healthy"] == true { "healthy" } else { "unhealthy" };
        let protected = if member["protected"] == true { ", protected" } else { "" };
        writeln!(
            out,
            "  {}  {}  {}, {health}{protected}",
            text(&member["id"]),
            text(&member["zone"]),
            text(&member["lifecycle"])
        )?;
    }
    for held in list(&why["held_by"]) {
        writeln!(out, "  held: {}", text(held))?;
    }
    if !why["refresh"].is_null() {
        let refresh = &why["refresh"];
        writeln!(
            out,
            "  refresh {}: {} {} %  {}",
            text(&refresh["id"]),
            text(&refresh["status"]),
            refresh["percentage"],
            text(&refresh["reason"])
        )?;
    }
    for activity in list(&why["activities"]) {
        writeln!(
            out,
            "  under way: {} ({}, since {})",
            text(&activity["description"]),
            text(&activity["status"]),
            text(&activity["since"])
        )?;
    }
    writeln!(out, "\nPolicies, and what each would do now")?;
    for policy in list(&why["policies"]) {
        let disabled = if policy["enabled"] == false { ", disabled" } else { "" };
        writeln!(out, "  {} ({}{disabled})", text(&policy["name"]), text(&policy["type"]))?;
        for alarm in list(&policy["alarms"]) {
            writeln!(
                out,
                "    alarm {} is {} since {}: {}",
                text(&alarm["name"]),
                text(&alarm["state"]),
                text(&alarm["since"]),
                text(&alarm["watches"])
            )?;
            let value = alarm["value"].as_f64().map_or("no value lately".to_owned(), |value| format!("now {value:.1}"));
            let asks = if alarm["state"] == "ALARM" { "asks now" } else { "asks for nothing; in ALARM it would now" };
            writeln!(out, "      {value}; {asks}: {}", text(&alarm["would"]))?;
        }
    }
    for action in list(&why["scheduled"]) {
        writeln!(out, "  scheduled action {} is next at {}", text(&action["name"]), text(&action["next"]))?;
    }
    writeln!(out, "\nWhat was decided, newest first")?;
    for decision in list(&why["decisions"]) {
        let times = match decision["times"].as_u64() {
            Some(times) if times > 1 => format!(" ({times} times, until {})", text(&decision["last_at"])),
            Some(_) | None => String::new(),
        };
        writeln!(
            out,
            "  {}  {:<10} {} -> {}  {}: {}{times}",
            text(&decision["at"]),
            text(&decision["outcome"]),
            decision["from"],
            decision["to"],
            text(&decision["origin"]),
            text(&decision["why"])
        )?;
    }
    for also in list(&why["also"]) {
        writeln!(out, "\n{}", text(also))?;
    }
    Ok(())
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("-")
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn requests_and_groups_are_told_apart_by_their_names() {
        for id in [
            "1-58337262-36d228ad5d99923122bbe354",
            "Root=1-58337262-36d228ad5d99923122bbe354",
            "self=anything;Root=1-2",
            "TID_0000000000000000000000000000002f",
            " tid_2f\n",
        ] {
            assert!(is_request(id), "{id}");
        }
        for name in ["web", "1-web", "1-58337262", "12-58337262-3", "TID", "", "웹서버", "rooted"] {
            assert!(!is_request(name), "{name}");
        }
    }

    #[test]
    fn of_several_requests_those_that_failed_are_told_in_full() {
        let good = json!({"summary": "GET a got a 200", "happened": ["It came."], "change": [], "failed": false});
        let bad = json!({"summary": "GET b got a 502", "happened": ["It came.", "It went."], "change": ["Mend it."], "failed": true});
        let alone = text_of_requests(&json!({"requests": [good]}));
        assert_eq!(alone, "GET a got a 200\n\nWhat happened\n  It came.\n");
        let both = text_of_requests(&json!({"requests": [good, bad]}));
        assert_eq!(
            both,
            "GET a got a 200\n\nGET b got a 502\n\nWhat happened\n  It came.\n  It went.\n\nWhat to change\n  Mend it.\n"
        );
    }

    #[test]
    fn everything_that_decided_is_named() {
        let why = json!({
            "group": "web", "region": "ap-northeast-2", "minimum": 1, "maximum": 3, "desired": 1,
            "members": [{"id": "i-1", "zone": "a", "lifecycle": "InService", "healthy": true, "protected": true}],
            "held_by": ["cooldown of policy high: 212 s left"],
            "policies": [{"name": "high", "type": "SimpleScaling", "enabled": true, "alarms": [
                {"name": "cpu", "state": "ALARM", "since": "t", "watches": "CPU > 70", "value": 74.2, "would": "would go 1 -> 3"}]}],
            "decisions": [{"at": "t", "last_at": "u", "times": 3, "origin": "high", "outcome": "cooldown", "from": 1, "to": 3, "why": "cooldown 212 s left"}],
        });
        let text = text_of(&why);
        for part in [
            "web: 1 to 3, desired 1",
            "i-1  a  InService, healthy, protected",
            "212 s left",
            "now 74.2; asks now: would go 1 -> 3",
            "cooldown   1 -> 3  high",
            "(3 times, until u)",
        ] {
            assert!(text.contains(part), "{part} in\n{text}");
        }
    }
}
