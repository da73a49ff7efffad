//! The files of profilers: pictures in the page, others as links.
//!
//! A picture is embedded as the source of an image, where nothing in it is executed or loaded.

use maud::{Markup, html};

use super::links::encoded;
use super::run_files::RunFiles;
use super::words::{bytes, line};

/// A larger picture is a link.
const MAX_PICTURE_BYTES: u64 = 512 << 10;
/// The maximum number of files shown.
const MAX_FILES: usize = 100;
/// The maximum depth of directories searched.
const MAX_DEPTH: usize = 3;

pub(super) fn section(files: &RunFiles<'_>) -> Markup {
    let mut paths = Vec::new();
    find(files, "profiling", MAX_DEPTH, &mut paths);
    let (pictures, others): (Vec<_>, Vec<_>) =
        paths.iter().partition(|path| path.ends_with(".svg"));
    html! {
        @if !paths.is_empty() {
            section {
                h3 { "Profilers" }
                @for path in pictures { (picture(files, path)) }
                @if !others.is_empty() {
                    p.files { @for path in others { (file(files, path)) " " } }
                }
            }
        }
    }
}

fn find(files: &RunFiles<'_>, dir: &str, depth: usize, paths: &mut Vec<String>) {
    for name in files.names(dir) {
        let path = format!("{dir}/{name}");
        if paths.len() >= MAX_FILES {
            return;
        }
        match files.file(&path) {
            Some(_) => paths.push(path),
            None if depth > 0 => find(files, &path, depth - 1, paths),
            None => {}
        }
    }
}

fn picture(files: &RunFiles<'_>, path: &str) -> Markup {
    let found = files
        .file(path)
        .filter(|file| file.bytes <= MAX_PICTURE_BYTES);
    let found = found.filter(|file| files.sheet.take(file.bytes) == file.bytes);
    let svg = found.and_then(|file| file.whole(MAX_PICTURE_BYTES));
    let title = title(path);
    html! {
        figure.picture {
            @if let Some(svg) = svg {
                img alt=(title) loading="lazy" src={ "data:image/svg+xml," (encoded(svg.as_bytes())) };
            }
            figcaption { (file(files, path)) }
        }
    }
}

fn file(files: &RunFiles<'_>, path: &str) -> Markup {
    let size = files.file(path).map(|file| bytes(file.bytes));
    html! { span.file { (files.link(path, &title(path))) " " span.muted { (size.unwrap_or_default()) } } }
}

fn title(path: &str) -> String {
    line(path.strip_prefix("profiling/").unwrap_or(path))
}
