import { describe, expect, test } from 'vitest'
import { ABSENCE_WORDS, absent, isAbsent } from '#core/absent.ts'
import { CODED_FEATURE_NAMES, codedDeclarationOf } from '#core/coded-features.ts'
import { CONFIDENCE, CONFIDENCE_NAMES } from '#core/confidence.ts'
import { declarationOf, FEATURE_NAMES, FEATURES, type FeatureValue } from '#core/features.ts'
import { RED_FLAGS } from '#core/intake.ts'
import { INTAKE_LABELS } from '#core/intake-words.ts'
import { NOTICE_WORDS } from '#core/notices.ts'
import { type ReadImage, Report } from '#core/report.ts'
import { CATEGORIES } from '#core/score.ts'
import { renderHtml } from './page.ts'
import { assetsOf, HOSTILE, readImage, SAMPLES, sampleReport } from './samples.ts'
import { printNumber } from './tables.ts'

function render(report: Report): string {
  return renderHtml(report, assetsOf(report), { language: 'zh' })
}

/** The one sentence in which the software may say negative: to deny it. */
const SANCTIONED = Object.values(NOTICE_WORDS['nothing-marked'])
const FORBIDDEN = /benign|malignan|normal|negative|良性|恶性|正常|阴性|BI-?RADS/i

function spoken(text: string): string {
  return SANCTIONED.reduce((rest, sentence) => rest.replaceAll(sentence, ''), text)
}

