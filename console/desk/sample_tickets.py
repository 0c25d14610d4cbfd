"""The demo's tickets, as stories (`sample_story` explains the shape). All names, texts and figures are invented.

The first ones are the top of the queue: two are overdue, at least four are due within the hour at any time of the week.
"""

from __future__ import annotations

from typing import Final

from console.desk.sample_story import (
    AIKO,
    JON,
    LENA,
    MARA,
    PURCHASES,
    TOMAS,
    Customer,
    MergeStep,
    Step,
    Story,
    assessed,
    assigned,
    became,
    bounced,
    cleared,
    closed,
    fired,
    noted,
    phoned,
    replied,
    solved,
    tagged,
    took,
    wrote,
)
from console.domain import events as ev

CONTOSO: Final = Customer("Contoso Ltd", "Dana Whitfield", "CAS", "Standard")
TAILSPIN: Final = Customer("Tailspin Toys", "Priya Raman", "CAS", "Standard")
LITWARE: Final = Customer("Litware Legal", "Owen Marsh", "CAS", "Standard")
PROSEWARE: Final = Customer("Proseware GmbH", "Katrin Vogel", "CAS", "Standard")
LUCERNE: Final = Customer("Lucerne Publishing", "Beat Amstutz", "CAS", "Standard")
FOURTH: Final = Customer("Fourth Coffee", "Lucia Ferrante", "CAS", "Standard")
FABRIKAM: Final = Customer("Fabrikam Robotics", "Hiro Tanabe", "CAS", "Standard")
HUMONGOUS: Final = Customer("Humongous Insurance", "Renee Okonjo", "CAS", "Standard")
ADATUM: Final = Customer("Adatum Corp", "Noor Haddad", "CAS", "Business-Critical")
ALPINE: Final = Customer("Alpine Ski House", "Stefan Gruber", "CAS", "Business-Critical")
WOODGROVE: Final = Customer("Woodgrove Bank", "Grace Lim", "CAS", "Business-Critical")
TREY: Final = Customer("Trey Research", "Samir Patel", "CAS", "Business-Critical")
NORTHWIND: Final = Customer("Northwind School District", "Ellen Brandt", "Classroom", "Standard")
WINGTIP: Final = Customer("Wingtip Academy", "Marcus Hale", "Classroom", "Standard")
FINE_ART: Final = Customer("School of Fine Art", "Ines Duarte", "Classroom", "Standard")
BELLOWS: Final = Customer("Bellows College", "Tom Rask", "Classroom", "Standard")

