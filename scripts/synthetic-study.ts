/** `node scripts/synthetic-study.ts <folder>`: a labelled-synthetic optical study to try `zaoshai screen` on. */
import path from 'node:path'
import { writeOpticalStudy } from '#app/tiny-optical-study.ts'
import { usage } from './usage.ts'

const [folder] = process.argv.slice(2)
if (folder === undefined) usage('Name the folder to write to: node scripts/synthetic-study.ts <folder>')
await writeOpticalStudy(folder, 7)
console.log(`Written: ${path.resolve(folder)} (synthetic). Next: npx zaoshai screen ${folder} --out report`)
