"""How a number was made, in words: an expression for a reader who opens it."""

from __future__ import annotations

from datetime import date, timedelta

from minilateral.evidence import Record
from minilateral.terms import (
    Alpha,
    CheckCount,
    Count,
    Declared,
    Difference,
    Estimated,
    Expression,
    FateCount,
    MechanismCount,
    Minimum,
    Period,
    Ratio,
    Reported,
    Selection,
    SourceCount,
    Sourced,
    Sum,
    TextCount,
    code_table,
)


def describe(expression: Expression, record: Record, language: str) -> str:
    """Say what an expression counts.

    Examples
    --------
    >>> from minilateral.evidence import load
    >>> from datetime import date
    >>> describe(Count(Selection(exactly=("JPN", "KOR"), level="leader")), load(date(2025, 12, 31)), "en")
    'occurrences held, of exactly JPN, KOR; level: leaders'
    """
    zh = language == "zh"
    if isinstance(expression, Count):
        return _selection(expression.of, record, zh)
    if isinstance(expression, Estimated):
        where = f"{expression.table}.csv, {expression.row}, {expression.column}"
        behind = _selection(expression.of, record, zh)
        return f"模型估计，见数据表{where}；所据：{behind}" if zh else f"estimate of a model: {where}; from: {behind}"
    if isinstance(expression, SourceCount):
        which = f" ({expression.language or expression.tier})" if expression.language or expression.tier else ""
        return (f"下列条目的来源数{which}：" if zh else f"sources{which} of: ") + _selection(expression.of, record, zh)
    if isinstance(expression, Sourced):
        comma = "、" if zh else " or "
        names = [code_table().name("tier", t, language) for t in expression.tiers] + list(expression.languages)
        with_one = (
            f"至少有一个来源属（{comma.join(names)}）："
            if zh
            else f"with at least one source ({comma.join(names)}), of: "
        )
        return with_one + _selection(expression.of, record, zh)
    if isinstance(expression, CheckCount):
        names = [code_table().name("outcome", o, language) for o in expression.outcomes]
        checked = f"经核对（{'、'.join(names)}）：" if zh else f"checked against a source ({', '.join(names)}), of: "
        return checked + _selection(expression.of, record, zh)
    if isinstance(expression, Alpha):
        return (
            "克里彭多夫α系数（序次）：编码员A与B对声明各对象措辞等级的编码"
            if zh
            else "Krippendorff's alpha (ordinal): coders A and B on the wording towards each target"
        )
    if isinstance(expression, TextCount):
        twice = ("（经两次编码）" if zh else " coded twice") if expression.coded_twice else ""
        return f"该组的联合声明{twice}" if zh else f"statements of the group{twice}"
    if isinstance(expression, FateCount):
        fate = code_table().name("fate", expression.fate, language) if expression.fate else ""
        day = _day(expression.as_of, zh)
        if zh:
            return f"截至{day}的具体承诺" + (f"：{fate}" if fate else "")
        return f"concrete commitments by {day}" + (f": {fate}" if fate else "")
    if isinstance(expression, MechanismCount):
        first = _within(expression.met, zh)
        who = ("、" if zh else ", ").join(expression.members)
        text = f"机制数：成员恰为{who}，{first}有会议" if zh else f"mechanisms of exactly {who} with a session {first}"
        if expression.again:
            later = _within(expression.again, zh)
            text += f"，且{later}再次开会" if zh else f", and again {later}"
        return text
    if isinstance(expression, Reported):
        if expression.table == "tallies":
            tally = record.tallies[expression.row]
            name = record.mechanisms[tally.mechanism].name(language)
            return (
                f"某国政府计数：{name}（“{tally.basis}”）"
                if zh
                else f"a government's count of {name} (“{tally.basis}”)"
            )
        row = record.numbering[expression.row]
        name = record.mechanisms[row.mechanism].name(language)
        return f"官方届次：{name}（“{row.basis}”）" if zh else f"official number of {name} (“{row.basis}”)"
    if isinstance(expression, Declared):
        return f"方法常数：{expression.name}" if zh else f"constant of the method: {expression.name}"
    if isinstance(expression, Ratio):
        part, whole = (_bracket(describe(e, record, language), zh) for e in (expression.part, expression.whole))
        return f"{part} ÷ {whole}"
    if isinstance(expression, Difference):
        pair = (expression.minuend, expression.subtrahend)
        return " − ".join(_bracket(describe(e, record, language), zh) for e in pair)
    words = (
        ("各项之和" if zh else "sum of ") if isinstance(expression, Sum) else ("各项最小值" if zh else "smallest of ")
    )
    assert isinstance(expression, Sum | Minimum)
    return words + " ".join(_bracket(describe(e, record, language), zh) for e in expression.terms)


def _within(span: tuple[date, date], zh: bool) -> str:
    """A half-open span of days in words."""
    start, last = (_day(d, zh) for d in (span[0], span[1] - timedelta(days=1)))
    return f"{start}至{last}间" if zh else f"from {start} to {last}"


def _bracket(text: str, zh: bool) -> str:
    return f"〔{text}〕" if zh else f"[{text}]"


def _day(day: object, zh: bool) -> str:
    return Period.parse(str(day)).format("zh" if zh else "en")


def _selection(selection: Selection, record: Record, zh: bool) -> str:
    language = "zh" if zh else "en"
    said: list[str] = []
    if selection.status:
        status = code_table().name("status", selection.status, language)
        said.append(f"{status}的事件" if zh else f"occurrences {status}")
    else:
        said.append("事件" if zh else "occurrences")
    if selection.exactly:
        who = ("、" if zh else ", ").join(selection.exactly)
        said.append(f"参与者恰为{who}" if zh else f"of exactly {who}")
    if selection.beyond:
        who = ("、" if zh else ", ").join(selection.beyond)
        said.append(f"参与者含{who}及他国" if zh else f"of {who} and others")
    for field, name_en, name_zh in (
        ("direction", "direction", "性质"),
        ("level", "level", "层级"),
        ("domain", "domain", "领域"),
        ("kind", "kind", "类型"),
    ):
        code = getattr(selection, field)
        if code:
            value = code_table().name(field, code, language)
            said.append(f"{name_zh}：{value}" if zh else f"{name_en}: {value}")
    if selection.mechanism:
        name = record.mechanisms[selection.mechanism].name(language)
        said.append(f"属“{name}”场次" if zh else f"sessions of {name}")
    if selection.start:
        said.append(f"自{_day(selection.start, True)}" if zh else f"from {_day(selection.start, False)}")
    if selection.end:
        said.append(f"{_day(selection.end, True)}之前" if zh else f"before {_day(selection.end, False)}")
    if selection.concerning:
        said.append(("触及" if zh else "touching ") + "-".join(selection.concerning))
    if selection.ids:
        said.append("逐条列出" if zh else "as listed")
    if selection.without_study:
        said.append("剔除取自该论文的条目" if zh else "without rows taken from the study")
    if zh:
        return "，".join(said)
    return said[0] + (", " + said[1] if len(said) > 1 else "") + "".join(f"; {s}" for s in said[2:])
