//! Where this process has its code.

#![expect(unsafe_code, reason = "the calls that std does not have")]

use std::ops::Range;

/// More than this is not mapped at once: a test needs little of a large binary.
const MOST_BYTES: usize = 8 << 20;

/// The places of this process's code.
#[derive(Debug, Default)]
pub(in crate::exec) struct Code(Vec<Range<usize>>);

impl Code {
    /// That of the binary and of its shared libraries; nothing if it is much.
    pub(in crate::exec) fn of_this_process() -> Code {
        let mut code = Code::default();
        // SAFETY: the callback gets the pointer that is given here, to a value that outlives the call.
        unsafe { libc::dl_iterate_phdr(Some(add_object), (&raw mut code).cast()) };
        let bytes: usize = code.0.iter().map(Range::len).sum();
        match bytes <= MOST_BYTES {
            true => code,
            false => Code::default(),
        }
    }

    /// Maps it, as far as it is in memory: a forked process has none of it, and would take a fault for each
    /// piece that it needs.
    pub(in crate::exec) fn map(&self) {
        for place in &self.0 {
            let (start, length) = (place.start as *mut libc::c_void, place.len());
            // SAFETY: pages are mapped that are there already; what they hold does not change. Older kernels
            // refuse.
            unsafe { libc::madvise(start, length, libc::MADV_POPULATE_READ) };
        }
    }
}

/// Adds the segments of an object that are executed.
unsafe extern "C" fn add_object(
    info: *mut libc::dl_phdr_info,
    _size: libc::size_t,
    code: *mut libc::c_void,
) -> libc::c_int {
    // SAFETY: dl_iterate_phdr gives a valid description with as many headers as it says, and the pointer
    // that it was given, which nobody else uses meanwhile.
    let (info, headers, code) = unsafe {
        let info = &*info;
        let count = usize::from(info.dlpi_phnum);
        let headers = std::slice::from_raw_parts(info.dlpi_phdr, count);
        (info, headers, &mut *code.cast::<Code>())
    };
    for header in headers {
        if header.p_type == libc::PT_LOAD && header.p_flags & libc::PF_X != 0 {
            let start = (info.dlpi_addr + header.p_vaddr) as usize;
            let end = start + header.p_memsz as usize;
            code.0
                .push(start & !(PAGE_BYTES - 1)..end.next_multiple_of(PAGE_BYTES));
        }
    }
    0
}

/// Segments are aligned to this at least.
const PAGE_BYTES: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_where_functions_are() {
        let mut code = Code::default();
        // SAFETY: as in `of_this_process`.
        unsafe { libc::dl_iterate_phdr(Some(add_object), (&raw mut code).cast()) };
        let function = Code::of_this_process as fn() -> Code as usize;
        assert!(code.0.iter().any(|place| place.contains(&function)));
        code.map();
    }
}
