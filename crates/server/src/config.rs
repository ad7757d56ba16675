//! The one validated configuration: flags beat environment, environment beats `goru.toml`, every key is optional.
//!
//! Everything is checked before anything binds; an error names the file, line and column, or the flag or variable.

mod mail;

use clap::builder::BoolishValueParser;
use controllers::notifications::SmtpSettings;
use model::{
    Timestamp,
    cidr::Cidr,
    ec2::image::{DEFAULT_PORT, Image, ImageOwner, ImageSource, ImageState, built_in},
};
use serde::Deserialize;
use std::{
    collections::BTreeSet,
    fmt,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
};

/// Where the API listens unless told otherwise.
pub const DEFAULT_API: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 4566);
/// The region of requests and commands that name none.
pub const DEFAULT_REGION: &str = "ap-northeast-2";
const DEFAULT_PORT_OFFSET: u16 = 8000;
const DEFAULT_DNS_SUFFIX: &str = "elb.localhost";
const DEFAULT_PUBLIC_POOL: &str = "127.80.0.0/16";
/// Where instances of the process driver listen: 127.64.0.0/12.
const INSTANCES: (Ipv4Addr, u8) = (Ipv4Addr::new(127, 64, 0, 0), 12);
/// The smallest pool that has an address to give.
const LONGEST_POOL_PREFIX: u8 = 30;
const DEFAULT_BUCKETS: &str = "buckets";
const MAXIMUM_IMAGES: usize = 1000;
const MAXIMUM_WORKERS: usize = 256;

/// What the server runs with.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// Where the API listens. Default `127.0.0.1:4566`; port 0 picks a free one.
    pub api: SocketAddr,
    /// Where everything is kept. Default: `goru` in the XDG state directory.
    pub data_dir: PathBuf,
    /// Where directories are that stand for buckets of S3. Default: `buckets` in the data directory.
    pub bucket_dir: PathBuf,
    /// Twelve digits; none: the one of the data directory, minted at the first start.
    pub account_id: Option<String>,
    /// The default region.
    pub region: String,
    /// How instances run.
    pub driver: DriverChoice,
    /// Where internet-facing load balancers listen; at least one.
    pub public_addresses: Vec<IpAddr>,
    /// The range of Elastic IPs, of which the first and the last address are never given.
    pub public_pool: Cidr,
    /// Added to ports that may not be bound.
    pub port_offset: u16,
    /// What load balancers' names end in.
    pub dns_suffix: String,
    /// Whether signatures are verified.
    pub auth: AuthMode,
    /// Images beside the built-in ones.
    pub images: Vec<Image>,
    /// Threads of the load balancer node; none: one per processor.
    pub workers: Option<usize>,
    /// Whether the node writes access logs.
    pub access_log: bool,
    /// Whether it writes all requests as JSON too, and not only those that failed.
    pub access_log_json: bool,
    /// How the log on stderr looks.
    pub log_format: LogFormat,
    /// Whether SIGTERM stops only the control plane.
    pub keep_serving: bool,
    /// The mail server; none: mails go into the outbox of the data directory.
    pub mail: Option<SmtpSettings>,
    /// What links in messages begin with; none: the address of the API.
    pub public_url: Option<String>,
    /// What makes time pass.
    pub clock: ClockChoice,
    /// What a virtual clock shows at first; none: the wall time of the start.
    pub clock_start: Option<Timestamp>,
}

/// The `driver` key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum DriverChoice {
    /// The best that this host allows.
    #[default]
    Auto,
    /// Process groups, not isolated.
    Process,
    /// Namespaces; not available yet.
    Sandbox,
    /// Nothing runs.
    Simulated,
}

/// The `auth.mode` key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum AuthMode {
    /// AWS Signature Version 4.
    #[default]
    Sigv4,
    /// Any signature or none; only on a loopback API.
    None,
}

/// The `log_format` key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Lines for people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// The `clock` key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum ClockChoice {
    /// The machine's clock.
    #[default]
    Real,
    /// It stands still until `POST /_goru/clock` moves it; only on a throw-away server.
    Virtual,
}