_URGENT_NOW: Final = (
    Story(
        key="northwind-desktops",
        subject="Classroom desktops will not launch in 3 schools",
        customer=NORTHWIND,
        channel="chat",
        impact="urgent",
        clock=("next_reply", -42),
        opening=-40,
        external_ref="NW-2231",
        steps=(
            wrote(-40, "None of the Labs desktops start in Oak Hill, Riverside and Central. Students see a spinner."),
            took(-36, MARA),
            replied(-10, MARA, "I see the failed launches. Does it happen in every room, and since when exactly?"),
            *tagged(-8, MARA, "launch"),
            wrote(
                0, "Every room in the three schools, since about 7:40. The other schools are fine. Exams start soon."
            ),
            noted(20, LENA, "The three schools share one image pool. Its last build failed half way."),
        ),
    ),
    Story(
        key="adatum-cpu",
        subject="Session host CPU at 100% for 15 min",
        customer=ADATUM,
        channel="monitoring",
        by="monitoring",
        impact="high",
        clock=("first_reply", -6),
        external_ref="ALERT-70412",
        steps=(
            fired(0, "host-cpu", "host 12: CPU at 100% for 15 min, 31 sessions"),
            fired(30, "host-cpu", "host 12: CPU at 100% for 45 min, 34 sessions"),
        ),
    ),
    Story(
        key="tailspin-black",
        subject="Black screen after reconnect",
        customer=TAILSPIN,
        channel="chat",
        impact="urgent",
        clock=("first_reply", 5 + 14 / 60),
        steps=(
            wrote(0, "Everybody who reconnects after lunch gets a black screen. Nobody in the office can work."),
            assigned(3, MARA, JON),
            wrote(31, "Signing out from the portal helps for a minute, then it is black again."),
            noted(38, JON, "Reproduced with the new client. The old one reconnects."),
        ),
    ),
    Story(
        key="trey-portal",
        subject="Partner portal answers 502",
        customer=TREY,
        channel="chat",
        impact="urgent",
        clock=("next_reply", 12),
        opening=-35,
        steps=(
            wrote(-35, "The portal gives 502 on every page, we cannot start any desktop."),
            took(-33, JON),
            replied(-12, JON, "The gateway of your region restarted. Can you load the portal now?"),
            *tagged(-10, JON, "portal", "gateway"),
            wrote(0, "It loads now, but starting a desktop still ends in 502."),
        ),
    ),
    Story(
        key="contoso-signin",
        subject="Sign-in loop after certificate change",
        customer=CONTOSO,
        channel="email",
        impact="high",
        clock=("next_reply", 18),
        opening=-260,
        steps=(
            wrote(-260, "Since this morning people type their password and land on the login page again."),
            took(-255, MARA),
            replied(-200, MARA, "Which pools loop, and when did the certificate change?"),
            wrote(
                -150,
                "Only the Finance pool, about 60 people. The Design pool still works. "
                "We changed the certificate on Thursday evening.",
            ),
            phoned(
                -92, MARA, "Phoned Dana: the Finance pool still reads the old metadata. She will send the new file."
            ),
            became(-90, MARA, "pending"),
            *tagged(-89, MARA, "sso", "certificate"),
            wrote(
                0,
                "Here is the new metadata file. The certificate is valid from the 9th.",
                ev.Attachment(name="idp-metadata.xml", size=6144, media_type="application/xml"),
            ),
            noted(25, MARA, "The thumbprint in the file ends in 2E:90. Finance pool still trusts 7C:41."),
        ),
    ),
    Story(
        key="wingtip-roster",
        subject="Roster sync skips transferred pupils",
        customer=WINGTIP,
        channel="portal",
        impact="urgent",
        clock=("periodic_update", 27),
        opening=-40,
        steps=(
            wrote(-40, "Pupils who changed school last week are missing from every class and cannot sign in."),
            took(-38, LENA),
            replied(0, LENA, "The sync takes the old school code. A corrected run is under way, I write at each step."),
            *tagged(2, LENA, "roster"),
            noted(45, LENA, "Run 3 of 5 is through, 212 pupils are back."),
        ),
    ),
    Story(
        key="woodgrove-print",
        subject="Printers gone for all tellers since the update",
        customer=WOODGROVE,
        channel="email",
        impact="high",
        clock=("periodic_update", 41),
        opening=-44,
        steps=(
            wrote(
                -44, "After the update of the session hosts no teller sees a printer. Branches write receipts by hand."
            ),
            took(-40, AIKO),
            replied(0, AIKO, "The print driver was not part of the new image. We add it and roll out host by host."),
            *tagged(5, AIKO, "printing", "image"),
            noted(120, AIKO, "Hosts 1 to 6 of 14 are done."),
        ),
    ),
    Story(
        key="adatum-onboarding",
        subject="8 h onboarding purchase: arrange slot",
        customer=ADATUM,
        channel="purchase",
        by="purchase",
        clock=("first_reply", 56),
        external_ref="PO-88120",
        steps=(
            Step(0, ev.FieldSet(field="pro_hours", value="8"), PURCHASES),
            *tagged(1, PURCHASES, "pro"),
        ),
    ),
)

