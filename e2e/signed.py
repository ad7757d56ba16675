"""Requests signed by hand: everything about them can be bent, which no client of AWS allows."""

import datetime
import hashlib
import hmac
import http.client
import json
import re
import urllib.parse

FORM = "application/x-www-form-urlencoded; charset=utf-8"
VERSIONS = {
    "ec2": "2016-11-15", "elasticloadbalancing": "2015-12-01", "iam": "2010-05-08", "sts": "2011-06-15", "monitoring": "2010-08-01",
}
TARGET = "GraniteServiceVersion20100801"


class Answer:
    """An answer, and the error in it, whatever the protocol."""

    def __init__(self, answer):
        self.status, self.body = answer.status, answer.read()
        self.headers = {name.lower(): value for name, value in answer.getheaders()}
        self.text = self.body.decode(errors="replace")
        found = re.search(r"<Code>(.*?)</Code>", self.text)
        self.code = found[1] if found else None
        message = re.search(r"<Message>(.*?)</Message>", self.text, re.DOTALL)
        self.message = message[1] if message else ""
        if "x-amzn-errortype" in self.headers:
            self.code = self.headers["x-amzn-errortype"]
        if "json" in self.headers.get("content-type", "") and self.body:
            self.json = json.loads(self.body)

    def __repr__(self):
        return f"{self.status} {self.code} {self.text[:500]}"


def digest(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def canonical_query(query):
    pairs = sorted(urllib.parse.parse_qsl(query, keep_blank_values=True))
    return urllib.parse.urlencode(pairs, quote_via=urllib.parse.quote, safe="~")


class Signer:
    """Credentials and scope; every field may be set to something wrong."""

    def __init__(self, goru, signing_name, **bent):
        self.key, self.secret = goru.credentials()
        self.service, self.region, self.skew, self.token = signing_name, goru.region, 0, None
        self.unsigned_host = self.unsigned_payload = False
        for name, value in bent.items():
            assert hasattr(self, name), name
            setattr(self, name, value)

    def times(self):
        now = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=self.skew)
        return now.strftime("%Y%m%dT%H%M%SZ"), now.strftime("%Y%m%d")

    def signature(self, method, path, query, headers, body, moment, day):
        """Scope, signed headers and signature."""
        names = sorted(name for name in headers if not (self.unsigned_host and name == "host"))
        fields = "".join(f"{name}:{' '.join(headers[name].split())}\n" for name in names)
        hashed = "UNSIGNED-PAYLOAD" if self.unsigned_payload else hashlib.sha256(body).hexdigest()
        request = "\n".join([method, path, canonical_query(query), fields, ";".join(names), hashed])
        scope = f"{day}/{self.region}/{self.service}/aws4_request"
        text = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
        key = ("AWS4" + self.secret).encode()
        for part in (day, self.region, self.service, "aws4_request"):
            key = digest(key, part)
        return scope, ";".join(names), hmac.new(key, text.encode(), hashlib.sha256).hexdigest()

    def sign(self, method, path, query, headers, body):
        """The headers, with those of the signature."""
        moment, day = self.times()
        headers = {**headers, "x-amz-date": moment}
        if self.token:
            headers["x-amz-security-token"] = self.token
        if self.unsigned_payload:
            headers["x-amz-content-sha256"] = "UNSIGNED-PAYLOAD"
        scope, names, signature = self.signature(method, path, query, headers, body, moment, day)
        value = f"AWS4-HMAC-SHA256 Credential={self.key}/{scope}, SignedHeaders={names}, Signature={signature}"
        return {**headers, "authorization": value}

    def presign(self, host, query, expires):
        """The query string of a presigned GET of `/`."""
        moment, day = self.times()
        scope = f"{day}/{self.region}/{self.service}/aws4_request"
        query += "&" + urllib.parse.urlencode({
            "X-Amz-Algorithm": "AWS4-HMAC-SHA256", "X-Amz-Credential": f"{self.key}/{scope}", "X-Amz-Date": moment,
            "X-Amz-Expires": str(expires), "X-Amz-SignedHeaders": "host",
        })
        _, _, signature = self.signature("GET", "/", query, {"host": host}, b"", moment, day)
        return f"{query}&X-Amz-Signature={signature}"


def form(service, action, parameters=(), version=None):
    """A form body; `parameters` are pairs, so that a name can come twice."""
    pairs = [("Action", action), ("Version", version or VERSIONS[service])]
    pairs += list(parameters.items() if isinstance(parameters, dict) else parameters)
    return urllib.parse.urlencode(pairs).encode()


def host_of(goru):
    return goru.api.removeprefix("http://")


def send(goru, method="POST", path="/", query="", headers=None, body=b"", timeout=60):
    """Sends it as it is, unsigned unless `headers` say otherwise."""
    connection = http.client.HTTPConnection(host_of(goru), timeout=timeout)
    try:
        connection.putrequest(method, path + ("?" + query if query else ""), skip_host=True, skip_accept_encoding=True)
        headers = {"host": host_of(goru), **(headers or {})}
        if method != "GET" or body:
            headers["content-length"] = str(len(body))
        for name, value in headers.items():
            connection.putheader(name, value)
        try:
            connection.endheaders(body or None)
        except (BrokenPipeError, ConnectionResetError):
            pass  # a server may answer before it has read everything
        return Answer(connection.getresponse())
    finally:
        connection.close()


def call(goru, service, action, parameters=(), **bent):
    """One signed call over a form."""
    return send_signed(goru, Signer(goru, service, **bent), form(service, action, parameters))


def send_signed(goru, signer, body, method="POST", path="/", query="", headers=None, sent=None):
    """Signs for `body` and sends `sent` (by default the same)."""
    unsigned = {"host": host_of(goru), "content-type": FORM, **(headers or {})}
    signed = signer.sign(method, path, query, unsigned, body)
    return send(goru, method, path, query, signed, body if sent is None else sent)
