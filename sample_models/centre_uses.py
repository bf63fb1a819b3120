"""What happens in the community centre's rooms: occupants, light, temperature, zone, equipment."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Use:
    """Requirements of a room: ``area_per_person`` in m² and ``illuminance`` in lx, 0 where none is asked."""

    zone: str
    illuminance: float
    area_per_person: float = 0.0
    summer: float = 26.0  # °C
    winter: float = 20.0
    conditioned: bool = True
    acoustic: str = "一般区"
    wet: bool = False
    fresh_air: float = 30.0  # m³/(h·person)
    active: bool = False  # children or old people move about: floors one slip grade up


_CORE = Use("公共服务", 75.0, conditioned=False)
USES = {
    "多功能厅": Use("文化活动", 300.0, 1.5, acoustic="动区", fresh_air=20.0),
    "门厅": Use("公共服务", 200.0, 10.0, 27.0, 18.0, acoustic="动区"),
    "日间照料活动室": Use("日间照料", 300.0, 3.0, active=True),
    "老年人休息室（男）": Use("日间照料", 150.0, 4.0, acoustic="静区"),
    "老年人休息室（女）": Use("日间照料", 150.0, 4.0, acoustic="静区"),
    "全科诊室": Use("卫生服务", 300.0, 6.0, acoustic="静区"),
    "中医诊室": Use("卫生服务", 300.0, 6.0, acoustic="静区"),
    "候诊厅": Use("卫生服务", 200.0, 2.5),
    "走廊": Use("公共服务", 100.0, 50.0, 28.0, 16.0),
    "演员休息室": Use("文化活动", 200.0, 4.0),
    "储藏室": Use("文化活动", 50.0, conditioned=False),
    "厨房": Use("老年食堂", 200.0, 10.0, conditioned=False, acoustic="动区", wet=True),
    "备餐间": Use("老年食堂", 200.0, 8.0, conditioned=False, wet=True),
    "老年食堂": Use("老年食堂", 200.0, 1.8, acoustic="动区"),
    "康复训练室": Use("日间照料", 300.0, 5.0, active=True),
    "治疗室": Use("卫生服务", 300.0, 6.0),
    "输液观察室": Use("卫生服务", 200.0, 5.0, acoustic="静区"),
    "亲子活动室": Use("图书文化", 300.0, 3.0, acoustic="动区", active=True),
    "书画室": Use("图书文化", 300.0, 4.0, active=True),
    "棋牌室": Use("图书文化", 300.0, 3.0, acoustic="动区", active=True),
    "棋牌活动室": Use("图书文化", 300.0, 3.0, acoustic="动区", active=True),
    "心理咨询室": Use("社区办公", 300.0, 6.0, acoustic="静区"),
    "社工办公室": Use("社区办公", 300.0, 8.0),
    "社区办公室": Use("社区办公", 300.0, 8.0),
    "开架阅览区": Use("图书文化", 300.0, 4.0, acoustic="静区"),
    "阅览室": Use("图书文化", 300.0, 2.5, acoustic="静区"),
    "会议室": Use("社区办公", 300.0, 2.5),
    "档案室": Use("社区办公", 200.0, conditioned=False),
    "健身房": Use("文体活动", 200.0, 6.0, acoustic="动区", fresh_air=20.0, active=True),
    "舞蹈排练室": Use("文体活动", 200.0, 4.0, acoustic="动区", active=True),
    "老年大学教室": Use("文体活动", 300.0, 2.0),
    "手工教室": Use("文体活动", 300.0, 3.0, active=True),
    "乒乓球室": Use("文体活动", 300.0, 10.0, acoustic="动区", active=True),
    "培训教室": Use("文体活动", 300.0, 2.0),
    "物业办公室": Use("社区办公", 300.0, 10.0),
    "楼梯间1": _CORE,
    "楼梯间2": _CORE,
    "电井": Use("公共服务", 0.0, conditioned=False),
    "水井": Use("公共服务", 0.0, conditioned=False),
    "排风井": Use("公共服务", 0.0, conditioned=False),
    "电梯井": Use("公共服务", 0.0, conditioned=False),
    "女卫生间": Use("公共服务", 150.0, conditioned=False, wet=True),
    "男卫生间": Use("公共服务", 150.0, conditioned=False, wet=True),
    "无障碍卫生间": Use("公共服务", 150.0, conditioned=False, wet=True),
    "清洁间": Use("公共服务", 100.0, conditioned=False, wet=True),
}
