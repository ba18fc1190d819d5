import { declarationOf, FEATURE_GROUP_WORDS, FeatureGroup, type FeatureName, featuresOf } from '#core/features.ts'

/** The text of `docs/features.md`: every declared feature with unit, method and source, by group. */
export function featuresPage(): string {
  const groups = FeatureGroup.options.flatMap((group) => {
    const names = featuresOf(group)
    const { zh, en } = FEATURE_GROUP_WORDS[group]
    return names.length === 0 ? [] : [`## ${en} (${zh})\n\n${names.map(entry).join('\n')}`]
  })
  return `${HEAD}\n${groups.join('\n')}`
}

function entry(name: FeatureName): string {
  const { label, unit, method, source, code, recordOnly } = declarationOf(name)
  const coded = code === undefined ? '' : ` Code: ${code.scheme} ${code.value}.`
  const where = recordOnly ? ' In the record only.' : ''
  return `### ${name}\n\n${label.en} (${label.zh}), unit \`${unit}\`.${coded}${where}\n\n${method}.\n\nSource: ${source}.\n`
}

const HEAD = `# Features

What is measured of every marked region, as declared in \`src/core/features.ts\`, of which this page is written by
\`npm run docs -- --write\`; \`zaoshai features\` prints the same and \`zaoshai measure\` measures it. A value that cannot be
had is absent with a reason; it is never 0 instead. Lengths and areas stand twice: in millimetres where the pixel spacing
is known, and on the pixel grid. Forms are measured in millimetres where the spacing is known and on the grid elsewhere.
`
