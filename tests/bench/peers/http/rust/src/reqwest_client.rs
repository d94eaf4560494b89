//! reqwest, without TLS and without what it adds to a body.
use crate::command::Command;
use bytes::Bytes;
use std::cell::Cell;
use std::collections::HashMap;
use std::convert::Infallible;
use std::rc::Rc;

#[derive(Default)]
pub struct Client {
    clients: HashMap<usize, reqwest::Client>,
}

impl Client {
    pub async fn execute(&mut self, command: &Command) {
        let client = self
            .clients
            .entry(command.connections)
            .or_insert_with(|| {
                reqwest::Client::builder()
                    .no_proxy()
                    .pool_max_idle_per_host(command.connections.max(1))
                    .tcp_nodelay(true)
                    .build()
                    .unwrap()
            })
            .clone();
        let url: reqwest::Url = command.url.parse().unwrap();
        match command.what.as_str() {
            "get" => {
                let left = Rc::new(Cell::new(command.count));
                let loops: Vec<_> = (0..command.connections)
                    .map(|_| {
                        let (left, client, url) =
                            (left.clone(), client.clone(), url.clone());
                        tokio::task::spawn_local(async move {
                            while left.get() > 0 {
                                left.set(left.get() - 1);
                                let got = client.get(url.clone()).send().await;
                                got.unwrap().bytes().await.unwrap();
                            }
                        })
                    })
                    .collect();
                for each in loops {
                    each.await.unwrap();
                }
            }
            "down" => {
                let mut response = client.get(url).send().await.unwrap();
                let mut total = 0;
                while let Some(bytes) = response.chunk().await.unwrap() {
                    total += bytes.len();
                }
                assert_eq!(total, command.count);
            }
            "up" => {
                let piece = Bytes::from(vec![b'x'; 64 * 1024]);
                let pieces = (0..command.count / piece.len())
                    .map(move |_| Ok::<_, Infallible>(piece.clone()));
                let body = futures_util::stream::iter(pieces);
                let response = client
                    .post(url)
                    .header("content-length", command.count)
                    .body(reqwest::Body::wrap_stream(body))
                    .send()
                    .await
                    .unwrap();
                response.bytes().await.unwrap();
            }
            other => panic!("cannot {other}"),
        }
    }
}
