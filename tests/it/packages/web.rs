//! Packages from a web server.

use std::fs;
use std::time::{Duration, Instant};

use autotest_package::{Checksum, ChecksumList, Sha256Sum};

use super::super::binary::{Ran, fixture};
use super::packed::{file_name, package};
use super::server::{Answer, Server};

fn bytes() -> Vec<u8> {
    fs::read(package("packaged")).unwrap()
}

fn at(dir: &str) -> String {
    format!("{dir}/{}", file_name("packaged"))
}

fn list(of: &[u8]) -> Answer {
    let mut list = ChecksumList::default();
    let sum: Checksum = Sha256Sum::of(of).unwrap().into();
    list.set(&file_name("packaged"), sum);
    Answer::File(list.to_string().into_bytes())
}

fn run(args: &[&str]) -> Ran {
    fixture("params", args)
}

#[test]
fn a_package_is_fetched_by_its_url() {
    let server = Server::start(&[
        (&at("/p"), Answer::File(bytes())),
        ("/p/packages.checksum", list(&bytes())),
    ]);
    let ran = run(&["--package", &format!("{}{}", server.url, at("/p"))]).expect_code(0);
    assert!(
        ran.log("status.log")
            .contains("→→END GOOD→packaged/job/takes→takes→")
    );
    let sidecar = format!("{}.checksum", at("/p"));
    assert_eq!(
        server.requests(),
        [&*sidecar, "/p/packages.checksum", &*at("/p")]
    );
}

#[test]
fn a_repository_has_a_package_by_its_name() {
    let server = Server::start(&[(&at("/p"), Answer::File(bytes()))]);
    let repository = format!("{}/p/", server.url);
    run(&[
        "--package",
        &file_name("packaged"),
        "--package",
        &repository,
    ])
    .expect_code(0);
}

/// The package is refused with this reason, and nothing of it is left.
#[track_caller]
fn check(server: &Server, reason: &str) {
    let url = format!("{}{}", server.url, at("/p"));
    let ran = run(&["--package", &url]).expect_code(101);
    let log = ran.log("status.log").replace(&server.url, "<server>");
    let whole = format!(
        "ERROR→packaged→packaged→timestamp=.→localtime=.→`{}` could not be fetched from any repository: \
         `<server>/p`: {reason}\n",
        file_name("packaged")
    );
    assert!(log.contains(&whole), "{log}");
    let installed = ran
        .jobdir()
        .parent()
        .unwrap()
        .join("autotest-results/params/installed/download");
    let group = fs::read_dir(installed)
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    assert_eq!(super::super::binary::walk(&group), [".packaged-test-lock"]);
}

#[test]
fn a_wrong_checksum_is_refused() {
    let server = Server::start(&[
        (&at("/p"), Answer::File(bytes())),
        ("/p/packages.checksum", list(b"something else")),
    ]);
    let expected = Sha256Sum::of(&b"something else"[..]).unwrap();
    check(
        &server,
        &format!("it has the wrong checksum: `{expected}` is expected"),
    );
}

#[test]
fn a_body_that_is_cut_is_refused() {
    let server = Server::start(&[(&at("/p"), Answer::Cut(bytes()))]);
    check(&server, "Peer disconnected");
    // It was tried again.
    let requests = server.requests();
    assert_eq!(requests.iter().filter(|path| **path == at("/p")).count(), 3);
}

#[test]
fn a_redirect_within_the_scheme_is_followed() {
    let server = Server::start(&[
        (&at("/p"), Answer::Redirect(at("/q"))),
        (&at("/q"), Answer::File(bytes())),
    ]);
    run(&["--package", &format!("{}{}", server.url, at("/p"))]).expect_code(0);
}

#[test]
fn a_redirect_to_another_scheme_is_refused() {
    for location in ["https://127.0.0.1/x.tar.bz2", "file:///etc/passwd"] {
        let server = Server::start(&[(&at("/p"), Answer::Redirect(location.to_owned()))]);
        check(
            &server,
            &format!("it redirects to `{location}`, of another scheme"),
        );
    }
}

#[test]
fn a_missing_package_is_told() {
    check(&Server::start(&[]), "it does not have it");
}

/// The run's timeout ends the waiting; by itself it would end later.
#[test]
fn a_server_that_hangs_is_not_waited_for() {
    let server = Server::start(&[(&at("/p"), Answer::Nothing)]);
    let started = Instant::now();
    let url = format!("{}{}", server.url, at("/p"));
    let ran = run(&["--package", &url, "--timeout", "500ms"]).expect_code(101);
    assert!(started.elapsed() < Duration::from_secs(20));
    assert!(ran.log("status.log").contains("→timed out after 500ms\n"));
}
