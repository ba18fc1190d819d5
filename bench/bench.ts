import { Command } from 'commander'
import { dataOption, inputSide, positiveInteger, positiveNumber } from '../src/cli/options.ts'
import { MissingPeer, skip } from './peer.ts'
import { benchReport } from './report.ts'
import { benchScreening } from './screening.ts'
import { benchSegment } from './segment.ts'
import { benchTrainStep } from './train-step.ts'
import { benchUNet } from './unet.ts'

const program = new Command('npm run bench --').exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))

program
  .command('screening')
  .description('segment per image, and a cold screen of four images, with peak memory')
  .option('--quick', 'once instead of three times', false)
  .action(benchScreening)

program
  .command('report')
  .description('features, assessment, JSON and page of one image whose mask is known; and the paper')
  .option('--quick', 'fewer turns', false)
  .action(benchReport)

program
  .command('segment')
  .description("segment against ONNX Runtime's own time for its passes; with --images its memory over a batch instead")
  .option('--quick', 'fewer images and turns', false)
  .option('--images <count>', 'watch the memory over so many images', positiveInteger, 0)
  .action(benchSegment)

program
  .command('train-step')
  .description('our training step against the same step in PyTorch')
  .option('--quick', 'fewer turns', false)
  .option('--profile', 'where the time of our step goes instead', false)
  .action(benchTrainStep)

program
  .command('unet')
  .description('a plain U-Net that learns in PyTorch from the same images for so many minutes')
  .addOption(dataOption())
  .requiredOption('--minutes <count>', 'how long it trains, without making views and judging', positiveNumber)
  .option('--size <pixels>', 'side of the standardised images, a multiple of 32', inputSide, 224)
  .requiredOption('--out <folder>', 'where results.json goes')
  .action((options) => benchUNet(options))

try {
  await program.parseAsync()
} catch (error) {
  if (!(error instanceof MissingPeer)) throw error
  process.exitCode = skip(process.argv[2] ?? '', error)
}
