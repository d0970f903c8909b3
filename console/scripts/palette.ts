// The colours of the console in both themes, and the contrast that each pair of them must have.

import type { Oklch } from "./colours.ts";

export type Palette = Record<string, Oklch>;

const LIGHT_GROUNDS: Palette = {
  page: [0.975, 0.004, 240],
  panel: [1, 0, 0],
  sunken: [0.955, 0.006, 240],
  line: [0.905, 0.008, 240],
  "line-strong": [0.645, 0.014, 240],
  text: [0.235, 0.02, 250],
  "text-2": [0.43, 0.02, 250],
  "text-3": [0.53, 0.018, 250],
  accent: [0.49, 0.15, 256],
  "accent-soft": [0.945, 0.025, 250],
  "on-accent": [1, 0, 0],
};

const DARK_GROUNDS: Palette = {
  page: [0.165, 0.014, 250],
  panel: [0.205, 0.016, 250],
  sunken: [0.14, 0.012, 250],
  line: [0.285, 0.018, 250],
  "line-strong": [0.52, 0.02, 250],
  text: [0.945, 0.006, 240],
  "text-2": [0.77, 0.014, 245],
  "text-3": [0.655, 0.018, 248],
  accent: [0.74, 0.125, 250],
  "accent-soft": [0.285, 0.055, 255],
  "on-accent": [0.165, 0.03, 255],
};

/** Tones of states: the text of each, and the fill of its shape. */
const LIGHT_TONES: Record<string, [text: Oklch, fill: Oklch]> = {
  ok: [[0.5, 0.115, 158], [0.63, 0.135, 158]],
  busy: [[0.5, 0.1, 232], [0.63, 0.12, 232]],
  wait: [[0.52, 0.108, 72], [0.655, 0.13, 72]],
  bad: [[0.52, 0.18, 27], [0.6, 0.2, 27]],
  idle: [[0.5, 0.015, 250], [0.645, 0.012, 250]],
  hold: [[0.5, 0.13, 300], [0.64, 0.14, 300]],
};

const DARK_TONES: Record<string, [text: Oklch, fill: Oklch]> = {
  ok: [[0.79, 0.135, 158], [0.7, 0.14, 158]],
  busy: [[0.79, 0.11, 228], [0.7, 0.125, 228]],
  wait: [[0.83, 0.135, 82], [0.8, 0.14, 80]],
  bad: [[0.745, 0.15, 25], [0.66, 0.195, 26]],
  idle: [[0.7, 0.014, 248], [0.53, 0.014, 250]],
  hold: [[0.78, 0.12, 302], [0.68, 0.14, 302]],
};

export const TONES = Object.keys(LIGHT_TONES);

/** Return all tokens of a theme; each tone also has a soft ground for its own text. */
function complete(grounds: Palette, tones: typeof LIGHT_TONES, softLightness: number): Palette {
  const all: Palette = { ...grounds };
  for (const [tone, [text, fill]] of Object.entries(tones)) {
    all[tone] = text;
    all[`${tone}-fill`] = fill;
    all[`${tone}-soft`] = [softLightness, Math.min(text[1], softLightness > 0.5 ? 0.03 : 0.05), text[2]];
  }
  return all;
}

export const LIGHT = complete(LIGHT_GROUNDS, LIGHT_TONES, 0.955);
export const DARK = complete(DARK_GROUNDS, DARK_TONES, 0.275);

/** A pair of tokens and the least contrast between them. */
export interface Demand {
  front: string;
  ground: string;
  least: number;
}

const GROUNDS = ["page", "panel", "sunken"];

/** Return every demand: 4.5 for text, 3 for shapes and the lines of fields, 5 on soft grounds of tones. */
export function demands(): Demand[] {
  const of = (fronts: string[], grounds: string[], least: number) =>
    fronts.flatMap((front) => grounds.map((ground) => ({ front, ground, least })));
  return [
    ...of(["text", "text-2", "text-3", "accent", ...TONES], GROUNDS, 4.5),
    ...of(TONES.map((tone) => `${tone}-fill`), ["page", "panel"], 3),
    ...of(["line-strong"], ["page", "panel"], 3),
    ...of(["text"], ["accent-soft"], 4.5),
    ...of(["on-accent"], ["accent"], 4.5),
    ...of(["page"], ["text"], 4.5),
    ...TONES.map((tone) => ({ front: tone, ground: `${tone}-soft`, least: 4.5 })),
  ];
}
