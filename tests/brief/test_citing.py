"""Notes and references against worked examples, each with its place; repeats, exports, what a result used.

Card: docs/methods/citing.md. Where an example stands:

- ZS: zotero-chinese/styles at 34e21ea7, ``src/<style>/index.md`` (items of standards and journals, rendered there).
- WEP: the journal's own examples of 《世界经济与政治》, typed in there as ``items.json``, ids wep.*.
- Chicago: *Citation Quick Guide* of the Manual (17th ed.), web pages; and the guides named at the example.
"""

import html
import json
import re
from dataclasses import replace
from datetime import date

import pytest

from minilateral.brief.citing import (
    DEFAULT,
    Ledger,
    Span,
    Work,
    bibtex,
    cite,
    csl_json,
    key,
    note,
    notes,
    package,
    plain,
    reference,
    references,
    ris,
    style_name,
    styles,
)
from minilateral.errors import BadCode, BadInput, BadRecord
from minilateral.evidence import load
from minilateral.terms.record import Origin, Source
from minilateral.terms.tables import read_tsv, shipped

READ = date(2026, 11, 23)
FAR, CAPS, WEP = "waijiao-pinglun", "dangdai-yatai", "shijie-jingji-yu-zhengzhi"
GB15, GB25 = "gb-7714-2015", "gb-7714-2025"
CMS = tuple(s for s in styles() if s.startswith("chicago"))


def page(title, publisher="", url="", language="zh", published=None, tier="government", identifier="s"):
    return Source(identifier, title, publisher, url, language, published, tier)


def text(item, style, accessed=None, **more):
    return plain(note(item, style, accessed=accessed, **more))


MUSEUM = page(
    "北京鲁迅博物馆志愿服务章程",
    "北京鲁迅博物馆",
    "http://www.luxunmuseum.com.cn/html/202104/a11310.htm",
    published=date(2021, 4, 21),
)
COURT = page(
    "被告人李宁、张磊贪污案一审开庭",
    "新华网",
    "http://www.xinhuanet.com/legal/2019-12/31/c_1125406056.htm",
    tier="copy",
)
EU = page(
    "中国对欧盟政策文件",
    url="https://www.fmprc.gov.cn/web/ziliao_674904/tytj_674911/zcwj_674915/t1622886.shtml",
)
UN = page(
    "Transforming Our World: The 2030 Agenda for Sustainable Development",
    "The United Nations",
    "https://sustainabledevelopment.un.org/post2015/transformingourworld",
    "en",
)
WHITE = Work(
    "white",
    "新时代的中国与世界",
    ("中华人民共和国国务院新闻办公室",),
    "paper",
    "zh",
    date(2019, 9, 28),
    container="人民日报",
)
KISSINGER = Work(
    *("kissinger", "Nixon’s Key Adviser on Defense", ("Henry A. Kissinger",), "paper", "en", date(1968, 12, 3)),
    container="The New York Times",
)
DAILY = page(
    "探索微观世界的无穷奥秘（科技大观）",
    "人民日报",
    "http://paper.people.com.cn/rmrb/html/2022-08/16/nw.D110000renmrb_20220816_3-17.htm",
    published=date(2022, 8, 16),
    tier="newspaper",
)
LOC = page("Library of Congress", "", "https://www.loc.gov/", "en")
ISO = page("ISO homepage", "International Organization for Standardization", "https://www.iso.org/home.html", "en")
BBC = page(
    "When China Began Streaming Trials Online", "BBC News", "https://www.bbc.com/news/blogs-china-blog-37515399", "en",
    tier="copy",
)  # fmt: skip
YALE = page("Yale Facts", "Yale University", "https://www.yale.edu/about-yale/yale-facts", "en")
MCDONALD = page(
    "McDonald’s Happy Meal Toy Safety Facts",
    "McDonald’s Corporation",
    "http://www.mcdonalds.com/corp/about/factsheets.html",
    "en",
)
ANY = "https://example.org/"


# --- 《外交评论》 ---------------------------------------------------------------------------------------------------


def test_foreign_affairs_review_is_the_default():
    assert styles()[0] == DEFAULT == FAR
    assert style_name(DEFAULT) == "《外交评论》"


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        # ZS src/外交评论, examples of GB/T 7714-2025, no. 102 and 105: an institution as author, no day
        (
            page("中国科学院科技论文预发布平台", "中国科学院文献情报中心", "https://chinaxiv.org/home.htm"),
            "中国科学院文献情报中心：《中国科学院科技论文预发布平台》，https://chinaxiv.org/home.htm。",
        ),
        # ZS src/外交评论, examples of 《法学引注手册》, no. 10: no author, a site
        (
            COURT,
            "《被告人李宁、张磊贪污案一审开庭》，新华网，http://www.xinhuanet.com/legal/2019-12/31/c_1125406056.htm。",
        ),
        # no. 45 there: 《人民日报》2022年8月16日, the day without a comma (signed there; page 17 is not in our row)
        (replace(DAILY, url=""), "《探索微观世界的无穷奥秘（科技大观）》，《人民日报》2022年8月16日。"),
        # no. 110 and 111: English, without and with an institution
        (LOC, "“Library of Congress,” https://www.loc.gov/."),
        (
            replace(ISO, title="ISO Homepage"),
            "International Organization for Standardization, “ISO Homepage,” https://www.iso.org/home.html.",
        ),
        # 《法学引注手册》 no. 52, its author left out: a site upright
        (
            BBC,
            "“When China Began Streaming Trials Online,” BBC News, https://www.bbc.com/news/blogs-china-blog-37515399.",
        ),
    ],
)
def test_foreign_affairs_review(item, expected):
    assert text(item, FAR) == expected


def test_the_day_of_reading_is_printed_where_it_is_given():
    assert text(MUSEUM, FAR, READ).endswith("，2021年4月21日，" + MUSEUM.url + "，访问时间：2026年11月23日。")
    assert text(ISO, FAR, READ).endswith("https://www.iso.org/home.html, accessed November 23, 2026.")
    assert "2026" not in text(MUSEUM, FAR)


