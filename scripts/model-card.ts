import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { cardOf } from '#app/models-card.ts'
import { readScoreModel } from '#app/scorer.ts'
import { DEFAULT_MODEL, parseModelFile } from '#sam/model.ts'
import { printSummary, type Summary } from '#training/summary.ts'
import { scoreListing } from './score-listing.ts'

const CARD = fileURLToPath(new URL('../docs/model-card.md', import.meta.url))
const BLOCK = /(<!-- from the model: ([a-z-]+) -->\n).*?(<!-- end -->)/gs

/** The card of the default model as a person wrote it, with what the model file itself tells put in between the marks. */
export function modelCardPage(): string {
  const { name, sha256, bytes, figures } = cardOf(
    parseModelFile(readFileSync(DEFAULT_MODEL), 'zaoshai-default.safetensors'),
    DEFAULT_MODEL,
  )
  const megabytes = (bytes / 1e6).toFixed(1)
  const blocks: Readonly<Record<string, string>> = {
    identity: `\`${name}\`, \`models/zaoshai-default.safetensors\`: ${megabytes} MB, half precision, SHA-256\n\`${sha256}\`.\n`,
    score: scoreListing(readScoreModel()),
    figures: listing(figures?.summary),
    'figures-without-gate': listing(figures?.withoutPresenceGate),
  }
  return readFileSync(CARD, 'utf8').replace(BLOCK, (all, begin, block, end) =>
    blocks[block] === undefined ? all : `${begin}\n${blocks[block]}\n${end}`,
  )
}

function listing(summary: Summary | null | undefined): string {
  return summary == null ? 'The model file holds none.\n' : `\`\`\`text\n${printSummary(summary)}\`\`\`\n`
}
