//! The bench as a control plane: gives a load balancer node its snapshot over the control socket.
//!
//! Frames are those of `model::node`: a 4-byte big-endian length and a JSON document. They are handled as JSON here, so
//! that xtask needs none of the product's crates; a test holds them against the real types.

use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use super::process::Pinned;

/// How long the node may take to listen on its socket.
const START: Duration = Duration::from_secs(30);
/// How long it may take until every front is open and every target healthy.
const APPLY: Duration = Duration::from_secs(30);
/// The longest frame that is read.
const MAXIMUM_FRAME: usize = 64 << 20;

/// The bench's connection to a node.
pub struct Control {
    stream: UnixStream,
    refusals: Receiver<String>,
}

impl Control {
    /// Waits for the node's socket, applies `snapshot`, and returns when it is in force with all fronts open and all targets
    /// healthy. From then on a thread reads what the node tells, as a control plane would, until the node ends.
    ///
    /// # Errors
    /// When the node ends or refuses, or a deadline passes; the error says what was still missing.
    pub fn feed(node: &mut Pinned, socket: &Path, snapshot: &Value) -> Result<Self> {
        let mut connected = None;
        node.wait_until("its control socket", START, || {
            connected = UnixStream::connect(socket).ok();
            connected.is_some()
        })?;
        let mut stream = connected.context("no control socket")?;
        stream.write_all(&Self::order(snapshot)?)?;
        await_service(&mut stream, snapshot)?;
        stream.set_read_timeout(None)?;
        let (sender, refusals) = channel();
        let mut frames = stream.try_clone()?;
        // It ends with the node, which closes the socket.
        std::thread::spawn(move || listen(&mut frames, &sender));
        Ok(Self { stream, refusals })
    }

    /// The frame that tells a node to run a snapshot.
    pub fn order(snapshot: &Value) -> Result<Vec<u8>> {
        let body = serde_json::to_vec(&json!({ "apply": snapshot }))?;
        Ok([&u32::try_from(body.len())?.to_be_bytes()[..], &body].concat())
    }

    /// Sends a frame.
    pub fn send(&mut self, order: &[u8]) -> Result<()> {
        self.stream.write_all(order).context("the node's control socket is closed")
    }

    /// Why the node has refused a snapshot, if it has.
    pub fn refusal(&self) -> Option<String> {
        self.refusals.try_recv().ok()
    }
}

fn listen(frames: &mut UnixStream, refusals: &Sender<String>) {
    while let Ok(frame) = read_frame(frames) {
        if let Some(refused) = frame.get("refused") {
            // Nobody asks any more once the bench is done with the node.
            let _ = refusals.send(refused["reason"].to_string());
        }
    }
}

fn await_service(stream: &mut UnixStream, snapshot: &Value) -> Result<()> {
    let mut service = Service::of(snapshot)?;
    let start = Instant::now();
    while !service.is_complete() {
        let left = APPLY.saturating_sub(start.elapsed());
        ensure!(!left.is_zero(), "the node is not ready after {} s: {}", APPLY.as_secs(), service.missing());
        // Zero would mean no timeout at all.
        stream.set_read_timeout(Some(left.max(Duration::from_millis(1))))?;
        match read_frame(stream) {
            Ok(frame) => service.hear(&frame)?,
            Err(error) if is_timeout(&error) => {}
            Err(error) => return Err(error).with_context(|| format!("the node went away; {}", service.missing())),
        }
    }
    Ok(())
}

fn is_timeout(error: &anyhow::Error) -> bool {
    let kind = error.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
    matches!(kind, Some(ErrorKind::WouldBlock | ErrorKind::TimedOut))
}

fn read_frame(stream: &mut impl Read) -> Result<Value> {
    let mut head = [0; 4];
    stream.read_exact(&mut head)?;
    let length = usize::try_from(u32::from_be_bytes(head))?;
    ensure!(length <= MAXIMUM_FRAME, "a frame of {length} bytes");
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    Ok(serde_json::from_slice(&body)?)
}

/// What the node has said so far about a snapshot.
struct Service {
    generation: u64,
    applied: bool,
    failed_fronts: Vec<Value>,
    /// Targets (their keys) that are not known to be healthy.
    waiting: Vec<Value>,
}

