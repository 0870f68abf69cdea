"""Numbers, parts of an Sms, prices."""

import sys
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mockserver.numbering.numbers import NotANumber, read_number
from mockserver.numbering.parts import Parts, split
from mockserver.numbering.prices import ANYWHERE, price


# rules send.plus, document.country
@pytest.mark.parametrize(
    ("text", "e164", "country"),
    [
        ("+306900000310", "+306900000310", "GR"),
        ("306900000310", "+306900000310", "GR"),
        ("+15555550100", "+15555550100", "US"),
        ("+4915555550100", "+4915555550100", "DE"),
        ("+80012345678", "+80012345678", None),
        ("+88213000000000", "+88213000000000", None),
        ("+3012345", "+3012345", "GR"),
    ],
)
def test_a_number_is_read_with_and_without_its_plus(text: str, e164: str, country: str | None) -> None:
    number = read_number(text)
    assert (number.e164, number.country) == (e164, country)


@pytest.mark.parametrize("text", ["", "+", "12", "123456", "+1234567890123456", "+0306900000", "00306900000310",
                                  "+30 690 000", "+30-690-0000", "٣٠٦٩٠٠٠٠٠٠٠٠", "abc", "+306900000310\n"])  # fmt: skip
def test_a_bad_number_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(NotANumber, match=r"\+306900000000"):
        read_number(text)


# rule send.made-up-numbers
@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("12345", "this one has 5"),
        ("+1234567890123456", "this one has 16"),
        ("0030690000310", "never with 0"),
        ("+30 690 0000310", "nothing but digits after its plus"),
        ("٣٠٦٩٠٠٠٠٠٠٠٠", "nothing but digits after its plus"),
        ("++306900000310", "nothing but digits after its plus"),
    ],
)
def test_a_bad_number_is_refused_with_a_reason(text: str, why: str) -> None:
    with pytest.raises(NotANumber, match=why):
        read_number(text)


# rule send.made-up-numbers
def test_a_calling_code_must_exist() -> None:
    with pytest.raises(NotANumber, match="calling code"):
        read_number("+99912345678")


# rules document.country, document.numbering
def test_the_operator_is_named_where_it_is_known() -> None:
    assert read_number("+306900000310").operator
    assert read_number("+15555550100").operator is None


# rule document.sms-parts
@pytest.mark.parametrize(
    ("text", "encoding", "count"),
    [
        ("", "GSM 03.38", 1),
        ("a" * 160, "GSM 03.38", 1),
        ("a" * 161, "GSM 03.38", 2),
        ("a" * 306, "GSM 03.38", 2),
        ("a" * 307, "GSM 03.38", 3),
        ("€" * 80, "GSM 03.38", 1),
        ("€" * 81, "GSM 03.38", 2),
        ("€" * 152, "GSM 03.38", 2),
        ("€" * 153, "GSM 03.38", 3),
        ("a" + "€" * 152, "GSM 03.38", 2),
        ("ж" * 70, "UCS-2", 1),
        ("ж" * 71, "UCS-2", 2),
        ("ж" * 134, "UCS-2", 2),
        ("ж" * 135, "UCS-2", 3),
        ("😀" * 35, "UCS-2", 1),
        ("😀" * 36, "UCS-2", 2),
        ("😀" * 66, "UCS-2", 2),
        ("😀" * 67, "UCS-2", 3),
    ],
)
def test_parts_without_transcoding(text: str, encoding: str, count: int) -> None:
    parts = split(text, transcode=False)
    assert (parts.text, parts.encoding, parts.count) == (text, encoding, count)


# rules document.sms-parts, document.transcoded
@pytest.mark.parametrize(
    ("text", "sent", "count"),
    [
        ("Καλημέρα", "Καλημέρα", 1),
        ("Καλημέρα" * 9, "KAΛHMEPA" * 9, 1),
        ("“a” – ‘b’…" * 8, "\"a\" - 'b'..." * 8, 1),
        ("ů" * 71, "u" * 71, 1),
        ("łŁđĐıœ" * 12, "lLdDioe" * 12, 1),
        ("‹½›" * 30, "<1/2>" * 30, 1),
        ("…" * 134, "…" * 134, 2),
        ("ж" * 71, "ж" * 71, 2),
        ("Αж" * 36, "Αж" * 36, 2),
    ],
)
def test_transcoding_maps_look_alikes_unless_the_text_fits_one_part(text: str, sent: str, count: int) -> None:
    parts = split(text, transcode=True)
    assert (parts.text, parts.count) == (sent, count)


# rule document.transcoded
@pytest.mark.parametrize("code", [0x200B, 0x200C, 0x200D, 0x200E, 0x2060, 0xFEFF, 0x00AD, 0x202C, 0x2066, 0xFE0F])
def test_transcoding_drops_what_nobody_sees(code: int) -> None:
    text = "a" * 50 + chr(code) + "a" * 50
    assert split(text, transcode=True) == Parts("a" * 100, "GSM 03.38", 1)
    assert split(text, transcode=False).count == 2
    assert split(chr(code) + "a" * 69, transcode=True).text == chr(code) + "a" * 69, "it fits one part as it is"


