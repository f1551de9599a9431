"""It looks up its address when it is activated."""

from __future__ import annotations

import socket

from broken_providers.good_file import GoodFileProvider
from hub import ActivateRequest, Activation, hookimpl


class Broken(GoodFileProvider):
    @hookimpl
    def activate(self, request: ActivateRequest) -> Activation:
        socket.getaddrinfo("localhost", 80)
        return super().activate(request)
