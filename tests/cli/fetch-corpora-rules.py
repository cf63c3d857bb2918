# SPDX-License-Identifier: Apache-2.0
"""The rules of conversion on hand-made sources: what each must give was worked out by hand."""
import hashlib
import io
import json
import pathlib
import sys
import tarfile
import tempfile
import unittest
import zipfile

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "scripts"))
from fetch_corpora import convert, labelled, material, text      # noqa: E402


class Text(unittest.TestCase):
    def test_fold(self):
        for given, expected in [("", ""), ("  a \t\r\n b ", "a b"), ("a\u00a0\u3000b", "a b"),
                                ("a\x1cb", "a b"), ("a\u200bb", "a\u200bb"), (" \n ", "")]:
            self.assertEqual(text.fold(given), expected)

    def test_hash_is_of_nfc_and_folded(self):
        expected = hashlib.sha256(b"caf\xc3\xa9 x").hexdigest()
        for same in ("caf\u00e9 x", " cafe\u0301\n\nx "):
            self.assertEqual(text.text_hash(same), expected)
        for other in ("cafe x", "Caf\u00e9 x", "caf\u00e9x"):
            self.assertNotEqual(text.text_hash(other), expected)

    def test_hash_of_abc_is_the_published_one(self):
        self.assertEqual(text.text_hash("abc"), "ba7816bf8f01cfea414140de5dae2223"
                                                "b00361a396177a9cb410ff61f20015ad")

    def test_newlines(self):
        self.assertEqual(text.newlines("a\r\nb\rc\n\rd"), "a\nb\nc\n\nd")


def sgml(number, split, topics, inner, has_topics="YES"):
    topics = "".join(f"<D>{t}</D>" for t in topics)
    return (f'<REUTERS TOPICS="{has_topics}" LEWISSPLIT="{split}" CGISPLIT="x" OLDID="9" '
            f'NEWID="{number}">\n<TOPICS>{topics}</TOPICS>\n<TEXT>&#2;\n{inner}</TEXT>\n'
            "</REUTERS>\n")


class Reuters(unittest.TestCase):
    def setUp(self):
        first = "".join([
            sgml(1, "TRAIN", ["wheat", "corn", "wheat"], "<TITLE>A &amp; B\n</TITLE><BODY>One.\n"
                 "    P&lt;Q&gt; tw&#127;o.\n REUTER\n&#3;</BODY>"),
            sgml(2, "TRAIN", ["gold"], "<TITLE>not in test</TITLE><BODY>x&#3;</BODY>"),
            sgml(3, "TRAIN", ["wheat"], "<TITLE>no</TITLE><BODY>x&#3;</BODY>", "NO"),
            sgml(4, "NOT-USED", ["wheat"], "<TITLE>unused</TITLE><BODY>x&#3;</BODY>"),
            sgml(5, "TRAIN", ["corn", "gold"], "******<TITLE>BRIEF\n</TITLE>Blah.\n&#3;\n"),
            sgml(6, "TRAIN", [], "<TITLE>none</TITLE><BODY>x&#3;</BODY>")])
        second = sgml(10, "TEST", ["corn", "tin", "wheat"], "<BODY>Says  REUTER\n&#3;</BODY>")
        self.files = {"reuters-21578": {("001",): second.encode("latin-1"),
                                        ("000",): first.encode("latin-1")}}

    def test_train(self):
        self.assertEqual(list(convert.reuters(self.files, "train")), [
            {"id": "1", "title": "A & B", "text": "One.\n    P<Q> tw o.",
             "topics": ["corn", "wheat"]},
            {"id": "5", "title": "BRIEF", "text": "******Blah.", "topics": ["corn"]}])

    def test_test(self):
        self.assertEqual(list(convert.reuters(self.files, "test")), [
            {"id": "10", "title": "", "text": "Says  REUTER", "topics": ["corn", "wheat"]}])