@pytest.mark.parametrize(
    ("codes", "sent"),
    [
        ((0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2015, 0x2212, 0x2E3A, 0x2E3B, 0xFE58, 0xFF0D), "-"),
        ((0x2053, 0x301C, 0x3030), "~"),
        ((0x2018, 0x2019, 0x201B, 0x02B9, 0x02BB, 0x02BC, 0x02BD, 0x02C8, 0x2032, 0x2035), "'"),
        ((0x201C, 0x201D, 0x201E, 0x201F, 0x02BA, 0x02EE, 0x2033, 0x2036, 0x301D, 0x301E, 0x301F), '"'),
        ((0x2028, 0x2029, 0x0085), "\n"),
        ((0x00A0, 0x1680, 0x2002, 0x2003, 0x2009, 0x200A, 0x202F, 0x205F, 0x3000), " "),
    ],
)
def test_transcoding_maps_every_dash_quote_and_break_alike(codes: tuple[int, ...], sent: str) -> None:
    for code in codes:
        parts = split("a" * 100 + chr(code), transcode=True)
        assert (parts.text, parts.count) == ("a" * 100 + sent, 1), hex(code)


WHOLE = {"Pd": {"-", "~", "="}, "Zs": {" "}, "Zl": {"\n"}, "Zp": {"\n"}}
"""Categories of which every character is replaced, and by what."""

IGNORABLE = "115F-1160 17B4-17B5 180B-180F 200B-200F 202A-202E 2060-206F 3164-3164 FE00-FE0F FFA0-FFA0 1BCA0-1BCA3 1D173-1D17A E0001-E01EF"  # fmt: skip


# rule document.transcoded
@pytest.mark.parametrize("category", WHOLE)
def test_transcoding_leaves_no_dash_space_or_break(category: str) -> None:
    every = [each for each in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(each) == category]
    sent = {each: split("a" * 100 + each, transcode=True).text[100:] for each in every}
    assert {each for each, like in sent.items() if like not in WHOLE[category]} == set()


# rule document.transcoded
@pytest.mark.parametrize("span", IGNORABLE.split())
def test_transcoding_leaves_nothing_that_unicode_lets_be_ignored(span: str) -> None:
    first, last = (int(each, 16) for each in span.split("-"))
    every = "".join(map(chr, range(first, last + 1)))
    assert split("a" * 100 + every, transcode=True) == Parts("a" * 100, "GSM 03.38", 1)


# rule document.transcoded
def test_transcoding_leaves_no_quotation_mark() -> None:
    every = [each for each in map(chr, range(sys.maxunicode + 1)) if "QUOTATION MARK" in unicodedata.name(each, "")]
    tags = {"\U000e0022"}
    sent = {split("a" * 100 + each, transcode=True).text[100:] for each in every if each not in tags}
    assert sent == {'"', "'", ",", "<", ">"}


# rule document.transcoded
@given(st.text(max_size=500) | st.text("a…™ж", max_size=500), st.booleans())
@example("…" * 134, True)
def test_no_text_takes_more_parts_transcoded(text: str, transcode: bool) -> None:
    assert 1 <= split(text, transcode=transcode).count <= split(text, transcode=False).count


def packed(widths: list[int], single: int, part: int) -> int:
    """How many parts characters of these widths take, filled one by one."""
    if sum(widths) <= single:
        return 1
    parts, room = 1, part
    for width in widths:
        if width > room:
            parts, room = parts + 1, part
        room -= width
    return parts


@given(st.lists(st.sampled_from(["a" * 37, "a", "€", "^" * 19, "b" * 150]), max_size=40).map("".join))
def test_no_septets_of_a_character_are_cut_in_two(text: str) -> None:
    widths = [2 if character in "€^" else 1 for character in text]
    assert split(text, transcode=False).count == packed(widths, 160, 153)


@given(st.lists(st.sampled_from(["ж" * 17, "ж", "😀", "😀" * 9, "a" * 65]), max_size=40).map("".join))
def test_no_surrogates_are_cut_in_two(text: str) -> None:
    widths = [2 if character == "😀" else 1 for character in text + "ж"]
    assert split(text + "ж", transcode=False).count == packed(widths, 70, 67)


@pytest.mark.parametrize("character", ["a", "^", "ά", "ж", "😀", "\u0301"])
def test_counting_parts_takes_steps_in_proportion_to_the_parts(character: str) -> None:
    def steps(length: int) -> int:
        text, counted = character * length + "~", 0

        def count(*_: object) -> None:
            nonlocal counted
            counted += 1

        sys.setprofile(count)
        try:
            split(text, transcode=True)
        finally:
            sys.setprofile(None)
        return counted

    assert steps(400_000) <= 2.1 * steps(200_000)
    assert steps(400_000) < 60_000


# rule statuses.prices
def test_prices_know_countries_and_everywhere_else() -> None:
    table = {"GR": 450, ANYWHERE: 550}
    assert (price(table, "GR"), price(table, "ZZ"), price(table, None)) == (450, 550, 550)