_LATER: Final = (
    Story(
        key="litware-webcam",
        subject="Webcam missing inside the session",
        customer=LITWARE,
        channel="email",
        clock=("next_reply", 151),
        opening=-300,
        steps=(
            wrote(-300, "The webcam works on the laptop, but Teams in the session says that there is none."),
            took(-280, MARA),
            replied(-240, MARA, "Is the camera listed under Devices in the client's toolbar?"),
            wrote(0, "It is listed and ticked. After ticking it again Teams sees it for a second, then not."),
        ),
    ),
    Story(
        key="northwind-limit",
        subject="Raise Lab pool limit to 400",
        customer=NORTHWIND,
        channel="portal",
        impact="low",
        clock=("first_reply", 230),
        steps=(
            wrote(0, "Next term two more schools join. Can the pool limit go from 300 to 400 students?"),
            assigned(15, MARA, TOMAS),
        ),
    ),
    Story(
        key="proseware-keyboard",
        subject="Keyboard layout resets to US",
        customer=PROSEWARE,
        channel="email",
        clock=("next_reply", 252),
        opening=-180,
        steps=(
            wrote(-180, "After each reconnect the layout is US again, although German is set in the profile."),
            took(-150, AIKO),
            replied(-120, AIKO, "Does it also happen when the client runs in full screen?"),
            wrote(0, "Yes, both ways, on Windows and on the Mac."),
        ),
    ),
    Story(
        key="alpine-disk",
        subject="Profile disk 92% full on host 07",
        customer=ALPINE,
        channel="monitoring",
        by="monitoring",
        clock=("periodic_update", 305),
        opening=-30,
        external_ref="ALERT-70377",
        steps=(
            fired(-30, "profile-disk", "host 07: profile disk at 92%"),
            took(-20, MARA),
            replied(
                0, MARA, "The profile disk of host 07 is nearly full. We enlarge it tonight, no sign-out is needed."
            ),
            *tagged(1, MARA, "capacity"),
        ),
    ),
    Story(
        key="fabrikam-image",
        subject="Golden image build stops at step 9",
        customer=FABRIKAM,
        channel="portal",
        clock=("first_reply", 400),
        steps=(wrote(0, "The build of our image stops at step 9 with code 0x80070070. Last month it went through."),),
    ),
    Story(
        key="lucerne-usage",
        subject="Usage report misses last week",
        customer=LUCERNE,
        channel="email",
        clock=("first_reply", 310),
        steps=(wrote(0, "The monthly usage report ends on the 23rd. We need the whole month for billing."),),
    ),
    Story(
        key="fourth-vpn",
        subject="VPN tunnel to the roastery drops hourly",
        customer=FOURTH,
        channel="email",
        impact="high",
        clock=("periodic_update", 180),
        opening=-70,
        steps=(
            wrote(-70, "The tunnel to the roastery drops every hour for two minutes and all tills stop."),
            took(-60, JON),
            replied(
                0, JON, "The tunnel renews its key every hour and the other side refuses. I asked our network team."
            ),
            Step(20, ev.TicketEscalated(to="Network team", reason="Key renewal is refused by the gateway"), JON),
            *tagged(21, JON, "vpn"),
        ),
    ),
    Story(
        key="woodgrove-mfa",
        subject="Two people get the second factor of each other",
        customer=WOODGROVE,
        channel="email",
        clock=("next_reply", 130),
        opening=-100,
        steps=(
            wrote(-100, "Two tellers share a first name and each gets the code of the other on the phone."),
            took(-90, AIKO),
            replied(-45, AIKO, "Which numbers are stored for the two? You can send them through the portal form."),
            wrote(0, "Sent. The numbers are swapped in your list, ours are right."),
        ),
    ),
    Story(
        key="trey-restore",
        subject="How long are profile backups kept",
        customer=TREY,
        channel="portal",
        impact="low",
        clock=("first_reply", 480),
        steps=(wrote(0, "An auditor asks for how many days a deleted profile can be restored."),),
    ),
    Story(
        key="humongous-fonts",
        subject="Claims forms print in the wrong font",
        customer=HUMONGOUS,
        channel="email",
        impact="low",
        impact_now="normal",
        clock=("first_reply", 300),
        steps=(
            wrote(0, "Claims forms come out in a fallback font. It looks odd, but can be read."),
            assigned(20, MARA, LENA),
            wrote(90, "The scanners of the post room cannot read these forms. This is more than looks."),
            assessed(100, LENA, "normal"),
        ),
    ),
    Story(
        key="tailspin-plan",
        subject="Build agents time out when they start",
        customer=TAILSPIN,
        channel="email",
        plan_now="Business-Critical",
        clock=("periodic_update", 540),
        opening=-60,
        steps=(
            wrote(-60, "Every third build agent times out after ten minutes. Builds wait for each other."),
            took(-50, TOMAS),
            replied(0, TOMAS, "The agents wait for a licence check. A longer limit is set, I watch the next builds."),
            Step(120, ev.PlanSet(plan="Business-Critical"), TOMAS),
            noted(122, TOMAS, "They moved to Business-Critical today, the targets follow."),
        ),
    ),
    Story(
        key="litware-bounce",
        subject="Invoices go to a former colleague",
        customer=LITWARE,
        channel="email",
        clock=("first_reply", 210),
        steps=(
            wrote(0, "Invoices still go to Mr Bell, who left in spring. Send them to accounts@litware.example."),
            took(30, MARA),
            replied(60, MARA, "The new address is entered. Shall we send last month's invoice again?"),
            bounced(62),
            noted(90, MARA, "Bounced: their mailbox is full. I phone them."),
        ),
    ),
    Story(
        key="contoso-update",
        subject="Planned host update on Saturday",
        customer=CONTOSO,
        channel="email",
        by="engineer",
        opened_by=TOMAS,
        clock=("first_reply", 360),
        opening=-120,
        steps=(
            noted(-118, TOMAS, "Window agreed by phone: Saturday 6 to 8 in the morning."),
            wrote(0, "Saturday is fine. Will the Finance pool be back by 7:30?"),
            assigned(10, TOMAS, TOMAS),
        ),
    ),
    Story(
        key="trey-migration",
        subject="12 h migration purchase: agree scope",
        customer=TREY,
        channel="purchase",
        by="purchase",
        clock=("periodic_update", 1080),
        opening=-45,
        external_ref="PO-88097",
        steps=(
            Step(-45, ev.FieldSet(field="pro_hours", value="12"), PURCHASES),
            *tagged(-45, PURCHASES, "pro"),
            took(-30, JON),
            replied(0, JON, "Thank you for the purchase. Which file shares move, and how large are they?"),
        ),
    ),
    Story(
        key="fine-art-followup",
        subject="Class list export is empty again",
        customer=FINE_ART,
        channel="email",
        clock=("first_reply", 290),
        follows="fine-art-export",
        steps=(wrote(0, "It worked for two weeks, now the export of the class lists is empty again."),),
    ),
)