class Tables(unittest.TestCase):
    def test_newsgroups(self):
        files = {"20newsgroups": {
            ("train", "b.x", "9"): b"From: a\r\n\r\n \x0cT\xe9xt \n\n",
            ("train", "a.x", "10"): b"one\rtwo\r\n",
            ("train", "a.x", "9"): b"late",
            ("test", "a.x", "1"): b"other part"}}
        self.assertEqual(list(convert.newsgroups(files, "train")), [
            {"id": "a.x/10", "text": "one\rtwo", "newsgroup": "a.x"},
            {"id": "a.x/9", "text": "late", "newsgroup": "a.x"},
            {"id": "b.x/9", "text": "From: a\n\n  T\u00e9xt", "newsgroup": "b.x"}])

    def test_semeval(self):
        head = b"ID\tTarget\tTweet\tStance\tOpinion towards\tSentiment\r\n"
        files = {"semeval2016-6": {
            ("trialdata",): head + b"1\tAtheism\t  it\x92s \tNONE\tOTHER\tNEITHER\r\n",
            ("trainingdata",): head + b"101\tAtheism\ta  b\tFAVOR\tTARGET\tPOSITIVE\r\n",
            ("testdata-taskA",): head + b"10001\tAtheism\tc\tAGAINST\tTARGET\tNEGATIVE\r\n"}}
        self.assertEqual(list(convert.semeval(files, "train")), [
            {"id": "1", "text": "it\u2019s", "target": "Atheism", "stance": "NONE"},
            {"id": "101", "text": "a  b", "target": "Atheism", "stance": "FAVOR"}])
        self.assertEqual([r["id"] for r in convert.semeval(files, "test")], ["10001"])

    def test_smsa(self):
        files = {"smsa": {("valid",): "bagus \u00e9\tpositive\nburuk\tnegative\n".encode(),
                          ("train",): b"", ("test",): b""}}
        self.assertEqual(list(convert.smsa(files, "dev")), [
            {"id": "smsa-dev-0", "text": "bagus \u00e9", "sentiment": "positive"},
            {"id": "smsa-dev-1", "text": "buruk", "sentiment": "negative"}])

    def test_sib200(self):
        files = {"sib200": {("dev",): b'index_id\tcategory\ttext\n12\tsports\t "a"  b\n'}}
        self.assertEqual(list(convert.sib200(files, "dev")), [
            {"id": "sib-id-12", "text": '"a" b', "topic": "sports"}])

    def test_ungdc(self):
        files = {"un-speeches": {("ZWE", "1999"): b"\xef\xbb\xbfa \t b\r\n\r\n  c\n",
                                 ("AFG", "2020"): b"x", ("AFG", "2021"): b"too late"}}
        self.assertEqual(list(convert.ungdc(files, "speeches")), [
            {"id": "ungd-ZWE-1999", "country": "ZWE", "year": 1999, "decade": "1990s",
             "text": "a b\n\n c"},
            {"id": "ungd-AFG-2020", "country": "AFG", "year": 2020, "decade": "2020s",
             "text": "x"}])

    def test_broken_tables_raise_what_is_caught(self):
        for function, files in [
                (convert.smsa, {"smsa": {("train",): b"no tab\n"}}),
                (convert.smsa, {"smsa": {("train",): b"\xff\tpositive\n"}}),
                (convert.smsa, {"smsa": {}}),
                (convert.reuters, {"reuters-21578": {("000",): b"<REUTERS ></REUTERS>"}}),
                (convert.semeval, {"semeval2016-6": {("trialdata",): b"head\n1\tx\n"}})]:
            with self.assertRaises(text.BROKEN):
                list(function(files, "train"))


