//! How a node is run.

use crate::telemetry::access_log::AccessLogOptions;
use std::path::PathBuf;

/// The most workers, however many processors there are.
const MAXIMUM_WORKERS: usize = 1024;

/// How a node is run.
#[derive(Clone, Debug)]
pub struct NodeOptions {
    /// The data directory; the node keeps its files in `node` and `logs` there.
    pub data_dir: PathBuf,
    /// Worker threads; `None`: as many as there are usable processors (cgroup quota respected).
    pub workers: Option<usize>,
    /// Which access log files of its own the node writes; `None`: none. See [`NodeOptions::new`] for the usual one. Requests
    /// are remembered, and logs delivered to buckets, either way.
    pub access_log: Option<AccessLogOptions>,
    /// What [`Hello`](model::node::FromNode::Hello) says.
    pub version: String,
    /// Whether the process makes a session of its own first, so that it outlives its parent and its terminal.
    pub own_session: bool,
}

impl NodeOptions {
    /// The usual node: one worker per processor, the access log in `logs`, the session as it is.
    pub fn new(data_dir: PathBuf, version: impl Into<String>) -> Self {
        let access_log = Some(AccessLogOptions::new(data_dir.join("logs")));
        Self { data_dir, workers: None, access_log, version: version.into(), own_session: false }
    }

    pub(super) fn worker_count(&self) -> usize {
        let usable = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        self.workers.unwrap_or_else(usable).clamp(1, MAXIMUM_WORKERS)
    }
}
