import pytest
import stripe

from tests.sandbox.conftest import Sandbox


def amounts(page: stripe.ListObject[stripe.PaymentIntent]) -> list[int]:
    return [intent.amount for intent in page.data]


def test_lists_are_newest_first_and_paged_both_ways(sandbox: Sandbox) -> None:
    ids = [sandbox.intent(amount=amount).id for amount in (100, 200, 300, 400, 500)]
    listed = sandbox.stripe.v1.payment_intents.list

    newest = listed({"limit": 2})
    older = listed({"limit": 2, "starting_after": newest.data[-1].id})
    newer = listed({"limit": 2, "ending_before": ids[0]})

    assert (amounts(newest), newest.has_more) == ([500, 400], True)
    assert (amounts(older), older.has_more) == ([300, 200], True)
    assert (amounts(newer), newer.has_more) == ([300, 200], True)
    assert amounts(listed({"starting_after": ids[1]})) == [100]


def test_the_library_walks_through_all_pages(sandbox: Sandbox) -> None:
    for _ in range(7):
        sandbox.intent()

    page = sandbox.stripe.v1.payment_intents.list({"limit": 3})

    assert len(list(page.auto_paging_iter())) == 7


def test_a_list_is_narrowed_by_time(sandbox: Sandbox) -> None:
    early = sandbox.intent(amount=100).created
    sandbox.control("POST", "clock", {"advance": 3600})
    sandbox.intent(amount=200)
    listed = sandbox.stripe.v1.payment_intents.list

    assert amounts(listed({"created": {"gte": early + 3600}})) == [200]
    assert amounts(listed({"created": {"lt": early + 3600}})) == [100]
    assert amounts(listed({"created": {"gt": early, "lte": early + 1800}})) == []


def test_events_are_listed_by_type_with_their_cursor(sandbox: Sandbox) -> None:
    for _ in range(3):
        sandbox.authorized()

    first = sandbox.stripe.v1.events.list({"type": "payment_intent.amount_capturable_updated", "limit": 1})
    rest = sandbox.stripe.v1.events.list(
        {"type": "payment_intent.amount_capturable_updated", "starting_after": first.data[0].id}
    )

    assert (len(first.data), len(rest.data)) == (1, 2)
    assert first.data[0].data.object["status"] == "requires_capture"
    assert sandbox.stripe.v1.events.retrieve(first.data[0].id).type == first.data[0].type


def test_search_finds_an_order_a_minute_later(sandbox: Sandbox) -> None:
    wanted, _ = sandbox.intent(), sandbox.intent(metadata={"ref": "FB-2"})
    query = {"query": "metadata['ref']:'FB-1' AND status:'requires_payment_method'"}

    assert sandbox.stripe.v1.payment_intents.search(query).data == []
    sandbox.control("POST", "clock", {"advance": 61})

    assert [found.id for found in sandbox.stripe.v1.payment_intents.search(query).data] == [wanted.id]


@pytest.mark.parametrize(
    ("params", "param"),
    [({"limit": 101}, "limit"), ({"starting_after": "pi_gone"}, "starting_after"), ({"created": {"near": 1}}, "near")],
)
def test_a_list_that_makes_no_sense_is_refused(sandbox: Sandbox, params: dict[str, object], param: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        sandbox.stripe.v1.payment_intents.list(params)

    assert refused.value.param == param


def test_expansion_goes_into_lists(sandbox: Sandbox) -> None:
    sandbox.authorized()

    page = sandbox.stripe.v1.payment_intents.list({"expand": ["data.latest_charge.refunds"]})

    assert page.data[0].latest_charge.refunds.data == []
