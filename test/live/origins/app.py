"""A WSGI site, as gunicorn serves them: the path is PATH_INFO, which the server has decoded."""

import json
import os
import posixpath

DOCROOT = os.environ["DOCROOT"]


def application(environ, start_response):
    if environ.get("HTTP_HOST", "").startswith("internal."):
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"INTERNAL"]
    # PEP 3333: the bytes of the path, each as a letter of Latin-1.
    path = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
    path = path.encode("latin-1").decode("utf-8", "replace").split(";")[0]
    path = posixpath.normpath("/" + path.replace("\\", "/").lstrip("/"))
    if path in ("/public/echo", "/guarded/echo"):
        return echo(environ, start_response)
    if path.lower().startswith("/guarded/handler"):
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"GUARDED handler"]
    try:
        with open(DOCROOT + path, "rb") as file:
            content = file.read()
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [content]
    except (OSError, ValueError):
        start_response("404 Not Found", [("Content-Type", "text/plain")])
        return [b"nothing here"]


def echo(environ, start_response):
    saw = {name: value for name, value in environ.items() if isinstance(value, str)}
    body = environ["wsgi.input"].read().decode("latin-1")
    answer = {"method": environ["REQUEST_METHOD"], "url": environ["RAW_URI"], "saw": saw, "body": body}
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(answer).encode()]