impl Service {
    fn of(snapshot: &Value) -> Result<Self> {
        let groups = snapshot["target_groups"].as_array().context("a snapshot has target groups")?;
        let targets = groups.iter().filter_map(|group| group["targets"].as_array()).flatten();
        let waiting = targets.map(|target| target["key"].clone()).collect();
        let generation = snapshot["generation"].as_u64().context("a snapshot has a generation")?;
        Ok(Self { generation, applied: false, failed_fronts: Vec::new(), waiting })
    }

    fn hear(&mut self, frame: &Value) -> Result<()> {
        if let Some(applied) = frame.get("applied").filter(|applied| applied["generation"] == self.generation) {
            self.applied = true;
            // Fronts that could not be opened are tried again, and another such frame comes.
            self.failed_fronts = applied["failed_fronts"].as_array().cloned().unwrap_or_default();
        }
        if let Some(refused) = frame.get("refused") {
            bail!("the node refuses the snapshot: {}", refused["reason"]);
        }
        if let Some(news) = frame.get("target-health") {
            self.waiting.retain(|key| *key != news["target"]);
            if news["health"]["state"] != "healthy" {
                self.waiting.push(news["target"].clone());
            }
        }
        Ok(())
    }

    fn is_complete(&self) -> bool {
        self.applied && self.failed_fronts.is_empty() && self.waiting.is_empty()
    }

    fn missing(&self) -> String {
        if !self.applied {
            return "the snapshot is not in force".to_owned();
        }
        let list = |values: &[Value]| values.iter().map(Value::to_string).collect::<Vec<_>>().join(", ");
        format!("fronts not open: [{}]; targets not healthy: [{}]", list(&self.failed_fronts), list(&self.waiting))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::proxies::{Serves, tests::document as document_for};
    use model::Timestamp;
    use model::elbv2::snapshot::LoadBalancingSnapshot;
    use model::elbv2::target_health::{CheckedHealth, CheckedState};
    use model::node::{FromNode, ToNode, decode_frame, encode_frame};

    fn document() -> Value {
        let mut document = document_for(Serves::PLAIN);
        // One target is enough here.
        document["target_groups"][0]["targets"].as_array_mut().unwrap().truncate(1);
        document
    }

    fn health(state: CheckedState) -> FromNode {
        let snapshot: LoadBalancingSnapshot = serde_json::from_value(document()).unwrap();
        let group = &snapshot.target_groups[0];
        FromNode::TargetHealth {
            target_group: group.arn.clone(),
            target: group.targets[0].key.clone(),
            registered_at: Timestamp::default(),
            health: CheckedHealth { state, since: Timestamp::default(), failure: None },
            anomaly: Default::default(),
        }
    }

    fn applied(generation: u64, failed: bool) -> FromNode {
        let front = ("127.0.0.1:9101".parse().unwrap(), "in use".to_owned());
        FromNode::Applied { generation, failed_fronts: if failed { vec![front] } else { vec![] } }
    }

    fn hear(service: &mut Service, frame: &FromNode) -> Result<()> {
        service.hear(&read_frame(&mut &encode_frame(frame).unwrap()[..])?)
    }

    #[test]
    fn the_order_is_one_that_the_node_reads() {
        let mut order = Control::order(&document()).unwrap();
        let read = decode_frame::<ToNode>(&mut order).unwrap().unwrap();
        assert!(matches!(read, ToNode::Apply(snapshot) if snapshot.generation == 1));
    }

    #[test]
    fn service_begins_when_it_is_in_force_and_open_and_healthy() {
        let mut service = Service::of(&document()).unwrap();
        for (frame, complete) in [
            (applied(0, false), false),
            (health(CheckedState::Healthy), false),
            (applied(1, true), false),
            (health(CheckedState::Initial), false),
            (applied(1, false), false),
            (health(CheckedState::Unhealthy), false),
            (health(CheckedState::Healthy), true),
        ] {
            hear(&mut service, &frame).unwrap();
            assert_eq!(service.is_complete(), complete, "after {frame:?}: {}", service.missing());
        }
    }

    #[test]
    fn a_refusal_is_told_with_its_reason() {
        let refused = FromNode::Refused { generation: 1, reason: "no such group".to_owned() };
        let error = hear(&mut Service::of(&document()).unwrap(), &refused).unwrap_err();
        assert!(error.to_string().contains("no such group"), "{error}");
    }
}
