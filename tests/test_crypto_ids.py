"""Sealed values open in their own place only; numbers that people type notice a slip of the finger."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import clock, ids
from gateway.crypto import DataKey, Keyring, new_master_key, read_master_key
from gateway.errors import RefusesToStart, Unreadable

MASTER = read_master_key("kentongan-key-1-" + "A" * 43)
PATI, KUDUS = Keyring(MASTER, "33.18"), Keyring(MASTER, "33.19")
WORDS = "Sari: dia mengancam saya \ud83d".encode("utf-8", "surrogatepass")


def sealed() -> bytes:
    return PATI.transit.seal("messages", 7, "sealed_body", WORDS)


def test_what_was_sealed_opens_again() -> None:
    assert PATI.transit.open("messages", 7, "sealed_body", sealed()) == WORDS


def test_the_same_words_never_look_the_same_twice() -> None:
    assert sealed() != sealed()


@given(st.binary(max_size=2_000), st.integers(0, 2**63 - 1))
def test_any_bytes_come_back_whole(plain: bytes, row: int) -> None:
    key, wrapped = PATI.new_key("reports", row)
    there = key.seal("messages", row, "sealed_body", plain)
    assert PATI.unwrap("reports", row, wrapped).open("messages", row, "sealed_body", there) == plain


@pytest.mark.parametrize(
    ("table", "row", "column"),
    [("outbox", 7, "sealed_body"), ("messages", 8, "sealed_body"), ("messages", 7, "sealed_facts")],
)
def test_a_value_moved_to_another_place_does_not_open(table: str, row: int, column: str) -> None:
    with pytest.raises(Unreadable):
        PATI.transit.open(table, row, column, sealed())


def test_the_next_office_opens_nothing_of_ours() -> None:
    _, wrapped = PATI.new_key("reports", 7)
    with pytest.raises(Unreadable):
        KUDUS.transit.open("messages", 7, "sealed_body", sealed())
    with pytest.raises(Unreadable):
        KUDUS.unwrap("reports", 7, wrapped)
    assert not KUDUS.opens(PATI.canary())


def test_an_office_and_a_place_cannot_be_mistaken_for_each_other() -> None:
    key = b"k" * 32
    there = DataKey("33.18", key).seal("messages", 7, "sealed_body", WORDS)
    with pytest.raises(Unreadable):
        DataKey("33.18|messages", key).open("7", 7, "sealed_body", there)


def test_one_flipped_bit_anywhere_is_noticed() -> None:
    value = sealed()
    for position in range(len(value)):
        changed = bytearray(value)
        changed[position] ^= 1
        with pytest.raises(Unreadable):
            PATI.transit.open("messages", 7, "sealed_body", bytes(changed))


@pytest.mark.parametrize("length", [0, 1, 5, 13, 28])
def test_a_cut_off_value_is_refused_in_our_own_words(length: int) -> None:
    with pytest.raises(Unreadable):
        PATI.transit.open("messages", 7, "sealed_body", sealed()[:length])


def test_a_refusal_says_nothing_of_what_was_sealed() -> None:
    with pytest.raises(Unreadable) as refusal:
        PATI.transit.open("messages", 8, "sealed_body", sealed())
    assert "Sari" not in str(refusal.value) and refusal.value.__cause__ is None


def test_equal_addresses_match_within_one_office_only() -> None:
    ours, theirs = (ring.blind("address:sms", "+6281100000001") for ring in (PATI, KUDUS))
    assert ours == PATI.blind("address:sms", "+6281100000001")
    assert len({ours, theirs, PATI.blind("address:chat", "+6281100000001"), PATI.blind("address:sms", "+62")}) == 4


def test_an_index_is_made_of_any_text() -> None:
    assert len(PATI.blind("address:sms", "\ud83d\x00")) == 32


def test_the_right_key_opens_the_canary_and_no_other_does() -> None:
    assert PATI.opens(PATI.canary())
    assert not Keyring(read_master_key(new_master_key()), "33.18").opens(PATI.canary())


def test_new_keys_are_new_and_readable() -> None:
    assert read_master_key(f" {new_master_key()}\n") != read_master_key(new_master_key())


@pytest.mark.parametrize("key", ["", "  ", "A" * 43, "kentongan-key-1-", "kentongan-key-1-short", "kentongan-key-1-é"])
def test_what_is_no_master_key_stops_the_start(key: str) -> None:
    with pytest.raises(RefusesToStart):
        read_master_key(key)


@given(st.text("0123456789", min_size=6, max_size=13), st.data())
def test_one_wrong_digit_is_noticed(body: str, data: st.DataObject) -> None:
    number = body + ids.check_digit(body)
    place = data.draw(st.integers(0, len(number) - 1))
    other = data.draw(st.sampled_from([d for d in "0123456789" if d != number[place]]))
    wrong = number[:place] + other + number[place + 1 :]
    assert ids.check_digit(wrong[:-1]) != wrong[-1]


@given(st.text("0123456789", min_size=6, max_size=13))
def test_two_swapped_neighbours_are_noticed(body: str) -> None:
    number = body + ids.check_digit(body)
    for place, (left, right) in enumerate(itertools.pairwise(number)):
        wrong = number[:place] + right + left + number[place + 2 :]
        assert left == right or ids.check_digit(wrong[:-1]) != wrong[-1]


def test_numbers_look_like_prices_and_check() -> None:
    numbers = [ids.new_number() for _ in range(200)]
    assert all(ids.is_number(number) and len(number) == 7 and number[0] != "0" for number in numbers)


@pytest.mark.parametrize("text", ["", "572", "123456", "0000000", "0572000", "572000x", "٤٨٢١٩٣٧", "4821937 "])
def test_what_is_no_number(text: str) -> None:
    assert not ids.is_number(text)


def test_a_crowded_office_gets_longer_numbers() -> None:
    bodies = (str(n) for n in range(100_000, 1_000_000))
    taken = {body + ids.check_digit(body) for body in bodies}
    assert len(taken) == 900_000
    [number] = ids.free_numbers(1, lambda drawn: taken & set(drawn))
    assert len(number) == 8 and ids.is_number(number)


def test_row_ids_rise_even_when_the_clock_steps_back() -> None:
    instants = itertools.chain([1_800_000_000_000] * 5_000, itertools.repeat(1_799_999_000_000))
    clock.use(lambda: next(instants))
    numbers = ids.Ids(3)
    made = [numbers.next() for _ in range(10_000)]
    assert made == sorted(set(made)) and made[-1] < 2**63


def test_invite_codes_have_no_letters_that_look_alike() -> None:
    codes = {ids.new_invite_code() for _ in range(200)}
    assert len(codes) == 200 and not set("".join(codes)) & set("01OIL")


def test_reply_codes_are_six_digits() -> None:
    assert all(len(code) == 6 and code.isdigit() for code in (ids.new_reply_code() for _ in range(200)))
