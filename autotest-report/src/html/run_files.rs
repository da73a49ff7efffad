//! The files of a run on the page: texts from their beginning and their end, and links.

use std::cell::Cell;
use std::path::{Path, PathBuf};

use maud::{Markup, html};

use super::words::{bytes, line};
use super::{HtmlJob, links};
use crate::digest::RunDigest;
use crate::folder::{Excerpt, Folder, Found};

/// The maximum size of all files on a page, in bytes.
const PAGE_BYTES: u64 = 24 << 20;

/// A text of up to this size is not tall enough to scroll.
const SHORT_BYTES: usize = 1500;

/// The state that all runs of a page share.
#[derive(Debug)]
pub(super) struct Sheet<'a> {
    pub(super) base: Option<&'a Path>,
    /// The number of bytes of files that may still be added.
    left: Cell<u64>,
}

/// The files of a run.
#[derive(Debug)]
pub(super) struct RunFiles<'a> {
    pub(super) sheet: &'a Sheet<'a>,
    /// `None` if there is no directory.
    pub(super) folder: Option<Folder>,
    path: PathBuf,
    size: Size,
}

/// The amount shown of each text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Size {
    /// For a test that passed.
    Short,
    /// For a test that people look at.
    Long,
}

impl<'a> Sheet<'a> {
    pub(super) fn new(base: Option<&'a Path>) -> Sheet<'a> {
        Sheet {
            base,
            left: Cell::new(PAGE_BYTES),
        }
    }

    /// Takes this number of bytes from the page's limit, or fewer if not enough are left.
    pub(super) fn take(&self, wanted: u64) -> u64 {
        let taken = wanted.min(self.left.get());
        self.left.set(self.left.get() - taken);
        taken
    }
}

impl Size {
    /// The number of bytes shown of the beginning and of the end.
    fn bytes(self) -> (u64, u64) {
        match self {
            Size::Short => (4 << 10, 4 << 10),
            Size::Long => (16 << 10, 48 << 10),
        }
    }

    /// The number of bytes of sysinfo shown.
    pub(super) fn sysinfo_bytes(self) -> usize {
        match self {
            Size::Short => 16 << 10,
            Size::Long => 192 << 10,
        }
    }
}

impl<'a> RunFiles<'a> {
    pub(super) fn of(
        sheet: &'a Sheet<'a>,
        job: HtmlJob<'_>,
        run: &RunDigest,
        size: Size,
    ) -> RunFiles<'a> {
        let has_files = run.has_files && links::is_below(&run.subdir);
        let folder = has_files.then(|| Folder::open(job.dir)).flatten();
        RunFiles {
            sheet,
            folder: folder.and_then(|folder| folder.below(&run.subdir)),
            path: job.dir.join(&run.subdir),
            size,
        }
    }

    pub(super) fn size(&self) -> Size {
        self.size
    }

    /// A regular file, by its path in the run's directory.
    pub(super) fn file(&self, path: &str) -> Option<Found> {
        self.folder.as_ref()?.file(path)
    }

    /// The names in a directory.
    pub(super) fn names(&self, path: &str) -> Vec<String> {
        let folder = self.folder.as_ref().and_then(|folder| folder.below(path));
        folder.map(|folder| folder.names()).unwrap_or_default()
    }

    /// A link to a file or a directory, by its path in the run's directory.
    pub(super) fn link(&self, path: &str, text: &str) -> Markup {
        links::link(self.sheet.base, &self.path.join(path), text)
    }

    /// A link to the run's directory.
    pub(super) fn link_to_all(&self, text: &str) -> Markup {
        links::link(self.sheet.base, &self.path, text)
    }

    /// The part of a text that is shown.
    pub(super) fn excerpt(&self, file: &Found) -> Excerpt {
        let (start, end) = self.size.bytes();
        let wanted = file.bytes.min(start + end);
        match self.sheet.take(wanted) {
            taken if taken == wanted => file.excerpt(start, end),
            _ => Excerpt {
                left_out: file.bytes,
                ..Excerpt::default()
            },
        }
    }

    /// A text with its title and size. `None` if there is none.
    pub(super) fn text(&self, path: &str, title: &str, show: fn(&str) -> Markup) -> Option<Markup> {
        let file = self.file(path).filter(|file| file.bytes > 0)?;
        let excerpt = self.excerpt(&file);
        Some(html! {
            section {
                h3 {
                    (line(title)) " "
                    // A text that is complete needs no link.
                    @if excerpt.left_out == 0 { small { (bytes(file.bytes)) } }
                    @else { small { (self.link(path, &bytes(file.bytes))) } }
                }
                (shown(&excerpt, title, show))
            }
        })
    }
}

fn shown(excerpt: &Excerpt, title: &str, show: fn(&str) -> Markup) -> Markup {
    let left_out = bytes(excerpt.left_out);
    let text = html! {
        (show(&excerpt.start))
        @if excerpt.left_out > 0 { span.cut { (left_out) " left out" } (show(&excerpt.end)) }
    };
    html! {
        @if excerpt.start.is_empty() && excerpt.end.is_empty() {
            p.muted { "Not on this page, which is long enough without it." }
        } @else { (scrolled(excerpt.start.len() + excerpt.end.len(), title, &text)) }
    }
}

/// A text that scrolls if it is long; then the keyboard must reach it.
pub(super) fn scrolled(length: usize, title: &str, text: &Markup) -> Markup {
    html! {
        @if length <= SHORT_BYTES {
            pre { (text) }
        } @else {
            pre.long tabindex="0" role="group" aria-label=(line(title)) { (text) }
        }
    }
}
