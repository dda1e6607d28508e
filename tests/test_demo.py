"""The demo is the first thing anybody tries: without a terminal it plays the whole story and ends well."""

import asyncio
import os
import sys
from pathlib import Path


async def test_the_demo_plays_the_whole_story(tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LANG": "C.UTF-8"}
    command = (sys.executable, "-m", "gateway", "demo")
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=tmp_path,
        env=environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, complaints = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0, complaints.decode()
    assert complaints == b""
    for moment in ("kami terima", "Juwana", "bisa bicara", "sebentar saja", "segera ke sana"):
        assert moment in said.decode()
    with os.scandir(tmp_path) as left:
        assert list(left) == []
