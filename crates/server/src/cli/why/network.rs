//! How `goru why` prints a diagnosis of the network: the answer first, then what it comes from.

use super::{list, text};
use serde_json::Value;
use std::fmt::{Result, Write};

/// More targets of a group than these are told in a line each.
const MAXIMUM_IN_FULL: usize = 5;

/// One screen.
pub fn text_of(why: &Value) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = write_all(&mut out, why);
    out
}

fn write_all(out: &mut String, why: &Value) -> Result {
    writeln!(out, "{}", text(&why["answer"]))?;
    for order in list(&why["change"]) {
        writeln!(out, "  to do: {}", text(order))?;
    }
    for warning in list(&why["warnings"]) {
        writeln!(out, "  warning: {}", text(warning))?;
    }
    writeln!(out)?;
    match text(&why["kind"]) {
        "instance" => instance(out, why)?,
        "load-balancer" => load_balancer(out, why)?,
        _ => targets(out, why)?,
    }
    for note in list(&why["notes"]).chain(list(&why["also"])) {
        writeln!(out, "\n{}", text(note))?;
    }
    Ok(())
}

fn instance(out: &mut String, why: &Value) -> Result {
    let name = match text(&why["name"]) {
        "" => String::new(),
        name => format!(" ({name})"),
    };
    let reason = why["state_reason"].as_str().map_or_else(String::new, |reason| format!(": {reason}"));
    let check = why["status_check"].as_str().map_or_else(String::new, |check| format!(", status check {check}"));
    writeln!(out, "{}{name}  {} since {}{reason}{check}", text(&why["id"]), text(&why["state"]), text(&why["since"]))?;
    let public = why["public_address"]
        .as_str()
        .map_or_else(|| "no public address".to_owned(), |address| format!("public address {address}"));
    writeln!(
        out,
        "  {} in {} ({}) of {}, {public}, {}",
        text(&why["private_address"]),
        text(&why["subnet"]),
        text(&why["zone"]),
        text(&why["vpc"]),
        joined(&why["security_groups"])
    )?;
    writeln!(out, "\nFrom load balancers")?;
    if list(&why["targets"]).next().is_none() {
        writeln!(out, "  it is a target of no target group")?;
    }
    for target in list(&why["targets"]) {
        target_in_full(out, target)?;
    }
    writeln!(out, "\nFrom outside")?;
    for reason in list(&why["from_outside"]["nobody"]) {
        writeln!(out, "  {}", text(reason))?;
    }
    for one in list(&why["from_outside"]["paths"]) {
        path(out, one)?;
    }
    if !why["way_out"].is_null() {
        writeln!(out, "\nThe way out")?;
        path(out, &why["way_out"])?;
    }
    Ok(())
}

fn targets(out: &mut String, why: &Value) -> Result {
    if list(&why["targets"]).count() > MAXIMUM_IN_FULL {
        return overview(out, why);
    }
    for target in list(&why["targets"]) {
        target_in_full(out, target)?;
    }
    Ok(())
}

/// Every target in a line, and the first way that is closed in full.
fn overview(out: &mut String, why: &Value) -> Result {
    for target in list(&why["targets"]) {
        let reached =
            if list(&target["paths"]).all(|path| path["reached"] == true) { "reached" } else { "NOT reached" };
        writeln!(out, "  {reached:<11}  {}", headline(target))?;
    }
    let mut blocked = list(&why["targets"]).flat_map(|target| list(&target["paths"]));
    if let Some(first) = blocked.find(|path| path["reached"] == false) {
        writeln!(out, "\nThe first that is not reached")?;
        path(out, first)?;
    }
    Ok(())
}

fn target_in_full(out: &mut String, target: &Value) -> Result {
    writeln!(out, "{}", headline(target))?;
    if list(&target["paths"]).next().is_none() {
        writeln!(out, "  no load balancer sends requests to this group")?;
    }
    for one in list(&target["paths"]) {
        path(out, one)?;
    }
    Ok(())
}

/// `i-…:80 in apps (ap-northeast-2a): unhealthy, Target.Timeout: Request timed out`.
fn headline(target: &Value) -> String {
    let zone = target["zone"].as_str().map_or_else(String::new, |zone| format!(" ({zone})"));
    let health = &target["health"];
    let reason = health["reason"].as_str().map_or_else(String::new, |reason| format!(", {reason}"));
    let description = health["description"].as_str().map_or_else(String::new, |text| format!(": {text}"));
    let state = health["state"].as_str().unwrap_or("health unknown");
    format!("{} in {}{zone}: {state}{reason}{description}", text(&target["target"]), text(&target["target_group"]))
}