def test_more_than_three_authors_become_deng_and_et_al():
    # ZS src/外交评论, previews no. 3 and 4: 于潇等, Pieternella H. van der Veen et al.
    four = Work("w", "互联网药品可信交易环境", ("于潇", "刘义", "柴跃廷", "孙宏波"), "institution", "zh")
    assert text(four, FAR).startswith("于潇等：《")
    assert text(replace(four, authors=four.authors[:2]), FAR).startswith("于潇、刘义：《")
    veen = Work("v", "Changes", ("Pieternella H. van der Veen", "M. Muller", "K. L. Vincken", "T. D. Witkamp"), "site")
    assert text(veen, FAR) == "Pieternella H. van der Veen et al., “Changes.”"
    # three: "Karen S. Frese, Hugo A. Katus, and Benjamin Meder", no. 55
    frese = replace(veen, authors=("Karen S. Frese", "Hugo A. Katus", "Benjamin Meder"))
    assert text(frese, FAR).startswith("Karen S. Frese, Hugo A. Katus, and Benjamin Meder, “")


# --- 《当代亚太》 ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        # ZS src/当代亚太, examples of GB/T 7714-2025, no. 103 (a space before the address there is a slip of the style)
        (MUSEUM, "北京鲁迅博物馆：《北京鲁迅博物馆志愿服务章程》，2021年4月21日，" + MUSEUM.url + "。"),
        (
            COURT,
            "《被告人李宁、张磊贪污案一审开庭》，新华网，http://www.xinhuanet.com/legal/2019-12/31/c_1125406056.htm。",
        ),
        # no. 45: 载《人民日报》2022年8月16日 (signed there)
        (replace(DAILY, url=""), "《探索微观世界的无穷奥秘（科技大观）》，载《人民日报》2022年8月16日。"),
        # no. 111
        (ISO, "International Organization for Standardization, “ISO homepage,” https://www.iso.org/home.html."),
    ],
)
def test_contemporary_asia_pacific(item, expected):
    assert text(item, CAPS) == expected


def test_contemporary_asia_pacific_sets_a_site_in_italics():
    # ZS src/当代亚太, 《法学引注手册》 no. 52: <i>BBC News</i>, September 30, 2016 (its author left out here)
    spans = note(replace(BBC, published=date(2016, 9, 30)), CAPS, accessed=None)
    assert spans[1] == Span("BBC News", True)
    assert plain(spans[2:]) == ", September 30, 2016, https://www.bbc.com/news/blogs-china-blog-37515399."


# --- 《世界经济与政治》 ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("item", "accessed", "expected"),
    [
        # WEP wep.3:01
        (EU, date(2020, 12, 1), f"《中国对欧盟政策文件》，{EU.url}，访问时间：2020年12月1日。"),
        # WEP wep.3:02; Chinese full stop after the day of reading also of an English page:
        # EdwardSaidZhou/CSL-Chinese-IR-CSSCI-Journals, issue 9 (from the journal's rule) and README item 14
        (
            UN,
            date(2020, 12, 1),
            "The United Nations, “Transforming Our World: The 2030 Agenda for Sustainable Development,” "
            f"{UN.url}, 访问时间：2020年12月1日。",
        ),
        # WEP wep.1.6:01 and wep.2.4:01: newspapers
        (WHITE, None, "中华人民共和国国务院新闻办公室：《新时代的中国与世界》，载《人民日报》，2019年9月28日。"),
        (
            KISSINGER,
            None,
            "Henry A. Kissinger, “Nixon’s Key Adviser on Defense,” The New York Times, December 3, 1968.",
        ),
    ],
)
def test_world_economics_and_politics(item, accessed, expected):
    assert text(item, WEP, accessed) == expected


def test_a_newspaper_is_set_in_italics():
    # WEP wep.2.4:01: <i>The New York Times</i>
    assert [s for s in note(KISSINGER, WEP, accessed=None) if s.italic] == [Span("The New York Times", True)]


# --- Japanese and Korean items in the journals ----------------------------------------------------------------------


def test_japanese_items():
    # 『国際安全保障』執筆要領 (paperzz.com/doc/5685398): 【新聞】著者名「記事名」『新聞名』発行年月日。
    paper = page("日米韓首脳が会談", "朝日新聞", language="ja", published=date(2023, 8, 19), tier="newspaper")
    assert text(paper, FAR) == "「日米韓首脳が会談」『朝日新聞』2023年8月19日。"
    # 『情報史研究』執筆要領 凡例(2) (intel2002.exblog.jp/17897894), its genre words left out:
    # 防衛省・自衛隊「大臣会見概要」報道資料、記者会見、2008年7月1日。
    press = page("大臣会見概要", "防衛省・自衛隊", language="ja", published=date(2008, 7, 1))
    assert text(press, FAR) == "防衛省・自衛隊「大臣会見概要」2008年7月1日。"
    # the same rules: 2度目の引用, 同上 right after; 前掲 is not used
    assert text(press, CAPS, first=False, same=True) == "同上。"
    assert text(press, CAPS, first=False) == "防衛省・自衛隊「大臣会見概要」。"
    web = replace(press, url="https://www.mod.go.jp/a", published=None)
    assert text(web, FAR, READ) == "防衛省・自衛隊「大臣会見概要」、https://www.mod.go.jp/a、2026年11月23日閲覧。"
    assert text(web, WEP, READ).endswith("https://www.mod.go.jp/a、访问时间：2026年11月23日。")


def test_korean_items():
    # 대한중국학회 원고작성요령 (daehanchi.org/html/sub0305.html) 나, 아: 「논문명」, 『저서명』; commas
    paper = page("한미일 정상회의", "동아일보", language="ko", published=date(2023, 8, 19), tier="newspaper")
    assert text(paper, FAR) == "「한미일 정상회의」, 『동아일보』, 2023년 8월 19일."
    office = page("캠프 데이비드 정신", "외교부", "https://www.mofa.go.kr/a", "ko")
    assert (
        text(office, FAR, READ)
        == "외교부, 「캠프 데이비드 정신」, https://www.mofa.go.kr/a (검색일: 2026년 11월 23일)."
    )
    assert text(office, CAPS, first=False, same=True) == "외교부, 「캠프 데이비드 정신」."


