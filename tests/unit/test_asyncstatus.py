"""What is made of the answers to asyncstatus, beside the metrics in tests/golden."""

from __future__ import annotations

from xml.sax.saxutils import escape

import pytest

from sbc_exporter.collectors.asyncstatus import COLLECTOR, OTHER, History, detail_text, read
from sbc_exporter.collectors.base import News
from sbc_exporter.errors import BadAnswer
from sbc_exporter.xmltree import parse


def answer(
    operation: str = "save", status: str = "success", error: str | None = None, info: str = ""
) -> bytes:
    message = f"<errorMessage>{escape(error)}</errorMessage>" if error is not None else ""
    more = f"<additionalInfo>{info}</additionalInfo>" if info else ""
    return (
        f"<response><data><operationState><operation>{escape(operation)}</operation>"
        f"<status>{escape(status)}</status>{message}</operationState>{more}</data></response>"
    ).encode()


NOTHING = b"<response><data/></response>"
FAILURE = "the last operation failed"
VERIFY = "<verifySummary><verify><object>realm</object></verify></verifySummary>"


def folded(*contents: bytes) -> History:
    """What is known after these answers, a second apart."""
    history: History | None = None
    for second, content in enumerate(contents):
        history = COLLECTOR.fold(history, parse(content), 1000.0 + second)
    assert history is not None
    return history


def told(*contents: bytes) -> list[News]:
    """What goes into the log over these answers."""
    news: list[News] = []
    before: History | None = None
    for content in contents:
        after = COLLECTOR.fold(before, parse(content), 1000.0)
        news.extend(COLLECTOR.news(before, after))
        before = after
    return news


def test_answer_is_read_as_it_stands() -> None:
    """Operation, status, message and details, in the order of the answer."""
    operation = read(parse(answer("verify", "fail", "1 error", VERIFY)))
    assert operation is not None
    assert (operation.words, operation.error_message) == (("verify", "fail"), "1 error")
    assert [(detail.depth, detail_text(detail)) for detail in operation.details] == [
        (0, "verifySummary"),
        (1, "verify"),
        (2, "object: realm"),
    ]


@pytest.mark.parametrize(
    ("content", "missing"),
    [
        (b"<response/>", "response/data"),
        (b"<html><body/></html>", "html/data"),
        (answer(status=""), "response/data/operationState/status"),
        (answer(operation=" "), "response/data/operationState/operation"),
    ],
    ids=["no data", "HTML", "no status", "no operation"],
)
def test_answer_without_its_elements_is_malformed(content: bytes, missing: str) -> None:
    """The element that is missing is named, and nothing is known from such an answer."""
    with pytest.raises(BadAnswer, match=f"^<{missing}> is missing"):
        folded(content)


@pytest.mark.parametrize(
    "content",
    [
        NOTHING,
        b"<response><data><operationState/></data></response>",
        answer(operation="", status=" "),
        b"<response><data><additionalInfo><x/></additionalInfo></data></response>",
    ],
)
def test_nothing_requested_is_no_failure(content: bytes) -> None:
    """There is no operation, no gauge, and nothing to log."""
    assert folded(content).current is None
    assert COLLECTOR.gauges(folded(content)) == ()
    assert told(content, content) == []


def test_first_answer_is_no_change() -> None:
    """What stood there before the exporter came happened at an unknown time."""
    assert folded(answer(), answer()).changes == {}


def test_time_of_a_change_is_that_of_its_first_sight() -> None:
    """It stays while the answer stays, whatever else is in it."""
    history = folded(answer(), answer("save", "fail", "a"), answer("save", "fail", "b"))
    assert history.since == 1001.0
    assert history.changes == {("save", "fail"): 1}


def test_reboot_is_a_change_that_is_not_counted() -> None:
    """From an operation to none: the time is new, and no operation has ended."""
    history = folded(answer(), NOTHING)
    assert history.since == 1001.0
    assert history.changes == {}


def test_earlier_state_is_not_touched() -> None:
    """What was known before stays as it was, for whoever still reads it."""
    before = folded(answer())
    COLLECTOR.fold(before, parse(answer("backup", "fail")), 2000.0)
    assert before == folded(answer())


def test_counters_start_at_zero() -> None:
    """Both ends of each known operation are there before the first answer."""
    counted = COLLECTOR.counters(None)
    assert len(counted) == 10
    assert {sample.value for sample in counted} == {0}


def test_first_success_is_no_news() -> None:
    """At a restart of the exporter the log is not filled with what is well."""
    assert told(answer(), answer()) == []


def test_change_is_told_once() -> None:
    """An operation that begins and ends gives a line each."""
    begun, ended = told(
        answer(), answer("backup", "inProgress"), answer("backup"), answer("backup")
    )
    assert begun.fields == (("operation", "backup"), ("status", "inProgress"))
    assert (ended.level, ended.message) == ("info", "the last operation")
    assert ended.fields == (("operation", "backup"), ("status", "success"))


