import { expect, test } from 'vitest'
import { absent } from '#core/absent.ts'
import { GreyImage } from '#core/image.ts'
import { Mask } from '#core/mask.ts'
import { decodeImage } from '#imaging/decode.ts'
import { kineticPictures } from './kinetic-pictures.ts'
import { settleMotion } from './settle-motion.ts'
import { BASELINE_FRAMES, SYNTHETIC_LESION, syntheticSide } from './tiny-optical-study.ts'

const { sequence, lesion } = syntheticSide(7, SYNTHETIC_LESION)
const recorded = {
  ...settleMotion(sequence, false),
  ...{ reference: undefined, baselineFrames: BASELINE_FRAMES, earlyFrame: undefined },
}
/** Where the phantom lets light through. */
const breast = Mask.from(
  sequence.channels[1]!.frames[0]!.map((light) => Number(light > 0.15)) as unknown as Uint8Array,
  sequence,
)
const grey = GreyImage.from(new Float32Array(breast.data.length).fill(0.5), sequence)

async function extremum(marked: Mask | typeof nothing) {
  const pictures = await kineticPictures(recorded, grey, { breast, marked })
  const map = pictures!.maps.find(({ name }) => name === 'extremum')!
  const { data } = await decodeImage(Buffer.from(map.href.split(',')[1]!, 'base64'), 'map.png')
  const isColoured = (i: number) => data[3 * i] !== data[3 * i + 1] || data[3 * i] !== data[3 * i + 2]
  return { ...map, isColoured }
}
const nothing = absent('modality-not-validated')

test('beyond the breast, where there is noise alone, is no colour, and the scale is that of the breast', async () => {
  const { high, low, isColoured } = await extremum(lesion)
  expect(low).toBe(-high)
  // the lesion's 0.15, and not the noise of a logarithm of nothing
  expect(high).toBeGreaterThan(0.1)
  expect(high).toBeLessThan(0.25)
  const corner = 3 * sequence.width + 3
  expect([breast.data[corner], isColoured(corner)]).toEqual([0, false])
  const share = (of: Mask) => of.data.reduce((sum, value, i) => sum + value * Number(isColoured(i)), 0) / of.areaPx
  expect(share(lesion)).toBe(1)
})

test('where nothing is marked the channel is chosen by the breast', async () => {
  const { high } = await extremum(nothing)
  expect(high).toBeLessThan(0.25)
})
