//! The log on stderr: lines for people or JSON, filtered by `GORU_LOG` (default `info`).

use crate::config::LogFormat;
use anyhow::Context;
use tracing_subscriber::EnvFilter;

/// What is silent unless `GORU_LOG` names it: the decoder of netlink messages warns of every attribute that the kernel has and
/// it has not.
const QUIET: &str = "netlink_packet_route=error";

/// Starts logging for this process; a second call changes nothing. Fails when `GORU_LOG` is not a filter.
pub fn start(format: LogFormat) -> anyhow::Result<()> {
    let wanted = std::env::var("GORU_LOG").unwrap_or_default();
    let wanted = if wanted.is_empty() { "info" } else { wanted.as_str() };
    let filter = EnvFilter::try_new(format!("{QUIET},{wanted}"))
        .with_context(|| format!("GORU_LOG: `{wanted}` is not a filter such as info or warn,proxy=debug"))?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // Starting twice is harmless: the first log stays.
    let _ = match format {
        LogFormat::Text => builder.with_ansi(rustix::termios::isatty(std::io::stderr())).try_init(),
        LogFormat::Json => builder.json().try_init(),
    };
    Ok(())
}
