//! What is to be measured comes line by line, and so do the figures go back.
use std::future::Future;
use std::io::{BufRead, Write};
use std::time::Instant;

pub struct Command {
    pub what: String,
    pub url: String,
    pub connections: usize,
    pub count: usize,
}

/// Blocks: nothing else is to happen meanwhile.
pub fn next() -> Option<Command> {
    let mut line = String::new();
    if std::io::stdin().lock().read_line(&mut line).unwrap() == 0 {
        return None;
    }
    let json: serde_json::Value = serde_json::from_str(&line).unwrap();
    let number = |name: &str| json[name].as_u64().unwrap_or(0) as usize;
    Some(Command {
        what: json["do"].as_str().unwrap().to_owned(),
        url: json["url"].as_str().unwrap().to_owned(),
        connections: number("connections"),
        count: number("count"),
    })
}

/// Milliseconds that this process has used of the processor.
pub fn cpu() -> f64 {
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_SELF, &mut usage);
        usage
    };
    let ms = |t: libc::timeval| t.tv_sec as f64 * 1e3 + t.tv_usec as f64 / 1e3;
    ms(usage.ru_utime) + ms(usage.ru_stime)
}

/// By the clock and of the processor.
pub async fn timed(work: impl Future<Output = ()>) -> (f64, f64) {
    let (start, before) = (Instant::now(), cpu());
    work.await;
    (start.elapsed().as_secs_f64() * 1e3, cpu() - before)
}

pub fn answer((wall, cpu): (f64, f64)) {
    say(format!("{{\"wall\":{wall},\"cpu\":{cpu}}}"));
}

pub fn say(line: String) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").unwrap();
    out.flush().unwrap();
}
