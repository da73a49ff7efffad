//! 32 ways to misbehave, and a few tests that behave. Whatever a test does, the job continues and reports it.
//!
//! ```sh
//! cargo run --example hostile                 # everything; ends with 101
//! cargo run --example hostile -- crashes::    # one kind
//! cargo run --example hostile -- --nocapture leaves::
//! ```
//! Look at the verdicts, and at `debug/` of each test: it has what the test printed, up to a limit.

#![expect(unsafe_code, reason = "misbehaving takes system calls")]

use std::io::Write;
use std::os::fd::RawFd;
use std::process::Command;

use autotest::prelude::*;

/// These run between the others and must pass.
mod innocent {
    use super::*;

    #[autotest(name = "a_innocent")]
    fn first() {}

    #[autotest(name = "loops_innocent")]
    fn middle(cx: &mut TestContext) -> TestResult {
        ensure!(std::env::current_dir()? == cx.outputdir());
        ensure!(
            std::env::var_os("HOSTILE").is_none(),
            "the environment of another test"
        );
        Ok(())
    }

    #[autotest(name = "z_innocent")]
    fn last(cx: &mut TestContext) -> TestResult {
        cx.write_test_keyval([("still", "here")])?;
        Ok(())
    }
}

/// The process ends before the test has finished.
mod crashes {
    use super::*;

    #[autotest]
    fn null_dereference() {
        // SAFETY: none, on purpose: the test must crash here.
        let value = unsafe { std::ptr::null::<u8>().read_volatile() };
        println!("{value}");
    }

    #[autotest]
    fn abort() {
        std::process::abort();
    }

    #[autotest]
    #[expect(unconditional_recursion, reason = "the point")]
    fn stack_overflow() {
        let block = std::hint::black_box([0_u8; 4096]);
        stack_overflow();
        std::hint::black_box(block);
    }

    #[autotest]
    fn exit_0() {
        std::process::exit(0);
    }

    #[autotest]
    fn exit_3() {
        std::process::exit(3);
    }

    #[autotest]
    fn kills_itself() {
        // SAFETY: takes two ints.
        unsafe { libc::kill(libc::getpid(), libc::SIGKILL) };
    }

    #[autotest]
    fn kills_its_group() {
        // SAFETY: takes two ints.
        unsafe { libc::kill(0, libc::SIGKILL) };
    }

    #[autotest]
    fn panics_in_a_thread() {
        let thread = std::thread::spawn(|| panic!("in a thread"));
        thread.join().unwrap();
    }

    struct PanicsOnDrop;

    impl Drop for PanicsOnDrop {
        fn drop(&mut self) {
            panic!("the second");
        }
    }

    #[autotest]
    fn panics_while_panicking() {
        let _bomb = PanicsOnDrop;
        panic!("the first");
    }

    #[autotest]
    fn out_of_memory() {
        limit(libc::setrlimit, libc::RLIMIT_AS, 64 << 20);
        let block = vec![1_u8; 1 << 30];
        println!("{}", block.len());
    }

    /// Its cleanup runs in another process and reads the values that the test passed to `save`.
    #[derive(Default)]
    struct WithCleanup;

    #[autotest(name = "crashes::with_cleanup")]
    impl WithCleanup {
        fn initialize(&mut self, cx: &mut TestContext) -> TestResult {
            cx.save("device", "/dev/ttyUSB0")?;
            Ok(())
        }

        fn run_once(&mut self) {
            println!("going down");
            std::process::abort();
        }

        fn cleanup(&mut self, cx: &mut TestContext) -> TestResult {
            let device = cx.saved::<String>("device")?.unwrap_or_default();
            let phase = cx.failed_phase().map_or("none", Phase::name);
            println!(
                "released {device:?} after {phase}, recovery: {}",
                cx.is_recovery()
            );
            Ok(())
        }
    }
}

/// They do not end by themselves.
mod loops {
    use super::*;

    #[autotest(timeout = "1s")]
    fn endless() {
        loop {
            std::hint::spin_loop();
        }
    }

