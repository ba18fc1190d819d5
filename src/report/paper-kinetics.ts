import type { Column, Content, ContentStack } from 'pdfmake/interfaces.js'
import { ABSENCE_WORDS, isAbsent } from '#core/absent.ts'
import type { Report } from '#core/report.ts'
import type { ColourScale, Rgb } from './colour-scale.ts'
import { curvePlot, LINE_KINDS, type LineKind, lineSample } from './curve-plot.ts'
import type { Assets } from './figures.ts'
import {
  coursesOf,
  type ImageCourse,
  KINETICS_HEADING,
  KINETICS_NOTE,
  type PrintedMap,
  type RegionCourse,
} from './kinetics.ts'
import { joined } from './labels.ts'
import { headed, PAPER_FONT, type Say, TEXT_WIDTH, together } from './paper.ts'
import { valuePaper } from './paper-tables.ts'

const [MAPS_IN_A_ROW, MAP_GAP, MAP_HEIGHT, BAR_HEIGHT] = [3, 14, 150, 6]
const MAP_WIDTH = (TEXT_WIDTH - (MAPS_IN_A_ROW - 1) * MAP_GAP) / MAPS_IN_A_ROW
const PLOT_WIDTH = 330
const SAMPLE_WIDTH = 30

/** Curves, maps and numbers of every image that came with a sequence. */
export function kineticsPaper(report: Report, assets: Assets, say: Say): Content[] {
  const courses = coursesOf(report, assets)
  if (courses.length === 0) return []
  const [first, ...rest] = courses.flatMap((course) => imagePaper(course, say))
  const note: Content = { text: say(KINETICS_NOTE), style: 'note' }
  return headed(say(KINETICS_HEADING), [{ stack: [note, first ?? ''] }, ...rest])
}

function imagePaper(course: ImageCourse, say: Say): Content[] {
  const { title, sentences, maps, regions, why } = course
  const top: Content[] = [
    { text: say(title), style: 'subheading', margin: [0, 6, 0, 2] },
    ...sentences.map((sentence) => ({ text: say(sentence) })),
  ]
  return [
    together([...top, ...(maps.length > 0 ? [mapsPaper(course, say)] : [])]),
    ...(regions.length === 0 ? [{ text: say(why), style: 'note' }] : []),
    ...regions.flatMap((region) => regionPaper(region, course.baselineFrames, say)),
  ]
}

function mapsPaper({ maps, image }: ImageCourse, say: Say): Content {
  const { width, height } = image.size
  const scale = Math.min(MAP_WIDTH / width, MAP_HEIGHT / height)
  const size = { width: width * scale, height: height * scale }
  return {
    columns: maps.map((map) => ({ width: MAP_WIDTH, ...mapPaper(map, size, say) })),
    columnGap: MAP_GAP,
    margin: [0, 6, 0, 6],
  }
}

function mapPaper(map: PrintedMap, size: { width: number; height: number }, say: Say): ContentStack {
  return {
    stack: [
      { image: map.href, ...size },
      { text: say(map.caption), style: 'note', margin: [0, 2, 0, 2] },
      { canvas: [{ type: 'rect', x: 0, y: 0, w: size.width, h: BAR_HEIGHT, linearGradient: map.scale.map(hexOf) }] },
      {
        style: 'note',
        columnGap: 0,
        columns: [
          { text: map.low, width: size.width / 2 },
          { text: map.high, width: size.width / 2, alignment: 'right' },
        ],
      },
    ],
  }
}

function hexOf([red, green, blue]: Rgb | ColourScale[number]): string {
  return `#${[red, green, blue].map((value) => value.toString(16).padStart(2, '0')).join('')}`
}

function regionPaper(course: RegionCourse, baselineFrames: number, say: Say): Content[] {
  const { title, caption, legend, notes, temporal, table } = course
  if (isAbsent(temporal)) return [{ text: say(joined(title, ABSENCE_WORDS[temporal.absent])) }]
  const { text } = curvePlot(temporal, baselineFrames, 'plot')
  const plot: Content[] = text === '' ? [] : [{ svg: text, width: PLOT_WIDTH, font: PAPER_FONT } as Content]
  return [
    together([
      ...plot,
      { text: say(caption), style: 'note' },
      ...(legend.length > 1 && plot.length > 0 ? [legendPaper(legend, say)] : []),
      ...notes.map((note) => ({ text: say(note), style: 'note' })),
    ]),
    ...(table === undefined ? [] : [valuePaper(table, TEXT_WIDTH, say)]),
  ]
}

function legendPaper(legend: readonly LineKind[], say: Say): Content {
  const entries = legend.flatMap((kind): Column[] => [
    { svg: lineSample(kind).text, width: SAMPLE_WIDTH, margin: [0, 4, 0, 0] },
    { text: say(LINE_KINDS[kind].words), style: 'note', width: 'auto' },
  ])
  return { columns: entries, columnGap: 6 }
}
