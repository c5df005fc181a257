//! What a caller asks for: the first lines of an HTTP/1.1 request (RFC 9112).

use std::io::{self, Read};

/// More than this before the empty line is nothing a browser sends.
const LONGEST: usize = 16 * 1024;

/// A request without its body, of which there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) method: String,
    /// The path with its escapes resolved, query left out.
    pub(super) path: String,
    pub(super) host: String,
}

impl Request {
    /// Reads a request; `None` when it is none.
    pub(super) fn read(mut from: impl Read) -> io::Result<Option<Self>> {
        let (mut head, mut piece) = (Vec::new(), [0; 1024]);
        while !head.windows(4).any(|end| end == b"\r\n\r\n") {
            let length = from.read(&mut piece)?;
            head.extend_from_slice(&piece[..length]);
            if length == 0 || head.len() > LONGEST {
                return Ok(None);
            }
        }
        Ok(str::from_utf8(&head).ok().and_then(Self::parse))
    }

    fn parse(head: &str) -> Option<Self> {
        let mut lines = head.split("\r\n");
        let mut words = lines.next()?.split(' ');
        let (method, target, version) = (words.next()?, words.next()?, words.next()?);
        if !version.starts_with("HTTP/1.") || !target.starts_with('/') {
            return None;
        }
        let mut hosts = lines.filter_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("host").then(|| value.trim().to_owned())
        });
        // Two hosts are a trick.
        let host = hosts.next().filter(|_| hosts.next().is_none())?;
        let path = resolved(target.split(['?', '#']).next().unwrap_or_default())?;
        Some(Self { method: method.to_owned(), path, host })
    }
}

/// A path with `%41` and the like resolved; `None` when that is no text.
fn resolved(path: &str) -> Option<String> {
    let (mut bytes, mut rest) = (Vec::new(), path.bytes());
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next()?, rest.next()?];
            let digits = str::from_utf8(&digits).ok()?;
            let hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
            bytes.push(u8::from_str_radix(digits, 16).ok().filter(|_| hex)?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_request_is_read_and_nonsense_is_none() {
        let read = |text: &str| Request::read(text.as_bytes()).unwrap();
        let request =
            read("GET /r/a%20b/?x=1 HTTP/1.1\r\nHOST: localhost:1\r\nX: y\r\n\r\n").unwrap();
        assert_eq!((request.method.as_str(), request.path.as_str()), ("GET", "/r/a b/"));
        assert_eq!(request.host, "localhost:1");
        for wrong in [
            "",
            "GET / HTTP/1.1\r\n",
            "GET / HTTP/1.1\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
            "GET http://x/ HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET /%+1 HTTP/1.1\r\nHost: a\r\n\r\n",
            "nonsense\r\n\r\n",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        assert_eq!(read(&format!("GET /{} HTTP/1.1\r\n", "x".repeat(LONGEST))), None);
    }

    proptest! {
        #[test]
        fn no_bytes_are_too_strange(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut bytes = bytes;
            bytes.extend_from_slice(b"\r\n\r\n");
            let _ = Request::read(bytes.as_slice()).unwrap();
        }
    }
}
