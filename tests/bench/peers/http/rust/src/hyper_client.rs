//! hyper by itself: connections are ours to keep, as its users would.
use crate::command::Command;
use bytes::Bytes;
use http_body_util::{combinators::BoxBody, BodyExt, Empty, StreamBody};
use hyper::body::Frame;
use hyper::client::conn::http1::{handshake, SendRequest};
use hyper::Request;
use hyper_util::rt::TokioIo;
use std::cell::Cell;
use std::convert::Infallible;
use std::rc::Rc;
use tokio::net::TcpStream;

type Body = BoxBody<Bytes, Infallible>;

#[derive(Default)]
pub struct Client {
    senders: Vec<SendRequest<Body>>,
}

async fn connect(authority: &str) -> SendRequest<Body> {
    let stream = TcpStream::connect(authority).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let (sender, connection) = handshake(TokioIo::new(stream)).await.unwrap();
    tokio::task::spawn_local(async move {
        let _ = connection.await;
    });
    sender
}

async fn send(sender: &mut SendRequest<Body>, request: Request<Body>) -> usize {
    sender.ready().await.unwrap();
    let response = sender.send_request(request).await.unwrap();
    assert_eq!(response.status(), 200);
    let mut body = response.into_body();
    let mut total = 0;
    while let Some(frame) = body.frame().await {
        total += frame.unwrap().data_ref().map_or(0, Bytes::len);
    }
    total
}

impl Client {
    pub async fn execute(&mut self, command: &Command) {
        let uri: hyper::Uri = command.url.parse().unwrap();
        let authority = uri.authority().unwrap().as_str().to_owned();
        let wanted = command.connections.max(1);
        while self.senders.len() < wanted {
            self.senders.push(connect(&authority).await);
        }
        let request = |method: &str, body: Body| {
            Request::builder()
                .method(method)
                .uri(uri.path())
                .header("host", &authority)
                .body(body)
                .unwrap()
        };
        let empty = || BodyExt::boxed(Empty::<Bytes>::new());
        match command.what.as_str() {
            "get" => {
                let left = Rc::new(Cell::new(command.count));
                let loops: Vec<_> = self
                    .senders
                    .drain(..wanted)
                    .map(|mut sender| {
                        let (left, authority, uri) =
                            (left.clone(), authority.clone(), uri.clone());
                        tokio::task::spawn_local(async move {
                            while left.get() > 0 {
                                left.set(left.get() - 1);
                                let request = Request::builder()
                                    .uri(uri.path())
                                    .header("host", &authority)
                                    .body(BodyExt::boxed(Empty::<Bytes>::new()))
                                    .unwrap();
                                send(&mut sender, request).await;
                            }
                            sender
                        })
                    })
                    .collect();
                for each in loops {
                    self.senders.push(each.await.unwrap());
                }
            }
            "down" => {
                let request = request("GET", empty());
                let got = send(&mut self.senders[0], request).await;
                assert_eq!(got, command.count);
            }
            "up" => {
                let piece = Bytes::from(vec![b'x'; 64 * 1024]);
                let pieces = command.count / piece.len();
                let body = StreamBody::new(Pieces { piece, left: pieces });
                let mut request = request("POST", BodyExt::boxed(body));
                request
                    .headers_mut()
                    .insert("content-length", command.count.into());
                send(&mut self.senders[0], request).await;
            }
            other => panic!("cannot {other}"),
        }
    }
}

/// A body of so many pieces, each the same bytes.
struct Pieces {
    piece: Bytes,
    left: usize,
}

impl futures_core::Stream for Pieces {
    type Item = Result<Frame<Bytes>, Infallible>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        if self.left == 0 {
            return std::task::Poll::Ready(None);
        }
        self.left -= 1;
        std::task::Poll::Ready(Some(Ok(Frame::data(self.piece.clone()))))
    }
}
