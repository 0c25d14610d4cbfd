"""What services report to the hub, as JSON: a customer's message, a purchase, an alert. One shape for every channel.

Pure: bytes in, shapes out; what becomes of a report is `hub.intake`'s to decide. Called by the hub's route and by
`file_drop`. The format is described in docs/channels.md and can only grow. Instants are epoch ms, UTC. A key that is
not known is an error, for a misspelt one would be a fact that is lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from email.utils import parseaddr
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from console.domain.errors import ConsoleError
from console.domain.events import Attachment, Impact

MOST_REPORT_BYTES: Final = 256 * 1024
"""A report is larger than the event that is made of it only by its names; an event has 64 KiB at most."""
MOST_SECONDS: Final = 10_000 * 3600

Name = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
ExternalId = Annotated[str, Meta(min_length=1, max_length=300, pattern=r"^[^\x00-\x1f\x7f]+$")]
Instant = Annotated[int, Meta(ge=0, lt=7_258_118_400_000)]
Header = Annotated[str, Meta(max_length=10_000)]
_MESSAGE_ID: Final = re.compile(r"<[!-;=?-~]{1,900}>")


class ReportError(ConsoleError):
    """A report that cannot be read, with what is wrong with it."""


class Report(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="kind", forbid_unknown_fields=True
):
    """What every report has. `external_id` is the service's own name for this fact: the same one twice is one fact.

    `received_at` is when the service itself first held it, never what a sender says (a Date header); without it the
    hub's first sight counts.
    """

    source: Name
    external_id: ExternalId
    received_at: Instant | None = None


class MessageReport(Report, frozen=True, kw_only=True, tag="message"):
    """A customer's message. Threads are found by `in_reply_to` and `references`, by `[#NUMBER]` in the subject where
    the sender takes part in that ticket, then by `external_ref`, the ticket's name elsewhere. What describes the ticket
    is used where a new one is opened.

    `auto_submitted` is the header of that name (RFC 3834), `delivery_status` the Action of a delivery status
    notification (RFC 3464): such a mail says what became of the message of ours that it answers (`said_of`).
    """

    body: str
    format: Literal["text", "html"] = "text"
    sender: Name | None = msgspec.field(default=None, name="from")
    subject: Annotated[str, Meta(max_length=2000)] = ""
    message_id: Header | None = None
    in_reply_to: Header | None = None
    references: tuple[Header, ...] = ()
    auto_submitted: Header | None = None
    delivery_status: Literal["failed", "delayed", "delivered", "relayed", "expanded"] | None = None
    attachments: tuple[Attachment, ...] = ()
    channel: Name = "email"
    account: Name | None = None
    product: Name | None = None
    plan: Name | None = None
    impact: Impact | None = None
    external_ref: ExternalId | None = None
    restricted: Name | None = None


class PurchaseReport(Report, frozen=True, kw_only=True, tag="purchase"):
    """Hours of Professional Services that an account bought; the same `purchase_id` is the same lot. `extends` is the
    ticket of the engagement that they feed as well."""

    purchase_id: Name
    account: Name
    seconds: Annotated[int, Meta(gt=0, le=MOST_SECONDS)]
    period_end: Instant
    bought_at: Instant | None = None
    subject: Annotated[str, Meta(max_length=2000)] | None = None
    contact: Name | None = None
    product: Name | None = None
    plan: Name | None = None
    extends: Name | None = None


class AlertReport(Report, frozen=True, kw_only=True, tag="alert"):
    """Monitoring says that something is wrong. While the alert's ticket is open, the same alert goes to it."""

    alert: Name
    summary: str = ""
    subject: Annotated[str, Meta(max_length=2000)] | None = None
    account: Name | None = None
    product: Name | None = None
    plan: Name | None = None
    impact: Impact | None = None
    external_ref: ExternalId | None = None
    restricted: Name | None = None


class AlertResolvedReport(Report, frozen=True, kw_only=True, tag="alert_resolved"):
    """Monitoring says that it is well again."""

    alert: Name
    external_ref: ExternalId | None = None


Said = Literal["bounced", "sending", "accepted", "uncertain"]
_SAID: Final[Mapping[str, Said]] = {
    "failed": "bounced",
    "delayed": "sending",
    "delivered": "accepted",
    "relayed": "accepted",
    "expanded": "accepted",
}
_MAIL_SYSTEMS: Final = frozenset({"", "mailer-daemon", "postmaster"})
AnyReport = MessageReport | PurchaseReport | AlertReport | AlertResolvedReport
SHAPES: Final = (MessageReport, PurchaseReport, AlertReport, AlertResolvedReport)
_READ: Final[msgspec.json.Decoder[AnyReport]] = msgspec.json.Decoder(AnyReport)
_CANONICAL: Final = msgspec.json.Encoder(order="sorted")


def read_report(data: bytes) -> AnyReport:
    """The report in some JSON. Errors: ReportError, which names the place and never repeats what was sent."""
    if len(data) > MOST_REPORT_BYTES:
        raise ReportError(f"The report is larger than {MOST_REPORT_BYTES // 1024} KiB, which is the limit.")
    try:
        report = _READ.decode(data)
    except msgspec.ValidationError as error:
        said = str(error)
        raise ReportError(f"The report is malformed: {said[:1].lower()}{said[1:]}.") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ReportError("The report is not JSON.") from None
    if isinstance(report, PurchaseReport):
        _check(report)
    return report


def content_of(report: AnyReport) -> bytes:
    """What makes two reports the same fact: all but `received_at`, which a service may tell anew when it repeats."""
    return _CANONICAL.encode(msgspec.structs.replace(report, received_at=None))


def message_ids(*headers: str | None) -> tuple[str, ...]:
    """The ids in the headers of a message, in their order, each once. What is no id is left out."""
    return tuple(dict.fromkeys(id for header in headers if header for id in _MESSAGE_ID.findall(header)))


def thread_of(report: MessageReport) -> tuple[str, ...]:
    """The ids of the messages that it answers, the nearest first."""
    return message_ids(report.in_reply_to, *_nearest_first(report.references))


def said_of(report: MessageReport) -> Said | None:
    """What an automatic mail says of the message that it answers; None where a person wrote it.

    An automatic reply shows that the message has arrived. One that comes from a mail system itself, and of which the
    gateway does not say what it means, leaves that open.
    """
    if report.delivery_status is not None:
        return _SAID[report.delivery_status]
    if (report.auto_submitted or "no").partition(";")[0].strip().lower() in ("", "no"):
        return None
    address = parseaddr(report.sender or "")[1].lower()
    return "uncertain" if address.partition("@")[0] in _MAIL_SYSTEMS else "accepted"


def _nearest_first(references: Iterable[str]) -> list[str]:
    """The nearest stands last, within a header as well."""
    return [id for header in reversed(tuple(references)) for id in reversed(message_ids(header))]


def _check(report: PurchaseReport) -> None:
    if report.bought_at is not None and report.period_end <= report.bought_at:
        raise ReportError("The report is malformed: `period_end` does not come after `bought_at`.")
