//! A web server with packages, some of which it does not give away as it should.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// How a path is answered.
#[derive(Clone)]
pub(super) enum Answer {
    File(Vec<u8>),
    /// A part of the file, although all of it is announced.
    Cut(Vec<u8>),
    Redirect(String),
    /// Nothing, and the connection stays open.
    Nothing,
}

pub(super) struct Server {
    pub(super) url: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Serves these paths until the end of the process.
    pub(super) fn start(answers: &[(&str, Answer)]) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let answers: BTreeMap<String, Answer> = answers
            .iter()
            .map(|(path, answer)| ((*path).to_owned(), answer.clone()))
            .collect();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (answers, seen) = (answers.clone(), Arc::clone(&seen));
                thread::spawn(move || serve(stream.unwrap(), &answers, &seen));
            }
        });
        Server { url, requests }
    }

    /// The paths that were requested since the last call.
    pub(super) fn requests(&self) -> Vec<String> {
        std::mem::take(&mut *self.requests.lock().unwrap())
    }
}

fn serve(mut stream: TcpStream, answers: &BTreeMap<String, Answer>, seen: &Mutex<Vec<String>>) {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
    let Some(Ok(first)) = lines.next() else {
        return;
    };
    lines
        .map_while(Result::ok)
        .take_while(|line| !line.is_empty())
        .for_each(drop);
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    seen.lock().unwrap().push(path.clone());
    let header = |status: &str, length: usize| {
        format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n")
    };
    let answer = match answers.get(&path) {
        None => (header("404 Not Found", 0) + "\r\n").into_bytes(),
        Some(Answer::File(file)) => {
            [(header("200 OK", file.len()) + "\r\n").as_bytes(), file].concat()
        }
        Some(Answer::Cut(file)) => {
            let part = &file[..file.len() / 2];
            [(header("200 OK", file.len()) + "\r\n").as_bytes(), part].concat()
        }
        Some(Answer::Redirect(to)) => {
            format!("{}Location: {to}\r\n\r\n", header("302 Found", 0)).into_bytes()
        }
        Some(Answer::Nothing) => return std::mem::forget(stream),
    };
    let _ = stream.write_all(&answer);
}
