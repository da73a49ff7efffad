#[autotest::autotest(sysinfo(command("ip addr"), file, cmd(" ")))]
fn collected() {}

#[autotest::autotest(sysinfo = "ip addr")]
fn as_a_text() {}

autotest::main!();