def test_a_publisher_recorded_in_its_own_script_goes_by_its_english_name_in_chicago():
    ja = page("共同発表", "防衛省", language="ja", published=date(2023, 8, 18))
    assert text(ja, "chicago-18-notes") == "“共同発表,” Ministry of Defense of Japan, August 18, 2023."
    assert text(ja, "chicago-17-author-date") == "(Ministry of Defense of Japan 2023)"
    assert text(ja, FAR).startswith("防衛省「")
    paper = page("회담", "매일신문", language="ko", published=date(2023, 8, 18), tier="newspaper")
    assert Span("Maeil Shinmun", True) in note(paper, "chicago-18-notes", accessed=None)
    # what has no English name that we know stays in its script, and a name with an addition is another one
    assert "전남일보" in text(replace(paper, publisher="전남일보"), "chicago-18-notes")
    assert "매일신문 (via)" in text(replace(paper, publisher="매일신문 (via)"), "chicago-18-notes")


def test_the_table_of_publishers_holds_what_the_record_holds():
    rows = read_tsv(shipped("publishers.tsv"))
    recorded = {(s.publisher, s.language) for s in load().sources.values()}
    assert {(r["name"], r["language"]) for r in rows} <= recorded  # no row for what nobody recorded
    assert len({(r["name"], r["language"]) for r in rows}) == len(rows)
    assert all(r["en"].isascii() and r["en"] for r in rows)


def test_a_listed_publisher_takes_its_own_name_in_the_language_of_the_item():
    ja = page("共同発表", "Ministry of Foreign Affairs of Japan", "https://www.mofa.go.jp", "ja")
    assert text(ja, FAR).startswith("外務省「共同発表」")
    assert text(replace(ja, language="en", title="Statement"), FAR).startswith(
        "Ministry of Foreign Affairs of Japan, “"
    )
    assert text(ja, "chicago-17-notes").startswith("“共同発表,” Ministry of Foreign Affairs of Japan, ")
    # a broadcaster under the tier of newspapers is no newspaper
    assert text(page("한미일 회의", "YTN", language="ko", tier="newspaper"), FAR) == "「한미일 회의」, YTN."
    asahi = page("日米韓会談", "TV Asahi", language="ja", tier="newspaper")
    assert text(asahi, FAR) == "「日米韓会談」テレビ朝日。"
    # a name that is not listed stays as recorded, without marks that it may not bear
    assert text(page("中日韩磋商", "HK01", tier="newspaper"), FAR) == "《中日韩磋商》，HK01。"
    assert text(page("中俄声明", "copy", tier="copy"), FAR) == "《中俄声明》。"


# --- titles ---------------------------------------------------------------------------------------------------------


def test_marks_within_titles():
    assert text(page("评《开罗宣言》的意义"), FAR) == "《评〈开罗宣言〉的意义》。"
    assert text(page("《开罗宣言》"), FAR) == "《开罗宣言》。"
    assert text(page("《开罗宣言》与《波茨坦公告》"), FAR) == "《〈开罗宣言〉与〈波茨坦公告〉》。"
    assert text(page("「協力」を確認", language="ja"), FAR) == "「『協力』を確認」。"
    assert text(page('The "Spirit" of “Camp David”', language="en"), FAR) == "“The ‘Spirit’ of ‘Camp David.’”"
    # ZS src/外交评论, APA no. 23: a question mark keeps the comma
    asked = page("Can We Talk Scientifically about Free Will?", "Sci-Ed", "https://e.org", "en", tier="copy")
    assert text(asked, FAR) == "“Can We Talk Scientifically about Free Will?,” Sci-Ed, https://e.org."
    assert plain(reference(asked, "chicago-17-notes", accessed=None)).startswith("Sci-Ed. “Can We Talk Scientifically")
    assert "Will?” n.d. https" in plain(reference(asked, "chicago-17-notes", accessed=None))


def test_tags_of_languages_and_points_of_titles():
    assert text(page("题", language="zh-CN"), FAR) == "《题》。"
    assert text(page("题", language=""), FAR) == "《题》。"
    assert text(page("Remarks.", "State", ANY, "en"), GB15) == "State. Remarks[EB/OL]. https://example.org/."
    assert text(page("Remarks.", "State", "", "en"), FAR) == "State, “Remarks.”"
    assert text(page("Remarks", language="en"), "chicago-17-author-date") == "(“Remarks,” n.d.)"
    dated = page("Remarks", language="en", published=date(2023, 1, 1))
    assert text(dated, "chicago-17-author-date") == "(“Remarks” 2023)"


def test_a_language_that_has_no_rule_is_written_as_english():
    russian = page("Шойгу прибыл", "ТАСС", "https://tass.ru/a", "ru", date(2025, 3, 21), "agency")
    assert text(russian, FAR) == "“Шойгу прибыл,” ТАСС, March 21, 2025, https://tass.ru/a."


