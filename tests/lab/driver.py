"""A program that searches for its files as LoadLibrary does along PATH: each name in each
directory, in order, until it is found. Not one of the real drivers, which nobody has; but the same
requests in the same order, to real servers."""
import time

FILE_COMMANDS = ("SMB_COM_OPEN_ANDX", "TRANS2_FIND_FIRST2", "SMB_COM_NT_CREATE_ANDX",
                 "TRANS2_QUERY_PATH_INFORMATION")


class Path:
    """The network directories of a machine's PATH: (link, share, directory below it or "")."""

    def __init__(self, *entries):
        self.entries = entries

    def directories(self):
        """As they are named on the wire."""
        return ["\\".join(filter(None, (link.unc(share), below)))
                for link, share, below in self.entries]

    def search(self, names, *, how=None, found=(), pause=0.0):
        """`found`: (name, ordinal of the directory that has it). Returns the names that were
        missed somewhere."""
        missed = []
        for name in names:
            for number, (link, share, below) in enumerate(self.entries):
                full = f"{below}\\{name}" if below else name
                is_there = (name, number) in found
                link.look(share, full, how=how, found=is_there)
                time.sleep(pause)
                if is_there:
                    break
                if name not in missed:
                    missed.append(name)
        return missed

    def truth(self, missed):
        return {"directories": self.directories(), "missing": list(missed)}


def driver(identity, files, vendor=None, **more):
    """The culprit of the truth: a driver of knowledge/drivers.json, or None when no signature
    fits."""
    return {"kind": "driver", "id": identity, "vendor": vendor, "files": list(files), **more}
