import type { EpochRecord } from './run-folder.ts'

interface Curve {
  readonly name: string
  readonly colour: string
  readonly dashed?: boolean
  readonly read: (record: EpochRecord) => number | null
}

const AGREEMENT: readonly Curve[] = [
  { name: 'Dice, val', colour: '#0b6e4f', read: (record) => record.val.dice },
  { name: 'IoU, val', colour: '#0b6e4f', dashed: true, read: (record) => record.val.iou },
  { name: 'Dice, train', colour: '#c1440e', read: (record) => record.train.dice },
  { name: 'IoU, train', colour: '#c1440e', dashed: true, read: (record) => record.train.iou },
  { name: 'presence AUC, val', colour: '#3a5a9b', read: (record) => record.presenceAuc },
]
const LOSS_COLOURS = ['#222222', '#0b6e4f', '#c1440e', '#3a5a9b', '#8a5fa8', '#a8893a', '#4a9ba8']

const PLOT = { width: 720, height: 320, left: 56, right: 16, top: 16, bottom: 44 } as const

/** A self-contained HTML page that draws a run: agreement and losses over the epochs, and the table behind them. */
export function learningCurvePage(history: readonly EpochRecord[]): string {
  const lossNames = Object.keys(history[0]?.losses ?? {}).filter((name) => name !== 'gradientNorm')
  const losses = lossNames.map((name, i): Curve => {
    return { name, colour: LOSS_COLOURS[i % LOSS_COLOURS.length]!, read: (record) => record.losses[name] ?? null }
  })
  const highest = Math.max(0.1, ...history.flatMap((record) => lossNames.map((name) => record.losses[name] ?? 0)))
  const best = history.findLast((record) => record.best)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Learning curve</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; max-width: 760px; margin: 2rem auto; padding: 0 1rem; color: #222; }
svg { width: 100%; height: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; width: 100%; }
th, td { padding: 0.2rem 0.5rem; text-align: right; border-bottom: 1px solid #ddd; }
tr.best td { font-weight: 600; background: #eef6f2; }
.legend span { margin-right: 1.2em; white-space: nowrap; }
</style>
</head>
<body>
<h1>Learning curve</h1>
<p>${best === undefined ? 'No epoch is done yet.' : `${history.length} epochs; the best is epoch ${best.epoch + 1}: Dice ${best.val.dice.toFixed(3)}, IoU ${best.val.iou.toFixed(3)} on ${best.val.images} validation lesions, near-duplicates included.`}</p>
<h2>Agreement with the doctors' outlines</h2>
${plot(history, AGREEMENT, 1)}
<h2>Losses</h2>
${plot(history, losses, highest)}
<h2>Epochs</h2>
${table(history)}
</body>
</html>
`
}

function plot(history: readonly EpochRecord[], curves: readonly Curve[], top: number): string {
  const { width, height, left, right, bottom } = PLOT
  const last = Math.max(history.length - 1, 1)
  const x = (index: number) => left + (index / last) * (width - left - right)
  const y = (value: number) => height - bottom - (value / top) * (height - bottom - PLOT.top)
  const grid = Array.from({ length: 6 }, (_, i) => {
    const value = (top * i) / 5
    const at = y(value).toFixed(1)
    return `<line x1="${left}" x2="${width - right}" y1="${at}" y2="${at}" stroke="#e2e2e2"/><text x="${left - 8}" y="${at}" dy="4" text-anchor="end">${value.toFixed(top < 2 ? 2 : 1)}</text>`
  })
  const every = Math.ceil(history.length / 12)
  const ticks = history.map((record, i) =>
    i % every === 0
      ? `<text x="${x(i).toFixed(1)}" y="${height - bottom + 18}" text-anchor="middle">${record.epoch + 1}</text>`
      : '',
  )
  const lines = curves.map(({ colour, dashed, read }) => {
    const points = history.flatMap((record, i) => {
      const value = read(record)
      return value === null ? [] : [`${x(i).toFixed(1)},${y(value).toFixed(1)}`]
    })
    const dash = dashed === true ? ' stroke-dasharray="5 4"' : ''
    const dots = points.length === 1 ? circle(points[0]!, colour) : ''
    return `<polyline points="${points.join(' ')}" fill="none" stroke="${colour}" stroke-width="2"${dash}/>${dots}`
  })
  const legend = curves.map(
    ({ name, colour, dashed }) => `<span style="color:${colour}">${dashed === true ? '╌╌' : '━━'} ${name}</span>`,
  )
  return `<p class="legend">${legend.join('')}</p>
<svg viewBox="0 0 ${width} ${height}" role="img" font-size="12" fill="#222">${[...grid, ...ticks, ...lines].join('')}<text x="${width / 2}" y="${height - 6}" text-anchor="middle">epoch</text></svg>`
}

function circle(point: string, colour: string): string {
  const [cx, cy] = point.split(',')
  return `<circle cx="${cx}" cy="${cy}" r="3" fill="${colour}"/>`
}

function table(history: readonly EpochRecord[]): string {
  const head = ['epoch', 'loss', 'Dice train', 'Dice val', 'IoU val', 'presence AUC', 'seconds']
  const rows = history.map((record) => {
    const cells = [
      record.epoch + 1,
      (record.losses.total ?? Number.NaN).toFixed(3),
      record.train.dice.toFixed(3),
      record.val.dice.toFixed(3),
      record.val.iou.toFixed(3),
      record.presenceAuc === null ? 'none' : record.presenceAuc.toFixed(3),
      record.seconds.toFixed(0),
    ]
    return `<tr${record.best ? ' class="best"' : ''}>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`
  })
  return `<table><thead><tr>${head.map((name) => `<th>${name}</th>`).join('')}</tr></thead><tbody>${rows.join('')}</tbody></table>`
}
