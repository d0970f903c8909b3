// Draws the map: shapes as in every list, so that colour is never all that tells.

import { type Condition, TONE_OF } from "@/state/condition";
import { type MapLayout, nameHeight, placeOf, type Tile } from "./layout";

/** Colours of the page's theme, by token. */
export type Colours = (token: string) => string;

/** Return the colours that hold for an element now. */
export function readColours(element: Element): Colours {
  const style = getComputedStyle(element);
  const known = new Map<string, string>();
  return (token) => {
    const found = known.get(token) ?? style.getPropertyValue(`--${token}`).trim();
    known.set(token, found);
    return found;
  };
}

const DIM = 0.18;
const SANS = '"Atkinson Hyperlegible Next", system-ui, sans-serif';
const MONO = '"Atkinson Hyperlegible Mono", ui-monospace, monospace';

export function drawMap(context: CanvasRenderingContext2D, map: MapLayout, colours: Colours, pointed: string): void {
  context.clearRect(0, 0, map.width, map.height);
  context.textBaseline = "middle";
  for (const band of map.bands) {
    context.fillStyle = colours("text-2");
    context.font = `560 13px ${SANS}`;
    context.fillText(`${band.name}   ${band.hosts} ${band.hosts === 1 ? "host" : "hosts"}`, 0, band.y + 12);
    for (const tile of band.tiles) drawTile(context, tile, map.step, colours, pointed);
  }
}

function drawTile(context: CanvasRenderingContext2D, tile: Tile, step: number, colours: Colours, pointed: string): void {
  context.fillStyle = colours("panel");
  context.strokeStyle = tile.trouble === "silent" ? colours("bad-fill") : colours("line-strong");
  context.lineWidth = tile.trouble === "silent" ? 2 : 1;
  context.setLineDash(tile.trouble && tile.trouble !== "silent" ? [4, 3] : []);
  context.beginPath();
  context.roundRect(tile.x + 0.5, tile.y + 0.5, tile.width - 1, tile.height - 1, 5);
  context.fill();
  context.stroke();
  context.setLineDash([]);
  if (nameHeight(step)) {
    context.fillStyle = colours(tile.trouble === "silent" ? "bad" : "text");
    context.font = `400 11px ${MONO}`;
    context.fillText(fit(context, tile.name, tile.width - 12), tile.x + 6, tile.y + 12);
  }
  tile.cells.forEach((cell, index) => {
    const { x, y } = placeOf(tile, index, step);
    const side = step - 2;
    context.globalAlpha = cell.dim ? DIM : 1;
    context.fillStyle = context.strokeStyle = colours(`${TONE_OF[cell.condition]}-fill`);
    drawCell(context, cell.condition, x + 1, y + 1, side);
    context.globalAlpha = 1;
    if (cell.id && cell.id === pointed) {
      context.strokeStyle = colours("text");
      context.lineWidth = 2;
      context.strokeRect(x, y, step, step);
    }
  });
}

/** Return a name, cut at its end where it does not fit. */
function fit(context: CanvasRenderingContext2D, text: string, width: number): string {
  if (context.measureText(text).width <= width) return text;
  const most = Math.max(1, Math.floor((text.length * width) / context.measureText(text).width) - 1);
  return `${text.slice(0, most)}…`;
}

type Path = (context: CanvasRenderingContext2D, x: number, y: number, side: number) => void;

const square: Path = (context, x, y, side) => context.fillRect(x, y, side, side);

const outline: Path = (context, x, y, side) => {
  context.lineWidth = 1.5;
  context.strokeRect(x + 1, y + 1, side - 2, side - 2);
};

const diagonals: Path = (context, x, y, side) => {
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(x + 1, y + side - 1);
  context.lineTo(x + side - 1, y + 1);
  context.stroke();
};

const SHAPES: Record<Condition, Path> = {
  well: square,
  runs: (context, x, y, side) => {
    context.beginPath();
    context.rect(x, y, side, side);
    context.rect(x + side * 0.3, y + side * 0.3, side * 0.4, side * 0.4);
    context.fill("evenodd");
  },
  starts: (context, x, y, side) => {
    outline(context, x, y, side);
    context.beginPath();
    context.moveTo(x, y + side);
    context.lineTo(x + side, y);
    context.lineTo(x + side, y + side);
    context.fill();
  },
  waits: (context, x, y, side) => {
    context.setLineDash([2, 2]);
    outline(context, x, y, side);
    context.setLineDash([]);
  },
  ill: (context, x, y, side) => {
    context.beginPath();
    context.moveTo(x + side / 2, y - 1);
    context.lineTo(x + side + 1, y + side / 2);
    context.lineTo(x + side / 2, y + side + 1);
    context.lineTo(x - 1, y + side / 2);
    context.fill();
  },
  fails: (context, x, y, side) => {
    context.lineWidth = Math.max(2, side / 5);
    context.beginPath();
    context.moveTo(x, y);
    context.lineTo(x + side, y + side);
    context.moveTo(x + side, y);
    context.lineTo(x, y + side);
    context.stroke();
  },
  stops: (context, x, y, side) => context.fillRect(x + side * 0.25, y + side * 0.25, side * 0.5, side * 0.5),
  unknown: (context, x, y, side) => {
    outline(context, x, y, side);
    diagonals(context, x, y, side);
  },
  paused: (context, x, y, side) => {
    context.fillRect(x + side * 0.1, y, side * 0.3, side);
    context.fillRect(x + side * 0.6, y, side * 0.3, side);
  },
  done: (context, x, y, side) => {
    outline(context, x, y, side);
    context.fillRect(x + side * 0.4, y + side * 0.4, side * 0.2, side * 0.2);
  },
  off: outline,
};

function drawCell(context: CanvasRenderingContext2D, condition: Condition, x: number, y: number, side: number): void {
  SHAPES[condition](context, x, y, side);
}
