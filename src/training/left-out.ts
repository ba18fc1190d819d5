import { createHash } from 'node:crypto'
import path from 'node:path'

/**
 * Images that never enter any training or tuning, because the software shows them as examples: CESM patient P313, all
 * four views in both energies, and the ultrasound of BUS-BRA. Named by the SHA-256 of the file, so that renaming one does not bring it back.
 */
const LEFT_OUT_SHA256: ReadonlySet<string> = new Set([
  '3865702726354cfce2579d3510f685bdfc44277f6f9d3655166d3eaa4d843540',
  '12af565e733ccb4070ae61abc62b3b18346bcc06062c004ddfc66bbc31d6aa08',
  '2451f8c27a690776c7aa10bbd26019ed907f00f13b5e5f94dfedee45ab4b10b3',
  '16ef31b946012e6b85e65dd4ba616b9a5df1b98f19b3ff10a141b19b32a79393',
  '0091eba06dcc450a4509d1a762bd9b641ce1749bf53c441ebb5e95bee1f66a79',
  'fa6af27ec128d38b9397d175673da7b2e03a03328cbd9f97ebb4a0a74424a4f1',
  '94672e8d41af7997f24c8d87ba3398e158d87a64292e46f91d1a7e7aea8280de',
  '92af5e6ec025436b97d2be5bc1f5a4d909519210c0c4c1cfff7dd761383fb4ef',
  '9bb297be13342938db8c3f8194195e4b9064385c119bfa47927ab088cb36835d',
])

/** What the public data set calls P313's views, whose bytes may differ there. Another clinic may have a P313 of its own. */
const LEFT_OUT_NAME = /(^|[^A-Za-z0-9])P313_[LR]_(CM|DM)_(CC|MLO)([^A-Za-z0-9]|$)/

/** SHA-256 of a file's bytes, hex. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** Whether an image must stay out of all training: by its bytes, its row's id or its file's base name. */
export function isLeftOut(image: {
  readonly sha256: string
  readonly id: string
  readonly imageFile: string
}): boolean {
  if (LEFT_OUT_SHA256.has(image.sha256)) return true
  return [image.id, path.basename(image.imageFile)].some((name) => LEFT_OUT_NAME.test(name))
}
