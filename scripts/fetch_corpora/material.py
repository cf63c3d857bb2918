# SPDX-License-Identifier: Apache-2.0
"""Source material: the wanted files of a folder, an archive or a download, by key.

A walk yields (path, size, function that reads the bytes) of every file. Sizes and archives come
from strangers: nothing is unpacked to disk, and each has a limit.
"""
import http.client
import os
import pathlib
import re
import shutil
import sys
import tarfile
import tempfile
import urllib.error
import urllib.parse
import urllib.request

from fetch_corpora.text import BROKEN, MISMATCH, SYSTEM, Failure

RAW = "https://raw.githubusercontent.com/"      # single files; all else is an archive
TIMEOUT = 60                # seconds without a byte
MAX_DOWNLOAD = 1 << 30      # bytes of one download
MAX_FILE = 1 << 28          # bytes of one file of a source, unpacked
MAX_UNPACKED = 1 << 33      # bytes of one archive, unpacked


def walk_directory(top):
    """The regular files under a folder, in order of name."""
    for folder, folders, names in os.walk(top):
        folders[:] = sorted(f for f in folders if f != ".git")
        for name in sorted(names):
            path = os.path.join(folder, name)
            yield path, os.path.getsize(path) if os.path.isfile(path) else -1, \
                lambda path=path: pathlib.Path(path).read_bytes()


def walk_tar(path):
    """The regular files of a tar archive; each can be read only before the next is asked for."""
    with tarfile.open(path, "r|*") as archive:
        unpacked = 0
        for member in archive:
            unpacked += member.size
            if unpacked > MAX_UNPACKED:
                raise Failure(MISMATCH, f"{path}: more than {MAX_UNPACKED} bytes unpacked")
            if member.isreg():
                yield member.name, member.size, lambda m=member: archive.extractfile(m).read()


def gather(source, walk, where, wanted):
    """{key: bytes} of the files of the source with a wanted key among those of the walk."""
    pattern = re.compile("(?:^|.*/)" + source.pattern)
    found = {}
    for name, size, read in walk:
        match = pattern.fullmatch(name.replace(os.sep, "/"))
        if not match or size < 0 or not wanted(match.groups()):
            continue
        if size > MAX_FILE:
            raise Failure(MISMATCH, f"{name}: {size} bytes, at most {MAX_FILE} expected")
        data, key = read(), match.groups()
        if found.setdefault(key, data) != data:
            raise Failure(MISMATCH, f"{where}: two different files {'/'.join(key) or name}")
    return found


class Downloads:
    """Downloads into a temporary folder that lives as long as the run; each address once."""

    def __init__(self, mirror):
        self.mirror = mirror
        self.folder = None
        self.paths = {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    def get(self, url):
        if url in self.paths:
            return self.paths[url]
        self.folder = self.folder or tempfile.mkdtemp(prefix="fetch-corpora-")
        address = url
        if self.mirror:
            address = self.mirror.rstrip("/") + "/" + url.split("://", 1)[1]
        host = urllib.parse.urlsplit(address).netloc or address
        path = os.path.join(self.folder, str(len(self.paths)))
        try:
            self.copy(address, path)
        except urllib.error.HTTPError as e:
            raise Failure(SYSTEM, f"{address}: the server says {e.code} {e.reason}") from e
        except (OSError, ValueError, http.client.HTTPException) as e:
            raise Failure(SYSTEM, f"cannot reach {host} ({getattr(e, 'reason', None) or e}): is "
                          f"the network absent? Get {url} on another machine and give "
                          "its folder with --from") from e
        self.paths[url] = path
        return path

    @staticmethod
    def copy(address, path):
        request = urllib.request.Request(address, headers={"User-Agent": "fetch-corpora"})
        with urllib.request.urlopen(request, timeout=TIMEOUT) as reply, open(path, "wb") as out:
            size = 0
            while block := reply.read(1 << 16):
                size += len(block)
                if size > MAX_DOWNLOAD:
                    raise Failure(MISMATCH, f"{address}: more than {MAX_DOWNLOAD} bytes")
                out.write(block)
                if sys.stderr.isatty():
                    print(f"\r{address}: {size >> 20} MB", end="", file=sys.stderr)
            expected = reply.headers.get("Content-Length")
        if sys.stderr.isatty():
            print(file=sys.stderr)
        if expected and size != int(expected):
            raise OSError(f"{size} bytes of {expected} arrived")

    def walk(self, source):
        for url in source.urls:
            path = self.get(url)
            if url.startswith(RAW):
                yield url, os.path.getsize(path), pathlib.Path(path).read_bytes
            else:
                yield from walk_tar(path)


class Materials:
    """The files of each source, from --from or the network, gathered when asked for."""

    def __init__(self, given, downloads):
        self.given = given
        self.downloads = downloads

    def files(self, source, wanted):
        """{key: bytes}; empty when nothing of the source is there."""
        where = self.given or source.urls[0]
        try:
            if not self.given:
                walk = self.downloads.walk(source)
            elif os.path.isdir(self.given):
                walk = walk_directory(self.given)
            else:
                walk = walk_tar(self.given)
            return gather(source, walk, where, wanted)
        except BROKEN as e:
            raise Failure(MISMATCH, f"{where}: cannot be unpacked: {e}") from e
