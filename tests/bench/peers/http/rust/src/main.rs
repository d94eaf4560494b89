//! The peers of Rust's, and the server: `peers server|hyper|reqwest`. All on
//! tokio's current-thread runtime, as a program that has one core would.
mod command;
mod hyper_client;
mod reqwest_client;
mod server;

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let local = tokio::task::LocalSet::new();
    match std::env::args().nth(1).as_deref() {
        Some("server") => local.block_on(&runtime, server::run()),
        Some("hyper") => {
            let mut client = hyper_client::Client::default();
            local.block_on(&runtime, async {
                while let Some(command) = command::next() {
                    let done = command::timed(client.execute(&command)).await;
                    command::answer(done);
                }
            })
        }
        Some("reqwest") => {
            let mut client = reqwest_client::Client::default();
            local.block_on(&runtime, async {
                while let Some(command) = command::next() {
                    let done = command::timed(client.execute(&command)).await;
                    command::answer(done);
                }
            })
        }
        _ => panic!("peers server|hyper|reqwest"),
    }
}