/// What the command line and the environment set; clap reads both.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Flags {
    /// Configuration file [default: ./goru.toml when it exists]
    #[arg(long, env = "GORU_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Directory for all state [default: goru in the XDG state directory]
    #[arg(long, env = "GORU_DATA_DIR", value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Directory whose directories stand for buckets of S3 [default: buckets in the data directory]
    #[arg(long, env = "GORU_BUCKET_DIR", value_name = "DIR")]
    pub bucket_dir: Option<PathBuf>,
    /// Address and port of the API [default: 127.0.0.1:4566]
    #[arg(long, env = "GORU_API", value_name = "ADDR:PORT")]
    pub api: Option<SocketAddr>,
    /// Account id, twelve digits [default: minted at the first start]
    #[arg(long, env = "GORU_ACCOUNT_ID", value_name = "ID")]
    pub account_id: Option<String>,
    /// Default region [default: ap-northeast-2]
    #[arg(long, env = "GORU_REGION", value_name = "REGION")]
    pub region: Option<String>,
    /// How instances run [default: auto]
    #[arg(long, env = "GORU_DRIVER", value_enum)]
    pub driver: Option<DriverChoice>,
    /// Addresses of internet-facing load balancers, comma-separated [default: 127.0.0.1]
    #[arg(long, env = "GORU_PUBLIC_ADDRESSES", value_delimiter = ',', value_name = "ADDR")]
    pub public_addresses: Option<Vec<IpAddr>>,
    /// Range of Elastic IPs [default: 127.80.0.0/16]
    #[arg(long, env = "GORU_PUBLIC_POOL", value_name = "CIDR")]
    pub public_pool: Option<String>,
    /// Added to ports that may not be bound [default: 8000]
    #[arg(long, env = "GORU_PORT_OFFSET", value_name = "N")]
    pub port_offset: Option<u16>,
    /// What load balancers' names end in [default: elb.localhost]
    #[arg(long, env = "GORU_DNS_SUFFIX", value_name = "SUFFIX")]
    pub dns_suffix: Option<String>,
    /// Whether signatures are verified [default: sigv4]
    #[arg(long, env = "GORU_AUTH_MODE", value_enum)]
    pub auth_mode: Option<AuthMode>,
    /// Threads of the load balancer node [default: one per processor]
    #[arg(long, env = "GORU_WORKERS", value_name = "N")]
    pub workers: Option<usize>,
    /// Whether the node writes access logs [default: true]
    #[arg(long, env = "GORU_ACCESS_LOG", value_name = "BOOL", value_parser = BoolishValueParser::new())]
    pub access_log: Option<bool>,
    /// Whether it writes all requests as JSON too, and not only those that failed [default: false]
    #[arg(long, env = "GORU_ACCESS_LOG_JSON", value_name = "BOOL", value_parser = BoolishValueParser::new())]
    pub access_log_json: Option<bool>,
    /// Format of the log on stderr [default: text]
    #[arg(long, env = "GORU_LOG_FORMAT", value_enum)]
    pub log_format: Option<LogFormat>,
    /// What makes time pass; virtual needs auth.mode = "none" [default: real]
    #[arg(long, env = "GORU_CLOCK", value_enum)]
    pub clock: Option<ClockChoice>,
    /// What a virtual clock shows at first [default: the time of the start]
    #[arg(long, env = "GORU_CLOCK_START", value_name = "TIME")]
    pub clock_start: Option<String>,
}

/// What the commands take that look at a running server: where it is. It knows everything else itself.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Place {
    /// Configuration file [default: ./goru.toml when it exists]
    #[arg(long, env = "GORU_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// Directory for all state [default: goru in the XDG state directory]
    #[arg(long, env = "GORU_DATA_DIR", value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

impl Place {
    /// This data directory.
    pub fn of(data_dir: PathBuf) -> Self {
        Self { config: None, data_dir: Some(data_dir) }
    }

    /// The same as flags.
    pub fn flags(&self) -> Flags {
        Flags { config: self.config.clone(), data_dir: self.data_dir.clone(), ..Flags::default() }
    }
}

/// `goru.toml`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    api: Option<Spanned<String>>,
    data_dir: Option<PathBuf>,
    bucket_dir: Option<PathBuf>,
    account_id: Option<Spanned<String>>,
    region: Option<Spanned<String>>,
    driver: Option<Spanned<DriverChoice>>,
    public_addresses: Option<Spanned<Vec<String>>>,
    public_pool: Option<Spanned<String>>,
    port_offset: Option<Spanned<i64>>,
    dns_suffix: Option<Spanned<String>>,
    #[serde(default)]
    auth: AuthTable,
    #[serde(default)]
    images: Vec<Spanned<ImageTable>>,
    workers: Option<Spanned<usize>>,
    access_log: Option<bool>,
    access_log_json: Option<bool>,
    log_format: Option<LogFormat>,
    keep_serving: Option<bool>,
    mail: Option<mail::MailTable>,
    public_url: Option<Spanned<String>>,
    clock: Option<Spanned<ClockChoice>>,
    clock_start: Option<Spanned<String>>,
}

