"""A real SMTP server for the tests: keeps every mail that it was given, parsed."""

import email
import email.policy
import re
import threading

from aiosmtpd.controller import Controller

from conftest import free_ports, wait_until


class Inbox:
    """An SMTP server on loopback; `mails` are what it accepted, in order."""

    def __init__(self):
        self.mails = []
        self.lock = threading.Lock()
        self.port = free_ports()[0]
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port)

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - the name that aiosmtpd calls
        del server, session
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        with self.lock:
            self.mails.append((envelope.rcpt_tos, mail))
        return "250 accepted"

    def __enter__(self):
        self.controller.start()
        return self

    def __exit__(self, *_):
        self.controller.stop()

    def config(self):
        """The part of goru.toml that sends mail here."""
        return f'[mail]\nhost = "127.0.0.1"\nport = {self.port}\ntls = "none"\nfrom = "goru@example.com"\n'

    def found(self, subject):
        """Mails whose subject matches."""
        with self.lock:
            return [mail for _, mail in self.mails if re.search(subject, mail["Subject"] or "")]

    def wait_for(self, subject, deadline=60):
        return wait_until(lambda: self.found(subject), deadline, f"a mail about {subject}")[0]


def text_of(mail):
    """The readable text of a mail."""
    return mail.get_body(preferencelist=("plain", "html")).get_content()


def link_in(mail, action):
    """The link of a mail that asks for `action`."""
    links = re.findall(r"https?://[^\s<>\"]+", text_of(mail))
    return next(link for link in links if f"Action={action}" in link)
