"""Servers that are not what they should be. Played last: one that lost its domain takes a while to
find it again."""
from net import ip4, sh
from scene import incident


@incident("domain_out_of_reach", "Q266729", server="mem01")
def out_of_reach(scene):
    """SMB 3.0 to a member server that cannot reach its domain controller any more: it refuses
    every domain account alike with 0xC000005E, right passwords and all."""
    cut = ("ip", "-n", "mem01", "route", "{}", "blackhole", ip4("dc01"))
    sh(*(word.format("add") for word in cut))
    try:
        scene.serve("mem01")
        scene.at(0)
        for number, account in enumerate(("jdoe", "asmith", "dbrown", "jdoe", "fblack", "asmith")):
            scene.at(10 + number * 45)
            scene.once(f"ws{101 + number % 4}", account, kind="3.0", means="NO_LOGON_SERVERS")
    finally:
        sh(*(word.format("del") for word in cut))
    scene.blame("secure-channel-broken", None, domain="CORP", authority="domain",
                clients=["ws101", "ws102", "ws103", "ws104"])
