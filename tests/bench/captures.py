"""The captures of the benchmark, each by its recipe, kept in a folder and made anew only when the
recipe or the size changed.

captures.make(NAME, FOLDER, BYTES, GENCAP) -> Capture. The five of the promises are those of the
reference bench when $SMBLAME_SHARED/bench is there (its truth is known for 1 GB), else our own of
the same shapes; the others are always our own."""
import dataclasses
import json
import os
import pathlib
import shutil
import subprocess

HERE = pathlib.Path(__file__).resolve().parent

# Arguments of gencap: options, WINDOW, conversations (scripts.py).
RECIPES = {
    "logon-storm": ["20000", "1:445:logon"],
    "storm1M": ["100000", "1:445:logon"],
    "probe-heavy": ["512", "1:445:probe"],
    "file-server": ["64", "1:445:bulk"],
    "mixed": ["4000", "60:80:http", "130:443:tls", "60:445:logon", "1:445:probe"],
    "pairs-storm": ["20000:20000", "1:445:logon"],
    "smb1-139": ["20000", "1:139:smb1"],
    "many-users": ["2000", "1:445:users"],
    "loss-reorder": ["-l", "5", "-r", "5", "20000", "1:445:logon"],
    "one-sided": ["-s", "1", "20000", "1:445:logon"],
    "pcapng": ["-n", "20000", "1:445:logon"],
}
# What an attacker may send (flood.py).
FLOODS = {
    "flood-syn": ["-a", "1", "-x", "1000", "1:445:logon"],
    "flood-data": ["-a", "1", "-x", "-m", "1000", "1:445:logon"],
    "flood-half-open": ["-a", "6", "-x", "20000", "1:445:logon"],
    "flood-web": ["-a", "1", "-x", "-m", "1000", "1:80:http"],
}
TIMES_THE_BYTES = {"storm1M": 3}
COMPRESSED = {"gz": ["gzip", "-1", "-c"], "zst": ["zstd", "-q", "-1", "-c"]}

# Reference bench: arguments of genpcap beyond -o and -b, and what 1 GB of it holds (storm1M: 2.97).
_NEGOTIATION = "100,port=445,syn,hex=6d0000c0 {t}/smb/ntlmssp-negotiateflags.pcap"
REFERENCE = {
    "logon-storm": (f"-s 1 -w 20000 -u 3 -n 50000 -g {_NEGOTIATION}", 3644110, 337446, 0),
    "storm1M": (f"-s 9 -w 100000 -u 3 -n 200000 -g {_NEGOTIATION}", 10822572, 1002085, 0),
    "probe-heavy": ("-s 3 -w 512 -u 8 -g 100,probe=1000", 5199264, 0, 2579000),
    "file-server": ("-s 2 -w 64 -u 16 -g 30,port=445,syn {t}/smb/smb2-async-read.pcap "
                    "-g 20,port=445,syn {t}/smb/smb2.pcap -g 50,bulk=16", 902974, 0, None),
    "mixed": ("-s 4 -w 4000 -u 6 -g 40,port=80 {http} -g 15,port=53 {dns} -g 35,port=443 {tls} "
              "-g 2,port=445,syn,hex=6d0000c0 {t}/smb/ntlmssp-negotiateflags.pcap "
              "-g 4,port=445,syn {t}/smb/smb2-async-read.pcap -g 2,port=445,syn {t}/smb/smb2.pcap "
              "-g 2,probe=200", 2055402, 6715, None),
}
REFERENCE_BYTES = {"storm1M": 2_970_000_000}
GIGABYTE = 1_000_000_000


@dataclasses.dataclass
class Capture:
    """A capture and its truth; None where it is not known."""
    path: pathlib.Path
    packets: int | None
    logons: int | None
    opens: int | None


def names():
    """Every capture there is a recipe for, compressed ones last."""
    return list(RECIPES) + [f"logon-storm.{ending}" for ending, command in COMPRESSED.items()
                            if shutil.which(command[0])]


def make(name, folder, size, gencap, is_small=False, is_ours=False):
    """Makes a capture unless it is there already. A small one has a hundredth of the flows alive at
    a time. A small one, and one that has to be ours, is never the reference bench's."""
    folder.mkdir(parents=True, exist_ok=True)
    plain, _, ending = name.partition(".")
    size *= TIMES_THE_BYTES.get(plain, 1)
    reference = None if is_small or is_ours else _reference()
    is_reference = reference and plain in REFERENCE
    note, path = folder / f"{plain}.json", folder / f"{plain}.pcap"
    recipe = [bool(is_reference), is_small, size, _words(plain)]
    if not path.exists() or not note.exists() or json.loads(note.read_text())[0] != recipe:
        truth = (_by_reference(plain, path, size, reference) if is_reference
                 else _by_recipe(plain, path, size, gencap, is_small))
        note.write_text(json.dumps([recipe, truth]))
        for command in COMPRESSED:
            (folder / f"{plain}.pcap.{command}").unlink(missing_ok=True)
    truth = json.loads(note.read_text())[1]
    if ending:
        path = _compressed(path, ending)
    return Capture(path, *truth)


def _words(name):
    return RECIPES.get(name) or FLOODS[name]


def _compressed(path, ending):
    packed = path.with_name(f"{path.name}.{ending}")
    if not packed.exists():
        with open(packed, "wb") as out:
            subprocess.run([*COMPRESSED[ending], path], stdout=out, check=True)
    return packed


def _by_recipe(name, path, size, gencap, is_small):
    scripts = path.parent / "scripts"
    if not scripts.exists():
        scripts.mkdir()
        subprocess.run(["python3", HERE / "scripts.py", scripts, HERE.parents[1] / "captures"],
                       check=True)
    *options, window = [word for word in _words(name) if word.count(":") < 2]
    if is_small:
        flows, colon, clients = window.partition(":")
        window = f"{max(4, int(flows) // 100)}{colon}{clients}"
    groups = [word.rpartition(":") for word in _words(name) if word.count(":") == 2]
    said = subprocess.run([gencap, *options, path, str(size), window,
                           *(f"{how}:{scripts / script}.script" for how, _, script in groups)],
                          stdout=subprocess.PIPE, text=True, check=True).stdout.split()
    return [int(said[i]) for i in (0, 4, 6)]


def _reference():
    folder = pathlib.Path(os.environ.get("SMBLAME_SHARED", "/nowhere")) / "bench"
    return folder if (folder / "genpcap.c").exists() else None


def _by_reference(name, path, size, reference):
    program = path.parent / "genpcap"
    if not program.exists():
        subprocess.run(["cc", "-O2", "-o", program, reference / "genpcap.c"], check=True)
    templates = reference / "templates"
    arguments, packets, logons, opens = REFERENCE[name]
    wanted = REFERENCE_BYTES.get(name, GIGABYTE)
    is_whole = size == TIMES_THE_BYTES.get(name, 1) * GIGABYTE
    words = []
    for word in arguments.split():
        if word in ("{http}", "{dns}", "{tls}"):
            words += sorted((templates / word[1:-1]).glob("*.pcap"))
        else:
            words.append(word.format(t=templates))
    subprocess.run([program, "-o", path, "-b", str(wanted if is_whole else size), *words],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return [packets, logons, opens] if is_whole else [None, None, None]
