import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writeFiles } from '../app/support/write-files.ts'
import { differingPaths } from '../support/differing-paths.ts'
import { spawnDistro } from '../support/spawn-distro.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { closedOff } from './support/publication.ts'

async function pushed(words: readonly string[]) {
  const root = await temporaryFolder()
  const content = await writeFiles(join(root, 'content'), { 'a.bin': 1_000_000, 'b/c.bin': 2_000_000 })
  const push = spawnDistro(['push', content, ...closedOff, '--state-dir', join(root, 'push'), ...words])
  const fetch = async (host: string) => {
    const magnet = await push.find('the magnet', (line) => (line.startsWith('magnet:') ? line : undefined))
    const fetching = spawnDistro(['fetch', magnet, ...closedOff, '--out', join(root, host), '--state-dir', join(root, `state-${host}`)])
    expect(await fetching.exited, fetching.output).toEqual({ code: 0, signal: null })
    expect(await differingPaths(content, join(root, host, 'content'))).toEqual([])
  }
  return { push, fetch }
}

test('a push ends with 0 once a host holds the tree, and has said nothing but the magnet', async () => {
  const { push, fetch } = await pushed([])
  await fetch('one')
  expect(await push.exited, push.output).toEqual({ code: 0, signal: null })
  expect(push.stdout).toEqual([expect.stringMatching(/^magnet:\?xt=urn:btih:/)])
  expect(push.stderr.at(-1)).toMatch(/^seeded content: 2\.9 MiB in .+ sent, 1 copy$/)
})

test('a push ends with 4 when the hosts do not come in time, and says how many did', async () => {
  const { push } = await pushed(['--until-copies', '3', '--timeout', '1s'])
  expect(await push.exited, push.output).toEqual({ code: 4, signal: null })
  expect(push.output).toContain('error: The time of 1 s is over: 0 of 3 copies are complete.')
})
