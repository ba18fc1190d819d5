import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { isAlive } from './owner.ts'

test('this process and its parent are alive, one that has ended is not', () => {
  expect([process.pid, process.ppid].map(isAlive)).toEqual([true, true])
  expect(isAlive(spawnSync(process.execPath, ['-e', '']).pid)).toBe(false)
})

test('what is no number of a process is nobody', () => {
  // 0 and negative numbers mean groups of processes to the system, among them this one's
  for (const pid of [0, -1, Number.NaN, 2 ** 40]) expect(isAlive(pid)).toBe(false)
})

test.skipIf(process.platform === 'win32' || process.getuid?.() === 0)("another user's process is alive", () => {
  expect(isAlive(1)).toBe(true)
})