type Spanned<T> = toml::Spanned<T>;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct AuthTable {
    mode: Option<AuthMode>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ImageTable {
    id: String,
    name: String,
    source: String,
    #[serde(default)]
    description: String,
    boot: Option<String>,
    port: Option<u16>,
}

/// Why a configuration is not accepted, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// `goru.toml:3:7`, or the flag.
    pub place: String,
    /// What is wrong and what to do.
    pub message: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)
    }
}

impl std::error::Error for ConfigError {}

impl Config {
    /// The configuration of these flags and the file that they name (or `./goru.toml`, if there is one).
    pub fn load(flags: &Flags) -> Result<Self, ConfigError> {
        match Source::find(flags.config.as_deref())? {
            Some(source) => Self::merge(flags, &source),
            None => Self::merge(flags, &Source { name: String::new(), text: String::new() }),
        }
    }

    /// Checks one file alone, as `goru check FILE` does.
    pub fn check(path: &Path) -> Result<Self, ConfigError> {
        Self::merge(&Flags::default(), &Source::read(path)?)
    }

    fn merge(flags: &Flags, source: &Source) -> Result<Self, ConfigError> {
        let file = source.parse()?;
        let default = |value: &str| Origin { value: value.to_owned(), place: "default".to_owned() };
        let text = |flag: Option<String>, name: &str, key: &Option<Spanned<String>>| match (flag, key) {
            (Some(value), _) => Some(Origin { value, place: format!("--{name}") }),
            (None, Some(spanned)) => {
                Some(Origin { value: spanned.get_ref().clone(), place: source.place(spanned.span().start) })
            }
            (None, None) => None,
        };
        let api = text(flags.api.map(|a| a.to_string()), "api", &file.api)
            .map_or(Ok(DEFAULT_API), |api| api.parse("an address and port such as 127.0.0.1:4566"))?;
        let region = text(flags.region.clone(), "region", &file.region).unwrap_or_else(|| default(DEFAULT_REGION));
        let region = region
            .checked(|r| services::regions::find(r).is_some(), "the name of an AWS region such as ap-northeast-2")?;
        let account_id = text(flags.account_id.clone(), "account-id", &file.account_id)
            .map(|id| id.checked(|id| id.len() == 12 && id.bytes().all(|b| b.is_ascii_digit()), "twelve digits"))
            .transpose()?;
        let dns_suffix = text(flags.dns_suffix.clone(), "dns-suffix", &file.dns_suffix)
            .unwrap_or_else(|| default(DEFAULT_DNS_SUFFIX));
        let dns_suffix = dns_suffix.checked(is_domain, "a domain name in lower case such as elb.localhost")?;
        let public_pool = text(flags.public_pool.clone(), "public-pool", &file.public_pool)
            .unwrap_or_else(|| default(DEFAULT_PUBLIC_POOL));
        let auth = flags.auth_mode.or(file.auth.mode).unwrap_or_default();
        if auth == AuthMode::None && !api.ip().is_loopback() {
            return Err(ConfigError {
                place: if flags.auth_mode.is_some() { "--auth-mode".to_owned() } else { source.key("mode") },
                message: format!("auth.mode = \"none\" needs an API on a loopback address, not {}", api.ip()),
            });
        }
        let clock = clock(flags, &file, source, auth)?;
        let clock_start = text(flags.clock_start.clone(), "clock-start", &file.clock_start)
            .map(|start| match clock {
                ClockChoice::Virtual => start.parse("a time in ISO 8601 with a zone such as 2026-11-20T12:00:00Z"),
                ClockChoice::Real => Err(ConfigError {
                    place: start.place.clone(),
                    message: "clock_start is for clock = \"virtual\"; the real clock cannot be set".to_owned(),
                }),
            })
            .transpose()?;
        let public_addresses = public_addresses(flags, &file, source)?;
        let public_pool = self::public_pool(&public_pool, &public_addresses)?;
        let data_dir = flags.data_dir.clone().or_else(|| file.data_dir.clone()).map_or_else(default_data_dir, Ok)?;
        let bucket_dir = flags.bucket_dir.clone().or_else(|| file.bucket_dir.clone());
        Ok(Self {
            api,
            bucket_dir: bucket_dir.unwrap_or_else(|| data_dir.join(DEFAULT_BUCKETS)),
            data_dir,
            account_id,
            region,
            driver: driver(flags, &file),
            public_addresses,
            public_pool,
            port_offset: port_offset(flags, &file, source)?,
            dns_suffix,
            auth,
            images: images(&file, source)?,
            workers: workers(flags, &file, source)?,
            access_log: flags.access_log.or(file.access_log).unwrap_or(true),
            access_log_json: flags.access_log_json.or(file.access_log_json).unwrap_or(false),
            log_format: flags.log_format.or(file.log_format).unwrap_or_default(),
            keep_serving: file.keep_serving.unwrap_or(false),
            mail: file.mail.as_ref().map(|table| mail::smtp(table, source)).transpose()?,
            public_url: file.public_url.as_ref().map(|key| mail::public_url(key, source)).transpose()?,
            clock,
            clock_start,
        })
    }
}

