//! A network that loses packets: two namespaces with a cable between them.

use autotest::prelude::*;

use crate::prepare;

/// Connects two namespaces. Neighbours are fixed, so that no lost packet is one of ARP.
const CONNECT: &str = "set -e; a=02:00:00:00:00:01; b=02:00:00:00:00:02
    ip -n $1 link add eth0 address $a type veth peer name eth0 address $b netns $2
    ip -n $1 address add 192.0.2.1/30 dev eth0; ip -n $1 link set eth0 up
    ip -n $2 address add 192.0.2.2/30 dev eth0; ip -n $2 link set eth0 up
    ip -n $1 neigh add 192.0.2.2 lladdr $b dev eth0; ip -n $2 neigh add 192.0.2.1 lladdr $a dev eth0";

#[derive(Default)]
struct PacketLoss {
    ends: [String; 2],
}

/// Of the packets that ping sends, as many are lost as netem was told to lose.
#[autotest(timeout = "2m", attributes("root"))]
impl PacketLoss {
    fn initialize(&mut self, cx: &mut TestContext) -> TestResult {
        prepare(cx.command("ping").arg("-V"))?;
        self.ends = ["a", "b"].map(|end| format!("field-{end}-{}", std::process::id()));
        cx.save("ends", &self.ends)?;
        for end in &self.ends {
            prepare(cx.command("ip").args(["netns", "add", end]))?;
        }
        prepare(cx.shell(CONNECT).args(&self.ends)).map(drop)
    }

    fn run_once(
        &mut self,
        cx: &mut TestContext,
        #[param(default = 20.0, range = 1.0..=90.0)] loss_percent: f64,
    ) -> TestResult {
        let netem = cx.shell("tc -n $1 qdisc replace dev eth0 root netem loss $2%");
        prepare(netem.arg(&self.ends[0]).arg(loss_percent.to_string()))?;
        let ping = cx.shell("ip netns exec $1 ping -q -c 1000 -i 0.01 192.0.2.2");
        let summary = ping.arg(&self.ends[0]).read()?;
        let Some((before, _)) = summary.split_once("% packet loss") else {
            fail!("ping has no summary: {summary}");
        };
        let lost: f64 = before.rsplit(' ').next().unwrap_or(before).parse()?;
        cx.write_perf_keyval([("lost_percent", lost)])?;
        // Of 1,000 packets, the loss differs by more than that in one of a million runs.
        ensure_le!((lost - loss_percent).abs(), 8.0, "{lost} % were lost");
        Ok(())
    }

    fn cleanup(&mut self, cx: &mut TestContext) -> TestResult {
        for end in cx.saved::<[String; 2]>("ends")?.iter().flatten() {
            if fs::exists(format!("/run/netns/{end}"))? {
                cx.command("ip").args(["netns", "delete", end]).run()?;
            }
        }
        Ok(())
    }
}
