import type { CanvasEllipse, CanvasPolyline, ContentCanvas, ContentImage, ContentStack } from 'pdfmake/interfaces.js'
import { expect, test } from 'vitest'
import { absent } from '#core/absent.ts'
import type { Point } from '#core/geometry.ts'
import type { ReadImage } from '#core/report.ts'
import { COLOURS, COLUMN_WIDTH, speaker } from './paper.ts'
import { figurePaper } from './paper-figures.ts'
import { assetsOf, readImage, sampleReport } from './samples.ts'

const SIZE = { width: 320, height: 400 }

function drawn(outline: readonly Point[], over: Partial<ReadImage> = {}) {
  const image = readImage({ side: 'R', over: { size: SIZE, ...over } })
  const { href } = assetsOf(sampleReport([image])).get(image.id)!
  const { stack } = figurePaper(
    image,
    new Map([[image.id, { href, outlines: [outline] }]]),
    speaker('en'),
  ) as ContentStack
  const picture = stack.find((node): node is ContentImage => typeof node === 'object' && 'image' in node)!
  const signs = stack.findLast((node): node is ContentCanvas => typeof node === 'object' && 'canvas' in node)!
  const lines = signs.canvas.filter(({ type }) => type === 'polyline') as CanvasPolyline[]
  return { picture, signs, edge: lines.find(({ lineColor }) => lineColor === COLOURS.outline)! }
}

test('an outline along the border of an image is drawn along the border of its picture', () => {
  const [right, bottom] = [SIZE.width - 0.5, SIZE.height - 0.5]
  const { picture, signs, edge } = drawn([
    { x: -0.5, y: -0.5 },
    { x: right, y: -0.5 },
    { x: right, y: bottom },
    { x: -0.5, y: bottom },
  ])
  const left = picture.relativePosition?.x ?? Number.NaN
  const [width, height] = [picture.width as number, picture.height as number]
  expect(width / height).toBeCloseTo(SIZE.width / SIZE.height, 9)
  expect(left + width / 2).toBeCloseTo(COLUMN_WIDTH / 2, 9)
  expect(edge.closePath).toBe(true)
  expect(edge.points.map(({ x, y }) => [x - left, y].map((v) => Number(v.toFixed(6))))).toEqual(
    [
      [0, 0],
      [width, 0],
      [width, height],
      [0, height],
    ].map((corner) => corner.map((v) => Number(v.toFixed(6)))),
  )
  // both start at the picture's upper edge
  expect(signs.relativePosition?.y).toBe(picture.relativePosition?.y)
})

test('points of an outline that no eye could tell apart are left out, and the outline stays where it is', () => {
  const circle = Array.from({ length: 20_000 }, (_, i): Point => {
    const angle = (2 * Math.PI * i) / 20_000
    return { x: 160 + 100 * Math.cos(angle), y: 200 + 100 * Math.sin(angle) }
  })
  const { picture, edge } = drawn(circle)
  expect(edge.points.length).toBeLessThan(1500)
  const scale = (picture.width as number) / SIZE.width
  const centre = { x: (picture.relativePosition?.x ?? 0) + 160.5 * scale, y: 200.5 * scale }
  for (const { x, y } of edge.points) expect(Math.hypot(x - centre.x, y - centre.y)).toBeCloseTo(100 * scale, 6)
})

test('the line of a measured distance runs from the nipple to the centre of the region', () => {
  const { picture, signs } = drawn([{ x: 0, y: 0 }])
  const scale = (picture.width as number) / SIZE.width
  const at = (point: Point) => ({
    x: (picture.relativePosition?.x ?? 0) + (point.x + 0.5) * scale,
    y: (point.y + 0.5) * scale,
  })
  const line = signs.canvas.find((element) => element.type === 'line' && element.lineColor === COLOURS.nipple)
  const [from, to] = [at({ x: 30, y: 200 }), at({ x: 27, y: 35 })]
  expect(line).toMatchObject({ x1: from.x, y1: from.y, x2: to.x, y2: to.y })
})

test('the edge of the muscle is a dashed line between its two ends', () => {
  const edgePx: [Point, Point] = [
    { x: 100, y: 0 },
    { x: 30, y: 200 },
  ]
  const lines = (over: Partial<ReadImage>) =>
    drawn([{ x: 0, y: 0 }], { nipplePx: absent('nipple-not-given'), ...over }).signs.canvas.filter(
      ({ type }) => type === 'line',
    )
  expect(lines({})).toEqual([])
  const [upper, lower] = edgePx.map(
    (nipplePx) =>
      drawn([{ x: 0, y: 0 }], { nipplePx }).signs.canvas.find(({ type }) => type === 'ellipse') as CanvasEllipse,
  ) as [CanvasEllipse, CanvasEllipse]
  expect(lines({ pectoralMuscle: { edgePx } })).toMatchObject([{ x1: upper.x, y1: upper.y, x2: lower.x, y2: lower.y }])
})

test('the circle around a proposed nipple is dashed and lies where the proposal does; that of a given one is not', () => {
  const circleOf = (over: Partial<ReadImage> = {}) =>
    drawn([{ x: 0, y: 0 }], over).signs.canvas.find(({ type }) => type === 'ellipse') as CanvasEllipse
  const nippleProposal = { point: { x: 30, y: 200 }, confidence: 0.5, validated: true }
  const [given, proposed] = [circleOf(), circleOf({ nipplePx: absent('nipple-not-confirmed'), nippleProposal })]
  expect(given.dash).toBeUndefined()
  expect(proposed.dash).toBeDefined()
  expect([proposed.x, proposed.y]).toEqual([given.x, given.y])
  expect(proposed.r1).toBeGreaterThan(given.r1)
})
