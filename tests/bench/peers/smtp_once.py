# SPDX-License-Identifier: MIT
"""A kept SMTP session, and a mail made by Python's own library."""

import email.message
import email.utils
import smtplib


class Smtp:
    """Connects at the first mail, that is, in the process which sends."""

    def __init__(self, port):
        self.port = int(port)
        self.session = None

    def send(self, to, subject, text):
        mail = email.message.EmailMessage()
        mail["From"] = "bookings@bench.example.org"
        mail["To"] = to
        mail["Subject"] = subject
        mail["Date"] = email.utils.localtime()
        mail["Message-ID"] = email.utils.make_msgid(domain="bench.example")
        mail.set_content(text)
        if self.session is None:
            self.session = smtplib.SMTP("127.0.0.1", self.port, timeout=30)
        self.session.send_message(mail)
