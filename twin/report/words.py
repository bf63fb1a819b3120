"""Words of the report in both languages: headings, columns, the parts of the balances."""

from __future__ import annotations

from dataclasses import dataclass

from ifc.model import Text

WORDS = {
    "title": Text("Green building evaluation", "绿色建筑评价报告"),
    "guaranteed": Text("guaranteed", "可确认"),
    "attainable": Text("attainable", "可达"),
    "guaranteed_note": Text(
        "Guaranteed: what cannot be told earns nothing. Attainable: it earns full points.",
        "可确认得分：无法判定的条文计 0 分；可达得分：无法判定的条文按满分计。",
    ),
    "score": Text("Score", "总得分"),
    "groups": Text("Score by group", "分类得分"),
    "group": Text("Group", "类别"),
    "minimum": Text("30 % minimum", "30% 最低得分"),
    "full": Text("full", "满分"),
    "control": Text("Control items", "控制项"),
    "star_requirements": Text("Requirements of the star levels (table 3.2.8)", "星级技术要求（表 3.2.8）"),
    "needs": Text("What is missing", "待补充资料"),
    "control_needs": Text(
        "Control items: all of them must be met for any star", "控制项：任何星级均须全部满足"
    ),
    "scoring_needs": Text("Scoring items, by the points that are open", "评分项：按待定分值排序"),
    "more": Text("show the others", "展开其余"),
    "needs_note": Text(
        "Each line names the data that would decide a clause, and how to supply it.",
        "每行列出判定该条文所需的资料及补充方式。",
    ),
    "clauses": Text("Clauses", "条文评价"),
    "clause": Text("Clause", "条文"),
    "item": Text("Item", "款"),
    "verdict": Text("Verdict", "结论"),
    "points": Text("Points", "得分"),
    "value": Text("Value", "数值"),
    "limit": Text("Limit", "限值"),
    "formula": Text("Formula", "计算式"),
    "provenance": Text("Origin", "数据来源"),
    "source": Text("Source", "出处"),
    "reason": Text("Reason", "说明"),
    "missing": Text("Missing", "缺少"),
    "evidence": Text("Evidence file", "证明文件"),
    "elements": Text("Elements", "构件"),
    "confidence": Text("confidence of the rule", "规则可信度"),
    "daylight": Text("Daylight factor", "采光系数"),
    "sunlight": Text("Hours of sunlight", "日照时数"),
    "energy": Text("Heating and cooling need", "供暖空调需求"),
    "carbon": Text("Carbon over the life", "全寿命期碳排放"),
    "sponge": Text("Runoff balance of the site", "场地雨水径流平衡"),
    "energy_balance": Text("Monthly energy balance", "逐月能量平衡"),
    "hydrograph": Text("Outflow of the design storm", "设计暴雨外排流量过程"),
    "storm_table": Text("Storms by return period", "不同重现期暴雨"),
    "before": Text("before building", "开发前"),
    "after": Text("as built", "开发后"),
    "return_period": Text("Return period, a", "重现期 a"),
    "storm_rain": Text("Rain, mm", "雨量 mm"),
    "peak_before": Text("Peak before, L/s", "开发前峰值 L/s"),
    "peak_after": Text("Peak as built, L/s", "开发后峰值 L/s"),
    "attenuation": Text("Attenuation, %", "峰值削减率 %"),
    "minutes": Text("min", "分钟"),
    "tank": Text("Size of the rain tank", "雨水调蓄池容积与雨水替代率"),
    "tank_volume": Text("Volume, m³", "容积 m³"),
    "tank_supply": Text("Supplied, m³/a", "回用量 m³/a"),
    "tank_reliability": Text("Share of the demand, %", "雨水替代率 %"),
    "tank_overflow": Text("Overflow, m³/a", "溢流量 m³/a"),
    "tank_marked": Text("The point is the tank as designed.", "图中圆点为设计容积。"),
    "mixes": Text("Least cost of a control rate", "年径流总量控制率的最低造价组合"),
    "mix_note": Text(
        "Simulated control rate of a mean year over the cost of green roofs, permeable paving, sunken green "
        "and tank; the point is the site as designed.",
        "平均年连续模拟控制率与绿色屋顶、透水铺装、下沉式绿地、雨水调蓄池造价的关系；圆点为现设计。",
    ),
    "mix_rate": Text("Rate, %", "控制率 %"),
    "mix_target": Text("Target, %", "目标 %"),
    "mix_cost": Text("Cost, 10⁴ CNY", "造价 万元"),
    "mix_green_roof": Text("Green roof, m²", "绿色屋顶 m²"),
    "mix_permeable": Text("Permeable paving, m²", "透水铺装 m²"),
    "mix_sunken": Text("Sunken green, m²", "下沉式绿地 m²"),
    "mix_tank": Text("Tank, m³", "雨水调蓄池 m³"),
    "mix_design": Text("as designed", "现设计"),
    "flood": Text("Water on the ground in a rare storm", "罕遇暴雨地面积水"),
    "flood_note": Text(
        "Deepest water of each place; blank: buildings. No pipe takes any of it.",
        "各处最大积水深度；空白为建筑。未计雨水管网排水。",
    ),
    "runoff_balance": Text("Monthly runoff balance", "逐月径流平衡"),
    "month": Text("Month", "月份"),
    "quantity": Text("Quantity", "指标"),
    "method": Text("Method", "方法依据"),
    "rooms": Text("By room", "逐房间结果"),
    "by_element": Text("By element, the heaviest first", "逐构件结果（由大到小）"),
    "covers": Text("By ground cover", "逐下垫面结果"),
    "left_out": Text("further rows are in the JSON file", "行未列出，详见 JSON 文件"),
    "assumptions": Text("Every value that is not from the model", "所有非模型数据与缺省值"),
    "what": Text("What", "内容"),
    "metric": Text("Used by", "用于"),
    "diagnostics": Text("Findings on the model", "模型问题清单"),
    "severity": Text("Severity", "级别"),
    "finding": Text("Finding", "问题"),
    "remedy": Text("What to do", "处理方法"),
    "how": Text("How it was computed", "计算说明"),
    "cannot_tell": Text("cannot be told", "无法判定"),
    "all_model": Text("whole model", "整个模型"),
    "plans_none": Text("No storey has rooms with an outline.", "没有可绘制平面的楼层。"),
    "declared": Text(
        "Declared values are what a person vouches for in twin.toml; they were not measured.",
        "“声明”数据由责任人在 twin.toml 中承诺，未经计算或测量核实。",
    ),
    "model": Text("Model", "模型"),
    "climate": Text("Climate", "气候数据"),
    "stage": Text("Stage", "评价阶段"),
    "pre_evaluation": Text("pre-evaluation (design)", "预评价（设计阶段）"),
    "evaluation": Text("evaluation (completed)", "评价（竣工后）"),
    "residential": Text("residential", "居住建筑"),
    "public": Text("public", "公共建筑"),
    "unknown": Text("building type not known", "建筑类型未知"),
    "ifc": Text("model", "模型"),
    "derived": Text("computed from the model", "由模型计算"),
    "default": Text("default", "缺省值"),
    "declared_short": Text("declared", "声明"),
    "declared_mark": Text(
        "“declared” beside a verdict: it rests, in whole or in part, on what twin.toml declares.",
        "结论旁注“声明”：该结论全部或部分依据 twin.toml 的声明。",
    ),
    "unfold": Text("unfold or fold all", "全部展开/收起"),
    "plan_blank": Text(
        "Blank: no light reaches the room, or it is not assessed.", "空白：无天然光或不参评的房间。"
    ),
    "seconds": Text("Seconds", "用时（秒）"),
}