fn load_balancer(out: &mut String, why: &Value) -> Result {
    let reason = why["state_reason"].as_str().map_or_else(String::new, |reason| format!(": {reason}"));
    writeln!(
        out,
        "{}  {}, {}{reason}  {}",
        text(&why["name"]),
        text(&why["scheme"]),
        text(&why["state"]),
        text(&why["dns_name"])
    )?;
    for one in list(&why["zones"]) {
        zone(out, one, why["filtered"] == true)?;
    }
    for listener in list(&why["listeners"]) {
        let admitted = match joined(&listener["admitted"]) {
            nobody if nobody.is_empty() => "nobody".to_owned(),
            some => some,
        };
        writeln!(
            out,
            "  listener {} {}, to which {} admit{} {admitted}",
            text(&listener["protocol"]),
            listener["port"],
            joined(&why["security_groups"]),
            if list(&why["security_groups"]).count() == 1 { "s" } else { "" }
        )?;
    }
    writeln!(out, "\nTargets")?;
    overview(out, why)
}

/// Where a load balancer is in a zone. `enforced`: in a network, with an interface that it listens at and asks targets from.
fn zone(out: &mut String, zone: &Value, enforced: bool) -> Result {
    let (address, private) = (zone["address"].as_str(), zone["private_address"].as_str());
    let private = private.filter(|_| enforced);
    let mut places: Vec<&str> = address.into_iter().chain(private).collect();
    places.dedup();
    let places = if places.is_empty() { "nothing yet".to_owned() } else { places.join(" and ") };
    let closed = match (zone["closed"].is_null(), enforced) {
        (true, _) => "",
        (false, true) => " only, closed to the outside",
        (false, false) => " (on AWS closed to the outside)",
    };
    let asks = private.map_or_else(String::new, |private| format!(", asks targets from {private}"));
    writeln!(out, "  {}  {}, listens at {places}{closed}{asks}", text(&zone["zone"]), text(&zone["subnet"]))
}

/// A way in four lines.
fn path(out: &mut String, path: &Value) -> Result {
    let source = path["source"].as_str().map_or_else(String::new, |source| format!(" ({source})"));
    let purpose = match text(&path["purpose"]) {
        "traffic" => "requests",
        "health-checks" => "health checks",
        "clients" => "clients",
        _ => "the outside",
    };
    let address = match (text(&path["address"]), text(&path["to"])) {
        (address, to) if address == to => String::new(),
        (address, _) => format!(" ({address})"),
    };
    writeln!(
        out,
        "  {}{source} -> {}{address} tcp/{}, {purpose}",
        text(&path["from"]),
        text(&path["to"]),
        path["port"]
    )?;
    let verdict = match text(&path["computed"]["verdict"]) {
        "blocked" => "no: ",
        "pass" => "yes: ",
        _ => "",
    };
    let enforced = if path["enforced"] == false { " (not enforced by this driver)" } else { "" };
    writeln!(out, "    rules  {verdict}{}{enforced}", text(&path["computed"]["why"]))?;
    writeln!(out, "    tried  {}", tried(&path["probed"]))?;
    let end = if path["reached"] == true { "reached" } else { "not reached" };
    match text(&path["conclusion"]) {
        same if same == text(&path["computed"]["why"]) => writeln!(out, "    so     {end}"),
        conclusion => writeln!(out, "    so     {end}: {conclusion}"),
    }
}

fn tried(probed: &Value) -> String {
    let why = probed["why"].as_str().map_or_else(String::new, |why| format!(": {why}"));
    let outcome = match probed["outcome"].as_str() {
        None => "no",
        Some("connected") => "it connects",
        Some("refused") => "refused: it arrives, and nobody listens on the port",
        Some("timed-out") => "no answer: dropped on the way",
        Some("no-network") => "not possible",
        Some(_) => "not delivered",
    };
    format!("{outcome}{why}")
}

