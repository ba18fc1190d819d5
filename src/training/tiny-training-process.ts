/** The tiny training run as a process of its own, so that a test can kill it. Arguments: run folder, image folder. */
import { tinyTraining } from './tiny-training.ts'

const [folder = '', imageFolder = ''] = process.argv.slice(2)
await tinyTraining({ folder, imageFolder, onProgress: (progress) => process.send?.(progress) })
process.disconnect?.()
