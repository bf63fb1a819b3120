"""Words of a check in both languages."""

from __future__ import annotations

from collections.abc import Mapping

from ifc.model import Text
from twin.ids.check import Outcome

OUTCOMES: Mapping[Outcome, Text] = {
    "pass": Text("pass", "通过"),
    "fail": Text("fail", "不通过"),
    "no_elements": Text("no such elements", "无此类构件"),
    "other_schema": Text("for another schema", "针对其他 IFC 版本"),
}

WORDS = {
    "title": Text("Check of the model data (IDS)", "模型数据检查（IDS）"),
    "generated": Text("data needs generated from the clauses", "数据需求由评价条文生成"),
    "verdict": Text("Verdict", "结论"),
    "passed": Text("passed", "通过"),
    "not_passed": Text("not passed", "未通过"),
    "causes": Text("causes", "问题原因"),
    "to_do": Text("What to do", "待整改"),
    "found": Text("Found instead:", "现有取值："),
    "left_out": Text("further elements are in the JSON file", "个构件未列出，详见 JSON 文件"),
    "all": Text("All specifications", "全部要求"),
    "specification": Text("Specification", "要求"),
    "elements": Text("Elements", "构件数"),
    "failing": Text("Failing", "不通过数"),
}
