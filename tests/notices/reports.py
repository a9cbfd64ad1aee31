"""Reports of mail servers, as Postfix and Exchange write them (RFC 3464, appendix E)."""

from __future__ import annotations

from textwrap import dedent

BOUNDARY = "B.1764411234/mx.example.net"


def a_report(
    id: str = "",
    action: str = "failed",
    status: str = "5.1.1",
    to: str = "orders@pay.example",
    kind: str = "multipart/report; report-type=delivery-status",
    returned: str = "text/rfc822-headers",
) -> bytes:
    """The report about the mail with this Message-ID; `to`: the address that it comes to."""
    lines = f"""\
        Return-Path: <>
        From: MAILER-DAEMON@mx.example.net (Mail Delivery System)
        To: {to}
        Subject: Undelivered Mail Returned to Sender
        Auto-Submitted: auto-replied
        MIME-Version: 1.0
        Content-Type: {kind}; boundary="{BOUNDARY}"
        Message-Id: <20261121100100.9F1@mx.example.net>

        --{BOUNDARY}
        Content-Type: text/plain; charset=us-ascii

        I am sorry, <iris@example.org> is unknown: user unknown

        --{BOUNDARY}
        Content-Type: message/delivery-status

        Reporting-MTA: dns; mx.example.net
        X-Postfix-Queue-ID: 9F1
        Arrival-Date: Sat, 21 Nov 2026 10:00:00 +0000 (UTC)

        Final-Recipient: rfc822; iris@example.org
        Original-Recipient: rfc822;iris@example.org
        Action: {action}
        Status: {status}
        Diagnostic-Code: smtp; 550 5.1.1 <iris@example.org> user unknown

        --{BOUNDARY}
        Content-Type: {returned}

        Return-Path: <orders@pay.example>
        Message-ID: {id}
        Subject: Your order
        To: iris@example.org

        --{BOUNDARY}--
        """
    return dedent(lines).replace("\n", "\r\n").encode()