# --- GB/T 7714 ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("item", "accessed", "old", "new"),
    [
        # ZS src/GB-T-7714—2015（顺序编码，双语） and src/GB-T-7714—2025（注释，双语）, examples of the standard:
        # no. 102
        (
            page("中国科学院科技论文预发布平台", "中国科学院文献情报中心", "https://chinaxiv.org/home.htm"),
            date(2025, 3, 6),
            "中国科学院文献情报中心. 中国科学院科技论文预发布平台[EB/OL]. [2025-03-06]. https://chinaxiv.org/home.htm.",
            "中国科学院文献情报中心. 中国科学院科技论文预发布平台[EB/OL]. [2025-03-06]. https://chinaxiv.org/home.htm.",
        ),
        # no. 103
        (
            MUSEUM,
            date(2023, 5, 2),
            f"北京鲁迅博物馆. 北京鲁迅博物馆志愿服务章程[EB/OL]. (2021-04-21)[2023-05-02]. {MUSEUM.url}.",
            f"北京鲁迅博物馆. 北京鲁迅博物馆志愿服务章程[EB/OL]. （2021-04-21）[2023-05-02]. {MUSEUM.url}.",
        ),
        # no. 110, 111
        (LOC, date(2020, 6, 12), *["Library of Congress[EB/OL]. [2020-06-12]. https://www.loc.gov/."] * 2),
        (
            ISO,
            date(2020, 10, 6),
            *[
                "International Organization for Standardization. ISO homepage[EB/OL]. [2020-10-06]. "
                "https://www.iso.org/home.html."
            ]
            * 2,
        ),
        # no. 45, its author and page left out: a newspaper; from 2025 no day of reading
        (
            DAILY,
            date(2015, 2, 28),
            f"探索微观世界的无穷奥秘（科技大观）[N/OL]. 人民日报, 2022-08-16[2015-02-28]. {DAILY.url}.",
            f"探索微观世界的无穷奥秘（科技大观）[N/OL]. 人民日报，2022-08-16. {DAILY.url}.",
        ),
        # 《法学引注手册》 no. 84 there: a Japanese page; no. 10: neither day
        (
            page("ジュリスト", url="http://www.yuhikaku.co.jp/jurist", language="ja"),
            date(2022, 9, 1),
            *["ジュリスト[EB/OL]. [2022-09-01]. http://www.yuhikaku.co.jp/jurist."] * 2,
        ),
        (replace(COURT, publisher=""), None, *[f"被告人李宁、张磊贪污案一审开庭[EB/OL]. {COURT.url}."] * 2),
        # 《综合性期刊文献引证技术规范》 no. 42 there: a signed page
        (
            Work(
                *("w", "关于中国学术期刊标准化数据库系统工程的进展", ("王明亮",), "site", "zh", date(1998, 8, 16)),
                url="http://www.cajcd.cn/pub/wml.txt/980810-2.html",
            ),
            date(1998, 10, 4),
            "王明亮. 关于中国学术期刊标准化数据库系统工程的进展[EB/OL]. (1998-08-16)[1998-10-04]. "
            "http://www.cajcd.cn/pub/wml.txt/980810-2.html.",
            "王明亮. 关于中国学术期刊标准化数据库系统工程的进展[EB/OL]. （1998-08-16）[1998-10-04]. "
            "http://www.cajcd.cn/pub/wml.txt/980810-2.html.",
        ),
        # 丁文详[N]. 中国青年报, 2000-11-20(15): no. 41, its page left out
        (
            Work("d", "数字革命与竞争国际化", ("丁文详",), "paper", "zh", date(2000, 11, 20), container="中国青年报"),
            READ,
            "丁文详. 数字革命与竞争国际化[N]. 中国青年报, 2000-11-20.",
            "丁文详. 数字革命与竞争国际化[N]. 中国青年报，2000-11-20.",
        ),
    ],
)
def test_gb_7714(item, accessed, old, new):
    assert text(item, GB15, accessed) == old
    assert text(item, GB25, accessed) == new


#: A work of each kind that we cite: hayagriva's name of the kind, the work, and what typst writes that we do not (as
#: typst has it, as we have it, and the clause of GB/T 7714-2015, by its number as known, that is with us). Nothing
#: else may differ, not in one letter.
CAPITALS = "8.1.4: an organisation is named as its source has it (American Chemical Society); typst capitals every name"
AGAINST_TYPST = [
    ("web", page("题名", "外交部", ANY, published=date(2023, 8, 18)), []),
    ("web", page("日米韓首脳会合", "外務省", ANY, "ja", date(2023, 8, 18)), []),
    ("web", page("한미일 정상회의", "외교부", ANY, "ko", date(2023, 8, 18)), []),
    ("web", MUSEUM, []),
    ("web", page("Facts", "Yale University", ANY, "en"), [("YALE UNIVERSITY", "Yale University", CAPITALS)]),
    (
        "web",
        page("Joint Statement", "The White House", ANY, "en", date(2023, 8, 18)),
        [("THE WHITE HOUSE", "The White House", CAPITALS)],
    ),
    ("web", page("Library of Congress", "", ANY, "en"), []),
    (
        "web",
        COURT,
        [
            (
                "被告人",
                "新华网. 被告人",
                "8.1.4: the body that answers for it; an [EB/OL] has no other place for a site",
            )
        ],
    ),
    ("article", replace(DAILY, published=date(2022, 8, 16)), []),
    ("article", page("Leaders Meet", "The New York Times", ANY, "en", date(2023, 8, 19), "newspaper"), []),
    ("article", WHITE, []),
    ("article", Work("d", "数字革命", ("丁文详",), "paper", "zh", date(2000, 11, 20), container="中国青年报"), []),
    ("web", Work("w", "互联网", ("于潇", "刘义", "柴跃廷", "孙宏波"), "site", "zh", date(2012, 1, 2), url=ANY), []),
    ("web", Work("w", "互联网", ("于潇", "刘义", "柴跃廷"), "site", "zh", date(2012, 1, 2), url=ANY), []),
    ("report", Work("s", "三边合作", ("赵海欣", "王俊生"), "study", "zh", date(2026, 11, 24), url=ANY), []),
    ("report", Work("s", "三边合作", ("赵海欣", "王俊生"), "study", "zh", date(2026, 11, 24)), []),
    ("misc", page("白皮书", "国务院新闻办公室", published=date(2019, 9, 27)), []),
    ("repository", Work("p", "软件", ("某所",), "software", "zh", date(2026, 1, 2), url=ANY), []),
    (
        "repository",
        Origin("o", "某所", "数据", "", "", ANY, "2026-11-20"),
        [("[CP/OL]", "[DS/OL]", "annex B: DS is a data set, CP a program; hayagriva has one kind for both")],
    ),
    (
        "repository",
        Origin("o", "某所", "数据", "V1.0", "", ANY, "2026-11-20"),
        [
            ("[CP/OL]", "[DS/OL]", "annex B"),
            ("[DS/OL]. ", "[DS/OL]. V1.0. ", "4.1.2 and 8.3: a version is given; typst has none for this kind"),
        ],
    ),
]


