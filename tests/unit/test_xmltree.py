"""XML from an SBC, or from whatever answers in its place."""

from __future__ import annotations

from contextlib import suppress
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sbc_exporter.errors import BadAnswer
from sbc_exporter.xmltree import MAX_DEPTH, MAX_ELEMENTS, Node, parse

# Every character that XML 1.0 allows, less U+000D: a parser turns it into a newline.
XML_TEXT = st.text(
    st.characters(codec="utf-8", exclude_characters="\r\ufffe\uffff").filter(
        lambda sign: sign >= " " or sign in "\t\n"
    )
)


def encoded(text: str, name: str, *, codec: str | None = None, bom: bytes = b"") -> bytes:
    document = f'<?xml version="1.0" encoding="{name}"?>\n<a><b>{text}</b></a>'
    return bom + document.encode(codec or name)


def test_nodes_are_found_by_their_path() -> None:
    """The first element at a path counts, also behind one that leads nowhere."""
    root = parse(b"<response><data/><data><x>1</x><x>2</x></data></response>")
    assert root.name == "response"
    assert root.text_at("data/x") == "1"
    found = root.find("data/x")
    assert found is not None
    assert found.path == "response/data/x"
    assert root.find("data/y") is None
    assert root.find("x") is None


def test_required_text_that_is_missing_is_named() -> None:
    """The message says which element is missing, with its whole path."""
    root = parse(b"<response><data><status> </status></data></response>")
    data = root.find("data")
    assert data is not None
    for path in ("status", "operation"):
        with pytest.raises(BadAnswer, match=f"^<response/data/{path}> is missing or empty$"):
            data.require(path)


def test_walk_is_in_document_order() -> None:
    """Every element below comes with its depth, and the node itself does not."""
    root = parse(b"<a><b><c/><d><e/></d></b><f/></a>")
    assert [(depth, node.name) for depth, node in root.walk()] == [
        (0, "b"),
        (1, "c"),
        (1, "d"),
        (2, "e"),
        (0, "f"),
    ]


@pytest.mark.parametrize(
    "document",
    [
        b'<response xmlns="urn:sbc"><data><x>1</x></data></response>',
        b'<s:response xmlns:s="urn:sbc"><s:data><s:x>1</s:x></s:data></s:response>',
        b'<response><d:data xmlns:d="urn:a?b=c&amp;d"><d:x d:y="z">1</d:x></d:data></response>',
    ],
    ids=["default", "prefixed", "mixed"],
)
def test_namespaces_make_no_difference(document: bytes) -> None:
    """Names are those after the prefix."""
    assert parse(document).text_at("data/x") == "1"


@pytest.mark.parametrize(
    "text", ["\n  save\n  ", "\tsave", "&#13;&#10;save&#9;", "\N{NO-BREAK SPACE}save"]
)
def test_white_space_around_a_text_is_dropped(text: str) -> None:
    """Indentation is not part of a word."""
    assert parse(f"<a><b>{text}</b></a>".encode()).text_at("b") == "save"


def test_white_space_inside_a_text_stays() -> None:
    """Only the ends are trimmed."""
    assert parse(b"<a><b> disk  is\nfull </b></a>").text_at("b") == "disk  is\nfull"


def test_white_space_alone_is_no_text() -> None:
    """An element that was only laid out nicely is empty."""
    assert parse(b"<a><b>\n  </b></a>").text_at("b") is None


def test_mixed_content_is_one_text() -> None:
    """Pieces around children, comments and CDATA make up the text of their element."""
    root = parse(b"<a><b>one <c>two</c>three<!-- no --> <![CDATA[<four>]]> <?p i?>&amp;</b></a>")
    assert root.text_at("b") == "one three <four> &"
    assert root.text_at("b/c") == "two"


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("Zürich", encoded("Zürich", "UTF-8")),
        ("Zürich", encoded("Zürich", "UTF-8", codec="utf-8-sig")),
        ("Zürich", "<a><b>Zürich</b></a>".encode("utf-8-sig")),
        ("Zürich", encoded("Zürich", "UTF-16", codec="utf-16-le", bom=b"\xff\xfe")),
        ("Zürich", encoded("Zürich", "UTF-16", codec="utf-16-be", bom=b"\xfe\xff")),
        ("Zürich", encoded("Zürich", "UTF-16LE", codec="utf-16-le")),
        ("Zürich", encoded("Zürich", "UTF-16BE", codec="utf-16-be")),
        ("Zürich", encoded("Zürich", "ISO-8859-1")),
        ("“5 €”", encoded("“5 €”", "windows-1252")),
        ("保存に失敗", encoded("保存に失敗", "Shift_JIS")),
        ("保存失败\U00020000", encoded("保存失败\U00020000", "GB18030")),
        ("保存に失敗", encoded("保存に失敗", "EUC-JP")),
    ],
    ids=[
        "UTF-8",
        "UTF-8 with BOM",
        "BOM alone",
        "UTF-16 little-endian",
        "UTF-16 big-endian",
        "UTF-16LE without BOM",
        "UTF-16BE without BOM",
        "ISO-8859-1",
        "windows-1252",
        "Shift_JIS",
        "GB18030",
        "EUC-JP",
    ],
)
def test_declared_encoding_is_read(text: str, content: bytes) -> None:
    """What the declaration or the byte order mark says is how the text is read."""
    assert parse(content).text_at("b") == text


