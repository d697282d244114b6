"""The embedded broker: kombu's filesystem transport, made safe for several processes.

kombu 5.7 creates a message under its final name before writing it: a worker polling at that moment reads
an empty file and dies of a JSONDecodeError. It also moves messages through the system's temporary folder,
which is a copy, not an atomic rename, when that folder is on another disk. Here a message appears whole,
and is taken by a rename in its own folder, which succeeds for one worker only.
"""

import fcntl
import os
import time
import uuid
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.transport import filesystem
from kombu.utils.json import dumps, loads


def _write_whole(path: Path, content: Any) -> None:
    draft = path.with_name(f"{path.name}.{uuid.uuid4().hex}.draft")
    draft.write_text(dumps(content), encoding="utf-8")
    draft.replace(path)


class Channel(filesystem.Channel):
    """Messages are files; every file is complete from the moment it can be seen."""

    def _put(self, queue: str, payload: Any, **_options: Any) -> None:  # type: ignore[override]
        # Wall-clock time keeps the order across a reboot, which a monotonic clock does not.
        name = f"{time.time_ns():020d}_{uuid.uuid4().hex}.{queue}.msg"
        _write_whole(Path(self.data_folder_out) / name, payload)

    def _get(self, queue: str, *_args: Any, **_options: Any) -> Any:
        folder = Path(self.data_folder_in)
        for name in sorted(os.listdir(folder)):
            if name.partition(".")[2] != f"{queue}.msg":
                continue
            taken = folder / f"{name}.taken"
            try:
                (folder / name).rename(taken)
            except FileNotFoundError:
                continue
            content = taken.read_text(encoding="utf-8")
            taken.unlink()
            return loads(content)
        raise Empty

    def _queue_bind(
        self, exchange: str, routing_key: str | None, pattern: str | None, queue: str | None
    ) -> None:
        binding = filesystem.exchange_queue_t(routing_key or "", pattern or "", queue or "")
        with (self.control_folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            table = self.get_table(exchange)
            if binding not in table:
                _write_whole(self._exchange_file(exchange), [binding, *table])  # type: ignore[attr-defined]


class Transport(filesystem.Transport):
    """kombu's transport with the channel above."""

    Channel = Channel
