"""What lies in var/: one holder at a time, and secrets that only their owner reads and that outlive a restart."""

import base64
import stat
from pathlib import Path

import pytest

from deploy.local.credentials import Credentials, write_private
from deploy.local.var_lock import AlreadyRunning, VarLock


def test_a_second_holder_is_told_the_pid_of_the_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = VarLock(tmp_path), VarLock(tmp_path)
    monkeypatch.setattr("os.getpid", lambda: 4711)
    first.take()
    with pytest.raises(AlreadyRunning, match=r"a stack is already running on .* \(pid 4711\)"):
        second.take()
    first.release()
    second.take()
    second.release()


def test_a_lock_file_that_nobody_holds_does_not_matter(tmp_path: Path) -> None:
    (tmp_path / "lock").write_text("1")
    lock = VarLock(tmp_path)
    lock.take()
    lock.release()


def test_secrets_are_the_same_after_a_restart_and_private(tmp_path: Path) -> None:
    before = Credentials(tmp_path)
    made = (before.api_key(), before.master_key(), before.password("a"), before.password("b"))
    after = Credentials(tmp_path)
    assert (after.api_key(), after.master_key(), after.password("a"), after.password("b")) == made
    assert len(set(made)) == 4
    assert made[0].startswith("mbx_")
    assert len(base64.b64decode(made[1])) == 32
    assert stat.S_IMODE((tmp_path / "credentials.json").stat().st_mode) == 0o600


def test_a_private_file_replaces_a_public_one(tmp_path: Path) -> None:
    (tmp_path / "local.env").write_text("old")
    write_private(tmp_path / "local.env", "new")
    assert (tmp_path / "local.env").read_text() == "new"
    assert stat.S_IMODE((tmp_path / "local.env").stat().st_mode) == 0o600
