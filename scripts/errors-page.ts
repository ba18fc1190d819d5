import { ERRORS } from '#core/errors.ts'

/** The text of `docs/errors.md`: every code of the table with its cause and remedy, in alphabetical order. */
export function errorsPage(): string {
  const sections = Object.entries(ERRORS)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([code, { cause, remedy }]) => `## ${code}\n\n${cause}\n\n**Remedy.** ${remedy}\n`)
  return `${HEAD}\n${sections.join('\n')}`
}

const HEAD = `# Error codes

Every error of this software has a code from \`src/core/errors.ts\`, of which this page is written by
\`npm run docs -- --write\`. A message reads \`CODE: cause remedy (fact=value, ...)\`. Facts name files, shapes and
settings, never a person.
`
