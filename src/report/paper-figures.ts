import type { CanvasElement, Content } from 'pdfmake/interfaces.js'
import { isAbsent } from '#core/absent.ts'
import type { Point } from '#core/geometry.ts'
import type { ImageReport, ReadImage } from '#core/report.ts'
import {
  type Assets,
  distanceLines,
  emptyWords,
  type ImageAsset,
  markingSentence,
  NO_QUALITY_FINDING,
  nippleSign,
  qualityLines,
  shoulder,
  signsOf,
  UNREADABLE,
} from './figures.ts'
import { proposalText } from './nipple-proposal.ts'
import { COLOURS, COLUMN_WIDTH, type Say } from './paper.ts'

/** 70 mm: three rows of pictures on a page. */
const FIGURE_HEIGHT = 200
/** Points of an outline nearer than this to the one before, in points of the page, are left out. */
const FINEST = 0.25
/** Of what orients in a picture and is no finding. */
const FAINT = '#b8b8b8'

/** An image of one side with what is said of it. */
export function figurePaper(image: ImageReport, assets: Assets, say: Say): Content {
  if (image.status === 'unreadable') {
    return { stack: [box([say(UNREADABLE), image.code]), { text: image.file, style: 'note', margin: [0, 3, 0, 0] }] }
  }
  const asset = assets.get(image.id)
  const signs = asset === undefined ? undefined : signsOf(image, asset)
  return {
    stack: [
      ...(asset === undefined ? [] : drawing(image, asset)),
      {
        text: [image.file, ...(image.quality.length === 0 ? [` · ${say(NO_QUALITY_FINDING)}`] : [])],
        style: 'note',
        margin: [0, 3, 0, 0],
      },
      ...(signs === undefined ? [] : [{ text: say(signs), style: 'note' }]),
      ...qualityLines(image.quality).map(({ words, isRepeat }) => ({
        text: say(words),
        style: 'small',
        ...(isRepeat ? { color: COLOURS.caution, bold: true } : {}),
      })),
      { text: say(markingSentence(image)), margin: [0, 1, 0, 0] },
      ...proposalPaper(image, say),
    ],
  }
}

function proposalPaper(image: ReadImage, say: Say): Content[] {
  const text = proposalText(image)
  if (text === undefined) return []
  const { said, entry } = text
  return [{ text: [say(said), ...(entry === undefined ? [] : [` ${entry}`])], style: 'small', margin: [0, 1, 0, 0] }]
}

/** In place of pictures, where a side has none. */
export function emptyPaper(isMissingView: boolean, side: string, say: Say): Content {
  return box([say(emptyWords(isMissingView)), side])
}

function box([first = '', second = '']: readonly string[]): Content {
  const dash = { dash: { length: 3, space: 3 } }
  return {
    table: {
      widths: [COLUMN_WIDTH - 10],
      heights: [104],
      body: [
        [
          {
            stack: [
              { text: first, bold: true, fontSize: 11, color: COLOURS.caution },
              { text: second, style: 'note' },
            ],
            alignment: 'center',
            margin: [0, 36, 0, 0],
          },
        ],
      ],
    },
    layout: {
      hLineWidth: () => 0.8,
      vLineWidth: () => 0.8,
      hLineColor: () => COLOURS.soft,
      vLineColor: () => COLOURS.soft,
      hLineStyle: () => dash,
      vLineStyle: () => dash,
      fillColor: () => COLOURS.ground,
    },
  }
}

/** From pixels of the original, whose centres lie at integers, to points of the page from the picture's corner. */
interface Place {
  readonly at: (point: Point) => Point
  readonly height: number
}

