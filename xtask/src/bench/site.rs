//! What the bench's instances run: a server that listens when told to, and notes when it did.
//!
//! Boot writes the file `started-<pid>`; when the file `go` appears beside it, the server listens on `$HOST`, port 3000, writes
//! `listening-<pid>`, and answers every request with 200 and its pid. It ends by itself after a bounded time.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

/// The port that the server listens on.
pub const PORT: u16 = 3000;
/// How long the server waits for `go`.
const PATIENCE: Duration = Duration::from_secs(120);
const POLL: Duration = Duration::from_millis(1);
/// Requests served before it ends.
const MAXIMUM_CONNECTIONS: usize = 1_000_000;

/// Runs the server until it is killed or has served its fill.
pub fn run(marks: &Path) -> Result<()> {
    let pid = std::process::id();
    std::fs::write(marks.join(format!("started-{pid}")), "")?;
    let start = Instant::now();
    while !marks.join("go").exists() {
        anyhow::ensure!(start.elapsed() < PATIENCE, "was never told to listen");
        std::thread::sleep(POLL);
    }
    let host = std::env::var("HOST").context("an instance has HOST in its environment")?;
    let answer = format!("{pid:>10}");
    let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{answer}", answer.len());
    let listener = TcpListener::bind((host.as_str(), PORT)).with_context(|| format!("cannot listen on {host}"))?;
    std::fs::write(marks.join(format!("listening-{pid}")), "")?;
    for stream in listener.incoming().take(MAXIMUM_CONNECTIONS) {
        let stream = stream?;
        let answer = answer.clone();
        std::thread::spawn(move || serve(stream, &answer));
    }
    Ok(())
}

/// Answers until the peer closes; what arrives together is one request, as health checks and the bench send it.
fn serve(mut stream: TcpStream, answer: &str) -> std::io::Result<()> {
    let mut buffer = [0; 16 * 1024];
    while stream.read(&mut buffer)? > 0 {
        stream.write_all(answer.as_bytes())?;
    }
    Ok(())
}
