//! Downloads packages from web servers.

#[cfg(feature = "https")]
mod authorities;

use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::thread;
use std::time::Duration;

use ureq::http::Response;
use ureq::{Agent, Body};

/// The number of attempts if the server cannot be reached or has a problem.
const ATTEMPTS: u32 = 3;

/// The delay before the second attempt; twice as long before the third.
const DELAY: Duration = Duration::from_millis(500);

/// The number of redirects to follow.
const REDIRECTS: usize = 5;

/// The largest file, in bytes.
const MOST_BYTES: u64 = 4 << 30;

/// Why a file cannot be downloaded.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HttpError {
    #[error("{0}")]
    Request(#[from] Box<ureq::Error>),
    #[error("the server answered with status {0}")]
    Status(u16),
    #[error("it redirects to `{0}`, of another scheme")]
    OtherScheme(String),
    #[error("it redirects more than {REDIRECTS} times")]
    Redirects,
    #[error("it redirects to nowhere")]
    NoLocation,
    #[cfg(feature = "https")]
    #[error("{0}")]
    Authorities(String),
    #[error("it has more than {0} bytes")]
    TooLarge(u64),
    /// The response ended too early, or reading it failed.
    #[error("{0}")]
    Body(io::Error),
    /// The file cannot be written.
    #[error("failed to write what was downloaded: {0}")]
    Write(#[from] io::Error),
}

impl HttpError {
    /// `true` if another attempt may succeed.
    fn is_passing(&self) -> bool {
        match self {
            HttpError::Request(_) | HttpError::Body(_) => true,
            HttpError::Status(status) => *status >= 500 || *status == 429,
            #[cfg(feature = "https")]
            HttpError::Authorities(_) => false,
            HttpError::OtherScheme(_)
            | HttpError::Write(_)
            | HttpError::Redirects
            | HttpError::NoLocation
            | HttpError::TooLarge(_) => false,
        }
    }
}

/// Timeouts.
#[derive(Clone, Copy, Debug)]
struct Patience {
    /// To resolve the name and connect, as in the original.
    connect: Duration,
    /// Until the response begins or more of it arrives.
    read: Duration,
    /// For a whole file.
    whole: Duration,
}

const PATIENCE: Patience = Patience {
    connect: Duration::from_secs(15),
    read: Duration::from_secs(30),
    whole: Duration::from_secs(3600),
};

/// A client that downloads files.
pub(super) struct Client {
    agent: Agent,
}

impl Client {
    /// # Errors
    /// If the file of certificate authorities cannot be read.
    pub(super) fn new() -> Result<Client, HttpError> {
        Client::with(PATIENCE)
    }

    fn with(patience: Patience) -> Result<Client, HttpError> {
        let builder = Agent::config_builder();
        #[cfg(feature = "https")]
        let builder =
            builder.tls_config(authorities::of_environment().map_err(HttpError::Authorities)?);
        let config = builder
            .user_agent("autotest")
            // Redirects are followed by `follow`, which compares schemes.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .timeout_resolve(Some(patience.connect))
            .timeout_connect(Some(patience.connect))
            .timeout_recv_response(Some(patience.read))
            .timeout_per_read(Some(patience.read))
            .timeout_global(Some(patience.whole))
            .build();
        Ok(Client {
            agent: config.into(),
        })
    }

    /// Downloads a file into `into`, replacing its content. Returns `false` if the server does not have it.
    pub(super) fn fetch(&self, url: &str, into: &mut File) -> Result<bool, HttpError> {
        self.attempt(|| {
            into.rewind()?;
            into.set_len(0)?;
            self.copy(url, MOST_BYTES, into)
        })
    }

    /// Downloads a file of at most `most` bytes. `None` if the server does not have it.
    pub(super) fn small_file(&self, url: &str, most: u64) -> Result<Option<Vec<u8>>, HttpError> {
        let mut content = Vec::new();
        let found = self.attempt(|| {
            content.clear();
            self.copy(url, most, &mut content)
        })?;
        Ok(found.then_some(content))
    }

    fn attempt<T>(&self, mut f: impl FnMut() -> Result<T, HttpError>) -> Result<T, HttpError> {
        let mut attempt = 1;
        loop {
            match f() {
                Err(error) if error.is_passing() && attempt < ATTEMPTS => {
                    thread::sleep(DELAY * attempt);
                    attempt += 1;
                }
                result => return result,
            }
        }
    }

    fn copy(&self, url: &str, most: u64, into: &mut dyn Write) -> Result<bool, HttpError> {
        let mut response = self.follow(url)?;
        match response.status().as_u16() {
            404 | 410 => return Ok(false),
            200 => {}
            other => return Err(HttpError::Status(other)),
        }
        let mut body = response.body_mut().as_reader();
        let (mut length, mut buffer) = (0, vec![0; 64 << 10]);
        loop {
            let read = match body.read(&mut buffer) {
                Ok(0) => return Ok(true),
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(HttpError::Body(error)),
            };
            length += read as u64;
            if length > most {
                return Err(HttpError::TooLarge(most));
            }
            into.write_all(&buffer[..read])?;
        }
    }

    /// The response after all redirects.
    fn follow(&self, url: &str) -> Result<Response<Body>, HttpError> {
        let mut url = url.to_owned();
        for _ in 0..=REDIRECTS {
            let response = self.agent.get(&url).call().map_err(Box::new)?;
            if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
                return Ok(response);
            }
            let location = response.headers().get("location");
            let location = location.and_then(|location| location.to_str().ok());
            url = redirected(&url, location.ok_or(HttpError::NoLocation)?)?;
        }
        Err(HttpError::Redirects)
    }
}

/// The URL that a server redirects to. It must keep the scheme: leaving `https` would let anybody answer, and a user
/// who asked for `http` did not ask for `https`.
fn redirected(url: &str, location: &str) -> Result<String, HttpError> {
    let (scheme, rest) = url.split_once("://").ok_or(HttpError::NoLocation)?;
    if let Some(other) = scheme_of(location) {
        return match other.eq_ignore_ascii_case(scheme) {
            true => Ok(location.to_owned()),
            false => Err(HttpError::OtherScheme(location.to_owned())),
        };
    }
    if let Some(host) = location.strip_prefix("//") {
        return Ok(format!("{scheme}://{host}"));
    }
    let rest = rest.split(['?', '#']).next().unwrap_or(rest);
    if location.starts_with('?') {
        return Ok(format!("{scheme}://{rest}{location}"));
    }
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    if location.starts_with('/') {
        return Ok(format!("{scheme}://{host}{location}"));
    }
    let dir = path
        .rsplit_once('/')
        .map_or(String::new(), |(dir, _)| format!("{dir}/"));
    Ok(format!("{scheme}://{host}/{dir}{location}"))
}

/// The scheme of an absolute URL; `None` if the URL is relative, even if its query contains another URL (RFC 3986,
/// section 3.1).
fn scheme_of(url: &str) -> Option<&str> {
    let (scheme, _) = url.split_once("://")?;
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    let begins_well = scheme.starts_with(|c: char| c.is_ascii_alphabetic());
    (begins_well && scheme.chars().all(is_allowed)).then_some(scheme)
}

#[cfg(test)]
mod tests;