    #[autotest(timeout = "1s")]
    fn ignores_sigterm() {
        // SAFETY: SIG_IGN is a valid disposition.
        unsafe { libc::signal(libc::SIGTERM, libc::SIG_IGN) };
        std::thread::sleep(std::time::Duration::from_secs(600));
    }

    #[autotest(timeout = "1s")]
    fn blocks_all_signals() {
        // SAFETY: sigfillset initializes the set before it is used.
        unsafe {
            let mut all = std::mem::zeroed();
            libc::sigfillset(&raw mut all);
            libc::sigprocmask(libc::SIG_BLOCK, &raw const all, std::ptr::null_mut());
        }
        std::thread::sleep(std::time::Duration::from_secs(600));
    }

    #[autotest(timeout = "1s")]
    fn leaves_its_group() {
        // SAFETY: take and return ints.
        unsafe { libc::setpgid(0, libc::getpgid(libc::getppid())) };
        std::thread::sleep(std::time::Duration::from_secs(600));
    }

    #[autotest(timeout = "1s")]
    fn makes_the_supervisor_its_tracer() {
        let nothing = std::ptr::null_mut::<libc::c_void>();
        // SAFETY: PTRACE_TRACEME ignores its other arguments.
        unsafe { libc::ptrace(libc::PTRACE_TRACEME, 0, nothing, nothing) };
        std::thread::sleep(std::time::Duration::from_secs(600));
    }

    #[autotest(timeout = "20s")]
    fn stops_itself() {
        // SAFETY: takes an int.
        unsafe { libc::raise(libc::SIGSTOP) };
    }
}

/// They leave processes behind that keep pipes open.
mod leaves {
    use super::*;

    #[autotest]
    fn a_child() -> TestResult {
        Command::new("sleep").arg("600").spawn()?;
        Ok(())
    }

    #[autotest]
    fn a_grandchild() -> TestResult {
        Command::new("sh")
            .args(["-c", "sleep 600 & exit 0"])
            .status()?;
        Ok(())
    }

    #[autotest]
    fn a_daemon() -> TestResult {
        Command::new("setsid")
            .args(["sh", "-c", "sleep 600 & exit 0"])
            .status()?;
        Ok(())
    }

    /// A daemon of short-lived processes: each copy starts the next one and ends.
    #[autotest]
    fn a_daemon_that_starts_itself_again() {
        // SAFETY: this process has one thread; the copies call nothing but fork, setsid and _exit.
        unsafe {
            if libc::fork() == 0 {
                libc::setsid();
                // Ends after a while even if it is not killed.
                for _ in 0..50_000 {
                    if libc::fork() > 0 {
                        libc::_exit(0);
                    }
                }
                libc::_exit(0);
            }
        }
    }
}

/// They print too much, or text that would upset a terminal.
mod prints {
    use super::*;

    #[autotest]
    fn too_much() -> TestResult {
        let block = [b'x'; 1 << 16];
        let mut out = std::io::stdout().lock();
        for _ in 0..200 << 4 {
            out.write_all(&block)?;
        }
        Ok(())
    }

    #[autotest]
    fn no_text() -> TestResult {
        let mut out = std::io::stdout().lock();
        out.write_all(b"\xff\xfe\x1b[2J\x1b]0;title\x07 without a newline")?;
        out.flush()?;
        fail!("\x1b[31mred\x1b[0m")
    }
}

/// They break their connection to the supervisor.
mod disconnects {
    use super::*;

    fn each_fd_from(first: RawFd, f: fn(RawFd)) {
        (first..64).for_each(f);
    }

    fn close(fd: RawFd) {
        // SAFETY: none, on purpose: the descriptor belongs to the framework.
        unsafe { libc::close(fd) };
    }

    #[autotest]
    fn closes_everything() {
        each_fd_from(0, close);
    }

    #[autotest]
    fn closes_the_event_pipe() {
        each_fd_from(3, close);
    }

