/** BCF 2.1 (buildingSMART): a topic of what is seen, and the topics of a file. */

import { strFromU8, strToU8, unzipSync, zipSync } from "fflate";

type Triple = [number, number, number];

export interface Viewpoint {
  /** World coordinates, z up, metres. */
  eye: Triple;
  direction: Triple;
  up: Triple;
  /** Vertical angle in degrees, or the height of an orthogonal view in metres. */
  angle?: number;
  height?: number;
  selected: string[];
  hidden: string[];
  /** If given, everything else is hidden. */
  only?: string[];
  /** A point of the plane, and the direction that is cut away. */
  planes: { at: Triple; away: Triple }[];
}

export interface Topic {
  guid: string;
  title: string;
  text: string;
  date: string;
  viewpoint: Viewpoint | null;
  /** A picture as an object URL, "" for none. */
  snapshot: string;
}

/** Limits of what a file from elsewhere may ask of the browser: bytes (packed and unpacked), planes of a viewpoint. */
export const LARGEST_BYTES = 200_000_000;
const MOST_PLANES = 16; // each one costs a uniform of every shader; a section box has six

const escapeXml = (text: string) => text.replace(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`);
const xyz = (tag: string, [x, y, z]: Triple) => `<${tag}><X>${x}</X><Y>${y}</Y><Z>${z}</Z></${tag}>`;
const components = (ids: string[]) => ids.map((id) => `<Component IfcGuid="${escapeXml(id)}"/>`).join("");

/** A file with one topic. */
export function writeTopic(topic: Omit<Topic, "snapshot">, view: Viewpoint, picture: Uint8Array, author: string): Uint8Array {
  const head = '<?xml version="1.0" encoding="UTF-8"?>\n';
  const markup = `${head}<Markup><Topic Guid="${topic.guid}" TopicType="Issue" TopicStatus="Open"><Title>${escapeXml(topic.title)}</Title><CreationDate>${topic.date}</CreationDate><CreationAuthor>${escapeXml(author)}</CreationAuthor><Description>${escapeXml(topic.text)}</Description></Topic><Viewpoints Guid="${topic.guid}"><Viewpoint>viewpoint.bcfv</Viewpoint><Snapshot>snapshot.png</Snapshot></Viewpoints></Markup>`;
  return zipSync({
    "bcf.version": strToU8(`${head}<Version VersionId="2.1"><DetailedVersion>2.1</DetailedVersion></Version>`),
    [topic.guid]: { "markup.bcf": strToU8(markup), "viewpoint.bcfv": strToU8(head + viewpointXml(topic.guid, view)), "snapshot.png": picture },
  });
}

function viewpointXml(guid: string, view: Viewpoint): string {
  const camera = `${xyz("CameraViewPoint", view.eye)}${xyz("CameraDirection", view.direction)}${xyz("CameraUpVector", view.up)}`;
  const lens =
    view.height === undefined
      ? `<PerspectiveCamera>${camera}<FieldOfView>${view.angle}</FieldOfView></PerspectiveCamera>`
      : `<OrthogonalCamera>${camera}<ViewToWorldScale>${view.height}</ViewToWorldScale></OrthogonalCamera>`;
  const exceptions = view.only ?? view.hidden;
  const planes = view.planes.map(({ at, away }) => `<ClippingPlane>${xyz("Location", at)}${xyz("Direction", away)}</ClippingPlane>`).join("");
  const selection = view.selected.length ? `<Selection>${components(view.selected)}</Selection>` : "";
  return `<VisualizationInfo Guid="${guid}"><Components>${selection}<Visibility DefaultVisibility="${!view.only}"><Exceptions>${components(exceptions)}</Exceptions></Visibility></Components>${lens}${planes ? `<ClippingPlanes>${planes}</ClippingPlanes>` : ""}</VisualizationInfo>`;
}

/** The topics of a BCF 2.0, 2.1 or 3.0 file; throws where there are none. */
export function readTopics(data: Uint8Array, parse: (xml: string) => Document): Topic[] {
  let total = 0;
  const files = unzipSync(data, {
    filter: (file) => {
      total += file.originalSize;
      if (total > LARGEST_BYTES) throw new Error("the file unpacks to more than 200 MB");
      return /\.(bcf|bcfv|png)$/i.test(file.name);
    },
  });
  const markups = Object.keys(files).filter((name) => /(^|\/)markup\.bcf$/i.test(name));
  if (!markups.length) throw new Error("the file holds no topic");
  return markups.map((name) => topicOf(name, files, parse));
}

function topicOf(name: string, files: Record<string, Uint8Array>, parse: (xml: string) => Document): Topic {
  const folder = name.slice(0, name.lastIndexOf("/") + 1);
  const markup = parse(strFromU8(files[name]!));
  const text = (tag: string) => markup.querySelector(`Topic > ${tag}`)?.textContent ?? "";
  const named = (tag: string, end: string) => {
    const stated = [...markup.getElementsByTagName(tag)].map((one) => one.textContent ?? "").find((one) => files[folder + one]);
    return stated ? folder + stated : Object.keys(files).find((one) => one.startsWith(folder) && one.endsWith(end));
  };
  const view = named("Viewpoint", ".bcfv");
  const picture = named("Snapshot", ".png");
  return {
    guid: markup.querySelector("Topic")?.getAttribute("Guid") ?? folder,
    title: text("Title"),
    text: text("Description"),
    date: text("CreationDate"),
    viewpoint: view ? viewpointOf(parse(strFromU8(files[view]!))) : null,
    snapshot: picture ? URL.createObjectURL(new Blob([files[picture]!.slice().buffer], { type: "image/png" })) : "",
  };
}

function viewpointOf(xml: Document): Viewpoint | null {
  const numbers = (parent: Element, tag: string): Triple => {
    const found = parent.querySelector(tag);
    return ["X", "Y", "Z"].map((axis) => Number(found?.querySelector(axis)?.textContent)) as Triple;
  };
  const ids = (selector: string) =>
    [...xml.querySelectorAll(`${selector} Component`)].map((one) => one.getAttribute("IfcGuid") ?? "").filter(Boolean);
  const lens = xml.querySelector("PerspectiveCamera, OrthogonalCamera");
  if (!lens) return null;
  const shown = xml.querySelector("Visibility")?.getAttribute("DefaultVisibility") === "true";
  const exceptions = ids("Exceptions");
  const scale = Number(lens.querySelector("ViewToWorldScale")?.textContent);
  const view: Viewpoint = {
    eye: numbers(lens, "CameraViewPoint"),
    direction: numbers(lens, "CameraDirection"),
    up: numbers(lens, "CameraUpVector"),
    ...(lens.tagName === "OrthogonalCamera" ? { height: scale } : { angle: Number(lens.querySelector("FieldOfView")?.textContent) }),
    selected: ids("Selection"),
    hidden: shown ? exceptions : [],
    ...(!shown && exceptions.length ? { only: exceptions } : {}),
    planes: [...xml.querySelectorAll("ClippingPlane")]
      .map((plane) => ({ at: numbers(plane, "Location"), away: numbers(plane, "Direction") }))
      .filter(({ at, away }) => at.every(Number.isFinite) && isDirection(away))
      .slice(0, MOST_PLANES),
  };
  return view.eye.every(Number.isFinite) && isDirection(view.direction) ? view : null;
}

const isDirection = (triple: Triple) => triple.every(Number.isFinite) && Math.hypot(...triple) > 0;
