/** Marks as examiners leave them on ultrasounds, planted at random so that no mark tells of a lesion. */
import { GreyImage } from '#core/image.ts'
import type { Random } from '#core/random.ts'

interface Place {
  readonly x: number
  readonly y: number
}

/** Calipers, a dotted line between them, and a line of text, each by chance, drawn over a copy of the image. */
export function plantMarks(image: GreyImage, softMask: GreyImage, random: Random): GreyImage {
  const marked = GreyImage.from(image.data.slice(), image)
  const brightness = random.between(0.6, 1)
  const pairs = 1 + random.integer(2)
  for (let pair = 0; pair < pairs; pair++) {
    const [from, to] = caliperEnds(softMask, random)
    const arm = 2 + random.integer(4)
    if (random.uniform() < 0.5) dottedLine(marked, from, to, brightness, 3 + random.integer(5))
    for (const end of [from, to]) cross(marked, end, arm, brightness)
  }
  if (random.uniform() < 0.5) text(marked, brightness, random)
  return marked
}

/** Half of the time on the lesion's border where there is one, as a measurement is taken; anywhere otherwise. */
function caliperEnds(softMask: GreyImage, random: Random): readonly [Place, Place] {
  const { width, height } = softMask
  const anywhere = () => ({ x: random.integer(width), y: random.integer(height) })
  const middle = random.uniform() < 0.5 ? lesionPixel(softMask, random) : undefined
  if (!middle) return [anywhere(), anywhere()]
  const angle = random.between(0, Math.PI)
  const walk = (sign: number): Place => {
    let [x, y] = [middle.x, middle.y]
    const inside = () =>
      softMask.data[
        Math.min(Math.max(Math.round(y), 0), height - 1) * width + Math.min(Math.max(Math.round(x), 0), width - 1)
      ]! > 0.5
    while (inside() && x >= 0 && y >= 0 && x < width && y < height) {
      x += sign * Math.cos(angle)
      y += sign * Math.sin(angle)
    }
    return { x: Math.round(x), y: Math.round(y) }
  }
  return [walk(1), walk(-1)]
}

function lesionPixel({ data, width }: GreyImage, random: Random): Place | undefined {
  for (let attempt = 0; attempt < 200; attempt++) {
    const i = random.integer(data.length)
    if (data[i]! > 0.5) return { x: i % width, y: Math.floor(i / width) }
  }
  return undefined
}

function dot({ data, width, height }: GreyImage, x: number, y: number, brightness: number): void {
  if (x >= 0 && y >= 0 && x < width && y < height) data[y * width + x] = brightness
}

function cross(image: GreyImage, { x, y }: Place, arm: number, brightness: number): void {
  for (let i = -arm; i <= arm; i++) {
    dot(image, x + i, y, brightness)
    dot(image, x, y + i, brightness)
  }
}

function dottedLine(image: GreyImage, from: Place, to: Place, brightness: number, spacing: number): void {
  const length = Math.hypot(to.x - from.x, to.y - from.y)
  for (let at = 0; at < length; at += spacing) {
    const [x, y] = [from.x + ((to.x - from.x) * at) / length, from.y + ((to.y - from.y) * at) / length]
    dot(image, Math.round(x), Math.round(y), brightness)
    dot(image, Math.round(x) + 1, Math.round(y), brightness)
  }
}

/** A row of strokes of the size of letters; what it says does not matter. */
function text(image: GreyImage, brightness: number, random: Random): void {
  const [glyphWidth, glyphHeight] = [5, 8]
  const letters = 3 + random.integer(9)
  let x = random.integer(image.width)
  const y = random.integer(image.height - glyphHeight)
  for (let letter = 0; letter < letters; letter++, x += glyphWidth + 2) {
    const upright = random.integer(glyphWidth)
    const bar = random.integer(glyphHeight)
    for (let row = 0; row < glyphHeight; row++) dot(image, x + upright, y + row, brightness)
    for (let column = 0; column < glyphWidth; column++) dot(image, x + column, y + bar, brightness)
  }
}
