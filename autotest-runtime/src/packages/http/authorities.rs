//! The certificate authorities to trust: those of the web, or a lab's own.

use std::ffi::OsString;
use std::fs;

use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

/// The variable with the path of a file of certificates, as for OpenSSL.
const VARIABLE: &str = "SSL_CERT_FILE";

/// The TLS configuration. The authorities in the file that `SSL_CERT_FILE` names replace those of the web.
///
/// # Errors
/// If the file cannot be read, or contains no certificate.
pub(super) fn of_environment() -> Result<TlsConfig, String> {
    let path = std::env::var_os(VARIABLE).filter(|path| !path.is_empty());
    let builder = TlsConfig::builder();
    Ok(match path {
        None => builder.build(),
        Some(path) => builder
            .root_certs(RootCerts::new_with_certs(&certificates(path)?))
            .build(),
    })
}

fn certificates(path: OsString) -> Result<Vec<Certificate<'static>>, String> {
    let failed =
        |error: &dyn std::fmt::Display| format!("`{}` of `{VARIABLE}`: {error}", path.display());
    let pem = fs::read(&path).map_err(|error| failed(&error))?;
    let items: Result<Vec<_>, _> = parse_pem(&pem).collect();
    let certificates: Vec<_> = items
        .map_err(|error| failed(&error))?
        .into_iter()
        .filter_map(|item| match item {
            PemItem::Certificate(certificate) => Some(certificate),
            _ => None,
        })
        .collect();
    match certificates.is_empty() {
        true => Err(failed(&"it has no certificates")),
        false => Ok(certificates),
    }
}
