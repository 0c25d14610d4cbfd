"""`support-console hub`: a hub from one command, and what an admin does to it; run as people run it."""

from __future__ import annotations

import os
import re
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import msgspec
import psycopg
import pytest

import console.cli.hub as command
from console.cli.main import main
from console.wire.messages import Enrol, Enrolled
from tests.hub.running import client
from tests.hub.workstation import JSON, Workstation, said

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `support-console hub` with arguments; gives exit code, output and errors."""

    def hub(*argv: str | Path) -> tuple[int, str, str]:
        code = main(["hub", *map(str, argv)])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return hub


class Served:
    """A hub that the command serves, until the context ends."""

    def __init__(self, *argv: str | Path) -> None:
        asked = [sys.executable, "-m", "console.cli", "hub", "--listen", "127.0.0.1:0", *map(str, argv)]
        self.process = subprocess.Popen(asked, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.line = self.process.stdout.readline()
        found = re.findall(r"https?://\S+(?=;)", self.line)
        assert found, self.end()
        self.url = found[0]

    def __enter__(self) -> Served:
        return self

    def __exit__(self, *error: object) -> None:
        self.end()

    def end(self, how: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        """Its exit code, and what it said on standard error."""
        self.process.send_signal(how)
        _, errors = self.process.communicate(timeout=30)
        return self.process.returncode, errors


def connect(url: str, code: str) -> Enrolled:
    with client(url) as stranger:
        body = msgspec.json.encode(Enrol(code=code.strip(), device_name="Laptop"))
        return said(stranger.post("/v1/enrol", content=body, headers=JSON), Enrolled)


def test_one_command_starts_a_hub_and_its_admin_looks_after_it(run: Run, tmp_path: Path) -> None:
    folder, kept = tmp_path / "hub", tmp_path / "kept.backup"
    with Served("--data", folder) as served:
        assert served.line == f"The hub answers at {served.url}; press Ctrl+C to stop it.\n"
        code, out, err = run("enrol", "Mara Okafor", "--role", "engineer", "--data", folder)
        assert code == 0
        assert err == "Mara Okafor connects a workstation with this code within 10 minutes, once.\n"
        with Workstation(served.url, connect(served.url, out)) as mara:
            mara.open_ticket("Before the backup")
            assert run("grant", "Mara Okafor", "restricted:legal", "--data", folder)[0] == 0
            assert "restricted:legal" in mara.hello().scopes
            listed = run("people", "--data", folder)[1]
            assert listed.startswith("Mara Okafor: engineer, also restricted:legal\n")
            assert f"  {mara.enrolled.device}  Laptop: last used " in listed
            assert run("ungrant", "Mara Okafor", "restricted:legal", "--data", folder)[0] == 0
            assert "restricted:legal" not in mara.hello().scopes
            assert run("verify", "--data", folder)[:2] == (0, "The log is whole.\n")
            code, out, _ = run("backup", kept, "--data", folder)
            assert (code, out.startswith("Wrote 1 entry and the people to ")) == (0, True)
            mara.open_ticket("After the backup")
            code, out, _ = run("revoke", mara.enrolled.device, "--data", folder)
            assert out == "Signed out 1 device of Mara Okafor.\n"
            assert mara.http.get("/v1/checksum?seq=0").json()["type"] == "/problems/revoked"
        code, errors = served.end()
        assert (code, errors) == (0, "")
    assert "no server running" in _server_state(folder)
    code, _, err = run("restore", kept, "--data", folder)
    assert code == 2
    assert "--replace" in err or "replace" in err
    assert run("restore", kept, "--replace", "--data", folder)[1].startswith("Restored 1 entry; ")
    elsewhere = tmp_path / "elsewhere"
    assert run("restore", kept, "--data", elsewhere)[0] == 0
    with Served("--data", elsewhere) as again:
        code, out, _ = run("enrol", "Ana Reyes", "--role", "engineer", "--data", elsewhere)
        with Workstation(again.url, connect(again.url, out)) as ana:
            welcome = ana.hello()
            assert (welcome.head, welcome.epoch > 1) == (1, True)


def _server_state(folder: Path) -> str:
    from console.hub.embedded import Embedded

    return "no server running" if not Embedded(folder).is_running() else "running"


def test_ctrl_c_stops_the_hub_and_its_database(tmp_path: Path) -> None:
    with Served("--data", tmp_path) as served:
        assert served.end(signal.SIGINT)[0] == 0
    assert _server_state(tmp_path) == "no server running"


def test_somebody_is_enrolled_while_the_hub_still_makes_its_database(run: Run, tmp_path: Path) -> None:
    from console.hub.embedded import Embedded

    with Embedded(tmp_path):  # what a hub has done before it makes the tables
        assert run("enrol", "Mara Okafor", "--role", "engineer", "--data", tmp_path)[0] == 0


def test_a_hub_that_was_killed_starts_again_on_its_data(run: Run, tmp_path: Path) -> None:
    with Served("--data", tmp_path) as served:
        out = run("enrol", "Mara Okafor", "--role", "engineer", "--data", tmp_path)[1]
        enrolled = connect(served.url, out)
        with Workstation(served.url, enrolled) as mara:
            mara.open_ticket()
        served.process.kill()
        served.process.wait(10)
    with Served("--data", tmp_path) as again, Workstation(again.url, enrolled) as mara:
        assert mara.hello().head == 1


def test_an_embedded_database_that_dies_under_the_hub_is_started_again(run: Run, tmp_path: Path) -> None:
    from console.hub.embedded import Embedded
    from tests.hub.running import until

    with Served("--data", tmp_path) as served, client(served.url) as anybody:
        assert anybody.get("/v1/health").status_code == 200
        Embedded(tmp_path).stop_immediately()
        assert anybody.get("/v1/health").status_code == 503
        until(lambda: anybody.get("/v1/health").status_code == 200, 20)


def test_a_database_of_ones_own_is_migrated_by_hand(
    run: Run, new_database: Callable[[bool], str], tmp_path: Path
) -> None:
    url = new_database(False)
    asked = ("--database", url, "--data", tmp_path)
    code, _, err = run("--listen", "127.0.0.1:0", *asked)
    assert (code, err) == (2, "support-console: The database is empty; run support-console hub migrate first.\n")
    assert run("migrate", *asked)[:2] == (0, "The database is current now.\n")
    assert run("migrate", *asked)[:2] == (0, "The database was current already.\n")
    with Served(*asked) as served:
        assert httpx2.get(f"{served.url}/v1/health", trust_env=False).status_code == 200
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("DROP TABLE streams")
    code, _, err = run("--listen", "127.0.0.1:0", *asked)
    assert (code, err.startswith("support-console: The database is only partly there")) == (2, True)


def test_a_person_who_is_revoked_is_kept_out_until_they_are_enrolled_again(run: Run, url: str) -> None:
    enrol = ("enrol", "Mara Okafor", "--role", "engineer", "--database", url)
    run(*enrol)
    assert run("revoke", "Mara Okafor", "--database", url)[1] == (
        'Signed out 0 devices of Mara Okafor, who is kept out until "support-console hub enrol" lets them in again.\n'
    )
    assert run("people", "--database", url)[1] == "Mara Okafor: engineer, kept out\n"
    run(*enrol)
    assert run("people", "--database", url)[1] == "Mara Okafor: engineer\n"


def test_verify_names_what_is_wrong_and_exits_with_1(run: Run, url: str) -> None:
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("UPDATE head SET seq = 5")
    code, out, _ = run("verify", "--database", url)
    assert code == 1
    assert out
    assert "The log is whole" not in out


@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        (("--listen", "0.0.0.0:8470"), "Plain HTTP is spoken to this machine only, not to 0.0.0.0"),
        (("--listen", "hub.example.org:8470"), "Plain HTTP is spoken to this machine only"),
        (("--listen", "8470"), "Give --listen a host and a port"),
        (("--listen", "127.0.0.1:99999"), "Give --listen a host and a port"),
        (("--tls-key", "key.pem"), "Give --tls-cert as well as --tls-key."),
        (("--tls-cert", "/nowhere.pem"), "The certificate /nowhere.pem cannot be used: No such file"),
        (("--listen", "127.0.0.1:0", "--database", "mysql://x"), "The hub needs a PostgreSQL database"),
        (("people",), "There is no hub in"),
        (("migrate",), "There is no hub in"),
        (("enrol", "Mara"), "The following arguments are required: --role"),
        (("enrol", "Mara", "--role", "boss"), "invalid choice: 'boss'"),
        (("revok",), 'did you mean "revoke"?'),
    ],
)
def test_a_mistake_is_one_sentence(run: Run, tmp_path: Path, argv: tuple[str, ...], sentence: str) -> None:
    code, out, err = run(*argv, "--data", tmp_path / "hub")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert sentence in err
    assert not (tmp_path / "hub" / "postgres").exists()


def test_a_mistake_about_people_is_one_sentence(run: Run, url: str) -> None:
    for argv, sentence in (
        (("revoke", "Nobody"), 'Nobody is called "Nobody", and no device'),
        (("grant", "Nobody", "desk"), "Nobody of that name is enrolled"),
        (("enrol", "", "--role", "lead"), "A person's name has"),
        (("enrol", "Mara", "--role", "lead", "--scope", "everything"), "A scope is desk"),
    ):
        code, out, err = run(*argv, "--database", url)
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert sentence in err


def test_a_port_that_is_taken_is_one_sentence(run: Run, url: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, _, err = run("--listen", f"127.0.0.1:{port}", "--database", url, "--data", tmp_path)
    assert (code, f"The hub cannot listen on 127.0.0.1, port {port}" in err) == (2, True)


def test_without_the_extra_the_command_says_what_to_install(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "GROUP", "support_console.nothing")
    for argv in ((), ("migrate",), ("enrol", "Mara", "--role", "lead")):
        code, _, err = run(*argv)
        assert code == 2
        assert err == "support-console: The hub is not installed here; install support-console[hub] to have it.\n"


def test_with_a_part_of_the_extra_missing_the_command_names_it(tmp_path: Path) -> None:
    hides = "import sys; sys.modules['fastapi'] = None; from console.cli.main import main; sys.exit(main())"
    asked = [sys.executable, "-c", hides, "hub", "--data", str(tmp_path)]
    done = subprocess.run(asked, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    says = "The hub is not installed here (fastapi is missing); install support-console[hub] to have it."
    assert done.stderr == f"support-console: {says}\n"


@pytest.fixture
def certificate(tmp_path: Path) -> Iterator[tuple[Path, Path]]:
    """A certificate of 127.0.0.1, signed by itself, and its key."""
    import ipaddress

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "hub")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    cert_file, key_file = tmp_path / "cert.pem", tmp_path / "key.pem"
    cert_file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return cert_file, key_file


def test_with_a_certificate_the_hub_speaks_tls(certificate: tuple[Path, Path], url: str, tmp_path: Path) -> None:
    cert_file, key_file = certificate
    asked = ("--tls-cert", cert_file, "--tls-key", key_file, "--database", url, "--data", tmp_path)
    with Served(*asked) as served:
        assert served.url.startswith("https://127.0.0.1:")
        trusting = ssl.create_default_context(cafile=str(cert_file))
        assert httpx2.get(f"{served.url}/v1/health", verify=trusting, trust_env=False).status_code == 200
        with pytest.raises(httpx2.HTTPError):
            httpx2.get(served.url.replace("https", "http"), trust_env=False)


def test_behind_a_proxy_its_word_is_believed_and_nobody_elses(url: str, tmp_path: Path) -> None:
    forwarded = {"X-Forwarded-For": "127.0.0.1", "X-Forwarded-Proto": "https"}
    with Served("--behind-proxy", "--database", url, "--data", tmp_path) as served:
        assert httpx2.get(f"{served.url}/metrics", trust_env=False).status_code == 404
        assert httpx2.get(f"{served.url}/metrics", headers=forwarded, trust_env=False).status_code == 404


def test_only_the_owner_can_look_into_the_data_folder(tmp_path: Path, url: str) -> None:
    folder = tmp_path / "hub"
    with Served("--database", url, "--data", folder):
        assert os.stat(folder).st_mode & 0o077 == 0
