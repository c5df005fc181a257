"""A cache of web pages that holds the contexts of RO-Crate, so that roc-validator needs no network."""

import io
from pathlib import Path

from requests.adapters import BaseAdapter, HTTPAdapter
from requests_cache import CachedSession
from urllib3.response import HTTPResponse

HERE = Path(__file__).resolve().parent
FILES = {
    "https://w3id.org/ro/crate/1.1/context": HERE / "ro-crate-1.1.jsonld",
    "https://w3id.org/ro/terms/workflow-run/context": HERE / "workflow-run.jsonld",
}


class Local(BaseAdapter):
    """Answers with the files beside this one."""

    def send(self, request, **_):
        raw = HTTPResponse(body=io.BytesIO(FILES[request.url].read_bytes()), status=200, reason="OK",
                           headers={"Content-Type": "application/ld+json"}, preload_content=False)
        return HTTPAdapter().build_response(request, raw)

    def close(self):
        pass


def seed(cache):
    """Fills the cache at this path as the validator itself would."""
    session = CachedSession(str(cache), backend="sqlite", expire_after=-1)
    session.mount("https://", Local())
    for address in FILES:
        session.get(address, headers={"Accept": "application/ld+json, application/json, */*;q=0.1"})
