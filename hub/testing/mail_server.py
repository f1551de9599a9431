"""A mail server on this machine: it takes messages by SMTP and keeps them, or refuses them."""

from __future__ import annotations

import email
import email.policy
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage


@dataclass
class MailServer:
    """What came in: each message with whom it was for. `refuses` is a status that every address is answered with."""

    port: int = 0
    refuses: int = 0
    logins: list[str] = field(default_factory=list)
    messages: list[tuple[list[str], EmailMessage]] = field(default_factory=list)

    @property
    def url(self) -> str:
        """What HUB_SMTP_URL is to be."""
        return f"smtp://127.0.0.1:{self.port}?from=hub@example.org"


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self, kept: MailServer) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.kept = kept


class _Handler(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        self._say("220 mail.example.org")
        to: list[str] = []
        while line := self.rfile.readline(1000).decode().strip():
            word = line.upper()
            if word.startswith("EHLO"):
                self._say("250-mail.example.org", "250 AUTH PLAIN")
            elif word.startswith("AUTH"):
                self.server.kept.logins.append(line)
                self._say("235 welcome")
            elif word.startswith("RCPT") and self.server.kept.refuses:
                self._say(f"{self.server.kept.refuses} no")
            elif word.startswith("RCPT"):
                to.append(line.partition(":")[2].strip(" <>"))
                self._say("250 ok")
            elif word == "DATA":
                self._say("354 go on")
                self.server.kept.messages.append((to, self._message()))
                self._say("250 taken")
            elif word == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 ok")

    def _message(self) -> EmailMessage:
        lines: list[bytes] = []
        while (line := self.rfile.readline(1000)) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b"."))
        return email.message_from_bytes(b"".join(lines), EmailMessage, policy=email.policy.default)

    def _say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """Take mail on a free port of this machine."""
    kept = MailServer()
    server = _Server(kept)
    kept.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield kept
    finally:
        server.shutdown()
        server.server_close()
