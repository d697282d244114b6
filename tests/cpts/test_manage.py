"""The command line of a fresh checkout, without any configuration."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

CONTRACT = {"signed_on": "2023-03-15", "size": 2, "missions": {}}
ELSEWHERE = CONTRACT | {"territory": {"epci": ["200042604"]}}


def simulate(root: Path, contract: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", "simulate", "-"],
        cwd=root,
        env={"PATH": os.environ["PATH"], **environment},
        input=json.dumps(contract),
        capture_output=True,
        text=True,
    )


def test_commands_work_on_the_demonstration_without_any_variable(root, tmp_path):
    done = simulate(root, CONTRACT, CPTS_DATA_DIR=str(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["total"] == "300000.00"


def test_a_base_that_is_not_ready_is_said_in_one_line(root, tmp_path):
    contract = {key: value for key, value in ELSEWHERE.items() if key != "size"}
    done = simulate(root, contract, CPTS_DATA_DIR=str(tmp_path))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("territory\u00a0: La base de données n’est pas prête")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("variables", [{"CPTS_MODE": "production"}, {"CPTS_MODE": "development"}])
def test_a_configuration_that_was_begun_must_be_whole(root, tmp_path, variables):
    done = simulate(root, CONTRACT, CPTS_DATA_DIR=str(tmp_path), **variables)
    assert (done.returncode, done.stdout) == (1, "")
    assert "SECRET_KEY" in done.stderr
