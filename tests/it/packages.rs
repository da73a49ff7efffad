//! Packages: installed from repositories, and run as tests.

mod installing;
mod interrupted;
mod nested;
pub(crate) mod packed;
mod server;
mod settings;
mod web;