_TO_ASSESS: Final = (
    Story(
        key="humongous-slow",
        subject="Everything feels slow on Mondays",
        customer=HUMONGOUS,
        channel="email",
        impact=None,
        clock=("first_reply", 320),
        steps=(
            wrote(0, "On Mondays until ten every click takes a second or two. Is that the network or the desktops?"),
        ),
    ),
    Story(
        key="fine-art-colours",
        subject="Colours differ from the printout",
        customer=FINE_ART,
        channel="chat",
        impact=None,
        clock=("first_reply", 420),
        steps=(wrote(0, "What students see on the Labs desktop is more yellow than on the printout."),),
    ),
    Story(
        key="bellows-shortcut",
        subject="Shortcut to the library is dead",
        customer=BELLOWS,
        channel="email",
        impact=None,
        clock=("first_reply", 165),
        steps=(
            wrote(0, "The library moved its catalogue, and the shortcut on all desktops opens the old address."),
            assigned(40, MARA, TOMAS),
        ),
    ),
)

_WAITING: Final = (
    Story(
        key="tailspin-gpu",
        subject="GPU driver needed for the design pool",
        customer=TAILSPIN,
        channel="email",
        clock=("periodic_update", 720),
        opening=-200,
        steps=(
            wrote(-200, "The new CAD release asks for a driver that the design pool does not have."),
            took(-180, JON),
            replied(0, JON, "The vendor has a driver for your release next week. We wait for it and test it first."),
            became(2, JON, "on_hold"),
            *tagged(3, JON, "vendor"),
        ),
    ),
    Story(
        key="northwind-chromebook",
        subject="Chromebook client signs out at noon",
        customer=NORTHWIND,
        channel="portal",
        clock=("periodic_update", 1200),
        opening=-240,
        steps=(
            wrote(-240, "On Chromebooks students are signed out at noon sharp, in the middle of the lesson."),
            took(-220, LENA),
            replied(0, LENA, "It is a fault of the client, fixed in the next version. I write when it is out."),
            became(1, LENA, "on_hold"),
        ),
    ),
    Story(
        key="alpine-nested",
        subject="Nested virtualization for the training lab",
        customer=ALPINE,
        channel="portal",
        impact="low",
        clock=("pausable_update", 2400),
        opening=-300,
        steps=(
            wrote(-300, "For a training we would like to run small machines inside the desktops."),
            took(-280, TOMAS),
            replied(0, TOMAS, "That needs another host type. I asked what it costs and come back to you."),
            became(1, TOMAS, "on_hold"),
        ),
    ),
    Story(
        key="contoso-ports",
        subject="Which ports does the gateway need",
        customer=CONTOSO,
        channel="email",
        clock=("periodic_update", 900),
        opening=-150,
        steps=(
            wrote(-150, "Our firewall team asks for the list of ports, in and out."),
            took(-140, MARA),
            replied(0, MARA, "Outbound 443, and 3391 UDP where you want it faster. Which sites does it concern?"),
            became(1, MARA, "pending"),
        ),
    ),
    Story(
        key="humongous-licence",
        subject="Licence server unreachable from one branch",
        customer=HUMONGOUS,
        channel="email",
        impact="high",
        clock=("periodic_update", 240),
        opening=-80,
        steps=(
            wrote(-80, "The branch in Leeds cannot reach the licence server, 40 people use the web version instead."),
            took(-75, AIKO),
            replied(
                0, AIKO, "The route is missing on your side of the tunnel. Can your network team add 10.40.0.0/16?"
            ),
            became(1, AIKO, "pending"),
        ),
    ),
    Story(
        key="fourth-drive",
        subject="Shared drive changes its letter",
        customer=FOURTH,
        channel="email",
        clock=("next_reply", 180),
        opening=-900,
        steps=(
            wrote(-900, "The shared drive is S: in the morning and T: after lunch, so links break."),
            took(-880, MARA),
            replied(-840, MARA, "Two rules set the letter. I removed the older one, from now on it stays S:."),
            solved(-800, MARA),
            wrote(0, "It held for a day. Since this morning two people have T: again."),
        ),
    ),
    Story(
        key="proseware-spring",
        subject="Upgrade window in spring",
        customer=PROSEWARE,
        channel="phone",
        impact="low",
        clock=("pausable_update", 1800),
        opening=-60,
        steps=(
            wrote(-60, "We would like the upgrade in the second half of the quarter, on a Sunday."),
            took(-50, TOMAS),
            phoned(0, TOMAS, "Katrin will name two Sundays when the works council has agreed."),
            Step(5, ev.TicketSnoozed(until=0), TOMAS),
        ),
    ),
)

