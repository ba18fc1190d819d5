/** `node scripts/synthetic-study.ts <folder>`: a labelled-synthetic optical study to try `zaoshai screen` on. */
import path from 'node:path'
import { writeOpticalStudy } from '../src/app/tiny-optical-study.ts'

const [folder] = process.argv.slice(2)
if (folder === undefined) {
  console.error('Name the folder to write to: node scripts/synthetic-study.ts <folder>')
  process.exit(2)
}
await writeOpticalStudy(folder, 7)
console.log(`Written: ${path.resolve(folder)} (synthetic). Next: npx zaoshai screen ${folder} --out report`)
