//! Load on the load balancer, as much as the story wants at the moment, and who answered.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::watch,
    task::JoinSet,
};

const CONNECTIONS: u32 = 10;
const TIMEOUT: Duration = Duration::from_secs(5);
const MAXIMUM_ANSWER: usize = 64 * 1024;
const SHOWN_FAILURES: usize = 10;
/// How long a client with nothing to send waits before it looks again.
const IDLE: Duration = Duration::from_millis(100);
const WINDOW: Duration = Duration::from_secs(1);

/// Running load.
pub struct Load {
    shared: Arc<Shared>,
    tasks: Mutex<JoinSet<()>>,
}

struct Shared {
    host: String,
    stop: AtomicBool,
    counts: Mutex<Counts>,
    wanted: watch::Sender<Wanted>,
}

/// What is sent: each client sends its share of `rate`.
#[derive(Clone)]
struct Wanted {
    request: Arc<String>,
    rate: u32,
}

#[derive(Default)]
struct Counts {
    tally: Tally,
    window: Option<(Instant, u64, BTreeMap<String, u64>)>,
}

/// What came of the requests.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Requests sent.
    pub sent: u64,
    /// Those without a 200 in time.
    pub failed: u64,
    /// Requests in the last second.
    pub rate: u64,
    /// Answers by instance: in all, and in the last second.
    pub answered: BTreeMap<String, (u64, u64)>,
    /// The first failures in words.
    pub failures: Vec<String>,
}

impl Load {
    /// Clients that send nothing yet.
    pub fn start(front: SocketAddr, host: &str) -> Self {
        let (wanted, changes) = watch::channel(Wanted { request: Arc::default(), rate: 0 });
        let host = host.to_owned();
        let shared = Arc::new(Shared { host, stop: AtomicBool::default(), counts: Mutex::default(), wanted });
        let mut tasks = JoinSet::new();
        for _ in 0..CONNECTIONS {
            tasks.spawn(client(shared.clone(), front, changes.clone()));
        }
        Self { shared, tasks: Mutex::new(tasks) }
    }

    /// From now on `rate` requests a second for this path, unless answers take so long that fewer fit.
    pub fn set(&self, path: &str, rate: u32) {
        let host = &self.shared.host;
        let request = Arc::new(format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: goru-demo\r\n\r\n"));
        self.shared.wanted.send_replace(Wanted { request, rate });
    }

    /// What came of it so far.
    pub fn tally(&self) -> Tally {
        let mut counts = self.shared.lock();
        let answered: BTreeMap<String, u64> =
            counts.tally.answered.iter().map(|(id, (n, _))| (id.clone(), *n)).collect();
        let sent = counts.tally.sent;
        let elapsed = counts.window.as_ref().map(|(at, ..)| at.elapsed());
        if elapsed.is_none_or(|elapsed| elapsed >= WINDOW)
            && let Some((_, before, by_id)) = counts.window.replace((Instant::now(), sent, answered))
        {
            counts.tally.rate = sent - before;
            for (id, slot) in &mut counts.tally.answered {
                slot.1 = slot.0 - by_id.get(id).copied().unwrap_or(0);
            }
        }
        counts.tally.clone()
    }

    /// Ends it; requests that were sent are waited for.
    pub async fn stop(&self) -> Tally {
        self.shared.stop.store(true, Ordering::Relaxed);
        let mut tasks = std::mem::take(&mut *self.tasks.lock().unwrap_or_else(PoisonError::into_inner));
        while tasks.join_next().await.is_some() {}
        self.tally()
    }
}

impl Shared {
    fn lock(&self) -> std::sync::MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn count(&self, result: Result<String, String>) {
        let tally = &mut self.lock().tally;
        tally.sent += 1;
        match result {
            Ok(instance) => tally.answered.entry(instance).or_default().0 += 1,
            Err(why) => {
                tally.failed += 1;
                if tally.failures.len() < SHOWN_FAILURES {
                    tally.failures.push(why);
                }
            }
        }
    }
}

async fn client(shared: Arc<Shared>, front: SocketAddr, mut wanted: watch::Receiver<Wanted>) {
    let mut connection = None;
    while !shared.stop.load(Ordering::Relaxed) {
        let Wanted { request, rate } = wanted.borrow_and_update().clone();
        let pause = if rate == 0 { IDLE } else { Duration::from_secs(1) * CONNECTIONS / rate };
        let due = Instant::now() + pause;
        if rate > 0 {
            let exchange = exchange(&mut connection, front, request.as_bytes());
            let result =
                tokio::time::timeout(TIMEOUT, exchange).await.unwrap_or_else(|_| Err("no answer in time".to_owned()));
            if result.is_err() {
                connection = None;
            }
            shared.count(result);
        }
        // What is wanted now counts at once.
        let _ = tokio::time::timeout(due.saturating_duration_since(Instant::now()), wanted.changed()).await;
    }
}

/// Sends one request and returns the id of the instance that answered.
async fn exchange(connection: &mut Option<TcpStream>, front: SocketAddr, request: &[u8]) -> Result<String, String> {
    let failed = |error: std::io::Error| error.to_string();
    if connection.is_none() {
        *connection = Some(TcpStream::connect(front).await.map_err(failed)?);
    }
    let Some(stream) = connection else { return Err("no connection".to_owned()) };
    stream.write_all(request).await.map_err(failed)?;
    let mut answer = Vec::new();
    loop {
        if stream.read_buf(&mut answer).await.map_err(failed)? == 0 {
            return Err("the connection was closed".to_owned());
        }
        if let Some(end) = complete(&answer) {
            let text = String::from_utf8_lossy(&answer[..end]).into_owned();
            return match text.starts_with("HTTP/1.1 200") {
                true => Ok(instance_in(&text)),
                false => Err(text.lines().next().unwrap_or("").to_owned()),
            };
        }
        if answer.len() > MAXIMUM_ANSWER {
            return Err("the answer is too long".to_owned());
        }
    }
}

/// Where an answer with a Content-Length ends, once it is all there.
fn complete(answer: &[u8]) -> Option<usize> {
    let head = answer.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let text = String::from_utf8_lossy(&answer[..head]).to_ascii_lowercase();
    let length = text.lines().find_map(|line| line.strip_prefix("content-length:"))?.trim().parse::<usize>().ok()?;
    (answer.len() >= head + length).then_some(head + length)
}

fn instance_in(text: &str) -> String {
    let id = |at: usize| text.get(at..at + 19).filter(|id| id.parse::<model::id::InstanceId>().is_ok());
    text.match_indices("i-").find_map(|(at, _)| id(at)).unwrap_or("unknown").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_complete_with_its_last_byte() {
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc";
        assert_eq!(complete(answer), Some(answer.len()));
        assert_eq!(complete(&answer[..answer.len() - 1]), None);
    }

    #[test]
    fn the_instance_is_found_in_the_page() {
        assert_eq!(instance_in("<p>in-1 i-0123456789abcdef0</p>"), "i-0123456789abcdef0");
        assert_eq!(instance_in("nobody"), "unknown");
    }
}