COLUMNS = {
    "name": Text("Name", "名称"),
    "storey": Text("Storey", "楼层"),
    "use": Text("Use", "用途"),
    "area_m2": Text("Area", "面积"),
    "daylight_factor_mean_pct": Text("Mean DF", "采光系数平均值"),
    "daylight_factor_min_pct": Text("Least DF", "采光系数最低值"),
    "uniformity": Text("Uniformity", "均匀度"),
    "required_pct": Text("Required", "要求值"),
    "meets": Text("Meets", "达标"),
    "standard_error_pct": Text("Standard error", "标准误差"),
    "point_count": Text("Points", "计算点数"),
    "window_area_m2": Text("Window area", "窗面积"),
    "grade": Text("Geometry grade", "几何质量"),
    "day": Text("Day", "日照日"),
    "dwelling": Text("Dwelling", "住宅单元"),
    "window": Text("Sunniest window", "日照最佳外窗"),
    "hours": Text("Sunlight", "日照时数"),
    "longest_h": Text("Longest period", "最长连续日照"),
    "required_h": Text("Required", "要求值"),
    "heating_need_kwh_m2": Text("Heating", "供暖需求"),
    "cooling_need_kwh_m2": Text("Cooling", "供冷需求"),
    "heating_peak_w_m2": Text("Heating peak", "供暖峰值"),
    "cooling_peak_w_m2": Text("Cooling peak", "供冷峰值"),
    "zone": Text("Zone", "热区"),
    "kind": Text("Cover", "下垫面"),
    "ifc_class": Text("Class", "类别"),
    "material": Text("Main material", "主要材料"),
    "mass_t": Text("Mass", "质量"),
    "carbon_t": Text("Carbon", "碳排放"),
    "runoff_coefficient": Text("Runoff coefficient", "径流系数"),
    "storage_m3": Text("Storage", "调蓄容积"),
    "required_storage_m3": Text("Required for 70 %", "70% 控制率所需容积"),
    "provenance": Text("Origin", "数据来源"),
    "global_id": Text("GlobalId", "GlobalId"),
}


