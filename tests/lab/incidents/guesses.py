"""More attacks, and what looks like one from afar."""
import noise
from scene import incident

from .accounts import UNKNOWN
from .hostile import PROBE


@incident("administrator_sixty_times")
def administrator(scene):
    """SMB1, bare. PROBE01 guesses the Administrator's password over four connections, sixty times
    in forty seconds, and names itself nowhere. The server has no such account, which nobody can see
    from outside: nothing is locked (threshold 5)."""
    scene.serve("cap01", threshold=5)
    scene.at(0)
    noise.crowd(scene)
    links = [scene.link("probe01", kind="smb1") for _ in range(4)]
    for number in range(60):
        scene.at(500 + number * 0.66)
        links[number % 4].logon("Administrator", f"P@ssw0rd{number}", "CAP01")
    scene.blame("single-client-brute-force", "Administrator", domain="CAP01", authority="local",
                clients=["probe01"], culprit=PROBE, hostile=True)


@incident("spray_with_a_hit")
def spray(scene):
    """SMB 3.1.1. PROBE01 tries one password with twenty names. It is right for wsonly, who may log
    on from one workstation only: that refusal (0xC0000070) is a hit. Users are at work, and one of
    those that were tried mistypes (threshold 4)."""
    names = ("aadams", "asmith", "bwhite", "cgreen", "dbrown", "dmiller", "egray", "fblack",
             "gjones", "hlee", "hourly", "jdoe", "kicked", "kmeyer", "kmoore", "lnovak", "old_emp",
             "tnguyen", "wking", "wsonly")
    scene.serve("cap01", threshold=4)
    scene.at(0)
    noise.crowd(scene)
    for number, name in enumerate(names):
        scene.at(400 + number * 21 + number % 5)
        more = {"means": "INVALID_WORKSTATION"} if name == "wsonly" else {}
        scene.once("probe01", name, "Ws1!pass", kind="3.1.1", calling="kali", **more)
    noise.typing_error(scene, "ws042", "fblack", kind="3.1.1")
    scene.blame("password-spray", None, domain="CORP", authority="local", clients=["probe01"],
                culprit=PROBE, hostile=True)


@incident("slow_refusals")
def slow(scene):
    """SMB 3.0. Twenty-four refusals of jdoe from WS125 in an hour, two to four minutes apart, none
    granted, no lockout policy. The script guesses; but on the wire a person who does not give up,
    or a program with jitter, looks the same: an honest reader says the password is wrong and no
    more, and accuses nobody."""
    scene.serve("cap01", threshold=0)
    scene.at(0)
    noise.crowd(scene)
    when = 60
    for number in range(24):
        scene.at(when)
        scene.once("ws125", "jdoe", f"Jd0e!{number}", kind="3.0")
        when += (131, 217, 98, 240, 165, 119, 203)[number % 7]
    scene.blame(UNKNOWN, "jdoe", domain="CORP", authority="local", clients=["ws125"])