_PAUSED: Final = tuple(
    Story(
        key=key,
        subject=subject,
        customer=customer,
        channel=channel,
        impact="low",
        clock=("pausable_update", left),
        opening=-90,
        waits=(who, ago),
        steps=(wrote(-90, asked), took(-80, who), replied(0, who, answered)),
    )
    for key, subject, customer, channel, left, who, ago, asked, answered in (
        (
            "lucerne-factor", "Second factor asked on every launch", LUCERNE, "email", 70.0, MARA, 110.0,
            "Each launch asks for the second factor, although we chose once a day.",
            "Which browser do you use, and does it clear its cookies when it closes?",
        ),
        (
            "northwind-logon", "Slow logon in Building C", NORTHWIND, "chat", 125.0, LENA, 45.0,
            "In Building C the logon takes two minutes, elsewhere twenty seconds.",
            "I would like to measure during a lesson. Which room and which hour suit you?",
        ),
        (
            "proseware-wallpaper", "Wallpaper policy is not applied", PROSEWARE, "portal", 540.0, TOMAS, 300.0,
            "New desktops have the standard wallpaper instead of ours.",
            "The picture's share asks for a password. Can you move it to a place that all can read?",
        ),
        (
            "wingtip-files", "Can pupils keep files over the summer", WINGTIP, "email", 1200.0, AIKO, 600.0,
            "Do the files of pupils stay when the classes are archived?",
            "They stay for 90 days. Do you need longer, and for which years?",
        ),
        (
            "litware-duplex", "Print on both sides by default", LITWARE, "email", 1860.0, MARA, 400.0,
            "We want all printers to use both sides unless somebody chooses otherwise.",
            "That is a setting per queue. Please send me the names of the queues.",
        ),
        (
            "fine-art-pen", "Pen pressure of the tablets is ignored", FINE_ART, "portal", 2640.0, JON, 200.0,
            "In the drawing class the tablets work, but the pressure of the pen has no effect.",
            "Which tablet model is it, and which version of the drawing program?",
        ),
    )
)  # fmt: skip

