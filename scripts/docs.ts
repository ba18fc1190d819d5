/**
 * Documents that are written from code. `npm run docs` fails when one has drifted from its source;
 * `npm run docs -- --write` writes them.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { reportJsonSchema } from '#core/report.ts'
import { errorsPage } from './errors-page.ts'
import { featuresPage } from './features-page.ts'
import { modelCardPage } from './model-card.ts'
import { lintConfiguration } from './rooms.ts'

const GENERATED: Record<string, () => string> = {
  'biome.rooms.json': () => `${JSON.stringify(lintConfiguration(), null, 2)}\n`,
  'docs/errors.md': errorsPage,
  'docs/features.md': featuresPage,
  'docs/model-card.md': modelCardPage,
  'docs/report.schema.json': () => `${JSON.stringify(reportJsonSchema(), null, 2)}\n`,
}

/** The generated files that differ from what their source says now. */
export function drifted(): string[] {
  return Object.keys(GENERATED).filter(
    (file) => !existsSync(path(file)) || readFileSync(path(file), 'utf8') !== text(file),
  )
}

function text(file: string): string {
  return GENERATED[file]?.() ?? ''
}

function path(file: string): string {
  return fileURLToPath(new URL(`../${file}`, import.meta.url))
}

if (import.meta.main) {
  const files = drifted()
  if (process.argv.includes('--write')) {
    for (const file of files) writeFileSync(path(file), text(file))
    console.log(files.length === 0 ? 'All written documents are up to date.' : `Written: ${files.join(', ')}`)
  } else if (files.length > 0) {
    console.error(`Drifted from the code: ${files.join(', ')}. Write them again with: npm run docs -- --write`)
    process.exitCode = 1
  } else {
    console.log('All written documents say what the code says.')
  }
}
