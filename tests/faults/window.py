"""The business done over HTTP: forms with their tokens, sent again after whatever broke off, and sometimes twice on purpose.

Without Django: a browser has none either. An answer from 500 on, none at all, or one that never comes is a doubt, and the same form is
sent again until there is an answer; the token sees to it that it counts once.
"""

import http.client
import os
import re
import threading
import time
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from .ledger import Ledger

TIMEOUT = 20
PATIENCE = 120
AT_WORK = "还在办理"  # what the first sending of a form is: its answer comes with the next try
ANY = "00000000-0000-0000-0000-000000000000"


class Stopped(Exception):
    """The drill is over."""


class Browser:
    """One person signed in."""

    def __init__(self, address: tuple[str, int], session: str, answers: Ledger) -> None:
        self.address, self.answers = address, answers
        token = os.urandom(16).hex()
        self.headers = {"Cookie": f"sessionid={session}; csrftoken={token}"}
        self.csrf = token

    def ask(self, method: str, path: str, fields: list[tuple[str, str]] | None = None) -> tuple[int, str, str]:
        """Status, where it leads, body. Raises OSError or HTTPException where there is no answer."""
        connection = http.client.HTTPConnection(*self.address, timeout=TIMEOUT)
        try:
            body, headers = None, dict(self.headers)
            if fields is not None:
                body = urlencode([*fields, ("csrfmiddlewaretoken", self.csrf)])
                headers["Content-Type"] = "application/x-www-form-urlencoded"
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read().decode(errors="replace")
        finally:
            connection.close()
        self.answers.write("answer", status=answer.status, method=method, path=re.sub(r"[0-9a-f-]{36}", "…", path))
        return answer.status, answer.headers.get("Location", ""), text

    def insist(self, path: str, fields: list[tuple[str, str]]) -> tuple[int, str, str]:
        """The form, again and again until it is answered."""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                status, location, text = self.ask("POST", path, fields)
                if status < 500 and not (status == 409 and AT_WORK in text):
                    return status, location, text
            except (OSError, http.client.HTTPException):
                pass
            if time.monotonic() > until:
                raise Stopped
            self.answers.write("doubt", status=599)
            time.sleep(0.1)


class Window:
    """Three people at their desks: two approvers who decide the same referrals at the same moment, and a clerk who registers and asks."""

    def __init__(self, folder: Path, state: dict[str, Any], seed: int, port: int) -> None:
        self.folder, self.state, self.seed = folder, state, seed
        self.answers = Ledger(folder / "answers.log", is_durable=False)
        self.people = {name: Browser(("127.0.0.1", port), session, self.answers) for name, session in state["sessions"].items()}

    def run(self, pace: float) -> None:
        both = threading.Barrier(2)
        threads = [threading.Thread(target=self._decide, args=(name, both)) for name in ("approver", "second_approver")]
        threads.append(threading.Thread(target=self._register, args=(pace,)))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def is_over(self) -> bool:
        return (self.folder / "stop").exists()

    def path(self, name: str, key: str = "") -> str:
        return str(self.state["paths"][name]).replace(ANY, key)

    def allowed(self) -> int:
        """How many referrals may be decided by now: the drill hands them out round by round."""
        path = self.folder / "permits"
        return path.stat().st_size if path.exists() else 0

    def _decide(self, name: str, both: threading.Barrier) -> None:
        """Both post at once; one is led on, the other told."""
        rng, ledger = Random(f"{self.seed}-{name}"), Ledger(self.folder / f"{name}.ledger")
        browser = self.people[name]
        for number, key in enumerate(self.state["deciding"]):
            while self.allowed() <= number and not self.is_over():
                time.sleep(0.03)
            if self.allowed() <= number:
                return
            form = [
                ("seen", ""), ("outcome", "approved"), ("amount", "1500"), ("start_on", self.state["today"]), ("opinion", "同意。"),
                ("confirm", "1"), ("once", _token(rng)),
            ]  # fmt: skip
            both.wait(PATIENCE)
            try:
                status, location, text = browser.insist(self.path("decide", key), form)
            except Stopped:
                return
            if status == 302 and key in location:
                ledger.write("referral.decided", referral=key, by=name)
            else:
                ledger.write("referral.told", referral=key, by=name, status=status, said="".join(re.findall(r"已由[^<。]*。?", text)[:1]))

    def _register(self, pace: float) -> None:
        rng, ledger = Random(f"{self.seed}-clerk"), Ledger(self.folder / "window.ledger")
        browser, submitted, number = self.people["clerk"], iter(self.state["submitted"]), 0
        while not self.is_over():
            number += 1
            try:
                self._request(rng, ledger, browser, number)
                if rng.random() < 0.4 and (key := next(submitted, None)):
                    self._supplement(rng, ledger, browser, key)
                self._look(rng, browser)
            except Stopped:
                return
            time.sleep(pace * rng.uniform(0.5, 1.5))

    def _request(self, rng: Random, ledger: Ledger, browser: Browser, number: int) -> None:
        name = f"乔虚{number}"
        form = [
            ("name", name), ("without_papers", "on"), ("phone", "13800138000"), ("region", self.state["village"]), ("address", "虚构组3号"),
            ("causes", "illness"), ("matter", "住院花费大。"), ("source", "phone"), ("then", "push"), ("once", _token(rng)),
        ]  # fmt: skip
        status, location, text = browser.insist(self.path("request"), form)
        assert status == 302, (status, re.findall(r"errorlist[^<]*<[^>]*>[^<]*", text))
        ledger.write("request.registered", request=location.rstrip("/").rsplit("/", 1)[-1], name=name)
        if rng.random() < 0.3:
            again = browser.insist(self.path("request"), form)
            assert again[:2] == (302, location), again[:2]
            ledger.write("form.repeated", name=name)

    def _supplement(self, rng: Random, ledger: Ledger, browser: Browser, key: str) -> None:
        form = [("other_1", "收入情况说明"), ("other_2", ""), ("other_3", ""), ("once", _token(rng))]
        status, _, text = browser.insist(self.path("supplement", key), form)
        assert status == 302, (status, text[-2000:])
        ledger.write("supplement.asked", application=key)

    def _look(self, rng: Random, browser: Browser) -> None:
        """A page that is only read. Whatever it answers is noted; nobody insists."""
        try:
            browser.ask("GET", rng.choice(self.state["pages"]))
        except (OSError, http.client.HTTPException):
            time.sleep(0.1)


def _token(rng: Random) -> str:
    return str(UUID(int=rng.getrandbits(128), version=4))