_QUIET: Final = (
    Story(
        key="woodgrove-certificate",
        subject="Gateway certificate expires in 20 days",
        customer=WOODGROVE,
        channel="monitoring",
        by="monitoring",
        impact="high",
        ago=9,
        external_ref="ALERT-70290",
        steps=(
            fired(0, "certificate", "gateway.woodgrove.example: 20 days left"),
            took(12, MARA),
            noted(30, MARA, "Renewal is ordered, it arrives within two days."),
        ),
    ),
    Story(
        key="northwind-latency",
        subject="Login latency above 4 s",
        customer=NORTHWIND,
        channel="monitoring",
        by="monitoring",
        impact=None,
        ago=5,
        external_ref="ALERT-70355",
        steps=(
            fired(0, "login-latency", "95th percentile 4.3 s"),
            noted(9, LENA, "A directory server was restarting. Watching it for an hour."),
            assigned(10, LENA, LENA),
            cleared(41, "login-latency"),
        ),
    ),
    Story(
        key="woodgrove-review",
        subject="Quarterly review with Woodgrove Bank: agenda",
        customer=WOODGROVE,
        channel="email",
        by="engineer",
        opened_by=LENA,
        impact="low",
        ago=20,
        steps=(
            assigned(1, LENA, LENA),
            noted(4, LENA, "Topics: printing, second factor, the new hosts. Figures from Tomas."),
            Step(5, ev.TicketWatched(), TOMAS),
        ),
    ),
    Story(
        key="fabrikam-drift",
        subject="Check image drift on all hosts",
        customer=FABRIKAM,
        channel="portal",
        by="engineer",
        opened_by=MARA,
        ago=12,
        steps=(assigned(1, MARA, MARA), became(2, MARA, "open")),
    ),
)

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
    for key, subject, customer, channel, impact, ago, who, answered_after, asked, answered in (
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
    )
)  # fmt: skip

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

STORIES: Final = (*_URGENT_NOW, *_LATER, *_TO_ASSESS, *_WAITING, *_PAUSED, *_QUIET, *_SOLVED, *_CLOSED, *_AWAY)
