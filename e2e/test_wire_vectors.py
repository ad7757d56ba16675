"""The installed botocore reads the answers that Goru's wire layer gives. Needs no running server."""

import pathlib
import subprocess
import sys

SCRIPT = pathlib.Path(__file__).with_name("wire_vectors.py")


def test_botocore_reads_every_answer():
    result = subprocess.run([sys.executable, str(SCRIPT), "check"], capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stdout + result.stderr
    assert " 0 problems" in result.stdout