struct Origin {
    value: String,
    place: String,
}

impl Origin {
    fn parse<T: std::str::FromStr>(&self, expected: &str) -> Result<T, ConfigError> {
        self.value.parse().map_err(|_| self.error(expected))
    }

    fn checked(self, accept: impl Fn(&str) -> bool, expected: &str) -> Result<String, ConfigError> {
        if accept(&self.value) { Ok(self.value) } else { Err(self.error(expected)) }
    }

    fn error(&self, expected: &str) -> ConfigError {
        ConfigError { place: self.place.clone(), message: format!("`{}` is not {expected}", self.value) }
    }
}

struct Source {
    name: String,
    text: String,
}

impl Source {
    fn find(named: Option<&Path>) -> Result<Option<Self>, ConfigError> {
        let usual = Path::new("goru.toml");
        match named {
            Some(path) => Self::read(path).map(Some),
            None if usual.is_file() => Self::read(usual).map(Some),
            None => Ok(None),
        }
    }

    fn read(path: &Path) -> Result<Self, ConfigError> {
        let name = path.display().to_string();
        let text = std::fs::read(path)
            .map_err(|error| ConfigError { place: name.clone(), message: format!("cannot be read: {error}") })?;
        let text = String::from_utf8(text)
            .map_err(|_| ConfigError { place: name.clone(), message: "is not UTF-8 text".to_owned() })?;
        Ok(Self { name, text: text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text) })
    }

    fn parse(&self) -> Result<File, ConfigError> {
        toml::from_str(&self.text).map_err(|error| ConfigError {
            place: error.span().map_or_else(|| self.name.clone(), |span| self.place(span.start)),
            message: error.message().to_owned(),
        })
    }

    /// `file:line:column` of a byte offset, both counted from 1.
    fn place(&self, offset: usize) -> String {
        let before = self.text.get(..offset).unwrap_or(&self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        format!("{}:{line}:{column}", self.name)
    }

    fn key(&self, key: &str) -> String {
        self.text.find(key).map_or_else(|| self.name.clone(), |offset| self.place(offset))
    }
}

fn driver(flags: &Flags, file: &File) -> DriverChoice {
    flags.driver.or_else(|| file.driver.as_ref().map(|spanned| *spanned.get_ref())).unwrap_or_default()
}

/// Virtual time is for throw-away servers: where signatures count, their age must too.
fn clock(flags: &Flags, file: &File, source: &Source, auth: AuthMode) -> Result<ClockChoice, ConfigError> {
    let (clock, place) = match (flags.clock, &file.clock) {
        (Some(clock), _) => (clock, "--clock".to_owned()),
        (None, Some(spanned)) => (*spanned.get_ref(), source.place(spanned.span().start)),
        (None, None) => return Ok(ClockChoice::default()),
    };
    match (clock, auth) {
        (ClockChoice::Real, _) | (ClockChoice::Virtual, AuthMode::None) => Ok(clock),
        (ClockChoice::Virtual, AuthMode::Sigv4) => Err(ConfigError {
            place,
            message: "clock = \"virtual\" is for test servers and needs auth.mode = \"none\" (--auth-mode none)"
                .to_owned(),
        }),
    }
}

