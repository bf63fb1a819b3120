/** Words of the page in both languages. */

import { signal } from "@preact/signals";
import type { Both } from "./data/types.ts";

export type Language = "en" | "zh";

const stored = (): Language | null => {
  const asked = new URLSearchParams(location.search).get("lang") ?? localStorage.getItem("greentwin.language");
  return asked === "en" || asked === "zh" ? asked : null;
};

export const language = signal<Language>(stored() ?? (navigator.language.startsWith("zh") ? "zh" : "en"));

export function setLanguage(next: Language): void {
  language.value = next;
  localStorage.setItem("greentwin.language", next);
  document.documentElement.lang = next === "zh" ? "zh-CN" : "en";
}

const WORDS = {
  loading: ["Loading the model", "正在加载模型"],
  loadingOf: ["Loading storeys", "正在加载楼层"],
  cannotLoad: ["The scene cannot be loaded", "无法加载场景"],
  retry: ["Try again", "重试"],
  noWebgl: ["This browser shows no 3-D graphics (WebGL 2).", "该浏览器不支持三维图形（WebGL 2）。"],
  model: ["Model", "模型"],
  colour: ["Colour", "着色"],
  score: ["Score", "得分"],
  compare: ["Compare", "比较"],
  live: ["Live", "实时"],
  element: ["Element", "构件"],
  storeys: ["Storeys", "楼层"],
  types: ["Types", "类型"],
  spaces: ["Spaces", "房间"],
  systems: ["Systems", "系统"],
  plan: ["Plan", "平面图"],
  search: ["Search by name, type or GlobalId", "按名称、类型或 GlobalId 搜索"],
  found: ["found", "项结果"],
  nothingFound: ["Nothing found", "未找到"],
  withoutStorey: ["Site and others", "场地及其他"],
  fit: ["Fit to view", "全部可见"],
  fitSelection: ["Zoom to it", "缩放至构件"],
  isolate: ["Isolate", "单独显示"],
  hide: ["Hide", "隐藏"],
  xray: ["X-ray", "透视"],
  showAll: ["Show all", "显示全部"],
  section: ["Section box", "剖切框"],
  storeyCut: ["Storey cut", "楼层剖切"],
  noCut: ["Whole building", "整栋建筑"],
  cutHeight: ["Height of the cut above the floor", "剖切高度（距楼面）"],
  measure: ["Measure", "测量"],
  measureHint: ["Click two points; corners snap.", "点击两点，自动捕捉角点。"],
  walk: ["Walk", "漫游"],
  walkHint: ["W A S D or arrows to walk, drag to look, Esc to leave.", "W A S D 或方向键行走，拖动环视，Esc 退出。"],
  sun: ["Sun and shadow", "日照阴影"],
  date: ["Date", "日期"],
  hour: ["Hour", "时刻"],
  altitude: ["Altitude", "高度角"],
  azimuth: ["Azimuth", "方位角"],
  belowHorizon: ["The sun is below the horizon.", "太阳位于地平线以下。"],
  noLocation: ["The model states no location; the sun cannot be placed.", "模型未注明地理位置，无法计算太阳位置。"],
  northAssumed: ["True north is not stated; +Y is taken.", "模型未注明真北，以 +Y 为北。"],
  location: ["Location", "位置"],
  trueNorth: ["True north", "真北"],
  close: ["Close", "关闭"],
  reset: ["Reset", "重置"],
  name: ["Name", "名称"],
  class: ["Class", "类别"],
  type: ["Type", "类型"],
  storey: ["Storey", "楼层"],
  space: ["Space", "房间"],
  use: ["Use", "用途"],
  area: ["Area", "面积"],
  height: ["Height", "净高"],
  volume: ["Volume", "体积"],
  grade: ["Geometry grade", "几何质量"],
  copy: ["Copy", "复制"],
  copied: ["Copied", "已复制"],
  properties: ["Properties", "属性"],
  ofType: ["of the type", "来自类型"],
  materials: ["Materials", "材料构造"],
  surfaces: ["Surfaces", "围护面"],
  metrics: ["Metrics", "指标"],
  clauses: ["Clauses", "条文"],
  whyColour: ["Why this colour?", "为何是这个颜色？"],
  value: ["Value", "数值"],
  asked: ["Asked", "要求"],
  rule: ["Rule", "规则"],
  source: ["Source", "来源"],
  reason: ["Reason", "原因"],
  unknown: ["unknown", "未知"],
  unknownHatched: ["unknown or not assessed", "未知或不参评"],
  notSubject: ["not part of this layer", "不属于该图层"],
  nothingSelected: ["Click an element of the model.", "点击模型中的构件。"],
  noDetails: ["The file holds no properties of this element.", "文件未给出该构件的属性。"],
  layer: ["Layer", "图层"],
  materialsColours: ["Colours of the materials", "材质颜色"],
  clauseVerdict: ["Clause", "条文"],
  guaranteed: ["guaranteed", "可确认"],
  attainable: ["attainable", "可达"],
  notRated: ["not rated", "未评定"],
  basic: ["basic grade", "基本级"],
  stars1: ["one star", "一星级"],
  stars2: ["two stars", "二星级"],
  stars3: ["three stars", "三星级"],
  control: ["Control items", "控制项"],
  missing: ["Data needed", "所需资料"],
  showElements: ["Show elements", "显示构件"],
  concerned: ["concerned by this clause", "该条文涉及的构件"],
  evaluating: ["The evaluation is still running; what it finds will appear here.", "评价正在进行，结果完成后将显示在此处。"],
  noEvaluation: ["This scene was written without an evaluation.", "该场景未包含评价结果。"],
  met: ["met", "达标"],
  not_met: ["not met", "不达标"],
  cannot_tell: ["cannot tell", "无法判定"],
  not_applicable: ["not applicable", "不参评"],
  dark: ["Dark", "深色"],
  light: ["Light", "浅色"],
  language: ["中文", "English"],
  outdoors: ["outdoors", "室外"],
  ground: ["ground", "土壤"],
  adiabatic: ["no heat flow", "绝热"],
  void: ["void", "空腔"],
  panel: ["Panels", "面板"],
  tools: ["Tools", "工具"],
  legend: ["Legend", "图例"],
  picture: ["Building in 3-D; arrow keys turn it, plus and minus zoom.", "建筑三维视图；方向键旋转，加减键缩放。"],
  ifc: ["model", "模型"],
  derived: ["computed", "计算"],
  default: ["default", "缺省"],
  declared: ["declared", "声明"],
  of: ["of", "/"],
  elements: ["elements", "个构件"],
  points: ["points", "分"],
  open: ["open", "待定"],
  all: ["All", "全部"],
  from: ["from", "自"],
  to: ["to", "至"],
  topics: ["Topics", "问题"],
  saveTopic: ["Save this view as BCF", "将当前视图存为 BCF"],
  openTopics: ["Open a BCF file", "打开 BCF 文件"],
  topicTitle: ["Title of the topic", "问题标题"],
  topicText: ["What is wrong here", "问题描述"],
  noTopics: ["The file holds no topics.", "该文件没有问题条目。"],
  badBcf: ["This is not a readable BCF file.", "无法读取该 BCF 文件。"],
  topicHint: ["A topic holds the camera, the cut, what is hidden and what is selected; other BIM programs open it.", "问题条目记录相机、剖切、隐藏与选中的构件，可在其他 BIM 软件中打开。"],
  added: ["added", "新增"],
  removed: ["removed", "删除"],
  changed: ["changed", "修改"],
  unchanged: ["unchanged", "未变"],
  what_name: ["name", "名称"],
  what_type: ["type", "类型"],
  what_properties: ["properties", "属性"],
  what_storey: ["storey", "楼层"],
  what_shape: ["shape", "几何"],
  what_construction: ["construction", "构造"],
  distance: ["Distance", "距离"],
  connecting: ["connecting", "连接中"],
  online: ["live", "实时"],
  lost: ["connection lost, trying again", "连接中断，正在重连"],
  moment: ["Moment", "时刻"],
  scrub: ["Its day", "当日"],
  speed: ["Speed", "速度"],
  alarmsOfDay: ["Alarms of this day", "当日报警"],
  furtherAlarms: ["Further open alarms:", "其余未消除报警："],
  shelve: ["Shelve", "搁置"],
  unshelve: ["Take off the shelf", "取消搁置"],
  shelved: ["shelved", "已搁置"],
  shelfTime: ["For", "时长"],
  shelfFailed: ["This rule cannot be shelved.", "该规则不能搁置。"],
  until: ["until", "至"],
  playing: ["Playback", "回放"],
  signIn: ["Sign in", "登录"],
  signOut: ["Sign out", "退出登录"],
  account: ["Account", "账号"],
  password: ["Password", "密码"],
  badSignIn: ["Name or password is wrong.", "账号或密码错误。"],
  tooMany: ["Too many attempts; wait a little.", "尝试次数过多，请稍候。"],
  quantities: ["Live quantities", "实时量"],
  alarms: ["Alarms", "报警"],
  noAlarms: ["No open alarms.", "当前没有未消除的报警。"],
  acknowledge: ["Acknowledge", "确认"],
  acknowledgedBy: ["acknowledged by", "确认人"],
  jump: ["Show", "定位"],
  livePoints: ["Live points", "实时测点"],
  boundAs: ["bound as", "绑定测点"],
  stale: ["stale", "已过期"],
  age: ["age", "距今"],
  trend: ["24 hours", "24 小时"],
  backToLive: ["Back to live", "返回实时"],
  play: ["Play", "播放"],
  pause: ["Pause", "暂停"],
  severity0: ["notice", "提示"],
  severity1: ["warning", "警告"],
  severity2: ["critical", "严重"],
  severity3: ["emergency", "紧急"],
  sensors: ["points", "个测点"],
  withheld: ["withheld: belongs to a household", "不可见：属于住户"],
  notReady: ["The model is being prepared; the page asks again.", "模型正在准备，页面将自动重试。"],
  runoffNow: ["Rain and runoff", "降雨与径流"],
  rainNow: ["Rain", "雨强"],
  siteOutflow: ["Leaves the site", "场地外排"],
  keptToday: ["Kept back today", "今日控制率"],
  keptOfRain: ["Of the last rain", "本场降雨控制率"],
  ofRain: ["of", "降雨"],
  since: ["since", "始于"],
  bySimulation: ["simulated", "模拟"],
  bySensor: ["measured", "实测"],
  simulatedUntil: ["Simulated until", "模拟至"],
  rainUnknown: ["rain not known for", "雨量未知"],
  fullAt: ["full at", "将满于"],
  cannotTell: ["Cannot tell, because", "无法判断，因为"],
  designed: ["Design and measurement", "设计与实测"],
  byDesign: ["Design", "设计"],
  byMeasurement: ["Measured", "实测"],
  not_enough_data: ["not enough data yet", "数据尚不足"],
  not_measured: ["not measured", "未测量"],
  horizontal: ["level", "水平"],
  vertical: ["vertical", "竖直"],
} as const satisfies Record<string, readonly [string, string]>;

export type Word = keyof typeof WORDS;

/** A word in the language of the page. */
export function t(word: Word): string {
  return WORDS[word][language.value === "en" ? 0 : 1];
}

export function isWord(word: string): word is Word {
  return word in WORDS;
}

/** A text of the data in the language of the page. */
export function tr(text: Both): string {
  return text[language.value];
}

/** A number with as many digits as a reader needs. */
export function num(value: number | null | undefined, digits = 3): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const rounded = Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toPrecision(digits));
  return rounded.toLocaleString(language.value === "zh" ? "zh-CN" : "en", { maximumSignificantDigits: 12 });
}

export function withUnit(value: number | null | undefined, unit: string): string {
  const text = num(value);
  return text === "–" || !unit ? text : unit === "%" ? `${text} %` : `${text} ${unit}`;
}

/** A time span as a reader says it. */
export function span(seconds: number): string {
  if (seconds < 90) return `${Math.max(0, Math.round(seconds))} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${num(seconds / 3600)} h`;
}
