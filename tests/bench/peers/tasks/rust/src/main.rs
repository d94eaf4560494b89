//! The operations of the benches in Rust, on tokio's current-thread runtime.
//!
//! A line on the standard input names an operation and how often to do it; the
//! answer is how many milliseconds that took, by the clock and of the processor.

use std::future::Future;
use std::io::BufRead;
use std::pin::Pin;
use std::task::{Context, Waker};
use std::time::{Duration, Instant};

use cpu_time::ProcessTime;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc;
use tokio::task::{spawn, yield_now};
use tokio::time::{sleep, Sleep};

const BATCH: usize = 1000;

fn main() {
    // What needs no timers runs without them: each turn would look at the clock.
    let plain = Builder::new_current_thread().build().unwrap();
    let timed = Builder::new_current_thread().enable_time().build().unwrap();
    for line in std::io::stdin().lock().lines() {
        let line = line.unwrap();
        let (name, n) = line.split_once(' ').expect("a name and a number");
        let n: usize = n.parse().expect("a number");
        let (start, before) = (Instant::now(), ProcessTime::now());
        match name {
            "yield" => yielding(&plain, n),
            "spawn" => spawning(&plain, n),
            "roundTrip" => round_trips(&plain, n),
            "timer" => timers(&timed, n),
            _ => panic!("no operation {name}"),
        }
        let (wall, cpu) = (start.elapsed(), before.elapsed());
        println!("{} {}", wall.as_secs_f64() * 1e3, cpu.as_secs_f64() * 1e3);
    }
}

fn yielding(runtime: &Runtime, n: usize) {
    runtime.block_on(async {
        let task = spawn(async move {
            for _ in 0..n {
                yield_now().await;
            }
        });
        task.await.unwrap();
    });
}

fn spawning(runtime: &Runtime, n: usize) {
    runtime.block_on(async {
        // A task, as all else is: what `block_on` itself polls has its own way.
        let task = spawn(async move {
            let mut handles = Vec::with_capacity(BATCH);
            for _ in 0..n / BATCH {
                for _ in 0..BATCH {
                    handles.push(spawn(yield_now()));
                }
                for handle in handles.drain(..) {
                    handle.await.unwrap();
                }
            }
        });
        task.await.unwrap();
    });
}

fn round_trips(runtime: &Runtime, n: usize) {
    runtime.block_on(async {
        let (to_b, mut at_b) = mpsc::channel(1);
        let (to_a, mut at_a) = mpsc::channel(1);
        let ping = spawn(async move {
            for i in 0..n {
                to_b.send(i).await.unwrap();
                at_a.recv().await.unwrap();
            }
        });
        let pong = spawn(async move {
            while let Some(i) = at_b.recv().await {
                to_a.send(i).await.unwrap();
            }
        });
        ping.await.unwrap();
        pong.await.unwrap();
    });
}

fn timers(runtime: &Runtime, n: usize) {
    runtime.block_on(async {
        let mut cx = Context::from_waker(Waker::noop());
        let mut armed: Vec<Pin<Box<Sleep>>> = Vec::with_capacity(BATCH);
        for _ in 0..n / BATCH {
            for i in 0..BATCH {
                let delay = Duration::from_millis(1 + (i as u64 * 7919) % 60_000);
                let mut timer = Box::pin(sleep(delay));
                assert!(timer.as_mut().poll(&mut cx).is_pending());
                armed.push(timer);
            }
            armed.clear();
        }
    });
}
