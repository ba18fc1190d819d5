/** The tiny cross-validation as a process of its own, so that a test can kill it. Arguments: manifest, folder, cache. */
import { crossValidate } from './cross-validate.ts'
import { tinyCrossValidation } from './tiny-cross-validation.ts'

const [manifest = '', out = '', cache = ''] = process.argv.slice(2)
await crossValidate({
  ...tinyCrossValidation(manifest, out, cache),
  onTraining: (progress) => process.send?.(progress),
})
process.disconnect?.()
