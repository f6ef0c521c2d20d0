"""The page: self-contained, two languages with the same numbers, every number and row leads to its sources."""

import re
from collections import Counter
from html.parser import HTMLParser

import pytest

import minilateral as ml

VOID = {"meta", "link", "br", "input", "img", "hr"}


class Page(HTMLParser):
    """Ids, links, numbers and the text by language."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.links, self.numbers, self.loads, self.stack = [], [], [], [], []
        self.text = Counter()
        self.words = {"en": [], "zh": []}
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if "id" in attrs:
            self.ids.append(attrs["id"])
        if tag == "a":
            self.links.append(attrs.get("href", ""))
            if attrs.get("class") == "num":
                self.numbers.append((self.language(), attrs))
        for name in ("src", "srcset", "data"):
            if name in attrs and tag not in ("a",):
                self.loads.append(attrs[name])
        if tag == "link" or (tag == "use" and not attrs.get("href", "#").startswith("#")):
            self.loads.append(str(attrs))
        if tag not in VOID:
            self.stack.append((tag, attrs.get("lang", "")))

    def handle_endtag(self, tag):
        if tag in VOID:
            return
        assert self.stack, tag
        assert self.stack[-1][0] == tag, (tag, self.stack[-3:])
        self.stack.pop()

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def language(self):
        return next((lang for _, lang in reversed(self.stack) if lang in ("en", "zh")), "")

    def handle_data(self, data):
        if self.stack and self.stack[-1][0] not in ("script", "style") and self.language():
            self.words[self.language()].append(data)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    result = ml.run(ml.Study("USA JPN KOR", "2025-12-31"))
    return ml.write_brief(result, tmp_path_factory.mktemp("out"))


@pytest.fixture(scope="module")
def text(written):
    return written.page.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(text):
    return Page(text)


def test_it_is_well_formed_and_self_contained(page, text):
    assert not page.stack
    assert not page.loads
    assert "@import" not in text
    assert "url(http" not in text
    assert "<iframe" not in text


def test_ids_are_unique_and_links_inside_the_page_lead_somewhere(page):
    assert [i for i, n in Counter(page.ids).items() if n > 1] == []
    inside = {link[1:] for link in page.links if link.startswith("#")}
    assert inside - set(page.ids) == set()


def test_references_inside_the_drawings_lead_somewhere(text, page):
    used = set(re.findall(r'(?:href="#|url\(#)([\w-]+)', text))
    assert used - set(page.ids) == set()


def test_every_number_opens_rows_or_an_official_count(page):
    assert len(page.numbers) > 100
    for _, attrs in page.numbers:
        assert attrs["data-r"] or attrs["data-n"], attrs
        assert attrs["data-how"]


def test_every_row_leads_to_its_source(text):
    rows = text.split('<article class="act ')[1:]
    assert len(rows) > 300
    for row in rows:
        row = row[: row.index("</article>")]
        links = row[row.index('<ul class="links">') :]
        assert "<li>" in links, row[:200]
        assert re.search(r'class="tier [a-z]+"', links)
        assert re.search(r"\d{4}-\d\d-\d\d\.|未见日期|no date seen", links)


def test_the_numbers_of_both_languages_are_the_same(page):
    english = sorted((a["data-r"], a["data-n"]) for lang, a in page.numbers if lang == "en")
    chinese = sorted((a["data-r"], a["data-n"]) for lang, a in page.numbers if lang == "zh")
    assert english == chinese


def test_row_numbers_of_a_count_are_as_many_as_it_says(written, text):
    numbers = re.findall(
        r'<a class="num" href="[^"]*" data-r="([\d,-]*)" data-n="" data-how="([^"]*)">([\d,]+)</a>', text
    )
    plain = [n for n in numbers if n[1].startswith("occurrences held, of exactly")]
    assert len(plain) > 20
    for spans, how, shown in plain:
        rows = sum(int(b or a) - int(a) + 1 for a, _, b in (s.partition("-") for s in spans.split(",")))
        assert rows == int(shown.replace(",", "")), how


def test_the_argument_map_has_all_claims_with_test_measure_and_status(text):
    claims = text.split('<article class="claim ')[1:]
    found = {re.search(r'id="claim-(C\d+)"', claim)[1] for claim in claims}
    assert found == {f"C{n}" for n in range(1, 13)}
    assert len(claims) == 12
    for claim in claims:
        claim = claim[: claim.index("</article>")]
        assert 'class="badge"' in claim
        assert 'class="test"' in claim
        assert 'class="decides"' in claim


def test_english_is_english(page):
    chinese = [w for w in page.words["en"] if re.search(r"[\u4e00-\u9fff]", w)]
    quotes = [w for w in chinese if "“" in w]
    assert chinese == quotes  # only the study's own phrases


@pytest.mark.parametrize("language", ["zh", "en"])
def test_it_opens_in_the_language_asked_for(language, tmp_path):
    result = ml.run(ml.Study("CHN JPN KOR", "2025-12-31"))
    text = ml.write_brief(result, tmp_path, language).page.read_text(encoding="utf-8")
    assert f'data-lang="{language}"' in text


@pytest.mark.parametrize("group", ["CHN JPN KOR", "PRK RUS", "USA JPN IND AUS", "JPN KOR", "USA CHN", "CHN RUS MNG"])
@pytest.mark.parametrize("every", ["year", "month"])
def test_other_groups_have_a_page_too(group, every, tmp_path):
    if every == "month" and group not in ("JPN KOR", "PRK RUS"):
        pytest.skip("months are tried on two groups")
    written = ml.write_brief(ml.run(ml.Study(group, "2025-12-31", every=every)), tmp_path)
    page = Page(written.page.read_text(encoding="utf-8"))
    assert not page.stack
    assert written.findings
    inside = {link[1:] for link in page.links if link.startswith("#")}
    assert inside - set(page.ids) == set()


def test_hostile_words_stay_words(tmp_path):
    """A user's act may hold markup: it is shown, never run."""
    from minilateral.evidence import Store, check_file, held_hashes, shipped_tables

    file = tmp_path / "acts.csv"
    file.write_text(
        "id,date,participants,kind,level,domain,direction,summary_en,source_title,source_publisher,source_url\n"
        '2024-05-05-hostile,2024-05-05,USA;JPN;KOR,meeting,working,security,cooperative,"<script>alert(1)</script>",'
        '"<img src=x onerror=alert(1)>","""><b>",https://example.org/?a=%22%3E%3Cscript%3E\n',
        encoding="utf-8",
    )
    checked = check_file(file, [], {})
    store = Store(tmp_path / "mine.sqlite")
    assert store.add(checked.entries, checked.quarantined, held_hashes(shipped_tables()), "f", "0", "t").new == 1
    written = ml.write_brief(ml.run(ml.Study("USA JPN KOR", "2025-12-31", store=store.path)), tmp_path)
    text = written.page.read_text(encoding="utf-8")
    assert "2024-05-05-hostile" in text
    assert "<script>alert" not in text
    assert "<img" not in text
