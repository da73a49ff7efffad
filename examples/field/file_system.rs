//! A file system on a loop device.

use std::path::PathBuf;

use autotest::prelude::*;

use crate::prepare;

#[derive(Default)]
struct Remount {
    device: String,
}

/// Mounts a new file system, writes, unmounts it, and finds it consistent and the file unchanged.
#[autotest(timeout = "2m", attributes("root"))]
impl Remount {
    fn initialize(
        &mut self,
        cx: &mut TestContext,
        #[param(default = "ext4", choices("ext2", "ext3", "ext4"))] kind: &str,
    ) -> TestResult {
        let image = cx.tmpdir().join("image");
        fs::File::create(&image)?.set_len(64 << 20)?;
        prepare(cx.command(format!("mkfs.{kind}")).arg("-q").arg(&image))?;
        // Before there is a device: whenever this process ends, `cleanup` finds the device by its file.
        cx.save("image", &image)?;
        let losetup = cx.command("losetup").args(["--find", "--show"]);
        self.device = prepare(losetup.arg(image))?;
        Ok(())
    }

    fn run_once(&mut self, cx: &mut TestContext) -> TestResult {
        let (device, dir) = (&self.device, cx.tmpdir().join("mounted"));
        let (file, data) = (dir.join("data"), vec![0xa5; 4 << 20]);
        fs::create_dir_all(&dir)?;
        prepare(cx.command("mount").arg(device).arg(&dir))?;
        fs::write(&file, &data)?;
        cx.command("umount").arg(device).run()?;
        cx.command("fsck").args(["-f", "-n", device]).run()?;
        cx.command("mount").arg(device).arg(&dir).run()?;
        ensure!(fs::read(&file)? == data, "the file has changed");
        cx.command("umount").arg(device).run()?;
        Ok(())
    }

    fn cleanup(&mut self, cx: &mut TestContext) -> TestResult {
        let Some(image) = cx.saved::<PathBuf>("image")? else {
            return Ok(());
        };
        let list = cx.command("losetup").or_skip().args(["-n", "-O", "NAME"]);
        for device in list.arg("-j").arg(image).read()?.lines() {
            if fs::read_to_string("/proc/mounts")?.contains(&format!("{device} ")) {
                cx.command("umount").arg(device).run()?;
            }
            cx.command("losetup").args(["-d", device]).run()?;
        }
        Ok(())
    }
}
