"""Programs that search PATH over the network, and who pays for it (Q278660 and its family)."""
import noise
from driver import Path, driver
from scene import incident

TOKEN, LOCAL_PASSWORD = "SMSCliToknAcct&", "Wks!Tok-{}"
CAUSE = "third-party-driver-path-search"


def token(link, host, **more):
    """The inventory agent's own session setup, with the account of the machine."""
    return link.logon(TOKEN, LOCAL_PASSWORD.format(host), host.upper(), **more)


@incident("q278660_crystal", "Q278660", golden=True)
def crystal(scene):
    """SMB1. On WS042 the Crystal CWB driver looks for its files in two network directories of the
    system PATH, in the session of the user jdoe. Whenever the hardware inventory is at work, the
    agent's local SMSCliToknAcct& goes to the server first, with the machine's name as the domain;
    the server counts it against its own account of that name, and locks it (threshold 5). Another
    user mistypes a password, a third machine looks for desktop.ini, somebody connects without a
    password."""
    scene.serve("cap01", threshold=5)
    scene.at(0)
    user = noise.good_user(scene, "ws042", "jdoe", kind="smb1", share="CAP_S01")
    noise.without_password(scene)
    path = Path((user, "CAP_S01", ""), (user, "SMSLOGON", ""))
    files = ("CWBAUDIO.BIN", "CWBAUDIO.INF", "CWBPCPLE.DLL")
    for burst in range(4):
        scene.at(60 + burst * 127)
        for _ in range(2):
            token(user, "ws042", share="CAP_S01")
        missed = path.search(files)
        token(user, "ws042", share="SMSLOGON")
        if burst == 1:
            scene.at(220)
            noise.typing_error(scene, "ws101", "bwhite")
            noise.explorer(scene, "ws102", "cgreen", share="CAP_S01")
    scene.at(700)
    user.look("CAP_S01", "readme.txt", how="TRANS2_QUERY_PATH_INFORMATION", found=True)
    scene.innocent(accounts=["jdoe"])
    scene.innocents["clients"].remove("192.0.2.42")
    scene.blame(CAUSE, TOKEN, domain="WS042", authority="local", clients=["ws042"],
                culprit=driver("crystal-cwb-cwd", files, "Crystal Semiconductor"),
                walk=path.truth(missed))