@dataclass(frozen=True, slots=True)
class Balance:
    """Which series a monthly balance stacks: (key, words, colour, sign, divisor)."""

    unit: str
    layers: tuple[tuple[str, Text, str, float, float], ...]


# Colours after Okabe and Ito (2008), which colour-blind people can tell apart.
BALANCE_LAYERS = {
    "energy": Balance(
        "MWh",
        (
            ("heating_need_kwh", Text("heating", "供暖"), "#d55e00", 1, 1000),
            ("solar_gain_kwh", Text("sun", "太阳得热"), "#f0e442", 1, 1000),
            ("internal_gain_kwh", Text("people, light, devices", "人员、照明、设备"), "#e69f00", 1, 1000),
            ("cooling_need_kwh", Text("cooling", "供冷"), "#0072b2", -1, 1000),
            ("transmission_opaque_kwh", Text("walls and roofs", "非透明围护结构"), "#999999", 1, 1000),
            ("transmission_windows_kwh", Text("windows", "外窗"), "#56b4e9", 1, 1000),
            ("ground_kwh", Text("ground", "地面"), "#8c6d46", 1, 1000),
            ("infiltration_kwh", Text("air", "空气渗透与通风"), "#009e73", 1, 1000),
            ("storage_kwh", Text("heat stored", "蓄热变化"), "#cc79a7", 1, 1000),
        ),
    ),
    "sponge": Balance(
        "mm",
        (
            ("infiltrated_mm", Text("infiltrated", "下渗"), "#009e73", 1, 1),
            ("evaporated_mm", Text("evaporated", "蒸发"), "#f0e442", 1, 1),
            ("reused_mm", Text("reused", "回用"), "#56b4e9", 1, 1),
            ("runoff_mm", Text("discharged", "外排"), "#d55e00", 1, 1),
            ("storage_change_mm", Text("stored", "蓄水变化"), "#cc79a7", 1, 1),
        ),
    ),
}
