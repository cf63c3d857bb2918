# SPDX-License-Identifier: Apache-2.0
"""Text: the normal form that is hashed, line ends, JSON Lines; and what broken input raises."""
import gzip
import hashlib
import json
import re
import tarfile
import unicodedata
import xml.etree.ElementTree as ElementTree
import zipfile
import zlib

OK, USAGE, MISMATCH, SYSTEM = 0, 2, 3, 5
BROKEN = (ValueError, KeyError, IndexError, TypeError, AttributeError, EOFError, RecursionError,
          zlib.error, ElementTree.ParseError, tarfile.TarError, zipfile.BadZipFile,
          gzip.BadGzipFile)


class Failure(Exception):
    """Ends the run with a message and an exit code."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


# White_Space of Unicode and the four separators U+001C to U+001F.
WHITE = re.compile("[\t-\r\x1c- \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")


def fold(text):
    """Every run of white space becomes one space; none at the ends."""
    return WHITE.sub(" ", text).strip(" ")


def text_hash(text):
    """SHA-256 of the normalised text: NFC, white space folded, UTF-8."""
    return hashlib.sha256(fold(unicodedata.normalize("NFC", text)).encode()).hexdigest()


def newlines(text):
    """CR LF and CR become LF."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def utf8(data):
    """UTF-8, a byte-order mark at the front dropped."""
    return data.decode("utf-8-sig")


def jsonl(records):
    """The bytes of the records, one a line."""
    return "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records).encode()
