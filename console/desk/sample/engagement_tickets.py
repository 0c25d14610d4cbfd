"""The demo's tickets of Pro purchases besides those in `tickets`; `engagements` tells what became of their hours."""

from __future__ import annotations

from typing import Final

from console.desk.sample.story import (
    AIKO,
    ALPINE,
    CONTOSO,
    FABRIKAM,
    HUMONGOUS,
    JON,
    LITWARE,
    LUCERNE,
    MARA,
    PROSEWARE,
    TAILSPIN,
    WOODGROVE,
    Customer,
    Story,
    replied,
    solved,
    took,
)

_OPENED: Final = 6600
"""Open minutes between the purchase and the last update: ten days, so that holidays leave room for the work."""
_UPDATE: Final = "The work goes on as agreed. You have the notes of the last session."
_THANKS: Final = "Thank you for the purchase. I prepare the scope and a list of the access that we need."


def _open(key: str, subject: str, customer: Customer, purchase: str, who: str, left: float) -> Story:
    """A ticket whose next update is due after so many open minutes."""
    return Story(
        key=key,
        subject=subject,
        customer=customer,
        channel="purchase",
        by="purchase",
        clock=("periodic_update", left),
        opening=-_OPENED,
        external_ref=purchase,
        steps=(took(20 - _OPENED, who), replied(60 - _OPENED, who, _THANKS), replied(0, who, _UPDATE)),
    )


def _done(key: str, subject: str, customer: Customer, purchase: str, who: str, ago: float, report: str) -> Story:
    return Story(
        key=key,
        subject=subject,
        customer=customer,
        channel="purchase",
        by="purchase",
        ago=ago,
        external_ref=purchase,
        steps=(
            took(20, who),
            replied(60, who, _THANKS),
            replied(ago * 60 - 90, who, report),
            solved(ago * 60 - 60, who),
        ),
    )


ENGAGEMENT_TICKETS: Final = (
    _open("fabrikam-sso", "SSO and image rollout", FABRIKAM, "PO-20931", MARA, 1300),
    _open("contoso-vpn", "VPN to the Leeds office", CONTOSO, "PO-88104", MARA, 1420),
    _open("woodgrove-office", "Office 365 on the teller hosts", WOODGROVE, "PO-88071", AIKO, 1010),
    _open("proseware-apps", "Seven applications on the new server", PROSEWARE, "PO-88066", MARA, 1500),
    _open("alpine-data", "Move 750 GB of guest photos", ALPINE, "PO-88093", JON, 1150),
    _done(
        "humongous-vpn", "VPN for the claims office", HUMONGOUS, "PO-87990", MARA, 120,
        "The tunnel is up and tested from both sites. The report of the session is attached to the ticket.",
    ),
    _done(
        "lucerne-fonts", "Typesetting applications for the editors", LUCERNE, "PO-87955", JON, 120,
        "Five of the six applications are installed. The hours are used up; one more hour is needed for the last.",
    ),
    _done(
        "tailspin-mail", "Mailboxes of the toy designers", TAILSPIN, "PO-87901", AIKO, 120,
        "The hours of last month ended with the renewal. The purchase of this month goes on with the mailboxes.",
    ),
    _done(
        "litware-firewall", "Firewall rules for the new branch", LITWARE, "PO-88012", MARA, 120,
        "The purchase was refunded, as you asked.",
    ),
)  # fmt: skip
