"""A small Reddit: tokens, listings newest first with a cap, search and /api/info; faults on demand."""

from __future__ import annotations

import base64
from typing import Any

from tests.integration.local_server import LocalServer, Request, Response, json_response

CLIENT_ID, CLIENT_SECRET = "client-id-7", "client-secret-7"
USERNAME, PASSWORD = "goodwill_app", "account-password-7"
ACCESS_TOKEN = "access-token-7"
SECRETS = (CLIENT_SECRET, PASSWORD, ACCESS_TOKEN)
Thing = dict[str, Any]


class RedditServer(LocalServer):
    """Holds things by fullname; a subreddit in `lost` answers with its status."""

    def __init__(self) -> None:
        super().__init__()
        self.things: dict[str, Thing] = {}
        self.lost: dict[str, Response] = {}
        self.cap = 1000
        self.grants: list[str] = []

    def submit(self, identifier: str, created: float, title: str, text: str = "", **more: Any) -> Thing:
        """A submission of r/sales."""
        return self._add("t3", identifier, created, {"title": title, "selftext": text, **more})

    def comment(self, identifier: str, created: float, body: str, **more: Any) -> Thing:
        """A comment in r/sales."""
        return self._add("t1", identifier, created, {"body": body, "parent_id": "t3_unseen", **more})

    def delete(self, fullname: str) -> None:
        """What Reddit does to a post whose author deletes it: no listing, but still at /api/info."""
        thing = self.things[fullname]["data"]
        thing.update(author="[deleted]", body="[deleted]", selftext="[deleted]", listed=False)

    def answer(self, request: Request) -> Response:
        if request.path == "/api/v1/access_token":
            return self._token(request)
        if request.headers.get("Authorization") != f"bearer {ACCESS_TOKEN}":
            return json_response({"message": "Unauthorized", "error": 401}, 401)
        if request.path == "/api/info":
            return self._info(request)
        return self._listing(request)

    def _token(self, request: Request) -> Response:
        expected = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        if request.headers.get("Authorization") != f"Basic {expected}":
            return json_response({"message": "Unauthorized", "error": 401}, 401)
        self.grants.append(request.parameters["grant_type"])
        if request.parameters.get("password", PASSWORD) != PASSWORD:
            return json_response({"error": "invalid_grant"})
        return json_response(
            {"access_token": ACCESS_TOKEN, "expires_in": 3600, "scope": "*", "token_type": "bearer"}
        )

    def _info(self, request: Request) -> Response:
        asked = request.parameters["id"].split(",")
        assert len(asked) <= 100
        return self._page([self.things[name] for name in asked if name in self.things], None)

    def _listing(self, request: Request) -> Response:
        parts = request.path.strip("/").split("/")
        if parts[0] == "r" and parts[1] in self.lost:
            return self.lost[parts[1]]
        if request.path == "/search":
            wanted = [
                t for t in self._newest("t3") if request.parameters["q"].lower() in t["data"]["title"].lower()
            ]
        else:
            kind = "t1" if parts[2] == "comments" else "t3"
            wanted = [t for t in self._newest(kind) if t["data"]["subreddit"].lower() == parts[1]]
        wanted = wanted[: self.cap]
        names = [f"{t['kind']}_{t['data']['id']}" for t in wanted]
        after = request.parameters.get("after")
        start = names.index(after) + 1 if after in names else len(names) if after else 0
        end = start + int(request.parameters.get("limit", "25"))
        return self._page(wanted[start:end], names[end - 1] if end < len(names) else None)

    def _newest(self, kind: str) -> list[Thing]:
        listed = [t for t in self.things.values() if t["kind"] == kind and t["data"].get("listed", True)]
        return sorted(listed, key=lambda thing: float(thing["order"]), reverse=True)

    def _page(self, things: list[Thing], after: str | None) -> Response:
        headers = {"x-ratelimit-remaining": "590.0", "x-ratelimit-used": "10", "x-ratelimit-reset": "0"}
        children = [{"kind": thing["kind"], "data": thing["data"]} for thing in things]
        return json_response(
            {"kind": "Listing", "data": {"children": children, "after": after}}, headers=headers
        )

    def _add(self, kind: str, identifier: str, created: float, more: Thing) -> Thing:
        data = {
            "id": identifier,
            "name": f"{kind}_{identifier}",
            "created_utc": created,
            "created": created + 28800,
            "subreddit": "Sales",
            "author": "someone",
            "author_fullname": "t2_1",
            "permalink": f"/r/Sales/comments/{identifier}/",
            "edited": False,
            **more,
        }
        self.things[f"{kind}_{identifier}"] = {"kind": kind, "data": data, "order": created}
        return data
