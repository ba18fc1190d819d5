import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Mask } from '#core/mask.ts'
import { seededRandom } from '#core/random.ts'
import { encodeMaskPng, encodePng } from '#imaging/encode.ts'
import { hasPyTorch } from './peer.ts'
import { benchUNet, UNET } from './unet.ts'

/** Not square, so that a swapped side or a mask at another size than the image's own would show. */
const SIZE = { width: 80, height: 64 }
const DISCS = [
  { x: 25, y: 25, radius: 12 },
  { x: 55, y: 22, radius: 15 },
  { x: 30, y: 42, radius: 16 },
  { x: 52, y: 40, radius: 18 },
]

let folder: string
let said: string[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zaoshai-unet-'))
  said = []
  vi.spyOn(console, 'log').mockImplementation((line) => said.push(String(line)))
  // Tests share the cores: threads that spin while idle would slow all of them.
  vi.stubEnv('OMP_WAIT_POLICY', 'passive')
})
afterEach(async () => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
  await rm(folder, { recursive: true })
})

test.skipIf(!hasPyTorch())(
  'a tiny U-Net learns four drawn discs, and its figures come back',
  { timeout: 60_000 },
  async () => {
    const manifest = await drawDiscs()
    const out = join(folder, 'out')
    const channels = [8, 16]
    const options = { data: [`US:${manifest}`], minutes: 0.1, size: 32, out }
    await benchUNet(options, { ...UNET, channels, batch: 5, learningRate: 1e-2, threads: 1 })

    const results = JSON.parse(await readFile(join(out, 'results.json'), 'utf8'))
    const { shareBelowHalf, summary } = results.datasets.discs
    expect(summary.allRows.lesionImages.images).toBe(4)
    expect(summary.allRows.lesionImages.dice.mean).toBeGreaterThan(0.9)
    expect(shareBelowHalf).toBe(0)
    expect(summary.allRows.falsePositives.normals).toBe(1)
    expect(results.parameters).toBe(parametersOf(channels))
    expect(results.minutes).toBeGreaterThanOrEqual(options.minutes)
    // a single step takes it over the minutes, which is far shorter than they are
    expect(results.minutes).toBeLessThan(2 * options.minutes)
    // five images, one of them normal, in batches of five: a step is an epoch
    expect(results.epochs).toBe(results.steps)
    expect(said.at(-1)).toMatch(/^discs +4 +0\.9\d+ .* of 1$/)
  },
)

/** Two convolutions with batch norm at every resolution, down and up, what enlarges, and the last one to the logit. */
function parametersOf(channels: readonly number[]): number {
  const twice = (before: number, after: number) => 9 * (before * after + after * after) + 4 * after
  const down = channels.map((after, i) => twice(channels[i - 1] ?? 1, after))
  const up = channels.slice(1).map((deep, i) => {
    const fine = channels[i]!
    return 4 * deep * fine + fine + twice(2 * fine, fine)
  })
  return [...down, ...up, channels[0]! + 1].reduce((sum, count) => sum + count, 0)
}

/** Dark discs on bright noise: every one is drawn to learn from and, in other noise, to be judged on; once there is none. */
async function drawDiscs(): Promise<string> {
  const dataset = join(folder, 'discs')
  await mkdir(dataset)
  const lines = ['id,image,mask,class,split']
  for (const split of ['train', 'val']) {
    for (const [i, disc] of [...DISCS, null].entries()) {
      const id = `${split}${i}`
      const random = seededRandom(i, split)
      const inside = Uint8Array.from({ length: SIZE.width * SIZE.height }, (_, p) => {
        const [x, y] = [p % SIZE.width, Math.floor(p / SIZE.width)]
        return disc && Math.hypot(x - disc.x, y - disc.y) < disc.radius ? 1 : 0
      })
      const data = inside.map((lesion) => (lesion ? 40 : 160) + random.integer(60))
      await writeFile(join(dataset, `${id}.png`), await encodePng({ ...SIZE, channels: 1, bitDepth: 8, data }))
      await writeFile(join(dataset, `${id}-mask.png`), await encodeMaskPng(Mask.from(inside, SIZE)))
      lines.push(`${id},${id}.png,${disc ? `${id}-mask.png` : ''},${disc ? 'benign' : 'normal'},${split}`)
    }
  }
  const manifest = join(dataset, 'manifest.csv')
  await writeFile(manifest, lines.join('\n'))
  return manifest
}
