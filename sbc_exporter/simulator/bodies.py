"""The XML of the answers, laid out as in the vendor's examples."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from sbc_exporter.simulator.operations import Operation

_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Element:
    """An element with a text, with children, or empty; `written` is XML that goes out as it is."""

    name: str
    text: str = ""
    children: Sequence[Element] = ()
    written: str = ""


def document(
    *data: Element, messages: Sequence[Element] = (), links: Sequence[Element] = ()
) -> bytes:
    """The envelope around every answer; it ends, like the documented one, without a newline."""
    response = Element(
        "response",
        children=(
            Element("data", children=data),
            Element("messages", children=messages),
            Element("links", children=links),
        ),
    )
    return "\n".join([_DECLARATION, *_lines(response, "")]).encode()


def refusal(message: str) -> bytes:
    return document(messages=[Element("errorMessage", message)])


def started(link: str) -> bytes:
    """The answer to a request that the SBC will work on for a while."""
    return document(links=[Element("link", link)])


def access_token(token: str) -> bytes:
    return document(Element("accessToken", token))


def supported_versions(versions: Sequence[str]) -> bytes:
    """The versions, the last one being the latest."""
    others = tuple(Element("version", version) for version in versions[:-1])
    return document(
        Element(
            "supportedVersions",
            children=(
                Element("latestVersion", versions[-1] if versions else ""),
                Element("otherVersions", children=others),
            ),
        )
    )


def system_status(host_name: str, uptime: float) -> bytes:
    return document(
        Element("uptimeSeconds", str(int(uptime))),
        Element("hostName", host_name),
        Element("systemState", "online"),
        Element("role", "standalone"),
        Element("healthScorePercent", "100"),
    )


def nothing_requested(*, with_state: bool) -> bytes:
    return document(Element("operationState")) if with_state else document()


def operation_state(operation: Operation, now: float, *, error_in_state: bool) -> bytes:
    """Where the message of a failure stands is not documented beyond doubt, so it can move."""
    outcome = operation.outcome
    state = [Element("operation", operation.name), Element("status", operation.status(now))]
    beside: list[Element] = []
    if operation.ended(now):
        if outcome.error_message is not None:
            message = Element("errorMessage", outcome.error_message)
            (state if error_in_state else beside).append(message)
        if outcome.additional_info is not None:
            beside.append(Element("additionalInfo", written=outcome.additional_info))
    return document(Element("operationState", children=state), *beside)


def _lines(element: Element, indent: str) -> Iterator[str]:
    name = element.name
    content = element.written or _escaped(element.text)
    if element.children:
        yield f"{indent}<{name}>"
        for child in element.children:
            yield from _lines(child, indent + "  ")
        yield f"{indent}</{name}>"
    elif content:
        yield f"{indent}<{name}>{content}</{name}>"
    else:
        yield f"{indent}<{name}/>"


def _escaped(text: str) -> str:
    """Characters that XML 1.0 cannot hold, not even escaped, become the replacement character."""
    return escape(_NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text), {"\r": "&#13;"})