fn public_addresses(flags: &Flags, file: &File, source: &Source) -> Result<Vec<IpAddr>, ConfigError> {
    let (addresses, place) = match (&flags.public_addresses, &file.public_addresses) {
        (Some(addresses), _) => (addresses.clone(), "--public-addresses".to_owned()),
        (None, Some(spanned)) => {
            let place = source.place(spanned.span().start);
            let parse = |text: &String| {
                text.parse::<IpAddr>().map_err(|_| ConfigError {
                    place: place.clone(),
                    message: format!("`{text}` is not an IP address"),
                })
            };
            (spanned.get_ref().iter().map(parse).collect::<Result<_, _>>()?, place)
        }
        (None, None) => (vec![IpAddr::V4(Ipv4Addr::LOCALHOST)], String::new()),
    };
    let wrong = |message: String| Err(ConfigError { place, message });
    let mut seen = BTreeSet::new();
    match addresses.iter().find(|address| !seen.insert(**address)) {
        Some(twice) => wrong(format!("public address {twice} is given twice")),
        None if addresses.is_empty() => wrong("at least one public address is needed".to_owned()),
        None => Ok(addresses),
    }
}

/// An address of the pool must not mean anything else.
fn public_pool(given: &Origin, public_addresses: &[IpAddr]) -> Result<Cidr, ConfigError> {
    let pool: Cidr = given.parse("an IPv4 block such as 127.80.0.0/16")?;
    let wrong = |message: String| Err(ConfigError { place: given.place.clone(), message });
    if pool.prefix() > LONGEST_POOL_PREFIX {
        return wrong(format!(
            "public_pool {pool} has no address to give: its first and its last are not used; it has to be a /{LONGEST_POOL_PREFIX} or larger"
        ));
    }
    let instances = Cidr::containing(INSTANCES.0, INSTANCES.1);
    if pool.overlaps(instances) {
        return wrong(format!("public_pool {pool} overlaps {instances}, where instances listen"));
    }
    let inside = |address: &&IpAddr| match address {
        IpAddr::V4(address) => pool.contains(*address),
        IpAddr::V6(_) => false,
    };
    match public_addresses.iter().find(inside) {
        Some(address) => wrong(format!(
            "public_pool {pool} holds {address}, which is one of public_addresses; load balancers and Elastic IPs need addresses of their own"
        )),
        None => Ok(pool),
    }
}

fn port_offset(flags: &Flags, file: &File, source: &Source) -> Result<u16, ConfigError> {
    match (flags.port_offset, &file.port_offset) {
        (Some(offset), _) => Ok(offset),
        (None, None) => Ok(DEFAULT_PORT_OFFSET),
        (None, Some(spanned)) => u16::try_from(*spanned.get_ref()).map_err(|_| ConfigError {
            place: source.place(spanned.span().start),
            message: format!("port_offset must be 0 to 65535, not {}", spanned.get_ref()),
        }),
    }
}

fn workers(flags: &Flags, file: &File, source: &Source) -> Result<Option<usize>, ConfigError> {
    let (workers, place) = match (flags.workers, &file.workers) {
        (Some(workers), _) => (workers, "--workers".to_owned()),
        (None, Some(spanned)) => (*spanned.get_ref(), source.place(spanned.span().start)),
        (None, None) => return Ok(None),
    };
    match workers {
        1..=MAXIMUM_WORKERS => Ok(Some(workers)),
        _ => Err(ConfigError { place, message: format!("workers must be 1 to {MAXIMUM_WORKERS}, not {workers}") }),
    }
}