def test_failure_is_told_once_with_its_message() -> None:
    """Also when it stood there before the exporter came."""
    failed = answer("save", "fail", "disk full")
    [news] = told(failed, failed, failed)
    assert (news.level, news.message) == ("warning", FAILURE)
    about = {"operation": "save", "status": "fail", "error_message": "disk full"}
    assert dict(news.fields) == about


def test_failure_is_told_again_when_its_text_changes() -> None:
    """Another text is another failure, although operation and status are the same."""
    first, second = answer("save", "fail", "disk full"), answer("save", "fail", "disk gone")
    messages = [dict(news.fields)["error_message"] for news in told(first, first, second, second)]
    assert messages == ["disk full", "disk gone"]


def test_failure_without_a_message_says_so() -> None:
    """The message is optional."""
    [news] = told(answer("save", "fail"))
    assert dict(news.fields)["error_message"] == "none given"


def test_failure_after_another_operation_is_told_again() -> None:
    """The same words mean another failure when something else came between."""
    failed = answer("save", "fail", "disk full")
    assert [news.message for news in told(failed, answer(), failed)].count(FAILURE) == 2


def test_additional_info_is_told_once() -> None:
    """A verify's summary stands in one line, also at the first answer, and not again."""
    verified = answer("verify", "success", info=VERIFY)
    [news] = told(verified, verified)
    assert news.level == "info"
    assert dict(news.fields)["additional_info"] == "verifySummary; verify; object: realm"


def test_additional_info_that_stays_is_not_repeated() -> None:
    """A change of the message alone leaves the details out."""
    answers = [answer("verify", "fail", text, VERIFY) for text in ("one", "two")]
    first, second = told(*answers)
    assert "additional_info" in dict(first.fields)
    assert "additional_info" not in dict(second.fields)


def test_unknown_word_is_told_once() -> None:
    """Each word that the API does not list is named in the log, once for all time."""
    odd = answer("defragment", "halted")
    news = told(odd, odd, answer(), odd, answer("compress"))
    assert [item.fields for item in news if item.message.startswith("unknown")] == [
        (("operation", "defragment"),),
        (("status", "halted"),),
        (("operation", "compress"),),
    ]
    assert {item.level for item in news if item.message.startswith("unknown")} == {"warning"}


def test_known_word_in_another_case_is_unknown() -> None:
    """Words are compared as they are; a guess would be a wrong metric."""
    operation = read(parse(answer("Save", "SUCCESS")))
    assert operation is not None
    assert operation.words == (OTHER, OTHER)


def test_texts_are_bounded() -> None:
    """1,000 characters of a message, a word or a detail are kept."""
    long = "x" * 5000
    operation = read(parse(answer(long, long, long, f"<a>{long}</a>")))
    assert operation is not None
    assert operation.error_message == "x" * 1000
    assert operation.unknown == (("operation", "x" * 1000), ("status", "x" * 1000))
    assert [len(detail.text) for detail in operation.details] == [1000]


def test_details_are_bounded() -> None:
    """200 are kept, and the next one says that there are more."""
    operation = read(parse(answer("verify", info="<a>1</a>" * 5000)))
    assert operation is not None
    assert len(operation.details) == 201
    assert operation.details[-1].text == "... and more than 200 elements"
    exact = read(parse(answer("verify", info="<a>1</a>" * 200)))
    assert exact is not None
    assert {detail.name for detail in exact.details} == {"a"}


def test_log_line_of_details_is_bounded() -> None:
    """However much a verify says, its line has 4,000 characters of it at most."""
    [news] = told(answer("verify", info=f"<a>{'x' * 1000}</a>" * 100))
    assert len(dict(news.fields)["additional_info"]) == 4000


def test_unknown_words_are_bounded() -> None:
    """50 of them are remembered and told; those after them are counted and not told."""
    contents = [answer(f"odd-{number}") for number in range(80)]
    history = folded(*contents)
    assert len(history.unknown) == 50
    assert len([news for news in told(*contents) if news.message.startswith("unknown")]) == 50
    # Neighbours are both `other`, so none of them is a change.
    assert history.changes == {}


def test_label_values_are_a_closed_set() -> None:
    """Whatever the SBC says, the labels are the API's words and `other`."""
    history = folded(*[answer(f"odd-{n}", f"way-{n}") for n in range(5)], answer("x", "fail"))
    labels = {value for sample in COLLECTOR.gauges(history) for _, value in sample.labels}
    assert labels == {OTHER, "inProgress", "success", "fail"}
    counted = {sample.labels for sample in COLLECTOR.counters(history)}
    assert (("operation", OTHER), ("status", "fail")) in counted
    assert len(counted) == 11