@pytest.mark.parametrize("style", ["gb-7714-2015-numeric", "gb-7714-2015-note"])
def test_gb_7714_against_typst(style):
    typst = pytest.importorskip("typst", reason="typst is not installed: it is what is compared")
    entries = {f"{n:02}": (kind, item) for n, (kind, item, _) in enumerate(AGAINST_TYPST)}
    made = "\n".join(f"k{n}:\n{hayagriva(kind, item)}" for n, (kind, item) in entries.items())
    written = read_by_typst(typst, made, style)
    assert len(written) == len(AGAINST_TYPST)
    for (_, item, differences), theirs in zip(AGAINST_TYPST, written, strict=True):
        ours = text(item, GB15, READ)
        for old, new, reason in differences:
            assert old in theirs, reason  # typst has mended it: the difference goes
            theirs = theirs.replace(old, new, 1)
        assert " ".join(theirs.split()) == ours


def hayagriva(kind, item):
    """A work in hayagriva's own form, from the item and not from our notes."""
    work = isinstance(item, Work)
    data = isinstance(item, Origin)
    names = item.authors if work else (item.producer,) if data else (item.publisher,) if item.publisher else ()
    where = item.container if work else ""
    if not work and not data and item.tier in ("newspaper", "copy"):
        names, where = (), names[0]
    url = item.citation if data else item.url
    day = None if data else item.published
    lines = [f"type: {kind}", f"title: {json.dumps(item.title)}"]
    lines.append(f"language: {'zh' if data else item.language}")
    lines += [f"author: {json.dumps([{'name': n} for n in names])}"] if names else []
    lines += [f"date: {day}"] if day else []
    read = item.accessed if data else READ
    lines += [f"url: {{value: {json.dumps(url)}, date: {read}}}"] if url else []
    if where:
        lines.append(f"parent: {{type: {'newspaper' if kind == 'article' else 'web'}, title: {json.dumps(where)}}}")
    return "".join(f"  {line}\n" for line in lines)


def read_by_typst(typst, entries, style):
    """The entries of a bibliography in one of typst's styles, as text."""
    source = f'#set text(lang: "zh", region: "cn")\n#bibliography(bytes({json.dumps(entries, ensure_ascii=False)}), '
    source += f'full: true, style: "{style}")'
    made = typst.compile(source.encode(), format="html").decode()
    listed = re.findall(r"<li[^>]*>(.*?)</li>", made, re.DOTALL)
    bare = (re.sub(r"<[^>]+>", "", re.sub(r'<span class="prefix">.*?</span>', "", e)) for e in listed)
    return [html.unescape(e).strip() for e in bare]


def test_gb_7714_authors():
    # ZS, no. 3: 于潇, 刘义, 柴跃廷, 等 / 于潇，刘义，柴跃廷，等; no. 4: et al
    four = Work("w", "互联网", ("于潇", "刘义", "柴跃廷", "孙宏波"), "site", "zh", url=ANY)
    assert text(four, GB15).startswith("于潇, 刘义, 柴跃廷, 等. 互联网[EB/OL]. ")
    assert text(four, GB25).startswith("于潇，刘义，柴跃廷，等. 互联网[EB/OL]. ")
    assert text(replace(four, title="Net", language="en"), GB15).startswith("于潇, 刘义, 柴跃廷, et al. Net[EB/OL]. ")


def test_gb_7714_a_newspaper_without_a_day_is_a_page():
    undated = replace(DAILY, published=None)
    assert text(undated, GB15, READ) == f"人民日报. {DAILY.title}[EB/OL]. [2026-11-23]. {DAILY.url}."


def test_gb_7714_repeats_take_the_number():
    written = [plain(n) for n in notes([MUSEUM, replace(LOC, id="l"), MUSEUM], GB15, accessed=None)]
    assert written[0].startswith("[1] 北京鲁迅博物馆. ")
    assert written[1].startswith("[2] Library")
    assert written[2] == "[1]"
    with pytest.raises(BadInput, match="no number"):
        note(MUSEUM, GB15, accessed=None, first=False)


# --- Chicago --------------------------------------------------------------------------------------------------------


def test_chicago_notes():
    day = date(2017, 5, 1)
    for style in ("chicago-17-notes", "chicago-18-notes"):
        # Citation Quick Guide, notes and bibliography, website content
        assert text(YALE, style, day) == (
            "“Yale Facts,” Yale University, accessed May 1, 2017, https://www.yale.edu/about-yale/yale-facts."
        )
        assert plain(reference(YALE, style, accessed=day)) == (
            "Yale University. “Yale Facts.” Accessed May 1, 2017. https://www.yale.edu/about-yale/yale-facts."
        )
        # libguides.pvcc.edu/citationstyles/notes-biblio-web
        assert text(MCDONALD, style, date(2008, 7, 19)).startswith(
            "“McDonald’s Happy Meal Toy Safety Facts,” McDonald’s Corporation, accessed July 19, 2008, http"
        )
        # repeats, library.nd.edu.au/instruction/referencing/chicago/internet: Google, "Privacy Policy."
        google = page("Privacy Policy", "Google", "https://www.google.com/policies/privacy/", "en")
        assert text(google, style, first=False) == "Google, “Privacy Policy.”"


def test_chicago_author_date():
    day = date(2017, 5, 1)
    for style in ("chicago-17-author-date", "chicago-18-author-date"):
        # Citation Quick Guide, author-date, website content
        about = replace(YALE, title="About Yale: Yale Facts")
        assert plain(reference(about, style, accessed=day)) == (
            "Yale University. n.d. “About Yale: Yale Facts.” Accessed May 1, 2017. "
            "https://www.yale.edu/about-yale/yale-facts."
        )
        assert text(about, style, day) == "(Yale University, n.d.)"
        # staging.bibliography.com/chicago/creating-chicago-author-date-entries-for-online-sources
        oral = page(
            "Endangered Languages Database: Introduction to Resource and Terms of Use",
            "World Oral Literature Project",
            "http://www.oralliterature.org/research/databaseterms.html",
            "en",
        )
        assert plain(reference(oral, style, accessed=date(2019, 5, 27))) == (
            "World Oral Literature Project. n.d. “Endangered Languages Database: Introduction to Resource and Terms of "
            "Use.” Accessed May 27, 2019. http://www.oralliterature.org/research/databaseterms.html."
        )


