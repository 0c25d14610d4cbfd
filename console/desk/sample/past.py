"""The demo's tickets that are solved, closed, merged away or spam, as stories (`story` explains the shape)."""

from __future__ import annotations

from typing import Final

from console.desk.sample.story import (
    ADATUM,
    AIKO,
    ALPINE,
    BELLOWS,
    CONTOSO,
    FABRIKAM,
    FINE_ART,
    JON,
    LENA,
    LITWARE,
    LUCERNE,
    MARA,
    NORTHWIND,
    PROSEWARE,
    TAILSPIN,
    TOMAS,
    WINGTIP,
    WOODGROVE,
    Channel,
    Customer,
    MergeStep,
    Step,
    Story,
    assessed,
    cleared,
    closed,
    fired,
    noted,
    replied,
    solved,
    tagged,
    took,
    wrote,
)
from console.domain import events as ev
from console.domain.events import Impact

_SOLVED: Final = (
    Story(
        key="contoso-clipboard",
        subject="Clipboard stops after an hour",
        customer=CONTOSO,
        channel="email",
        ago=30,
        steps=(
            wrote(0, "After about an hour copy and paste between laptop and session stops."),
            took(40, MARA),
            replied(70, MARA, "A helper program of the client ends too early. Version 24.3.2 keeps it alive."),
            wrote(300, "With the new version it has worked all day. Thank you."),
            solved(330, MARA),
        ),
    ),
    Story(
        key="adatum-outage",
        subject="No desktop starts in the Dublin site",
        customer=ADATUM,
        channel="chat",
        impact="urgent",
        ago=50,
        steps=(
            wrote(0, "Nobody in Dublin can start a desktop, 300 people wait."),
            took(2, JON),
            replied(12, JON, "The site's broker is down. We fail over to the second one."),
            replied(55, JON, "Failed over. 180 desktops run, the rest follow within ten minutes."),
            *tagged(56, JON, "broker", "outage"),
            wrote(70, "All are back, thank you."),
            solved(75, JON),
        ),
    ),
    Story(
        key="wingtip-late",
        subject="Timetable import rejects the whole file",
        customer=WINGTIP,
        channel="email",
        ago=40,
        steps=(
            wrote(0, "One wrong line and the whole timetable is refused. Which line is it?"),
            replied(
                545, TOMAS, "Line 1,204 has a lesson that ends before it starts. I am sorry that this took so long."
            ),
            took(546, TOMAS),
            wrote(600, "Found it, the file went in."),
            solved(610, TOMAS),
        ),
    ),
    Story(
        key="lucerne-test",
        subject="Test mail from our new relay",
        customer=LUCERNE,
        channel="email",
        impact=None,
        ago=26,
        steps=(wrote(0, "This is a test of the relay, no answer needed."), solved(50, AIKO)),
    ),
    Story(
        key="alpine-memory",
        subject="Memory above 90% on host 03",
        customer=ALPINE,
        channel="monitoring",
        by="monitoring",
        impact="high",
        ago=60,
        external_ref="ALERT-70101",
        steps=(
            fired(0, "memory", "host 03: memory at 93%"),
            took(14, AIKO),
            noted(25, AIKO, "A leak in the indexing service, restarted."),
            cleared(31, "memory"),
            solved(60, AIKO),
        ),
    ),
    Story(
        key="bellows-guest",
        subject="Guest accounts for the open day",
        customer=BELLOWS,
        channel="portal",
        impact="low",
        ago=60,
        steps=(
            wrote(0, "We need 30 guest accounts for the open day."),
            took(60, LENA),
            replied(200, LENA, "The accounts open-01 to open-30 are ready and end on Sunday evening."),
            solved(220, LENA),
        ),
    ),
    Story(
        key="fabrikam-usb",
        subject="USB measuring device is not passed through",
        customer=FABRIKAM,
        channel="email",
        impact="normal",
        impact_now="high",
        ago=45,
        steps=(
            wrote(0, "Our measuring device is not seen in the session. Production cannot release parts."),
            assessed(150, MARA, "high"),
            took(151, MARA),
            replied(165, MARA, "The device class is blocked by a policy. An exception for it is in place now."),
            wrote(200, "It is seen, we measure again."),
            solved(210, MARA),
        ),
    ),
)

_ANSWERED_ONCE: Final[
    tuple[tuple[str, str, Customer, Channel, Impact, float, str, float, str, str], ...]
] = (
    (
        "fine-art-export", "Class list export is empty", FINE_ART, "email", "normal", 150.0, LENA, 90.0,
        "The export of the class lists gives a file with headings only.",
        "The export ran as a person without rights to the classes. It runs as the school now.",
    ),
    (
        "litware-scan", "Scans arrive as empty pages", LITWARE, "email", "normal", 130.0, AIKO, 240.0,
        "Scans from the second floor arrive as empty pages.",
        "The scanner sent a compression that the viewer does not know. It is switched to the usual one.",
    ),
    (
        "tailspin-audio", "No sound in sessions on the Mac", TAILSPIN, "chat", "low", 190.0, JON, 400.0,
        "On the Mac there is no sound in the session since the last client.",
        "The client lost its permission for audio. Granting it again in the system settings helps.",
    ),
    (
        "woodgrove-audit", "Sign-in log for the auditors", WOODGROVE, "portal", "normal", 140.0, LENA, 120.0,
        "The auditors ask for the sign-ins of the last quarter.",
        "The log is in your portal under Reports, as a signed file.",
    ),
    (
        "wingtip-password", "Password rules for pupils", WINGTIP, "portal", "low", 170.0, TOMAS, 500.0,
        "Can pupils of the first years have shorter passwords?",
        "Yes, per year group. I set it to six letters for years 1 to 3.",
    ),
    (
        "proseware-umlaut", "Umlauts broken in file names", PROSEWARE, "email", "normal", 160.0, MARA, 300.0,
        "Files from the old share show odd signs in place of umlauts.",
        "The copy used another encoding. I renamed the 1,140 files and sent you the list.",
    ),
)  # fmt: skip
"""Key, subject, customer, channel, impact, hours ago, who answered and after how many minutes, question, answer."""

_CLOSED: Final = tuple(
    Story(
        key=key,
        subject=subject,
        customer=customer,
        channel=channel,
        impact=impact,
        ago=ago,
        steps=(
            wrote(0, asked),
            took(20, who),
            replied(answered_after, who, answered),
            solved(answered_after + 60, who),
            closed(answered_after + 1400, who),
        ),
    )
    for key, subject, customer, channel, impact, ago, who, answered_after, asked, answered in _ANSWERED_ONCE
)

_AWAY: Final = (
    Story(
        key="northwind-duplicate",
        subject="Labs is down at Riverside",
        customer=NORTHWIND,
        channel="email",
        impact="urgent",
        ago=1.5,
        steps=(
            wrote(0, "Labs does not start at Riverside. I wrote in the chat as well."),
            MergeStep(
                10,
                "northwind-desktops",
                "Merged the mail about Riverside into this ticket, it is the same fault.",
                MARA,
            ),
        ),
    ),
    Story(
        key="spam",
        subject="You have won a storage array",
        customer=Customer("", "prizes@winner.example", "CAS", "Standard"),
        channel="email",
        impact=None,
        ago=6,
        steps=(
            wrote(0, "Congratulations. Send us your bank details to receive your storage array."),
            Step(15, ev.MarkedSpam(), AIKO),
        ),
    ),
)

PAST: Final = (*_SOLVED, *_CLOSED, *_AWAY)
