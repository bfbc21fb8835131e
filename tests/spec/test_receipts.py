"""A seal's receipt comes back as it was written, and says what the trail no longer holds."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trial.domain.receipts import ReceiptError, SealReceipt, read_receipt

RECEIPT = SealReceipt(
    trial="sbp", seal=7, last_entry=4047, sealed_at="2026-11-23T18:00:00+00:00", sha256="0123456789abcdef" * 4
)

RECEIPTS = st.builds(
    SealReceipt,
    trial=st.from_regex(r"[-a-z0-9_]{1,50}", fullmatch=True),
    seal=st.integers(1, 10**18 - 1),
    last_entry=st.integers(1, 10**18 - 1),
    sealed_at=st.datetimes().map(lambda at: at.isoformat()),
    sha256=st.from_regex(r"[0-9a-f]{64}", fullmatch=True),
)


@given(RECEIPTS)
def test_a_receipt_is_read_as_it_was_written(receipt: SealReceipt) -> None:
    text = receipt.to_text()
    assert read_receipt(text) == read_receipt("\ufeff" + text.replace("\n", "\r\n")) == receipt


@pytest.mark.parametrize("line", ["trial", "seal", "last entry", "sealed at", "sha256"])
def test_a_line_that_is_missing_or_damaged_is_named(line: str) -> None:
    text = RECEIPT.to_text()
    for damaged in (text.replace(f"\n{line}: ", "\nother: "), text.replace(f"\n{line}: ", f"\n{line}: ? ? ")):
        with pytest.raises(ReceiptError, match=f"“{line}: …” is missing or damaged"):
            read_receipt(damaged)


@pytest.mark.parametrize("text", ["", "seal: 7", "\x00", "PK\x03\x04"])
def test_another_text_is_no_receipt(text: str) -> None:
    with pytest.raises(ReceiptError, match="no receipt"):
        read_receipt(text)


def test_the_same_seal_differs_in_nothing_and_none_is_said() -> None:
    assert RECEIPT.differences(RECEIPT) == []
    [said] = RECEIPT.differences(None)
    assert said.startswith("seal 7 of the receipt, over entries up to 4047, is not in the trail")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"trial": "other"}, "another trial"),
        ({"last_entry": 4046}, "another last entry"),
        ({"sealed_at": "2026-11-24T18:00:00+00:00"}, "another time"),
        ({"sha256": "f" * 64}, "another hash"),
    ],
)
def test_every_difference_is_said(changed: dict[str, object], words: str) -> None:
    [said] = RECEIPT.differences(replace(RECEIPT, **changed))
    assert words in said