def test_chicago_gives_the_day_of_reading_only_where_no_day_of_publication_is_known():
    dated = replace(YALE, published=date(2016, 3, 6))
    for style in CMS:
        assert "ccessed" not in plain(reference(dated, style, accessed=READ))
        assert "March 6, 2016" in plain(reference(dated, style, accessed=READ))


def test_chicago_newspapers_in_italics_and_east_asian_names_upright():
    paper = page("Exercise ends", "The Hans India", ANY, "en", date(2024, 10, 20), "newspaper")
    assert note(paper, "chicago-17-notes", accessed=None) == (
        Span("“Exercise ends,” "),
        Span("The Hans India", True),
        Span(", October 20, 2024, https://example.org/."),
    )
    assert reference(paper, "chicago-18-author-date", accessed=None)[:2] == (
        Span("The Hans India", True),
        Span(". 2024. “Exercise ends.” October 20, 2024. https://example.org/."),
    )
    assert all(not s.italic for s in note(replace(paper, publisher="朝日新聞"), "chicago-17-notes", accessed=None))


def test_chicago_editions_differ_in_how_many_authors_they_name():
    three = Work("w", "Study", ("A. Abe", "B. Baker", "C. Cho"), "study", "en", date(2026, 1, 2))
    assert text(three, "chicago-17-author-date") == "(A. Abe, B. Baker, and C. Cho 2026)"
    assert text(three, "chicago-18-author-date") == "(A. Abe et al. 2026)"
    assert text(replace(three, authors=three.authors[:2]), "chicago-18-author-date") == "(A. Abe and B. Baker 2026)"


def test_chicago_letters_tell_one_year_apart():
    pages = [
        page(t, "Ministry of Defense of Japan", ANY + t, "en", date(2023, m, 1), identifier=f"id{m}")
        for m, t in enumerate(("Z", "A", "M"), start=1)
    ]
    style = "chicago-17-author-date"
    cited = [plain(n) for n in notes([*pages, pages[0]], style, accessed=None)]
    assert [c[-6:-1] for c in cited] == ["2023c", "2023a", "2023b", "2023c"]
    listed = [plain(r) for r in references(pages, style, accessed=None)]
    assert [re.search(r"2023[a-c]", r)[0] for r in listed] == ["2023a", "2023b", "2023c"]
    undated = [replace(p, published=None) for p in pages[:2]]
    assert plain(notes(undated, style, accessed=None)[0]) == "(Ministry of Defense of Japan, n.d.-b)"
    assert "n.d.-a. “A.”" in plain(references(undated, style, accessed=None)[0])


# --- repeats and numbers --------------------------------------------------------------------------------------------


def test_repeats_in_the_journals():
    # ZS, default test of each style, no. 4-9: 曹凌，《…》 / 曹凌：《…》, a short title, 同上 in 《当代亚太》 alone
    cao = Work("cao", "中国佛教疑伪经综录", ("曹凌",), "study", "zh", date(2011, 1, 1))
    law = Work(
        "law", "当代中国行政法的源流：贺寿文集", ("应松年", "马怀德"), "study", "zh", short="当代中国行政法的源流"
    )
    for style in (FAR, WEP):
        written = [plain(n) for n in notes([cao, law, cao, cao, law], style, accessed=None)]
        assert written[2:] == [
            "曹凌，《中国佛教疑伪经综录》。",
            "曹凌，《中国佛教疑伪经综录》。",
            "应松年、马怀德，《当代中国行政法的源流》。",
        ]
    written = [plain(n) for n in notes([cao, law, cao, cao], CAPS, accessed=None)]
    assert written[2:] == ["曹凌：《中国佛教疑伪经综录》。", "同上。"]
    # ZS previews: no. 7 of 《外交评论》 an English title with the stop inside; no. 7 of 《当代亚太》 Ibid.
    wang = Work("w", "Application of Improved SOM", ("Shanshan Wang",), "site", "en")
    assert text(wang, FAR, first=False) == "Shanshan Wang, “Application of Improved SOM.”"
    assert text(wang, CAPS, first=False, same=True) == "Ibid."


def test_a_repeat_is_written_in_full_where_its_short_form_would_fit_another_too():
    one = page("共同声明", "外交部", "https://e.org/1", published=date(2023, 8, 18), identifier="one")
    two = replace(one, id="two", url="https://e.org/2")
    for style in (FAR, WEP, "chicago-17-notes"):
        written = [plain(n) for n in notes([one, two, one], style, accessed=None)]
        assert written[2] == written[0] != written[1]
    assert [plain(n) for n in notes([one, two, two, one], CAPS, accessed=None)][2] == "同上。"


def test_world_economics_and_politics_repeats_a_chinese_article_in_full():
    # 《世界经济与政治》引文注释规范, 1 and 2 (iwep.org.cn/cbw/cbw_xsqk/xsqk_sjjjyzz/xsqk_zsgf):
    # 著作只需注明作者姓名、文献名和页码，文章则仍需完整信息; of an English work name, title and page
    written = [plain(n) for n in notes([WHITE, UN, WHITE, UN], WEP, accessed=None)]
    assert written[2] == written[0]
    assert written[3] == "The United Nations, “Transforming Our World: The 2030 Agenda for Sustainable Development.”"


def test_numbers():
    assert text(EU, FAR, number=3).startswith("③《")
    assert [plain(n)[0] for n in notes([EU, UN] * 20, FAR, accessed=None, numbered=True)][20:22] == ["㉑", "㉒"]
    assert text(EU, FAR, number=51).startswith("[51]《")
    assert text(YALE, "chicago-17-notes", number=3).startswith("3. “Yale")
    assert text(EU, GB25, number=7).startswith("[7] 中国")


