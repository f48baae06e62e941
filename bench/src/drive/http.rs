//! HTTP/1.1 over one kept connection, with as little work as it takes to read an answer.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context, Result, bail};

/// A connection.
pub struct Connection {
    stream: TcpStream,
    /// What came and was not read yet.
    buffer: Vec<u8>,
}

impl Connection {
    pub fn open(address: &str) -> Result<Self> {
        let stream = TcpStream::connect(address).with_context(|| address.to_owned())?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        Ok(Self {
            stream,
            buffer: Vec::with_capacity(64 * 1024),
        })
    }

    /// The body of the answer to a request, which must be good.
    pub fn ask(&mut self, request: &str) -> Result<String> {
        self.stream.write_all(request.as_bytes())?;
        let end = self.until(b"\r\n\r\n", 0)?;
        let head = String::from_utf8_lossy(&self.buffer[..end]).to_ascii_lowercase();
        let field = |name: &str| {
            let line = head.lines().find_map(|line| line.strip_prefix(name));
            line.map(|value| value.trim().to_owned())
        };
        let body = if let Some(length) = field("content-length:") {
            let length: usize = length.parse()?;
            self.at_least(end + length)?;
            let body = self.buffer[end..end + length].to_vec();
            self.buffer.drain(..end + length);
            body
        } else if field("transfer-encoding:").as_deref() == Some("chunked") {
            self.chunks(end)?
        } else {
            bail!("an answer without an end: {head}");
        };
        let body = String::from_utf8(body)?;
        if !head.starts_with("http/1.1 200") || body.contains("\"errors\":[") {
            bail!("{request}\n\n{head}{body}");
        }
        Ok(body)
    }

    fn chunks(&mut self, mut at: usize) -> Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let line = self.until(b"\r\n", at)?;
            let size = std::str::from_utf8(&self.buffer[at..line - 2])?;
            let size = usize::from_str_radix(size.trim(), 16)?;
            self.at_least(line + size + 2)?;
            body.extend_from_slice(&self.buffer[line..line + size]);
            at = line + size + 2;
            if size == 0 {
                self.buffer.drain(..at);
                return Ok(body);
            }
        }
    }

    /// Where the first mark from a place on ends.
    fn until(&mut self, mark: &[u8], from: usize) -> Result<usize> {
        loop {
            let unread = self.buffer.get(from..).unwrap_or_default();
            let found = unread.windows(mark.len()).position(|part| part == mark);
            if let Some(place) = found {
                return Ok(from + place + mark.len());
            }
            self.more()?;
        }
    }

    fn at_least(&mut self, length: usize) -> Result<()> {
        while self.buffer.len() < length {
            self.more()?;
        }
        Ok(())
    }

    fn more(&mut self) -> Result<()> {
        let mut part = [0; 16 * 1024];
        let read = self.stream.read(&mut part)?;
        if read == 0 {
            bail!("the server hung up");
        }
        self.buffer.extend_from_slice(&part[..read]);
        Ok(())
    }
}
