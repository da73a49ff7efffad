use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::time::Instant;

use super::*;

const IMPATIENT: Patience = Patience {
    connect: Duration::from_millis(300),
    read: Duration::from_millis(300),
    whole: Duration::from_secs(20),
};

/// Starts a server that answers each request with the next of `answers`, and repeats the last one. Returns its URL.
fn server(answers: &'static [&'static str]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        let mut open = Vec::new();
        for number in 0.. {
            let (mut stream, _) = listener.accept().unwrap();
            let lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let _ = lines
                .map_while(Result::ok)
                .take_while(|line| !line.is_empty())
                .count();
            let answer = answers[number.min(answers.len() - 1)];
            let _ = stream.write_all(answer.as_bytes());
            if answer.is_empty() {
                open.push(stream);
            }
        }
    });
    url
}

#[track_caller]
fn check_error(answers: &'static [&'static str], expected: &str) {
    let url = server(answers);
    let error = Client::with(IMPATIENT)
        .unwrap()
        .small_file(&format!("{url}/file"), 100)
        .unwrap_err();
    assert_eq!(error.to_string(), expected);
}

#[test]
fn a_server_that_answers_nothing_is_not_waited_for() {
    let started = Instant::now();
    check_error(&[""], "timeout: receive response");
    assert!(started.elapsed() < Duration::from_secs(15));
}

#[test]
fn a_problem_of_the_server_may_pass() {
    const UNAVAILABLE: &str =
        "HTTP/1.1 503 Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    const FILE: &str = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nfile";
    let url = server(&[UNAVAILABLE, UNAVAILABLE, FILE]);
    let file = Client::with(IMPATIENT)
        .unwrap()
        .small_file(&url, 100)
        .unwrap();
    assert_eq!(file.unwrap(), b"file");
    check_error(&[UNAVAILABLE], "the server answered with status 503");
}

#[test]
fn a_missing_file_is_no_error() {
    let url =
        server(&["HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\nConnection: close\r\n\r\nnone"]);
    assert_eq!(
        Client::with(IMPATIENT)
            .unwrap()
            .small_file(&url, 100)
            .unwrap(),
        None
    );
}

#[test]
fn a_body_that_is_cut_or_too_large_is_refused() {
    check_error(
        &["HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: close\r\n\r\nfile"],
        "Peer disconnected",
    );
    check_error(
        &[
            "HTTP/1.1 200 OK\r\nContent-Length: 101\r\nConnection: close\r\n\r\n\
           0123456789012345678901234567890123456789012345678901234567890123456789\
           01234567890123456789012345678901",
        ],
        "it has more than 100 bytes",
    );
}

/// A disk that is full, for example.
#[test]
fn a_file_that_cannot_be_written_is_not_downloaded_again() {
    struct Full(usize);
    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            self.0 += 1;
            Err(io::ErrorKind::StorageFull.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let url = server(&["HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nfile"]);
    let client = Client::with(IMPATIENT).unwrap();
    let mut full = Full(0);
    let error = client
        .attempt(|| client.copy(&url, 100, &mut full))
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "failed to write what was downloaded: no storage space"
    );
    assert_eq!(full.0, 1);
}

#[test]
fn redirects_are_followed_within_the_scheme() {
    let to = |location| redirected("http://host/dir/file?a=b/c", location);
    for (location, expected) in [
        ("other", "http://host/dir/other"),
        ("/other", "http://host/other"),
        ("//there/other", "http://there/other"),
        ("HTTP://there/other", "HTTP://there/other"),
        (
            "/get?from=https://there/other",
            "http://host/get?from=https://there/other",
        ),
        (
            "get?from=https://there/other",
            "http://host/dir/get?from=https://there/other",
        ),
        (
            "?from=https://there/other",
            "http://host/dir/file?from=https://there/other",
        ),
    ] {
        assert_eq!(to(location).unwrap(), expected);
    }
    for location in ["https://host/file", "file:///etc/passwd", "ftp://host/file"] {
        let error = to(location).unwrap_err().to_string();
        assert_eq!(
            error,
            format!("it redirects to `{location}`, of another scheme")
        );
    }
    check_error(
        &[
            "HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        ],
        "it redirects more than 5 times",
    );
    check_error(
        &["HTTP/1.1 302 Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"],
        "it redirects to nowhere",
    );
}