/** The picture, in the middle of its column on black, and over it its outlines as vectors. */
function drawing(image: ReadImage, { href, outlines, breast = [] }: ImageAsset): Content[] {
  const { width, height } = image.size
  const scale = Math.min(COLUMN_WIDTH / width, FIGURE_HEIGHT / height)
  const left = (COLUMN_WIDTH - width * scale) / 2
  const place: Place = {
    at: ({ x, y }) => ({ x: left + (x + 0.5) * scale, y: (y + 0.5) * scale }),
    height: height * scale,
  }
  const ground: CanvasElement = { type: 'rect', x: 0, y: 0, w: COLUMN_WIDTH, h: place.height, color: '#000000' }
  const signs = [
    ...breast.map((outline) => faint(outline, place)),
    ...muscleSign(image, place),
    ...nippleSigns(image, place, scale),
    ...outlines.flatMap((outline) => edge(outline, place)),
  ]
  return [
    { canvas: [ground] },
    { image: href, width: width * scale, height: height * scale, relativePosition: { x: left, y: -place.height } },
    ...(signs.length > 0 ? [{ canvas: signs, relativePosition: { x: 0, y: -place.height } }] : []),
    ...outlines.map((outline, i) => number(i + 1, outline, place)),
  ]
}

/** The breast itself, thin enough not to be taken for a marked region. */
function faint(outline: readonly Point[], place: Place): CanvasElement {
  return {
    ...{ type: 'polyline', points: onPage(outline, place), closePath: true, lineJoin: 'round' },
    ...{ lineWidth: 0.4, lineColor: FAINT },
  }
}

function muscleSign({ pectoralMuscle }: ReadImage, { at }: Place): CanvasElement[] {
  if (isAbsent(pectoralMuscle)) return []
  const [upper, lower] = pectoralMuscle.edgePx.map(at) as [Point, Point]
  return [
    {
      ...{ type: 'line', x1: upper.x, y1: upper.y, x2: lower.x, y2: lower.y },
      ...{ lineWidth: 0.7, lineColor: FAINT, dash: { length: 4, space: 3 } },
    },
  ]
}

function onPage(outline: readonly Point[], { at }: Place): Point[] {
  const points: Point[] = []
  for (const point of outline.map(at)) {
    const last = points.at(-1)
    if (last === undefined || Math.hypot(point.x - last.x, point.y - last.y) >= FINEST) points.push(point)
  }
  return points
}

function edge(outline: readonly Point[], place: Place): CanvasElement[] {
  const points = onPage(outline, place)
  const line = { type: 'polyline', points, closePath: true, lineJoin: 'round' } as const
  return [
    { ...line, points: points.map((point) => ({ ...point })), lineWidth: 2.4, lineColor: '#000000' },
    { ...line, lineWidth: 1.1, lineColor: COLOURS.outline },
  ]
}

function nippleSigns(image: ReadImage, { at }: Place, scale: number): CanvasElement[] {
  const sign = nippleSign(image)
  if (sign === undefined) return []
  const nipple = at(sign.at)
  const radius = sign.radius * scale
  const lines = distanceLines(image).flatMap(([from, to]): CanvasElement[] => {
    const [a, b] = [at(from), at(to)]
    const line = { type: 'line', x1: a.x, y1: a.y, x2: b.x, y2: b.y } as const
    return [
      { ...line, lineWidth: 1.8, lineColor: '#000000' },
      { ...line, lineWidth: 0.8, lineColor: COLOURS.nipple, dash: { length: 3, space: 2 } },
    ]
  })
  return [
    ...lines,
    {
      ...{ type: 'ellipse', x: nipple.x, y: nipple.y, r1: radius, r2: radius, lineWidth: 1, lineColor: COLOURS.nipple },
      ...(sign.isProposed ? { dash: { length: 2.5, space: 2.5 } } : {}),
    },
  ]
}

const NUMBER_SIZE = 8

/** At the region's right shoulder, or its left one where the picture ends. */
function number(value: number, outline: readonly Point[], { at, height }: Place): Content {
  const [right, left] = [at(shoulder(outline, 1)), at(shoulder(outline, -1))]
  const isRoom = right.x + 2 * NUMBER_SIZE < COLUMN_WIDTH
  return {
    text: `${value}`,
    fontSize: NUMBER_SIZE,
    bold: true,
    color: COLOURS.outline,
    background: '#000000',
    relativePosition: {
      x: isRoom ? right.x + 3 : Math.max(0, left.x - NUMBER_SIZE),
      y: Math.max(0, (isRoom ? right.y : left.y) - NUMBER_SIZE) - height,
    },
  }
}
