"""A small web server for instances in tests: says who answers and what it was sent, slow or busy when asked.

Listens on HOST and PORT of its environment, as every instance does. `/` answers with JSON: instance, zone, method, path,
headers as they came. `/slow?seconds=N` takes its time, `/burn?seconds=N` keeps one processor busy for that long after the
answer, `/status?code=N` answers with that code, `/health` is for health checks. `/yes` starts `yes > /dev/null` in the
instance, `/no` ends it. `/hang-up` closes the connection instead of an answer. `/login?user=NAME` begins a session that only
this process knows, `/me` says whose it is or answers 401. Every request is a line on the console.
"""

import http.cookies
import http.server
import json
import os
import subprocess
import threading
import time
import urllib.parse
import uuid


def burn(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass


running = []
sessions = {}


def yes():
    running.append(subprocess.Popen(["yes"], stdout=subprocess.DEVNULL))


def no():
    while running:
        process = running.pop()
        process.kill()
        process.wait()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body go out together: sent apart, the second would wait for the acknowledgement of the first.
    wbufsize = 1 << 16
    disable_nagle_algorithm = True

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        seconds = min(float(query.get("seconds", 0)), 60)
        if url.path == "/slow":
            print(f"begins {self.path}", flush=True)
            time.sleep(seconds)
        if url.path == "/burn":
            threading.Thread(target=burn, args=(seconds,), daemon=True).start()
        if url.path == "/hang-up":
            self.close_connection = True
            return
        if url.path in ("/yes", "/no"):
            {"/yes": yes, "/no": no}[url.path]()
        status, cookie = int(query.get("code", 200)) if url.path == "/status" else 200, None
        if url.path == "/login":
            cookie = str(uuid.uuid4())
            sessions[cookie] = query["user"]
        known = http.cookies.SimpleCookie(self.headers.get("Cookie")).get("session")
        user = sessions.get(known.value) if known else None
        if url.path == "/me" and user is None:
            status = 401
        shown = {
            "pid": os.getpid(), "user": user,
            "instance": os.environ.get("GORU_INSTANCE_ID", "unknown"), "zone": os.environ.get("GORU_ZONE", "unknown"),
            "method": self.command, "path": self.path, "headers": self.headers.items(), "body": body.decode(errors="replace"),
        }
        self.send_response(status)
        text = (json.dumps(shown) + "\n").encode()
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.send_header("X-Instance-Id", shown["instance"])
        if cookie:
            self.send_header("Set-Cookie", f"session={cookie}; Path=/; HttpOnly")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_OPTIONS = do_PATCH = answer

    def log_message(self, format, *arguments):  # noqa: A002 - the name that the base class gives it
        print(f"{self.client_address[0]} {format % arguments} {self.headers.get('User-Agent', '-') if hasattr(self, 'headers') else '-'}", flush=True)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 1024


if __name__ == "__main__":
    Server((os.environ["HOST"], int(os.environ.get("PORT", "3000"))), Handler).serve_forever()
