import { type CodedFeatureName, codedDeclarationOf, codedFeaturesOf } from '#core/coded-features.ts'
import {
  COMPARISON_NAMES,
  COMPARISONS,
  type ComparisonName,
  declarationOf,
  FEATURE_GROUP_WORDS,
  FeatureGroup,
  type FeatureName,
  featuresOf,
} from '#core/features.ts'
import {
  KINETIC_FEATURE_NAMES,
  KINETIC_FEATURES,
  type KineticFeatureName,
  kineticUnitInWords,
} from '#core/kinetic-features.ts'

/** The text of `docs/features.md`: every declared feature with unit, method and source, by group. */
export function featuresPage(): string {
  const groups = FeatureGroup.options.flatMap((group) => {
    const entries =
      group === 'temporal'
        ? KINETIC_FEATURE_NAMES.map(kineticEntry)
        : [...featuresOf(group).map(entry), ...codedFeaturesOf(group).map(codedEntry)]
    const { zh, en } = FEATURE_GROUP_WORDS[group]
    return [`## ${en} (${zh})\n\n${entries.join('\n')}`]
  })
  return `${HEAD}\n${groups.join('\n')}\n${COMPARED}\n${COMPARISON_NAMES.map(comparison).join('\n')}`
}

function comparison(name: ComparisonName): string {
  const { label, unit, method } = COMPARISONS[name]
  return `### ${name}\n\n${label.en} (${label.zh}), unit \`${unit}\`.\n\n${method}.\n`
}

function entry(name: FeatureName): string {
  const { label, unit, method, source, code, recordOnly } = declarationOf(name)
  const coded = code === undefined ? '' : ` Code: ${code.scheme} ${code.value}.`
  const where = recordOnly ? ' In the record only.' : ''
  return `### ${name}\n\n${label.en} (${label.zh}), unit \`${unit}\`.${coded}${where}\n\n${method}.\n\nSource: ${source}.\n`
}

function codedEntry(name: CodedFeatureName): string {
  const { label, method, source, values } = codedDeclarationOf(name)
  const words = Object.entries(values).map(
    ([word, { words, code }]) =>
      `- \`${word}\`: ${words.en} (${words.zh})${code === undefined ? '' : `, ${code.scheme} ${code.value}`}`,
  )
  return `### ${name}\n\n${label.en} (${label.zh}), one of:\n\n${words.join('\n')}\n\n${method}.\n\nSource: ${source}.\n`
}

function kineticEntry(name: KineticFeatureName): string {
  const { label, dimension, method, source } = KINETIC_FEATURES[name]
  const unit = kineticUnitInWords(dimension).replaceAll(/[^ ,]+/g, (word) => (word === 'or' ? word : `\`${word}\``))
  return `### ${name}\n\n${label.en} (${label.zh}), unit ${unit}.\n\n${method}.\n\nSource: ${source}.\n`
}

const COMPARED = `## Left against right (左右对比)

Of two images of the same view, one of each breast.
`

const HEAD = `# Features

What is measured of every marked region, as declared in \`src/core/features.ts\`, of which this page is written by
\`npm run docs -- --write\`; \`zaoshai features\` prints the same and \`zaoshai measure\` measures it. A value that cannot be
had is absent with a reason; it is never 0 instead. Lengths and areas stand twice: in millimetres where the pixel spacing
is known, and on the pixel grid. What changes over time is declared in \`src/core/kinetic-features.ts\` and measured where
the image came with a sequence ([sequence.md](sequence.md)). Forms are measured in millimetres where the spacing is known and on the grid elsewhere.
Words that a rule suggests carry \`suggested\` and wait for a doctor ([ADR 23](adr/0023-words-by-rule.md)).
On ultrasounds no grey is read where calipers or letters are drawn over ([ADR 24](adr/0024-burned-in-marks.md)).
Contrasts stand a second time for the image as the model sees it (\`contrastStandardised\`), but for the temperature.
`