    /// The copy also runs to the end of the test, and its outcome must not count.
    #[autotest]
    fn a_copy_speaks_for_it() {
        // SAFETY: this process has one thread.
        let pid = unsafe { libc::fork() };
        if pid > 0 {
            // SAFETY: waitpid takes a null pointer for a status that nobody wants.
            unsafe { libc::waitpid(pid, std::ptr::null_mut(), 0) };
            std::process::exit(0);
        }
    }

    #[autotest]
    fn writes_garbage() {
        each_fd_from(3, |fd| {
            let garbage = b"\xff{\"outcome\":null}\n{\"event\":{\"job_end\":{}}}\n\0\0{\"outcome\"";
            // SAFETY: write reads the slice's bytes.
            unsafe { libc::write(fd, garbage.as_ptr().cast(), garbage.len()) };
        });
    }
}

/// They change the process, its directories or the machine.
mod changes {
    use super::*;

    #[autotest]
    fn its_output_directory_away(cx: &mut TestContext) -> TestResult {
        while cx.outputdir().exists() {
            let _ = std::fs::remove_dir_all(cx.outputdir());
        }
        cx.write_test_keyval([("after", "removal")])?;
        Ok(())
    }

    #[autotest]
    fn directory_umask_and_environment() -> TestResult {
        std::env::set_current_dir("/")?;
        // SAFETY: this process has one thread; umask takes an int.
        unsafe {
            std::env::set_var("HOSTILE", "1");
            std::env::set_var("TZ", "Asia/Tokyo");
            libc::umask(0o777);
        }
        Ok(())
    }

    #[autotest]
    fn limits_of_files(cx: &mut TestContext) -> TestResult {
        limit(libc::setrlimit, libc::RLIMIT_NOFILE, 0);
        limit(libc::setrlimit, libc::RLIMIT_FSIZE, 0);
        cx.write_test_keyval([("still", "recorded")])?;
        Ok(())
    }

    /// Writes to its own tmpfs, where that is available.
    #[autotest]
    fn fills_a_disk(cx: &mut TestContext) -> TestResult {
        mount_small_tmpfs(cx.tmpdir())?;
        std::fs::write(cx.tmpdir().join("big"), vec![0; 1 << 20])?;
        Ok(())
    }

    fn mount_small_tmpfs(at: &std::path::Path) -> TestResult {
        use std::os::unix::ffi::OsStrExt;
        let at = std::ffi::CString::new(at.as_os_str().as_bytes())?;
        let (none, tmpfs, small) = (c"none", c"tmpfs", c"size=64k");
        // SAFETY: all strings end in NUL and live as long as the calls.
        let mounted = unsafe {
            libc::unshare(libc::CLONE_NEWNS) == 0
                && libc::mount(
                    none.as_ptr(),
                    c"/".as_ptr(),
                    std::ptr::null(),
                    libc::MS_REC | libc::MS_PRIVATE,
                    std::ptr::null(),
                ) == 0
                && libc::mount(
                    tmpfs.as_ptr(),
                    at.as_ptr(),
                    tmpfs.as_ptr(),
                    0,
                    small.as_ptr().cast(),
                ) == 0
        };
        if !mounted {
            skip!(
                "no tmpfs of its own can be had: {}",
                std::io::Error::last_os_error()
            );
        }
        Ok(())
    }

    #[autotest]
    fn a_million_keyvals(cx: &mut TestContext) -> TestResult {
        for thousand in 0..1000 {
            let keyvals = (0..1000).map(|i| (format!("k{i}"), thousand * 1000 + i));
            cx.write_test_keyval(keyvals)?;
        }
        Ok(())
    }
}

/// The type of the resource differs between libcs, so this function is generic over it.
fn limit<T>(setrlimit: unsafe extern "C" fn(T, *const libc::rlimit) -> i32, what: T, value: u32) {
    let limit = libc::rlimit {
        rlim_cur: value.into(),
        rlim_max: value.into(),
    };
    // SAFETY: setrlimit reads the struct.
    unsafe { setrlimit(what, &raw const limit) };
}

autotest::main!();
