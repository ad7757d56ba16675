//! How the commands reach a running server: its Unix socket in the data directory, and the credentials beside it.
//!
//! Only the owner of the data directory can open the socket, so it needs no signature. What it answers is for tools;
//! users meet AWS's API.

use crate::config::{Config, Place};
use anyhow::{Context, bail};
use http_body_util::{BodyExt, Empty, Full};
use hyper::{Request, Response, body::Bytes, body::Incoming};
use hyper_util::rt::TokioIo;
use std::path::{Path, PathBuf};

/// The socket's name in the data directory.
pub const SOCKET: &str = "control";
/// The credentials' name in the data directory.
pub const CREDENTIALS: &str = "credentials";

/// A server's data directory, seen by a command.
pub struct Local {
    data_dir: PathBuf,
    region: String,
}

/// What clients need to call the server.
pub struct ClientEnvironment {
    /// `http://address:port`
    pub endpoint: String,
    /// The region of requests that name none.
    pub region: String,
    /// Access key id of the account's root.
    pub access_key_id: String,
    /// Its secret.
    pub secret_access_key: String,
}

impl Local {
    /// The data directory that is named here or in the configuration file.
    pub fn new(place: &Place) -> anyhow::Result<Self> {
        let config = Config::load(&place.flags())?;
        Ok(Self { data_dir: config.data_dir, region: config.region })
    }

    /// The data directory.
    pub fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    /// Whether a server answers on the socket.
    pub fn is_running(&self) -> bool {
        Self::running_in(&self.data_dir)
    }

    /// Whether a server answers on the socket of that data directory.
    pub fn running_in(data_dir: &Path) -> bool {
        std::os::unix::net::UnixStream::connect(data_dir.join(SOCKET)).is_ok()
    }

    /// GET a JSON document under `/_goru/`.
    pub fn get(&self, path: &str) -> anyhow::Result<serde_json::Value> {
        self.block_on(async {
            let request = Request::get(path).header("host", "goru").body(Empty::<Bytes>::new())?;
            Self::json(self.send(request).await?).await
        })
    }

    /// POST a JSON document under `/_goru/`.
    pub fn post(&self, path: &str, body: &serde_json::Value) -> anyhow::Result<serde_json::Value> {
        self.block_on(async {
            let request = Request::post(path).header("host", "goru").body(Full::new(Bytes::from(body.to_string())))?;
            Self::json(self.send(request).await?).await
        })
    }

    /// The endpoint and the root credentials of the running server.
    pub fn client_environment(&self) -> anyhow::Result<ClientEnvironment> {
        let status = self.get("/_goru/status")?;
        let endpoint = status["api"].as_str().context("the server did not say where its API is")?.to_owned();
        let path = self.data_dir.join(CREDENTIALS);
        let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let value = |key: &str| {
            let line = text.lines().find_map(|line| line.split_once('=').filter(|(k, _)| k.trim() == key));
            line.map(|(_, v)| v.trim().to_owned()).with_context(|| format!("{} has no {key}", path.display()))
        };
        let region = status["region"].as_str().map_or_else(|| self.region.clone(), str::to_owned);
        Ok(ClientEnvironment {
            endpoint,
            region,
            access_key_id: value("aws_access_key_id")?,
            secret_access_key: value("aws_secret_access_key")?,
        })
    }

    fn block_on<T>(&self, future: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
        tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(future)
    }

    async fn send<B>(&self, request: Request<B>) -> anyhow::Result<Response<Incoming>>
    where
        B: hyper::body::Body<Data = Bytes, Error = std::convert::Infallible> + Send + 'static,
    {
        let path = self.data_dir.join(SOCKET);
        let Ok(stream) = tokio::net::UnixStream::connect(&path).await else {
            bail!("no server runs on {} (start it with `goru up`)", self.data_dir.display());
        };
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(sender.send_request(request).await?)
    }

    async fn json(response: Response<Incoming>) -> anyhow::Result<serde_json::Value> {
        let status = response.status();
        let body = response.into_body().collect().await?.to_bytes();
        if !status.is_success() {
            bail!("{}", String::from_utf8_lossy(&body).trim_end());
        }
        Ok(serde_json::from_slice(&body)?)
    }
}
