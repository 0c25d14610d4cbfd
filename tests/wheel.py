"""Builds the wheel, installs it alone into a new environment, and uses it from there: `python -m tests.wheel`.

The dependencies are those of the running environment, lent to the new one by path; the project itself is not. So a file
that was left out of the wheel is missed here.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command))} exited with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def main() -> int:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT, cwd=ROOT)
        (wheel,) = folder.glob("*.whl")
        home = folder / "home"
        home.mkdir()
        environment = folder / "venv"
        venv.create(environment, with_pip=False)
        python = environment / "bin" / "python"
        run(sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--quiet", wheel, cwd=folder)
        site = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder).strip())
        (site / "lent.pth").write_text(sysconfig.get_path("purelib") + "\n")
        program = environment / "bin" / "support-console"
        own = {"HOME": str(home), "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": ""}

        where = run(python, "-c", "import console; print(console.__file__)", cwd=folder, **own).strip()
        assert where.startswith(str(environment)), f"the wheel is not what runs: {where}"
        print(run(program, "--version", cwd=folder, **own).strip())
        data = folder / "demo"
        run(program, "demo", "--no-window", "--data", data, cwd=folder, **own)
        rows = json.loads(run(program, "queue", "--json", "--data", data, cwd=folder, **own))
        assert len(rows) > 20, "the demo has a queue"
        told = json.loads(run(program, "explain", str(rows[0]["number"]), "--json", "--data", data, cwd=folder, **own))
        assert told["lines"], "the demo's first ticket explains itself"
        run(program, "rebuild", "--data", data, cwd=folder, **own)
        again = json.loads(run(program, "queue", "--json", "--data", data, cwd=folder, **own))
        assert {row["ticket"] for row in again} == {row["ticket"] for row in rows}, "the rebuilt queue is the same"
        engagements = json.loads(run(program, "pro", "list", "--json", "--data", data, cwd=folder, **own))
        assert engagements, "the demo has Pro engagements"
        report, number = folder / "report.pdf", str(engagements[0]["number"])
        export = ("pro", "export", "report", number, "--format", "pdf", "-o", report)
        run(program, *export, "--data", data, cwd=folder, **own)
        assert report.read_bytes().startswith(b"%PDF"), "the session report is a PDF"
        window = "import sys, ui.app, ui.shell, ui.queue, ui.ticket; from ui.theme import theme"
        run(python, "-c", window, cwd=folder, **own)
        print(f"{wheel.name}: installed, {len(rows)} tickets in the demo's queue, explained and rebuilt.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
