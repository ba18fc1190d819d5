import { type Absent, absent, isAbsent } from '#core/absent.ts'
import type { ChannelMotion } from '#core/kinetics.ts'
import { Mask } from '#core/mask.ts'
import type { FrameSequence } from '#core/sequence.ts'
import { compensateMotion, type FrameMotion } from '#imaging/motion.ts'

interface Settled {
  readonly sequence: FrameSequence
  readonly covered: Mask
  readonly motion: readonly ChannelMotion[] | Absent
  readonly isCompensated: boolean
}

/**
 * Tells how the breast moved, and moves the frames back where that is sound: lamps stand still when the breast moves, so
 * optical frames are moved only where a flat field took their light out (ADR 16). An ultrasound clip is left alone: the
 * probe moves through tissue.
 */
export function settleMotion(sequence: FrameSequence, hasFlatField: boolean): Settled {
  const still = { sequence, covered: whole(sequence), isCompensated: false }
  if (sequence.kind === 'ultrasound-cine') return { ...still, motion: absent('no-kinetic-protocol') }
  const compensated = compensateMotion(sequence)
  if (isAbsent(compensated)) return { ...still, motion: compensated }
  const motion = compensated.motion.map((of, i) => channelMotion(sequence.channels[i]!.label, of))
  if (sequence.kind === 'optical' && !hasFlatField) return { ...still, motion }
  return { sequence: compensated.sequence, covered: compensated.covered, motion, isCompensated: true }
}

function whole(sequence: FrameSequence): Mask {
  return Mask.from(new Uint8Array(sequence.width * sequence.height).fill(1), sequence)
}

function channelMotion(channel: string, frames: readonly FrameMotion[]): ChannelMotion {
  return {
    channel,
    largestShiftPx: Math.max(...frames.map(({ shiftPx: { x, y } }) => Math.hypot(x, y))),
    largestResidualPx: Math.max(...frames.map(({ residualPx }) => residualPx)),
  }
}
