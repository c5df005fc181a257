//! The site over HTTP on this machine alone, with a word to each open page when it changed.
//!
//! Only GET, only files of the site, only for callers that name this machine: a page from elsewhere
//! that resolves its own name to the loopback address is refused, and nothing is shared across origins.

mod live;
mod request;
mod running;

use std::io::{self, Write};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use crate::ledger::digest::Digest;
use crate::report;
use crate::store::Store;

use super::error::Error;
use super::ledger::Ledger;
use live::Live;
use request::Request;

/// So many connections are answered at a time; a browser opens six.
const MOST: usize = 64;
/// How long a caller may take to ask or to read.
const PATIENCE: Duration = Duration::from_secs(10);

/// A site being served until the process ends.
pub struct Server {
    address: SocketAddr,
    live: Arc<Live>,
}

impl Server {
    /// Serves a ledger's site on a loopback address; port 0 is any free one.
    ///
    /// # Errors
    /// When the address is another machine's to call, or taken.
    pub fn start(ledger: &Ledger, address: SocketAddr) -> Result<Self, Error> {
        if !address.ip().is_loopback() {
            return Err(Error::NotLoopback(address.ip()));
        }
        let refused = |source| Error::Serve { address, source };
        let listener = TcpListener::bind(address).map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        let (live, store) = (Arc::new(Live::default()), ledger.store.clone());
        let shared = Arc::clone(&live);
        thread::Builder::new()
            .name("serve".into())
            .spawn(move || accept(&listener, &store, &shared))
            .map_err(Error::Runtime)?;
        Ok(Self { address, live })
    }

    /// The address of the first page.
    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Says to every open page that the site changed.
    pub fn changed(&self) {
        self.live.changed();
    }
}

fn accept(listener: &TcpListener, store: &Store, live: &Arc<Live>) {
    let open = Arc::new(AtomicUsize::new(0));
    for stream in listener.incoming().flatten() {
        if open.fetch_add(1, Ordering::Relaxed) >= MOST {
            open.fetch_sub(1, Ordering::Relaxed);
            continue;
        }
        let (store, live, own) = (store.clone(), Arc::clone(live), Arc::clone(&open));
        let answering = thread::Builder::new().name("answer".into()).spawn(move || {
            // A caller that goes away is no error of ours.
            drop(answer(&stream, &store, &live));
            own.fetch_sub(1, Ordering::Relaxed);
        });
        if answering.is_err() {
            open.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

fn answer(stream: &TcpStream, store: &Store, live: &Live) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let Some(request) = Request::read(stream)? else {
        return write(stream, "400 Bad Request", "text/plain", b"not understood\n", false);
    };
    let head = request.method == "HEAD";
    if !head && request.method != "GET" {
        return write(stream, "405 Method Not Allowed", "text/plain", b"only GET\n", head);
    }
    if !is_here(&request.host) {
        return write(stream, "403 Forbidden", "text/plain", b"only for this machine\n", head);
    }
    match request.path.as_str() {
        "/-/events" => live.tell(stream),
        "/-/live.js" => {
            let script = report::live_script();
            write(stream, "200 OK", "text/javascript", script.as_bytes(), head)
        }
        "/-/running" => write(stream, "200 OK", "application/json", &running::list(store), head),
        path => page(stream, store, path, head),
    }
}

/// Whether a caller named this machine, with whatever port: a name of its own would be a stranger's.
fn is_here(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name == "localhost" || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn page(stream: &TcpStream, store: &Store, path: &str, head: bool) -> io::Result<()> {
    let mut name = path.trim_start_matches('/').to_owned();
    if name.is_empty() || name.ends_with('/') {
        name.push_str("index.html");
    }
    let Some(mut bytes) = store.site_file(&name) else {
        return write(stream, "404 Not Found", "text/plain", b"there is no such page\n", head);
    };
    let kind = kind(&name);
    if kind.starts_with("text/html")
        && let Ok(text) = str::from_utf8(&bytes)
        && let Some((before, after)) = text.rsplit_once("</body>")
    {
        // The script that listens for changes, with a mark by which it knows the page again.
        let mark = &Digest::of(text.as_bytes()).to_string()[..8];
        let call = format!("<script src=\"/-/live.js\" data-page=\"{mark}\"></script></body>");
        bytes = [before, &call, after].concat().into_bytes();
    }
    write(stream, "200 OK", kind, &bytes, head)
}

fn kind(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("json") => "application/json",
        Some("csv" | "txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

fn write(
    mut stream: &TcpStream,
    status: &str,
    kind: &str,
    body: &[u8],
    head: bool,
) -> io::Result<()> {
    let headers = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\
         Cache-Control: no-cache\r\nX-Content-Type-Options: nosniff\r\n\
         Referrer-Policy: no-referrer\r\nCross-Origin-Resource-Policy: same-origin\r\n\
         Connection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(headers.as_bytes())?;
    if !head {
        stream.write_all(body)?;
    }
    stream.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_answered() {
        for host in ["localhost", "localhost:4780", "127.0.0.1:1", "127.1.2.3", "[::1]:80"] {
            assert!(is_here(host), "{host}");
        }
        for host in ["", "example.org", "localhost.example.org", "10.0.0.1", "[::2]", "127.0.0.1.x"]
        {
            assert!(!is_here(host), "{host}");
        }
    }
}
