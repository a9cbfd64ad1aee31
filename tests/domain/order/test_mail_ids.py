"""The id of a mail leads from its report to the order, and nobody else can make one."""

from __future__ import annotations

import pytest

from fallback.domain.order.mail_ids import MailIds, may_take_bounces

OLD, NEW = "the-old-secret-0123456789-abcdefghi", "the-new-secret-0123456789-abcdefghi"
REF = "FB-7K3M-92QX-N"
ID = MailIds([OLD]).of(REF, "12")


@pytest.mark.parametrize("text", [ID, f"<{ID}@pay.example>", f"bounces+{ID.lower()}@pay.example", f"x\n{ID.upper()}"])
def test_it_is_read_wherever_a_server_writes_it(text: str) -> None:
    assert MailIds([NEW, OLD]).read(text) == (REF, "12")


@pytest.mark.parametrize(
    "text",
    [
        "",
        REF,
        ID.replace(".12.", ".13."),
        ID.replace("7K3M", "7K3N"),
        ID[:-1] + ("a" if ID[-1] != "a" else "b"),
        ID[:-1],
        ID[:-1] + "\u017f",  # a long s, which is an s for a search without case
        MailIds([NEW]).of(REF, "12"),
    ],
)
def test_what_is_made_up_is_none(text: str) -> None:
    assert MailIds([OLD]).read(text) is None


def test_the_address_of_reports_has_room_for_it() -> None:
    longest = MailIds([OLD]).of(REF, "9999")
    assert len(f"{'b' * 17}+{longest}") <= 64
    assert may_take_bounces(f"{'b' * 17}@pay.example")
    assert not any(map(may_take_bounces, [f"{'b' * 18}@pay.example", "bounces", "a+b@pay.example", "@pay.example"]))
