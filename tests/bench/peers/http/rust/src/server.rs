//! The server that all clients are measured against: fixed bytes to `/b/N` (N
//! bytes of body) and `/f/N` (N header fields), a body of N bytes from `/down/N`,
//! and a body of any size taken at `/up`. It parses as little as it can.
use crate::command;
use std::collections::HashMap;
use std::io::BufRead;
use std::rc::Rc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const BLOCK: usize = 256 * 1024;

pub async fn run() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    command::say(format!("{{\"port\":{port}}}"));
    std::thread::spawn(|| {
        for _ in std::io::stdin().lock().lines() {
            command::say(format!("{{\"cpu\":{}}}", command::cpu()));
        }
        std::process::exit(0);
    });
    let block: Rc<[u8]> = vec![b'x'; BLOCK].into();
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let block = block.clone();
        tokio::task::spawn_local(async move {
            let _ = serve(stream, &block).await;
        });
    }
}

fn small(path: &str) -> Vec<u8> {
    let mut parts = path.split('/').skip(1);
    let kind = parts.next().unwrap_or("");
    let n: usize = parts.next().and_then(|n| n.parse().ok()).unwrap_or(0);
    let (fields, bytes) = if kind == "f" { (n, 2) } else { (0, n) };
    let mut answer = String::from("HTTP/1.1 200 OK\r\n");
    answer += "Content-Type: text/plain; charset=utf-8\r\n";
    for i in 0..fields {
        answer += &format!("X-Field-{i}: the value of field {i}\r\n");
    }
    answer += &format!("Content-Length: {bytes}\r\n\r\n");
    answer += &"x".repeat(bytes);
    answer.into_bytes()
}

async fn serve(mut stream: TcpStream, block: &[u8]) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = vec![0; BLOCK];
    let mut filled = 0;
    let mut answers: HashMap<String, Vec<u8>> = HashMap::new();
    loop {
        let n = stream.read(&mut buffer[filled..]).await?;
        if n == 0 {
            return Ok(());
        }
        filled += n;
        let Some(end) = find(&buffer[..filled], b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&buffer[..end]).into_owned();
        let path = head.split(' ').nth(1).unwrap_or("/");
        let mut taken = end + 4;
        if path == "/up" {
            swallow(&mut stream, &mut buffer, taken, filled, &head).await?;
            taken = filled;
        }
        if let Some(total) = path.strip_prefix("/down/") {
            let total: usize = total.parse().unwrap();
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {total}\r\n\r\n");
            stream.write_all(head.as_bytes()).await?;
            let mut left = total;
            while left > 0 {
                let n = left.min(block.len());
                stream.write_all(&block[..n]).await?;
                left -= n;
            }
        } else if let Some(answer) = answers.get(path) {
            stream.write_all(answer).await?;
        } else {
            let answer = small(path);
            stream.write_all(&answer).await?;
            answers.insert(path.to_owned(), answer);
        }
        buffer.copy_within(taken..filled, 0);
        filled -= taken;
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|each| each == what)
}

/// Takes the body of a request; where it is sent in chunks, its bytes are known
/// to be no digits, and so the last chunk by its line.
async fn swallow(
    stream: &mut TcpStream,
    buffer: &mut [u8],
    from: usize,
    filled: usize,
    head: &str,
) -> std::io::Result<()> {
    let head = head.to_ascii_lowercase();
    if let Some((_, rest)) = head.split_once("content-length:") {
        let length = rest.split("\r\n").next().unwrap().trim();
        let mut left = length.parse::<usize>().unwrap() - (filled - from);
        while left > 0 {
            left -= stream.read(buffer).await?.max(1);
        }
        return Ok(());
    }
    const LAST: &[u8] = b"\r\n0\r\n\r\n";
    let mut tail = buffer[from..filled].to_vec();
    while !tail.ends_with(LAST) {
        let n = stream.read(buffer).await?;
        if n == 0 {
            return Ok(());
        }
        tail.extend_from_slice(&buffer[n.saturating_sub(LAST.len())..n]);
        tail.drain(..tail.len().saturating_sub(LAST.len()));
    }
    Ok(())
}