fn images(file: &File, source: &Source) -> Result<Vec<Image>, ConfigError> {
    if file.images.len() > MAXIMUM_IMAGES {
        return Err(ConfigError { place: source.key("images"), message: format!("at most {MAXIMUM_IMAGES} images") });
    }
    let built_in = built_in();
    let mut seen = BTreeSet::new();
    let one = |spanned: &Spanned<ImageTable>| {
        let table = spanned.get_ref();
        let wrong = |message: String| ConfigError { place: source.place(spanned.span().start), message };
        let id = table.id.parse().map_err(|error: model::id::InvalidId| wrong(error.to_string()))?;
        if !seen.insert(table.id.clone()) {
            return Err(wrong(format!("image {} is given twice", table.id)));
        }
        if built_in.iter().any(|image| image.id == id) {
            return Err(wrong(format!("{id} is the id of a built-in image; choose another")));
        }
        if table.port == Some(0) {
            return Err(wrong("port must be 1 to 65535, not 0".to_owned()));
        }
        Ok(Image {
            id,
            name: table.name.clone(),
            description: table.description.clone(),
            owner: ImageOwner::Account,
            source: image_source(&table.source).map_err(wrong)?,
            boot: table.boot.clone(),
            port: table.port.unwrap_or(DEFAULT_PORT),
            created_at: model::Timestamp::default(),
            tags: model::Tags::default(),
            state: ImageState::Available,
            state_reason: None,
            source_instance: None,
            no_reboot: false,
        })
    };
    file.images.iter().map(one).collect()
}

fn image_source(text: &str) -> Result<ImageSource, String> {
    let source: ImageSource = text.parse().map_err(|error: model::ec2::image::InvalidImage| error.to_string())?;
    match &source {
        ImageSource::Directory(path) if !Path::new(path).is_dir() => {
            Err(format!("image directory `{path}` does not exist"))
        }
        ImageSource::RootFs(path) if !Path::new(path).is_file() => Err(format!("image file `{path}` does not exist")),
        ImageSource::Oci(path) if !Path::new(path).exists() => Err(format!("OCI layout `{path}` does not exist")),
        ImageSource::Host
        | ImageSource::Site
        | ImageSource::Directory(_)
        | ImageSource::RootFs(_)
        | ImageSource::Oci(_)
        | ImageSource::Snapshot(_) => Ok(source),
    }
}

fn is_domain(text: &str) -> bool {
    let label = |l: &str| {
        (1..=63).contains(&l.len())
            && l.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
            && !l.starts_with('-')
            && !l.ends_with('-')
    };
    text.len() <= 200 && text.split('.').all(label)
}