def test_chicago_puts_semicolons_between_the_sources_of_one_note():
    # usnwc.libguides.com/chicago/notes-bibliography: several sources in one note are separated by semicolons
    other = replace(MCDONALD, id="m")
    ledger = Ledger([YALE, other], "chicago-18-notes", accessed=date(2017, 5, 1))
    first = " ".join(plain(n) for n in ledger.notes([YALE, other]))
    assert "yale-facts; “McDonald’s Happy Meal Toy Safety Facts,” McDonald’s Corporation, accessed May 1, 2017" in first
    assert first.endswith("factsheets.html.")
    again = [plain(n) for n in ledger.notes([YALE, other])]
    assert again == [
        "Yale University, “Yale Facts”;",
        "McDonald’s Corporation, “McDonald’s Happy Meal Toy Safety Facts.”",
    ]
    assert not any(";" in plain(n) for n in Ledger([EU, UN], FAR, accessed=None).notes([EU, UN]))


def test_references_name_each_item_once():
    listed = [plain(r) for r in references([YALE, MCDONALD, YALE], "chicago-17-notes", accessed=READ)]
    assert len(listed) == 1  # one id: one item
    two = references([YALE, replace(MCDONALD, id="m"), YALE], "chicago-17-notes", accessed=READ)
    assert [plain(r)[:4] for r in two] == ["McDo", "Yale"]


# --- data sets, the study, the package ------------------------------------------------------------------------------


def test_data_sets_and_the_package():
    reign = Origin(
        *("reign", "One Earth Future", "REIGN: leader list", "March 2021", "cite"),
        *("Bell (2016), https://oefdatascience.github.io/REIGN.github.io/.", "2026-11-20"),
    )
    # their own day of reading goes before that of the call; the address stands in the citation asked for
    assert text(reign, FAR, READ) == (
        "One Earth Future, “REIGN: leader list,” March 2021, https://oefdatascience.github.io/REIGN.github.io/, "
        "accessed November 20, 2026."
    )
    # ZS src/GB-T-7714—2025, no. 130: [DS/OL]. V1.0. … [accessed]
    assert text(reign, GB25, READ) == (
        "One Earth Future. REIGN: leader list[DS/OL]. March 2021. [2026-11-20]. "
        "https://oefdatascience.github.io/REIGN.github.io/."
    )
    bare = replace(reign, citation="Bell (2016)", accessed="unknown")
    assert text(bare, GB15, READ) == "One Earth Future. REIGN: leader list[DS]. March 2021."
    both = replace(bare, producer="Zhao Haixin and Wang Junsheng (赵海欣、王俊生)", title="三边合作走势", version="")
    assert text(both, FAR) == "赵海欣、王俊生：《三边合作走势》。"
    assert text(both, "chicago-17-author-date") == "(Zhao Haixin and Wang Junsheng (赵海欣、王俊生), n.d.)"

    ours = package(
        "title: minilateral\nversion: 0.1.0\nauthors:\n  - name: The minilateral authors\nkeywords:\n  - name: x\n"
    )
    assert ours.authors == ("The minilateral authors",)
    assert text(ours, FAR) == "The minilateral authors, “minilateral,” version 0.1.0."
    assert text(ours, GB15) == "The minilateral authors. minilateral[CP]. 0.1.0."
    assert plain(reference(ours, "chicago-17-notes", accessed=None)) == (
        "The minilateral authors. “minilateral.” Version 0.1.0."
    )
    people = package('title: "t"\ndate-released: 2026-01-02\nauthors:\n  - family-names: Abe\n    given-names: Ann\n')
    assert (people.authors, people.published, people.title) == (("Ann Abe",), date(2026, 1, 2), "t")
    with pytest.raises(BadInput, match="no title"):
        package("version: 1\n")
    assert package().title == "minilateral"

    study = Work("study", "日美韩三边合作", ("赵海欣", "王俊生"), "study", "zh", date(2026, 11, 24))
    assert text(study, FAR) == "赵海欣、王俊生：《日美韩三边合作》，2026年11月24日。"
    assert text(study, "chicago-17-notes") == "赵海欣 and 王俊生, “日美韩三边合作,” November 24, 2026."


# --- exports --------------------------------------------------------------------------------------------------------

HOSTILE = page(
    "50% of {A} & B_c #1 $ ~ ^ \\ “引用”\n\n ER  - ",
    "外交部, 新闻司",
    "https://example.org/a_b?x={1}&y=%20#z\\",
    "zh",
    date(2023, 8, 18),
    identifier="src 1/中",
)


def test_bibtex():
    out = bibtex([HOSTILE, HOSTILE, WHITE], accessed=READ)
    assert out.count("@online{") == out.count("@article{") == 1
    assert "@misc{" in bibtex([replace(HOSTILE, url="")])  # an @online entry must have an address
    assert out.startswith("@online{srcu201u2fu4e2d,\n")
    assert r"50\% of \textbraceleft{}A\textbraceright{} \& B\_c \#1 \$ \textasciitilde{} \textasciicircum{}" in out
    assert "url = {https://example.org/a_b?x=%7B1%7D&y=%20#z%5C}," in out
    assert "urldate = {2026-11-23}," in out
    assert out.count("{") == out.count("}")
    assert "author = {{外交部, 新闻司}}," in out
    assert "journaltitle = {{人民日报}},\n  entrysubtype = {newspaper}," in out
    assert "organization = {{新华网}}," in bibtex([COURT])


def test_csl_json():
    out = json.loads(csl_json([HOSTILE, WHITE, HOSTILE], accessed=READ))
    assert [x["type"] for x in out] == ["webpage", "article-newspaper"]
    assert out[0]["URL"] == HOSTILE.url
    assert out[0]["author"] == [{"literal": "外交部, 新闻司"}]
    assert out[0]["accessed"] == {"date-parts": [[2026, 11, 23]]}
    assert "accessed" not in out[1]  # no address: nothing was read there


def test_ris():
    lines = ris([HOSTILE, KISSINGER], accessed=READ).split("\r\n")
    assert sum(line == "ER  - " for line in lines) == 2
    assert sum(line.startswith("TY  - ") for line in lines) == 2
    assert all(re.match(r"[A-Z][A-Z0-9]  - ", line) for line in lines if line)
    assert "PB  - 外交部, 新闻司" in lines
    assert "DA  - 2023/08/18" in lines