describe.each(Object.entries(SAMPLES))('the page of %s', (_, report) => {
  const page = render(report)

  test('says no word that the software may not say', () => {
    expect(FORBIDDEN.exec(spoken(page))?.[0]).toBeUndefined()
    const json = spoken(JSON.stringify(report)).replaceAll('no-normal-training-data', '')
    expect(FORBIDDEN.exec(json)?.[0]).toBeUndefined()
  })

  test('says in both languages that a doctor decides', () => {
    expect(page).toContain(NOTICE_WORDS.assists.zh)
    expect(page).toContain(NOTICE_WORDS.assists.en)
  })

  test('names the model, and asks for nothing from anywhere', () => {
    expect(page).toContain(report.model.sha256)
    expect(page).not.toMatch(/<script|<link|<iframe|@import|url\(|https?:|\bon[a-z]+="/i)
    expect([...page.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, to]) => to?.slice(0, 15))).toEqual(
      [...page.matchAll(/<image /g)].map(() => 'data:image/png;'),
    )
  })

  test('has no style at a single element: its own policy forbids them', () => {
    expect(page).not.toMatch(/<[^>]+\sstyle=/)
  })

  test('has both sides, the right breast on the left of the page', () => {
    expect(page.indexOf('Right breast')).toBeLessThan(page.indexOf('Left breast'))
    expect(page.indexOf('Right breast')).toBeGreaterThan(0)
  })

  test('says everything in both languages', () => {
    expect(page.match(/class="zh"/g)?.length).toBe(page.match(/class="en"/g)?.length)
    expect(page).not.toMatch(/undefined|NaN|\[object/)
  })

  test('is valid by its own schema', () => {
    expect(Report.parse(JSON.parse(JSON.stringify(report)))).toEqual(report)
  })
})

test('a score is never rounded to none or to certainty', () => {
  const of = (presence: number) => {
    const images = [readImage({ side: 'R', view: 'unspecified', modality: 'US', over: { presence } })]
    return render(sampleReport(images))
  }
  expect(of(0.001)).toContain('>&lt; 0.01</td>')
  expect(of(0.999)).toContain('>&gt; 0.99</td>')
  expect(of(0.5)).toContain('>0.50</td>')
})

test('what asks for referral stands first, and every answer is told, also that one is not known', () => {
  const page = render(SAMPLES['an intake with red flags']!)
  const referral = page.indexOf(NOTICE_WORDS['referral-advised'].en)
  expect(referral).toBeGreaterThan(0)
  expect(referral).toBeLessThan(page.indexOf(NOTICE_WORDS.assists.en))
  expect(page).toContain(RED_FLAGS['family-history'].words.zh)
  for (const { en } of Object.values(INTAKE_LABELS))
    expect(page).toContain(`<span class="en" lang="en">${en}</span></th>`)
  expect(page).toContain(
    '<span class="en" lang="en">Menopause</span></th><td class=""><span class="zh" lang="zh-CN">不详</span>',
  )
  expect(render(sampleReport([]))).toContain(ABSENCE_WORDS['intake-not-given'].en)
})

test('a score is told of both sides and of the woman, hers that of the worse side, with every reason and its sign', () => {
  const report = SAMPLES['a score of two sides, at a stated prevalence']!
  expect(report.score).toMatchObject({ side: 'L', score: 99.7, image: 'L-US', lesion: 1 })
  const page = render(report)
  for (const text of [
    '+0.90',
    '−0.50',
    '0.81',
    '1.2%',
    '62%',
    CATEGORIES['4C'].followUp.zh,
    CATEGORIES['3'].followUp.zh,
  ]) {
    expect(page).toContain(text)
  }
  expect(page).toContain('<td class="value">&gt; 99</td>')
  expect(page).toContain(ABSENCE_WORDS['surroundings-not-visible'].en)
  expect(render(sampleReport([readImage({ side: 'L' })]))).toContain(ABSENCE_WORDS['risk-not-validated'].zh)
})

test('one picture of both breasts says so, and the entry of a proposed nipple names its side', () => {
  const report = SAMPLES['one thermogram of both breasts']!
  const page = render(report)
  expect(page.match(/The picture shows both breasts/g)).toHaveLength(2)
  expect(page).not.toContain('thin line')
  expect(page).toContain('&quot;nipplePx&quot;: { &quot;R&quot;: { &quot;x&quot;: 120.5, &quot;y&quot;: 210 } }')
  const breast = [
    [0, 0],
    [9, 0],
    [5, 9],
  ].map(([x, y]) => ({ x: x!, y: y! }))
  const drawn = new Map([...assetsOf(report)].map(([id, asset]) => [id, { ...asset, breast: [breast] }]))
  const withLine = renderHtml(report, drawn, { language: 'zh' })
  expect(withLine.match(/the thin line is around the one of this side/g)).toHaveLength(2)
})

test('a proposed nipple is drawn dashed, said to be unconfirmed, and its value stands there to be copied', () => {
  const page = render(SAMPLES['a nipple that is proposed, and one that is not found']!)
  expect(page.match(/<circle class="nipple proposed" cx="120.5" cy="210"/g)).toHaveLength(1)
  expect(page).not.toContain('<circle class="nipple"')
  expect(page).toContain('unconfirmed; confidence 0.53')
  expect(page).toContain('未经确认，可信度 0.53')
  expect(page).toContain('&quot;nipplePx&quot;: { &quot;x&quot;: 120.5, &quot;y&quot;: 210 }')
  expect(page).toContain('No nipple proposed: No place of this side looks enough like a nipple.')
  expect(render(SAMPLES['mammography of both sides']!)).not.toContain('nipple proposed"')
})

test('a proposal on a kind of image on which the method was not validated says so', () => {
  const proposal = { point: { x: 1, y: 2 }, confidence: 0.9, validated: false }
  const over = { nipplePx: absent('nipple-not-confirmed'), nippleProposal: proposal }
  const page = render(sampleReport([readImage({ side: 'R', over })]))
  expect(page).toContain('The method was not validated on this kind of image.')
  expect(page).toContain('此方法未在此类影像上经医生标注验证')
})

test('the edge of the muscle is drawn and named; where none was found nothing is', () => {
  const page = render(SAMPLES['an oblique mammogram with a muscle and a proposed nipple']!)
  expect(page).toContain('<line class="muscle" x1="140" y1="0" x2="0" y2="180"/>')
  expect(page).toContain('White dashed line: edge of the pectoral muscle as the software found it')
  expect(page).toContain('白色虚线：软件找到的胸大肌边缘')
  expect(page).toContain('The method was not validated on this kind of image.')
  expect(page).not.toContain('class="distance"')
  expect(render(SAMPLES['mammography of both sides']!)).not.toContain('class="muscle"')
})

test('hostile text stays text', () => {
  const page = render(SAMPLES['hostile text']!)
  expect(page).not.toContain(HOSTILE)
  expect(page).not.toMatch(/<script|<img/)
  expect(page).toContain('&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;')
})

test('a side without an image is shown as not imaged, and the examination as incomplete', () => {
  const page = render(SAMPLES['one calibrated ultrasound']!)
  expect(page).toContain(
    '<strong><span class="zh" lang="zh-CN">未检查</span><span class="en" lang="en">Not imaged</span></strong>',
  )
  expect(page).toContain(NOTICE_WORDS.incomplete.en)
})

test('every declared feature, number or word, but those of the record alone is printed once for each region, in millimetres where they are known and in pixels else', () => {
  for (const isCalibrated of [true, false]) {
    const page = render(sampleReport([readImage({ side: 'L', isCalibrated })]))
    for (const name of FEATURE_NAMES) {
      const { label, recordOnly } = declarationOf(name)
      expect(page.split(`<span class="en" lang="en">${label.en}</span></th>`)).toHaveLength(recordOnly ? 1 : 2)
    }
    for (const name of CODED_FEATURE_NAMES) {
      const { label } = codedDeclarationOf(name)
      expect(page.split(`<span class="en" lang="en">${label.en}</span></th>`), name).toHaveLength(2)
    }
    expect(page.includes(' mm</td>')).toBe(isCalibrated)
    expect(page.includes(' px</td>')).toBe(!isCalibrated)
  }
})

test('what another kind of image alone has is not printed, any other absence is', () => {
  const image = readImage({ side: 'L' })
  if (isAbsent(image.marking)) throw new Error('the sample has a lesion')
  const [lesion] = image.marking.lesions
  const contrast = { ...lesion!.features.contrast, posteriorAcousticRatio: absent('not-for-this-modality') }
  const given = (gcnr: FeatureValue) => {
    const lesions = [{ ...lesion!, features: { ...lesion!.features, contrast: { ...contrast, gcnr } } }]
    return render(sampleReport([{ ...image, marking: { ...image.marking, lesions } as ReadImage['marking'] }]))
  }
  const page = given(absent('region-too-small'))
  expect(page).not.toContain(FEATURES.posteriorAcousticRatio.label.en)
  expect(page).toContain(ABSENCE_WORDS['region-too-small'].en)
})

test('every region says how far its outline can be trusted, or why that is not said', () => {
  for (const isCalibrated of [true, false]) {
    const page = render(sampleReport([readImage({ side: 'L', isCalibrated })]))
    for (const label of new Set(CONFIDENCE_NAMES.map((name) => CONFIDENCE[name].label.en))) {
      expect(page.split(`<span class="en" lang="en">${label}</span></th>`)).toHaveLength(2)
    }
    expect(page).toContain('<td class="value">0.81</td>')
  }
  const image = readImage({ side: 'L' })
  const text = JSON.stringify(image).replaceAll(
    JSON.stringify({ value: 0.81, unit: '1' }),
    JSON.stringify(absent('confidence-not-calibrated')),
  )
  expect(render(sampleReport([JSON.parse(text)]))).toContain(ABSENCE_WORDS['confidence-not-calibrated'].en)
})

test('beyond three regions on an image the smaller ones share a table', () => {
  const page = render(sampleReport([readImage({ side: 'L', lesions: 10 })]))
  expect(page.match(/<table class="lesion">/g)).toHaveLength(3)
  expect(page).toContain('<th scope="row">10</th>')
})

test('the page opens in the language asked for', () => {
  const report = sampleReport([])
  expect(renderHtml(report, new Map(), { language: 'en' })).toContain('id="show-en" checked')
  expect(renderHtml(report, new Map(), { language: 'zh' })).toContain('id="show-zh" checked')
})

test('numbers have a true minus sign and no minus before zero', () => {
  expect([printNumber(-1.25, 1), printNumber(-0.001, 2), printNumber(12.345, 2)]).toEqual(['−1.3', '0.00', '12.35'])
})
