//! The log on stderr: lines for people or JSON, filtered by `GORU_LOG` (default `info`).

use crate::config::LogFormat;
use tracing_subscriber::EnvFilter;

/// Starts logging for this process; a second call changes nothing.
pub fn start(format: LogFormat) {
    let filter = EnvFilter::try_from_env("GORU_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // Starting twice is harmless: the first log stays.
    let _ = match format {
        LogFormat::Text => builder.with_ansi(rustix::termios::isatty(std::io::stderr())).try_init(),
        LogFormat::Json => builder.json().try_init(),
    };
}
