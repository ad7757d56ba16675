//! A client connection: requests one after the other until one side closes.

use crate::worker::Worker;
use std::{net::SocketAddr, rc::Rc};
use tokio::net::TcpStream;

pub(crate) async fn serve(_stream: TcpStream, _client: SocketAddr, _front: SocketAddr, _worker: Rc<Worker>) {}
