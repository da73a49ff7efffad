/// The device node is there.
fn node_exists() -> TestResult {
    ensure!(Path::new("/dev/null").exists());
    Ok(())
}
::autotest::__private::lone! {
    "node_exists", 0u32, "", "The device node is there.", Plain(node_exists), 94usize,
    "{\"v\":1,\"name\":\"node_exists\",\"module\":\"",
    "\",\"file\":\"\",\"line\":0,\"doc\":\"The device node is there.\"}\n"
}
