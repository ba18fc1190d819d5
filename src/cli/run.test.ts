import { readFile } from 'node:fs/promises'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { ScreeningError } from '#core/errors.ts'
import { EXIT } from './exit-codes.ts'
import type { CommonOptions } from './options.ts'
import { run } from './run.ts'

/** Runs work that fails, and gives what was printed. */
async function failing(options: CommonOptions, work: () => Promise<never>) {
  const stdout = new PassThrough()
  const stderr = new PassThrough()
  const printed = Promise.all([text(stdout), text(stderr)])
  const code = await run({ stdout, stderr: stderr as unknown as NodeJS.WriteStream, env: {} }, options, work)
  stdout.end()
  stderr.end()
  const [out, err] = await printed
  return { code, out, err }
}

describe('an error without a code', () => {
  const missing = () => readFile('/nowhere/Zhang-San/1970.png').then(() => Promise.reject(new Error('it is there')))

  test('is printed by its kind and the system code, without the path in its sentence', async () => {
    const { code, out, err } = await failing({ json: true }, missing)
    expect(code).toBe(EXIT.nothingDone)
    expect(err).toMatch(/^INTERNAL: .+--debug.+ \(kind=Error, systemCode=ENOENT\)\n$/)
    expect(JSON.parse(out)).toMatchObject({
      error: { code: 'INTERNAL', facts: { kind: 'Error', systemCode: 'ENOENT' } },
    })
    expect(out + err).not.toContain('Zhang-San')
  })

  test('is printed in full with --debug', async () => {
    const { err } = await failing({ debug: true }, missing)
    expect(err).toContain('Zhang-San')
    expect(err.match(/^Error: ENOENT/gm)).toHaveLength(1)
  })

  test('may be no Error at all', async () => {
    const thrown = () => Promise.reject('Zhang-San')
    expect((await failing({}, thrown)).err).toMatch(/^INTERNAL: .+ \(kind=string\)\n$/)
    expect((await failing({ debug: true }, thrown)).err).toMatch(/^Zhang-San$/m)
  })
})

test('the cause of an error with a code is printed with --debug only', async () => {
  const coded = () =>
    Promise.reject(
      new ScreeningError('FILE_UNREADABLE', { file: 'L.png' }, { cause: new Error('open /home/Zhang-San') }),
    )
  expect((await failing({}, coded)).err).toMatch(/^FILE_UNREADABLE: .+ \(file=L\.png\)\n$/)
  expect((await failing({ debug: true }, coded)).err).toContain('Zhang-San')
})