class Labelled(unittest.TestCase):
    def test_speech_pieces_count_from_zero(self):
        speech = b"1. Mr. President,\n \n12.\t I  thank you.\r\n3.No rule\n\n4. \n5. 6. Twice"
        texts = labelled.speech_texts({("FRA", "2016"): speech})
        pieces = [texts(f"FRA_2016_{k}") for k in range(5)]
        self.assertEqual(pieces, ["Mr. President,", "I thank you.", "3.No rule", "4.", "6. Twice"])
        for absent in ("FRA_2016_5", "FRA_2017_0", "FRA_2016_x"):
            with self.assertRaises(text.BROKEN):
                texts(absent)

    def test_article_is_title_and_170_words(self):
        article = {"title": " A title ", "content": "no",
                   "content_original": "w\n\n" + " ".join(str(k) for k in range(200))}
        got = labelled.article_texts({("Ab1",): json.dumps(article).encode()})("x:Ab1")
        self.assertEqual(got.split(" "), ["A", "title.", "w"] + [str(k) for k in range(167)])

    def test_headlines_run_on_from_year_to_year(self):
        texts = labelled.headline_texts({("rt", "2010"): b'[{"t":"c"}]', ("tass", "2025"): b"[]",
                                         ("rt", "2009"): b'[{"t":"a"},{"t":" b  b "}]'})
        self.assertEqual([texts(f"rt_headlines_section:rt-{k}") for k in range(3)],
                         ["a", "b b", "c"])
        with self.assertRaises(text.BROKEN):
            texts("tass_headlines_section:tass-0")

    def sheet(self, strings, cells):
        space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as book:
            book.writestr("xl/sharedStrings.xml", f"<sst {space}>{strings}</sst>")
            book.writestr("xl/worksheets/sheet1.xml", f"<worksheet {space}><sheetData><row>{cells}"
                          "</row></sheetData></worksheet>")
        return {(): out.getvalue()}

    def test_sheet_row_is_number_plus_two(self):
        texts = labelled.sheet_texts(self.sheet(
            "<si><t>judul</t></si><si><t>B dua</t></si><si><r><t>B </t></r><r><t>tiga</t></r></si>",
            '<c r="B1" t="s"><v>0</v></c><c r="B2" t="s"><v>1</v></c><c r="B3" t="s"><v>2</v></c>'
            '<c r="B4"><v>1</v></c>'))
        self.assertEqual(texts("id_narasipal_section:nrs-0"), "B dua")
        self.assertEqual(texts("id_narasipal_section:nrs-1"), "B tiga")
        with self.assertRaises(text.BROKEN):
            texts("id_narasipal_section:nrs-2")     # a number, not a string

    def test_sheet_with_entities_is_refused(self):
        bomb = '<!DOCTYPE sst [<!ENTITY a "aaaa">]><sst>&a;</sst>'
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as book:
            book.writestr("xl/sharedStrings.xml", bomb)
        with self.assertRaisesRegex(ValueError, "declares entities"):
            labelled.sheet_texts({(): out.getvalue()})


class Material(unittest.TestCase):
    SOURCE = type("Source", (), {"pattern": r"d/(\w+)\.txt", "urls": ["x"]})

    def gather(self, files, wanted=lambda key: True):
        walk = [(name, len(data), lambda data=data: data) for name, data in files]
        return material.gather(self.SOURCE, walk, "here", wanted)

    def test_keys_come_from_the_end_of_the_path(self):
        self.assertEqual(self.gather([("d/a.txt", b"1"), ("x/y/d/b.txt", b"2"), ("e/c.txt", b"3"),
                                      ("xd/d.txt", b"4"), ("d/a.txt.bak", b"5")]),
                         {("a",): b"1", ("b",): b"2"})

    def test_what_is_not_wanted_is_not_read(self):
        walk = [("d/a.txt", 1, self.fail)]
        self.assertEqual(material.gather(self.SOURCE, walk, "", lambda key: False), {})

    def test_two_copies_must_agree(self):
        self.gather([("1/d/a.txt", b"1"), ("2/d/a.txt", b"1")])
        with self.assertRaisesRegex(text.Failure, "two different files a"):
            self.gather([("1/d/a.txt", b"1"), ("2/d/a.txt", b"2")])

    def test_size_is_a_claim_with_a_limit(self):
        with self.assertRaisesRegex(text.Failure, "at most"):
            material.gather(self.SOURCE, [("d/a.txt", material.MAX_FILE + 1, self.fail)], "",
                            lambda key: True)

    def test_links_of_an_archive_are_not_followed(self):
        with tempfile.NamedTemporaryFile(suffix=".tar.gz") as file:
            with tarfile.open(file.name, "w:gz") as archive:
                link = tarfile.TarInfo("d/a.txt")
                link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
                archive.addfile(link)
                plain = tarfile.TarInfo("d/b.txt")
                plain.size = 2
                archive.addfile(plain, io.BytesIO(b"ok"))
            given = material.Materials(file.name, None)
            self.assertEqual(given.files(self.SOURCE, lambda key: True), {("b",): b"ok"})


if __name__ == "__main__":
    unittest.main()