#: Properties of an item in csl-data.json of the Citation Style Language (schema 1.0.2), those of ours, and their form.
CSL = {
    "id": str, "type": str, "title": str, "author": list, "container-title": str, "issued": dict, "accessed": dict,
    "version": str, "URL": str, "language": str, "note": str,
}  # fmt: skip
CSL_TYPES = {"article-newspaper", "dataset", "report", "software", "webpage"}


def test_csl_json_keeps_to_the_schema():
    record = load()
    items = [HOSTILE, *record.origins.values(), *record.sources.values(), package()]
    made = json.loads(csl_json(items, accessed=READ))
    assert len({x["id"] for x in made}) == len(made) == len(items)
    assert {x["type"] for x in made} <= CSL_TYPES
    for x in made:
        assert x.keys() >= {"id", "type", "title"}
        assert all(isinstance(v, CSL[k]) and v for k, v in x.items())
        assert all(name.keys() == {"literal"} and name["literal"] for name in x.get("author", ()))
        for field in ("issued", "accessed"):
            if field in x:
                (parts,) = x[field]["date-parts"]
                assert date(*parts)


def test_bibtex_is_read_back_as_it_was_meant():
    typst = pytest.importorskip("typst", reason="typst is not installed: it reads the entries")
    record = load()
    items = [HOSTILE, WHITE, *record.origins.values(), *list(record.sources.values())[::12], package()]
    entries = read_by_typst(typst, bibtex(items, accessed=READ), "gb-7714-2015-numeric")
    assert len(entries) == len(items)
    for title in (HOSTILE.title, WHITE.title, *(i.title for i in items[2:])):
        meant = "".join(re.sub(r"[“”‘’\"']", "", title).split()).removesuffix(".").casefold()
        assert any(meant in "".join(re.sub(r"[“”‘’\"']", "", e).split()).casefold() for e in entries), title


def test_keys_are_stable_ascii_and_apart():
    assert key(HOSTILE) == "srcu201u2fu4e2d"
    one = Origin("s", "P", "T", "", "", "", "")
    assert key(one) != key(page("T"))
    keys = {key(s) for s in load().sources.values()}
    assert len(keys) == len(load().sources)


def test_the_whole_record_in_every_style_and_export():
    record = load()
    items = (*record.origins.values(), *record.sources.values())
    for at, style in enumerate(styles()):
        for item in items[at % 4 :: 4]:
            spans = note(item, style, accessed=READ)
            line = plain(spans)
            assert line[-1] in "。.)”", line
            assert not re.search(
                r"，，|。。|, ,|\.\.$|《》|「」|None|  ",
                line.replace(item.title, "T").replace(getattr(item, "url", "") or "U", "U"),
            ), line
            if item in record.sources.values() and item.url and not style.endswith("author-date"):
                assert line.count(item.url) == 1
    assert len(json.loads(csl_json(items, accessed=READ))) == len(items)
    out = bibtex(items, accessed=READ)
    assert out.count("\n}\n") == len(items)
    assert out.count("{") == out.count("}")
    assert ris(items).count("ER  - \r\n") == len(items)


# --- what a result used ---------------------------------------------------------------------------------------------


def test_cite_names_what_was_used_and_nothing_else():
    record = load()
    rows = sorted(i for i, o in record.occurrences.items() if record.sources_of(i))[:5]
    used = cite([*rows, rows[0]], record, origins=["chronology", "reign"], package=package())
    assert used.rows == tuple(rows)
    assert {s.id for s in used.sources} == {s.id for r in rows for s in record.sources_of(r)}
    assert [o.id for o in used.origins] == ["reign"]
    assert [o.id for o in used.own] == ["chronology"]
    assert [i.id for i in used.items[-3:]] == ["reign", "chronology", "minilateral"]
    assert used.items[-1] == package()
    assert len(used.items) == len({key(i) for i in used.items})
    extra = next(s for s in record.sources if s not in {x.id for x in used.sources})
    more = cite(rows, record, sources=[extra], package=package())
    assert [s.id for s in more.sources[:-1]] == [s.id for s in used.sources]
    assert more.sources[-1].id == extra
    nothing = cite([], record, package=package())
    assert nothing.items == (package(),)
    for bad in ({"rows": ["no-such-row"]}, {"sources": ["no-such-source"]}, {"origins": ["no-such-origin"]}):
        with pytest.raises(BadRecord, match="no-such"):
            cite(bad.pop("rows", []), record, package=package(), **bad)


def test_a_result_as_of_a_day_cites_nothing_later():
    record = load(as_of=date(2010, 12, 31))
    used = cite(record.occurrences, record, package=package())
    assert {s.id for s in used.sources} <= set(record.sources)
    assert used.bare == tuple(i for i in record.occurrences if not record.sources_of(i))


# --- hostile input --------------------------------------------------------------------------------------------------


def test_refusals():
    with pytest.raises(BadCode, match="not a style"):
        note(EU, "apa", accessed=None)
    with pytest.raises(BadCode, match="language of briefs"):
        note(EU, FAR, "fr", accessed=None)
    with pytest.raises(BadRecord, match="no title"):
        note(page("  \n "), FAR, accessed=None)


def test_nothing_is_invented_where_all_but_the_title_is_unknown():
    bare = {lang: page("T", language=lang) for lang in ("zh", "ja", "ko", "en")}
    assert [text(b, FAR, READ) for b in bare.values()] == ["《T》。", "「T」。", "「T」.", "“T.”"]
    assert text(bare["zh"], GB15, READ) == "T[Z]."
    assert text(bare["en"], "chicago-17-notes", READ) == "“T,” n.d."
    assert plain(reference(bare["en"], "chicago-17-author-date", accessed=READ)) == "“T.” n.d."


def test_every_rule_has_its_basis():
    rows = read_tsv(shipped("styles.tsv"))
    assert all(row["basis"] for row in rows)
    assert {row["what"] for row in rows} == {"rule", "name", "site", "none"}
    assert len({(r["key"], r["language"]) for r in rows}) == len(rows)
