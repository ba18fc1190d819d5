import { afterEach, expect, test, vi } from 'vitest'
import { LinePeer, MissingPeer, skip } from './peer.ts'

afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
})

test('a missing peer is a skip that says its name on a person’s machine and a failure in CI', () => {
  const said = vi.spyOn(console, 'log').mockImplementation(() => {})
  vi.stubEnv('CI', '')
  expect(skip('train-step', new MissingPeer('PyTorch is missing'))).toBe(0)
  expect(said).toHaveBeenLastCalledWith('skipped: train-step. PyTorch is missing')
  vi.stubEnv('CI', 'true')
  expect(skip('train-step', new MissingPeer('PyTorch is missing'))).toBe(1)
  expect(said).toHaveBeenLastCalledWith('FAILED: train-step. PyTorch is missing')
})

test('a line peer answers line by line', async () => {
  await using peer = new LinePeer(process.execPath, ['-e', 'process.stdin.on("data", (d) => console.log(d.length))'])
  expect(await peer.ask('abc')).toBe(4)
  expect(await peer.ask('')).toBe(1)
})

test('a peer that ends early says why', async () => {
  await using peer = new LinePeer(process.execPath, ['-e', 'console.error("no module named torch"); process.exit(1)'])
  await expect(peer.read()).rejects.toThrow(/no module named torch/)
})
