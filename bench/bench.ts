import { MissingPeer, skip } from './peer.ts'
import { benchScreening } from './screening.ts'
import { benchTrainStep } from './train-step.ts'

const BENCHES = {
  screening: { run: benchScreening, about: 'segment per image, and a cold screen of four images, with peak memory' },
  'train-step': {
    run: benchTrainStep,
    about: 'our training step against the same step in PyTorch; --profile: where its time goes',
  },
} as const

const [name = '', ...flags] = process.argv.slice(2)
const bench = Object.entries(BENCHES).find(([key]) => key === name)?.[1]
const unknownFlags = flags.filter((flag) => flag !== '--quick' && !(flag === '--profile' && name === 'train-step'))
if (!bench || unknownFlags.length > 0) {
  console.error('npm run bench -- <name> [--quick] [--profile]\n')
  for (const [key, { about }] of Object.entries(BENCHES)) console.error(`  ${key.padEnd(12)} ${about}`)
  process.exit(2)
}
try {
  await bench.run({ quick: flags.includes('--quick'), profile: flags.includes('--profile') })
} catch (error) {
  if (!(error instanceof MissingPeer)) throw error
  process.exitCode = skip(name, error)
}