@pytest.mark.parametrize(
    "content",
    [
        b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><a/>',
        b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        b'<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><a>&b;&b;</a>',
        b'<!DOCTYPE a [<!ENTITY % x SYSTEM "file:///etc/passwd">%x;]><a/>',
        '<?xml version="1.0" encoding="gbk"?><!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'.encode(
            "gbk"
        ),
        b"<!DOCTYPE html><html><body>Login</body></html>",
    ],
    ids=["DTD", "entity", "external entity", "bomb", "parameter entity", "GBK", "HTML"],
)
def test_document_types_are_refused(content: bytes) -> None:
    """No DTD is read, so nothing can be expanded or fetched."""
    with pytest.raises(BadAnswer, match="document type or an entity declaration"):
        parse(content)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"   \n",
        b"<a><b>",
        b"<a><b></a></b>",
        b"<a/><b/>",
        b"<a>&nbsp;</a>",
        b"<html><body><p>Login<br></body></html>",
        b'{"error": "not found"}',
        b"<a>\xff\xfe</a>",
        b"<a>\x00</a>",
        b"\x1f\x8b\x08\x00",
        b'<?xml version="1.0" encoding="no-such-thing"?><a/>',
        b'<?xml version="1.0" encoding="zlib"?><a/>',
        b'<?xml version="1.0" encoding="idna"?><a/>',
        b'<?xml version="1.0" encoding="UTF-16"?><a/>',
        b'<?xml version="1.0" encoding="utf-7"?><a>+AGE-</a>',
        b'<?xml version="1.0" encoding="Shift_JIS"?><a>\xff</a>',
        b'<?xml version="1.1"?>',
        b"<!-- nothing -->",
    ],
)
def test_what_is_no_document_is_a_bad_answer(content: bytes) -> None:
    """Whatever else comes ends as BadAnswer, and as nothing else."""
    with pytest.raises(BadAnswer) as raised:
        parse(content)
    assert raised.value.code == "malformed"


def nested(levels: int) -> bytes:
    return b"<a>" * levels + b"</a>" * levels


def test_levels_are_bounded() -> None:
    """As many as allowed are read and walked; one more is refused."""
    assert len(list(parse(nested(MAX_DEPTH)).walk())) == MAX_DEPTH - 1
    with pytest.raises(BadAnswer, match="levels"):
        parse(nested(MAX_DEPTH + 1))


def test_very_deep_document_is_refused() -> None:
    """200,000 levels overflow no stack."""
    with pytest.raises(BadAnswer, match="levels"):
        parse(nested(200_000))


def test_elements_are_bounded() -> None:
    """As many as allowed are read; one more is refused."""
    root = parse(b"<a>" + b"<b/>" * (MAX_ELEMENTS - 1) + b"</a>")
    assert len(root.children) == MAX_ELEMENTS - 1
    with pytest.raises(BadAnswer, match="elements"):
        parse(b"<a>" + b"<b/>" * MAX_ELEMENTS + b"</a>")


def test_very_wide_document_is_refused() -> None:
    """Of 100,000 elements, those over the bound are never made."""
    with pytest.raises(BadAnswer, match="elements"):
        parse(b"<a>" + b"<b/>" * 100_000 + b"</a>")


# No deadline for each example: the machine may be busy.
@settings(deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_give_a_node_or_a_bad_answer(content: bytes) -> None:
    """No other error leaves the parser, whatever comes."""
    with suppress(BadAnswer):
        assert isinstance(parse(content), Node)


# No deadline for each example: the machine may be busy.
@settings(deadline=None)
@given(st.from_regex(r"[A-Za-z0-9._-]{1,20}", fullmatch=True), st.binary(max_size=40))
def test_any_declared_encoding_gives_a_node_or_a_bad_answer(name: str, text: bytes) -> None:
    """Codecs of every kind can be named in a declaration."""
    content = f'<?xml version="1.0" encoding="{name}"?><a>'.encode() + text + b"</a>"
    with suppress(BadAnswer):
        assert isinstance(parse(content), Node)


# No deadline for each example: the machine may be busy.
@settings(deadline=None)
@given(XML_TEXT)
def test_any_text_comes_back_stripped(text: str) -> None:
    """What was put into an element is read out of it, less the white space around it."""
    root = parse(f"<a><b>{escape(text)}</b></a>".encode())
    node = root.find("b")
    assert node is not None
    assert node.text == text.strip()