fn default_data_dir() -> Result<PathBuf, ConfigError> {
    let state = std::env::var_os("XDG_STATE_HOME").map(PathBuf::from).filter(|p| p.is_absolute());
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/state"));
    state.or_else(home).map(|dir| dir.join("goru")).ok_or_else(|| ConfigError {
        place: "--data-dir".to_owned(),
        message: "is needed, because neither XDG_STATE_HOME nor HOME is set".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str) -> Result<Config, ConfigError> {
        let flags = Flags { data_dir: Some("/nowhere".into()), ..Flags::default() };
        Config::merge(&flags, &Source { name: "goru.toml".to_owned(), text: text.to_owned() })
    }

    #[test]
    fn an_empty_file_gives_the_defaults() {
        let config = config("").unwrap();
        assert_eq!(config.api, DEFAULT_API);
        assert_eq!(
            (config.region.as_str(), config.dns_suffix.as_str(), config.port_offset),
            ("ap-northeast-2", "elb.localhost", 8000)
        );
        assert_eq!((config.auth, config.driver), (AuthMode::Sigv4, DriverChoice::Auto));
        assert_eq!(config.bucket_dir, Path::new("/nowhere/buckets"));
    }

    #[test]
    fn buckets_are_where_the_flag_or_the_file_says() {
        let text = "bucket_dir = \"/file\"";
        assert_eq!(config(text).unwrap().bucket_dir, Path::new("/file"));
        let source = Source { name: "f".to_owned(), text: text.to_owned() };
        let flags = Flags { data_dir: Some("/x".into()), bucket_dir: Some("/flag".into()), ..Flags::default() };
        assert_eq!(Config::merge(&flags, &source).unwrap().bucket_dir, Path::new("/flag"));
    }

    #[test]
    fn elastic_ips_come_from_where_the_flag_or_the_file_says() {
        let pool = |pool: &str| pool.parse::<Cidr>().unwrap();
        assert_eq!(config("").unwrap().public_pool, pool("127.80.0.0/16"));
        let text = "public_pool = \"192.0.2.0/30\"";
        assert_eq!(config(text).unwrap().public_pool, pool("192.0.2.0/30"));
        let source = Source { name: "f".to_owned(), text: text.to_owned() };
        let given = Some("198.51.100.0/24".to_owned());
        let flags = Flags { data_dir: Some("/x".into()), public_pool: given, ..Flags::default() };
        assert_eq!(Config::merge(&flags, &source).unwrap().public_pool, pool("198.51.100.0/24"));
    }

    #[test]
    fn flags_beat_the_file() {
        let flags =
            Flags { api: Some("127.0.0.1:1".parse().unwrap()), data_dir: Some("/x".into()), ..Flags::default() };
        let source = Source { name: "f".to_owned(), text: "api = \"127.0.0.1:2\"\nregion = \"us-east-1\"".to_owned() };
        let config = Config::merge(&flags, &source).unwrap();
        assert_eq!((config.api.port(), config.region.as_str()), (1, "us-east-1"));
    }

    #[test]
    fn errors_say_where_they_are() {
        let table = [
            ("api = \"x\"", "goru.toml:1:7", "not an address"),
            ("\nunknown = 1", "goru.toml:2:1", "unknown field"),
            ("account_id = \"123\"", "goru.toml:1:14", "twelve digits"),
            ("region = \"mars-1\"", "goru.toml:1:10", "AWS region"),
            ("port_offset = 99999", "goru.toml:1:15", "65535"),
            ("port_offset = \"x\"", "goru.toml:1:15", "invalid type"),
            ("api = \"0.0.0.0:1\"\n[auth]\nmode = \"none\"", "goru.toml:3:1", "loopback"),
            ("public_addresses = [\"a\"]", "goru.toml:1:20", "IP address"),
            ("public_addresses = []", "goru.toml:1:20", "at least one"),
            ("region = \"a\"\nregion = \"b\"", "goru.toml:2:1", "duplicate key"),
            ("public_addresses = [\"127.0.0.1\", \"127.0.0.1\"]", "goru.toml:1:20", "twice"),
            ("public_pool = \"10.0.0.0\"", "goru.toml:1:15", "IPv4 block"),
            ("public_pool = \"192.0.2.0/31\"", "goru.toml:1:15", "no address to give"),
            ("public_pool = \"127.72.0.0/16\"", "goru.toml:1:15", "where instances listen"),
            ("public_pool = \"127.0.0.0/24\"", "goru.toml:1:15", "holds 127.0.0.1"),
            ("driver = \"docker\"", "goru.toml:1:10", "sandbox"),
            (
                "[[images]]\nid = \"ami-00000000000000001\"\nname = \"n\"\nsource = \"host\"",
                "goru.toml:1:1",
                "built-in",
            ),
            ("[[images]]\nid = \"ami-01234567\"\nname = \"n\"\nsource = \"host\"\nport = 0", "goru.toml:1:1", "65535"),
            ("workers = 0", "goru.toml:1:11", "1 to 256"),
            ("clock = \"virtual\"", "goru.toml:1:9", "--auth-mode none"),
            ("clock = \"slow\"", "goru.toml:1:9", "unknown variant"),
            ("clock_start = \"2026-11-20T12:00:00Z\"", "goru.toml:1:15", "cannot be set"),
            ("clock = \"virtual\"\nclock_start = \"noon\"\n[auth]\nmode = \"none\"", "goru.toml:2:15", "ISO 8601"),
            ("[[images]]\nid = \"x\"\nname = \"n\"\nsource = \"host\"", "goru.toml:1:1", "ami-"),
            (
                "[[images]]\nid = \"ami-01234567\"\nname = \"n\"\nsource = \"oci:x\"",
                "goru.toml:1:1",
                "OCI layout `x` does not exist",
            ),
        ];
        for (text, place, message) in table {
            let error = config(text).unwrap_err();
            assert_eq!(error.place, place, "{text}: {error}");
            assert!(error.message.contains(message), "{text}: {error}");
        }
    }

    #[test]
    fn a_virtual_clock_starts_when_it_is_told_to() {
        let config =
            config("clock = \"virtual\"\nclock_start = \"2026-11-20T12:00:00Z\"\n[auth]\nmode = \"none\"").unwrap();
        assert_eq!(config.clock, ClockChoice::Virtual);
        assert_eq!(config.clock_start, Some(Timestamp::from_seconds(1_795_176_000)));
    }

    #[test]
    fn images_come_with_the_port_that_they_say() {
        let text = "[[images]]\nid = \"ami-01234567\"\nname = \"n\"\nsource = \"host\"\nboot = \"x\"\nport = 8080";
        let image = config(text).unwrap().images.remove(0);
        assert_eq!((image.port, image.boot.as_deref()), (8080, Some("x")));
    }
}
