"""A county's gateway for short messages, as a process of its own that can be stopped in the middle; and the adapter that speaks to it.

It keeps a text under its key, once, and only then answers, after a moment: whoever dies in that moment does not know that the text went.
Now and then it says that it cannot at present. `python tests/faults/gateway.py FOLDER`: standard library only.
"""

import json
import os
import socket
import sys
import threading
import time
from pathlib import Path
from random import Random

TIMEOUT = 2.0
MOMENT = 0.05  # seconds between keeping and answering
REFUSALS = 0.1


def address(desk: Path) -> str:
    return str(desk / "gateway.sock")


class SocketGateway:
    """What the house is given as `SMS_GATEWAY`."""

    def send(self, key: str, phone: str, text: str) -> None:
        from deadlines.gateways import Failed

        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(TIMEOUT)
                client.connect(address(Path(os.environ["FAULTS_DESK"])))
                client.sendall(json.dumps({"key": key, "phone": phone, "text": text}).encode() + b"\n")
                said = client.recv(16)
        except OSError as away:
            raise Failed("短信网关没有答复") from away
        if said != b"kept\n":
            raise Failed("短信网关暂时不能发送")


def main() -> None:
    desk = Path(sys.argv[1])
    (desk / "sms").mkdir(exist_ok=True)
    Path(address(desk)).unlink(missing_ok=True)
    rng = Random(0)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(address(desk))
        server.listen(64)
        while True:
            client, _ = server.accept()
            threading.Thread(target=_serve, args=(client, desk / "sms", rng), daemon=True).start()


def _serve(client: socket.socket, folder: Path, rng: Random) -> None:
    with client:
        try:
            asked = client.makefile("rb").readline()
            if rng.random() < REFUSALS:
                client.sendall(b"busy\n")
                return
            _keep(json.loads(asked), folder)
            time.sleep(MOMENT)
            client.sendall(b"kept\n")
        except (OSError, ValueError):  # whoever asked is gone
            return


def _keep(text: dict[str, str], folder: Path) -> None:
    """The first one under a key is kept; each one that came is noted."""
    draft = folder / f".{text['key']}-{threading.get_ident()}"
    draft.write_text(json.dumps(text), encoding="utf-8")
    try:
        os.link(draft, folder / f"{text['key']}.json")
    except FileExistsError:
        with open(folder / "again.log", "a") as again:
            again.write(f"{text['key']}\n")
    finally:
        draft.unlink()


if __name__ == "__main__":
    main()