fn joined(values: &Value) -> String {
    list(values).map(text).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn blocked() -> Value {
        json!({
            "purpose": "traffic", "from": "load balancer web", "source": "10.0.0.5", "to": "i-1", "address": "10.0.1.4", "port": 3000,
            "computed": {"verdict": "blocked", "why": "security group sg-2 of i-1 does not admit tcp/3000 from 10.0.0.5 (sg-1)"},
            "enforced": true, "probed": {"outcome": "timed-out"}, "reached": false,
            "conclusion": "security group sg-2 of i-1 does not admit tcp/3000 from 10.0.0.5 (sg-1)",
        })
    }

    fn target() -> Value {
        json!({
            "target": "i-1:3000", "target_group": "apps", "zone": "ap-northeast-2a",
            "health": {"state": "unhealthy", "reason": "Target.Timeout", "description": "Request timed out"}, "paths": [blocked()],
        })
    }

    #[test]
    fn the_answer_comes_first_and_then_what_the_rules_say_and_what_was_tried() {
        let why = json!({
            "kind": "target-group", "name": "apps", "answer": "not reached: because", "change": ["let sg-2 admit it"], "warnings": [],
            "targets": [target()], "notes": ["a note"], "also": ["something else is called apps too"],
        });
        assert_eq!(
            text_of(&why),
            "not reached: because\n  to do: let sg-2 admit it\n\n\
             i-1:3000 in apps (ap-northeast-2a): unhealthy, Target.Timeout: Request timed out\n  \
             load balancer web (10.0.0.5) -> i-1 (10.0.1.4) tcp/3000, requests\n    \
             rules  no: security group sg-2 of i-1 does not admit tcp/3000 from 10.0.0.5 (sg-1)\n    \
             tried  no answer: dropped on the way\n    \
             so     not reached\n\n\
             a note\n\nsomething else is called apps too\n"
        );
    }

    #[test]
    fn of_a_load_balancer_every_target_has_a_line_and_the_first_that_is_blocked_is_told_in_full() {
        let well = json!({"target": "i-2:3000", "target_group": "apps", "health": {"state": "healthy"}, "paths": [{"reached": true}]});
        let why = json!({
            "kind": "load-balancer", "name": "web", "scheme": "internal", "state": "active", "dns_name": "internal-web",
            "answer": "not reached", "warnings": ["a zone is closed"], "security_groups": ["sg-1"],
            "filtered": true,
            "zones": [
                {"zone": "a", "subnet": "subnet-1", "address": null, "private_address": "10.0.0.5", "closed": "it is"},
                {"zone": "b", "subnet": "subnet-2", "address": "127.0.0.1", "private_address": "10.0.1.5", "closed": null},
                {"zone": "c", "subnet": "subnet-3", "address": "10.0.2.5", "private_address": "10.0.2.5", "closed": null},
            ],
            "listeners": [{"protocol": "HTTP", "port": 80, "admitted": []}], "targets": [well, target(), target()],
        });
        let text = text_of(&why);
        for line in [
            "  warning: a zone is closed\n",
            "  a  subnet-1, listens at 10.0.0.5 only, closed to the outside, asks targets from 10.0.0.5\n",
            "  b  subnet-2, listens at 127.0.0.1 and 10.0.1.5, asks targets from 10.0.1.5\n",
            "  c  subnet-3, listens at 10.0.2.5, asks targets from 10.0.2.5\n",
            "  listener HTTP 80, to which sg-1 admits nobody\n",
            "  reached      i-2:3000 in apps: healthy\n",
            "  NOT reached  i-1:3000 in apps (ap-northeast-2a): unhealthy, Target.Timeout: Request timed out\n",
        ] {
            assert!(text.contains(line), "{line} in\n{text}");
        }
        assert_eq!(text.matches("rules  no").count(), 1, "{text}");
    }

    #[test]
    fn an_instance_says_where_it_is_and_who_reaches_it() {
        let why = json!({
            "kind": "instance", "id": "i-1", "name": "shop", "state": "running", "since": "t", "status_check": "passed",
            "private_address": "10.0.1.4", "subnet": "subnet-2", "zone": "a", "vpc": "vpc-1", "security_groups": ["sg-2"],
            "answer": "nobody", "targets": [], "from_outside": {"nobody": ["i-1 has no public address"], "paths": []},
            "way_out": {
                "purpose": "way-out", "from": "i-1", "to": "anybody outside", "address": "203.0.113.1", "port": 443,
                "computed": {"verdict": "pass", "why": "all lets it pass"}, "enforced": false, "reached": true, "conclusion": "fine",
            },
        });
        let text = text_of(&why);
        for line in [
            "i-1 (shop)  running since t, status check passed\n",
            "  10.0.1.4 in subnet-2 (a) of vpc-1, no public address, sg-2\n",
            "  it is a target of no target group\n",
            "  i-1 has no public address\n",
            "    rules  yes: all lets it pass (not enforced by this driver)\n    tried  no\n    so     reached: fine\n",
        ] {
            assert!(text.contains(line), "{line} in\n{text}");
        }
    }
}
