/** The look of the page: calm, legible, and the same on paper. Colours hold a contrast of at least 4.5 to 1 on their ground. */
export const STYLE = `
:root {
  --ink: #1c2730; --soft: #51606c; --faint: #c9d2d9; --line: #dde4e9; --ground: #f5f7f8; --sheet: #ffffff;
  --accent: #0f5f73; --caution: #7a4a00; --caution-ground: #fdf5e4; --caution-line: #e3b24a; --outline: #ffc233;
  --latin: "Inter", "Segoe UI", "Helvetica Neue", Arial;
  --han: "Source Han Sans SC", "Noto Sans SC", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei";
}
* { box-sizing: border-box; }
html { background: var(--ground); color: var(--ink); font: 15px/1.55 var(--latin), var(--han), sans-serif; }
body { margin: 0; }
main, body > header, body > footer { max-width: 1120px; margin: 0 auto; padding: 0 28px; }
h1, h2, h3, p, figure, table, ul, dl, dd { margin: 0; }
h1 { font-size: 26px; line-height: 1.25; font-weight: 650; letter-spacing: .01em; }
h2 { font-size: 18px; font-weight: 650; margin: 0 0 14px; }
h3 { font-size: 15px; font-weight: 650; }
:root:has(#show-zh:checked) .en, :root:has(#show-en:checked) .zh { display: none; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

body > header { padding-top: 34px; padding-bottom: 20px; }
.masthead { display: flex; justify-content: space-between; align-items: flex-start; gap: 24px; }
.masthead p { color: var(--soft); }
.language { border: 1px solid var(--faint); border-radius: 999px; padding: 3px; margin: 0; display: flex; background: var(--sheet); }
.language label { padding: 3px 14px; border-radius: 999px; cursor: pointer; color: var(--soft); }
.language label:has(:checked) { background: var(--accent); color: #fff; }
.language label:has(:focus-visible) { outline: 2px solid var(--accent); outline-offset: 2px; }
.facts { display: flex; flex-wrap: wrap; gap: 6px 34px; margin-top: 18px; padding-top: 14px; border-top: 2px solid var(--accent); }
.facts div { display: flex; gap: 8px; }
.facts dt { color: var(--soft); }
.facts dd { font-weight: 600; overflow-wrap: anywhere; }

section { background: var(--sheet); border: 1px solid var(--line); border-radius: 10px; padding: 22px 24px; margin-bottom: 18px; }
.notices { list-style: none; padding: 0; display: grid; gap: 8px; }
.notices li { padding: 9px 14px; border-left: 4px solid var(--accent); background: var(--ground); }
.notices li.caution { border-color: var(--caution-line); background: var(--caution-ground); color: var(--caution); font-weight: 600; }

.pair { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 20px 24px; align-items: start; }
.card { border: 1px solid var(--line); border-radius: 8px; padding: 14px 16px; height: 100%; }
.card h3 { display: flex; justify-content: space-between; gap: 12px; font-size: 17px; }
.card dl { margin-top: 10px; display: grid; grid-template-columns: auto 1fr; gap: 2px 18px; }
.card dt { color: var(--soft); }
.card dd { text-align: right; font-variant-numeric: tabular-nums; }
.card p { margin-top: 10px; color: var(--caution); }
.badge { font-size: 13px; font-weight: 600; padding: 1px 10px; border-radius: 999px; border: 1px solid var(--accent); color: var(--accent); white-space: nowrap; }
.badge.caution { border-color: var(--caution-line); background: var(--caution-ground); color: var(--caution); }

.side-title { color: var(--soft); font-weight: 600; font-size: 14px; }
.stack { display: grid; gap: 18px; min-width: 0; }
figure { min-width: 0; }
figure svg { display: block; width: 100%; max-height: 560px; background: #000; border-radius: 6px; }
figcaption { display: flex; justify-content: space-between; gap: 4px 14px; flex-wrap: wrap; margin-top: 7px; font-size: 13px; color: var(--soft); overflow-wrap: anywhere; }
.casing, .edge { fill: none; vector-effect: non-scaling-stroke; stroke-linejoin: round; }
.casing { stroke: #000; stroke-opacity: .65; stroke-width: 4px; }
.edge { stroke: var(--outline); stroke-width: 1.8px; }
.nipple { fill: none; stroke: #7fd8ff; stroke-width: 1.6px; vector-effect: non-scaling-stroke; }
.breast { fill: none; stroke: #fff; stroke-opacity: .35; stroke-width: 1px; vector-effect: non-scaling-stroke; }
.muscle { stroke: #fff; stroke-opacity: .7; stroke-width: 1.2px; stroke-dasharray: 6 4; vector-effect: non-scaling-stroke; }
.nipple.proposed { stroke-dasharray: 4 4; }
.distance { stroke: #7fd8ff; stroke-width: 1.2px; stroke-dasharray: 5 3; vector-effect: non-scaling-stroke; }
.number { fill: var(--outline); stroke: #000; stroke-opacity: .75; paint-order: stroke; font-weight: 700; font-family: var(--latin), sans-serif; }
.empty { border: 1px dashed #8a98a3; border-radius: 6px; background: var(--ground); color: var(--soft); display: grid; place-content: center; text-align: center; min-height: 150px; padding: 20px; }
.empty strong { color: var(--caution); font-size: 17px; }
.quality { list-style: none; padding: 0; margin-top: 8px; font-size: 13px; display: grid; gap: 4px; }
.quality li { padding: 4px 10px; border-left: 3px solid var(--faint); background: var(--ground); }
.quality li.repeat { border-color: var(--caution-line); background: var(--caution-ground); color: var(--caution); }
.said { margin-top: 8px; font-size: 14px; }

.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 13.5px; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: 650; padding: 12px 0 4px; overflow-wrap: anywhere; }
th, td { text-align: left; padding: 4px 8px 4px 0; border-bottom: 1px solid var(--line); vertical-align: top; font-weight: 400; overflow-wrap: break-word; }
thead th { color: var(--soft); font-weight: 600; border-bottom-color: var(--faint); }
.lesion th[scope="rowgroup"] { color: var(--accent); font-weight: 650; width: 24%; }
.lesion tbody tr:last-child > * { border-bottom-color: #9fb0bb; }
th.value { text-align: right; padding-right: 0; padding-left: 8px; }
td.value { text-align: right; white-space: nowrap; padding-right: 0; font-weight: 600; }
caption small { font-weight: 400; color: var(--soft); font-size: .9em; }
td.value + td.value, th.value + th.value { padding-left: 12px; }
td.absent { text-align: right; color: var(--soft); padding-right: 0; }
.maps { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 14px 18px; margin-top: 12px; }
.scale { display: flex; align-items: center; gap: 8px; font-size: 13px; color: var(--soft); margin-top: 4px; white-space: nowrap; }
figure .scale .bar { flex: 1; width: auto; min-width: 0; height: 10px; border-radius: 2px; background: none; }
.course { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 18px 24px; align-items: start; margin-top: 16px; }
figure svg.plot { background: none; border-radius: 0; max-height: none; }
.legend { display: flex; flex-wrap: wrap; gap: 2px 14px; } .legend > span { display: inline-flex; align-items: center; gap: 6px; }
figure svg.sample { width: 30px; height: 8px; background: none; border-radius: 0; flex: none; }
.plot text { font-family: var(--latin), sans-serif; }
th.code, td.code { min-width: 92px; overflow-wrap: anywhere; }
.kinetics h3 { margin: 20px 0 6px; } .kinetics h2 + .note { margin-top: -6px; }
.note { color: var(--soft); font-size: 13px; margin-top: 10px; overflow-wrap: anywhere; }
.measured h3 { margin: 22px 0 8px; padding-top: 14px; border-top: 1px solid var(--faint); }
.measured h2 + .note { margin-top: -6px; }
.mono { font-family: ui-monospace, "SF Mono", Menlo, Consolas, monospace; font-size: 12px; overflow-wrap: anywhere; }
.reading { display: grid; gap: 18px; }
.reading div { border-bottom: 1px solid var(--soft); padding-top: 30px; }
.reading .space { min-height: 110px; padding-top: 0; }
.signatures { display: grid; grid-template-columns: 1fr 1fr; gap: 28px; }
body > footer { color: var(--soft); font-size: 13px; overflow-wrap: anywhere; padding-top: 4px; padding-bottom: 40px; }

@media (max-width: 700px) {
  main, body > header, body > footer { padding-left: 14px; padding-right: 14px; }
  .masthead, .signatures { display: block; }
  .language { width: max-content; margin-top: 12px; }
  section { padding: 16px 14px; }
  .pair { gap: 14px; }
  .pair.tables, .pair.cards, .course, .maps { grid-template-columns: minmax(0, 1fr); }
}
@page { size: A4; margin: 14mm 13mm 16mm; @bottom-right { content: counter(page) " / " counter(pages); font: 9pt sans-serif; color: #51606c; } }
@media print {
  html { background: none; font-size: 9.5pt; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  main, body > header, body > footer { max-width: none; padding: 0; }
  body > header { padding-bottom: 10pt; }
  .language { display: none; }
  section { border: 0; border-radius: 0; padding: 0; margin: 0 0 10pt; }
  h1 { font-size: 18pt; } h2 { font-size: 12pt; margin-bottom: 5pt; break-after: avoid; border-bottom: 1px solid var(--faint); padding-bottom: 3pt; }
  h3, .card h3 { font-size: 11pt; }
  .pair { gap: 10pt 14pt; }
  figure, table, .row, .card, .notices li, .reading, tr { break-inside: avoid; }
  caption, thead { break-after: avoid; }
  figure svg { max-height: 80mm; }
  table { font-size: 8.3pt; line-height: 1.35; } th, td { padding: 1.2pt 6pt 1.2pt 0; } caption { padding-top: 2pt; }
  .stack { gap: 8pt; }
  figcaption, .quality, .note, .side-title { font-size: 8.4pt; }
  .empty { min-height: 40mm; }
  .reading { gap: 8px; } .reading .space { min-height: 56px; } .reading .signatures { padding-top: 18px; }
  .measured { break-before: page; }
  .measured h3 { margin: 10pt 0 3pt; padding-top: 6pt; } .measured .note + h3 { border: 0; padding: 0; margin-top: 4pt; }
  .measured h3, .measured .side-title { break-after: avoid; }
  .measured .stack { display: block; } .measured table { margin-bottom: 8pt; }

}
`
