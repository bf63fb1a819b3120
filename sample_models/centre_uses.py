"""What happens in the community centre's rooms: occupants, light, temperature, zone, equipment."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Use:
    """Requirements of a room. ``area_per_person`` in m², ``illuminance`` in lx, 0 for unconditioned."""

    zone: str
    illuminance: float
    area_per_person: float = 0.0
    summer: float = 26.0  # °C
    winter: float = 20.0
    conditioned: bool = True
    air_quality: bool = False  # CO2 and PM sensors
    acoustic: str = "一般区"
    wet: bool = False
    fresh_air: float = 30.0  # m³/(h·person)


_CORE = Use("公共服务", 75.0, conditioned=False)
USES = {
    "多功能厅": Use("文化活动", 300.0, 1.5, air_quality=True, acoustic="动区", fresh_air=20.0),
    "门厅": Use("公共服务", 200.0, 10.0, 27.0, 18.0, air_quality=True, acoustic="动区"),
    "日间照料活动室": Use("日间照料", 300.0, 3.0, air_quality=True),
    "老年人休息室（男）": Use("日间照料", 150.0, 4.0, acoustic="静区", air_quality=True),
    "老年人休息室（女）": Use("日间照料", 150.0, 4.0, acoustic="静区", air_quality=True),
    "全科诊室": Use("卫生服务", 300.0, 6.0, acoustic="静区", air_quality=True),
    "中医诊室": Use("卫生服务", 300.0, 6.0, acoustic="静区"),
    "候诊厅": Use("卫生服务", 200.0, 2.5, air_quality=True),
    "走廊": Use("公共服务", 100.0, 50.0, 28.0, 16.0),
    "化妆间": Use("文化活动", 200.0, 4.0),
    "储藏室": Use("文化活动", 50.0, conditioned=False),
    "厨房": Use("老年食堂", 200.0, 10.0, conditioned=False, acoustic="动区", wet=True),
    "备餐间": Use("老年食堂", 200.0, 8.0, conditioned=False, wet=True),
    "老年食堂": Use("老年食堂", 200.0, 1.8, air_quality=True, acoustic="动区"),
    "康复训练室": Use("日间照料", 300.0, 5.0),
    "治疗室": Use("卫生服务", 300.0, 6.0),
    "观察室": Use("卫生服务", 200.0, 5.0, acoustic="静区"),
    "亲子活动室": Use("图书文化", 300.0, 3.0, air_quality=True, acoustic="动区"),
    "书画室": Use("图书文化", 300.0, 4.0),
    "棋牌室": Use("图书文化", 300.0, 3.0, air_quality=True, acoustic="动区"),
    "心理咨询室": Use("社区办公", 300.0, 6.0, acoustic="静区"),
    "社工办公室": Use("社区办公", 300.0, 8.0),
    "社区办公室": Use("社区办公", 300.0, 8.0, air_quality=True),
    "开架阅览区": Use("图书文化", 300.0, 4.0, acoustic="静区", air_quality=True),
    "阅览室": Use("图书文化", 300.0, 2.5, acoustic="静区", air_quality=True),
    "会议室": Use("社区办公", 300.0, 2.5, air_quality=True),
    "档案室": Use("社区办公", 200.0, conditioned=False),
    "健身房": Use("文体活动", 200.0, 6.0, air_quality=True, acoustic="动区", fresh_air=20.0),
    "舞蹈排练室": Use("文体活动", 200.0, 4.0, air_quality=True, acoustic="动区"),
    "老年大学教室": Use("文体活动", 300.0, 2.0, air_quality=True),
    "手工教室": Use("文体活动", 300.0, 3.0),
    "乒乓球室": Use("文体活动", 300.0, 10.0, acoustic="动区"),
    "培训教室": Use("文体活动", 300.0, 2.0, air_quality=True),
    "管理用房": Use("社区办公", 300.0, 10.0),
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
